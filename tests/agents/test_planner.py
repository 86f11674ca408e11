import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.agents.planner import plan
from codexa_git.change.brief import Brief, Criterion
from codexa_git.change.design import design_gaps
from codexa_git.change.plan import Plan, Task, parse_tasks, uncovered
from codexa_git.change.planner import unmatched
from codexa_git.change.planner_file import parse_planner
from codexa_git.change.recipes import parse_recipes
from codexa_git.change.text import oddity, one_line
from codexa_git.errors import RefusedError

PAPERS = "changes/CH-001/"
WORDS = st.one_of(
    st.text(min_size=1, max_size=90).map(one_line).filter(lambda t: t and oddity(t) is None),
    st.sampled_from(["as AC-1 says, and AC-3", "Print totals.", "<!-- codexa:begin CH-001 -->"]),
)


def _brief(*texts: str) -> Brief:
    criteria = tuple(Criterion(f"AC-{n}", text, n) for n, text in enumerate(texts, 1))
    return Brief("Totals as JSON", "Scripts.", ("a flag",), ("other formats",), criteria, "")


@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(0, 2**31))
def test_any_brief_becomes_papers_that_its_gates_take(texts: list[str], seed: int) -> None:
    brief = _brief(*texts)
    papers = plan(brief, "CH-001", seed)
    tasks = parse_tasks(papers.tasks_md, f"{PAPERS}tasks.md")
    planner = parse_planner(papers.planner_json, f"{PAPERS}planner_config.json")
    assert uncovered(brief, tasks) == ()
    assert unmatched(tasks, planner) == ()
    assert planner.seed == seed
    assert design_gaps(papers.design_md, f"{PAPERS}design.md") == ()
    assert plan(brief, "CH-001", seed) == papers


def test_a_criterion_that_names_an_earlier_one_waits_for_it() -> None:
    brief = _brief("prints JSON", "Add a flag for AC-1 and AC-3.", "AC-1 and AC-2 work in pipes")
    tasks = parse_tasks(plan(brief, "CH-001", 7).tasks_md, f"{PAPERS}tasks.md")
    assert Plan(tuple(task._replace(line=0) for task in tasks.tasks)) == Plan(
        (
            Task("T-01", "print JSON", ("AC-1",), (), 0),
            Task("T-02", "add a flag for AC-1 and AC-3", ("AC-2",), ("T-01",), 0),
            Task(
                "T-03", "make sure that AC-1 and AC-2 work in pipes", ("AC-3",), ("T-01", "T-02"), 0
            ),
        )
    )


def test_declared_tasks_are_the_plan() -> None:
    declared = parse_recipes(
        b'[[task]]\ntitle = "print"\ncriteria = ["AC-1"]\nrun = ["make totals"]\n', "recipes.toml"
    )
    papers = plan(_brief("prints JSON"), "CH-001", 7, declared)
    assert papers.tasks_md == (
        b"# CH-001 Totals as JSON\n\n## Tasks\n\n- T-01: print\n  - criteria: AC-1\n"
    )
    assert b'"make totals"' in papers.planner_json


def test_the_seed_changes_the_papers_and_nothing_else_does() -> None:
    brief = _brief("prints JSON", "prints text", "prints nothing")
    assert plan(brief, "CH-001", 7) != plan(brief, "CH-001", 8)
    assert plan(brief, "CH-001", 7).tasks_md == plan(brief, "CH-001", 8).tasks_md


def test_a_brief_without_criteria_is_not_planned() -> None:
    with pytest.raises(RefusedError, match="nothing to plan"):
        plan(_brief(), "CH-001", 7)
