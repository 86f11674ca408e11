"""What is at hand of what was read: the last answers, as long as they are of few bytes."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from codexa_git.audit.logger import parse_log
from codexa_git.audit.recent import MOST_ANSWERS, forget, recent
from codexa_git.audit.record import Actor, Record, format_record, make, parse_record
from codexa_git.audit.words import RecordType, Stage, log_path
from codexa_git.change.blocks import put, spans
from codexa_git.change.evidence import RunDocument, format_run, parse_run
from codexa_git.change.results import (
    Command,
    Outcome,
    Results,
    Snapshot,
    format_results,
    parse_results,
)

SIZE = 8 * 1024 * 1024
NUMBER = 6
MOST = 40 * 1024 * 1024
"""Less than is read below."""


def raised(text: str) -> Record:
    data: dict[str, Any] = {"text": text, "tests": [], "by": "person", "due": None}
    actor = Actor("Demo PM", "pm@demo.invalid", "pm")
    kind, stage = RecordType.CONCERN_RAISED, Stage.FRAME
    return make(kind, data, change="CH-001", stage=stage, round=1, actor=actor, at=1_767_225_600)


def a_record(number: int) -> None:
    text = f"{number} ".ljust(SIZE - 1000, "a")
    parse_record(format_record(raised(text)).rstrip(b"\n"))


def a_log(number: int) -> None:
    lines = format_record(raised(f"{number} ".ljust(SIZE - 1000, "a")))
    parse_log(lines, log_path("CH-001", "concerns"), "CH-001")


def a_run(number: int) -> None:
    tasks = ((f"T-{number:02}", "a" * SIZE),)
    parse_run(format_run(RunDocument("CH-001", "run-001", 1, "scripted", 7, tasks, ())), "p")


def results(number: int) -> None:
    command = Command("make", 0, "exited", "sha256:" + "a" * 64)
    outcome, snapshot = Outcome(f"{number}", "failed", "a" * SIZE), Snapshot("same", "same", ())
    made = Results("CH-001", 1, "a" * 40, (command,), (outcome,), (), snapshot, ())
    parse_results(format_results(made), "p")


def a_page(number: int) -> None:
    spans(put(b"x\n", "CH-001", b"%d" % number + b"a" * SIZE))


@pytest.mark.parametrize("read", [a_record, a_log, a_run, results, a_page])
def test_however_much_is_read_little_of_it_is_kept(read: Callable[[int], None]) -> None:
    tracemalloc.start()
    try:
        for number in range(NUMBER):
            read(number)
        assert tracemalloc.get_traced_memory()[0] < MOST
    finally:
        tracemalloc.stop()


class Reader:
    """A function that keeps its answers, and which contents it was asked to read."""

    def __init__(self, most: int) -> None:
        self.read: list[bytes] = []
        self.answer = recent(most)(self._upper)

    def _upper(self, content: bytes, end: str = "") -> str:
        """What it says, in capitals."""
        self.read.append(content)
        if content == b"bad":
            raise ValueError(content)
        return content.decode().upper() + end


def test_the_last_answers_are_at_hand() -> None:
    reader = Reader(6)
    assert [reader.answer(b"ab"), reader.answer(b"cd"), reader.answer(b"ab")] == ["AB", "CD", "AB"]
    assert reader.read == [b"ab", b"cd"]
    assert (reader.answer(b"ab", "!"), reader.answer(b"ab", end="?")) == ("AB!", "AB?")
    assert reader.answer.__doc__ == "What it says, in capitals."


def test_the_oldest_goes_where_they_are_of_too_many_bytes() -> None:
    reader = Reader(6)
    for content in (b"ab", b"cd", b"ef", b"gh", b"cd", b"ab"):
        reader.answer(content)
    assert reader.read == [b"ab", b"cd", b"ef", b"gh", b"ab"]


def test_what_is_longer_than_all_that_is_kept_drives_nothing_out() -> None:
    reader = Reader(6)
    for content in (b"ab", b"abcdefg", b"abcdefg", b"ab"):
        reader.answer(content)
    assert reader.read == [b"ab", b"abcdefg", b"abcdefg"]


def test_nothing_of_no_length_is_kept_for_ever() -> None:
    reader = Reader(6)
    for number in range(MOST_ANSWERS + 1):
        reader.answer(b"", str(number))
    reader.answer(b"", "0")
    assert len(reader.read) == MOST_ANSWERS + 2


def test_what_is_forgotten_is_read_again() -> None:
    reader = Reader(6)
    for content in (b"abcd", b"abcd"):
        reader.answer(content)
        forget()
    for content in (b"ef", b"ghij", b"ef"):
        reader.answer(content)
    assert reader.read == [b"abcd", b"abcd", b"ef", b"ghij"]


def test_no_answer_is_asked_for_again() -> None:
    reader = Reader(6)
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            reader.answer(b"bad")
    assert len(reader.read) == 2
