"""What people sign is what runs: a plan follows from `recipes.toml` wherever that is there."""

import json

import pytest
from scenarios.clone import SAY, SHOUT, At, Clone, recipes

RECIPES = "changes/CH-001/recipes.toml"
TASKS = "changes/CH-001/tasks.md"
PLANNER = "changes/CH-001/planner_config.json"
OTHER = """run = ["sh -c 'echo OTHER, see shout.sh >> README.md'"]"""
REPLAN = "hint: git codexa advance CH-001 --replan"


def edited(clone: Clone, path: str, old: str, new: str) -> None:
    text = clone.read(path)
    assert old in text
    clone.commit({path: text.replace(old, new, 1) + "\n"}, "edit")


@pytest.mark.parametrize("state", ["planned", "approved"])
def test_recipes_that_were_edited_after_planning_are_planned_before_anyone_signs(
    state: str, at: At
) -> None:
    clone = at(state)
    clone.commit({RECIPES: recipes(second=OTHER)}, "another way")
    for command in ("advance", "approve"):
        told = clone.refused(command)
        assert f"T-02 of {PLANNER} is not done as {RECIPES} declares" in told, told
        assert REPLAN in told, told
    clone.did("advance", "--replan")
    assert "OTHER" in clone.read(PLANNER)
    clone.did("approve")
    clone.did("advance")
    assert "OTHER, see shout.sh" in clone.read("README.md")
    clone.did("replay", "CH-001")


EDITS = {
    "a command": (PLANNER, "echo HELLO", "echo OTHER", f"T-01 of {PLANNER} is not done as"),
    "a title": (TASKS, "shout", "shout loud", f"T-01 of {TASKS} is not what"),
    "the criteria": (TASKS, "AC-2", "AC-2, AC-1", f"T-02 of {TASKS} is not what"),
    "an order": (TASKS, "  - after: T-01", "", f"T-02 of {TASKS} is not what"),
    "a title in the list": (RECIPES, '"say so"', '"say it"', f"T-02 of {TASKS} is not what"),
    "a task more in the list": (
        RECIPES,
        "[[task]]",
        '[[task]]\ntitle = "x"\ncriteria = ["AC-1"]\n[[task]]',
        f"T-03 of {RECIPES} is not in the plan",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_plan_is_what_was_declared_to_the_last(name: str, at: At) -> None:
    clone = at("planned")
    path, old, new, why = EDITS[name]
    edited(clone, path, old, new)
    told = clone.refused("approve")
    assert why in told, told
    assert REPLAN in told, told


def test_a_task_that_the_list_lost_is_told(at: At) -> None:
    clone = at("planned")
    only = '[[task]]\ntitle = "shout"\ncriteria = ["AC-1", "AC-2"]\n' + SHOUT
    clone.commit({RECIPES: only}, "one is enough")
    assert f"T-02 of {TASKS} is not in {RECIPES}" in clone.refused("approve")


def test_a_list_that_is_malformed_after_planning_is_told_at_its_line(at: At) -> None:
    clone = at("approved")
    clone.commit({RECIPES: recipes() + "oops\n"}, "hasty")
    for command in (("advance",), ("approve",), ("advance", "--replan")):
        assert f"{RECIPES}:11: this is not TOML" in clone.refused(*command)


def test_a_plan_is_peoples_to_edit_where_they_declared_nothing(at: At) -> None:
    clone = at("opened")
    clone.did("advance")
    recipe = json.loads(clone.read(PLANNER))
    recipe["recipes"]["T-01"] = {"kind": "command", "run": ["sh -c 'echo echo HELLO > shout.sh'"]}
    clone.commit({PLANNER: json.dumps(recipe)}, "let it do this")
    clone.did("approve")
    assert "T-02 waits for a person" in clone.refused("advance")
    assert clone.read("shout.sh") == "echo HELLO"


def test_a_list_that_was_taken_away_leaves_the_plan_to_people(at: At) -> None:
    clone = at("planned")
    clone.commit({RECIPES: None}, "no list")
    edited(clone, TASKS, "shout", "shout loud")
    clone.did("approve")
    assert "T-01 shout loud" in clone.did("advance")


def test_every_word_of_a_title_comes_back_as_it_was_declared(at: At) -> None:
    """Markdown in a title is escaped in `tasks.md`, and is the same title still."""
    clone = at("opened")
    title = r"shout *loud* _and_ `plain` <b> & [x](y) \\ # 1. &amp; CN-1"
    text = recipes(SHOUT, SAY).replace('"shout"', json.dumps(title))
    clone.commit({RECIPES: text}, "say how")
    clone.did("advance")
    clone.did("approve")
