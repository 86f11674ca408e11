"""What is said where the base does not take what is pushed."""

from codexa_git.errors import RefusedError, RepositoryError, rule_of
from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from codexa_git.policy.rules import Policy
    from codexa_git.verify.findings import Finding

_MOST = 4


def refused_base(
    branch: str,
    findings: "tuple[Finding, ...]",
    policy: "Policy | None" = None,
    *,
    stands: bool = False,
) -> RefusedError | RepositoryError:
    """Why the base does not take these commits: the first finding, and what else there is.

    Where it `stands` there already, nobody can leave it out any more, and the finding's own hint is
    the way on. `policy` is the one that judges, where it is known: whether anything is light to it.
    Where nothing is certain, it is no answer instead of a no.
    """
    known = [finding for finding in findings if not finding.breach.undecided]
    first, *others = known or findings
    breach = first.breach
    also = tuple(("also", _told(first, other)) for other in others[:_MOST])
    more = (("also", f"{len(others) - _MOST} more"),) if len(others) > _MOST else ()
    family = RefusedError if known else RepositoryError
    return family(
        _says(branch, first),
        details=(rule_of(breach.rule), ("now", breach.placed), *also, *more),
        hint=breach.hint if stands else _ways_on(branch, first, policy),
    )


def _ways_on(branch: str, finding: "Finding", policy: "Policy | None") -> tuple[str, ...]:
    """What the pusher can type: what the base does not take goes to a branch, and on from there."""
    from codexa_git.verify.acts import AS_SIGNED  # noqa: PLC0415
    from codexa_git.verify.base import AS_A_CHANGE  # noqa: PLC0415
    from codexa_git.workflow.base.unlanded import ways_of_work  # noqa: PLC0415

    # A server does not know what branches the pusher has; this commit's own name is like none.
    before, kept = f"{finding.commit[:12]}~1", f"keep-{finding.commit[:7]}"
    if finding.breach.hint == AS_SIGNED:
        return (
            f"on {branch}: git branch policy/{kept} && git reset --keep {before}",
            f"then, to bring it: git codexa policy sign policy/{kept} -m ...; to leave it, nothing",
        )
    if finding.breach.hint == AS_A_CHANGE:
        return (
            f"on {branch}: git branch {kept} && git reset --keep {before} && git switch {kept}",
            f"then: {ways_of_work(policy, kept)}",
        )
    hint = finding.breach.hint or f"git show --first-parent {finding.commit[:12]}"
    if finding.breach.undecided or finding.breach.rule.startswith("B"):
        return (hint,)
    kept = "" if finding.change is None else f"; change/{finding.change} keeps the work"
    return f"to take it off, on {branch}{kept}: git reset --keep {before}", hint


def _says(branch: str, finding: "Finding") -> str:
    commit = finding.commit[:12]
    if finding.change is not None:
        return f"{commit} does not land {finding.change}"
    match finding.breach.rule:
        case "B1":
            return f"what was pushed of {branch} only moves forward"
        case "P6":
            return f"{branch} does not begin at the trust root"
        case "L13":
            return f"{branch} takes changes that land, and {commit} is none"
        case _:
            return f"{branch} does not take {commit}"


def _told(first: "Finding", other: "Finding") -> str:
    where = "" if other.commit == first.commit else f"{other.commit[:12]}: "
    return f"{where}{other.breach.rule} {other.breach.says}"
