"""A run's log: what it says goes round, and a line that cannot have happened is refused."""

from typing import Any

import pytest

from codexa_git.change.runlog import FIELDS, Event, completions, event_line, parse_run_log
from codexa_git.errors import RecordError

PATH = "artifacts/work/CH-001/run-001/log.jsonl"
TOUCHED = [{"path": "a.py", "mode": "100644", "blob": "a" * 40}]
STARTED = event_line(
    Event.RUN_STARTED,
    change="CH-001",
    run="run-001",
    round=1,
    provider="scripted",
    seed=7,
    tasks=["T-01", "T-02"],
    unapproved=False,
)
FINISHED = event_line(Event.RUN_FINISHED, outcome="completed")


def begins(task: str = "T-01") -> bytes:
    return event_line(Event.TASK_STARTED, task_id=task, title="a", recipe="command")


def runs(task: str = "T-01") -> bytes:
    return event_line(Event.COMMAND_RAN, task_id=task, run="make", exit=0, status="exited")


def completes(task: str = "T-01") -> bytes:
    return event_line(Event.TASK_COMPLETED, task_id=task, by="agent", files_touched=TOUCHED)


def fails(task: str = "T-01") -> bytes:
    return event_line(Event.TASK_FAILED, task_id=task, reason="make: exit status 2")


def skips(task: str = "T-02") -> bytes:
    return event_line(Event.TASK_SKIPPED, task_id=task, reason="it waits for a person")


def test_what_is_written_is_read_in_order() -> None:
    lines = [STARTED, begins(), runs(), runs(), completes(), skips(), FINISHED]
    found = parse_run_log(b"".join(lines), PATH)
    assert [event["event"] for event in found] == [
        "run.started",
        "task.started",
        "command.ran",
        "command.ran",
        "task.completed",
        "task.skipped",
        "run.finished",
    ]
    assert completions(found) == {"T-01": TOUCHED}


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_run_that_goes_on_can_be_read_after_every_line(cut: int) -> None:
    lines = [STARTED, begins(), runs(), fails(), skips(), FINISHED]
    assert len(parse_run_log(b"".join(lines[:cut]), PATH)) == min(cut, 6)


IMPOSSIBLE = {
    "a task before the run": [begins()],
    "a run that starts twice": [STARTED, STARTED],
    "a command of no task": [STARTED, runs()],
    "a command of another task": [STARTED, begins(), runs("T-02")],
    "a completion without a start": [STARTED, completes()],
    "two completions": [STARTED, begins(), completes(), completes()],
    "a failure of another task": [STARTED, begins(), fails("T-02")],
    "a task begun within another": [STARTED, begins(), begins("T-02")],
    "a task done twice": [STARTED, begins(), completes(), begins()],
    "a task skipped and done": [STARTED, skips("T-01"), begins()],
    "a task the run was not given": [STARTED, begins("T-03")],
    "an end within a task": [STARTED, begins(), FINISHED],
    "a line after the end": [STARTED, FINISHED, skips()],
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_have_happened_is_refused_at_its_line(name: str) -> None:
    lines = IMPOSSIBLE[name]
    with pytest.raises(RecordError, match=rf"log\.jsonl:{len(lines)}: "):
        parse_run_log(b"".join(lines), PATH)


@pytest.mark.parametrize(
    "line",
    [
        b"not json\n",
        b"[]\n",
        STARTED.replace(b'"seed":7', b'"seed": 7'),
        STARTED.replace(b'"format":1', b'"format":2'),
        STARTED.replace(b'"format":1', b'"format":true'),
        STARTED.replace(b'"event":"run.started"', b'"event":"run.begun"'),
        STARTED.replace(b'"event":"run.started"', b'"event":[]'),
        STARTED.replace(b'"seed":7', b'"seed":"7"'),
        STARTED.replace(b'"format":1,', b'"format":1,"host":"here",'),
        STARTED.removesuffix(b"\n"),
    ],
)
def test_a_line_of_another_form_is_refused(line: bytes) -> None:
    with pytest.raises(RecordError, match=r"log\.jsonl:1: "):
        parse_run_log(line, PATH)


@pytest.mark.parametrize("event", Event)
def test_nothing_is_written_that_could_not_be_read(event: Event) -> None:
    fields: dict[str, Any] = {name: object() for name in FIELDS[event]}
    with pytest.raises(RecordError, match=f"what a log says of {event}"):
        event_line(event, **fields)


def test_every_event_has_its_fields() -> None:
    assert set(FIELDS) == set(Event)
