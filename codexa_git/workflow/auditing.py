"""Auditing: the records of every change and of the repository, as one stream ordered by time.

Landed changes are read from the base, open ones from their branches. Nothing is judged here: what
a record says is what somebody wrote, and whether it counts is for gates and verify.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from codexa_git.audit.ids import change_number
from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import Record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import RecordType
from codexa_git.change.text import counted
from codexa_git.errors import CodexaError, UsageError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.store import Store
from codexa_git.workflow.ground import CHANGE_PREFIX, Ground, open_branches


class Stream(NamedTuple):
    """The records in order, and each file that could not be read, with why."""

    records: tuple[Record, ...]
    unread: tuple[str, ...]


def stream(ground: Ground, log: str | None, change: str | None) -> Stream:
    """The records of one log, or of all four; of one change, or of all and the repository's own.

    By time, then the repository before changes by number, then as they stand in their files. A file
    that cannot be read hides no other.

    Raises:
        UsageError: there is no such change.
    """
    trees = _trees(ground)
    if change is not None and change not in trees:
        raise UsageError(f"there is no change {change} here", hint="git codexa status lists them")
    names = LOG_NAMES if log is None else (log,)
    found: list[Record] = []
    unread: list[str] = []
    for of in trees if change is None else (change,):
        for path in (log_path(of, name) for name in names):
            try:
                found += _read(ground.store, trees[of], path, of)
            except CodexaError as error:
                unread.append(error.message)
    return Stream(tuple(sorted(found, key=_place)), tuple(unread))


def _trees(ground: Ground) -> dict[str | None, str]:
    """The tree in which each change's records are read; the base's own for the repository's."""
    store, base = ground.store, ground.tip.tree
    trees: dict[str | None, str] = {None: base}
    trees |= dict.fromkeys(changes_in(store, base), base)
    trees |= {name: store.tree_of(tip) for name, tip in open_branches(ground).items()}
    return trees


def _read(store: Store, tree: str, path: str, change: str | None) -> Iterable[Record]:
    return parse_log(store.read(tree, path) or b"", path, change)


def _place(record: Record) -> tuple[int, int]:
    """Sorting is stable: what is equal here stays as it stands in its file."""
    return record.seconds, 0 if record.change is None else change_number(record.change)


def moved(ground: Ground, known: dict[str, str]) -> tuple[Ground, dict[str, str]]:
    """The ground with the base as it is now, and the refs that can bring records.

    Where these are still those `known`, nothing but the refs was looked at.
    """
    store = ground.store
    refs = store.tips([ground.ref]) | store.refs(CHANGE_PREFIX)
    if refs == known or ground.ref not in refs:
        return ground, refs
    return ground._replace(tip=store.commit(refs[ground.ref])), refs


def detail(record: Record) -> str:
    """What one record tells beside its type, in a few words: any text may be a stranger's."""
    tell = _DETAILS.get(record.type)
    return "" if tell is None else tell(record.data)


_Tell = Callable[[dict[str, Any]], str]


def _reason(data: dict[str, Any]) -> str:
    return str(data["reason"])


def _task(data: dict[str, Any]) -> str:
    return f"{data['task_id']}, {counted(len(data['files_touched']), 'file')} touched"


def _gates(data: dict[str, Any]) -> str:
    return ", ".join(sorted(data["gates"]))


def _items(data: dict[str, Any]) -> str:
    return counted(len(data["items"]), "item")


_DETAILS: dict[RecordType, _Tell] = {
    RecordType.OPENED: lambda data: str(data["title"]),
    RecordType.PLANNED: lambda data: f"{counted(data['tasks'], 'task')}, seed {data['seed']}",
    RecordType.RUN_STARTED: lambda data: f"{data['run']}, {counted(len(data['tasks']), 'task')}",
    RecordType.TASK_COMPLETED: _task,
    RecordType.TASK_FAILED: lambda data: f"{data['task_id']}: {data['reason']}",
    RecordType.RUN_FINISHED: lambda data: f"{data['run']}, {data['outcome']}",
    RecordType.RESULTS_RECORDED: lambda d: f"{d['passed']} passed, {len(d['failed'])} failed",
    RecordType.HANDOFF: lambda data: f"{data['from']} to {data['to']}",
    RecordType.REWORK: lambda data: f"{data['from']} to {data['to']}: {data['reason']}",
    RecordType.CLOSED: lambda data: f"sealed over {counted(data['records'], 'record')}",
    RecordType.COMMAND_SAID: lambda data: f"{data['command']} {data['text']}",
    RecordType.APPROVAL_REQUESTED: _gates,
    RecordType.APPROVAL_GRANTED: _gates,
    RecordType.APPROVAL_WITHDRAWN: _reason,
    RecordType.CLARIFICATION_ASKED: lambda data: str(data["question"]),
    RecordType.CLARIFICATION_ANSWERED: lambda data: str(data["answer"]),
    RecordType.WAIVER_GRANTED: lambda data: f"{', '.join(data['tests'])}: {data['reason']}",
    RecordType.ABANDONED: _reason,
    RecordType.CONCERN_RAISED: lambda data: str(data["text"]),
    RecordType.CONCERN_STALLED: lambda data: str(data["text"]),
    RecordType.CONCERN_RESOLVED: _reason,
    RecordType.RETENTION_KEPT: _items,
    RecordType.RETENTION_ARCHIVED: _items,
    RecordType.RETENTION_DROPPED: _items,
    RecordType.RETENTION_SWEPT: _items,
    RecordType.POLICY_CHANGED: _reason,
    RecordType.BYPASS_GRANTED: _reason,
    RecordType.INCIDENT_DECLARED: _reason,
    RecordType.ROOT_MADE: lambda data: str(data["branch"]),
}
"""What is told of each type that has more to say than its name."""
