"""Whether a plan is what people declared, where they did: what is signed has to be what runs.

Where `recipes.toml` is there, the plan follows from it, and an edit of the one without the other
would have people sign recipes that nobody runs. Where it is not there, people may edit the plan.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from codexa_git.change.plan import Task
from codexa_git.gate.case import Case

if TYPE_CHECKING:
    from codexa_git.change.recipes import Declared


def undeclared(case: Case) -> tuple[str, ...]:
    """One sentence for each way in which the plan departs from `recipes.toml`, if that is there.

    Raises:
        PaperError: `recipes.toml`, `tasks.md` or `planner_config.json` is malformed.
    """
    content = case.read(case.places.recipes)
    if content is None:
        return ()
    from codexa_git.change.recipes import parse_recipes  # noqa: PLC0415

    return tuple(_departures(case, parse_recipes(content, case.places.recipes)))


def _departures(case: Case, declared: "tuple[Declared, ...]") -> Iterator[str]:
    recipes = case.places.recipes
    planned = {task.id: task for task in case.plan.tasks}
    for task, recipe in declared:
        found = planned.pop(task.id, None)
        if found is None:
            yield f"{task.id} of {recipes} is not in the plan"
        elif _said(found) != _said(task):
            yield f"{task.id} of {case.places.tasks} is not what {recipes} declares"
        if case.planner.recipe(task.id) not in (recipe, None):
            yield f"{task.id} of {case.places.planner} is not done as {recipes} declares"
    for name in planned:
        yield f"{name} of {case.places.tasks} is not in {recipes}"


def _said(task: Task) -> Task:
    """What the task says, wherever it stands."""
    return task._replace(line=0)


def absent_patches(case: Case) -> tuple[str, ...]:
    """The patches that the plan's recipes name, and that are not there as plain files."""
    named = [p for recipe in case.planner.recipes for p in (recipe.patch, *recipe.again) if p]
    return tuple(dict.fromkeys(path for path in named if case.read(path) is None))
