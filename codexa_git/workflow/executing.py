"""Execute: the Implementer runs the plan's tasks in order, one commit a task; people do theirs.

A run happens on a plain folder, which is read back afterwards: git never runs there. A task that
fails stops the run, raises a concern, and leaves everything before it.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from codexa_git.agents.bench import explicit_environment, workbench
from codexa_git.agents.box import Limits
from codexa_git.agents.implementer import TaskRun, perform
from codexa_git.agents.masks import short
from codexa_git.audit.canonical import digest
from codexa_git.audit.ids import run_id
from codexa_git.audit.record import Actor
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.evidence import RunDocument, format_run, format_task
from codexa_git.change.paths import Kind, kind_of
from codexa_git.change.plan import Task, ordered
from codexa_git.change.planner import Recipe
from codexa_git.errors import RefusedError
from codexa_git.policy.rules import Policy, is_guarded
from codexa_git.repository.folder import read_back, write_out
from codexa_git.repository.objects import Difference, Entry
from codexa_git.repository.store import Store
from codexa_git.workflow.draft import AGENTS, Built, Draft
from codexa_git.workflow.handwork import Handwork, handwork
from codexa_git.workflow.moment import Moment

Publish = Callable[[Moment, Built, dict[str, bytes]], Moment]
"""Publishes a commit with the full outputs that it names, and gives the moment after it."""


class Attempt(NamedTuple):
    """What doing one task came to: the entries that it left differ from those it found."""

    ok: bool
    reason: str
    recipe: str
    commands: tuple[dict[str, Any], ...]
    output: bytes
    differences: tuple[Difference, ...]


def task_limits(policy: Policy) -> Limits:
    """What one command of a task may use."""
    return Limits(seconds=policy.tests.timeout, output_bytes=policy.tests.output_limit)


def attempt(
    store: Store, tree: str, recipe: Recipe, policy: Policy, *, seed: int, at: int, nth: int
) -> Attempt:
    """What the scripted Implementer makes of `recipe` on a copy of `tree`, for the nth time."""
    with workbench() as bench:
        write_out(store, tree, bench.tree)
        environment = explicit_environment(bench.tree, bench.home, seed, at)
        run = perform(
            recipe,
            nth,
            tree=bench.tree,
            home=bench.home,
            environment=environment,
            limits=task_limits(policy),
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
) -> Attempt:
    commands = tuple(
        {"run": c.command, "exit": c.exit_code, "status": str(c.status)} for c in run.commands
    )
    return Attempt(run.ok, run.reason, said(recipe, nth), commands, run.output, differences)


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


def trespass(moment: Moment, differences: tuple[Difference, ...]) -> str | None:
    """The first path that a task may not touch, in a sentence; `None` where there is none."""
    for difference in differences:
        path = difference.path
        if is_guarded(moment.policy, path):
            return f"it touched {path}, which only a policy commit may touch"
        if kind_of(path, moment.change) is not Kind.PRODUCT:
            return f"it touched {path}, which is outside its stage"
    return None


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


class Executed(NamedTuple):
    """How a run ended: the moment after it, and the task that waits for a person, if one does."""

    moment: Moment
    waits_for: str | None
    failed: str | None


def execute(moment: Moment, publish: Publish, *, unapproved: bool = False) -> Executed:
    """Every task that can be done is done and published, one commit each."""
    run = Run(moment, unapproved=unapproved)
    by_hand = handwork(moment, [t.id for t in run.tasks if run.recipes[t.id].kind == "person"])
    for position, task in enumerate(run.tasks):
        last = position == len(run.tasks) - 1
        recipe = run.recipes[task.id]
        if recipe.kind == "person":
            work = by_hand.get(task.id)
            if work is None:
                return Executed(_stop(moment, run, publish), task.id, None)
            built, outputs = _by_person(moment, run, task, work, last=last)
        else:
            built, outputs, failure = _by_agent(moment, run, task, recipe, last=last)
            if failure is not None:
                return Executed(publish(moment, built, outputs), None, task.id)
        moment = publish(moment, built, outputs)
    if not run.tasks:
        moment = _close_run(moment, run, publish)
    return Executed(moment, None, None)


def _stop(moment: Moment, run: Run, publish: Publish) -> Moment:
    if not run.started:
        return moment
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    run.finish(draft, "completed")
    return publish(moment, draft.build(f"{run.name} waits for a person"), {})


def _close_run(moment: Moment, run: Run, publish: Publish) -> Moment:
    """Nothing is left to do: a run that was killed is closed, and the gate asked again."""
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    if moment.state.open_run is not None or moment.state.last_run is None:
        run.begin(draft)
        run.finish(draft, "completed")
    return publish(moment, draft.build("every task is done"), {})


def _by_agent(
    moment: Moment, run: Run, task: Task, recipe: Recipe, *, last: bool
) -> tuple[Built, dict[str, bytes], str | None]:
    nth = tried(moment, task.id)
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    tried_now = attempt(
        moment.store, moment.tip.tree, recipe, moment.policy, seed=run.seed, at=draft.at, nth=nth
    )
    wrong = None if not tried_now.ok else trespass(moment, tried_now.differences)
    if wrong is not None:
        tried_now = tried_now._replace(ok=False, reason=wrong)
    if tried_now.ok:
        draft.enter({d.path: d.new for d in tried_now.differences})
    else:
        tried_now = tried_now._replace(differences=())
    return _recorded(draft, run, task, tried_now, moment.tip.tree, by=None, last=last)


def _by_person(
    moment: Moment, run: Run, task: Task, work: Handwork, *, last: bool
) -> tuple[Built, dict[str, bytes]]:
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    found = Attempt(
        ok=True, reason="", recipe="person", commands=(), output=b"", differences=work.differences
    )
    built, outputs, _ = _recorded(draft, run, task, found, work.start, by=work.actor, last=last)
    return built, outputs


def _recorded(  # noqa: PLR0913
    draft: Draft,
    run: Run,
    task: Task,
    found: Attempt,
    start: str,
    *,
    by: Actor | None,
    last: bool,
) -> tuple[Built, dict[str, bytes], str | None]:
    run.begin(draft)
    touched = _touched(found.differences)
    evidence, bodies = _evidence(draft, run, task, found, start, touched)
    run.outcomes.append((task.id, "completed" if found.ok else "failed"))
    evidence |= run.document(draft)
    common = {"task_id": task.id, "run": run.name, "evidence": evidence}
    if found.ok:
        said_by = "agent" if by is None else "person"
        data = common | {"by": said_by, "files_touched": touched}
        draft.record(RecordType.TASK_COMPLETED, data, actor=by)
        if last:
            run.finish(draft, "completed")
        return draft.build(f"{task.id} {task.title}{_again(draft, task)}"), bodies, None
    draft.record(RecordType.TASK_FAILED, common | {"reason": found.reason})
    concern = {"text": f"{task.id} failed: {found.reason}", "tests": [task.id], "by": "machine"}
    draft.record(RecordType.CONCERN_RAISED, concern)
    run.finish(draft, "stopped")
    return draft.build(f"{task.id} failed: {found.reason}"), bodies, found.reason


def _again(draft: Draft, task: Task) -> str:
    """`, again` where the task had been completed before and was sent back."""
    done = [r for r in draft.state.of(RecordType.TASK_COMPLETED) if r.data["task_id"] == task.id]
    return ", again" if len(done) > 1 else ""


def tried(moment: Moment, task: str) -> int:
    """How often the task was done or tried before."""
    kinds = (RecordType.TASK_COMPLETED, RecordType.TASK_FAILED)
    return sum(1 for record in moment.state.of(*kinds) if record.data["task_id"] == task)


def _touched(differences: tuple[Difference, ...]) -> list[dict[str, str | None]]:
    return [
        {
            "path": d.path,
            "mode": None if d.new is None else str(d.new.mode),
            "blob": None if d.new is None else d.new.oid,
        }
        for d in differences
    ]


def _evidence(  # noqa: PLR0913
    draft: Draft,
    run: Run,
    task: Task,
    found: Attempt,
    start: str,
    touched: list[dict[str, str | None]],
) -> tuple[dict[str, str], dict[str, bytes]]:
    """The digests of the task's evidence, and the full output where the tree keeps it short."""
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
            "files_touched": touched,
        }
    )
    log = short(found.output)
    files = {
        places.run(run.name, f"{task.id}.json"): document,
        places.run(run.name, f"{task.id}.log"): log,
    }
    for path, content in files.items():
        draft.put(path, content)
    bodies: dict[str, bytes] = {}
    if log != found.output:
        name = f"{run.name}/{task.id}.log"
        bodies[name] = found.output
        run.outputs.append({"name": name, "digest": digest(found.output), "kind": "output"})
    return {path: digest(content) for path, content in files.items()}, bodies
