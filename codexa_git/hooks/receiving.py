"""`pre-receive`: what a push would make of a server's refs, judged whoever pushes it.

Nothing is believed but the objects (those pushed lie in git's quarantine), the refs as they are,
the pinned root, and the server's clock. Nothing is kept from one push to the next. What a yes rests
on that may have changed when git moves the refs is noted, and asked again then: see `relying`.
"""

from collections.abc import Sequence

from codexa_git.errors import CodexaError, RefusedError, RepositoryError, UsageError, rule_of
from codexa_git.gate.carried import new_changes
from codexa_git.hooks.basing import refused_base
from codexa_git.hooks.naming import CHANGES, LANDED, MILESTONES, REPLACED, posing
from codexa_git.hooks.served import Served, Update
from codexa_git.hooks.surroundings import require_all_history, require_true_objects
from codexa_git.policy.compiled import load_policy
from codexa_git.repository.refs import is_ref_name
from codexa_git.repository.store import Store
from codexa_git.values import TYPE_CHECKING
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING

if TYPE_CHECKING:
    from codexa_git.policy.rules import Policy


def updates_of(text: bytes) -> tuple[Update, ...]:
    """What is pushed, as git tells it: the old id, the new one and the ref, a line each.

    Raises:
        UsageError: that is not of git's form, or nothing at all: git never asks of nothing, and
            what a script before us has read itself would be taken unseen.
    """
    lines = text.decode("utf-8", "surrogateescape").splitlines()
    if not lines:
        raise UsageError(
            "nothing was told of what is pushed, so nothing is taken",
            hint="a hook that reads standard input itself hands it on, every line",
        )
    return tuple(_parsed(line) for line in lines)


def _parsed(line: str) -> Update:
    words = line.split(" ", 2)
    if len(words) != 3 or not is_ref_name(words[2]):
        raise UsageError("pre-receive is told ids and refs on standard input, as git tells them")
    old, new, ref = words
    return Update(ref, new if new.strip("0") else None, old if old.strip("0") else None)


def before_receive(store: Store, at: int, updates: Sequence[Update]) -> tuple[CodexaError, ...]:
    """Every reason why this push is refused, each for one ref; none where it is taken.

    Raises:
        RepositoryError: this repository was never told what it serves, or does not show all of it.
    """
    branch, root = store.config(BRANCH_SETTING), store.config(ROOT_SETTING)
    if branch is None or root is None:
        raise RepositoryError(
            "this server was not told which root to trust, so it takes nothing",
            hint="who keeps it: git codexa server install",
        )
    require_all_history(store)
    named = f"refs/heads/{branch}"
    ends = store.ends(sorted({named, *(update.ref for update in updates)}), REPLACED)
    goes = {update.ref for update in updates if update.new is None}
    require_true_objects({ref for ref, (_, oid) in ends.items() if oid is not None} - goes)
    base, oid = ends[named]
    moved = [update._replace(ref=ends[update.ref][0]) for update in updates]
    old = None if oid is None else store.headed(oid).oid
    served = Served(store, branch, base, root, at, old, tuple(moved))
    told, relied = [], []
    for update in sorted(moved, key=lambda update: update.ref != base):
        if store.holds_much:
            store.forget()  # many refs at once need no more memory than one
        try:
            if update.ref == base:
                _require_unmoved(branch, old, update)
            relied.append((update, _judge(served, update)))
        except CodexaError as error:
            # Where it was raised, all that was read there would be held on to.
            error.__traceback__ = error.__context__ = error.__cause__ = None
            told.append(error)
            continue
        if update.ref == base:
            served = served._replace(coming=update.new)
    tags = any(update.ref.startswith((LANDED, MILESTONES)) for update, _ in relied)
    if not told and (tags or any(lines for _, lines in relied)):
        from codexa_git.hooks.relying import note  # noqa: PLC0415

        note(served, relied)
    return tuple(told)


def _require_unmoved(branch: str, tip: str | None, update: Update) -> None:
    """Nothing: the base is still where git found it when this push began.

    Raises:
        RefusedError: somebody else was first, and git would refuse this one in words of its own.
    """
    if update.old != tip:
        raise RefusedError(
            f"{branch} moved while this push was on its way",
            details=(rule_of("B1"), ("now", f"it is at {(tip or 'nothing')[:12]}")),
            hint=(
                "commits of yours: git pull --rebase, and push again",
                "a landing: git codexa land makes it anew, on what is there now",
            ),
        )


def _judge(served: Served, update: Update) -> tuple[str, ...]:
    """This ref may become that, as long as these lines of a note hold.

    Raises:
        CodexaError: it may not, or that cannot be decided.
    """
    ref = update.ref
    why = posing(ref, served.base)
    if update.new is not None:
        _require_own_name(ref, why)
    if ref == served.base:
        return _judge_base(served, update)
    if ref.startswith(CHANGES) and why is None:
        from codexa_git.hooks.branching import judge_change  # noqa: PLC0415

        judge_change(served, update)
    elif ref.startswith((LANDED, MILESTONES)):
        from codexa_git.hooks.tagging import judge_tag  # noqa: PLC0415

        return judge_tag(served, update)
    return ()


def _require_own_name(ref: str, why: str | None) -> None:
    """B6: a ref replaces nothing, blocks no name that is needed, and reads as none of these."""
    if why is not None:
        raise RefusedError(
            f"no ref here is called {ref}",
            details=(rule_of("B6"), ("now", why)),
            hint="give it another name, and push that",
        )


def _judge_base(served: Served, update: Update) -> tuple[str, ...]:
    """Each new first-parent commit is one that the base takes, as long as these lines hold.

    Raises:
        RefusedError: one is not, or the base would go or move back.
    """
    from codexa_git.verify.pushed import Push, beyond, judge_push  # noqa: PLC0415

    store, branch = served.store, served.branch
    if update.new is None:
        raise _removed(branch)
    if store.kind(update.new) != "commit":
        raise RefusedError(
            f"{branch} takes commits, and {update.new[:12]} is none",
            hint=f"push the commit that it leads to: {update.new[:12]}^{{commit}}",
        )
    old = served.tip
    _require_in_time(served, old, update.new)
    findings = judge_push(store, Push(served.root, branch, old, update.new)).findings
    if findings:
        raise refused_base(branch, findings, _policy(store, old))
    new = () if old is None else beyond(store, old, update.new) or ()
    return tuple(line for oid in new for line in _require_all_records(served, oid))


def _policy(store: Store, tip: str | None) -> "Policy | None":
    """The policy of the base as it was, where there is one: for what is told, and no judgement."""
    try:
        return None if tip is None else load_policy(store, store.tree_of(tip), None)
    except CodexaError:
        return None


def _removed(branch: str) -> RefusedError:
    """B1: the base is not removed."""
    return RefusedError(
        f"{branch} is where changes land, and stays",
        details=(rule_of("B1"),),
        hint="another branch can go: git push --delete",
    )


def _require_in_time(served: Served, old: str | None, new: str) -> None:
    """B7: no new commit of the base says that it is of a time to come."""
    from codexa_git.verify.pushed import AHEAD  # noqa: PLC0415

    store = served.store
    for commit in store.walked(new, old):
        ahead = commit.committer.seconds - served.at
        if ahead > AHEAD:
            raise RefusedError(
                f"{commit.oid[:12]} says that it was made {ahead} seconds from now",
                details=(rule_of("B7"), ("now", f"keys are judged by it: at most {AHEAD} ahead")),
                hint="set the clock of the machine that made it, and make it again",
            )


def _require_all_records(served: Served, oid: str) -> tuple[str, ...]:
    """B8: what this server's branch of the landing's change records is in what lands."""
    commit = served.store.commit(oid)
    found = new_changes(served.store, served.store.tree_of(commit.parents[0]), commit.tree)
    if not found:
        return ()
    from codexa_git.hooks.branching import missing_records, tips_of  # noqa: PLC0415
    from codexa_git.hooks.relying import unmoved  # noqa: PLC0415

    tips = {change: tips_of(served, change) for change in found}
    if gone := missing_records(served, commit, tips):
        first = gone[0]
        raise RefusedError(
            f"{oid[:12]} lands {first.change} without a record that its branch here has",
            details=(
                rule_of("B8"),
                ("now", f"{first.type} by {first.actor}, {first.at}"),
            ),
            hint=f"git codexa sync {first.change}, then close it again: git codexa advance",
        )
    return tuple(unmoved(f"{CHANGES}{change}", ends) for change, ends in tips.items())
