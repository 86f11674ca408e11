"""Auditing: the records of every change and of the repository, as one stream ordered by time.

Landed changes are read from the base, open ones from their branches, here and as a remote had them
when this clone last looked. Nothing is judged here: what
a record says is what somebody wrote, and whether it counts is for gates and verify.
"""

from collections.abc import Callable, Container, Iterable
from typing import Any, NamedTuple

from codexa_git.audit.ids import change_number, is_change_id
from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import Record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import RecordType
from codexa_git.change.text import counted
from codexa_git.errors import CodexaError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, open_branches, unknown_here


class Stream(NamedTuple):
    """The records in order, and each file that could not be read, with why."""

    records: tuple[Record, ...]
    unread: tuple[str, ...]


def stream(ground: Ground, log: str | None, change: str | None) -> Stream:
    """The records of one log, or of all four; of one change, or of all and the repository's own.

    By time, then the repository before changes by number, then stage by stage. A file
    that cannot be read hides no other.

    Raises:
        UsageError: there is no such change.
    """
    trees = _trees(ground)
    if change is not None and change not in trees:
        raise unknown_here(ground.store, change)
    names = LOG_NAMES if log is None else (log,)
    found: dict[str, Record] = {}
    unread: dict[str, None] = {}
    for of in trees if change is None else (change,):
        for tree, path in ((t, log_path(of, name)) for name in names for t in trees[of]):
            try:
                for record in _read(ground.store, tree, path, of):
                    found.setdefault(record.id, record)
            except CodexaError as error:
                unread[error.message] = None
    return Stream(tuple(sorted(found.values(), key=place_in_stream)), tuple(unread))


def _trees(ground: Ground) -> dict[str | None, list[str]]:
    """The trees in which each change's records are read; the base's own for the repository's.

    Of an open change that is what this clone has of it, and what a remote has.
    """
    store, base = ground.store, ground.tip.tree
    trees: dict[str | None, list[str]] = {None: [base]}
    trees |= {name: [base] for name in changes_in(store, base)}
    tips = [*open_branches(ground).items(), *_open_elsewhere(ground, set(trees))]
    for name, tip in tips:
        trees.setdefault(name, []).append(store.tree_of(tip))
    return {name: list(dict.fromkeys(of)) for name, of in trees.items()}


def _open_elsewhere(ground: Ground, landed: Container[str | None]) -> list[tuple[str, str]]:
    """The remotes' branches of changes that have not landed, as this clone last saw them."""
    named = ((ref.rpartition("/change/")[2], oid) for ref, oid in _elsewhere(ground.store).items())
    return [(name, oid) for name, oid in sorted(named) if name not in landed]


def _elsewhere(store: Store) -> dict[str, str]:
    refs = store.refs("refs/remotes")
    return {r: o for r, o in refs.items() if is_change_id(r.rpartition("/change/")[2])}


def _read(store: Store, tree: str, path: str, change: str | None) -> Iterable[Record]:
    return parse_log(store.read(tree, path) or b"", path, change)


def place_in_stream(record: Record) -> tuple[int, int, int, int, bool]:
    """What records are ordered by: time, then change, then as that went through its stages.

    Of one stage a handoff comes last. Sorting is stable: what is equal stays as it stands.
    """
    number = 0 if record.change is None else change_number(record.change)
    stage = -1 if record.stage is None else record.stage.number
    is_last = record.type is RecordType.HANDOFF
    return record.seconds, number, record.round, stage, is_last


def moved(ground: Ground, known: dict[str, str]) -> tuple[Ground, dict[str, str]]:
    """The ground with the base as it is now, and the refs that can bring records.

    Where these are still those `known`, nothing but the refs was looked at.
    """
    store = ground.store
    refs = store.tips([ground.ref]) | store.refs(CHANGE_PREFIX) | _elsewhere(store)
    if refs == known or ground.ref not in refs:
        return ground, refs
    return ground._replace(tip=store.headed(refs[ground.ref])), refs


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
