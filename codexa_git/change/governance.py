"""What Governance watches: concerns past the day they were due, and evidence not provided for.

Whether a concern is open is for the gates to say, so open ones come in as an argument.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.milestones import day_of
from codexa_git.change.state import Concern, State
from codexa_git.change.text import visible

_KEPT = {
    RecordType.RETENTION_KEPT: "kept",
    RecordType.RETENTION_ARCHIVED: "archived",
    RecordType.RETENTION_DROPPED: "dropped",
}


class Overdue(NamedTuple):
    """An open concern that was due before today, and by how many days it is late."""

    label: str
    due: str
    days: int
    text: str


def overdue(concerns: Sequence[Concern], at: int) -> tuple[Overdue, ...]:
    """Those of these open concerns that were due before the day of `at`, the latest first."""
    today = date.fromisoformat(day_of(at))
    found = [
        Overdue(c.label, due, (today - date.fromisoformat(due)).days, str(c.record.data["text"]))
        for c in concerns
        if (due := c.record.data["due"]) is not None
    ]
    return tuple(sorted((one for one in found if one.days > 0), key=lambda one: -one.days))


def retained(state: State) -> dict[str, int]:
    """How many pieces of evidence were `kept`, `archived` and `dropped`."""
    counts = dict.fromkeys(_KEPT.values(), 0)
    for record in state.of(*_KEPT):
        counts[_KEPT[record.type]] += len(record.data["items"])
    return counts


def unretained(state: State) -> tuple[str, ...]:
    """The evidence that no retention record names yet, sorted by path."""
    known = {item["digest"] for record in state.of(*_KEPT) for item in record.data["items"]}
    return tuple(sorted(path for path, name in state.evidence.items() if name not in known))


def watch(state: State, concerns: Sequence[Concern], at: int) -> tuple[str, ...]:
    """What Governance has to say of a change whose open concerns are these: a sentence each."""
    said = [
        f"{late.label} was due on {late.due}, {_days(late.days)} ago: {visible(late.text)}"
        for late in overdue(concerns, at)
    ]
    if state.stage is Stage.CLEANUP:
        said += _retention(state)
    return tuple(said)


def _retention(state: State) -> list[str]:
    if missing := unretained(state):
        number = len(missing)
        what = "1 piece of evidence has" if number == 1 else f"{number} pieces of evidence have"
        return [f"{what} no retention record yet"]
    told = [f"{number} {word}" for word, number in retained(state).items() if number]
    return [f"evidence: {', '.join(told)}"] if told else []


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
