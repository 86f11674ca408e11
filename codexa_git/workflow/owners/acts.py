"""What the owners did on the base since its root, as its records tell."""

from functools import partial

from codexa_git.audit.logger import read_records
from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.owners.proposing import NAMES


def acts_done(ground: Ground) -> tuple[Record, ...]:
    """What the owners signed on this base since its root, oldest first; one record an owner."""
    records = read_records(partial(ground.store.read, ground.tip.tree), None)
    return tuple(record for record in records if record.type in NAMES)


def incidents(ground: Ground) -> tuple[Record, ...]:
    """The incidents that were declared, oldest first; one record of each, whoever signed it."""
    found: dict[str, Record] = {}
    for record in acts_done(ground):
        if record.type is RecordType.INCIDENT_DECLARED:
            found.setdefault(str(record.data["commits"]), record)
    return tuple(found.values())
