"""The template of `planner_config.json` is one that can be copied."""

import json
from pathlib import Path

from codexa_git.change.planner_file import format_planner, parse_planner

TEMPLATE = Path(__file__).parents[2] / "examples" / "planner_config.json"
NAMES = {"format", "ordering", "planner", "recipes", "seed", "tries"}


def test_the_template_has_every_name_and_every_kind_of_recipe() -> None:
    content = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    kinds = {recipe["kind"] for recipe in content["recipes"].values()}
    assert (content.keys(), kinds) == (NAMES, {"command", "patch", "person"})


def test_the_template_is_what_the_planner_itself_would_write() -> None:
    content = TEMPLATE.read_bytes()
    assert format_planner(parse_planner(content, TEMPLATE.name)) == content
