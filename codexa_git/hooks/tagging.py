"""The tags of landings and milestones on a server: each stands on its landing, and stays."""

from codexa_git.errors import RefusedError
from codexa_git.gate.carried import new_changes
from codexa_git.hooks.basing import rule_of
from codexa_git.hooks.naming import LANDED, TAGS
from codexa_git.hooks.served import Served, Update


def judge_tag(served: Served, update: Update) -> None:
    """Nothing: the tag of a landing or of a milestone may become that.

    Raises:
        RefusedError: it may not.
    """
    if update.ref.startswith(LANDED):
        _judge_landed(served, update)
    else:
        _judge_milestone(served, update)


def _judge_landed(served: Served, update: Update) -> None:
    """Nothing: the tag stands on the landing of the change that it names.

    Raises:
        RefusedError: it would go, move, or stand elsewhere.
    """
    commit = _require_new(served, update)
    change = update.ref.removeprefix(LANDED)
    if _landed_at(served, commit) != change:
        told = f"{_short(update)} does not stand where {change} came to {served.branch}"
        hint = f"git log --first-parent --grep={change} {served.branch}"
        raise _wrong(told, hint, f"it leads to {commit[:12]}")


def _judge_milestone(served: Served, update: Update) -> None:
    """Nothing: the tag stands on a landing.

    Raises:
        RefusedError: it would go, move, or stand elsewhere.
    """
    commit = _require_new(served, update)
    if _landed_at(served, commit) is None:
        told = f"{_short(update)} does not stand on a landing of {served.branch}"
        hint = f"git log --first-parent {served.branch}"
        raise _wrong(told, hint, f"it leads to {commit[:12]}")


def _require_new(served: Served, update: Update) -> str:
    """The commit that a new tag leads to."""
    if update.new is None or (update.old is not None and update.old != update.new):
        raise _wrong(f"{_short(update)} stays where it is", "git fetch --tags")
    commit = served.store.peeled(update.new)
    if commit is None:
        told = f"{_short(update)} leads to no commit"
        raise _wrong(told, "git tag names the landing, and nothing else")
    return commit


def _wrong(told: str, hint: str, *now: str) -> RefusedError:
    """B5: such a tag stands on its landing, and stays there."""
    return RefusedError(told, details=(rule_of("B5"), *(("now", one) for one in now)), hint=hint)


def _landed_at(served: Served, oid: str) -> str | None:
    """The one change that this commit of the base's own line brought there; `None`: it is none."""
    store = served.store
    commit = store.commit(oid)
    if served.tip is None or not commit.parents:
        return None
    found = new_changes(store, store.tree_of(commit.parents[0]), commit.tree)
    if len(found) != 1:
        return None
    line = store.line_touching(served.tip, (f"audit/{found[0]}",))
    return found[0] if oid in [landing.oid for landing in line] else None


def _short(update: Update) -> str:
    return update.ref.removeprefix(TAGS)
