"""What records say became of a change's evidence: its own, and the repository's sweeps."""

from collections.abc import Iterable
from typing import NamedTuple

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType

Item = dict[str, str]
"""One piece of evidence as records name it: name, digest and kind."""

OUTPUT = "output"
"""The kind of evidence that lies at the evidence ref alone."""

_HELD = (RecordType.RETENTION_KEPT, RecordType.RETENTION_ARCHIVED)


class Evidence(NamedTuple):
    """What a change's own records say: which items are `held`, which are `dropped`.

    `archived` are the digests of what it put at its evidence ref to stay, `said` the ids of all its
    retention records, in order; `last` is the time of the last thing that any of its records tells.
    Of one piece the last word counts, but what a gate reads is never dropped.
    """

    held: tuple[Item, ...]
    archived: frozenset[str]
    dropped: tuple[Item, ...]
    said: tuple[str, ...]
    last: int

    @property
    def outputs(self) -> tuple[Item, ...]:
        """The full outputs that the change's own records hold on to."""
        return tuple(item for item in self.held if item["kind"] == OUTPUT)


def evidence_of(records: Iterable[Record]) -> Evidence:
    """What these records of one change say of its evidence."""
    held: dict[str, Item] = {}
    archived: set[str] = set()
    dropped: dict[str, Item] = {}
    read: set[str] = set()
    said, last = list[str](), 0
    for record in records:
        last = max(last, record.seconds)
        if record.type in _HELD:
            held |= {item["digest"]: item for item in record.data["items"]}
            read |= {item["digest"] for item in record.data["items"] if item["kind"] != OUTPUT}
            dropped = {name: item for name, item in dropped.items() if name not in held}
            if record.type is RecordType.RETENTION_ARCHIVED:
                archived |= {item["digest"] for item in record.data["items"]}
        elif record.type is RecordType.RETENTION_DROPPED:
            items = [item for item in record.data["items"] if item["kind"] == OUTPUT]
            dropped |= {item["digest"]: item for item in items if item["digest"] not in read}
        else:
            continue
        said.append(record.id)
    still = tuple(item for name, item in held.items() if name not in dropped)
    return Evidence(still, frozenset(archived), tuple(dropped.values()), tuple(said), last)


def swept(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    """Each (change, digest) that the repository's records say was swept, and the record that did.

    Where two say so the first counts.
    """
    found: dict[tuple[str, str], Record] = {}
    for record in records:
        if record.type is RecordType.RETENTION_SWEPT:
            for item in record.data["items"]:
                found.setdefault((item["change"], item["digest"]), record)
    return found
