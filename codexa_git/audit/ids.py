"""The names that a person types and a path is made of: changes, tasks, items, milestones, runs.

They are ASCII, of one case and one form, so that no look-alike, newline or path can pass for one.
"""

import re

from codexa_git.errors import UsageError

_NEARLY = r"(?:[Cc][Hh])?[-_ ]?0{0,9}([0-9]{1,6})"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"


def _numbered(text: str, before: str, least: int, most: int) -> bool:
    """True for what begins so, and then has `least` to `most` ASCII digits, and nothing else."""
    digits = text[len(before) :]
    return text.startswith(before) and least <= len(digits) <= most and not digits.strip(_DIGITS)


def change_id(number: int) -> str:
    """The id of the change with this number: `CH-001`; from 1000 on it simply grows."""
    return f"CH-{number:03d}"


def is_change_id(text: str) -> bool:
    """True for a well-formed change id: `CH-` and three to six ASCII digits, no needless zeros."""
    if not _numbered(text, "CH-", 3, 6):
        return False
    number = change_number(text)
    return number > 0 and change_id(number) == text


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
    match = re.fullmatch(_NEARLY, text)
    number = int(match[1]) if match is not None else 0
    return change_id(number) if 0 < number < 1_000_000 else None


def change_number(change: str) -> int:
    """The number in a well-formed change id."""
    return int(change.removeprefix("CH-"))


def is_criterion_id(text: str) -> bool:
    """True for `AC-1`, `AC-2`, and so on."""
    return _numbered(text, "AC-", 1, 4) and text[3] != "0"


def is_task_id(text: str) -> bool:
    """True for `T-01`, `T-02`, and so on."""
    return _numbered(text, "T-", 2, 4)


def is_run_id(text: str) -> bool:
    """True for `run-001`, `run-002`, and so on."""
    return _numbered(text, "run-", 3, 5)


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
    if not _numbered(text, "BL-", 3, 6):
        return False
    number = item_number(text)
    return number > 0 and item_id(number) == text


def item_number(item: str) -> int:
    """The number in a well-formed item id."""
    return int(item.removeprefix("BL-"))


def is_milestone_id(text: str) -> bool:
    """True for `MS-01`, `MS-02`, and so on."""
    return _numbered(text, "MS-", 2, 4)


def is_requirement_id(text: str) -> bool:
    """True for what requirements are named by: `FR-29`, `NFR-3`."""
    name, dash, _ = text.partition("-")
    if not 1 <= len(name) <= 10 or name[0] not in _CAPITALS or name.strip(_CAPITALS + _DIGITS):
        return False
    return _numbered(text, name + dash, 1, 6)
