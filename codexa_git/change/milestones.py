"""Milestones: their weeks, counted from the day that policy says they start on."""

from datetime import UTC, date, datetime

from codexa_git.errors import UsageError

MOST_WEEKS = 99


def day_of(at: int) -> str:
    """The day, in UTC, of this second: `2026-11-23`."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def week_of(milestone: str, start: str, at: int) -> int:
    """The week of the milestone that this second lies in; its first seven days are week 1.

    Raises:
        UsageError: the milestone had not started, or started more than 99 weeks before.
    """
    day = day_of(at)
    days = (date.fromisoformat(day) - date.fromisoformat(start)).days
    if days < 0:
        raise UsageError(f"{milestone} starts on {start}, and {day} is before that")
    week = days // 7 + 1
    if week > MOST_WEEKS:
        raise UsageError(f"{milestone} started on {start}, more than {MOST_WEEKS} weeks before")
    return week


def week_name(week: int) -> str:
    """The name of a milestone's week, as folders bear it: `Week-01`."""
    return f"Week-{week:02d}"
