"""A run of Execute: what it has come to so far, and the commit that records one task of it."""

from itertools import count
from typing import Any, NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.ids import run_id
from codexa_git.audit.record import Actor
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.evidence import RunDocument, format_run, format_task, parse_run
from codexa_git.change.plan import Task, ordered
from codexa_git.change.runlog import Event, event_line
from codexa_git.errors import RecordError
from codexa_git.repository.objects import Difference
from codexa_git.workflow.changes.draft import AGENTS, Built, Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.avowing import Avow, as_touched, unsigned
from codexa_git.workflow.stages.attempting import Attempt


class Run:
    """One run of Execute: the tasks that it does, and what it has come to so far."""

    def __init__(self, moment: Moment, *, unapproved: bool) -> None:
        planner = moment.case.planner
        self.seed = planner.seed
        self.recipes = {recipe.task: recipe for recipe in planner.recipes}
        self.tasks = [t for t in ordered(moment.case.plan, self.seed) if _pending(moment, t)]
        self.name = _free_name(moment)
        self.unapproved = unapproved
        self.outcomes: list[tuple[str, str]] = []
        self.outputs: list[dict[str, str]] = []
        self.started = False
        self.ended = False
        self.provider = "scripted"

    @classmethod
    def resumed(cls, moment: Moment) -> "Run":
        """The run that is under way at this moment, as its records and its `run.json` tell it."""
        started = moment.state.open_run
        if started is None:
            raise RecordError("no run is under way here")
        run = cls(moment, unapproved=started.data["unapproved"])
        run.name, run.started = started.data["run"], True
        path = moment.places.run(run.name, "run.json")
        document = parse_run(moment.case.read(path) or b"", path)
        run.outcomes, run.outputs = list(document.tasks), list(document.outputs)
        return run

    def begin(self, draft: Draft) -> None:
        """The draft holds the record that the run started, once."""
        if self.started:
            return
        self.started = True
        data = {
            "run": self.name,
            "provider": self.provider,
            "seed": self.seed,
            "tasks": [task.id for task in self.tasks],
            "unapproved": self.unapproved,
        }
        draft.record(RecordType.RUN_STARTED, data, actor=AGENTS[AgentRole.IMPLEMENTER])
        self.log(draft, Event.RUN_STARTED, change=draft.change, round=draft.round, **data)

    def log(self, draft: Draft, event: Event, **fields: Any) -> None:  # noqa: ANN401 (as events go)
        """The draft holds the run's `log.jsonl` with one more line."""
        path = draft.places.run(self.name, "log.jsonl")
        draft.put(path, (draft.read(path) or b"") + event_line(event, **fields))

    def evidence(self, draft: Draft) -> dict[str, str]:
        """The digests of `run.json` and `log.jsonl` as the draft holds them now."""
        path = draft.places.run(self.name, "log.jsonl")
        return {path: digest(draft.read(path) or b""), **self.document(draft)}

    def document(self, draft: Draft) -> dict[str, str]:
        """The draft holds `run.json` as it is now; its digest."""
        path = draft.places.run(self.name, "run.json")
        content = format_run(
            RunDocument(
                draft.change,
                self.name,
                draft.round,
                self.provider,
                self.seed,
                tuple(self.outcomes),
                tuple(self.outputs),
            )
        )
        draft.put(path, content)
        return {path: digest(content)}

    def finish(self, draft: Draft, outcome: str) -> None:
        """The draft holds the record that the run finished."""
        self.end_log(draft, outcome)
        data = {"run": self.name, "outcome": outcome, "evidence": self.evidence(draft)}
        draft.record(RecordType.RUN_FINISHED, data, actor=AGENTS[AgentRole.IMPLEMENTER])

    def end_log(self, draft: Draft, outcome: str) -> None:
        """The run's log ends, once, and says why tasks were left out."""
        if self.ended:
            return
        self.ended = True
        over = {task for task, _ in self.outcomes}
        for task in self.tasks:
            if task.id not in over:
                why = self._skipped(draft, task)
                self.log(draft, Event.TASK_SKIPPED, task_id=task.id, reason=why)
        self.log(draft, Event.RUN_FINISHED, outcome=outcome)

    def _skipped(self, draft: Draft, task: Task) -> str:
        missing = next((name for name in task.after if name not in draft.state.done), None)
        if missing is not None:
            return f"it comes after {missing}, which is not done"
        if self.recipes[task.id].kind == "person":
            return "it waits for a person"
        return "the run stopped before it"


def _free_name(moment: Moment) -> str:
    """The next run's name: anyone may have written down a run of the name that would be next."""
    taken = [record.data["run"] for record in moment.state.of(RecordType.RUN_STARTED)]
    following = (run_id(number) for number in count(1 + len(taken)))
    return next(name for name in following if name not in taken)


def _pending(moment: Moment, task: Task) -> bool:
    return task.id not in moment.state.done


class Step(NamedTuple):
    """One commit of a run, with the full outputs that it names; `ends` the run where it says so."""

    built: Built
    bodies: dict[str, bytes]
    ends: bool = False


def record_task(
    draft: Draft,
    run: Run,
    task: Task,
    found: Attempt,
    start: str,
    *,
    by: Actor | None,
    avow: Avow = unsigned,
) -> Step:
    """The commit of one task, done or failed, with its evidence; what is done, `avow` may sign."""
    run.begin(draft)
    evidence = _evidence(draft, run, task, found, start)
    run.outcomes.append((task.id, "completed" if found.ok else "failed"))
    done = {
        "by": "agent" if by is None else "person",
        "files_touched": touched(found.differences),
    }
    _log_task(draft, run, task, found, done)
    ends = {other.id for other in run.tasks} <= draft.state.done.keys() | {task.id}
    if ends or not found.ok:
        # Before the record of the task, so that this names the log as the commit holds it.
        run.end_log(draft, "completed" if found.ok else "stopped")
    evidence |= run.evidence(draft)
    common = {"task_id": task.id, "run": run.name, "evidence": evidence}
    if found.ok:
        data = common | done
        avow(draft, data, by or draft.actor)
        if ends:
            run.finish(draft, "completed")
        return Step(draft.build(f"{task.id} {task.title}{_again(draft, task)}"), {})
    draft.record(RecordType.TASK_FAILED, common | {"reason": found.reason})
    if not any(c.answer is None and c.tests == (task.id,) for c in draft.state.concerns):
        text = f"{task.id} failed: {found.reason}"
        concern = {"text": text, "tests": [task.id], "by": "machine", "due": None}
        draft.record(RecordType.CONCERN_RAISED, concern)
    run.finish(draft, "stopped")
    return Step(draft.build(f"{task.id} failed: {found.reason}"), {}, ends=True)


def _log_task(draft: Draft, run: Run, task: Task, found: Attempt, done: dict[str, Any]) -> None:
    """The run's log tells the task from its start to its end."""
    run.log(draft, Event.TASK_STARTED, task_id=task.id, title=task.title, recipe=found.recipe)
    for command in found.commands:
        run.log(draft, Event.COMMAND_RAN, task_id=task.id, **command)
    if found.ok:
        run.log(draft, Event.TASK_COMPLETED, task_id=task.id, **done)
    else:
        run.log(draft, Event.TASK_FAILED, task_id=task.id, reason=found.reason)


def _again(draft: Draft, task: Task) -> str:
    """`, again` where the task had been completed before and was sent back."""
    done = [r for r in draft.state.of(RecordType.TASK_COMPLETED) if r.data["task_id"] == task.id]
    return ", again" if len(done) > 1 else ""


def wait_for_person(moment: Moment, run: Run, task: str) -> Built:
    """The commit that ends a run because the next task is a person's."""
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    run.finish(draft, "completed")
    return draft.build(f"{run.name} done, {task} waits for a person")


def close_run(moment: Moment, run: Run) -> Built:
    """Nothing is left to do: a run that was killed is closed, and the gate asked again."""
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    if not is_over(moment):
        run.begin(draft)
        run.finish(draft, "completed")
    return draft.build("every task is done")


def is_over(moment: Moment) -> bool:
    """True where the last run ended with everything done that it was given."""
    last = moment.state.last_run
    return last is not None and last.data.get("outcome") == "completed"


def tried(moment: Moment, task: str) -> int:
    """How often the task was done or tried before."""
    kinds = (RecordType.TASK_COMPLETED, RecordType.TASK_FAILED)
    return sum(1 for record in moment.state.of(*kinds) if record.data["task_id"] == task)


def touched(differences: tuple[Difference, ...]) -> list[dict[str, str | None]]:
    """The paths of these differences as records keep them: what is there afterwards."""
    return [as_touched(d.path, d.new) for d in differences]


def _evidence(draft: Draft, run: Run, task: Task, found: Attempt, start: str) -> dict[str, str]:
    """The digests of the task's evidence, which the draft now holds."""
    places = draft.places
    document = format_task(
        {
            "change": draft.change,
            "run": run.name,
            "task_id": task.id,
            "title": task.title,
            "recipe": found.recipe,
            "start": start,
            "commands": list(found.commands),
            "files_touched": touched(found.differences),
        }
    )
    files = {
        places.run(run.name, f"{task.id}.json"): document,
        places.run(run.name, f"{task.id}.log"): found.log,
    }
    for path, content in files.items():
        draft.put(path, content)
    if found.output is not None:
        name = f"{run.name}/{task.id}.log"
        run.outputs.append({"name": name, "digest": found.output, "kind": "output"})
    return {path: digest(content) for path, content in files.items()}
