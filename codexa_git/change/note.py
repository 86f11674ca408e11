"""The status note, `changes/CH-###/status.md`: what the records say, for a reader of the folder.

It is generated from the records, so that anyone can tell it from one written by hand. Signed words
that are not their actors' are left out, as whoever judges signatures says.
"""

from collections.abc import Collection, Iterable

from codexa_git.audit.record import Record
from codexa_git.audit.words import ORDER, RecordType
from codexa_git.change.state import State
from codexa_git.change.text import escaped

STORY = {
    RecordType.OPENED: "opened",
    RecordType.LIGHTENED: "marked light",
    RecordType.PLANNED: "plan made",
    RecordType.RUN_FINISHED: "run finished",
    RecordType.TASK_FAILED: "task failed",
    RecordType.TASK_COMPLETED: "task completed",
    RecordType.RESULTS_RECORDED: "results recorded",
    RecordType.PACKAGED: "package made",
    RecordType.HANDOFF: "handed on",
    RecordType.REWORK: "sent back",
    RecordType.SYNCED: "synced",
    RecordType.CLOSED: "closed",
    RecordType.ABANDONED: "abandoned",
    RecordType.APPROVAL_REQUESTED: "approval asked for",
    RecordType.APPROVAL_GRANTED: "approved",
    RecordType.APPROVAL_WITHDRAWN: "approval withdrawn",
    RecordType.WAIVER_GRANTED: "tests waived",
    RecordType.CONCERN_RAISED: "concern raised",
    RecordType.CONCERN_STALLED: "stands still",
    RecordType.CONCERN_RESOLVED: "concern resolved",
    RecordType.CLARIFICATION_ASKED: "question asked",
    RecordType.CLARIFICATION_ANSWERED: "question answered",
}


def status_note(state: State, unheard: Collection[str] = ()) -> bytes:
    """The note's bytes; the records whose ids are `unheard` are nobody's words."""
    lines = [
        f"# {state.change}: {escaped(state.title)}",
        "",
        f"- Stage: {standing(state, unheard)}",
        f"- Opened: {state.opened.at} by {escaped(str(state.opened.actor))}",
        f"- Milestone: {escaped(state.opened.data['milestone'] or 'none')}",
        f"- Round: {state.round(state.stage)}",
        f"- Tasks completed: {len(state.done)}",
        f"- Concerns: {len(state.concerns)} raised",
        "",
        "| stage | round | what happened | by | when |",
        "| --- | --- | --- | --- | --- |",
        *(_row(record) for record in _story(state) if record.id not in unheard),
    ]
    return ("\n".join(lines) + "\n").encode()


def standing(state: State, unheard: Collection[str] = ()) -> str:
    """Where the change is by its records, in one word: a stage, `closed` or `abandoned`.

    That a signed word which counts ended it is for the gates to say.
    """
    said = (record.id for record in state.of(RecordType.ABANDONED))
    return reached(state) if all(name in unheard for name in said) else "abandoned"


def reached(state: State) -> str:
    """Where the change is or was when it ended, in one word: a stage, or `closed`."""
    return "closed" if state.closed is not None else str(state.stage)


def _story(state: State) -> list[Record]:
    records = [record for record in state.records if record.type in STORY]
    return in_story_order(records)


def in_story_order(records: Iterable[Record]) -> list[Record]:
    """The records by time; of one time, a handoff comes after what it waited for."""
    return sorted(records, key=lambda record: (record.at, record.type is RecordType.HANDOFF))


def _row(record: Record) -> str:
    stage = record.stage or ORDER[0]
    who = escaped(str(record.actor))
    return f"| {stage} | {record.round} | {told(record)} | {who} | {record.at} |"


def told(record: Record) -> str:
    """What one record of the story says happened, in a few words."""
    return f"{STORY[record.type]}{_detail(record)}"


def _detail(record: Record) -> str:
    data = record.data
    match record.type:
        case RecordType.HANDOFF | RecordType.REWORK:
            return f" to {data['to']}"
        case RecordType.TASK_COMPLETED | RecordType.TASK_FAILED:
            return f": {data['task_id']}"
        case RecordType.RESULTS_RECORDED:
            return f": {data['passed']} passed, {len(data['failed'])} failed"
        case RecordType.APPROVAL_GRANTED | RecordType.APPROVAL_REQUESTED:
            return ": " + ", ".join(sorted(data["gates"]))
        case _:
            return ""
