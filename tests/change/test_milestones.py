"""Weeks of a milestone, counted from its first day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.milestones import MOST_WEEKS, day_of, week_name, week_of
from codexa_git.errors import UsageError

START = "2026-11-23"


def second(day: str, clock: str = "12:00:00") -> int:
    return int(datetime.fromisoformat(f"{day}T{clock}+00:00").timestamp())


@pytest.mark.parametrize(
    ("day", "clock", "week"),
    [
        ("2026-11-23", "00:00:00", 1),
        ("2026-11-29", "23:59:59", 1),
        ("2026-11-30", "00:00:00", 2),
        ("2027-01-04", "12:00:00", 7),
    ],
)
def test_the_first_seven_days_are_week_one(day: str, clock: str, week: int) -> None:
    assert week_of("MS-01", START, second(day, clock)) == week


def test_a_day_before_the_start_has_no_week() -> None:
    with pytest.raises(UsageError) as caught:
        week_of("MS-01", START, second("2026-11-22", "23:59:59"))
    assert caught.value.message == "MS-01 starts on 2026-11-23, and 2026-11-22 is before that"


def test_a_hundredth_week_has_no_name() -> None:
    last = date.fromisoformat(START) + timedelta(weeks=MOST_WEEKS) - timedelta(days=1)
    assert week_of("MS-01", START, second(last.isoformat())) == MOST_WEEKS
    with pytest.raises(UsageError, match="more than 99 weeks before"):
        week_of("MS-01", START, second((last + timedelta(days=1)).isoformat()))


@pytest.mark.parametrize(("week", "name"), [(1, "Week-01"), (12, "Week-12"), (99, "Week-99")])
def test_a_week_has_a_name_of_two_digits(week: int, name: str) -> None:
    assert week_name(week) == name


@given(st.integers(0, 7 * MOST_WEEKS - 1), st.integers(0, 86399))
def test_every_day_of_a_week_has_the_same_week(days: int, clock: int) -> None:
    begin = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
    at = begin + 86400 * days + clock
    assert week_of("MS-01", START, at) == days // 7 + 1
    assert day_of(at) == (date(2026, 11, 23) + timedelta(days=days)).isoformat()
