import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from codexa_git.change.blocks import block_text, put, spans, take, without
from codexa_git.errors import PaperError

BEGIN, END = b"<!-- codexa:begin CH-001 -->\n", b"<!-- codexa:end CH-001 -->\n"
OTHER = b"<!-- codexa:begin CH-002 -->\nother\n<!-- codexa:end CH-002 -->\n"
PIECES = st.sampled_from(
    [
        b"a",
        b"\n",
        b"\r\n",
        b"\r",
        b" ",
        b"| row |\n",
        OTHER,
        OTHER.replace(b"\n", b"\r\n"),
        b"\xff",
        OTHER[:-1],
        b"<!-- codexa",
        b"`<!-- codexa:begin CH-001 -->`",
        b"<!-- x -->\n",
        b"\x0c",
    ]
)
PAGES = st.lists(PIECES, max_size=8).map(b"".join)
BLOCKS = st.lists(PIECES | st.sampled_from([BEGIN, END]), max_size=6).map(b"".join)


def _is_whole(page: bytes) -> bool:
    try:
        spans(page)
    except PaperError:
        return False
    return True


@given(PAGES, BLOCKS)
@example(b"", b"x")
@example(b"text", b"x")
@example(b"a\r", b"x")
@example(b"a\r\nb", b"x\r\ny")
@example(b"a\r\nb\r", b"x")
@example(b"\r\n", b"")
@example(OTHER[:-1], b"x")
@example(b"text\n" + OTHER + b"more", BEGIN)
def test_a_block_taken_out_leaves_the_page_that_was_there(page: bytes, block: bytes) -> None:
    assume(_is_whole(page))
    with_block = put(page, "CH-001", block)
    assert without(with_block, "CH-001") == page
    assert take(with_block, "CH-001") == block_text(block)
    assert take(with_block, "CH-002") == take(page, "CH-002")
    assert take(page, "CH-001") is None
    assert without(page, "CH-001") == page


def test_a_marker_line_that_ends_in_half_a_line_end_is_damaged() -> None:
    """What was put in after it would make a line end of three characters."""
    with pytest.raises(PaperError, match=r"^page:4: this marker is damaged$"):
        put(b"\r\n" + OTHER.removesuffix(b"\n") + b"\r", "CH-001", b"x")


@given(PAGES, BLOCKS, BLOCKS)
@example(b"\r\n" + OTHER[:-1] + b"\r", b"", b"")
def test_a_block_is_replaced_in_its_place(page: bytes, first: bytes, second: bytes) -> None:
    assume(_is_whole(page))
    once = put(page, "CH-001", second)
    twice = put(put(page, "CH-001", first), "CH-001", second)
    assert twice == once
    assert put(once, "CH-001", second) == once


@given(BLOCKS)
def test_no_block_can_end_itself_or_begin_another(block: bytes) -> None:
    page = put(b"# Page\n", "CH-001", block)
    assert [span.change for span in spans(page)] == ["CH-001"]
    assert block_text(block_text(block)) == block_text(block)


def test_a_block_goes_after_the_last_one_and_keeps_the_text_below() -> None:
    page = b"# Page\n\n" + OTHER + b"\nbelow\n"
    assert put(page, "CH-001", b"mine") == (
        b"# Page\n\n" + OTHER + BEGIN + b"mine\n" + END + b"\nbelow\n"
    )


def test_a_page_with_crlf_gets_a_block_with_crlf() -> None:
    page = put(b"# Page\r\n", "CH-001", b"one\ntwo\n")
    assert page == b"# Page\r\n" + (BEGIN + b"one\ntwo\n" + END).replace(b"\n", b"\r\n")


def test_a_page_that_speaks_of_markers_is_text() -> None:
    page = b"the marker `<!-- codexa:begin CH-001 -->` opens a block\n"
    assert spans(page) == ()


@pytest.mark.parametrize(
    ("page", "line", "words"),
    [
        (BEGIN, 1, "has no end"),
        (END, 1, "without having begun"),
        (END + BEGIN, 1, "without having begun"),
        (b"a\n" + BEGIN + BEGIN + END + END, 3, "begins within CH-001"),
        (BEGIN + OTHER + END, 2, "begins within CH-001"),
        (BEGIN + END + b"x\n" + BEGIN + END, 4, "second block"),
        (BEGIN + b"<!-- codexa:end CH-002 -->\n" + END, 2, "without having begun"),
        (b"x\n <!-- codexa:begin CH-001 -->\n" + END, 2, "damaged"),
        (b"<!-- codexa:begin CH-001 --> x\n" + END, 1, "damaged"),
        (b"<!--codexa:begin CH-001-->\n" + END, 1, "damaged"),
        (b"<!-- CODEXA:begin CH-001 -->\n" + END, 1, "damaged"),
        (b"<!-- codexa:begin CH-1 -->\n", 1, "damaged"),
        (b"<!-- codexa:begin CH-0001 -->\n", 1, "damaged"),
        (b"<!-- codexa:begin CH-001 CH-002 -->\n", 1, "damaged"),
        (b"<!-- codexa:start CH-001 -->\n", 1, "damaged"),
    ],
)
def test_damaged_markers_are_refused_with_file_and_line(page: bytes, line: int, words: str) -> None:
    for ask in (take, without):
        with pytest.raises(PaperError) as caught:
            ask(page, "CH-003", path="PROGRESS.md")
        assert words in caught.value.message
        assert (caught.value.path, caught.value.line) == ("PROGRESS.md", line)
    with pytest.raises(PaperError):
        put(page, "CH-003", b"x")


def test_a_marker_that_is_longer_than_any_is_damaged() -> None:
    with pytest.raises(PaperError, match=r"^page:1: this marker is damaged$"):
        spans(b"<!-- codexa:begin CH-001" + b" " * 100 + b"-->\n" + END)
