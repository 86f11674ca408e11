"""What policy's `[retention]` says of one kind of evidence, and from when on it lets go of it."""

from codexa_git.policy.rules import Keeping, Retention

_DAY = 86_400


def keeping_of(retention: Retention, kind: str) -> Keeping:
    """What is to become of this kind: what a gate reads from the tree is never dropped."""
    match kind:
        case "output":
            return retention.logs
        case "results":
            return _kept(retention.results)
        case "packet":
            return _kept(retention.packet)
        case _:
            return _kept(retention.runs)


def _kept(keeping: Keeping) -> Keeping:
    return Keeping.KEEP if keeping is Keeping.DROP else keeping


def goes_at(retention: Retention, kind: str, closed: int) -> int | None:
    """The second from which on evidence of this kind may go; `None` where policy holds on to it.

    `closed` is the time of the last thing that the change's records tell.
    """
    if keeping_of(retention, kind) is not Keeping.DROP:
        return None
    return closed + retention.drop_after * _DAY
