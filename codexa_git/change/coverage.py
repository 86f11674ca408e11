"""How many lines the tests ran: of all that could be run, and of those that a change touched."""

from typing import Any, NamedTuple

from codexa_git.audit.shapes import LINE, WHOLE, listing, optional, structure
from codexa_git.change.totals import share

SHAPE = optional(
    structure(
        covered=WHOLE,
        lines=WHOLE,
        touched=structure(covered=WHOLE, lines=WHOLE),
        unreported=listing(LINE),
    )
)


class Reach(NamedTuple):
    """So many of so many lines."""

    covered: int
    lines: int


class Coverage(NamedTuple):
    """The lines of a tree that tests ran and could run, and those of them that a change touched.

    `unreported` are the files with touched lines of which no report tells, though it tells of
    others of their kind: none of the figures counts them.
    """

    covered: int
    lines: int
    touched: Reach
    unreported: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """The same as JSON holds it."""
        lists = {"touched": self.touched._asdict(), "unreported": list(self.unreported)}
        return self._asdict() | lists

    @property
    def is_possible(self) -> bool:
        """True where no part is more than its whole."""
        touched = self.touched
        return (
            self.covered <= self.lines
            and touched.covered <= min(touched.lines, self.covered)
            and touched.lines - touched.covered <= self.lines - self.covered
        )


def read_coverage(value: dict[str, Any] | None) -> Coverage | None:
    """The coverage that this JSON, which has been checked, tells of."""
    if value is None:
        return None
    touched, unreported = Reach(**value["touched"]), tuple(value["unreported"])
    return Coverage(value["covered"], value["lines"], touched, unreported)


def suffix(path: str) -> str:
    """What tells a file's kind: the end of its name, in lower case; empty where it has none."""
    stem, dot, end = path.rpartition("/")[2].rpartition(".")
    return end.lower() if dot and stem else ""


def unreported_in_short(paths: tuple[str, ...]) -> str:
    """`greet.py is in no coverage report`, of the first and so many more; empty of none."""
    if not paths:
        return ""
    more = "" if len(paths) == 1 else f" and {len(paths) - 1} more"
    return f"{paths[0]}{more} {'is' if len(paths) == 1 else 'are'} in no coverage report"


def coverage_in_short(coverage: Coverage) -> str:
    """`tests run 66 % of the lines, 50 % of those touched`."""
    told = f"tests run {_percent(coverage.covered, coverage.lines)} of the lines"
    touched = coverage.touched
    told = f"{told}, {_percent(*touched)} of those touched" if touched.lines else told
    missing = unreported_in_short(coverage.unreported)
    return f"{told}; {missing}" if missing else told


def _percent(part: int, whole: int) -> str:
    return share(part, whole).partition(" (")[0]


def coverage_told(coverage: Coverage | None, problem: str | None = None) -> str:
    """The same in a few words; where nothing was measured, `problem` says why."""
    if coverage is None:
        return "not measured" if problem is None else f"not measured: {problem}"
    of_all, touched = share(coverage.covered, coverage.lines), coverage.touched
    told = f"{of_all}; of those that the change touched {share(*touched)}"
    if not touched.lines:
        told = f"{of_all}; the change touched none of them"
    missing = unreported_in_short(coverage.unreported)
    return f"{told}; {missing}" if missing else told
