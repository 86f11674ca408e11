"""`planner_config.json`: what a plan was made from, so that it can be made again to the byte.

The documented schema is the pydantic model in `planner_config`, which takes 100 ms to import. So a
short reader goes first: it knows only the plain yes, with the very same answer, and hands whatever
it does not know to the model, which says what is wrong. A property test holds the two together.
"""

import json
import re
from collections.abc import Iterable
from typing import NamedTuple, TypeGuard

from codexa_git.audit.ids import is_task_id
from codexa_git.change.outline import paper_text, refuse
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
_NEEDED = frozenset(("format", "ordering", "planner", "recipes", "seed"))


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


def parse_planner(content: bytes, path: str) -> Planner:
    """The configuration that a file holds.

    Raises:
        PaperError: it is no JSON (with the line), names something twice, or departs from the
            documented schema.
    """
    value = _json(paper_text(content, path), path)
    planner = quickly(value)
    if planner is None:
        from codexa_git.change.planner_config import planner_of  # noqa: PLC0415

        planner = planner_of(value, path)
    return planner


def format_planner(planner: Planner) -> bytes:
    """The one file that says this: indented, sorted by name, with a newline at its end."""
    value: dict[str, object] = {
        "format": FORMAT,
        "ordering": planner.ordering,
        "planner": planner.planner,
        "recipes": {recipe.task: _shown(recipe) for recipe in planner.recipes},
        "seed": planner.seed,
    }
    if planner.tries is not None:
        value["tries"] = planner.tries
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


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


def quickly(value: object) -> Planner | None:
    """The configuration that a JSON value is, where it is beyond doubt a good one."""
    if not isinstance(value, dict) or not _NEEDED <= value.keys() <= _NEEDED | {"tries"}:
        return None
    plain = (value["planner"], value["ordering"]) == (SCRIPTED, BY_DIGEST)
    numbers = is_whole(value["format"], FORMAT, FORMAT) and is_whole(value["seed"], 0, LARGEST_SEED)
    tried = "tries" not in value or is_whole(value["tries"], 1, MOST_TRIES)
    if not (plain and numbers and tried and isinstance(value["recipes"], dict)):
        return None
    recipes: list[Recipe] = []
    for task, item in value["recipes"].items():
        recipe = _recipe(task, item)
        if recipe is None:
            return None
        recipes.append(recipe)
    return Planner(value["seed"], SCRIPTED, BY_DIGEST, sorted_recipes(recipes), value.get("tries"))


def _recipe(task: str, item: object) -> Recipe | None:
    if not is_task_id(task) or not isinstance(item, dict):
        return None
    names, kind = item.keys(), item.get("kind")
    if kind == "person" and names == {"kind"}:
        return Recipe(task, "person")
    if kind == "command" and names == {"kind", "run"}:
        run = item["run"]
        good = isinstance(run, list) and 0 < len(run) <= MOST_COMMANDS and all(map(is_command, run))
        return Recipe(task, "command", tuple(run)) if good else None
    if kind == "patch" and {"kind", "patch"} <= names <= {"kind", "patch", "again"}:
        again = item.get("again", [])
        if not isinstance(again, list) or not all(map(is_patch, (item["patch"], *again))):
            return None
        return Recipe(task, "patch", (), item["patch"], tuple(again))
    return None


def _shown(recipe: Recipe) -> dict[str, object]:
    shown: dict[str, object] = {"kind": recipe.kind}
    if recipe.run:
        shown["run"] = list(recipe.run)
    if recipe.patch is not None:
        shown["patch"] = recipe.patch
    if recipe.again:
        shown["again"] = list(recipe.again)
    return shown


def _json(text: str, path: str) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            refuse(path, None, f"{twice!a} is said twice in one place")
        return dict(pairs)

    def no_number(word: str) -> object:
        refuse(path, None, f"{word} is no number")

    try:
        value: object = json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except json.JSONDecodeError as error:
        refuse(path, error.lineno, f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}")
    except (RecursionError, ValueError):
        refuse(path, None, "this JSON is too deep, or holds a number too long, to be read")
    return value
