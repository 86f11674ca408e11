"""Making one of a change's commits again, from what was put in: one function a command.

What was put in is read from the commit itself: see `replaying` for what that is, and why.
"""

from collections.abc import Callable, Mapping
from typing import Any

from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import Record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.evidence import parse_run, parse_task
from codexa_git.change.paths import Kind, Places, kind_of
from codexa_git.change.results import parse_results
from codexa_git.errors import RefusedError
from codexa_git.repository.objects import Commit, Difference, Entry
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground, policy_at
from codexa_git.workflow.changes.draft import AGENTS, Built, Draft, hand_on
from codexa_git.workflow.changes.moment import Footing, Moment, held_base
from codexa_git.workflow.decisions.avowing import as_before
from codexa_git.workflow.decisions.deciding import SAID, settled
from codexa_git.workflow.decisions.reworking import rework
from codexa_git.workflow.stages.attempting import Attempt
from codexa_git.workflow.stages.closing import close, dropped
from codexa_git.workflow.stages.looking import Seen
from codexa_git.workflow.stages.opening import opened
from codexa_git.workflow.stages.packaging import make_package
from codexa_git.workflow.stages.planning import make_plan
from codexa_git.workflow.stages.running import Run, close_run, record_task, wait_for_person
from codexa_git.workflow.stages.stalling import stalled
from codexa_git.workflow.stages.syncing import synced
from codexa_git.workflow.stages.validating import follow_up


def new_records(store: Store, change: str, commit: Commit) -> list[Record]:
    """The records that a commit adds, file by file.

    Raises:
        RefusedError: an audit file was not only appended to.
    """
    found: list[Record] = []
    for name in LOG_NAMES:
        path = log_path(change, name)
        before = store.read(store.tree_of(commit.parents[0]), path) or b""
        after = store.read(commit.tree, path) or b""
        if not after.startswith(before):
            raise _taken_out(commit, path)
        known = before.count(b"\n")
        found += parse_log(after, path, change)[known:]
    return found


def _taken_out(commit: Commit, path: str) -> RefusedError:
    oid, again = commit.oid[:12], "git commit --amend --no-edit --allow-empty"
    return RefusedError(
        f"{oid} takes lines out of {path}, which is only appended to",
        hint=(
            f"put them back: git checkout {oid}~1 -- {path}; {again}",
            f"where others stand on it, that goes after git rebase -i {oid}~1, which edits it",
        ),
    )


def as_then(ground: Ground, commit: Commit, new: list[Record]) -> Ground:
    """The ground at the time at which the command that made this commit made its records.

    What a person said, or a tester signed, was perhaps said before it was put where it stands.
    """
    made = [r.seconds for r in new if r.type not in (*SAID, RecordType.RESULTS_RECORDED)]
    at = min(made) if made else commit.author.seconds
    return ground._replace(at=at, again=True)


def reopened(
    ground: Ground, change: str, parent: Commit, commit: Commit, new: list[Record]
) -> Built:
    """The opening commit, with the brief that it held."""
    record = _of(new, RecordType.OPENED)
    held = held_base(ground, parent)
    footing = Footing(ground, change, parent, held, policy_at(ground.store, held.tree))
    brief = ground.store.read(commit.tree, Places(change).brief) or b""
    light = next((r.data for r in new if r.type is RecordType.LIGHTENED), None)
    return opened(footing, record.actor, brief, record.data, light)


def _of(records: list[Record], kind: RecordType) -> Record:
    return next(record for record in records if record.type is kind)


def _planned_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    del commit
    return make_plan(moment, _of(new, RecordType.PLANNED).data["seed"])


def _synced_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    """The merge's own tree is taken as it is: the commit's, without what this commit recorded."""
    store, places = moment.store, moment.places
    paths = [places.status, *(log_path(moment.change, name) for name in LOG_NAMES)]
    before: Mapping[str, Entry | None] = {p: store.entry(moment.tip.tree, p) for p in paths}
    tree = store.write_tree(commit.tree, before)
    base = store.headed(commit.parents[1])
    return synced(moment, _of(new, RecordType.SYNCED).actor, base, tree)


def _packaged_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    del commit, new
    return make_package(moment)


def _closed_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    del commit, new
    return close(moment)


def _tested_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    """The signed results stand; what follows from them is made again."""
    path = moment.places.results
    content = moment.store.read(commit.tree, path) or b""
    draft = Draft(moment.footing, Stage.VALIDATE, AGENTS[AgentRole.TESTER])
    draft.put(path, content)
    draft.add(_of(new, RecordType.RESULTS_RECORDED))
    return follow_up(moment, draft, Seen(parse_results(content, path), {})).built


def _stalled_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    del commit, new
    return stalled(moment)


def _said_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    """What a person said stands; the message and the handoff are made again."""
    del commit
    said = [r for r in new if r.type is RecordType.COMMAND_SAID]
    said += [r for r in new if r.type in SAID and r not in said]
    draft = Draft(moment.footing, said[0].stage or Stage.FRAME, said[0].actor)
    for record in said:
        draft.add(record)
    return settled(draft)


def _sent_back_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    del commit
    record = _of(new, RecordType.REWORK)
    data = record.data
    return rework(moment, record.actor, Stage(data["to"]), data["reason"], tuple(data["tasks"]))


def _work_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    """A step of a run, or a handoff that nothing else came with."""
    tasks = [r for r in new if r.type in (RecordType.TASK_COMPLETED, RecordType.TASK_FAILED)]
    started = [r for r in new if r.type is RecordType.RUN_STARTED]
    if started:
        run = Run(moment, unapproved=started[0].data["unapproved"])
    elif moment.state.open_run is not None:
        run = Run.resumed(moment)
    else:
        return _handed_again(moment, new)
    if tasks:
        return _task_again(moment, commit, run, tasks[0])
    if started:
        return close_run(moment, run)
    waiting = [t.id for t in run.tasks if t.id not in dict(run.outcomes)]
    return wait_for_person(moment, run, waiting[0] if waiting else "nothing")


def _dropped_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    del commit
    data = _of(new, RecordType.RETENTION_DROPPED).data
    return dropped(moment, data["items"], data["reason"])


def _handed_again(moment: Moment, new: list[Record]) -> Built:
    handoff = next((r for r in new if r.type is RecordType.HANDOFF), None)
    if handoff is None:
        raise RefusedError(f"no command makes a commit of {', '.join(r.type for r in new)} alone")
    unmet = tuple(handoff.data["unmet"])
    if handoff.data["from"] == Stage.EXECUTE and not unmet:
        return close_run(moment, Run(moment, unapproved=False))
    return hand_on(moment, Stage(handoff.data["from"]), unmet)


def _task_again(moment: Moment, commit: Commit, run: Run, record: Record) -> Built:
    places, store = moment.places, moment.store
    task = moment.case.plan.task(record.data["task_id"])
    if task is None:
        raise RefusedError(f"{record.data['task_id']} is no task of the plan")
    path = places.run(run.name, f"{task.id}.json")
    said = parse_task(store.read(commit.tree, path) or b"", path)
    found = Attempt(
        ok=record.type is RecordType.TASK_COMPLETED,
        reason=record.data.get("reason", ""),
        recipe=said["recipe"],
        commands=tuple(said["commands"]),
        log=store.read(commit.tree, places.run(run.name, f"{task.id}.log")) or b"",
        output=_output(moment, commit, run, task.id),
        differences=tuple(
            d
            for d in store.difference(moment.tip.tree, commit.tree)
            if kind_of(d.path, moment.change) is Kind.PRODUCT
        ),
    )
    by_person = said["recipe"] == "person"
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    draft.enter({d.path: d.new for d in found.differences})
    if by_person:
        found = found._replace(differences=_handmade(said["files_touched"]))
    actor = record.actor if by_person else None
    avow = as_before(record)
    return record_task(draft, run, task, found, said["start"], by=actor, avow=avow).built


def _handmade(touched: list[dict[str, Any]]) -> tuple[Difference, ...]:
    return tuple(
        Difference(t["path"], None, None if t["mode"] is None else Entry(t["mode"], t["blob"]))
        for t in touched
    )


def _output(moment: Moment, commit: Commit, run: Run, task: str) -> str | None:
    path = moment.places.run(run.name, "run.json")
    document = parse_run(moment.store.read(commit.tree, path) or b"", path)
    name = f"{run.name}/{task}.log"
    return next((o["digest"] for o in document.outputs if o["name"] == name), None)


_Again = Callable[[Moment, Commit, list[Record]], Built]

_AGAIN: dict[RecordType, _Again] = {
    RecordType.PLANNED: _planned_again,
    RecordType.SYNCED: _synced_again,
    RecordType.CLOSED: _closed_again,
    RecordType.PACKAGED: _packaged_again,
    RecordType.RESULTS_RECORDED: _tested_again,
    RecordType.TASK_COMPLETED: _work_again,
    RecordType.TASK_FAILED: _work_again,
    RecordType.CONCERN_STALLED: _stalled_again,
    **dict.fromkeys(SAID, _said_again),
    RecordType.REWORK: _sent_back_again,
    RecordType.RETENTION_DROPPED: _dropped_again,
}
"""How a commit is made again, by what it records; the first that fits."""


def made_again(moment: Moment, commit: Commit, new: list[Record]) -> Built:
    """The commit that the command behind these records makes at this moment."""
    kinds = {record.type for record in new}
    for kind, remake in _AGAIN.items():
        if kind in kinds:
            return remake(moment, commit, new)
    return _work_again(moment, commit, new)
