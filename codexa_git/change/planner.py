"""What a plan was made from, so that it can be made again to the byte: a seed and its recipes."""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeGuard

from codexa_git.change.plan import Plan
from codexa_git.change.text import oddity

FORMAT = 1
LARGEST_SEED = 2**31
MOST_TRIES = 100
MOST_COMMANDS = 50
LONGEST_COMMAND = 4000
SCRIPTED = "scripted"
BY_DIGEST = "sha256"
PATCH = re.compile(r"changes/CH-[0-9]{3,6}/patches/[0-9A-Za-z][0-9A-Za-z._-]{0,99}\.patch")


class Recipe(NamedTuple):
    """How one task is done: by commands, by a declared patch, or by a person."""

    task: str
    kind: str
    run: tuple[str, ...] = ()
    patch: str | None = None
    again: tuple[str, ...] = ()

    def patch_for(self, nth: int) -> str | None:
        """The patch for the nth time that the task is done, from 0: each time the next one."""
        patches = (self.patch, *self.again)
        return patches[min(nth, len(self.again))]

    def has_more(self, nth: int) -> bool:
        """True where doing it for the nth time, from 0, may come to something else than before."""
        return self.kind == "command" or (self.kind == "patch" and nth <= len(self.again))


class Planner(NamedTuple):
    """What a plan was made from; recipes stand in the order of their tasks' ids."""

    seed: int
    planner: str = SCRIPTED
    ordering: str = BY_DIGEST
    recipes: tuple[Recipe, ...] = ()
    tries: int | None = None

    def recipe(self, task: str) -> Recipe | None:
        """How this task is done, where it is said."""
        return next((recipe for recipe in self.recipes if recipe.task == task), None)


def unmatched(plan: Plan, planner: Planner) -> tuple[str, ...]:
    """One sentence for each task without a recipe, and each recipe without a task."""
    tasks = [task.id for task in plan.tasks]
    recipes = [recipe.task for recipe in planner.recipes]
    without = [f"{name} has no recipe" for name in tasks if name not in recipes]
    return (*without, *(f"{name} is no task of the plan" for name in recipes if name not in tasks))


def is_command(text: object) -> TypeGuard[str]:
    """True for one line of plain text that is not blank: what a recipe may run."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_COMMAND:
        return False
    return oddity(text) is None


def is_patch(text: object) -> TypeGuard[str]:
    """True for the path of a patch among a change's papers."""
    return isinstance(text, str) and PATCH.fullmatch(text) is not None


def is_whole(value: object, least: int, most: int) -> TypeGuard[int]:
    """True for a whole number (which True is not) from `least` to `most`."""
    return type(value) is int and least <= value <= most


def sorted_recipes(recipes: Iterable[Recipe]) -> tuple[Recipe, ...]:
    """The recipes in the order of their tasks' ids, as text."""
    return tuple(sorted(recipes))
