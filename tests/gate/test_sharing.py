"""What a change may do to the blocks of others in a page, and the quick look that spares asking."""

from hypothesis import example, given
from hypothesis import strategies as st

from codexa_git.change.blocks import without
from codexa_git.errors import PaperError
from codexa_git.gate.sharing import spoilt

OWN = b"<!-- codexa:begin CH-001 -->\nown\n<!-- codexa:end CH-001 -->\n"
OTHER = b"<!-- codexa:begin CH-002 -->\nother\n<!-- codexa:end CH-002 -->\n"
THIRD = b"<!-- codexa:begin CH-003 -->\n<!-- codexa:end CH-003 -->\n"
PIECES = [b"a", b"\n", b"\r\n", b"\r", b" ", b"| row |\n", b"<!-- codexa", b"<!-- x -->\n", b"\xff"]
PIECES += [block[:cut] for block in (OWN, OTHER, THIRD) for cut in (None, -1, 30)]
PIECES += [block.replace(b"\n", b"\r\n") for block in (OWN, OTHER)]
PAGES = st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join)


@given(st.none() | PAGES, PAGES)
@example(OTHER[:-1], OTHER + OWN[:-1])
def test_where_a_page_without_its_block_is_the_page_before_no_other_block_is_touched(
    before: bytes | None, content: bytes
) -> None:
    try:
        outside = without(content, "CH-001")
    except PaperError:
        return
    before = outside if before is None else before
    if outside == before:
        assert spoilt(before, content, lambda name: name != "CH-001", new="!") is None
