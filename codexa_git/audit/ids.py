"""The names that a person types and a path is made of: changes, tasks, items, milestones, runs.

They are ASCII, of one case and one form, so that no look-alike, newline or path can pass for one.
"""

from codexa_git.errors import UsageError
from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    import re

_NEARLY = r"(?:[Cc][Hh])?[-_ ]?0{0,9}([0-9]{1,6})"
_CRITERION = r"AC-[1-9][0-9]{0,3}"
_TASK = r"T-[0-9]{2,4}"
_RUN = r"run-[0-9]{3,5}"
_ITEM = r"BL-([0-9]{3,6})"
_MILESTONE = r"MS-[0-9]{2,4}"
_REQUIREMENT = r"[A-Z][A-Z0-9]{0,9}-[0-9]{1,6}"


def change_id(number: int) -> str:
    """The id of the change with this number: `CH-001`; from 1000 on it simply grows."""
    return f"CH-{number:03d}"


def is_change_id(text: str) -> bool:
    """True for a well-formed change id: `CH-` and three to six ASCII digits, no needless zeros."""
    digits = text.removeprefix("CH-")  # without a pattern: every push asks this
    if not 3 <= len(digits) <= 6 or not (digits.isascii() and digits.isdecimal()):
        return False
    return int(digits) > 0 and change_id(int(digits)) == text


def parse_change_id(text: str) -> str:
    """The change id that `text` is.

    Raises:
        UsageError: it is anything else; nothing is trimmed or folded; what may be meant is told.
    """
    if not is_change_id(text):
        shown = ascii(text if len(text) <= 40 else text[:40] + "...")
        meant = _meant(text)
        hint = f"did you mean {meant}?" if meant else "a change id looks like CH-001"
        raise UsageError(f"{shown} is not a change id", hint=hint)
    return text


def _meant(text: str) -> str | None:
    """The change id that is nearest: of another case, with too few zeros or too many."""
    match = _matched(_NEARLY, text)
    number = int(match[1]) if match is not None else 0
    return change_id(number) if 0 < number < 1_000_000 else None


def change_number(change: str) -> int:
    """The number in a well-formed change id."""
    return int(change.removeprefix("CH-"))


def is_criterion_id(text: str) -> bool:
    """True for `AC-1`, `AC-2`, and so on."""
    return bool(_matched(_CRITERION, text))


def is_task_id(text: str) -> bool:
    """True for `T-01`, `T-02`, and so on."""
    return bool(_matched(_TASK, text))


def is_run_id(text: str) -> bool:
    """True for `run-001`, `run-002`, and so on."""
    return bool(_matched(_RUN, text))


def task_id(number: int) -> str:
    """The id of the task with this number: `T-01`."""
    return f"T-{number:02d}"


def run_id(number: int) -> str:
    """The id of the run with this number: `run-001`."""
    return f"run-{number:03d}"


def item_id(number: int) -> str:
    """The id of the backlog's item with this number: `BL-001`; from 1000 on it simply grows."""
    return f"BL-{number:03d}"


def is_item_id(text: str) -> bool:
    """True for `BL-001`, `BL-002`, and so on, without needless zeros."""
    match = _matched(_ITEM, text)
    return match is not None and int(match[1]) > 0 and item_id(int(match[1])) == text


def item_number(item: str) -> int:
    """The number in a well-formed item id."""
    return int(item.removeprefix("BL-"))


def is_milestone_id(text: str) -> bool:
    """True for `MS-01`, `MS-02`, and so on."""
    return bool(_matched(_MILESTONE, text))


def is_requirement_id(text: str) -> bool:
    """True for what requirements are named by: `FR-29`, `NFR-3`."""
    return bool(_matched(_REQUIREMENT, text))


def _matched(pattern: str, text: str) -> "re.Match[str] | None":
    import re  # noqa: PLC0415

    return re.fullmatch(pattern, text)
