"""The figures of all changes taken together, as the totals of `PROGRESS.md` tell them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from codexa_git.audit.ids import change_number
from codexa_git.audit.words import ORDER
from codexa_git.change.text import escaped

TOTALS = "totals"
"""The block of `PROGRESS.md` that holds them. It is the digest's, and never judged."""

_PLACES = (*(str(stage) for stage in ORDER), "closed", "landed", "abandoned")
_OVER = ("landed", "abandoned")
_COLUMNS = ("change", "title", "milestone", "stage", "criteria covered", "open concerns", "since")


class Counted(NamedTuple):
    """One change: what it is, where it stands and since which day, criteria covered, concerns.

    `lines` are how many of how many lines tests run after it, where that was looked up, and
    `replayed` whether it comes out the same when it is made again, where that was tried.
    """

    change: str
    title: str
    milestone: str | None
    place: str
    since: str
    criteria: int
    covered: int
    concerns: int
    lines: tuple[int, int] | None = None
    replayed: bool | None = None


class AllFigures(NamedTuple):
    """How many changes stand where, and what they come to together.

    `lines` is how many of how many lines tests run, as results of the newest landed change say.
    `replayed` is how many of the landed changes come out the same when they are made again, and of
    how many. Both are `None` where that was not measured.
    """

    places: tuple[tuple[str, int], ...]
    criteria: int
    covered: int
    concerns: int
    lines: tuple[int, int] | None = None
    replayed: tuple[int, int] | None = None


class Account(NamedTuple):
    """Every change that is open, in order, and the figures of all and of each milestone."""

    open: tuple[Counted, ...]
    all: AllFigures
    milestones: tuple[tuple[str, AllFigures], ...]


def figures(
    counted: Iterable[Counted],
    lines: tuple[int, int] | None = None,
    *,
    tried: bool = False,
) -> AllFigures:
    """What these changes come to together; `tried` says that landed ones were made again."""
    changes = tuple(counted)
    again = [change.replayed for change in changes if change.replayed is not None]
    return AllFigures(
        places=tuple((p, n) for p in _PLACES if (n := sum(c.place == p for c in changes))),
        criteria=sum(change.criteria for change in changes),
        covered=sum(change.covered for change in changes),
        concerns=sum(change.concerns for change in changes),
        lines=lines,
        replayed=(sum(again), len(again)) if tried else None,
    )


def account(landed: Sequence[Counted], others: Iterable[Counted], *, tried: bool) -> Account:
    """All changes accounted for; the landed ones are given in the order of their closing."""
    every = (*landed, *others)
    names = sorted({c.milestone for c in every if c.milestone is not None})
    return Account(
        tuple(
            sorted(
                (c for c in every if c.place not in _OVER), key=lambda c: change_number(c.change)
            )
        ),
        figures(every, _newest(landed), tried=tried),
        tuple((name, _of(name, landed, every, tried=tried)) for name in names),
    )


def _of(
    name: str, landed: Iterable[Counted], every: Iterable[Counted], *, tried: bool
) -> AllFigures:
    ours = [change for change in every if change.milestone == name]
    done = [change for change in landed if change.milestone == name]
    return figures(ours, _newest(done), tried=tried)


def _newest(landed: Sequence[Counted]) -> tuple[int, int] | None:
    return landed[-1].lines if landed else None


def share(part: int, whole: int) -> str:
    """`67 % (2 of 3)`, never rounded up to all of it; `none yet` where there is nothing."""
    return f"{part * 100 // whole} % ({part} of {whole})" if whole else "none yet"


def rows(found: AllFigures) -> tuple[tuple[str, str], ...]:
    """Each figure by its name."""
    places = ", ".join(f"{number} {place}" for place, number in found.places)
    return (
        ("changes by stage", places or "none yet"),
        ("criteria covered by completed tasks", share(found.covered, found.criteria)),
        ("lines covered by tests", _measured(found.lines)),
        ("landed changes that replay the same", _measured(found.replayed)),
        ("open concerns", str(found.concerns)),
    )


def _measured(figure: tuple[int, int] | None) -> str:
    return "not measured" if figure is None else share(*figure)


def totals_block(found: Account) -> bytes:
    """The block's bytes: it holds no date but those of records, so the same figures are the same.

    First the open changes by name, then everything together, then each milestone.
    """
    lines = ["## Totals", ""]
    if found.open:
        lines += [*_table(_COLUMNS, map(_open, found.open)), ""]
    lines += [*_table(("all changes", ""), rows(found.all)), ""]
    if found.milestones:
        names = [name for name, _ in rows(found.all)]
        told = ((escaped(m), *(v for _, v in rows(those))) for m, those in found.milestones)
        lines += [*_table(("milestone", *names), told), ""]
    return "\n".join(lines).encode()


def _open(change: Counted) -> tuple[str, ...]:
    return (
        change.change,
        escaped(change.title),
        escaped(change.milestone or "none"),
        change.place,
        f"{change.covered} of {change.criteria}",
        str(change.concerns),
        change.since,
    )


def _table(heads: tuple[str, ...], cells: Iterable[tuple[str, ...]]) -> list[str]:
    """The lines of a table in Markdown."""
    return [
        f"| {' | '.join(heads)} |".replace("  ", " "),
        "|" + " --- |" * len(heads),
        *(f"| {' | '.join(row)} |" for row in cells),
    ]
