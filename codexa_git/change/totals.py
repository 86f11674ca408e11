"""The figures of all changes taken together, as the totals of `PROGRESS.md` tell them."""

from collections.abc import Iterable
from typing import NamedTuple

from codexa_git.audit.words import ORDER

TOTALS = "totals"
"""The block of `PROGRESS.md` that holds them. It is the digest's, and never judged."""

_PLACES = (*(str(stage) for stage in ORDER), "closed", "landed", "abandoned")


class Counted(NamedTuple):
    """One change: where it stands, its criteria and how many a completed task covers, concerns."""

    place: str
    criteria: int
    covered: int
    concerns: int


class AllFigures(NamedTuple):
    """How many changes stand where, and what they come to together.

    `lines` is the share of lines that tests run, where results say it. `replayed` is how many of
    the landed changes come out the same when they are made again, and of how many; `None` where
    that was not tried.
    """

    places: tuple[tuple[str, int], ...]
    criteria: int
    covered: int
    concerns: int
    lines: int | None = None
    replayed: tuple[int, int] | None = None


def figures(counted: Iterable[Counted], replayed: tuple[int, int] | None = None) -> AllFigures:
    """What these changes come to together."""
    changes = tuple(counted)
    return AllFigures(
        places=tuple((p, n) for p in _PLACES if (n := sum(c.place == p for c in changes))),
        criteria=sum(change.criteria for change in changes),
        covered=sum(change.covered for change in changes),
        concerns=sum(change.concerns for change in changes),
        replayed=replayed,
    )


def share(part: int, whole: int) -> str:
    """`67 % (2 of 3)`, never rounded up to all of it; `none yet` where there is nothing."""
    return f"{part * 100 // whole} % ({part} of {whole})" if whole else "none yet"


def rows(found: AllFigures) -> tuple[tuple[str, str], ...]:
    """Each figure by its name."""
    places = ", ".join(f"{number} {place}" for place, number in found.places)
    replayed = "not measured" if found.replayed is None else share(*found.replayed)
    lines = "not measured" if found.lines is None else f"{found.lines} %"
    return (
        ("changes by stage", places or "none yet"),
        ("criteria covered by completed tasks", share(found.covered, found.criteria)),
        ("lines covered by tests", lines),
        ("landed changes that replay the same", replayed),
        ("open concerns", str(found.concerns)),
    )


def totals_block(found: AllFigures) -> bytes:
    """The block's bytes: it holds no date, so that the same figures are the same bytes."""
    table = [f"| {name} | {value} |" for name, value in rows(found)]
    return "\n".join(["## Totals", "", "| all changes | |", "| --- | --- |", *table, ""]).encode()
