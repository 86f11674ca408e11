"""The tags of landings and milestones on a server: each stands on its landing, and stays."""

from codexa_git.audit.ids import is_milestone_id
from codexa_git.audit.logger import read_records
from codexa_git.audit.words import RecordType
from codexa_git.errors import RefusedError, rule_of
from codexa_git.gate.carried import new_changes
from codexa_git.hooks.naming import LANDED, MILESTONES, TAGS
from codexa_git.hooks.relying import taken
from codexa_git.hooks.served import Served, Update
from codexa_git.repository.store import Store


def judge_tag(served: Served, update: Update) -> tuple[str, ...]:
    """The tag of a landing or of a milestone may become that, as long as these lines hold.

    One that stands where it should not may go, or come to where it should.

    Raises:
        RefusedError: it would stand elsewhere, or stood where it should, and would not stay.
    """
    if update.old is not None and update.old != update.new and _stands(served, update, update.old):
        raise _wrong(f"{_short(update)} stays where it is", "git fetch --tags")
    if update.new is None:
        return ()
    commit = served.store.peeled(update.new)
    if commit is None:
        told = f"{_short(update)} leads to no commit"
        raise _wrong(told, "git tag names the landing, and nothing else")
    if not _stands(served, update, update.new):
        raise _astray(served, update, commit)
    if served.coming is None or (served.tip and served.store.is_ancestor(commit, served.tip)):
        return ()
    _require_base_first(served, update)
    return (taken(served.base, commit, served.coming),)


def _require_base_first(served: Served, update: Update) -> None:
    """Nothing: git moves the base before it comes to this tag.

    It moves one ref after the other, as the pusher named them, and whether all at once is not told
    here. What is refused as the tag moves would end the push before the base is asked at all.
    """
    refs = [one.ref for one in served.updates]
    if refs.index(update.ref) < refs.index(served.base):
        name, base = _short(update), served.branch
        raise _wrong(
            f"{name} would stand on a landing that {base} is still without",
            f"name {base} first: git push origin {base} {name}",
            f"this push brings it to {base} after the tag",
        )


def _astray(served: Served, update: Update, commit: str) -> RefusedError:
    name, base = _short(update), served.branch
    hint = f"git log --first-parent {base}"
    if update.ref.startswith(LANDED):
        change = update.ref.removeprefix(LANDED)
        told = f"{name} does not stand where {change} came to {base}"
        hint = f"git log --first-parent --grep={change} {base}"
    elif is_milestone_id(update.ref.removeprefix(MILESTONES)):
        told = f"{name} does not stand on a landing of {base} that was opened for that milestone"
    else:
        told, hint = f"{name} names no milestone", "they are called MS-01 and so on"
    return _wrong(told, hint, f"it leads to {commit[:12]}")


def _stands(served: Served, update: Update, oid: str) -> bool:
    """True where a tag of this name at this object stands as it should.

    That of a landing does on what it names, that of a milestone on one of its landings.
    """
    commit = served.store.peeled(oid)
    change = None if commit is None else _landed_at(served, commit)
    if commit is None or change is None:
        return False
    if update.ref.startswith(LANDED):
        return change == update.ref.removeprefix(LANDED)
    milestone = update.ref.removeprefix(MILESTONES)
    return is_milestone_id(milestone) and milestone == _opened_for(served.store, commit, change)


def _opened_for(store: Store, commit: str, change: str) -> object:
    """The milestone that a landed change was opened for; `None`: for none."""
    tree = store.tree_of(commit)
    records = read_records(lambda path: store.read(tree, path), change)
    opened = (record for record in records if record.type is RecordType.OPENED)
    return next((record.data.get("milestone") for record in opened), None)


def _wrong(told: str, hint: str, *now: str) -> RefusedError:
    """B5: such a tag stands on its landing, and stays there."""
    return RefusedError(told, details=(rule_of("B5"), *(("now", one) for one in now)), hint=hint)


def _landed_at(served: Served, oid: str) -> str | None:
    """The one change that this commit of the base's own line brings there; `None`: it is none."""
    store = served.store
    commit = store.commit(oid)
    tip = served.coming or served.tip
    if tip is None or not commit.parents:
        return None
    found = new_changes(store, store.tree_of(commit.parents[0]), commit.tree)
    if len(found) != 1:
        return None
    line = store.line_touching(tip, (f"audit/{found[0]}",))
    return found[0] if oid in [landing.oid for landing in line] else None


def _short(update: Update) -> str:
    return update.ref.removeprefix(TAGS)
