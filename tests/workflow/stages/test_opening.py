"""A person's own brief, whose number is put in or put right."""

import pytest

from codexa_git.errors import PaperError
from codexa_git.workflow.stages.opening import Request, brief_of


@pytest.mark.parametrize(
    ("heading", "becomes"),
    [
        (b"# CH-001 Shouting\n", b"# CH-007 Shouting\n"),
        (b"# Shouting\n", b"# CH-007 Shouting\n"),
        (b"\n\n#  Shouting\r\n", b"\n\n# CH-007 Shouting\r\n"),
        (b"# CH-001\n", b"# CH-007 \n"),
        (b"# CH-001x Shouting\n", b"# CH-007 CH-001x Shouting\n"),
    ],
)
def test_the_heading_gets_the_number_that_was_claimed(heading: bytes, becomes: bytes) -> None:
    made = brief_of(
        Request("Shouting", brief=heading + b"\n## Context\n\nWhy, CH-001?\n"), "CH-007"
    )
    assert made == becomes + b"\n## Context\n\nWhy, CH-001?\n"


def test_a_mistake_is_told_of_the_file_at_hand() -> None:
    request = Request("x", brief=b"# X\n\n## Acceptance criteria\n\n- none\n", brief_path="mine.md")
    with pytest.raises(PaperError, match=r"^mine\.md:5: this criterion has no id$"):
        brief_of(request, "CH-001")


def test_without_a_brief_the_template_is_filled_in() -> None:
    made = brief_of(Request("Shouting", scope=("A script",)), "CH-007")
    assert made.startswith(b"# CH-007 Shouting\n")
    assert b"## Scope\n\n- A script\n" in made
