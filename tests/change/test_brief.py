import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.brief import (
    Brief,
    Criterion,
    format_brief,
    gaps,
    parse_brief,
    questions,
    unchecked,
)
from codexa_git.change.text import oddity, one_line
from codexa_git.errors import PaperError, UsageError

PATH = "changes/CH-001/brief.md"
LINES = (
    st.text(min_size=1, max_size=40)
    .map(one_line)
    .filter(lambda text: text and oddity(text) is None and not text.startswith("Not written yet"))
    .filter(lambda text: "AC-" not in text)
)
BRIEF = b"""\
# CH-001 Totals as JSON

## Context

Scripts read our totals, and *parse text* for it.

```
# not a title
## Acceptance criteria
```

## Scope

- a flag `--json`
  - for `totals` only
- its help

## Out of scope

Other formats.

## Acceptance criteria

<!-- three of them -->

- **AC-1**: `totals --json` prints one JSON object
  on one line
- *AC-2:* text stays the default
  - also in pipes

### Later thoughts

* AC-10 : an empty file gives `{}`

## Clarifications

Who? Everyone.
"""


def _with(criteria: str, title: str = "# CH-001 Totals") -> bytes:
    return f"{title}\n\n## Acceptance criteria\n\n{criteria}\n".encode()


def test_a_brief_is_read_as_a_reader_sees_it() -> None:
    brief = parse_brief(BRIEF, PATH)
    assert brief == Brief(
        title="Totals as JSON",
        context=(
            "Scripts read our totals, and *parse text* for it.\n\n"
            "```\n# not a title\n## Acceptance criteria\n```"
        ),
        scope=("a flag --json for totals only", "its help"),
        out_of_scope=("Other formats.",),
        criteria=(
            Criterion("AC-1", "totals --json prints one JSON object on one line", 26),
            Criterion("AC-2", "text stays the default also in pipes", 28),
            Criterion("AC-10", "an empty file gives {}", 33),
        ),
        clarifications="Who? Everyone.",
    )
    assert gaps(brief) == ()
    assert unchecked(brief) == ()


def test_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    plain = parse_brief(BRIEF, PATH)
    assert parse_brief(BRIEF.replace(b"\n", b"\r\n"), PATH) == plain
    assert parse_brief(BRIEF.replace(b"\n", b"\r"), PATH) == plain
    assert parse_brief(b"\xef\xbb\xbf" + BRIEF, PATH) == plain


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (_with("- prints JSON: always"), 5, "has no id"),
        (_with("- prints JSON"), 5, "has no id"),
        (_with("- [ ] AC-1: prints JSON"), 5, "has no id"),
        (_with("- ac-1: prints JSON"), 5, "no criterion id"),
        (_with("- AC-01: prints JSON"), 5, "no criterion id"),
        (_with("- AC1: prints JSON"), 5, "no criterion id"),
        (_with("- AC-1:"), 5, "says nothing"),
        (_with("- AC-1: ok then\n- AC-1: again"), 6, "used twice, first on line 5"),
        (_with("- AC-1: ok then\nAC-2: forgotten dash"), 5, "AC-2 has no list item"),
        (_with("- AC-1: ok then\n  - AC-2: below it"), 5, "AC-2 has no list item"),
        (_with("AC-1: no list at all"), 5, "list items only"),
        (_with("1. AC-1: numbered"), 5, "list items only"),
        (_with("| AC-1 | in a table |\n"), 5, "list items only"),
        (_with("<b>AC-1: in HTML</b>"), 5, "list items only"),
        (_with("- AC-1: code\n\n  ```\n  x\n  ```"), 5, "not a fence"),
        (_with("- AC-1: &#x202e;desrever"), 5, "\\u202e"),
        (_with("- AC-1: ok then\n\n## Acceptance criteria:"), 7, "written twice"),
        (b"# CH-001 T\n\n## Scope\n\n- a&#8238;b", 5, "\\u202e"),
        (_with("", "# Totals"), 1, "starts with the change's id"),
        (_with("", "# CH-002 Totals"), 1, "says CH-002 in a paper of CH-001"),
        (_with("", f"# CH-001 {'x' * 73}"), 1, "at most 72"),
        (_with("", "# CH-001 a&#8238;b"), 1, "\\u202e"),
        (_with("", "# CH-001 a\n\n# CH-001 b"), 3, "one title"),
        (_with("", "Totals"), 1, "starts with its title"),
        (_with("", "## Context\n\n# CH-001 Totals"), 1, "starts with its title"),
        (b"", 1, "starts with its title"),
        (b"# CH-001 a\n\n\xff\xfe", 3, "not UTF-8"),
        (b"# CH-001 a\n\x00", 2, "\\x00"),
        (b"# CH-001 a\n\nb \x1b[2J", 3, "\\x1b"),
        (b"# CH-001 a\n\n\xe2\x80\xae", 3, "\\u202e"),
        (b"# CH-001 a\n" + b"x" * 65536, None, "larger than 64 KiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_malformed_brief_is_refused_with_file_and_line(
    content: bytes, line: int | None, words: str
) -> None:
    with pytest.raises(PaperError) as caught:
        parse_brief(content, PATH)
    assert words in caught.value.message
    assert caught.value.line == line
    assert caught.value.path == PATH
    assert caught.value.message.isascii()


@given(st.binary(max_size=300) | st.text(alphabet="#- AC1:\n*_`<>!", max_size=80).map(str.encode))
def test_any_bytes_are_a_brief_or_a_refusal(content: bytes) -> None:
    for start in (b"", b"# CH-001 t\n\n## Acceptance criteria\n"):
        try:
            brief = parse_brief(start + content, PATH)
        except PaperError:
            continue
        assert all(criterion.text for criterion in brief.criteria)


@pytest.mark.parametrize(
    "piece", ["[", "*a_", "`a", "> ", "- ", "[a](", "&", "<a ", "a\n", "- a\n"]
)
def test_a_brief_made_to_cost_time_costs_little(piece: str) -> None:
    content = f"# CH-001 a\n\n## Context\n\n{piece * (60_000 // len(piece))}".encode()
    start = time.process_time()
    parse_brief(content, PATH)
    assert time.process_time() - start < 10


def test_the_template_says_what_is_missing() -> None:
    template = format_brief("CH-001", "Totals as JSON")
    brief = parse_brief(template, PATH)
    assert brief == Brief("Totals as JSON", "", (), (), (), "")
    assert gaps(brief) == (
        "context is not written yet",
        "scope is not written yet",
        "out of scope is not written yet",
        "no acceptance criterion is written yet",
    )
    assert template.count(b"Not written yet") == 5
    assert b"<!--" not in template


def test_a_comment_alone_is_not_writing() -> None:
    brief = parse_brief(b"# CH-001\n\n## Context\n\n<!-- soon -->\n", PATH)
    assert gaps(brief)[:2] == ("the title is not written yet", "context is not written yet")


def test_text_below_the_template_sentence_counts() -> None:
    page = format_brief("CH-001", "Totals").replace(b"\n\n## Scope", b"\n\nNow it is.\n\n## Scope")
    assert parse_brief(page, PATH).context == "Now it is."


@given(LINES, st.lists(LINES, max_size=3), st.lists(LINES, max_size=3), st.lists(LINES, max_size=3))
def test_what_is_given_is_what_is_read(
    title: str, scope: list[str], out: list[str], criteria: list[str]
) -> None:
    page = format_brief("CH-007", title, scope=scope, out_of_scope=out, criteria=criteria)
    brief = parse_brief(page, "changes/CH-007/brief.md")
    assert (brief.title, brief.scope, brief.out_of_scope) == (title, tuple(scope), tuple(out))
    assert [criterion.text for criterion in brief.criteria] == criteria
    assert [criterion.id for criterion in brief.criteria] == [
        f"AC-{number}" for number in range(1, len(criteria) + 1)
    ]


def test_context_keeps_its_paragraphs() -> None:
    page = format_brief("CH-001", "Totals", context="one\nline\n\n## two\n")
    assert parse_brief(page, PATH).context == "one line\n\n\\## two"


@pytest.mark.parametrize("text", ["", "AC-1: numbered", "a\u202eb", "a\x1bb"], ids=ascii)
def test_a_criterion_that_cannot_be_written_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        format_brief("CH-001", "Totals", criteria=[text])


@pytest.mark.parametrize(
    "text",
    [
        "works well",
        "is fast",
        "Better!",
        "user friendly",
        "It should be more robust.",
        "ok",
        "UI: nice",
    ],
)
def test_praise_is_no_criterion(text: str) -> None:
    brief = parse_brief(_with(f"- AC-1: {text}"), PATH)
    assert [sentence.split(":")[0] for sentence in unchecked(brief)] == ["AC-1 cannot be checked"]


@pytest.mark.parametrize(
    "text",
    [
        "prints JSON",
        "is fast: under 200 ms",
        "出力は常にJSON形式である",
        "exits with 2 on a bad flag",
    ],
)
def test_what_one_can_observe_is_a_criterion(text: str) -> None:
    assert unchecked(parse_brief(_with(f"- AC-1: {text}"), PATH)) == ()


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("None.", []),
        ("", []),
        ("*Not written yet: is it?*", []),
        ("<!-- really? -->", []),
        ("- Q-1: what of empty names?", [("Q-1", "what of empty names?")]),
        ("- what of **these?**", [("", "what of these?")]),
        ("- (what of these?)", [("", "(what of these?)")]),
        ("- what of these? As any other.", []),
        ("- what of these?\n  - as any other", []),
        ("What of these?\nAs any other.", []),
        ("What of these?\n\nThat is open.", [("", "What of these?")]),
        ("### What of these?\n\nAs any other.", []),
        ("1. one?\n2. two?", [("", "one?"), ("", "two?")]),
    ],
)
def test_what_is_asked_and_not_answered_is_a_question(
    written: str, found: list[tuple[str, str]]
) -> None:
    content = f"# CH-001 Greet\n\n## Clarifications\n\n{written}\n\n## More\n\nWhy?\n".encode()
    asked = questions(content, "brief.md")
    assert [(question.label, question.text) for question in asked] == found
    assert all(content.splitlines()[q.line - 1].find(b"?") > 0 for q in asked)
