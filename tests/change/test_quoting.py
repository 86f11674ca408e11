"""A paper quoted in a shared page: it reads the same, and acts as nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from codexa_git.change.quoting import opening, quoted

PAPER = """\
# CH-001 Totals

## Approach

One *plain* paragraph with `code | here`,
over two [lines](https://demo.invalid/a).

### Detail ###

- one
  - below it
- two

  with a second paragraph

3. three
4. four

> quoted
> twice

```python
# no heading
print("```")
```

    indented

***

<!-- a note for the next editor -->
<details>
"""


def tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").parse(text)


def words(text: str) -> str:
    """What a reader sees, but for white space and marks."""
    return "".join(
        child.content
        for token in tokens(text)
        for child in (token.children or [token])
        if not child.nesting
    )


def test_a_quoted_paper_reads_as_the_paper_does() -> None:
    made = quoted(PAPER)
    assert made.startswith(
        "### Approach\n\nOne plain paragraph with `code | here`, over two lines"
        " (https://demo.invalid/a).\n\n#### Detail\n\n- one\n\n  - below it\n- two\n\n"
        "  with a second paragraph\n\n3. three\n4. four\n\n> quoted twice\n\n"
    )
    assert '````\n# no heading\nprint("```")\n````\n\n```\nindented\n```\n\n***\n\n' in made
    assert made.endswith("\n\n&lt;details>")
    assert "a note" not in made


def test_the_title_is_left_out_and_every_heading_is_below_the_changes_own() -> None:
    levels = [token.tag for token in tokens(quoted(PAPER)) if token.type == "heading_open"]
    assert levels == ["h3", "h4"]
    deep = [t.tag for t in tokens(quoted("###### six\n")) if t.type == "heading_open"]
    assert deep == ["h6"]


HOSTILE = [
    "<!-- never ended",
    "```\nnever ended",
    "~~~~\nnever ended",
    "<script>alert(1)",
    "<div>\n\n<!-- codexa:end CH-001 -->",
    "text <!-- codexa:begin CH-002 -->",
    "[x]: javascript:alert(1)\n\n[x]",
    "[x](javascript:alert(1)) ![i](http://demo.invalid/i.png) <http://demo.invalid>",
    "| a | b |\n| --- | --- |\n| <b> | 1 |",
    "Setext\n======",
    "Setext\n------",
    "> # one\n> - ## two",
    "> - > 1. ```\n> - > never ended",
    "1) one\n* two\n+ three",
    "999999999. last",
    "\\# no heading\n\\- no item",
    "&lt;script&gt; &#35; one",
    "a  \nb\\\nc",
    "a\u200bb",
    "`` ` `` and ` `` `",
]
AFTER = "\n\n## CH-002: after\n\nplain\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_it_reaches_what_follows(text: str) -> None:
    made = quoted(text)
    alone, followed = tokens(made), tokens(made + AFTER)
    last = [token.type for token in tokens(AFTER)]
    assert [t.type for t in followed] == [t.type for t in alone] + last
    assert not {t.tag for t in alone if t.type == "heading_open"} & {"h1", "h2"}
    kinds = {t.type for t in alone} | {c.type for t in alone for c in t.children or ()}
    assert not kinds & {"html_block", "html_inline", "link_open", "image"}


PIECES = st.sampled_from(
    [
        *("#", "##", "-", "*", "1.", ">", "`", "```", "~~~", "<!--", "-->", "<b>", "[a](b)"),
        *("![a](b)", "\n", "\n\n", "    ", " ", "|", "_", "\\", "&amp;", "word", "=", "---", ":"),
    ]
)
WORDS = st.sampled_from(["word", "a*b", "c_d", "#1", "1. x", "<i>", "&", "`x`"])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_text_does(text: str) -> None:
    test_nothing_in_it_reaches_what_follows(text)


@given(
    st.lists(st.sampled_from(["word", "a*b", "c_d", "#1", "1. x", "<i>", "&", "`x`"]), min_size=1)
)
def test_a_paragraph_keeps_its_words(parts: list[str]) -> None:
    text = " ".join(["so", *parts])
    assert words(quoted(text)) == words(text)


def test_the_opening_is_the_first_paragraph() -> None:
    assert opening("> no\n\n- no\n\nThe *first*\none.\n\nNot this.\n") == "The first one."
    assert opening("- only a list\n") == ""


@pytest.mark.parametrize("mark", ["# CH-002: Payments", "- one", "> so", "1. one", "```"])
@pytest.mark.parametrize("space", ["&nbsp;", "&#x2003;", "&nbsp; &nbsp;"])
def test_a_space_that_is_left_out_uncovers_nothing(space: str, mark: str) -> None:
    (block,) = [t.type for t in MarkdownIt().parse(quoted(f"{space}{mark}")) if t.nesting == 1]
    assert block == "paragraph_open"


def test_what_follows_a_comment_or_is_a_second_title_is_there_to_be_read() -> None:
    text = "# Title\n\n<!-- aside --> drop the database\n\n# Then\n\nMore.\n"
    assert quoted(text) == "drop the database\n\n### Then\n\nMore."
