"""The time that a command takes for now."""

import os
import time

from codexa_git.errors import UsageError

CLOCK_VARIABLE = "SOURCE_DATE_EPOCH"


def now() -> int:
    """The time: `SOURCE_DATE_EPOCH` where it is set, else the clock."""
    given = os.environ.get(CLOCK_VARIABLE)
    if given is None:
        return int(time.time())
    if not (given.isascii() and given.isdecimal() and len(given) < 12):
        raise UsageError(
            f"{CLOCK_VARIABLE} is no number of seconds: {given[:40]!a}",
            hint=f"unset {CLOCK_VARIABLE}",
        )
    return int(given)
