"""What the gate of Execute asks: every task done, with evidence, and nothing failed."""

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.change.evidence import parse_task
from codexa_git.change.paths import Kind
from codexa_git.change.runlog import completions, parse_run_log
from codexa_git.change.text import counted
from codexa_git.gate.answers import Answer, Basis, no, yes
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import tester_signed

_IMPLEMENTER = ("Implementer (agent)",)
_DOERS = {"agent": "an agent", "person": "a person"}


def tasks_complete(case: Case) -> Answer:
    """Validate starts when every task of the plan is done.

    Where one touched the product, something of the work is still there.
    """
    missing = [task.id for task in case.plan.tasks if task.id not in case.state.done]
    ready = [task for task in missing if _is_ready(case, task)]
    failed = [task for task in ready if task in case.state.failed]
    if failed and all(task in failed or _is_by_hand(case, task) for task in ready):
        return no(
            f"{failed[0]} failed, see {_log(case, case.state.failed[failed[0]])}",
            who=tuple(person.name for person in case.policy.people),
            command=_mend(case, failed[0]),
        )
    if ready and all(_is_by_hand(case, task) for task in ready):
        by_hand = [task for task in missing if _is_by_hand(case, task)]
        later = [task for task in missing if task not in by_hand]
        return no(
            f"{_waits(by_hand)}{_after(later)}",
            who=tuple(person.name for person in case.policy.people),
            command=f'git commit -m "{ready[0]} ...", then: {case.advance}',
        )
    if missing:
        return no(
            f"{', '.join(missing)} not done",
            who=_IMPLEMENTER,
            command=case.advance,
        )
    if any(record.data["files_touched"] for record in _done(case)) and not case.of_kind(
        Kind.PRODUCT
    ):
        return no(
            f"nothing of the product differs from {case.context.branch} any more",
            who=tuple(person.name for person in case.policy.people),
            command=f'git codexa rework {case.change} -m "its work was taken back"',
        )
    return yes(f"{len(case.plan.tasks)} of {len(case.plan.tasks)}", _basis(case, _done(case)))


def _mend(case: Case, task: str) -> str:
    """The ways on from a task that failed, which would only fail again as it stands."""
    listed = case.read(case.places.recipes) is not None
    path = case.places.recipes if listed else case.places.planner
    again = f"git codexa advance {case.change} --replan" if listed else case.advance
    ways = f"mend {path}, or leave {task} to people there"
    return f"{ways}, then: {again} (or: {case.advance} --retry)"


def _is_ready(case: Case, name: str) -> bool:
    task = case.plan.task(name)
    return task is not None and set(task.after) <= case.state.done.keys()


def _after(later: list[str]) -> str:
    return f"; {', '.join(later)} after that" if later else ""


def _is_by_hand(case: Case, task: str) -> bool:
    recipe = case.planner.recipe(task)
    return recipe is not None and recipe.kind == "person"


def _waits(tasks: list[str]) -> str:
    """Which tasks wait, and what a commit has to look like that does one of them."""
    if len(tasks) > 1:
        return f"{', '.join(tasks)} wait for a person: a commit does those that its subject names"
    named = f"a commit does it that changes the product or names {tasks[0]} in its subject"
    return f"{tasks[0]} waits for a person: {named}"


def task_evidence(case: Case) -> Answer:
    """Every finished task names the files it touched, and its evidence is as recorded."""
    for record in _done(case):
        if problem := _evidence_problem(case, record):
            return no(problem, who=_IMPLEMENTER, command=f"git codexa rework {case.change}")
    touched = sum(len(record.data["files_touched"]) for record in _done(case))
    return yes(f"{counted(touched, 'file')} touched", _basis(case, _done(case)))


def _evidence_problem(case: Case, record: Record) -> str | None:
    task = record.data["task_id"]
    path = case.places.run(record.data["run"], f"{task}.json")
    log = case.places.run(record.data["run"], "log.jsonl")
    if _is_by_hand(case, task) != (record.data["by"] == "person"):
        # Nobody signs a record of a task: only the approved recipe says whose task it is.
        return f"{task} is on record as done by {_DOERS[record.data['by']]}, and its recipe is not"
    if path not in record.data["evidence"]:
        return f"{task} names no evidence"
    if log not in record.data["evidence"]:
        return f"{task} names no log of its run"
    for name, expected in record.data["evidence"].items():
        if case.state.evidence[name] != expected:
            continue
        if case.digest_of(name) != expected:
            return f"{name} is not what {task} recorded"
    content = case.read(path)
    said = parse_task(content or b"", path)
    touched = record.data["files_touched"]
    if said["task_id"] != task or said["files_touched"] != touched:
        return f"{path} says something else than the record of {task}"
    if completions(parse_run_log(case.read(log) or b"", log)).get(task) != touched:
        return f"{log} says something else than the record of {task}"
    return None


def assertions_pass(case: Case) -> Answer:
    """The last run ended, with every task done that it was given."""
    state = case.state
    if state.open_run is not None:
        return no(
            f"{state.open_run.data['run']} was not finished",
            who=_IMPLEMENTER,
            command=case.advance,
        )
    if state.last_run is None:
        return no("no run yet", who=_IMPLEMENTER, command=case.advance)
    if state.last_run.data["outcome"] != "completed":
        return no(
            f"{state.last_run.data['run']} stopped{_why(case)}",
            who=_IMPLEMENTER,
            command=case.advance,
        )
    return yes(f"{state.last_run.data['run']} completed", _basis(case, (state.last_run,)))


def _why(case: Case) -> str:
    failed = case.state.of(RecordType.TASK_FAILED)
    if not failed:
        return ""
    return f" at {failed[-1].data['task_id']}, see {_log(case, failed[-1])}"


def _log(case: Case, failed: Record) -> str:
    return case.places.run(failed.data["run"], f"{failed.data['task_id']}.log")


def _done(case: Case) -> tuple[Record, ...]:
    planned = {task.id for task in case.plan.tasks}
    return tuple(record for task, record in sorted(case.state.done.items()) if task in planned)


def _basis(case: Case, records: tuple[Record, ...]) -> Basis:
    """Attested where the Tester's signed results list every one of these records as checked."""
    signed = tester_signed(case)
    if signed is None or not signed.counts or case.results is None:
        return Basis.CLAIMED
    checked = set(case.results.records)
    return Basis.ATTESTED if all(r.id in checked for r in records) else Basis.CLAIMED
