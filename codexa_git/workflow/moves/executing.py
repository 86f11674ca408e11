"""Execute: the Implementer runs the plan's tasks in order, one commit a task; people do theirs.

A run happens on a plain folder, which is read back afterwards: git never runs there. A task that
fails stops the run, raises a concern, and leaves everything before it.
"""

from collections.abc import Callable
from typing import NamedTuple

from codexa_git.audit.words import AgentRole, Stage
from codexa_git.change.evidence import parse_task
from codexa_git.change.paths import Kind, kind_of
from codexa_git.change.plan import Task
from codexa_git.change.planner import Recipe
from codexa_git.errors import RecordError, RepositoryError
from codexa_git.policy.rules import is_guarded
from codexa_git.repository.objects import Difference
from codexa_git.workflow.changes.draft import AGENTS, Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.avowing import Avowal, Unsigned, avowing, too_dear
from codexa_git.workflow.stages.attempting import Attempt, attempt
from codexa_git.workflow.stages.handwork import Handwork, handwork
from codexa_git.workflow.stages.owning import mixed_before, mixed_by_hand
from codexa_git.workflow.stages.running import (
    Run,
    Step,
    close_run,
    is_over,
    record_task,
    tried,
    wait_for_person,
)
from codexa_git.workflow.together.publishing import publish


def trespass(moment: Moment, differences: tuple[Difference, ...]) -> str | None:
    """The first path that a task may not touch, in a sentence; `None` where there is none."""
    for difference in differences:
        path = difference.path
        if is_guarded(moment.policy, path):
            return f"it touched {path}, which only a policy commit may touch"
        if not path.isprintable():
            return f"it left a path that cannot be put on record: {path!a}"
        if kind_of(path, moment.change) is not Kind.PRODUCT:
            return f"it touched {path}, which is outside its stage"
    return None


class Executed(NamedTuple):
    """How a run ended: the moment after it, and whether it is `blocked`.

    It is blocked by a task that failed or that waits for a person. `waits_for_room` names the
    uncommitted paths that keep the checkout from following.
    """

    moment: Moment
    blocked: bool = False
    waits_for_room: tuple[str, ...] = ()


class Held(NamedTuple):
    """What people did, by task; and the tasks that `failed` and would only fail again.

    `avowal` is of whoever signs what is done now, if anybody does. Where it `asks` whether some of
    it is theirs, agents wait: what they find here may go into what they write.
    """

    by_hand: dict[str, Handwork]
    failed: frozenset[str]
    avowal: Avowal | None = None
    asks: bool = False

    @property
    def mine(self) -> frozenset[str]:
        """The commits of which whoever signs says that they are theirs, wherever they were made."""
        named = () if self.avowal is None else self.by_hand.keys() & self.avowal.mine
        return frozenset(oid for task in named for oid in self.by_hand[task].commits)


def execute(
    moment: Moment,
    tell: Callable[[str], None],
    *,
    unapproved: bool = False,
    retry: bool = False,
    avowal: Avowal | None = None,
) -> Executed:
    """Every task that can be done is done and published, one commit each.

    One that failed is not run again by the same recipe on the same files, unless by `retry`. Each
    is signed where there is an `avowal`, but what others did by hand or have a part in; and what
    bears this person's name alone, and came from elsewhere, waits until they say whether it is
    theirs.
    """
    run = _run(moment, unapproved=unapproved)
    by_hand = handwork(moment, [t.id for t in run.tasks if run.recipes[t.id].kind == "person"])
    failed = [t.id for t in run.tasks if not retry and would_fail(moment, run.recipes[t.id])]
    mine = {t: work for t, work in by_hand.items() if not _left_to(moment, t, work, avowal)}
    held = Held(mine, frozenset(failed), avowal, asks=mine.keys() != by_hand.keys())
    while left := [task for task in run.tasks if task.id not in moment.state.done]:
        step = _step(moment, run, left, held, tell)
        if step is None:
            return Executed(moment, blocked=True)
        published = publish(moment, step.built, step.bodies)
        if published.waits:
            return Executed(moment, waits_for_room=published.waits)
        moment = published.moment
        if step.ends:
            return Executed(moment, blocked=True)
    if run.tasks:
        return Executed(moment)
    if is_over(moment) and not moment.verdict(Stage.EXECUTE).passes(Stage.EXECUTE):
        # What the gate misses, no run makes good: another commit would say the same again.
        return Executed(moment, blocked=True)
    published = publish(moment, close_run(moment, run))
    return Executed(published.moment, waits_for_room=published.waits)


def _run(moment: Moment, *, unapproved: bool) -> Run:
    """The run that was cut short, where the plan has stood still since; else a new one."""
    new, started = Run(moment, unapproved=unapproved), moment.state.open_run
    if started is None or not new.tasks or started.round != moment.state.round(Stage.EXECUTE):
        return new
    tasks = {task.id for task in new.tasks}
    said = (started.data["seed"], started.data["unapproved"])
    is_same = said == (new.seed, unapproved) and tasks <= set(started.data["tasks"])
    if not is_same:
        return new
    try:
        return Run.resumed(moment)
    except RecordError:
        return new  # anyone may write down that a run began: without its papers nothing goes on


def _step(
    moment: Moment,
    run: Run,
    left: list[Task],
    held: Held,
    tell: Callable[[str], None],
) -> Step | None:
    """The commit of the first task that can be done now; or, as the run ends, that none can.

    `None` where only people can go on, and there is nothing new to say.
    """
    for task in left:
        if not set(task.after) <= moment.state.done.keys():
            continue
        if task.id in held.by_hand:
            return _by_person(moment, run, task, held)
        recipe = run.recipes[task.id]
        if recipe.kind != "person" and task.id not in held.failed and not held.asks:
            tell(f"{task.id} {task.title}")
            return _by_agent(moment, run, task, held)
    if not run.started:
        return None
    return Step(wait_for_person(moment, run, left[0].id), {}, ends=True)


def would_fail(moment: Moment, recipe: Recipe) -> bool:
    """True where the task failed by the same recipe on the same files: it would only fail again."""
    task = recipe.task
    record = moment.state.failed.get(task)
    if record is None:
        return False
    nth = tried(moment, task)
    if recipe.patch_for(nth) != recipe.patch_for(nth - 1):
        return False
    start = _start(moment, moment.places.run(record.data["run"], f"{task}.json"))
    if start is None:
        return False
    changed = moment.store.difference(start, moment.tip.tree)
    return all(_is_beside(moment, difference.path) for difference in changed)


def _start(moment: Moment, path: str) -> str | None:
    """The tree that a task began on, as its paper tells; `None` where nobody here can tell.

    It may have been rebased elsewhere; and anyone may write down that a task failed.
    """
    try:
        start = str(parse_task(moment.case.read(path) or b"", path)["start"])
        return start if moment.store.kind(start) == "tree" else None
    except (RecordError, RepositoryError):
        return None


def _is_beside(moment: Moment, path: str) -> bool:
    """True for a path that the tool writes, or that people write beside the plan."""
    kind = kind_of(path, moment.change)
    return kind is Kind.LISTED or (kind is Kind.PAPER and not moment.places.is_plan_paper(path))


def _standing_for(
    moment: Moment,
    task: Task,
    held: Held,
    differences: tuple[Difference, ...],
    work: Handwork | None = None,
) -> Avowal | None:
    """Who signs this task, if they do: work of their own, and where enough can still approve it."""
    avowal = held.avowal
    if avowal is None or (work is not None and not avowal.by_hand):
        return None
    own = avowal.person.email
    if work is not None and work.authors != {own}:
        why: str | None = f"{work.others(own)} worked on it"
    else:
        why = too_dear(moment.case, avowal.person, (d.path for d in differences)) or (
            mixed_before(moment, avowal, held.mine)
            if work is None
            else mixed_by_hand(moment, avowal, differences, held.mine)
        )
    if why is not None:
        avowal.notice(task.id, Unsigned(why))
    return avowal if why is None else None


def _left_to(moment: Moment, task: str, work: Handwork, avowal: Avowal | None) -> bool:
    """True where somebody is to say first whether this is theirs, and was told so."""
    is_asked = avowal is not None and avowal.by_hand and task not in avowal.mine
    if avowal is None or not is_asked or work.authors != {avowal.person.email}:
        return False
    from codexa_git.workflow.stages.firsthand import from_elsewhere  # noqa: PLC0415

    strange = [oid[:12] for oid in from_elsewhere(moment, work.commits)]
    if strange:
        advance = f"git codexa advance {moment.change}"
        verb = "is" if len(strange) == 1 else "are"
        why = f"{', '.join(strange)} {verb} in your name, and was not committed in this clone"
        hints = (
            f"look at it: git show {' '.join(strange)}",
            f"if it is yours: {advance} --mine {task}",
            f"if not, or for two to approve it: {advance}",
        )
        avowal.notice(task, Unsigned(why, hints))
    return bool(strange)


def _by_agent(moment: Moment, run: Run, task: Task, held: Held) -> Step:
    recipe, nth = run.recipes[task.id], tried(moment, task.id)
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    tree = moment.tip.tree
    found, output = attempt(
        moment.store, tree, recipe, moment.policy, seed=run.seed, at=draft.at, nth=nth
    )
    wrong = trespass(moment, found.differences) if found.ok else None
    if wrong is not None:
        found = found._replace(ok=False, reason=wrong)
    if not found.ok:
        found = found._replace(differences=())
    draft.enter({d.path: d.new for d in found.differences})
    bodies = {} if found.output is None else {f"{run.name}/{task.id}.log": output}
    signs = _standing_for(moment, task, held, found.differences) if found.ok else None
    step = record_task(draft, run, task, found, tree, by=None, avow=avowing(signs))
    return step._replace(bodies=bodies)


def _by_person(moment: Moment, run: Run, task: Task, held: Held) -> Step:
    work = held.by_hand[task.id]
    avowal = _standing_for(moment, task, held, work.differences, work)
    draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
    found = Attempt(
        ok=True,
        reason="",
        recipe="person",
        commands=(),
        log=b"",
        output=None,
        differences=work.differences,
    )
    return record_task(draft, run, task, found, work.start, by=work.actor, avow=avowing(avowal))
