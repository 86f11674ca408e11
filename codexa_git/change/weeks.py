"""The weeks of a milestone, counted from the day it starts, in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from codexa_git.change import milestones
from codexa_git.errors import UsageError

_WEEK = timedelta(days=7)


class Week(NamedTuple):
    """One week of a milestone: its number from 1, its days, and its seconds, the last excluded."""

    milestone: str
    number: int
    first: date
    last: date

    @property
    def name(self) -> str:
        """`Week-02`, as folders and headings call it."""
        return milestones.week_name(self.number)

    @property
    def block(self) -> str:
        """The name of its block in the status report: `MS-01-week-02`."""
        return f"{self.milestone}-week-{self.number:02d}"

    @property
    def begins(self) -> int:
        """The second in which it begins."""
        return _second(self.first)

    @property
    def ends(self) -> int:
        """The first second after it."""
        return _second(self.last + timedelta(days=1))


def week_of(milestone: str, start: str, at: int, number: int | None = None) -> Week:
    """The week of the milestone that `at` lies in, or the one of this number, if it has begun.

    Raises:
        UsageError: the milestone, or that week of it, has not begun yet.
    """
    current = milestones.week_of(milestone, start, at)
    if number is not None and number > current:
        raise UsageError(
            f"Week-{number:02d} of {milestone} has not begun: it is Week-{current:02d}"
        )
    began = date.fromisoformat(start)
    chosen = current if number is None else number
    first = began + _WEEK * (chosen - 1)
    return Week(milestone, chosen, first, first + timedelta(days=6))


def _second(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
