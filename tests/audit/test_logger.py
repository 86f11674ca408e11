"""The audit files: read whole or refused by file and line, and appended to."""

from collections.abc import Callable

import pytest

from codexa_git.audit.logger import AuditLogger, in_file_order, log_path, parse_log, read_records
from codexa_git.audit.record import Actor, Record, format_record, make
from codexa_git.audit.words import RecordType, Stage
from codexa_git.errors import RecordError

ACTOR = Actor("Demo PM", "pm@demo.invalid", "pm")
AT = 1_767_225_600
CONCERNS = "audit/CH-001/concerns.jsonl"
COMMANDS = "audit/CH-001/commands.jsonl"


def concern(text: str, at: int = AT, change: str | None = "CH-001") -> Record:
    return make(
        RecordType.CONCERN_RAISED,
        {"text": text, "tests": [], "by": "person", "due": None},
        change=change,
        stage=Stage.FRAME,
        round=1,
        actor=ACTOR,
        at=at,
    )


def question(text: str, at: int = AT) -> Record:
    return make(
        RecordType.CLARIFICATION_ASKED,
        {"question": text},
        change="CH-001",
        stage=Stage.FRAME,
        round=1,
        actor=ACTOR,
        at=at,
    )


def reader(files: dict[str, bytes]) -> Callable[[str], bytes | None]:
    return files.get


def log(*records: Record) -> bytes:
    return b"".join(map(format_record, records))


def test_records_are_read_in_line_order() -> None:
    one, two = concern("one"), concern("two", AT - 60)
    assert parse_log(log(one, two), CONCERNS, "CH-001") == (one, two)


def test_an_empty_file_holds_none() -> None:
    assert parse_log(b"", CONCERNS, "CH-001") == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (log(concern("a"), concern("b"))[:-1], f"{CONCERNS}:2: the last line is cut short"),
        (log(concern("a")) + b"\n", f"{CONCERNS}:2: not JSON"),
        (b"\n", f"{CONCERNS}:1: not JSON"),
        (log(concern("a")) + b"{}\n", f"{CONCERNS}:2: a record of format None"),
        (log(concern("a"), concern("b", change="CH-002")), f"{CONCERNS}:2: a record of CH-002"),
        (log(concern("a", change=None)), f"{CONCERNS}:1: a record of None"),
        (
            log(concern("a"), question("b")),
            f"{CONCERNS}:2: clarification.asked belongs in commands",
        ),
        (log(concern("a")).replace(b"\n", b"\r\n"), f"{CONCERNS}:1: JSON that is not in canonical"),
    ],
)
def test_a_refusal_names_file_and_line(content: bytes, sentence: str) -> None:
    with pytest.raises(RecordError) as refused:
        parse_log(content, CONCERNS, "CH-001")
    assert refused.value.message.startswith(sentence)


def test_a_record_that_stands_twice_is_refused_within_a_file() -> None:
    one = concern("one")
    with pytest.raises(RecordError, match=f"stands twice in the audit of CH-001: {one.id}"):
        read_records(reader({CONCERNS: log(one, one)}), "CH-001")


def test_the_files_are_read_one_after_the_other() -> None:
    files = {CONCERNS: log(concern("c")), COMMANDS: log(question("q"))}
    assert read_records(reader(files), "CH-001") == (question("q"), concern("c"))
    assert in_file_order([concern("c"), question("q")]) == (question("q"), concern("c"))


def test_the_repositorys_own_files_lie_above() -> None:
    assert log_path(None, "handoff") == "audit/handoff.jsonl"
    assert log_path("CH-001", "handoff") == "audit/CH-001/handoff.jsonl"


def test_what_is_appended_is_the_last_line_of_its_file() -> None:
    logger = AuditLogger(reader({CONCERNS: log(concern("one"))}), "CH-001")
    logger.append(concern("two"))
    logger.append(question("why?"))
    logger.append(concern("three"))
    assert logger.files[CONCERNS] == log(concern("one"), concern("two"), concern("three"))
    assert logger.files[COMMANDS] == log(question("why?"))
    assert read_records(reader(logger.files), "CH-001") == logger.records


def test_files_that_nothing_was_appended_to_are_not_written() -> None:
    logger = AuditLogger(reader({CONCERNS: log(concern("one"))}), "CH-001")
    assert logger.files == {}


def test_time_never_goes_back_behind_a_record() -> None:
    logger = AuditLogger(reader({CONCERNS: log(concern("one", AT + 5), concern("two"))}), "CH-001")
    assert logger.time(AT) == AT + 5
    assert logger.time(AT + 9) == AT + 9
    assert AuditLogger(reader({}), "CH-001").time(AT) == AT


def test_a_record_of_another_change_is_a_bug() -> None:
    with pytest.raises(RuntimeError):
        AuditLogger(reader({}), "CH-001").append(concern("one", change="CH-002"))


def test_a_damaged_file_is_not_appended_to() -> None:
    with pytest.raises(RecordError):
        AuditLogger(reader({CONCERNS: b"x"}), "CH-001")
