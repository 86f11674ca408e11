"""The plain reader answers what the real one does, node by node, or nothing."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from searching import examples

from codexa_git.change.brief import format_brief
from codexa_git.change.markdown import Node, nodes_of, read
from codexa_git.change.plain import plainly
from codexa_git.change.text import code_span, escaped

PAPERS = [
    "# CH-001 Totals\n\n## Tasks\n\n- T-01: print\n  - criteria: AC-1, AC-2\n  - after: T-02\n",
    "## Scope\n\n- One.\n- Left: `a_b.py`, and test_a_b\n\n## Verification\n\n- ok\n\n- AC-1\n",
    "# CH-001 x\n## Order of work\n1. T-01: a\n2. T-02: b\n\n3. c\n\nNone.\n",
    "*Not written yet: why this is wanted, and for whom.*\n",
    "Two lines\nof words.\n\nAnd \\`more\\` &lt;b> &amp;amp; `code` of it\n",
    "7. seven\n8. eight\n",
]
STARTS = [
    "",
    "# ",
    "## ",
    "####### ",
    "- ",
    "  - ",
    "    - ",
    " - ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "0. ",
]
STARTS += [
    "   ",
    "    ",
    "\t",
    "> ",
    "```",
    "~~~",
    "---",
    "===",
    "***",
    "*",
    "-",
    "10. ",
    "1234567890. ",
]
STARTS += [
    "- - ",
    "- # ",
    "- 1. ",
    "1. - ",
    "[a]: ",
    "<div>",
    "<!--",
    "-->",
    "|",
    "\\",
    "\\- ",
    "`",
    "1.",
    "#",
]
WORDS = [
    "",
    "a",
    "word",
    "a b",
    " a",
    "a ",
    "a  ",
    "a #",
    "a#",
    "# a",
    "*a*",
    "**a**",
    "a*b*c",
    "*a b.*",
]
WORDS += [
    "_a_",
    "a_b",
    "a__b",
    "_a",
    "a_",
    "a _b_ c",
    "`a`",
    "`a",
    "``a``",
    "`` ` ``",
    "` a `",
    "`a``b`",
]
WORDS += [
    "\\`a\\`",
    "\\``a`",
    "\\",
    "a\\",
    "\\a",
    "\\\\",
    "`a\\`",
    "&lt;",
    "&amp;",
    "&",
    "&copy;",
    "&lt",
    "<b>",
]
WORDS += [
    "<!-- a -->",
    "a <b",
    "http://a.b",
    "<http://a.b>",
    "[a](b)",
    "![a](b)",
    "[a]",
    "a]",
    "!a",
    "~~a~~",
]
WORDS += [
    "1. a",
    "1.",
    "1)",
    "10) b",
    "- a",
    "---",
    "===",
    "=",
    "é",
    "ß_ß",
    "a_é",
    "\u00a0a",
    "a\u00a0",
    "\u2003",
]
WORDS += [
    "\u200b",
    "\u2028a",
    "\x0b",
    "\x0c",
    "\x1f",
    "\x85",
    "a\tb",
    "(a)",
    '"a"',
    "'a'",
    "*a `b`*",
    "*a\\**",
]
WORDS += [
    "* a*",
    "*a *",
    "*a*b",
    "`*`",
    "`[a]`",
    "`<b>`",
    "`a` `b`",
    "`a`b`",
    "*",
    "**",
    "\u0663. a",
    "`a&lt;`",
]


def shown(nodes: Sequence[Node]) -> list[object]:
    """All that is to be known of a tree; of what has children, its own words are not."""
    return [
        (
            node.type,
            node.tag,
            node.map and tuple(node.map),
            shown(node.children),
            "" if node.children else node.content,
            dict(node.attrs),
            node.block,
        )
        for node in nodes
    ]


def agreed(text: str) -> bool:
    """True where the plain reader answers, which it then does as the real one."""
    found = plainly(text)
    if found is not None:
        real = SyntaxTreeNode(MarkdownIt("commonmark").parse(text)).children
        assert shown(found) == shown(real), text
    return found is not None


class TestPapers:
    @pytest.mark.parametrize("paper", PAPERS)
    def test_what_recipes_write_is_read_plainly(self, paper: str) -> None:
        assert agreed(paper)

    def test_a_whole_brief_is_read_plainly(self) -> None:
        brief = format_brief(
            "CH-001",
            "a_b *c* [d] <e> & f",
            context="Wanted, by `all`.\n\nAnd more.",
            scope=["one `x`", "1. two", "# three"],
            criteria=["exit 0", "- nothing\\", "a|b ~c~"],
        )
        assert agreed(brief.decode())

    def test_what_it_does_not_take_the_real_reader_answers(self) -> None:
        text = "> quoted\n\n```\n# no heading\n```\n"
        assert plainly(text) is None
        assert shown(nodes_of(text)) == shown(read(text))


class TestLines:
    @pytest.mark.parametrize("start", STARTS)
    def test_one_line_of_each_kind(self, start: str) -> None:
        for word, before, after in product(
            WORDS,
            ("", "a\n", "# a\n", "- a\n", "- a\n\n"),
            ("", "\nb", "\n\nb"),
        ):
            agreed(f"{before}{start}{word}{after}")

    def test_any_three_lines_one_after_the_other(self) -> None:
        kinds = ["", "a", "# a", "- a", "  - a", "1. a", "2. a", "---", "    a", " a"]
        answered = [agreed("\n".join(lines)) for lines in product(kinds, repeat=3)]
        assert any(answered)
        assert not all(answered)

    def test_any_five_lines_of_lists(self) -> None:
        kinds = ["", "- a", "  - b", "1. c", "# d"]
        for lines in product(kinds, repeat=5):
            agreed("\n".join(lines))
            agreed("\n".join(lines) + "\n")


LINE = st.tuples(st.sampled_from(STARTS), st.lists(st.sampled_from(WORDS), max_size=4)).map(
    lambda parts: parts[0] + " ".join(parts[1])
)
PLAIN_LINE = st.tuples(
    st.sampled_from(["", "# ", "## ", "- ", "  - ", "1. ", "2. "]),
    st.text(st.sampled_from("ab1_*`\\ &lt;#.-(<[]é"), max_size=12),
).map("".join)
SAID = st.tuples(
    st.sampled_from(["", "# ", "- ", "  - ", "3. "]),
    st.text(max_size=20)
    .map(lambda text: " ".join(text.split()))
    .flatmap(lambda text: st.sampled_from([escaped(text), code_span(text)])),
).map("".join)


@settings(max_examples=examples(400))
@given(st.lists(st.one_of(LINE, PLAIN_LINE, SAID), max_size=8).map("\n".join))
@example("- a\n\n\n- b")
@example("- a\n\n1. b\n")
@example("a\n=")
def test_whatever_the_plain_reader_answers_the_real_one_does(text: str) -> None:
    agreed(text)


@settings(max_examples=examples(300))
@given(st.text(max_size=40), st.sampled_from(PAPERS), st.integers(0, 200))
def test_anything_put_into_a_paper_is_read_alike(odd: str, paper: str, at: int) -> None:
    place = at % (len(paper) + 1)
    agreed(paper[:place] + odd + paper[place:])


@settings(max_examples=examples(300))
@given(st.text(st.sampled_from("ab_*`\\&<>[]()!#-.1 \n"), max_size=60))
def test_any_text_of_marks_is_read_alike(text: str) -> None:
    agreed(text)
