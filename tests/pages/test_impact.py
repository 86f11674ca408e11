import pytest
from markdown_it import MarkdownIt
from pages.hostile import HOSTILE, hostile

from codexa_git.change.impact import impact_gaps
from codexa_git.pages.facts import ImpactFacts, ResultsFacts
from codexa_git.pages.impact import impact

PATH = "changes/CH-004/impact.md"


def _kept(facts: ImpactFacts, text: str) -> ImpactFacts:
    """Hostile facts, but with the ids and the title that their readers have already refused."""
    made = hostile(facts, text)
    return made._replace(
        change=facts.change,
        title=facts.title,
        tasks=tuple(
            new._replace(id=old.id, criteria=old.criteria)
            for new, old in zip(made.tasks, facts.tasks, strict=True)
        ),
        criteria=tuple(
            new._replace(id=old.id, tasks=old.tasks)
            for new, old in zip(made.criteria, facts.criteria, strict=True)
        ),
    )


def _shape(page: bytes) -> list[tuple[str, str]]:
    return [(token.type, token.tag) for token in MarkdownIt("commonmark").parse(page.decode())]


def test_an_impact_tells_scope_notes_and_verification(impact_facts: ImpactFacts) -> None:
    page = impact(impact_facts).decode()
    assert impact_gaps(page.encode(), PATH) == ()
    assert impact(impact_facts).decode() == page
    assert "- `src/totals/cli.py` changed, +6 -1\n" in page
    assert "- `docs/totals.png` added, binary\n" in page
    assert "### By no task\n\n- `src/totals/__init__.py` changed, now executable, +0 -0\n" in page
    assert "- 4 passed, 0 failed, 0 waived, 1 skipped, on tree `4f1c2ab0" in page
    assert "- Left alone: other formats\n" in page
    assert "Waived by Demo PM (pm): `tests.test_x::test_y`; no such disk here\n" in page


def test_an_impact_without_anything_says_that(impact_facts: ImpactFacts) -> None:
    bare = ImpactFacts("CH-004", "Totals", (), (), (), (), (), None, (), ())
    page = impact(bare).decode()
    for words in ("What the criteria say.", "No task was planned.", "No tests have run.", "None."):
        assert words in page
    facts = impact_facts._replace(tasks=(impact_facts.tasks[0]._replace(files=()),))
    facts = facts._replace(results=ResultsFacts("", (), (), "not applicable", "not signed"))
    assert "No file was touched." in impact(facts).decode()


def test_a_waiver_that_does_not_count_says_why(impact_facts: ImpactFacts) -> None:
    waiver = impact_facts.waivers[0]._replace(problem="signed under another trust root")
    page = impact(impact_facts._replace(waivers=(waiver,))).decode()
    assert "; no such disk here (does not count: signed under another trust root)\n" in page


def test_an_open_concern_is_said_to_be_open(impact_facts: ImpactFacts) -> None:
    concern = impact_facts.concerns[0]._replace(answer=None)
    assert (
        "(tester (agent)): **open**" in impact(impact_facts._replace(concerns=(concern,))).decode()
    )


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_hostile_text_changes_no_structure(impact_facts: ImpactFacts, text: str) -> None:
    page = impact(_kept(impact_facts, text))
    assert _shape(page) == _shape(impact(_kept(impact_facts, "word")))
    assert b"<!--" not in page.replace(b"`<!-- codexa:begin CH-001 -->`", b"")
    assert b"\x1b" not in page
