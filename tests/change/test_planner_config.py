import json
import re
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codexa_git.change.plan import Plan, Task
from codexa_git.change.planner import Planner, Recipe, unmatched
from codexa_git.change.planner_config import PlannerConfig, planner_of
from codexa_git.change.planner_file import format_planner, parse_planner, quickly
from codexa_git.errors import PaperError

PATH = "changes/CH-001/planner_config.json"
PATCH = "changes/CH-001/patches/T-02.patch"
AGAIN = "changes/CH-001/patches/T-02-again.patch"
GOOD = Planner(
    seed=7,
    recipes=(
        Recipe("T-01", "command", ("make totals", "python -c 'print(1)'")),
        Recipe("T-02", "patch", (), PATCH, (AGAIN,)),
        Recipe("T-03", "person"),
    ),
)
PLAIN = {"format": 1, "seed": 7, "planner": "scripted", "ordering": "sha256", "recipes": {}}
ODD: st.SearchStrategy[object] = st.sampled_from(
    [
        None,
        True,
        1,
        1.0,
        -1,
        2**31,
        2**31 + 1,
        "",
        "scripted",
        "sha256",
        [],
        {},
        "x\ny",
        [""],
        ["a"],
    ]
)
RECIPE = st.one_of(
    ODD,
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["command", "patch", "person", "x"]) | ODD},
        optional={
            "run": ODD | st.lists(ODD | st.just("make x"), max_size=2) | st.just(["make x"]),
            "patch": ODD | st.sampled_from([PATCH, "/etc/x.patch", "changes/CH-001/patches/../x"]),
            "again": ODD | st.lists(ODD | st.just(AGAIN), max_size=2) | st.just([AGAIN, PATCH]),
            "extra": ODD,
        },
    ),
    st.just({"kind": "person"}),
    st.just({"kind": "command", "run": ["make x"]}),
    st.just({"kind": "patch", "patch": PATCH}),
    st.just({"kind": "patch", "patch": PATCH, "again": [AGAIN]}),
)
VALUE = st.one_of(
    ODD,
    st.fixed_dictionaries(
        {
            "format": st.just(1) | ODD,
            "seed": st.integers(-1, 9) | ODD,
            "planner": st.just("scripted") | ODD,
            "ordering": st.just("sha256") | ODD,
            "recipes": st.dictionaries(st.sampled_from(["T-01", "T-02", "T-1", ""]), RECIPE) | ODD,
        },
        optional={"tries": st.integers(0, 101) | ODD, "x": ODD},
    ),
    st.fixed_dictionaries(
        {
            "format": st.just(1),
            "seed": st.integers(0, 9),
            "planner": st.just("scripted"),
            "ordering": st.just("sha256"),
            "recipes": st.dictionaries(st.sampled_from(["T-01", "T-02"]), RECIPE),
        }
    ),
)


@given(VALUE)
@example(PLAIN | {"format": True})
@example(PLAIN | {"format": 1.0})
@example(PLAIN | {"seed": False})
@example(PLAIN | {"tries": None})
@example(PLAIN | {"recipes": {"T-01": {"kind": "person", "run": []}}})
@example(PLAIN | {"recipes": {"T-01": {"kind": "command", "run": ("make x",)}}})
@example(PLAIN | {"recipes": {"T-01": {"kind": "patch", "patch": PATCH, "again": []}}})
@example(PLAIN | {"recipes": {"T-01": {"kind": "patch", "patch": PATCH, "again": [AGAIN] * 2}}})
@example(PLAIN | {"recipes": {"T-01": {"kind": "patch", "patch": PATCH, "again": (AGAIN,)}}})
@example(PLAIN | {"recipes": {"T-01": {"kind": "patch", "patch": PATCH, "again": None}}})
@example(PLAIN | {"recipes": {"T-01": {"kind": "patch", "again": [AGAIN]}}})
@example(PLAIN | {"recipes": {"T-01": {"kind": "command", "run": ["make x"], "again": [AGAIN]}}})
@example(PLAIN | {"recipes": {"T-01": {"kind": "person", "again": [AGAIN]}}})
@example(PLAIN)
def test_the_quick_reader_and_the_schema_give_the_same_answer(value: object) -> None:
    quick = quickly(value)
    try:
        slow = planner_of(value, PATH)
    except PaperError:
        slow = None
    assert quick == slow


@given(VALUE)
def test_what_is_read_is_written_as_one_file(value: object) -> None:
    planner = quickly(value)
    if planner is not None:
        page = format_planner(planner)
        assert parse_planner(page, PATH) == planner
        assert format_planner(parse_planner(page, PATH)) == page


def test_a_configuration_is_indented_sorted_json() -> None:
    page = format_planner(GOOD).decode()
    assert page.endswith("}\n")
    assert page == json.dumps(json.loads(page), indent=2, sort_keys=True) + "\n"
    assert parse_planner(page.encode(), PATH) == GOOD
    assert GOOD.recipe("T-02") == Recipe("T-02", "patch", (), PATCH, (AGAIN,))
    assert GOOD.recipe("T-09") is None


@pytest.mark.parametrize(
    ("recipe", "patches", "more"),
    [
        (Recipe("T-01", "patch", (), PATCH), [PATCH, PATCH], [True, False, False]),
        (Recipe("T-01", "patch", (), PATCH, (AGAIN,)), [PATCH, AGAIN, AGAIN], [True, True, False]),
        (Recipe("T-01", "command", ("make x",)), [None, None], [True, True, True]),
        (Recipe("T-01", "person"), [None, None], [False, False, False]),
    ],
)
def test_each_time_a_task_is_done_its_next_patch_is_applied(
    recipe: Recipe, patches: list[str | None], more: list[bool]
) -> None:
    assert [recipe.patch_for(nth) for nth in range(len(patches))] == patches
    assert [recipe.has_more(nth) for nth in range(len(more))] == more


def test_tries_stay_said_or_unsaid() -> None:
    assert parse_planner(format_planner(GOOD), PATH).tries is None
    assert parse_planner(format_planner(GOOD._replace(tries=3)), PATH).tries == 3


def test_every_field_of_the_schema_is_documented() -> None:
    schema = PlannerConfig.model_json_schema()
    assert all("description" in field for field in schema["properties"].values())
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('"seed": 7', '"seed": 7, ,', 24, "not JSON"),
        ('"seed": 7', '"seed": 7, "seed": 8', None, "'seed' is said twice"),
        ('"seed": 7', '"seed": NaN', None, "NaN is no number"),
        ('"seed": 7', f'"seed": {"9" * 5000}', None, "too long"),
        ('"seed": 7', '"seed": true', None, "'seed': "),
        ('"seed": 7', '"seed": 7.0', None, "'seed': "),
        ('"seed": 7', '"seed": -1', None, "'seed': "),
        ('"seed": 7', '"sead": 7', None, "'seed': field required"),
        ('"format": 1', '"format": 2', None, "'format': "),
        ('"scripted"', '"clever"', None, "'planner': "),
        ('"T-03": {', '"T-3": {', None, "named by its task"),
        ('"make totals"', '"make\\u0000totals"', None, "one line of plain text"),
        ('"make totals"', '" "', None, "one line of plain text"),
        (AGAIN, "changes/CH-002/../x.patch", None, "a patch lies in"),
        (f'"{AGAIN}"', "7", None, "'recipes.T-02.patch.again.0': "),
        (PATCH, "changes/CH-001/patches/../../x.patch", None, "a patch lies in"),
        (PATCH, "/etc/passwd", None, "a patch lies in"),
        ('"person"', '"demon"', None, "does not match any of the expected tags"),
    ],
)
def test_a_malformed_configuration_is_refused(
    old: str, new: str, line: int | None, words: str
) -> None:
    page = format_planner(GOOD).decode()
    assert old in page
    with pytest.raises(PaperError, match=re.escape(words)) as caught:
        parse_planner(page.replace(old, new).encode(), PATH)
    assert (caught.value.path, caught.value.line) == (PATH, line)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 20000, b"7"])
def test_what_is_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(PaperError):
        parse_planner(content, PATH)


def test_tasks_and_recipes_are_held_against_each_other() -> None:
    plan = Plan(tuple(Task(name, name, ("AC-1",), (), 1) for name in ("T-01", "T-02", "T-04")))
    assert unmatched(plan, GOOD) == ("T-04 has no recipe", "T-03 is no task of the plan")


def test_reading_a_good_configuration_imports_no_pydantic() -> None:
    script = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from codexa_git.change.planner_file import parse_planner\n"
        f"parse_planner({format_planner(GOOD)!r}, {PATH!r})\n"
        "heavy = {'pydantic', 'markdown_it', 'dataclasses'} & (set(sys.modules) - before)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
