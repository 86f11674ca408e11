"""The branches of changes on a server: what may be pushed there, and when one may go."""

from collections.abc import Mapping, Sequence

from codexa_git.audit.logger import read_records
from codexa_git.audit.record import Record
from codexa_git.errors import RefusedError, rule_of
from codexa_git.gate.carried import changes_in, holds_nothing, merged_besides, new_changes
from codexa_git.gate.case import Case
from codexa_git.gate.context import Context
from codexa_git.gate.vanished import Line, lines_of, only_appended, put_above, vanished_from
from codexa_git.gate.verdict import asked_always
from codexa_git.hooks.naming import CHANGES, HEADS
from codexa_git.hooks.served import Served, Update
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import Mode
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store


def judge_change(served: Served, update: Update) -> None:
    """Nothing: the branch of this change may become that, beside the base as it is.

    Raises:
        RefusedError: it goes although the change has not landed, moves back, loses a record or
            puts one above another, or its tip holds what is refused in any stage; perhaps only
            because the base is still without what the same push would bring there.
    """
    try:
        _judge_beside(served, update)
    except RefusedError as error:
        if served.coming is None:
            raise
        _judge_beside(served._replace(tip=served.coming), update)
        raise _comes_later(served, update, error) from error


def _comes_later(served: Served, update: Update, error: RefusedError) -> RefusedError:
    return RefusedError(
        f"{update.ref.removeprefix(HEADS)} may become that once {served.branch} has what this push"
        " brings to it, and git takes each ref by itself",
        details=(*(one for one in error.details if one[0] == "rule"), ("now", error.message)),
        hint=f"push {served.branch} first, and then this",
    )


def _judge_beside(served: Served, update: Update) -> None:
    store, change = served.store, update.ref.removeprefix(CHANGES)
    if update.new is None:
        _require_over(served, update, change)
        return
    if store.kind(update.new) != "commit":
        raise RefusedError(
            f"change/{change} is a branch, and takes commits", hint="push a commit there: git push"
        )
    _require_forward(store, update, change)
    _require_begun(served, update, change)
    _judge_tip(served, store.commit(update.new), change)


def _require_forward(store: Store, update: Update, change: str) -> None:
    """B2: what was pushed stays below what is new, commits and records alike."""
    if update.old is None or update.new is None:
        return
    if not store.is_ancestor(update.old, update.new):
        raise RefusedError(
            f"what was pushed of {change} only moves forward, and this would take commits back",
            details=(rule_of("B2"),),
            hint=f"git codexa sync {change} keeps both; git revert undoes a commit by another",
        )
    old, new = store.commit(update.old), store.commit(update.new)
    if change not in changes_in(store, new.tree):
        if change in changes_in(store, old.tree):
            raise RefusedError(
                f"every record of {change} would be gone from its branch",
                details=(rule_of("B2"),),
                hint=f"git codexa sync {change} brings them back beside what is new",
            )
        return
    now = _lines(store, new.tree, change)
    if only_appended(store, change, old, new):
        return
    gone = vanished_from(store, change, [old], now)
    if gone:
        first = gone[0]
        spoilt = any(first.id == name for name, _ in now)
        what = "record's signature would be another on" if spoilt else "record would be gone from"
        raise RefusedError(
            f"a {what} change/{change}: {first.type} by {first.actor}",
            details=(rule_of("B2"), ("now", f"it was made {first.at}")),
            hint=f"git codexa sync {change} brings together what is here and what you have",
        )
    above = put_above(store, change, old, new)
    if above is not None:
        raise RefusedError(
            f"a record would come above what change/{change} holds already: {above.type} by"
            f" {above.actor}",
            details=(rule_of("B2"),),
            hint=f"git codexa sync {change} puts what you have below what is here",
        )


def _lines(store: Store, tree: str, change: str) -> frozenset[Line]:
    return lines_of(read_records(lambda path: store.read(tree, path), change))


def _require_begun(served: Served, update: Update, change: str) -> None:
    """Nothing: this branch was there before, or holds something of the change whose name it has.

    The number would be taken for good, by nobody.
    """
    store, base = served.store, served.tip
    if base is None or update.new is None or update.old is not None:
        return
    if change in changes_in(store, store.tree_of(base)):
        return  # it has landed, and its branch may still come to where it began
    if holds_nothing(store, base, update.new, change):
        raise _carries_other(change, ())


def _carries_other(change: str, found: tuple[str, ...]) -> RefusedError:
    told = f"the branch change/{change} carries {' and '.join(found) or 'no change'}"
    return _wrong_tip(told, 'git codexa open "what should change" begins one')


def _judge_tip(served: Served, tip: Commit, change: str) -> None:
    store = served.store
    if served.tip is None:
        raise RefusedError(
            f"{change} begins on {served.branch}, which is not here yet",
            hint=f"push {served.branch} first",
        )
    nearest = store.merge_base(served.tip, tip.oid)
    if nearest == tip.oid:
        return  # the base has all of it
    case = _case(served, tip, change, nearest)
    if case is None:
        return
    _require_alone(served, tip, change)
    unmet = [ask for ask in asked_always(case) if not ask.met]
    refused = [ask for ask in unmet if ask.name != "not-abandoned"]
    if refused:
        first, *others = refused
        details = (
            ("asks", f"{first.name}: {first.asks[:1].lower()}{first.asks[1:]}"),
            ("now", first.answer.now),
            *(("also", f"{ask.name}: {ask.answer.now}") for ask in others[:3]),
        )
        hint = first.answer.command or f"git codexa status {change}"
        raise _wrong_tip(f"{change} cannot be pushed so", hint, *details)


def _wrong_tip(told: str, hint: str | tuple[str, ...], *details: tuple[str, str]) -> RefusedError:
    """B3: the tip carries that change alone, and nothing that is refused in any stage."""
    return RefusedError(told, details=(rule_of("B3"), *details), hint=hint)


def _require_alone(served: Served, tip: Commit, change: str) -> None:
    """Nothing: no commit of another change that has not landed would come to the base with it."""
    store = served.store
    base = store.headed(served.tip or "")
    # Whoever goes on from there reads them whole, too, and could not.
    besides = merged_besides(store, base, [tip.oid], change, whole=True)
    if besides is not None:
        raise _wrong_tip(
            f"the branch change/{change} merges {besides.commit.oid[:12]} of {besides.change}",
            (
                f"git log --merges {served.branch}..change/{change}; git rebase takes one out",
                f"or land {besides.change} first: git codexa land {besides.change}",
            ),
            ("now", f"{besides.change} would look merged once {change} lands, and is not"),
        )


def _case(served: Served, tip: Commit, change: str, nearest: str | None) -> Case | None:
    """The change at its tip, beside the base that it holds; `None` where that only observes."""
    store, held = served.store, _held(served, tip, nearest)
    policy = load_policy(store, held.tree, None)
    if policy is None or policy.mode is not Mode.ENFORCE:
        return None
    found = new_changes(store, held.tree, tip.tree)
    if found != (change,):
        raise _carries_other(change, found)
    context = Context(served.root, served.branch, served.at, held.committer.seconds, held.oid)
    return Case(store, policy, held.tree, tip.tree, context)


def _held(served: Served, tip: Commit, nearest: str | None) -> Commit:
    """The newest commit of the base's first-parent line that the tip holds."""
    store, base = served.store, served.tip or ""
    if nearest is None:
        raise RefusedError(
            f"this branch shares no history with {served.branch}",
            hint="open the change in a clone of this repository, and git cherry-pick the commits",
        )
    if nearest == base:
        return store.headed(base)
    oldest = store.oldest_beyond(tip.oid, base)
    if not oldest.parents:
        raise RefusedError(
            f"this branch does not begin on {served.branch} itself",
            hint=f"git merge {served.branch}, and push again",
        )
    return store.headed(oldest.parents[0])


def _require_over(served: Served, update: Update, change: str) -> None:
    """B4: the base has the change's records, or there are none, so that its branch can go.

    That somebody abandoned or withdrew something is recorded on the branch alone. A server that let
    go of it would take the landing of what was before.
    """
    store = served.store
    if served.tip is not None and change in changes_in(store, store.tree_of(served.tip)):
        return
    if update.old is None:
        return
    if served.tip is not None and holds_nothing(store, served.tip, update.old, change):
        return
    raise RefusedError(
        f"{change} has not landed, and its branch is the only place of its records",
        details=(rule_of("B4"),),
        hint=(
            f'git codexa abandon {change} -m "why" ends it, and its branch stays here',
            f"git branch -D change/{change} takes it out of your clone",
        ),
    )


def tips_of(served: Served, change: str) -> tuple[str | None, ...]:
    """Where the branch of a change is, and where this push would bring it (`None`: it is not)."""
    ref = f"{CHANGES}{change}"
    return (served.store.ref(ref), *(update.new for update in served.updates if update.ref == ref))


def missing_records(
    served: Served, landing: Commit, ends: Mapping[str, Sequence[str | None]]
) -> tuple[Record, ...]:
    """The records of landed changes that the branches have at these ends, and the tree lacks."""
    store = served.store
    missing: list[Record] = []
    for change, tips in ends.items():
        kinds = [(tip, store.kind(tip)) for tip in tips if tip is not None]
        commits = [store.commit(tip) for tip, kind in kinds if kind == "commit"]
        missing += vanished_from(store, change, commits, _lines(store, landing.tree, change))
    return tuple(missing)
