"""What a change says in the project overview and in the implementation plan, as a first draft.

Both are papers: people may say it better before they approve it. What strangers wrote is escaped.
"""

from typing import NamedTuple

from codexa_git.change.text import clean_title, counted, escaped
from codexa_git.pages.facts import ImpactFacts, TaskFacts
from codexa_git.pages.impact import listed, met_by, notes, safe


class Course(NamedTuple):
    """How the work went: the seed, the tasks' ids in their order, the tries, the reworks with why.

    `tries` is how often Execute and Validate may go round by themselves.
    """

    seed: int
    order: tuple[str, ...]
    tries: int
    reworks: tuple[tuple[str, str], ...]


def overview(facts: ImpactFacts, context: str) -> bytes:
    """What the product does now; `context` is Markdown that is safe already, or empty."""
    holds = [f"{safe(criterion.text)} ({criterion.id})" for criterion in facts.criteria]
    left = [safe(text) for text in facts.out_of_scope]
    parts = [
        _heading(facts),
        context,
        "What holds now:",
        listed(holds, "No criterion was written."),
    ]
    if left:
        parts += ["Left alone:", listed(left, "")]
    return _joined(parts)


def implementation_plan(facts: ImpactFacts, course: Course) -> bytes:
    """The tasks in the order of work, what each meets and touched, and how often work went back."""
    known = {task.id: task for task in facts.tasks}
    tasks = tuple(known[name] for name in course.order)
    tries = counted(course.tries, "try", "tries")
    parts = [
        _heading(facts),
        f"{counted(len(tasks), 'task')}, seed {course.seed}, {tries} at most without a person.",
        listed(map(_in_order, tasks), ""),
        notes(tasks, facts.others),
        "### Criteria",
        listed(map(met_by, facts.criteria), "No criterion was written."),
        "### Sent back",
        listed((f"to {to}: {safe(reason)}" for to, reason in course.reworks), "Never."),
    ]
    return _joined(parts)


def _in_order(task: TaskFacts) -> str:
    return f"{task.id}, after {', '.join(task.after)}" if task.after else task.id


def _heading(facts: ImpactFacts) -> str:
    return f"## {facts.change}: {escaped(clean_title(facts.title))}"


def _joined(parts: list[str]) -> bytes:
    return ("\n\n".join(part for part in parts if part) + "\n").encode()
