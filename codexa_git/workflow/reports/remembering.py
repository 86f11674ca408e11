"""Remembering where changes stand, for `status` alone: no verb that decides ever asks here.

A standing follows from its key and from which signing keys are in their time. So one file a change,
under `.git/codexa/status/`, holds the last standing with the span of time in which it is true; a
file that is gone, odd, of another key or outside its time means to measure, with the same answer.
"""

from pathlib import Path
from typing import Any, NamedTuple

from codexa_git import __version__
from codexa_git.audit.words import AHEAD
from codexa_git.change.coverage import Coverage, Reach
from codexa_git.change.governance import Due
from codexa_git.policy.signers import AllowedSigners
from codexa_git.repository.cached import keep, recall
from codexa_git.workflow.reports.standing import Approved, Asked, Move, Standing, Work

_FOR_EVER = 2**62
_VALUES: tuple[Any, ...] = (Standing, Asked, Move, Approved, Work, Due, Coverage, Reach)
_FORM = repr([(value.__name__, value._fields) for value in _VALUES])


class Span(NamedTuple):
    """From one second to before another."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        """True for a time in the span."""
        return self.start <= at < self.end


def about(*facts: str | None) -> str:
    """The key of what follows from these facts, in this version of the program."""
    return "\n".join([__version__, _FORM, *map(repr, facts)])


def span(signers: AllowedSigners, at: int, not_before: int, latest: int = 0) -> Span:
    """Around `at`, the time in which no signing key begins or ceases to be valid.

    Keys are judged at `at`, but never before `not_before`. `latest` is the time of the latest
    record, from a day before which on it is no more of a time to come.
    """
    edges = [signer.valid_after for signer in signers.signers if signer.valid_after is not None]
    edges += [s.valid_before + 1 for s in signers.signers if s.valid_before is not None]
    edges += [latest - AHEAD] if latest > AHEAD else []
    judged_at = max(at, not_before)
    start = max((edge for edge in edges if edge <= judged_at), default=0)
    end = min((edge for edge in edges if edge > judged_at), default=_FOR_EVER)
    return Span(0 if start <= not_before else start, end)


def remembered(folder: Path, name: str, key: str, at: int) -> Standing | None:
    """The standing that was kept under this name for just this key, if it is true at `at`."""
    kept = recall(folder / name, key)
    if kept is None:
        return None
    try:
        standing, times = kept
        return _restored(standing) if Span(*times).holds(at) else None
    except (TypeError, ValueError):
        return None


def remember(folder: Path, name: str, key: str, standing: Standing, times: Span) -> None:
    """The standing is kept, in place of what was kept under this name before.

    What could not be decided is not: that may depend on more than the key, as on a program that
    is not installed.
    """
    if standing.problem is not None or any(ask.met is None for ask in standing.asks):
        return
    keep(folder / name, key, (standing, times))


def _restored(kept: Any) -> Standing:  # noqa: ANN401 (a cache has no types)
    """The standing that was kept as plain tuples."""
    flat = Standing(*kept)
    return flat._replace(
        asks=tuple(Asked(*ask) for ask in flat.asks),
        move=Move(*flat.move),
        approvals=tuple(Approved(*approved) for approved in flat.approvals),
        work=Work(*flat.work),
        due=tuple(Due(*due) for due in flat.due),
        coverage=None if flat.coverage is None else _coverage(*flat.coverage),
    )


def _coverage(
    covered: int, lines: int, touched: tuple[int, int], unreported: tuple[str, ...]
) -> Coverage:
    return Coverage(covered, lines, Reach(*touched), unreported)
