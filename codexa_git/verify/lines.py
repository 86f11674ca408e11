"""What is wrong with a change's audit files, line by line (R1 to R8, S3).

A verdict stops at the first line that it cannot read. Here every line is looked at.
"""

from collections.abc import Iterator
from typing import Any

from codexa_git.audit.canonical import canonical, digest, parsed
from codexa_git.audit.logger import (
    Read,
    log_path,
    read_records,
    said_twice,
    told_twice,
)
from codexa_git.audit.record import FORMAT, Record, parse_record, wants_signature
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import RecordType
from codexa_git.change.folding import fold
from codexa_git.errors import RecordError, TooLargeError
from codexa_git.verify.findings import Breach

_MOST = 50
"""So many lines of one change are named; a file of nothing but noise says no more after that."""


def unsound(read: Read, change: str) -> tuple[Breach, ...]:
    """Everything that is wrong with the records of this change; empty where they are sound."""
    found: list[Breach] = []
    records: list[tuple[Record, str, int]] = []
    for name in LOG_NAMES:
        path = log_path(change, name)
        for number, line in enumerate(_lines(read, path), 1):
            breach = _unread(line) or _misplaced(parse_record(line), change, path)
            if breach is None:
                records.append((parse_record(line), path, number))
                continue
            found.append(breach._replace(path=path, line=number))
            if len(found) == _MOST:
                return tuple(found)
    if not found:
        found = [*_twice(records), *_above_what_was_seen(records)]
    return tuple(found) or tuple(_impossible(read, change))


def _lines(read: Read, path: str) -> list[bytes]:
    """The lines of a file; what follows the last newline is a line cut short, and is none.

    A file that is too large to be read is one line that nobody can read.
    """
    try:
        content = read(path) or b""
    except TooLargeError:
        return [b""]
    *lines, rest = content.split(b"\n")
    return [*lines, rest + b"\n"] if rest else lines


def _unread(line: bytes) -> Breach | None:
    """Why a line is no record: its form, its format, its signature, its id, its fields."""
    try:
        value = parsed(line)
    except RecordError as error:
        return not_canonical(error)
    if not isinstance(value, dict):
        return Breach("R1", "a record is a JSON object")
    try:
        parse_record(line)
    except RecordError as error:
        told = unknown_format(value) or wrongly_signed(value) or wrong_id(value)
        return told or other_fields(error)
    return None


def not_canonical(error: RecordError) -> Breach:
    """R1: the line is not in the canonical form of RFC 8785."""
    return Breach("R1", error.message)


def unknown_format(value: dict[str, Any]) -> Breach | None:
    """R2: a format that this version does not know can say anything, so that nothing is decided."""
    number = value.get("format")
    if number == FORMAT and not isinstance(number, bool):
        return None
    return Breach(
        "R2", f"a record of format {number!a}: this version knows {FORMAT}", undecided=True
    )


def wrong_id(value: dict[str, Any]) -> Breach | None:
    """R3: the id is not the digest of the record without id and signature."""
    body = {name: item for name, item in value.items() if name not in ("id", "signature")}
    if "id" in value and value["id"] == digest(canonical(body)):
        return None
    return Breach("R3", "a record's id is not the digest of the record")


def other_fields(error: RecordError) -> Breach:
    """R4: the fields are not those of the record's type."""
    return Breach("R4", error.message)


def _misplaced(record: Record, change: str, path: str) -> Breach | None:
    """R5: the record is another change's, or belongs in another file."""
    if record.change != change:
        return Breach("R5", f"a record of {record.change or 'the repository'}")
    if log_path(change, record.log) != path:
        return Breach("R5", f"{record.type} belongs in {record.log}.jsonl")
    return None


def _twice(records: list[tuple[Record, str, int]]) -> Iterator[Breach]:
    """R6: a record stands there twice, or what was signed once is two records."""
    seen: set[str] = set()
    for record, path, number in records:
        if record.id in seen:
            yield Breach("R6", f"a record stands there twice: {record.id}", path, number)
        seen.add(record.id)
    places = {record.id: (path, number) for record, path, number in records}
    once = {record.id: record for record, _, _ in records}
    for record, first in said_twice(once.values()):
        yield Breach("R6", told_twice(record, first), *places[record.id])


def _above_what_was_seen(records: list[tuple[Record, str, int]]) -> Iterator[Breach]:
    """R7: a signed record stands above one that its signer had seen."""
    places = {record.id: (path, number) for record, path, number in records}
    for record, path, number in records:
        for name in record.data.get("seen", ()):
            above, line = places.get(name, ("", 0))
            if above == path and line >= number:
                told = f"{record.type} stands above a record that its signer had seen"
                yield Breach("R7", told, path, number)


def wrongly_signed(value: dict[str, Any]) -> Breach | None:
    """R8: a decision without a signature, or a signature on what is no decision."""
    kind = value.get("type")
    if kind not in tuple(RecordType):
        return None
    signed = wants_signature(RecordType(kind), value.get("data"))
    if signed == ("signature" in value):
        return None
    told = "without a signature" if signed else "with a signature, which it does not carry"
    return Breach("R8", f"{kind} {told}")


def _impossible(read: Read, change: str) -> Iterator[Breach]:
    """S3: the records are each sound, and tell of no possible way through the stages."""
    try:
        fold(change, read_records(read, change))
    except RecordError as error:
        yield Breach("S3", error.message, log_path(change, "handoff"))
