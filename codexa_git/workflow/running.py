"""A run of Execute: what doing a task came to, and the commit that records it with its evidence."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from codexa_git.agents.bench import explicit_environment, workbench
from codexa_git.agents.box import Limits
from codexa_git.agents.implementer import Recipe as Steps
from codexa_git.agents.implementer import RecipeKind, TaskRun, perform
from codexa_git.agents.masks import short
from codexa_git.audit.canonical import digest
from codexa_git.audit.ids import run_id
from codexa_git.audit.record import Actor
from codexa_git.audit.words import AgentRole, RecordType
from codexa_git.change.evidence import RunDocument, format_run, format_task, parse_run
from codexa_git.change.plan import Task, ordered
from codexa_git.change.planner import Recipe
from codexa_git.errors import RecordError, RefusedError
from codexa_git.policy.rules import Policy
from codexa_git.repository.folder import read_back, write_out
from codexa_git.repository.objects import Difference, Entry
from codexa_git.repository.store import Store
from codexa_git.workflow.draft import AGENTS, Built, Draft
from codexa_git.workflow.moment import Moment


class Attempt(NamedTuple):
    """What doing one task came to: the entries that it left differ from those it found.

    `log` is what the tree keeps of the output, `output` the digest of all of it where that is more.
    """

    ok: bool
    reason: str
    recipe: str
    commands: tuple[dict[str, Any], ...]
    log: bytes
    output: str | None
    differences: tuple[Difference, ...]


def task_limits(policy: Policy) -> Limits:
    """What one command of a task may use."""
    return Limits(seconds=policy.tests.timeout, output_bytes=policy.tests.output_limit)


def attempt(
    store: Store, tree: str, recipe: Recipe, policy: Policy, *, seed: int, at: int, nth: int
) -> tuple[Attempt, bytes]:
    """What the scripted Implementer makes of `recipe` on a copy of `tree`, for the nth time.

    And its whole output, masked.
    """
    with workbench() as bench:
        write_out(store, tree, bench.tree)
        environment = explicit_environment(bench.tree, bench.home, seed, at, store.common_dir)
        run = perform(
            Steps(RecipeKind(recipe.kind), recipe.run, recipe.patch_for(nth)),
            tree=bench.tree,
            home=bench.home,
            environment=environment,
            limits=task_limits(policy),
            seed=seed,
            patterns=policy.masks,
        )
        if not run.ok:
            return _attempt(recipe, nth, run, ())
        try:
            left = read_back(store, bench.tree)
        except RefusedError as error:
            return _attempt(recipe, nth, run._replace(ok=False, reason=error.message), ())
    return _attempt(recipe, nth, run, tuple(_compared(store.entries(tree), left)))


def _attempt(
    recipe: Recipe, nth: int, run: TaskRun, differences: tuple[Difference, ...]
) -> tuple[Attempt, bytes]:
    commands = tuple(
        {"run": c.command, "exit": c.exit_code, "status": str(c.status)} for c in run.commands
    )
    log = short(run.output)
    output = None if log == run.output else digest(run.output)
    recipe_line = said(recipe, nth)
    found = Attempt(run.ok, run.reason, recipe_line, commands, log, output, differences)
    return found, run.output


def said(recipe: Recipe, nth: int) -> str:
    """A recipe in one line, as evidence keeps it: for a patch, which one this time."""
    if recipe.kind == "patch":
        return f"patch {recipe.patch_for(nth)}"
    return recipe.kind


def _compared(before: dict[str, Entry], after: dict[str, Entry]) -> Iterator[Difference]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new and not (old is not None and old.mode == "160000"):
            yield Difference(path, old, new)


class Run:
    """One run of Execute: the tasks that it does, and what it has come to so far."""

    def __init__(self, moment: Moment, *, unapproved: bool) -> None:
        planner = moment.case.planner
        self.seed = planner.seed
        self.recipes = {recipe.task: recipe for recipe in planner.recipes}
        self.tasks = [t for t in ordered(moment.case.plan, self.seed) if _pending(moment, t)]
        started = moment.state.of(RecordType.RUN_STARTED)
        self.name = run_id(1 + len(started))
        self.unapproved = unapproved
        self.outcomes: list[tuple[str, str]] = []
        self.outputs: list[dict[str, str]] = []
        self.started = False
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

    def document(self, draft: Draft) -> dict[str, str]:
        """The draft holds `run.json` as it is now; the digests of what it holds of the run."""
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
        data = {"run": self.name, "outcome": outcome, "evidence": self.document(draft)}
        draft.record(RecordType.RUN_FINISHED, data, actor=AGENTS[AgentRole.IMPLEMENTER])


def _pending(moment: Moment, task: Task) -> bool:
    return task.id not in moment.state.done


class Step(NamedTuple):
    """One commit of a run, with the full outputs that it names; `ends` the run where it says so."""

    built: Built
    bodies: dict[str, bytes]
    ends: bool = False


def record_task(
    draft: Draft, run: Run, task: Task, found: Attempt, start: str, *, by: Actor | None
) -> Step:
    """The commit of one task, done or failed, with its evidence."""
    run.begin(draft)
    evidence = _evidence(draft, run, task, found, start)
    run.outcomes.append((task.id, "completed" if found.ok else "failed"))
    evidence |= run.document(draft)
    common = {"task_id": task.id, "run": run.name, "evidence": evidence}
    if found.ok:
        said_by = "agent" if by is None else "person"
        data = common | {"by": said_by, "files_touched": touched(found.differences)}
        draft.record(RecordType.TASK_COMPLETED, data, actor=by)
        if all(other.id in draft.state.done for other in run.tasks):
            run.finish(draft, "completed")
        return Step(draft.build(f"{task.id} {task.title}{_again(draft, task)}"), {})
    draft.record(RecordType.TASK_FAILED, common | {"reason": found.reason})
    if not any(c.answer is None and c.tests == (task.id,) for c in draft.state.concerns):
        text = f"{task.id} failed: {found.reason}"
        concern = {"text": text, "tests": [task.id], "by": "machine", "due": None}
        draft.record(RecordType.CONCERN_RAISED, concern)
    run.finish(draft, "stopped")
    return Step(draft.build(f"{task.id} failed: {found.reason}"), {}, ends=True)


def _again(draft: Draft, task: Task) -> str:
    """`, again` where the task had been completed before and was sent back."""
    done = [r for r in draft.state.of(RecordType.TASK_COMPLETED) if r.data["task_id"] == task.id]
    return ", again" if len(done) > 1 else ""


def tried(moment: Moment, task: str) -> int:
    """How often the task was done or tried before."""
    kinds = (RecordType.TASK_COMPLETED, RecordType.TASK_FAILED)
    return sum(1 for record in moment.state.of(*kinds) if record.data["task_id"] == task)


def touched(differences: tuple[Difference, ...]) -> list[dict[str, str | None]]:
    """The paths of these differences as records keep them: what is there afterwards."""
    return [
        {
            "path": d.path,
            "mode": None if d.new is None else str(d.new.mode),
            "blob": None if d.new is None else d.new.oid,
        }
        for d in differences
    ]


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
