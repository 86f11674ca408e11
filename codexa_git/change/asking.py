"""Since when a gate waits for somebody, in a few words for a screen or a comment."""

from datetime import UTC, datetime

from codexa_git.audit.words import Gate
from codexa_git.change.state import State

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = 86_400


def day_and_time(seconds: int, now: int) -> str:
    """A moment in UTC as people say it: `Mon 10:12` within six days, else `2026-11-02`."""
    then = datetime.fromtimestamp(seconds, UTC)
    if 0 <= now - seconds < 6 * _DAY:
        return f"{_DAYS[then.weekday()]} {then:%H:%M}"
    return f"{then:%Y-%m-%d}"


def asked_of(state: State, gate: Gate, whom: str, now: int) -> str | None:
    """`asked of Demo PM since Mon 10:12`; `None` where nobody asked in this round."""
    request = next((found for found in state.requests if found.gate is gate), None)
    if request is None or not whom:
        return None
    return f"asked of {whom} since {day_and_time(request.record.seconds, now)}"
