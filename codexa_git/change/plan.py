"""The plan: which tasks meet which criteria, and which task waits for which.

`tasks.md` is a list that people may edit before it is approved:

    - T-01: print totals as JSON
      - criteria: AC-1, AC-2
      - after: T-02
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from codexa_git.audit.canonical import canonical
from codexa_git.audit.ids import is_criterion_id, is_task_id
from codexa_git.change.brief import Brief, heading_title
from codexa_git.change.outline import Item, list_items, read_outline, refuse
from codexa_git.change.text import clean_title, escaped
from codexa_git.errors import UsageError
from codexa_git.repository.hashing import hashed

_HINT = "write each task as: - T-01: what is done, and below it: - criteria: AC-1"


class Task(NamedTuple):
    """One task: what is done, the criteria it meets, the tasks that come before it."""

    id: str
    title: str
    criteria: tuple[str, ...]
    after: tuple[str, ...]
    line: int


class Plan(NamedTuple):
    """The tasks, in the order in which they are written."""

    tasks: tuple[Task, ...]

    def task(self, name: str) -> Task | None:
        """The task of this id, where there is one."""
        return next((task for task in self.tasks if task.id == name), None)


def parse_tasks(content: bytes, path: str) -> Plan:
    """The plan that `tasks.md` holds; one without tasks is a plan that covers nothing.

    Raises:
        PaperError: with file and line: a malformed or used id, a task without a title or a
            criterion, an unknown predecessor, or a circle of tasks, which is named.
    """
    outline = read_outline(content, path)
    heading_title(outline)
    if "tasks" not in outline.sections:
        refuse(path, outline.line, "there is no section 'Tasks'", hint="write: ## Tasks")
    items = list_items(outline.section("Tasks"), path, hint=_HINT)
    return checked([_task(item, path) for item in items], path)


def checked(tasks: Sequence[Task], path: str) -> Plan:
    """The plan of these tasks, once ids, predecessors and order have been looked at.

    Raises:
        PaperError: an id is used twice, a task has no criterion, waits for itself or for a task
            that does not exist, or tasks wait for each other in a circle.
    """
    lines: dict[str, int] = {}
    for task in tasks:
        if task.id in lines:
            before = lines[task.id]
            refuse(path, task.line, f"{task.id} is used twice, first on line {before}")
        lines[task.id] = task.line
    for task in tasks:
        _check_task(task, lines, path)
    _refuse_circle({task.id: task for task in tasks}, path)
    return Plan(tuple(tasks))


def ordered(plan: Plan, seed: int) -> tuple[Task, ...]:
    """The tasks in the order of work: after its predecessors, then by SHA-256.

    The key of a task is the SHA-256 of the canonical JSON `[seed,"T-01"]`; of the tasks that may be
    done next, the one with the smallest key is.
    """
    tasks = {task.id: task for task in plan.tasks}
    waits = {name: set(task.after) for name, task in tasks.items()}
    followers = _followers(plan.tasks)
    ready = [(_key(seed, name), name) for name in tasks if not waits[name]]
    heapq.heapify(ready)
    done: list[Task] = []
    while ready:
        _, name = heapq.heappop(ready)
        done.append(tasks[name])
        for follower in followers.get(name, ()):
            waits[follower].remove(name)
            if not waits[follower]:
                heapq.heappush(ready, (_key(seed, follower), follower))
    return tuple(done)


def uncovered(brief: Brief, plan: Plan) -> tuple[str, ...]:
    """One sentence for each criterion without a task, and each unknown one that a task names."""
    known = [criterion.id for criterion in brief.criteria]
    named = {criterion for task in plan.tasks for criterion in task.criteria}
    without = [f"{criterion} has no task" for criterion in known if criterion not in named]
    unknown = [
        f"{task.id} is for {criterion}, which the brief does not have"
        for task in plan.tasks
        for criterion in task.criteria
        if criterion not in known
    ]
    return (*without, *unknown)


def format_tasks(change: str, title: str, plan: Plan) -> bytes:
    """`tasks.md` of this plan, its tasks as they are ordered in it."""
    parts = [f"# {change} {escaped(clean_title(title))}", "## Tasks"]
    if plan.tasks:
        parts.append("\n".join(_listed(task) for task in plan.tasks))
    return ("\n\n".join(parts) + "\n").encode()


def _listed(task: Task) -> str:
    lines = [f"- {task.id}: {escaped(task.title)}", f"  - criteria: {', '.join(task.criteria)}"]
    return "\n".join([*lines, f"  - after: {', '.join(task.after)}"] if task.after else lines)


def _task(item: Item, path: str) -> Task:
    name, colon, title = (part.strip() for part in item.text.partition(":"))
    if not is_task_id(name):
        sentence = f"{name!a} is no task id" if colon else "this task has no id"
        refuse(path, item.line, sentence, hint=_HINT)
    try:
        title = clean_title(title)
    except UsageError as error:
        refuse(path, item.line, f"{name}: {error.message}", hint=error.hints[0])
    notes = _notes(name, item, path)
    return Task(name, title, notes.get("criteria", ()), notes.get("after", ()), item.line)


def _notes(name: str, item: Item, path: str) -> dict[str, tuple[str, ...]]:
    """What stands below a task: which criteria it meets, and what it comes after."""
    found: dict[str, tuple[str, ...]] = {}
    for below in item.items:
        word, colon, text = (part.strip() for part in below.text.partition(":"))
        if word not in ("criteria", "after") or not colon or below.items:
            refuse(path, below.line, f"{name} takes 'criteria' and 'after' below it", hint=_HINT)
        if word in found:
            refuse(path, below.line, f"{name} says {word!r} twice")
        ids = tuple(part.strip() for part in text.split(",")) if text else ()
        _check_ids(ids, word, below.line, path)
        found[word] = ids
    return found


def _check_ids(ids: tuple[str, ...], word: str, line: int, path: str) -> None:
    is_id, example = (
        (is_criterion_id, "AC-1, AC-2") if word == "criteria" else (is_task_id, "T-01, T-02")
    )
    for name in ids:
        if not is_id(name):
            refuse(path, line, f"{name!a} has no place in {word!r}", hint=f"{word}: {example}")
    if len(set(ids)) < len(ids):
        refuse(path, line, f"{word!r} names one id twice")


def _check_task(task: Task, lines: Mapping[str, int], path: str) -> None:
    if not task.criteria:
        hint = "say below it which criteria it meets: - criteria: AC-1"
        refuse(path, task.line, f"{task.id} is for no criterion", hint=hint)
    for name in task.after:
        if name == task.id:
            refuse(path, task.line, f"{name} comes after itself")
        if name not in lines:
            refuse(path, task.line, f"{task.id} comes after {name}, which the plan does not have")


def _refuse_circle(tasks: Mapping[str, Task], path: str) -> None:
    """Goes back from a task that is never ready, along others like it, until one comes again."""
    done = {task.id for task in ordered(Plan(tuple(tasks.values())), 0)}
    stuck = next((name for name in tasks if name not in done), None)
    if stuck is None:
        return
    way: dict[str, int] = {}
    while stuck not in way:
        way[stuck] = len(way)
        stuck = next(name for name in tasks[stuck].after if name not in done)
    circle = [*list(way)[way[stuck] :], stuck]
    sentence = "these tasks wait for each other: " + " after ".join(circle)
    refuse(path, tasks[stuck].line, sentence, hint="take one 'after' out")


def _followers(tasks: Iterable[Task]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for task in tasks:
        for name in task.after:
            found.setdefault(name, []).append(task.id)
    return found


def _key(seed: int, name: str) -> bytes:
    return hashed("sha256", canonical([seed, name])).digest()
