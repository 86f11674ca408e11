"""Results and evidence: one form to write and to read, and pages that nobody can forge through."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.audit.canonical import digest
from codexa_git.change.coverage import Coverage, Reach
from codexa_git.change.evidence import (
    RunDocument,
    format_run,
    format_task,
    parse_run,
    parse_task,
)
from codexa_git.change.results import (
    Command,
    CustomOutcome,
    Outcome,
    Results,
    Snapshot,
    format_results,
    indented,
    parse_results,
    read_indented,
)
from codexa_git.errors import RecordError

DIGEST = digest(b"x")
TREE = "a" * 40
SOUND = Results(
    "CH-001",
    1,
    TREE,
    (Command("make test", 0, "exited", DIGEST), Command("x", None, "timed-out", DIGEST)),
    (
        Outcome("a", "passed", ""),
        Outcome("b", "failed", "no"),
        Outcome("c", "error", "no"),
        Outcome("d", "skipped", ""),
    ),
    (CustomOutcome("lint", "make lint", "passed"),),
    Snapshot("same", "different", ("b: failed then passed",)),
    (DIGEST,),
    Coverage(7, 9, Reach(2, 3)),
)
UNMEASURED = SOUND._replace(coverage=None, coverage_problem="no test command left a report")
RUN = RunDocument("CH-001", "run-001", 1, "scripted", 7, (("T-01", "completed"),), ())
TASK = {
    "change": "CH-001",
    "run": "run-001",
    "task_id": "T-01",
    "title": "a title",
    "recipe": "patch x",
    "start": TREE,
    "commands": [{"run": "make", "exit": 0, "status": "exited"}],
    "files_touched": [{"path": "x", "mode": "100644", "blob": TREE}],
}
FILES: dict[str, tuple[bytes, Callable[[bytes, str], object]]] = {
    "results": (format_results(SOUND), parse_results),
    "unmeasured results": (format_results(UNMEASURED), parse_results),
    "run": (format_run(RUN), parse_run),
    "task": (format_task(TASK), parse_task),
}


def test_each_file_goes_round() -> None:
    assert parse_results(format_results(SOUND), "p") == SOUND
    assert parse_results(format_results(UNMEASURED), "p") == UNMEASURED
    assert parse_run(format_run(RUN), "p") == RUN
    assert parse_task(format_task(TASK), "p") == TASK | {"format": 1}


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_any_mutation_is_refused_or_says_another_thing(name: str, data: st.DataObject) -> None:
    content, parse = FILES[name]
    at = data.draw(st.integers(0, len(content)))
    byte = data.draw(st.sampled_from(b"\0\t\n\r 0a\xff") | st.integers(0, 255))
    for made in (
        content[:at] + bytes([byte]) + content[at:],
        content[:at] + bytes([byte]) + content[at + 1 :],
        content[:at] + content[at + 1 :],
    ):
        try:
            value = parse(made, "p")
        except RecordError:
            continue
        assert made == content or value != parse(content, "p")


@pytest.mark.parametrize("name", FILES)
@given(content=st.binary(max_size=100))
def test_any_bytes_are_refused_with_a_sentence(name: str, content: bytes) -> None:
    with pytest.raises(RecordError, match=r"^p: "):
        FILES[name][1](content, "p")


REPLACED = [
    *((b'"round": 1', text) for text in (b'"round": 1.0', b'"round": NaN', b'"round": true')),
    *((b'"round": 1', text) for text in (b'"round": -1', b'"round": ' + b"9" * 5000)),
    (b'"round": 1', b'"round": 1,\n  "round": 1'),
    (b'"covered": 7', b'"covered": 7.0'),
    (b'"covered": 7', b'"covered": 10'),
    (b'"covered": 7', b'"covered": 9'),
    (b'"covered": 7', b'"covered": 1'),
    (b'"covered": 2', b'"covered": 4'),
    (b'"covered": 2', b'"covered": -1'),
    (b'"coverage_problem": null', b'"coverage_problem": "both"'),
    (b'"coverage_problem": null', b'"coverage_problem": 1'),
    (b'"format": 1', b'"format": 2'),
    (b'"format": 1', b'"format": true'),
    (b"CH-001", "\u0421H-001".encode()),
    (b"CH-001", b"CH-0001"),
    (b'"change"', b'"aside": 1,\n  "change"'),
    (b'"a"', b'"b"'),
    (b'"a"', b'"z"'),
    (b'"passed"', b'"PASSED"'),
    (b'"message": "no"', b'"message": "no\\u001b[31m"'),
    (b'"message": "no"', b'"message": "no\\n# forged"'),
    (b'"message": "no"', '"message": "no\u202e"'.encode()),
    (b'"message": "no"', b'"message": "\\ud800"'),
    (b"\n}\n", b"\n}"),
    (b"\n}\n", b"\n}\n\n"),
]


@pytest.mark.parametrize(("old", "new"), REPLACED)
def test_results_in_another_form_are_refused(old: bytes, new: bytes) -> None:
    content = format_results(SOUND)
    assert old in content
    with pytest.raises(RecordError):
        parse_results(content.replace(old, new, 1), "p")


def test_line_ends_are_part_of_the_form() -> None:
    with pytest.raises(RecordError):
        parse_results(format_results(SOUND).replace(b"\n", b"\r\n"), "p")


def test_tests_are_sorted_and_named_once() -> None:
    for outcomes in (SOUND.outcomes[::-1], (SOUND.outcomes[0],) * 2):
        with pytest.raises(RecordError, match="out of order, or one named twice"):
            parse_results(format_results(SOUND._replace(outcomes=outcomes)), "p")


def test_outcomes_are_told_apart() -> None:
    assert SOUND.passed == ("a",)
    assert SOUND.failed == ("b", "c")
    assert SOUND.skipped == ("d",)
    assert not SOUND.snapshot.matches


def test_the_pairs_are_bound_and_messages_are_not() -> None:
    def with_(outcome: Outcome) -> Results:
        return SOUND._replace(outcomes=(outcome, *SOUND.outcomes[1:]))

    assert with_(Outcome("a", "passed", "other words")).pairs == SOUND.pairs
    assert with_(Outcome("a", "skipped", "")).pairs != SOUND.pairs
    assert with_(Outcome("aa", "passed", "")).pairs != SOUND.pairs


def test_deep_nesting_is_refused() -> None:
    for depth in (500, 990, 5000, 100_000):
        with pytest.raises(RecordError):
            read_indented(b"[" * depth + b"]" * depth, "p")
        with pytest.raises(RecordError):
            read_indented(b'{"a":' * depth + b"1" + b"}" * depth, "p")


def test_utf_16_is_not_read() -> None:
    text = format_results(SOUND).decode()
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        with pytest.raises(RecordError):
            read_indented(text.encode(encoding), "p")


def test_a_task_that_is_written_is_checked() -> None:
    with pytest.raises(RecordError):
        format_task(TASK | {"title": "two\nlines"})
    assert json.loads(format_task(TASK))["format"] == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4), VALUES))
def test_the_form_is_that_of_the_standard_library(value: dict[str, Any]) -> None:
    told = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert indented(value) == told.encode()
