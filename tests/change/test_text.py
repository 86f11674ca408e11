import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from codexa_git.change.outline import read_outline
from codexa_git.change.text import (
    clean_title,
    clipped,
    code_span,
    escaped,
    oddity,
    one_line,
    visible,
)
from codexa_git.errors import UsageError

LINES = st.text(max_size=60).map(one_line).filter(lambda text: text and oddity(text) is None)
NASTY = st.text(alphabet="`*_[]()#+-.!|<>&;~\\=1a :/\"'x", min_size=1, max_size=24)
NASTY_LINES = NASTY.map(one_line).filter(bool)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "   ",
        "two\nlines",
        "one\rline",
        "totals\n\nCodexa-Change: CH-002",
        "a\x1b[31mred",
        "a\x00b",
        "a\u202eb",
        "a\u2066b",
        "a\u2028b",
        "a\u0085b",
        "a\u200bb",
        "a\ud800b",
        "a\U000e0041b",
        "x" * 73,
    ],
    ids=ascii,
)
def test_a_title_that_is_not_one_plain_line_is_refused(title: str) -> None:
    with pytest.raises(UsageError) as caught:
        clean_title(title)
    assert caught.value.message.isascii()
    assert "\n" not in caught.value.message
    assert caught.value.hints


def test_a_title_keeps_its_words_and_loses_only_spaces() -> None:
    assert clean_title("  totals   as JSON ") == "totals as JSON"
    assert clean_title("x" * 72) == "x" * 72
    assert clean_title("$(rm -rf /); `id` | cat <!-- -->") == "$(rm -rf /); `id` | cat <!-- -->"
    assert clean_title("می‌خواهم 👩‍💻") == "می‌خواهم 👩‍💻"


@given(LINES | NASTY_LINES)
@example("<!-- codexa:begin CH-001 -->")
@example("- item")
@example("1. item")
@example("# heading #")
@example("a ## ")
@example("--- ")
@example("&lt;b&gt; &amp;amp;")
@example("[x]: http://example.invalid")
@example("snake_case and _emphasis_")
@example("back\\slash\\")
def test_escaped_text_reads_as_itself_wherever_it_stands(text: str) -> None:
    text = one_line(text)
    page = f"# CH-001 {escaped(text)}\n\n## Context\n\n{escaped(text)}\n\n- {escaped(text)}\n"
    outline = read_outline(page.encode(), "brief.md")
    paragraph, items = outline.section("Context").blocks
    assert outline.title == f"CH-001 {text}"
    assert (paragraph.kind, paragraph.text) == ("paragraph", text)
    assert [(item.text, item.items, item.stray) for item in items.items] == [(text, (), None)]


@given(LINES | NASTY_LINES)
def test_escaped_text_holds_no_comment_and_no_html(text: str) -> None:
    assert "<" not in escaped(text)
    tokens = MarkdownIt("commonmark").parse(escaped(text))
    kinds = {token.type for token in tokens} | {
        child.type for token in tokens for child in token.children or []
    }
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text"}


def test_ordinary_text_is_left_as_people_wrote_it() -> None:
    for text in ("print totals as JSON", "keep snake_case names", "R&D, 5 > 3 (of 9) - done!"):
        assert escaped(text) == text


@given(st.text())
def test_visible_text_keeps_lines_and_holds_nothing_that_acts(text: str) -> None:
    shown = visible(text)
    assert oddity(shown.replace("\n", "").replace("\t", "")) is None
    assert shown.count("\n") == text.count("\n")
    assert visible(shown) == shown


def test_what_acts_is_shown_by_its_number() -> None:
    assert visible("a\x1b[1m\u202eb\U000e0041\n") == "a\\x1b[1m\\u202eb\\U000e0041\n"


def test_long_text_is_cut_at_a_space() -> None:
    assert clipped("short") == "short"
    assert clipped("word " * 30) == "word " * 13 + "word..."
    assert clipped("x" * 80) == "x" * 69 + "..."
    assert len(clipped("word " * 30)) <= 72


@given(st.text(alphabet="` a\\<!-", min_size=1, max_size=12) | st.text(min_size=1, max_size=20))
@example("`")
@example("a\n\n# b")
@example(" a ")
def test_a_code_span_holds_its_text_and_nothing_else(text: str) -> None:
    inline = MarkdownIt("commonmark").parse(f"- path {code_span(text)}, then")[3]
    kinds = [(child.type, child.content) for child in inline.children or []]
    shown = visible(text.replace("\n", "\\x0a").replace("\t", "\\x09"))
    assert kinds == [("text", "path "), ("code_inline", shown), ("text", ", then")]


def test_a_long_run_of_signs_takes_no_time() -> None:
    text = "a " + "#" * 1_000_000 + "x"
    began = time.process_time()
    assert escaped(text) == text
    assert time.process_time() - began < 5


def test_signs_at_the_end_end_no_heading() -> None:
    assert escaped("a ###") == r"a \#\#\#"
    assert escaped("###") == r"\#\#\#"
