import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.brief import Brief, Criterion
from codexa_git.change.design import design_gaps, format_design
from codexa_git.change.impact import impact_gaps
from codexa_git.change.plan import Plan, Task
from codexa_git.change.planner import Planner, Recipe
from codexa_git.change.text import clean_title, oddity
from codexa_git.errors import PaperError

PATH = "changes/CH-001/design.md"
TITLES = st.text(min_size=1, max_size=40).filter(
    lambda text: oddity(text) is None and bool(text.strip())
)


def _page(decisions: str, approach: str = "One flag.") -> bytes:
    return f"# CH-001 T\n\n## Approach\n\n{approach}\n\n## Decisions\n\n{decisions}\n".encode()


@given(TITLES, TITLES, TITLES)
def test_the_designers_page_says_what_a_gate_asks(title: str, scope: str, task: str) -> None:
    criteria = (Criterion("AC-1", "prints JSON", 9),)
    brief = Brief(clean_title(title), "", (scope.strip(),), (scope.strip(),), criteria, "")
    plan = Plan((Task("T-01", clean_title(task), ("AC-1",), (), 1),))
    for recipe in (
        Recipe("T-01", "person"),
        Recipe("T-01", "command", ("make <!-- x",)),
        Recipe("T-01", "patch", (), "changes/CH-001/patches/T-01.patch"),
    ):
        page = format_design("CH-001", brief, plan, Planner(7, recipes=(recipe,)))
        assert design_gaps(page, PATH) == ()
        assert b"<" not in page


def test_a_design_without_approach_or_decisions_says_so() -> None:
    assert design_gaps(b"# CH-001 T\n", PATH) == (
        "the approach is not written yet",
        "no decision is written yet",
    )
    assert design_gaps(_page("- D-1: JSON, as scripts read it", "<!-- soon -->"), PATH) == (
        "the approach is not written yet",
    )
    assert design_gaps(_page("- D-1: JSON"), PATH) == ()


@pytest.mark.parametrize(
    ("decisions", "line", "words"),
    [
        ("- JSON", 9, "no id"),
        ("- D-1:", 9, "no words"),
        ("- D-0: JSON", 9, "no id"),
        ("- D-1: JSON\n- D-1: text", 10, "used twice, first on line 9"),
        ("D-1: JSON", 9, "list items only"),
    ],
)
def test_a_malformed_decision_is_refused_with_its_line(
    decisions: str, line: int, words: str
) -> None:
    with pytest.raises(PaperError) as caught:
        design_gaps(_page(decisions), PATH)
    assert words in caught.value.message
    assert caught.value.line == line


def test_a_design_of_another_change_is_refused() -> None:
    with pytest.raises(PaperError, match="says CH-001 in a paper of CH-002"):
        design_gaps(_page("- D-1: JSON"), "changes/CH-002/design.md")


def test_an_impact_without_its_parts_says_so() -> None:
    path = "changes/CH-001/impact.md"
    assert impact_gaps(b"# CH-001 T\n\n## Scope\n\n<!-- -->\n", path) == (
        "the scope is not written yet",
        "the implementation notes are not written yet",
        "the verification is not written yet",
    )
    full = b"# CH-001 T\n\n## Scope\n\nx\n\n## Implementation notes\n\nx\n\n## Verification\n\nx"
    assert impact_gaps(full, path) == ()
