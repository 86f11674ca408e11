"""Lines that bear a person's name and not their signature tell nothing, and stop nobody."""

import json
import re

import pytest
from gate.signing import spoilt
from scenarios.clone import At, Clone

from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import Actor, Record, format_record, make
from codexa_git.audit.words import RecordType

COMMANDS, CONCERNS = (log_path("CH-001", name) for name in ("commands", "concerns"))
NOTE = "changes/CH-001/status.md"
GRANTED, BACK = RecordType.APPROVAL_GRANTED, RecordType.APPROVAL_WITHDRAWN
THIEF = Actor("Demo Thief", "thief@demo.invalid", "pm")


def records(clone: Clone, kind: RecordType, path: str = COMMANDS) -> list[Record]:
    return [r for r in parse_log(clone.raw(path), path, "CH-001") if r.type is kind]


def forged(true: Record, kind: RecordType | None = None, **other: object) -> Record:
    """A line like a true one, under a signature over something else."""
    actor = other.pop("actor", true.actor)
    assert isinstance(actor, Actor)
    return make(
        kind or true.type,
        dict(other.pop("data", true.data)),  # type: ignore[call-overload]
        change="CH-001",
        stage=true.stage,
        round=true.round,
        actor=actor,
        at=true.seconds,
        signature=true.signature,
    )


def put(clone: Clone, *lines: Record, path: str = COMMANDS) -> None:
    content = clone.raw(path) + b"".join(format_record(line) for line in lines)
    clone.commit({path: content}, "tidy")


def taken(clone: Clone, **other: object) -> Record:
    """A forged withdrawal of every approval."""
    given = records(clone, GRANTED)
    data = {name: given[-1].data[name] for name in ("root", "branch")}
    data |= {"gates": {}, "seen": [], "approvals": [r.id for r in given], "reason": "x"}
    return forged(given[-1], BACK, data=data, **other)


@pytest.mark.parametrize("name", ["theirs", "a stranger's"])
def test_a_person_takes_everything_back_whatever_forged_lines_say(at: At, name: str) -> None:
    clone = at("package approved")
    put(clone, taken(clone) if name == "theirs" else taken(clone, actor=THIEF))
    clone.did("withdraw", "-m", "it is dangerous")
    given, (_, true) = records(clone, GRANTED), records(clone, BACK)
    assert true.data["approvals"] == [record.id for record in given]
    assert "0 of 1 approvals by a pm" in clone.refused("advance")


def test_who_was_said_to_withdraw_approves_again(at: At) -> None:
    clone = at("package approved")
    put(clone, taken(clone))
    assert "is said to have withdrawn it" in clone.refused("advance")
    clone.did("approve")
    assert "can land" in clone.until().out


def test_a_forged_answer_keeps_nobody_from_answering_and_hides_no_answer(at: At) -> None:
    clone = at("planned")
    clone.did("clarify", "how loud?")
    clone.did("clarify", "--answer", "Q-1", "very")
    (true,) = records(clone, RecordType.CLARIFICATION_ANSWERED)
    clone.git("reset", "-q", "--hard", "HEAD~1")
    put(clone, forged(true, data=true.data | {"answer": "not at all"}))
    clone.did("clarify", "--answer", "Q-1", "very")
    put(clone, forged(true, data=true.data | {"answer": "barely"}))
    found = json.loads(clone.codexa("check", "--json").out)
    (answered,) = [a for a in found["asks"] if a["name"] == "clarifications-answered"]
    assert answered["met"] is True


def test_a_forged_resolution_hides_no_true_one_and_no_open_concern(at: At) -> None:
    clone = at("planned")
    clone.did("concern", "raise", "I worry")
    clone.did("concern", "resolve", "CN-1", "no need to")
    (true,) = records(clone, RecordType.CONCERN_RESOLVED, CONCERNS)
    put(clone, forged(true, data=true.data | {"reason": "other"}), path=CONCERNS)
    assert "CN-1  closed" in clone.did("concern", "list")
    clone.git("reset", "-q", "--hard", "HEAD~2")
    put(clone, forged(true, data=true.data | {"reason": "other"}), path=CONCERNS)
    assert "CN-1  open" in clone.did("concern", "list")


@pytest.fixture
def told(at: At) -> Clone:
    """A package that one person approved, and whose records say so of another, and once more."""
    clone = at("package approved")
    true = records(clone, GRANTED)[-1]
    resigned = true.data | {"comment": "I resign"}
    put(clone, forged(true, data=resigned), forged(true, actor=THIEF))
    return clone


def test_no_page_tells_of_them(told: Clone) -> None:
    told.did("advance")
    assert "can land" in told.until().out
    note = told.read(NOTE)
    assert "Thief" not in note
    assert note.count("approved: package") == 1
    assert "Thief" not in told.did("digest")
    told.did("land")
    assert "Thief" not in told.read(NOTE, "main")
    assert told.codexa("verify").status == 0


def test_a_note_that_tells_of_them_is_not_what_the_records_say(told: Clone) -> None:
    note = told.read(NOTE)
    row = next(line for line in note.split("\n") if "approved: package" in line)
    told.commit({NOTE: note.replace(row, f"{row}\n{row.replace('Demo PM', 'Demo Thief')}")}, "x")
    said = " ".join(told.codexa("check").out.split())
    assert "changes/CH-001/status.md is not what the records say" in said


def test_the_packet_says_of_them_that_they_are_nobodys(told: Clone) -> None:
    page = told.folder / told.did("packet", "CH-001").strip()
    text = " ".join(re.sub(r"<[^>]+>", " ", page.read_text()).split())
    assert "not theirs: approved: package, in the name of Demo Thief (pm)" in text
    assert "thief@demo.invalid never had a role" in text
    assert "I resign" not in text
    assert text.count("not theirs") == 2


def test_what_was_truly_said_is_told_after_it_was_taken_back(at: At) -> None:
    clone = at("package approved")
    clone.did("withdraw", "-m", "it is dangerous")
    note = clone.read(NOTE)
    assert "approved: package" in note
    assert "approval withdrawn" in note


def test_a_true_no_outlives_its_signature_in_every_clone(at: At) -> None:
    clone = at("closed")
    clone.did("withdraw", "-m", "it is dangerous")
    *lines, last = clone.raw(COMMANDS).splitlines(keepends=True)
    (true,) = records(clone, BACK)
    assert last == format_record(true)
    clone.commit({COMMANDS: b"".join((*lines, format_record(spoilt(true))))}, "tidy")
    assert "is gone" in clone.refused("land") or "took a record" in clone.refused("land")
    assert clone.until().status != 0
