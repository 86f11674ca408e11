"""What Governance says of a change, from its records alone."""

from typing import Any

import pytest

from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.folding import fold
from codexa_git.change.governance import dues, overdue, retained, retention, unretained
from codexa_git.change.state import Concern, State
from codexa_git.errors import RecordError

DEV = Actor("Demo Dev", "dev@demo.invalid", "contributor")
NOON = 1796126400  # 2026-12-01T12:00:00Z
PACKET, OTHER = ("sha256:" + digit * 64 for digit in "12")


def record(kind: RecordType, data: dict[str, Any], at: int = NOON) -> Record:
    return make(kind, data, change="CH-001", stage=Stage.FRAME, round=1, actor=DEV, at=at)


def concern(number: int, due: str | None) -> Concern:
    data: dict[str, Any] = {"text": "wait", "tests": [], "by": "person", "due": due}
    return Concern(f"CN-{number}", record(RecordType.CONCERN_RAISED, data))


def state(stage: Stage, *more: Record) -> State:
    opening: dict[str, Any] = {
        "title": "x",
        "item": None,
        "milestone": None,
        "requirements": [],
        "brief": PACKET,
    }
    records = (
        record(RecordType.OPENED, opening),
        record(
            RecordType.PACKAGED,
            {
                "evidence": {"changes/CH-001/packet.html": PACKET},
                "subject": PACKET,
                "papers": {},
                "told": [],
            },
        ),
        *more,
    )
    return fold("CH-001", records)._replace(stage=stage)


def kept(name: str) -> Record:
    items = [{"name": "packet", "digest": name, "kind": "packet"}]
    return record(RecordType.RETENTION_KEPT, {"items": items})


def test_a_concern_is_overdue_from_the_day_after() -> None:
    found = dues([concern(1, "2026-12-01"), concern(2, "2026-11-30"), concern(3, None)])
    assert [one.label for one in found] == ["CN-1", "CN-2"]
    assert [late.label for late in overdue(found, NOON)] == ["CN-2"]
    assert [late.label for late in overdue(found, NOON + 86400)] == ["CN-2", "CN-1"]


def test_what_is_overdue_is_told_with_its_day() -> None:
    found = dues([concern(1, "2026-11-30"), concern(2, "2026-11-28")])
    assert [str(late) for late in overdue(found, NOON)] == [
        "CN-2 was due 3 days ago, on 2026-11-28: wait",
        "CN-1 was due yesterday, on 2026-11-30: wait",
    ]


def test_retention_is_told_in_cleanup_alone() -> None:
    assert retention(state(Stage.PACKAGE)) is None
    assert retention(state(Stage.CLEANUP)) == "1 piece of evidence has no retention record yet"
    assert retention(state(Stage.CLEANUP, kept(PACKET))) == "evidence: 1 kept"


def test_evidence_is_counted_by_what_becomes_of_it() -> None:
    ended = state(Stage.CLEANUP, kept(OTHER))
    assert retained(ended) == {"kept": 1, "archived": 0, "dropped": 0}
    assert unretained(ended) == ("changes/CH-001/packet.html",)


@pytest.mark.parametrize(
    "due", ["2026-02-30", "2026-11-3", "20261130", "2026-W48-1", "tomorrow", 20261130]
)
def test_what_is_no_day_is_no_due_date(due: object) -> None:
    with pytest.raises(RecordError, match=r"the data of concern\.raised"):
        concern(1, due)  # type: ignore[arg-type]
