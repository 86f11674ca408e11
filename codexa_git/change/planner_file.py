"""`planner_config.json`, read and written.

The documented schema is the pydantic model in `planner_config`, which takes 100 ms to import. So a
short reader goes first: it knows only the plain yes, with the very same answer, and hands whatever
it does not know to the model, which says what is wrong. A property test holds the two together.
"""

import json

from codexa_git.audit.ids import is_task_id
from codexa_git.change.outline import paper_text, refuse
from codexa_git.change.planner import (
    BY_DIGEST,
    FORMAT,
    LARGEST_SEED,
    MOST_COMMANDS,
    MOST_TRIES,
    SCRIPTED,
    Planner,
    Recipe,
    is_command,
    is_patch,
    is_whole,
    sorted_recipes,
)

_NEEDED = frozenset(("format", "ordering", "planner", "recipes", "seed"))


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
