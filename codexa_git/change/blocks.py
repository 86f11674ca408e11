"""Blocks: the part of a shared page that the tool writes, between two markers.

    <!-- codexa:begin CH-001 -->
    ...
    <!-- codexa:end CH-001 -->

A block belongs to one change; in free pages it may also be the `totals` of all changes, or a week
of a milestone (`MS-01-week-02`). A marker is a line of its own. What stands outside the blocks is
people's, and stays as it is to the byte: a block put in and taken out again leaves the page that
was there before. Pages with CRLF line ends get blocks with CRLF line ends; a block itself is always
given and answered with LF.
"""

from collections.abc import Iterator
from functools import lru_cache

from codexa_git.audit.ids import is_change_id
from codexa_git.audit.recent import recent
from codexa_git.errors import PaperError
from codexa_git.values import NamedTuple

_LIKE_A_MARKER = rb"<!--[ \t]*(?i:codexa)[ \t]*:[^\n]*\n?"
_MARKER = rb"<!-- codexa:(begin|end) (\S+) -->(?:\r?\n)?"
_LONGEST_MARKER = 64
_MOST_KEPT = 32 * 1024 * 1024
_OF_ALL = r"totals|MS-[0-9]{2,4}-week-[0-9]{2,4}"
_WITHIN = rb"(?i)<!--(?=\s*codexa\s*:)"


class Span(NamedTuple):
    """Where a block lies in a page: from the start of its first marker to the end of its last."""

    change: str
    start: int
    inner: int
    inner_end: int
    end: int


class _Damage(NamedTuple):
    """Where the markers of a page are damaged, and how."""

    start: int
    sentence: str


def put(page: bytes, change: str, block: bytes, *, path: str = "page") -> bytes:
    """The page with this block of `change`: in its place, after the last block, or at the end.

    Raises:
        PaperError: the page's markers are damaged.
    """
    found = spans(page, path)
    own = next((span for span in found if span.change == change), None)
    if own:
        written = _framed(change, block, _line_end(page[own.start : own.end]))
        bare = not page[own.start : own.end].endswith(b"\n")
        return page[: own.start] + (_bare(written) if bare else written) + page[own.end :]
    place = found[-1].end if found else len(page)
    line_end = _line_end(page)
    written = _framed(change, block, line_end)
    if page and place == len(page) and not page.endswith(b"\n"):
        return page + line_end + _bare(written)
    return page[:place] + written + page[place:]


def take(page: bytes, change: str, *, path: str = "page") -> bytes | None:
    """The block of `change`, with LF line ends; `None` where the page has none.

    Raises:
        PaperError: the page's markers are damaged.
    """
    own = next((span for span in spans(page, path) if span.change == change), None)
    return page[own.inner : own.inner_end].replace(b"\r\n", b"\n") if own else None


def without(page: bytes, change: str, *, path: str = "page") -> bytes:
    """The page without the block of `change`: the page that it was before the block was put in.

    Raises:
        PaperError: the page's markers are damaged.
    """
    own = next((span for span in spans(page, path) if span.change == change), None)
    if not own:
        return page
    before, inside = page[: own.start], page[own.start : own.end]
    if not inside.endswith(b"\n"):
        before = before.removesuffix(_line_end(inside))
    return before + page[own.end :]


def block_text(block: bytes) -> bytes:
    """The block as a page keeps it: LF line ends, one at its end, and no marker within."""
    import re  # noqa: PLC0415

    text = re.sub(_WITHIN, b"&lt;!--", block.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return text if not text or text.endswith(b"\n") else text + b"\n"


def spans(page: bytes, path: str = "page") -> tuple[Span, ...]:
    """Every block of the page, in order.

    Raises:
        PaperError: with the line: a marker that is not written as one, has no partner, stands in
            another block, or belongs to a change that has a block already.
    """
    found = _found(page)
    if isinstance(found, _Damage):
        hint = "put the markers back as they were; git has the last good page"
        line = page.count(b"\n", 0, found.start) + 1
        raise PaperError(path, line, found.sentence, hint=hint)
    return found


@recent(_MOST_KEPT)
def _found(page: bytes) -> tuple[Span, ...] | _Damage:
    """Every block, or what is wrong; gates ask of the same few pages again and again."""
    found: dict[str, Span] = {}
    opened: tuple[str, int, int] | None = None
    for start, line in _marker_lines(page):
        mark = _marked(line)
        if mark is None:
            return _Damage(start, "this marker is damaged")
        begins, change = mark
        if begins:
            if opened:
                return _Damage(start, f"{change} begins within {_block(opened[0])}")
            if change in found:
                return _Damage(start, f"{change} has a second block")
            opened = (change, start, start + len(line))
        elif not opened or opened[0] != change:
            return _Damage(start, f"{change} ends here without having begun")
        else:
            found[change] = Span(change, opened[1], opened[2], start, start + len(line))
            opened = None
    if opened:
        return _Damage(opened[1], f"{_block(opened[0])} has no end")
    return tuple(found.values())


def _marked(line: bytes) -> tuple[bool, str] | None:
    """Whether this marker begins a block or ends it, and whose; `None` where it is damaged."""
    return None if len(line) > _LONGEST_MARKER else _short_marked(line)


@lru_cache(maxsize=1024)
def _short_marked(line: bytes) -> tuple[bool, str] | None:
    import re  # noqa: PLC0415

    match = re.fullmatch(_MARKER, line)
    change = match[2].decode("ascii", "replace") if match else ""
    if not match or not (is_change_id(change) or re.fullmatch(_OF_ALL, change)):
        return None
    return match[1] == b"begin", change


def _block(name: str) -> str:
    return f"{name}'s block" if is_change_id(name) else f"the block of {name}"


def _marker_lines(page: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of every line that starts as a marker does.

    A page holds few comments and many lines, so only the lines with a comment are looked at.
    """
    if b"<!--" not in page:
        return
    import re  # noqa: PLC0415

    for match in re.compile(_LIKE_A_MARKER).finditer(page):
        comment, end = match.span()
        start = page.rfind(b"\n", 0, comment) + 1
        if start == comment or not page[start:comment].strip(b" \t"):
            yield start, page[start:end]


def _framed(change: str, block: bytes, line_end: bytes) -> bytes:
    name = change.encode()
    begin, end = b"<!-- codexa:begin %s -->\n" % name, b"<!-- codexa:end %s -->\n" % name
    return (begin + block_text(block) + end).replace(b"\n", line_end)


def _bare(written: bytes) -> bytes:
    return written.removesuffix(b"\n").removesuffix(b"\r")


def _line_end(page: bytes) -> bytes:
    """CRLF where the first line ends in it, else LF."""
    first = page.find(b"\n")
    return b"\r\n" if first > 0 and page[first - 1 : first] == b"\r" else b"\n"
