"""`reference/planner-config.md`: what a plan is made from."""

from collections.abc import Iterator
from typing import Any

from codexa_git.change.planner import Planner, Recipe, sorted_recipes
from codexa_git.change.planner_config import PlannerConfig
from codexa_git.change.planner_file import format_planner
from docs.writers.schemas import fields_of
from docs.writers.text import as_json, code, fenced, page, table

_RECIPES = {"command": "CommandRecipe", "patch": "PatchRecipe", "person": "PersonRecipe"}


def schema() -> str:
    """`schemas/planner-config.json`."""
    return as_json(_schema())


def _schema() -> dict[str, Any]:
    return PlannerConfig.model_json_schema()


def reference() -> str:
    """The page."""
    whole = _schema()
    return page(
        "planner_config.json",
        "`changes/CH-001/planner_config.json` says what a plan was made from. The same brief and"
        " the same file give the same `tasks.md`, byte for byte. People may edit it before the plan"
        " is approved; an unknown name or a value of another type is refused, with its place. For"
        " editors there is a [JSON Schema](schemas/planner-config.json).",
        _table(whole, whole),
        "## Recipes",
        "`recipes` has one for each task, by its id, of one of three kinds.",
        *(part for kind in _RECIPES for part in _recipe(whole, kind)),
        "## An example",
        fenced(format_planner(_example()).decode(), "json"),
    )


def _recipe(whole: dict[str, Any], kind: str) -> Iterator[str]:
    found = whole["$defs"][_RECIPES[kind]]
    yield f"### {kind}"
    yield str(found["description"])
    yield _table(whole, found)


def _table(whole: dict[str, Any], found: dict[str, Any]) -> str:
    rows = [(code(f.name), f.form, f.default, f.means) for f in fields_of(whole, found)]
    return table(("name", "is", "if left out", "means"), rows)


def _example() -> Planner:
    patches = [f"changes/CH-001/patches/T-02{again}.patch" for again in ("", "-again")]
    recipes = (
        Recipe("T-01", "command", ("python3 tools/rename.py src",)),
        Recipe("T-02", "patch", (), patches[0], (patches[1],)),
        Recipe("T-03", "person"),
    )
    return Planner(7, recipes=sorted_recipes(recipes), tries=2)
