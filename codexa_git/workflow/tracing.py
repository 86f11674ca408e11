"""Tracing the policy of a base back to its root: whether the owners signed every change of it."""

from typing import NamedTuple

from codexa_git.audit.words import RecordType
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import PolicyError, RecordError, RefusedError
from codexa_git.gate.case import Context
from codexa_git.gate.governing import RECORDED, Act, judge_act, kind_of_act
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.workflow.ground import Ground, policy_at
from codexa_git.workflow.root import verified_root


class _Trace(NamedTuple):
    """How far the line is traced: the last policy that stands, and what came in unsigned since."""

    policy: Policy
    unsigned: tuple[Commit, ...] = ()


def unsigned_policy(ground: Ground) -> tuple[Commit, ...]:
    """The commits of the base that changed its policy without the owners, oldest first.

    Those that the owners have named in an incident are left out. Once one came in, what follows is
    judged by the policy before it, so that nobody who came in by it can say that all is well.

    Raises:
        PolicyError: the root itself is not signed as it should be.
        RefusedError: the line does not begin at the root that this clone trusts, whatever the
            records at its tip say.
    """
    store = ground.store
    made = verified_root(store, ground.tip)
    if made.id != ground.root:
        raise RefusedError(
            f"{ground.branch} does not begin at the trust root of this clone",
            hint=f"made at {made.commit[:12]}: {made.id}",
        )
    line = store.line_touching(ground.tip.oid, (POLICY, SIGNERS, RECORDED))
    since = [commit.oid for commit in line].index(made.commit)
    trace = _Trace(policy_at(store, store.tree_of(made.commit)))
    for commit in reversed(line[:since]):
        trace = _after(ground, made.id, trace, commit)
    return trace.unsigned


def _after(ground: Ground, root: str, trace: _Trace, commit: Commit) -> _Trace:
    store, parent = ground.store, ground.store.commit(commit.parents[0])
    kind = kind_of_act(store, parent.tree, commit.tree)
    at, not_before = commit.committer.seconds, parent.committer.seconds
    context = Context(root, ground.branch, at, not_before)
    act = Act(store, trace.policy, parent.tree, commit.tree, context)
    is_signed = kind is not None and judge_act(act, kind).yes
    unsigned = trace.unsigned
    if is_signed and kind is RecordType.INCIDENT_DECLARED:
        named = _named(act)
        unsigned = tuple(one for one in unsigned if one.oid not in named)
    if not is_signed and _changes_policy(store, parent.tree, commit.tree):
        unsigned = (*unsigned, commit)
    return _Trace(trace.policy if unsigned else _policy(store, commit, trace), unsigned)


def _policy(store: Store, commit: Commit, trace: _Trace) -> Policy:
    """The policy that stands from here on; an act that was judged good has left one."""
    try:
        return policy_at(store, commit.tree)
    except PolicyError:
        return trace.policy


def _named(act: Act) -> tuple[str, ...]:
    try:
        return tuple(oid for record in act.added for oid in record.data["commits"])
    except RecordError:
        return ()


def _changes_policy(store: Store, before: str, after: str) -> bool:
    return any(store.entry(before, path) != store.entry(after, path) for path in (POLICY, SIGNERS))


def require_signed_policy(ground: Ground) -> None:
    """Nothing: every change of the base's policy since its root was signed by its owners.

    Raises:
        RefusedError: one was not, so what it says cannot decide anything.
    """
    found = unsigned_policy(ground)
    if not found:
        return
    first = found[0].oid[:12]
    raise RefusedError(
        f"the policy of {ground.branch} was changed at {first} without the owners' signatures",
        details=(("now", f"{found[0].subject} ({found[0].author.who.name})"),),
        hint=(
            f"git show {first}",
            f"where that was wrong, the owners say so: git codexa incident {first} -m ...",
        ),
    )
