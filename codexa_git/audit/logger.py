"""The audit files: reading them whole, and the `AuditLogger` that appends to them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from codexa_git.audit.payload import payload_of
from codexa_git.audit.recent import recent
from codexa_git.audit.record import Record, format_record, parse_record, seconds_of
from codexa_git.audit.words import LOG_NAMES
from codexa_git.audit.words import log_path as log_path  # noqa: PLC0414 (known by this name here)
from codexa_git.errors import RecordError, TooLargeError
from codexa_git.repository.objects import LARGEST

Read = Callable[[str], bytes | None]

_MOST_KEPT = 16 * 1024 * 1024


@recent(_MOST_KEPT)
def parse_log(content: bytes, path: str, change: str | None) -> tuple[Record, ...]:
    """The records of one file, in line order; what was read last is known, unless it is huge.

    Raises:
        RecordError: a line is malformed, belongs to another change or another file, or the last
            line has no newline; the message names the file and the line.
    """
    if len(content) > LARGEST:
        raise RecordError(TooLargeError(path).message)
    lines = content.split(b"\n")
    if lines.pop():
        raise RecordError(f"{path}:{len(lines) + 1}: the last line is cut short")
    return tuple(_line(line, path, number, change) for number, line in enumerate(lines, 1))


def _line(line: bytes, path: str, number: int, change: str | None) -> Record:
    try:
        record = parse_record(line)
    except RecordError as error:
        raise RecordError(f"{path}:{number}: {error.message}") from error
    if record.change != change:
        raise RecordError(f"{path}:{number}: a record of {record.change}")
    if log_path(change, record.log) != path:
        raise RecordError(f"{path}:{number}: {record.type} belongs in {record.log}.jsonl")
    return record


def read_records(read: Read, change: str | None) -> tuple[Record, ...]:
    """All records of a change (or, for `None`, of the repository): file by file, in line order.

    Raises:
        RecordError: a file is malformed, or one record, or one signed decision, stands there twice.
    """
    found: list[Record] = []
    for name in LOG_NAMES:
        path = log_path(change, name)
        found.extend(parse_log(_content(read, path), path, change))
    ids = [record.id for record in found]
    if len(set(ids)) != len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise RecordError(
            f"a record stands twice in the audit of {change or 'this repository'}: {twice}"
        )
    for record, first in said_twice(found):
        raise RecordError(told_twice(record, first))
    return tuple(found)


def _content(read: Read, path: str) -> bytes:
    try:
        return read(path) or b""
    except TooLargeError as error:
        # It is no paper that somebody could edit.
        raise RecordError(error.message) from error


def said_twice(records: Iterable[Record]) -> Iterator[tuple[Record, Record]]:
    """Each signed record that says just what one before it said, with that one.

    The envelope's stage and round are in the id and not under the signature, so that anyone can
    make a second record of what was signed once: a withdrawn approval under another id, say.
    Payloads are compared, for one signature can be written down in many ways.
    """
    alike: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        if record.signature is not None:
            alike.setdefault((record.type, record.at, record.actor.email), []).append(record)
    for group in alike.values():
        known: dict[bytes, Record] = {}
        for record in group if len(group) > 1 else ():
            if (first := known.setdefault(payload_of(record), record)) is not record:
                yield record, first


def told_twice(record: Record, first: Record) -> str:
    """`approval.granted by Demo PM (pm) was signed once, and is two records: … and …`."""
    who = f"{record.type} by {record.actor}"
    return f"{who} was signed once, and is two records: {first.id} and {record.id}"


def in_file_order(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records as `read_records` gives them: file by file, each in the order it was given."""
    return tuple(sorted(records, key=lambda record: LOG_NAMES.index(record.log)))


class AuditLogger:
    """Appends records to the audit files of one change, or of the repository.

    Nothing is written here: `files` are the new contents, which a commit then holds.
    """

    def __init__(self, read: Read, change: str | None) -> None:
        self.change = change
        self.records = read_records(read, change)
        self._read = read
        self.files: dict[str, bytes] = {}

    def time(self, now: int) -> int:
        """The time that the next record bears: the later of `now` and the last record's."""
        return max([now, *(seconds_of(record.at) for record in self.records)])

    def append(self, record: Record) -> None:
        """The record is the last line of its file."""
        if record.change != self.change:
            raise RuntimeError("a record of another change")
        path = log_path(self.change, record.log)
        before = self.files.get(path, self._read(path) or b"")
        self.files[path] = before + format_record(record)
        self.records = in_file_order((*self.records, record))
