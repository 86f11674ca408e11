"""The status note and the progress block: generated from records, and forged through by nobody."""

import pytest
from gate.world import World
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.change.folding import fold
from codexa_git.change.note import STORY, standing, status_note, told
from codexa_git.change.progress import progress_block
from codexa_git.change.state import State
from codexa_git.gate.pages import standing_approvals

HOSTILE = [
    *("# heading", "| cell | cell |", "<script>alert(1)</script>", "</td>", "![x](javascript:1)"),
    *(
        "`code`",
        "<!-- codexa:end CH-001 -->",
        "<!-- codexa:begin CH-002 -->",
        "a\\|b",
        "***",
        "---",
    ),
    *(
        "&lt;b&gt;",
        "[x](http://demo.invalid)",
        "<http://demo.invalid>",
        "~~gone~~",
        "1. one",
        "> q",
    ),
]
LINES = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs"],
        exclude_characters="\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ),
    max_size=30,
)


def opened(title: str, name: str) -> Record:
    return make(
        RecordType.OPENED,
        {
            "title": title,
            "milestone": "MS-01",
            "requirements": [],
            "item": None,
            "brief": f"sha256:{'0' * 64}",
        },
        change="CH-001",
        stage=Stage.FRAME,
        round=1,
        actor=Actor(name, "pm@demo.invalid", "pm"),
        at=1_767_225_600,
    )


def state(text: str) -> State:
    return fold("CH-001", (opened(text, text),))


def tokens(content: bytes) -> list[Token]:
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(content.decode())


def shape(content: bytes) -> list[str]:
    """What blocks and spans a reader of the Markdown sees, but for plain text."""
    found = []
    for token in tokens(content):
        found.append(token.type)
        found += [child.type for child in token.children or [] if child.type != "text"]
    return found


PLAIN = shape(status_note(state("plain")))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_and_a_name_forge_nothing_in_the_note(text: str) -> None:
    note = status_note(state(text))
    assert shape(note) == PLAIN
    assert b"\n<!-- codexa" not in note


@given(LINES)
def test_no_line_of_text_forges_anything_in_the_note(text: str) -> None:
    note = status_note(state(text))
    assert len(note.split(b"\n")) == len(status_note(state("plain")).split(b"\n"))
    assert not {"html_inline", "html_block", "link_open", "image"} & set(shape(note))


@pytest.mark.parametrize("text", HOSTILE)
def test_nor_in_the_progress_block(world: World, text: str) -> None:
    case = world.case(world.tree)
    forged = case.state._replace(opened=opened(text, text))
    plain = case.state._replace(opened=opened("plain", "plain"))
    standing = standing_approvals(case)
    made = [
        progress_block(s, case.brief, case.plan, case.results, standing) for s in (forged, plain)
    ]
    assert shape(made[0]) == shape(made[1])


def test_the_note_follows_from_records_alone(world: World) -> None:
    assert world.read("changes/CH-001/status.md") == status_note(world.state)


def test_every_record_of_the_story_is_told(world: World) -> None:
    rows = [r for r in world.state.records if r.type in STORY]
    note = status_note(world.state).decode()
    for record in rows:
        assert f"| {told(record)} |" in note
    assert note.count("\n| ") == len(rows) + 2


def test_where_a_change_stands_is_one_word(world: World) -> None:
    assert standing(world.state) == "closed"
    records = tuple(r for r in world.state.records if r.type is not RecordType.CLOSED)
    assert standing(fold("CH-001", records)) == "cleanup"
    gone = world.decision(RecordType.ABANDONED, {"reason": ""})
    assert standing(fold("CH-001", (*records, gone))) == "abandoned"


def test_without_results_the_block_says_so(world: World) -> None:
    case = world.case(world.tree)
    standing = standing_approvals(case)
    block = progress_block(case.state, case.brief, case.plan, None, standing).decode()
    assert "| tests | none |" in block
    assert "| approvals | plan by Demo PM, results by Demo PM, package by Demo PM |" in block
    assert "| done again with the same seed | not done |" in block


def test_what_nobody_approved_is_shown_as_missing(world: World) -> None:
    case, nobody = world.case(world.tree), dict.fromkeys(Gate, ())
    block = progress_block(case.state, case.brief, case.plan, case.results, nobody).decode()
    assert "| approvals | plan by nobody, results by nobody, package by nobody |" in block
