from typing import Any

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.words import RecordType
from codexa_git.change.retention import evidence_of, swept

WHO = Actor("Governance (agent)", "governance@agents.invalid", "governance")
AT = 1_767_225_600


def item(name: str, kind: str = "output") -> dict[str, str]:
    return {"name": name, "digest": digest(name.encode()), "kind": kind}


def record(kind: RecordType, *items: dict[str, str], at: int = AT, **more: Any) -> Record:  # noqa: ANN401
    return make(
        kind,
        {"items": list(items), **more},
        change="CH-001",
        stage=None,
        round=1,
        actor=WHO,
        at=at,
    )


def sweep(at: int, *items: dict[str, str]) -> Record:
    data: dict[str, Any] = {
        "root": None,
        "branch": "main",
        "gates": {},
        "seen": [],
        "reason": "policy",
    }
    return make(
        RecordType.RETENTION_SWEPT,
        data | {"items": list(items)},
        change=None,
        stage=None,
        round=0,
        actor=WHO,
        at=at,
        signature="armored",
    )


def test_what_is_held_is_what_no_record_has_dropped() -> None:
    kept = record(RecordType.RETENTION_KEPT, item("run.json", "run"))
    archived = record(RecordType.RETENTION_ARCHIVED, item("a"), item("b"), ref="refs/x")
    dropped = record(RecordType.RETENTION_DROPPED, item("a"), at=AT + 9, reason="policy")
    found = evidence_of([kept, archived, dropped])
    assert found.held == (item("run.json", "run"), item("b"))
    assert found.outputs == (item("b"),)
    assert found.dropped == (item("a"),)
    assert found.archived == {item("a")["digest"], item("b")["digest"]}
    assert found.said == (kept.id, archived.id, dropped.id)
    assert found.last == AT + 9


def test_of_keeping_and_dropping_the_last_word_counts() -> None:
    archived = record(RecordType.RETENTION_ARCHIVED, item("a"), ref="refs/x")
    dropped = record(RecordType.RETENTION_DROPPED, item("a"), reason="policy")
    assert evidence_of([archived, dropped]).held == ()
    assert evidence_of([dropped, archived]).held == (item("a"),)


def test_the_last_thing_told_is_of_any_record() -> None:
    asked = make(
        RecordType.CLARIFICATION_ASKED,
        {"question": "why?"},
        change="CH-001",
        stage=None,
        round=1,
        actor=WHO,
        at=AT + 50,
    )
    found = evidence_of([record(RecordType.RETENTION_KEPT, item("a")), asked])
    assert (found.last, len(found.said)) == (AT + 50, 1)


def test_of_two_sweeps_of_one_thing_the_first_counts() -> None:
    thing, other = ({"change": c, **item("a")} for c in ("CH-001", "CH-002"))
    first, second = sweep(AT, thing), sweep(AT + 1, thing, other)
    found = swept([first, second])
    name = item("a")["digest"]
    assert found == {("CH-001", name): first, ("CH-002", name): second}
