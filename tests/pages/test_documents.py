import pytest
from markdown_it import MarkdownIt
from pages.hostile import HOSTILE
from pages.test_impact import _kept as kept

from codexa_git.pages.documents import Course, implementation_plan, overview
from codexa_git.pages.facts import ImpactFacts

COURSE = Course(7, ("T-02", "T-01"), 3, (("execute", "it was not loud"),))


def shape(page: bytes) -> list[tuple[str, str]]:
    return [(token.type, token.tag) for token in MarkdownIt("commonmark").parse(page.decode())]


def with_ids(facts: ImpactFacts, text: str) -> ImpactFacts:
    """Hostile facts, but with the ids that their reader has already refused."""
    made = kept(facts, text)
    pairs = zip(made.tasks, facts.tasks, strict=True)
    return made._replace(tasks=tuple(new._replace(after=old.after) for new, old in pairs))


def test_an_overview_says_what_holds_now(impact_facts: ImpactFacts) -> None:
    page = overview(impact_facts, "Why it is wanted.").decode()
    assert page.startswith(
        "## CH-004: Totals as JSON\n\nWhy it is wanted.\n\nWhat holds now:\n\n- "
    )
    for criterion in impact_facts.criteria:
        assert f"({criterion.id})\n" in page
    assert page.endswith("\n\nLeft alone:\n\n- other formats\n")


def test_an_implementation_plan_tells_the_tasks_in_their_order(impact_facts: ImpactFacts) -> None:
    page = implementation_plan(impact_facts, COURSE).decode()
    assert (
        "\n\n2 tasks, seed 7, 3 tries at most without a person.\n\n- T-02, after T-01\n- T-01\n\n"
        in page
    )
    assert page.index("### T-02: ") < page.index("### T-01: ") < page.index("### Criteria")
    assert "- `src/totals/cli.py` changed, +6 -1\n" in page
    assert page.endswith("### Sent back\n\n- to execute: it was not loud\n")


def test_documents_of_next_to_nothing_say_that() -> None:
    bare = ImpactFacts("CH-004", "Totals", (), (), (), (), (), None, (), ())
    assert overview(bare, "").decode() == (
        "## CH-004: Totals\n\nWhat holds now:\n\nNo criterion was written.\n"
    )
    page = implementation_plan(bare, Course(0, (), 1, ())).decode()
    assert "0 tasks, seed 0, 1 try at most" in page
    assert page.endswith("### Sent back\n\nNever.\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_forges_anything(impact_facts: ImpactFacts, text: str) -> None:
    plain, forged = with_ids(impact_facts, "plain"), with_ids(impact_facts, text)
    assert shape(overview(forged, "")) == shape(overview(plain, ""))
    course = COURSE._replace(reworks=(("execute", text),))
    made = implementation_plan(forged, course)
    assert shape(made) == shape(implementation_plan(plain, COURSE))
    assert b"\n<!-- codexa" not in made
