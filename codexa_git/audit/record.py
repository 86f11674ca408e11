"""A record: one line of canonical JSON that says who did what, when, in which stage and round.

A record's id is the digest of the record without `id` and `signature`; there are no sequence
numbers and no chain of our own, for git is the chain.
"""

from datetime import UTC, datetime
from functools import cache, lru_cache

from codexa_git.audit.canonical import Json, canonical, digest, parsed
from codexa_git.audit.recent import recent
from codexa_git.audit.schema import CHANGE, KINDS, STAGE
from codexa_git.audit.shapes import DIGEST, LINE, TEXT, WHOLE, Shape, matching, optional, structure
from codexa_git.audit.words import NO_TIME, RecordType, Stage
from codexa_git.errors import RecordError
from codexa_git.values import Any, NamedTuple

FORMAT = 1
LONGEST_LINE = 8 * 1024 * 1024
_MOST_KEPT = 4 * 1024 * 1024
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Actor(NamedTuple):
    """Who acted: a person or an agent, in one role; the e-mail address is the principal."""

    name: str
    email: str
    role: str

    def __str__(self) -> str:
        return f"{self.name} ({self.role})"


class Record(NamedTuple):
    """One audit line; `data` holds exactly what `schema.KINDS` says for its type."""

    format: int
    id: str
    change: str | None
    type: RecordType
    stage: Stage | None
    round: int
    actor: Actor
    at: str
    data: dict[str, Any]
    signature: str | None

    @property
    def log(self) -> str:
        """The name of the file that holds records of this type."""
        return KINDS[self.type].log

    @property
    def signer(self) -> Actor:
        """Who signed it, if anybody did: the actor, or whoever stands for an agent's work."""
        signer = self.data.get("signer") if KINDS[self.type].bound else None
        return self.actor if signer is None else Actor(**signer)

    @property
    def seconds(self) -> int:
        """When, in seconds since the epoch."""
        return seconds_of(self.at)


def time_of(seconds: int) -> str:
    """A record's time: UTC, whole seconds, with `Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime(_TIME)


@lru_cache(maxsize=256)
def seconds_of(at: str) -> int:
    """Seconds since the epoch of a record's time.

    Raises:
        RecordError: it is not exactly of the form `2026-11-23T10:12:00Z`.
    """
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise RecordError(f"not a time in UTC: {at!a}") from error
    if moment.tzinfo != UTC or moment.strftime(_TIME) != at:
        raise RecordError(f"not a time in UTC: {at!a}")
    seconds = int(moment.timestamp())
    if seconds >= NO_TIME:
        raise RecordError(f"a time beyond 2200: {at!a}")
    return seconds


def _is_time(text: str) -> bool:
    try:
        seconds_of(text)
    except RecordError:
        return False
    return True


_ENVELOPE = {
    "id": DIGEST,
    "change": optional(CHANGE),
    "stage": optional(STAGE),
    "round": WHOLE,
    "actor": structure(name=LINE, email=LINE, role=LINE),
    "at": matching(_is_time, "a time in UTC such as 2026-11-23T10:12:00Z"),
    "signature": optional(TEXT),
}
_NAMES = frozenset((*_ENVELOPE, "format", "type", "data")) - {"signature"}


def json_schema(kind: RecordType, *, signed: bool | None = None) -> dict[str, Any]:
    """The JSON Schema of a record of this type, for the reference and for other readers.

    Of a type that may be signed and need not, `signed` says which of the two forms. What a schema
    cannot say: that the bytes are canonical, and the id their digest.
    """
    signed = KINDS[kind].signed if signed is None else signed
    fields = {name: _ENVELOPE[name].schema for name in _NAMES & _ENVELOPE.keys()} | {
        "format": {"const": FORMAT},
        "type": {"const": str(kind)},
        "data": structure(**KINDS[kind].fields_of(signed=signed)).schema,
    }
    if signed:
        fields["signature"] = TEXT.schema
    return {
        "type": "object",
        "properties": dict(sorted(fields.items())),
        "required": sorted(fields),
        "additionalProperties": False,
    }


def make(
    kind: RecordType,
    data: dict[str, Any],
    *,
    change: str | None,
    stage: Stage | None,
    round: int,  # noqa: A002 (the stored word)
    actor: Actor,
    at: int,
    signature: str | None = None,
) -> Record:
    """A record of this form, with its id.

    Raises:
        RecordError: the data is not what this type holds.
    """
    body = _body(kind, data, change, stage, round, actor, time_of(at))
    made = Record(
        FORMAT, digest(canonical(body)), change, kind, stage, round, actor, time_of(at), data, None
    )
    made = made._replace(signature=signature)
    parse_record(format_record(made).rstrip(b"\n"))
    return made


def format_record(record: Record) -> bytes:
    """The record's line, with its final newline."""
    return canonical(_full(record)) + b"\n"


@recent(_MOST_KEPT)
def parse_record(line: bytes) -> Record:
    """The record that `line` (without its newline) is.

    A log grows line by line and is read after each, so the last records are kept.

    Raises:
        RecordError: it is not canonical JSON of the specified form, its id is not its digest, its
            format or type is unknown, or a decision is not signed.
    """
    if len(line) > LONGEST_LINE:
        raise RecordError("a record longer than 8 MiB")
    value = parsed(line)
    if not isinstance(value, dict):
        raise RecordError("a record is a JSON object")
    if value.get("format") != FORMAT or isinstance(value.get("format"), bool):
        raise RecordError(
            f"a record of format {value.get('format')!a}: this version knows {FORMAT}"
        )
    if value.keys() - {"signature"} != _NAMES:
        raise RecordError("a record with other fields than format 1 has")
    for name, shape in _ENVELOPE.items():
        if name in value and not shape.fits(value[name]):
            shape.check(value[name], f"a record's {name}")
    record = _typed(value)
    _check_data(record)
    if digest(_without_names(line, record)) != record.id:
        raise RecordError("a record's id is not the digest of the record")
    return record


def _without_names(line: bytes, record: Record) -> bytes:
    """The bytes that the id is the digest of: the line, which is canonical, without id, signature.

    Both stand behind `data`, where no other field is an object, and no text holds a bare quote.
    """
    head, _, tail = line.rpartition(b'"id":"%s",' % record.id.encode())
    if record.signature is None:
        return head + tail
    before, _, after = tail.partition(b'"signature":%s,' % canonical(record.signature))
    return head + before + after


def _typed(value: dict[str, Any]) -> Record:
    try:
        kind = RecordType(value["type"])
    except ValueError as error:
        raise RecordError(f"a record of the unknown type {value['type']!a}") from error
    actor = value["actor"]
    return Record(
        value["format"],
        value["id"],
        value["change"],
        kind,
        None if value["stage"] is None else Stage(value["stage"]),
        value["round"],
        Actor(actor["name"], actor["email"], actor["role"]),
        value["at"],
        value["data"],
        value.get("signature"),
    )


@cache
def _shape(kind: RecordType, *, signed: bool) -> Shape:
    return structure(**KINDS[kind].fields_of(signed=signed))


def wants_signature(kind: RecordType, data: object) -> bool:
    """True where a record with this data speaks for its signer, and is nothing without one."""
    known = KINDS[kind]
    return known.signed or (
        known.bound is not None
        and isinstance(data, dict)
        and not known.bound.keys().isdisjoint(data)
    )


def _check_data(record: Record) -> None:
    signed = wants_signature(record.type, record.data)
    shape = _shape(record.type, signed=signed)
    if not shape.fits(record.data):
        shape.check(record.data, f"the data of {record.type}")
    if signed and record.signature is None:
        raise RecordError(f"{record.type} without a signature")
    if not signed and record.signature is not None:
        raise RecordError(f"{record.type} with a signature, which it does not carry")


def _full(record: Record) -> Json:
    body = _body_of(record) | {"id": record.id}
    return body if record.signature is None else body | {"signature": record.signature}


def _body_of(record: Record) -> dict[str, Json]:
    return _body(
        record.type,
        record.data,
        record.change,
        record.stage,
        record.round,
        record.actor,
        record.at,
    )


def _body(
    kind: RecordType,
    data: dict[str, Any],
    change: str | None,
    stage: Stage | None,
    round_: int,
    actor: Actor,
    at: str,
) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "change": change,
        "type": str(kind),
        "stage": None if stage is None else str(stage),
        "round": round_,
        "actor": actor._asdict(),
        "at": at,
        "data": data,
    }
