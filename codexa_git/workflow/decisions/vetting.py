"""Vetting: whether the packet that people read is this tool's own account of the change."""

from itertools import dropwhile, takewhile

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.change.state import State
from codexa_git.errors import RefusedError
from codexa_git.gate.case import Case
from codexa_git.pages.packet import packet
from codexa_git.workflow.decisions.telling import packet_facts


def is_own_packet(case: Case) -> bool:
    """True where the packet is what this tool makes of the case, as its record says it stood then.

    The record is signed by nobody, so whoever approves does not take its word; and the approval
    then names the record among what was seen, so that no other packet lands.
    """
    record = case.state.packaged
    if record is None or not _tells_all(case.state, record):
        return False
    known = set(record.data["told"])
    then = case.as_of(tuple(r for r in case.state.records if r.id in known))
    return case.read(case.places.packet) == packet(packet_facts(then))


def _tells_all(state: State, packaged: Record) -> bool:
    """True where the packet was told every record that was there before it.

    In its own file those are all that stand above it. In another file they come first, and each of
    the rest is of a later time, or says itself, or stands below one that says, that it came after.
    """
    told = set(packaged.data["told"])
    for log in {record.log for record in state.records} - {
        "retention"
    }:  # of which it tells nothing
        lines = [record for record in state.records if record.log == log]
        if log == packaged.log:
            if not told.issuperset(record.id for record in lines[: lines.index(packaged)]):
                return False
            continue
        rest = list(dropwhile(lambda record: record.id in told, lines))
        unbound = takewhile(lambda record: packaged.id not in _named(record), rest)
        if not told.isdisjoint(r.id for r in rest) or not all(_later(r, packaged) for r in unbound):
            return False
    return True


def _named(record: Record) -> tuple[str, ...]:
    """The records that this one says it came after; so did all that stand below it in its file."""
    return (*record.data.get("seen", ()), record.data.get("after", ""))


def _later(record: Record, packaged: Record) -> bool:
    if record.seconds == packaged.seconds:
        return record.type is RecordType.APPROVAL_REQUESTED
    return record.seconds > packaged.seconds


def require_own_packet(case: Case) -> None:
    """Nothing: the packet that people read is the tool's.

    Raises:
        RefusedError: it is not.
    """
    if not is_own_packet(case):
        raise RefusedError(
            f"{case.places.packet} is not what the records and files make of it",
            hint=f"git codexa advance {case.change} makes it anew",
        )
