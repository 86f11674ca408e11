"""What Governance watches: concerns past the day they were due, and evidence not provided for.

Whether a concern is open is for the gates to say, so open ones come in as an argument. What does
not depend on the day is apart from what does, because `status` remembers the former.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.milestones import day_of

if TYPE_CHECKING:
    from codexa_git.change.state import Concern, State

_KEPT = {
    RecordType.RETENTION_KEPT: "kept",
    RecordType.RETENTION_ARCHIVED: "archived",
    RecordType.RETENTION_DROPPED: "dropped",
}


class Due(NamedTuple):
    """An open concern that has to be resolved by a day."""

    label: str
    due: str
    text: str


class Overdue(NamedTuple):
    """An open concern that was due before today, and by how many days it is late."""

    label: str
    due: str
    text: str
    days: int

    def __str__(self) -> str:
        ago = "yesterday" if self.days == 1 else f"{self.days} days ago"
        return f"{self.label} was due {ago}, on {self.due}: {self.text}"


def dues(concerns: "Iterable[Concern]") -> tuple[Due, ...]:
    """Those of these open concerns that are due on a day, in their order."""
    return tuple(
        Due(concern.label, concern.due, concern.text)
        for concern in concerns
        if concern.due is not None
    )


def overdue(found: Sequence[Due], at: int) -> tuple[Overdue, ...]:
    """Those that were due before the day of `at`, the longest overdue first."""
    today = date.fromisoformat(day_of(at))
    late = [Overdue(*one, (today - date.fromisoformat(one.due)).days) for one in found]
    return tuple(sorted((one for one in late if one.days > 0), key=lambda one: -one.days))


def retained(state: "State") -> dict[str, int]:
    """How many pieces of evidence were `kept`, `archived` and `dropped`."""
    counts = dict.fromkeys(_KEPT.values(), 0)
    for record in state.of(*_KEPT):
        counts[_KEPT[record.type]] += len(record.data["items"])
    return counts


def unretained(state: "State") -> tuple[str, ...]:
    """The evidence that no retention record names yet, sorted by path."""
    known = {item["digest"] for record in state.of(*_KEPT) for item in record.data["items"]}
    return tuple(sorted(path for path, name in state.evidence.items() if name not in known))


def retention(state: "State") -> str | None:
    """What became of the evidence, in a sentence; `None` before Cleanup, where nothing has yet."""
    if state.stage is not Stage.CLEANUP:
        return None
    if missing := len(unretained(state)):
        what = "1 piece of evidence has" if missing == 1 else f"{missing} pieces of evidence have"
        return f"{what} no retention record yet"
    told = [f"{number} {word}" for word, number in retained(state).items() if number]
    return f"evidence: {', '.join(told)}" if told else None
