"""How many lines the tests ran: of all that could be run, and of those that a change touched."""

from typing import Any, NamedTuple

from codexa_git.audit.shapes import WHOLE, optional, structure
from codexa_git.change.totals import share

SHAPE = optional(
    structure(covered=WHOLE, lines=WHOLE, touched=structure(covered=WHOLE, lines=WHOLE))
)


class Reach(NamedTuple):
    """So many of so many lines."""

    covered: int
    lines: int


class Coverage(NamedTuple):
    """The lines of a tree that tests ran and could run, and those of them that a change touched."""

    covered: int
    lines: int
    touched: Reach

    def data(self) -> dict[str, Any]:
        """The same as JSON holds it."""
        return self._asdict() | {"touched": self.touched._asdict()}

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
    return Coverage(value["covered"], value["lines"], Reach(**value["touched"]))


def coverage_in_short(coverage: Coverage) -> str:
    """`tests run 66 % of the lines, 50 % of those touched`."""
    told = f"tests run {_percent(*coverage[:2])} of the lines"
    touched = coverage.touched
    return f"{told}, {_percent(*touched)} of those touched" if touched.lines else told


def _percent(part: int, whole: int) -> str:
    return share(part, whole).partition(" (")[0]


def coverage_told(coverage: Coverage | None, problem: str | None = None) -> str:
    """The same in a few words; where nothing was measured, `problem` says why."""
    if coverage is None:
        return "not measured" if problem is None else f"not measured: {problem}"
    of_all, touched = share(coverage.covered, coverage.lines), coverage.touched
    if not touched.lines:
        return f"{of_all}; the change touched none of them"
    return f"{of_all}; of those that the change touched {share(*touched)}"
