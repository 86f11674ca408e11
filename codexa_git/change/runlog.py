"""The log of a run, `log.jsonl`: one line of canonical JSON an event, in the order they happened.

It says what follows from the run alone (no time, no duration, no folder, no host), so that a replay
writes the very same bytes.
"""

from enum import StrEnum
from functools import cache
from typing import Any

from codexa_git.audit.canonical import canonical, parsed
from codexa_git.audit.schema import CHANGE, RUN, TASK, TOUCHED
from codexa_git.audit.shapes import (
    FLAG,
    INTEGER,
    LINE,
    WHOLE,
    Shape,
    listing,
    one_of,
    optional,
    structure,
)
from codexa_git.errors import RecordError

FORMAT = 1


class Event(StrEnum):
    """What one line says happened. The words are stored, and never change meaning."""

    RUN_STARTED = "run.started"
    TASK_STARTED = "task.started"
    COMMAND_RAN = "command.ran"
    TASK_COMPLETED = "task.completed"
    TASK_FAILED = "task.failed"
    TASK_SKIPPED = "task.skipped"
    RUN_FINISHED = "run.finished"


FIELDS: dict[Event, dict[str, Shape]] = {
    Event.RUN_STARTED: {
        "change": CHANGE,
        "run": RUN,
        "round": WHOLE,
        "provider": LINE,
        "seed": WHOLE,
        "tasks": listing(TASK),
        "unapproved": FLAG,
    },
    Event.TASK_STARTED: {"task_id": TASK, "title": LINE, "recipe": LINE},
    Event.COMMAND_RAN: {"task_id": TASK, "run": LINE, "exit": optional(INTEGER), "status": LINE},
    Event.TASK_COMPLETED: {
        "task_id": TASK,
        "by": one_of("agent", "person"),
        "files_touched": listing(TOUCHED),
    },
    Event.TASK_FAILED: {"task_id": TASK, "reason": LINE},
    Event.TASK_SKIPPED: {"task_id": TASK, "reason": LINE},
    Event.RUN_FINISHED: {"outcome": one_of("completed", "stopped")},
}
"""What each event's line holds, besides `format` and `event`."""


def event_line(event: Event, **fields: Any) -> bytes:  # noqa: ANN401 (as `FIELDS` says)
    """The line of this event, with its newline."""
    _shape(event).check(fields, f"what a log says of {event}")
    return canonical({"format": FORMAT, "event": str(event), **fields}) + b"\n"


def parse_run_log(content: bytes, path: str) -> tuple[dict[str, Any], ...]:
    """The events of a run, in order; its last line may be any but the first, while it goes on.

    Raises:
        RecordError: a line is malformed, or comes where it cannot have happened; the message names
            the file and the line.
    """
    lines = content.split(b"\n")
    if lines.pop():
        raise RecordError(f"{path}:{len(lines) + 1}: the last line is cut short")
    told = _Told()
    for number, line in enumerate(lines, 1):
        try:
            told.take(_event(line))
        except RecordError as error:
            raise RecordError(f"{path}:{number}: {error.message}") from error
    return tuple(told.events)


def completions(events: tuple[dict[str, Any], ...]) -> dict[str, list[dict[str, Any]]]:
    """The files that each completed task touched: `{task_id, files_touched}`, as the log has it."""
    return {
        event["task_id"]: event["files_touched"]
        for event in events
        if event["event"] == Event.TASK_COMPLETED
    }


def _event(line: bytes) -> dict[str, Any]:
    value = parsed(line)
    if not isinstance(value, dict):
        raise RecordError("an event is a JSON object")
    if value.get("format") != FORMAT or isinstance(value.get("format"), bool):
        raise RecordError(f"an event of format {value.get('format')!a}")
    try:
        event = Event(value.get("event", ""))
    except ValueError as error:
        raise RecordError(f"an event of the unknown type {value.get('event')!a}") from error
    fields = {name: item for name, item in value.items() if name not in ("format", "event")}
    _shape(event).check(fields, f"what it says of {event}")
    return value


@cache
def _shape(event: Event) -> Shape:
    return structure(**FIELDS[event])


class _Told:
    """What a log has told so far, and so what can come next."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.open_task: str | None = None
        self.over: set[str] = set()
        self.finished = False

    def take(self, value: dict[str, Any]) -> None:
        event = Event(value["event"])
        if (event is Event.RUN_STARTED) != (not self.events) or self.finished:
            raise RecordError(f"{event} cannot happen here")
        match event:
            case Event.TASK_STARTED | Event.TASK_SKIPPED:
                self._once(event, value["task_id"])
                self.open_task = value["task_id"] if event is Event.TASK_STARTED else None
            case Event.COMMAND_RAN | Event.TASK_COMPLETED | Event.TASK_FAILED:
                if self.open_task != value["task_id"]:
                    raise RecordError(f"{event} of {value['task_id']}, which is not at hand")
                self.open_task = value["task_id"] if event is Event.COMMAND_RAN else None
            case Event.RUN_FINISHED:
                self._nothing_open(event)
                self.finished = True
            case _:
                pass
        self.events.append(value)

    def _once(self, event: Event, task: str) -> None:
        self._nothing_open(event)
        if task not in self.events[0]["tasks"] or task in self.over:
            raise RecordError(f"{event} of {task}, which this run does not wait for")
        self.over.add(task)

    def _nothing_open(self, event: Event) -> None:
        if self.open_task is not None:
            raise RecordError(f"{event} while {self.open_task} is at hand")
