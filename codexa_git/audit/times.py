"""A record's time, to seconds since the epoch and back, by the calendar's arithmetic.

`datetime` takes as long to import as a server's hook takes to judge, and this is all it would do.
"""

from codexa_git.audit.words import NO_TIME
from codexa_git.errors import RecordError

_DAY = 86_400
_FORM = "0000-00-00T00:00:00Z"
_DIGITS = str.maketrans("123456789", "0" * 9)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_EPOCH = 719_162
"""The days before 1970, of a calendar that always was as it is now."""
_FIRST_YEAR = 1000
"""A year before it would be written with fewer digits, or with zeros: in two ways."""


def seconds_at(at: str) -> int:
    """Seconds since the epoch of a record's time.

    Raises:
        RecordError: it is not exactly of the form `2026-11-23T10:12:00Z`.
    """
    if at.translate(_DIGITS) != _FORM:
        raise RecordError(f"not a time in UTC: {at!a}")
    days = day_number(at[:10])
    hours, minutes, seconds = int(at[11:13]), int(at[14:16]), int(at[17:19])
    if days is None or int(at[:4]) < _FIRST_YEAR or hours > 23 or minutes > 59 or seconds > 59:
        raise RecordError(f"not a time in UTC: {at!a}")
    found = days * _DAY + hours * 3600 + minutes * 60 + seconds
    if found >= NO_TIME:
        raise RecordError(f"a time beyond 2200: {at!a}")
    return found


def day_number(text: str) -> int | None:
    """How many days a day such as `2026-11-30` is from 1970-01-01; `None`: it is none."""
    if text.translate(_DIGITS) != _FORM[:10]:
        return None
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
    if year < 1 or not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        return None
    return _before_year(year) + sum(_length(year, m) for m in range(1, month)) + day - 1 - _EPOCH


def time_at(seconds: int) -> str:
    """A record's time: UTC, whole seconds, with `Z`."""
    days, rest = divmod(seconds, _DAY)
    days += _EPOCH
    year = days * 400 // 146_097 + 2  # no earlier than that it is
    while _before_year(year) > days:
        year -= 1
    day, month = days - _before_year(year), 1
    while day >= _length(year, month):
        day, month = day - _length(year, month), month + 1
    hours, minutes = divmod(rest // 60, 60)
    return f"{year}-{month:02}-{day + 1:02}T{hours:02}:{minutes:02}:{rest % 60:02}Z"


def _before_year(year: int) -> int:
    """The days from the first of January of the year 1 to that of this one."""
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400


def _length(year: int, month: int) -> int:
    leaps = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTHS[month - 1] + leaps
