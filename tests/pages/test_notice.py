"""A notice: words of ours in its heading, and anybody's as plain text in its body."""

import pytest

from codexa_git.pages.notice import Notice, body, heading

HOSTILE = "<@1> @here # <!-- x --> [l](https://x.invalid) `a` **b** \u202e\n- c"


@pytest.mark.parametrize(
    ("notice", "told"),
    [
        (Notice("CH-001", "landed", "Totals"), "**Totals**"),
        (Notice("CH-001", "landed", "Totals", text="on main"), "**Totals**\n\non main"),
        (
            Notice("CH-001", "handed on", "Totals", ("A", "B"), command="git x"),
            "**Totals**\n\nNext, A, B: `git x`",
        ),
        (Notice("CH-001", "raised", "T", command="git x"), "**T**\n\nNext: `git x`"),
        (Notice("CH-001", "handed on", "T", ("A",)), "**T**\n\nNext, A"),
    ],
)
def test_a_notice_says_what_happened_and_who_goes_on(notice: Notice, told: str) -> None:
    assert heading(notice) == f"CH-001: {notice.what}"
    assert body(notice) == told


def test_what_strangers_wrote_is_text() -> None:
    found = body(Notice("CH-001", "raised", HOSTILE, (HOSTILE,), HOSTILE, "git x"))
    for active in ("@here", "<@1", "<!--", "[l](", "://", "\u202e", "\n- c", "**b**"):
        assert active not in found


def test_the_longest_texts_have_room_in_a_chat() -> None:
    long = "*" * 5000
    notice = Notice("CH-001", "raised", long, (long,), long, "git x")
    assert len(heading(notice)) + len(body(notice)) < 2000
