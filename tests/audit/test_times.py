"""A time's seconds are those of the standard library's calendar, and no other form is one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codexa_git.audit.times import day_number, seconds_at, time_at
from codexa_git.audit.words import NO_TIME
from codexa_git.errors import RecordError

FORM = "%Y-%m-%dT%H:%M:%SZ"
FIRST = int(datetime(1000, 1, 1, tzinfo=UTC).timestamp())


def theirs(text: str) -> int | None:
    """What `datetime` makes of it, where it would write it so again."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    same = moment.tzinfo == UTC and moment.strftime(FORM) == text
    seconds = int(moment.timestamp()) if same else NO_TIME
    return seconds if seconds < NO_TIME else None


def ours(text: str) -> int | None:
    try:
        return seconds_at(text)
    except RecordError:
        return None


def test_every_day_is_the_calendars() -> None:
    day, epoch = date(1, 1, 1), date(1970, 1, 1).toordinal()
    while day < date(2410, 1, 1):
        assert day_number(day.isoformat()) == day.toordinal() - epoch
        if day.year >= 1000:
            at = (day.toordinal() - epoch) * 86_400 + 86_399
            assert time_at(at) == f"{day.isoformat()}T23:59:59Z"
        day += timedelta(days=1)


@given(st.integers(FIRST, NO_TIME - 1))
@example(FIRST)
@example(NO_TIME - 1)
@example(0)
@example(-1)
def test_a_time_is_written_and_read_as_the_calendar_has_it(seconds: int) -> None:
    text = datetime.fromtimestamp(seconds, UTC).strftime(FORM)
    assert time_at(seconds) == text
    assert seconds_at(text) == seconds == theirs(text)


NEARLY = st.tuples(
    st.integers(0, 2300), st.integers(0, 13), st.integers(0, 32), *[st.integers(0, 61)] * 3
).map(lambda n: "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*n))


@given(NEARLY)
def test_what_is_nearly_a_time_is_one_where_the_calendar_says_so(text: str) -> None:
    assert ours(text) == theirs(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Z",
            "2026-11-23",
            "2026-11-23T10:12Z",
            "2026-11-23T10:12:00",
            "2026-11-23 10:12:00Z",
        ),
        *("2026-11-23T10:12:00+00:00", "2026-11-23T10:12:00.0Z", "2026-11-23T10:12:00z"),
        *("20261123T101200Z", "2026-W48-1T10:12:00Z", "2026-11-23T10:12:00Z\n"),
        *(
            "\u0662\u0660\u0662\u0666-11-23T10:12:00Z",
            "2026-11-23T10:12:0\u00b2Z",
            "0999-11-23T10:12:00Z",
        ),
        *("2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-11-23T24:00:00Z"),
        *("2026-11-23T23:59:60Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z"),
        *("2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "+026-11-23T10:12:00Z"),
    ],
)
def test_any_other_form_is_no_time(text: str) -> None:
    assert ours(text) is None
    assert theirs(text) is None


@pytest.mark.parametrize("text", ["2024-02-29T12:00:00Z", "2000-02-29T00:00:00Z"])
def test_a_leap_day_is_a_day(text: str) -> None:
    assert ours(text) == theirs(text) is not None


@pytest.mark.parametrize("text", ["2026-1-01", "2026-02-30", "0000-01-01", "2026-11-3\u0660", ""])
def test_what_is_no_day_has_no_number(text: str) -> None:
    assert day_number(text) is None
