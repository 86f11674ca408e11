"""A milestone's weeks, counted from its first day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.weeks import week_of
from codexa_git.errors import UsageError

START = 1_763_856_000  # 2025-11-23T00:00:00Z
DAY = 86_400


@pytest.mark.parametrize(
    ("at", "number", "first"),
    [
        (START, 1, "2025-11-23"),
        (START + 7 * DAY - 1, 1, "2025-11-23"),
        (START + 7 * DAY, 2, "2025-11-30"),
        (START + 365 * DAY, 53, "2026-11-22"),
    ],
)
def test_a_day_lies_in_its_week(at: int, number: int, first: str) -> None:
    week = week_of("MS-01", "2025-11-23", at)
    assert (week.number, week.first.isoformat()) == (number, first)


@given(st.integers(0, 692 * DAY))
def test_a_week_holds_the_time_that_it_was_asked_for(after: int) -> None:
    week = week_of("MS-01", "2025-11-23", START + after)
    assert week.begins <= START + after < week.ends
    assert week.ends - week.begins == 7 * DAY


def test_names() -> None:
    week = week_of("MS-01", "2025-11-23", START + 8 * DAY)
    assert (week.name, week.block) == ("Week-02", "MS-01-week-02")


def test_the_day_before_is_before() -> None:
    with pytest.raises(UsageError, match="2025-11-22 is before that"):
        week_of("MS-01", "2025-11-23", START - 1)
