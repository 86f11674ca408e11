"""Records: one form, an id that fits, and nothing but `RecordError` for anything else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.payload import payload, payload_of
from codexa_git.audit.record import (
    FORMAT,
    Actor,
    Record,
    format_record,
    make,
    parse_record,
    seconds_of,
    time_of,
)
from codexa_git.audit.schema import KINDS, LOG_NAMES
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.errors import RecordError

ACTOR = Actor("Demo PM", "pm@demo.invalid", "pm")
DIGEST = digest(b"x")
AT = 1_767_225_600
SAMPLES: dict[str, Any] = {
    "a sha256 digest": DIGEST,
    "text": "two\nlines",
    "plain text": "two\nlines",
    "one line of text": "a line",
    "true or false": True,
    "a whole number": 7,
    "a git object id": "a" * 40,
    "a task id": "T-01",
    "a run id": "run-001",
}
GIVEN: dict[tuple[str, str], Any] = {
    ("gates", "results.recorded"): {"results": {"round": 1, "subject": DIGEST}},
    ("gates", "waiver.granted"): {"results": {"round": 1, "subject": None}},
    ("gates", "approval.granted"): {
        "plan": {"round": 1, "subject": DIGEST, "paths": [], "outcomes": None, "named": []}
    },
}


def value_for(kind: RecordType, name: str) -> Any:  # noqa: ANN401
    shape = KINDS[kind].fields[name]
    if (name, kind) in GIVEN:
        return GIVEN[name, kind]
    for wants, value in SAMPLES.items():
        if shape.wants in (wants, f"{wants} or null"):
            return value
    for value in ([], {}, None, *Stage, "agent", "machine", "completed", "local"):
        if shape.fits(value):
            return value
    raise AssertionError(f"no sample of {shape.wants}")


def sample(kind: RecordType) -> Record:
    data = {name: value_for(kind, name) for name in KINDS[kind].fields}
    signature = "armored" if KINDS[kind].signed else None
    return make(
        kind,
        data,
        change="CH-001",
        stage=Stage.SPEC,
        round=1,
        actor=ACTOR,
        at=AT,
        signature=signature,
    )


@pytest.mark.parametrize("kind", RecordType)
def test_a_record_of_every_type_goes_round(kind: RecordType) -> None:
    record = sample(kind)
    line = format_record(record)
    assert line.endswith(b"\n")
    assert parse_record(line[:-1]) == record
    assert record.log in LOG_NAMES
    assert record.seconds == AT


def test_every_type_has_a_form() -> None:
    assert set(KINDS) == set(RecordType)


@pytest.mark.parametrize("kind", RecordType)
def test_the_id_is_the_digest_of_the_rest_but_the_signature(kind: RecordType) -> None:
    record = sample(kind)
    signed = record._replace(signature="another" if record.signature else None)
    assert parse_record(format_record(signed)[:-1]).id == record.id
    other = record._replace(round=2)
    with pytest.raises(RecordError, match="id is not the digest"):
        parse_record(format_record(other)[:-1])


@pytest.mark.parametrize("kind", RecordType)
def test_a_decision_is_signed_and_nothing_else_is(kind: RecordType) -> None:
    record = sample(kind)
    flipped = record._replace(signature=None if record.signature else "armored")
    with pytest.raises(RecordError, match="signature"):
        parse_record(format_record(flipped)[:-1])


@pytest.mark.parametrize("kind", RecordType)
def test_a_field_more_or_less_is_refused(kind: RecordType) -> None:
    record = sample(kind)
    names = sorted(record.data)
    for data in (record.data | {"aside": 1}, {n: record.data[n] for n in names[1:]}):
        with pytest.raises(RecordError, match="the data of"):
            make(
                kind,
                data,
                change="CH-001",
                stage=None,
                round=1,
                actor=ACTOR,
                at=AT,
                signature=record.signature,
            )


@given(st.binary(max_size=300))
def test_any_bytes_are_a_record_or_a_record_error(line: bytes) -> None:
    with pytest.raises(RecordError):
        parse_record(line)


@given(st.sampled_from(list(RecordType)), st.data())
def test_any_one_byte_changed_is_another_record_or_none(
    kind: RecordType, data: st.DataObject
) -> None:
    line = format_record(sample(kind))[:-1]
    at = data.draw(st.integers(0, len(line) - 1))
    byte = data.draw(st.integers(0, 255))
    mutated = line[:at] + bytes([byte]) + line[at + 1 :]
    try:
        record = parse_record(mutated)
    except RecordError:
        return
    assert format_record(record)[:-1] == mutated
    assert mutated == line or record.signature != sample(kind).signature


FIELDS: dict[str, Any] = {
    "format": 2,
    "type": ["handoff"],
    "change": "CH-1",
    "stage": "done",
    "round": -1,
    "actor": {"name": "a", "email": "b"},
    "at": "2026-01-01 00:00:00",
    "data": None,
    "id": "sha256:0",
    "signature": 7,
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_of_another_form_is_refused(name: str) -> None:
    value: dict[str, Any] = {
        "format": FORMAT,
        "id": DIGEST,
        "change": "CH-001",
        "type": "rework",
        "stage": None,
        "round": 1,
        "actor": ACTOR._asdict(),
        "at": time_of(AT),
        "data": {},
    }
    with pytest.raises(RecordError):
        parse_record(canonical(value | {name: FIELDS[name]}))


TIMES = [
    *("2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "2026-01-01t00:00:00Z"),
    *("2026-01-01T00:00:00.0Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "now", ""),
    *("2026-01-01T00:00:60Z", "\uff12026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"),
    *("2026-01-01T00:00:00Z\n", "20260101T000000Z", "2026-W01-1T00:00:00Z", "0000-01-01T00:00:00Z"),
]


@pytest.mark.parametrize("text", TIMES)
def test_a_time_has_one_form(text: str) -> None:
    with pytest.raises(RecordError, match="not a time"):
        seconds_of(text)


@given(st.integers(0, 7_258_118_399))
def test_times_go_round(seconds: int) -> None:
    assert seconds_of(time_of(seconds)) == seconds


def approval(**other: Any) -> Record:  # noqa: ANN401
    record = sample(RecordType.APPROVAL_GRANTED)
    return record._replace(**other)


def test_a_payload_names_all_that_must_not_change() -> None:
    true = payload_of(approval())
    data = approval().data
    others = [
        approval(change="CH-002"),
        approval(at=time_of(AT + 1)),
        *(approval(actor=ACTOR._replace(**{f: "x"})) for f in ACTOR._fields),
        approval(data=data | {"root": DIGEST[:-1] + "0"}),
        approval(data=data | {"branch": "other"}),
        approval(data=data | {"seen": [DIGEST]}),
        approval(data=data | {"comment": "other"}),
        approval(data=data | {"gates": {}}),
        approval(data=data | {"gates": {"package": data["gates"]["plan"]}}),
        approval(data=data | {"gates": {"plan": data["gates"]["plan"] | {"round": 2}}}),
        approval(data=data | {"gates": {"plan": data["gates"]["plan"] | {"subject": "x"}}}),
    ]
    assert len({true, *map(payload_of, others)}) == 1 + len(others)


def test_a_payload_is_the_same_before_and_after_there_is_a_record() -> None:
    record = approval()
    before = payload(record.type, record.data, change=record.change, actor=record.actor, at=AT)
    assert before == payload_of(record)
    assert Gate.PLAN in record.data["gates"]


def test_two_decisions_never_share_a_payload() -> None:
    kinds = [kind for kind in RecordType if KINDS[kind].signed]
    assert len({payload_of(sample(kind)) for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("kind", [RecordType.HANDOFF, RecordType.TASK_COMPLETED])
def test_what_is_no_decision_has_no_payload(kind: RecordType) -> None:
    with pytest.raises(RecordError, match="not a signed decision"):
        payload_of(sample(kind))


def signed_task(**other: Any) -> Record:  # noqa: ANN401
    """A task for which somebody else than the actor stands."""
    true = sample(RecordType.TASK_COMPLETED)
    bound: dict[str, Any] = {"root": None, "branch": "main", "gates": {}, "seen": [DIGEST]}
    data = true.data | bound | {"round": 1, "signer": SIGNER._asdict(), "stands": []} | other
    return make(
        true.type,
        data,
        change=true.change,
        stage=true.stage,
        round=true.round,
        actor=true.actor,
        at=AT,
        signature="armored",
    )


SIGNER = Actor("Demo Dev", "dev@demo.invalid", "pm")


def test_a_task_may_be_signed_and_says_by_whom() -> None:
    record = signed_task()
    assert parse_record(format_record(record)[:-1]) == record
    assert (record.signer, record.actor) == (SIGNER, ACTOR)
    assert sample(RecordType.TASK_COMPLETED).signer == ACTOR
    assert b'"signer":{"email":"dev@demo.invalid"' in payload_of(record)


def test_a_signed_task_has_its_signature_and_all_that_it_is_bound_to() -> None:
    bare = format_record(signed_task()._replace(signature=None))[:-1]
    with pytest.raises(RecordError, match="without a signature"):
        parse_record(bare)
    data = signed_task().data
    for name in KINDS[RecordType.TASK_COMPLETED].bound or {}:
        less = {field: value for field, value in data.items() if field != name}
        with pytest.raises(RecordError, match="the data of"):
            make(
                RecordType.TASK_COMPLETED,
                less,
                change="CH-001",
                stage=Stage.EXECUTE,
                round=1,
                actor=ACTOR,
                at=AT,
                signature="armored",
            )


@pytest.mark.parametrize("other", [{"round": 2}, {"seen": []}, {"branch": "x"}, {"root": DIGEST}])
def test_whatever_a_signed_task_says_is_signed(other: dict[str, Any]) -> None:
    assert payload_of(signed_task(**other)) != payload_of(signed_task())
