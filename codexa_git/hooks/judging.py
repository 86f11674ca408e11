"""What the gate says of an index that is about to become a commit."""

from typing import NamedTuple

from codexa_git.audit.words import Stage
from codexa_git.errors import RefusedError
from codexa_git.gate.answers import Ask
from codexa_git.gate.carried import changes_in
from codexa_git.gate.case import Case
from codexa_git.gate.verdict import Verdict, judge
from codexa_git.hooks.byhand import by_hand
from codexa_git.policy.rules import Mode
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, policy_at
from codexa_git.workflow.changes.moment import Moment, context_at, held_base, refuse_landed

HEAD = "HEAD"


class Judged(NamedTuple):
    """A commit to be: the change as the index has it, the verdict, and what of it is refused.

    `lands` is true where it is a landing on the base, which every stage's gate is asked of.
    """

    moment: Moment
    verdict: Verdict
    unmet: tuple[Ask, ...]
    lands: bool

    @property
    def enforces(self) -> bool:
        """True where a no refuses, and is not only reported."""
        return self.moment.policy.mode is Mode.ENFORCE


class Coming(NamedTuple):
    """A commit to be: the branch it goes to (`None`: HEAD is detached), HEAD, and its tree."""

    ref: str | None
    head: Commit
    tree: str


def coming(store: Store) -> Coming | None:
    """What the index would commit; `None` where neither it nor HEAD holds any change's records."""
    ref, oid = store.head()
    if oid is None:
        return None
    head, tree = store.commit(oid), store.index_tree()
    if not changes_in(store, tree) and not changes_in(store, head.tree):
        return None
    return Coming(ref, head, tree)


def judged_index(ground: Ground, commit: Coming, besides: tuple[str, ...]) -> Judged | None:
    """The verdict on what the index would commit; `None` where no change is at hand.

    `besides` are the commits that are being merged into HEAD.

    Raises:
        RefusedError: two changes are at hand at once, all records of one would go, or the change
            of this branch has landed.
    """
    store, (ref, head, tree) = ground.store, commit
    if ref == ground.local_ref:
        return _landing(ground, commit)
    held = _held(ground, (head, *map(store.commit, besides)))
    carried = _carried(store, held, head, tree)
    named = (ref or "").startswith(CHANGE_PREFIX)
    if not carried and named:
        refuse_landed(ground, str(ref))
    if not carried or (len(carried) > 1 and not named):
        return None
    if gone := sorted(carried - set(changes_in(store, tree))):
        raise RefusedError(
            f"this commit would take all records of {gone[0]} away",
            hint=f"git restore --staged -- audit/{gone[0]}",
        )
    moment = _moment(ground, ref or HEAD, head, held, tree)
    verdict = judge(moment.case, Stage.FRAME)
    forged = by_hand(store, head, tree, moment.change, besides)
    unmet = tuple(ask for ask in verdict.of(None) if not ask.met)
    return Judged(moment, verdict, (*forged, *unmet), lands=False)


def _carried(store: Store, held: Commit, head: Commit, tree: str) -> set[str]:
    """The changes that the index would bring, or take away again, beside the base."""
    both = {*changes_in(store, tree), *changes_in(store, head.tree)}
    return both - set(changes_in(store, held.tree))


def _landing(ground: Ground, commit: Coming) -> Judged | None:
    """The verdict on a merge (or a squash) that brings a change to the base itself."""
    store, (_, head, tree) = ground.store, commit
    if not set(changes_in(store, tree)) - set(changes_in(store, head.tree)):
        return None
    later = ground._replace(at=max(ground.at, head.committer.seconds))
    moment = _moment(later, ground.local_ref, head, head, tree)
    verdict = judge(moment.case, Stage.CLEANUP)
    unmet = () if verdict.lands else verdict.unmet or _claimed(verdict)
    return Judged(moment, verdict, unmet, lands=True)


def _claimed(verdict: Verdict) -> tuple[Ask, ...]:
    return tuple(ask for ask in verdict.asks if ask.answer.basis == "claimed")


def _held(ground: Ground, commits: tuple[Commit, ...]) -> Commit:
    """The newest commit of the base that one of these holds: a merge may be bringing it in."""
    found = [held_base(ground, commits[0])]
    for commit in commits[1:]:
        if ground.store.merge_base(ground.tip.oid, commit.oid) is not None:
            held = held_base(ground, commit)
            if ground.store.is_ancestor(found[-1].oid, held.oid):
                found.append(held)
    return found[-1]


def _moment(ground: Ground, ref: str, head: Commit, held: Commit, tree: str) -> Moment:
    store = ground.store
    policy = policy_at(store, held.tree)
    context = context_at(store, ground.branch, held, policy, ground.at)
    return Moment(ground, ref, head, held, Case(store, policy, held.tree, tree, context))
