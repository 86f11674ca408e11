"""Tracing the policy of a base back to its root: whether the owners signed every change of it."""

from collections.abc import Sequence

from codexa_git.audit.record import time_of
from codexa_git.audit.words import AHEAD, RecordType
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import CodexaError, RefusedError, rule_of
from codexa_git.gate.lineage import Lineage
from codexa_git.gate.tracing import traced
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.base.unlanded import unlanded


def unsigned_policy(ground: Ground) -> tuple[Commit, ...]:
    """The commits of the base that changed its policy without the owners, oldest first.

    Those that the owners have named in an incident are left out, once the policy is theirs again.

    Raises:
        PolicyError: the root itself is not signed as it should be.
        RefusedError: the line does not begin at the root that this clone trusts, whatever the
            records at its tip say.
    """
    return _followed(ground).unsigned


def _followed(ground: Ground) -> Lineage:
    made, lineage = traced(ground.store, ground.branch, ground.tip, ground.cache / "policy")
    if made.id != ground.root:
        raise RefusedError(
            f"{ground.branch} does not begin at the trust root of this clone",
            hint=f"made at {made.commit[:12]}: {made.id}",
        )
    return lineage


def require_signed_policy(ground: Ground) -> None:
    """Nothing: it only observes, or its owners signed every change of its policy since the root.

    Nor is a commit of the base of a time that has not come, by which their keys would be over.

    Raises:
        PolicyError: the root itself is not signed as it should be.
        RefusedError: one was not, so what it says cannot decide anything; or one is of such a time,
            and the owners have not named it in an incident.
    """
    if not ground.enforces:
        return
    lineage = _followed(ground)
    found = lineage.unsigned
    if not found:
        _require_in_time(ground, lineage)
        return
    first = found[0].oid[:12]
    names = [one.oid for one in found]
    mend = [f"where that was wrong, the owners say so: git codexa incident {first} -m ..."]
    if not lineage.is_back(ground.tip.tree):
        mend = list(back(ground.branch, lineage.standing, names))
    raise RefusedError(
        f"the policy of {ground.branch} was changed at {first} without the owners' signatures",
        details=(("now", f"{found[0].subject} ({found[0].author.who.name})"),),
        hint=(f"git show {first}", *mend),
    )


def _require_in_time(ground: Ground, lineage: Lineage) -> None:
    """Nothing: what holds a key's end against the base's latest time is not led years ahead."""
    if lineage.latest <= ground.at + AHEAD:
        return
    times, latest = ground.store.line_times(ground.tip.oid), 0
    for oid in reversed(times):
        seconds = times[oid] or 0
        is_ahead = seconds > max(latest, ground.at + AHEAD) and oid not in lineage.named
        if is_ahead and not lineage.missing((oid,)):
            raise RefusedError(
                f"{oid[:12]} on {ground.branch} is of {time_of(seconds)}, which has not come",
                details=(
                    rule_of("L16"),
                    ("now", f"{time_of(ground.at)} by the clock here"),
                ),
                hint=(
                    "set this machine's clock, if that is wrong",
                    f'else the owners say so: git codexa incident {oid[:12]} -m "..."',
                ),
            )
        latest = max(latest, seconds)


def require_restored(ground: Ground, kind: RecordType, tree: str, commits: Sequence[str]) -> None:
    """Nothing: an act that makes `tree` of the base only puts back what nobody signed, if any was.

    Raises:
        RefusedError: an incident changes something else, or takes a policy over that nobody
            signed; or policy is changed anew before that has been named.
    """
    _, lineage = traced(ground.store, ground.branch, ground.tip, ground.cache / "policy")
    unsigned = [one.oid for one in lineage.unsigned]
    for ask in lineage.asks(kind, ground.tip.tree, tree, commits):
        if ask.met:
            continue
        if kind is RecordType.INCIDENT_DECLARED and set(unsigned).isdisjoint(commits):
            raise RefusedError(
                f"this incident cannot come to {ground.branch}: {ask.answer.now}",
                hint="an incident puts back, and no more; what is new: git codexa policy sign",
            )
        raise RefusedError(
            f"this would leave {ground.branch} with a policy that its owners did not sign:"
            f" {ask.answer.now}",
            hint=back(ground.branch, lineage.standing, commits or unsigned),
        )


def back(branch: str, good: str, commits: Sequence[str]) -> tuple[str, ...]:
    """What an owner types to put the policy back and say so in one act."""
    names = " ".join(oid[:12] for oid in commits)
    return (
        f"put back what was signed last: git switch -c incident/policy {branch}",
        f"git checkout {good[:12]} -- {POLICY} {SIGNERS} && git commit -m 'policy put back'",
        f"git codexa incident {names} -m ... --sign incident/policy",
    )


def naming(ground: Ground, more: str = "", commits: Sequence[str] = ()) -> tuple[str, ...]:
    """How an owner who named no commit finds out which, and then says so.

    Those that changed policy without the owners are written out, else the newest that nothing
    explains.
    """
    unsigned = unsigned_policy(ground) or unlanded(ground)[:1]
    found = commits or [one.oid for one in unsigned]
    names = " ".join(oid[:12] for oid in found)
    way = f"git codexa incident {names} -m 'what happened'{more}"
    return ("git codexa verify lists those to name", *((way,) if found else ()))


def policy_problem(ground: Ground) -> CodexaError | None:
    """Why nothing can land under the base's policy as it is; `None`: its owners signed all of it.

    For whoever only tells of it: what keeps the answer from being known is told as well.
    """
    try:
        require_signed_policy(ground)
    except CodexaError as error:
        return error
    return None
