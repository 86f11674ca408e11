"""The pages that all share: a change has a block of its own there, and leaves every other alone.

What another change's block says was tested, approved and signed with that change. Whoever reads a
page trusts it as that, and nobody who approves this change looks for it there.
"""

from collections.abc import Callable

from codexa_git.change.blocks import spans
from codexa_git.change.pages import PAGES, STATUS_REPORT
from codexa_git.errors import PaperError, TooLargeError
from codexa_git.repository.objects import Difference, Mode
from codexa_git.repository.store import Store
from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from codexa_git.gate.case import Case

SHARED = (*PAGES, STATUS_REPORT)

TOO_LARGE = "is too large for anybody to read whose blocks stand there"
"""What is wrong with a page of which `held` has no content."""

_NOT_ITS_OWN = ", which is not this change's to write"


def trespasses(case: "Case") -> dict[str, str]:
    """Of each page where this change altered, lost or wrote another's block: what it did.

    A page that the base has damaged may be mended by a change.
    """
    told: dict[str, str] = {}
    for difference in case.differences:
        if difference.path in SHARED and (wrong := _trespass(case, difference.path)):
            told[difference.path] = wrong
    return told


def _trespass(case: "Case", page: str) -> str | None:
    before, content = (held(case.store, tree, page) for tree in (case.base_tree, case.tree))
    if content is None:
        return TOO_LARGE
    before = before or b""
    if page in PAGES and case.page_outside(page) == before:
        return None  # all blocks but its own stand as they stood
    told = spoilt(before, content, lambda name: name != case.change, new=_NOT_ITS_OWN)
    if told is None and page not in PAGES:
        return damage(before, content)  # no closing looks at this page
    return told


def held(store: Store, tree: str, page: str) -> bytes | None:
    """A shared page as a tree has it, empty where it has none; `None`: it is too large to read."""
    try:
        return store.read(tree, page) or b""
    except TooLargeError:
        return None


def spoilt(
    before: bytes,
    content: bytes,
    others: Callable[[str], bool],
    *,
    may_go: bool = False,
    new: str = "",
) -> str | None:
    """What became of the blocks of these others in a page, in a clause; `None`: they stand.

    Whole blocks `may_go` where people trim a page; none then says something else than it did.
    A page that was damaged may be mended, with no block but those that stood in it. `new` is what
    is said besides of a block that was not there.
    """
    old, now = _blocks(before, others), _blocks(content, others)
    if now is None:
        # A damaged page does not land; but not even that may cost another its block.
        now = {name: block for name, block in (old or {}).items() if block in content}
    whence = new
    if old is None:
        whence = ", which did not stand whole in the damaged page"
        old = {name: block for name, block in now.items() if b"\n" + block in b"\n" + before}
    for name, block in old.items():
        if name not in now:
            if may_go:
                continue
            return f"loses the block of {name}"
        if now[name] != block:
            return f"alters the block of {name}"
    written = next((name for name in now if name not in old), None)
    return None if written is None else f"has a block of {written}{whence}"


def damage(before: bytes, content: bytes) -> str | None:
    """Why a page that was changed cannot be read, in a clause; `None`: it can, or is as it was.

    What stands in a damaged page is nobody's: whoever mended it could make of it what they like.
    """
    if content != before:
        try:
            spans(content)
        except PaperError as error:
            return f"cannot be read, for in line {error.line} {error.message.partition(': ')[2]}"
    return None


def in_the_way(difference: Difference) -> str | None:
    """Why no closing could write a shared page where this lies, in a clause; `None`: it could."""
    path, new = difference.path, difference.new
    if new is None:
        return None
    if path in SHARED:
        return None if new.mode == Mode.FILE else f"is a shared page of mode {new.mode}, not 100644"
    from codexa_git.change.paths import folded  # noqa: PLC0415

    name = folded(path)
    page = next((page for page in SHARED if _meet(name, folded(page))), None)
    return page and f"stands where the shared page {page} belongs"


def _meet(name: str, page: str) -> bool:
    """True where both cannot be files of one tree, if letter case is folded."""
    return name == page or name.startswith(f"{page}/") or page.startswith(f"{name}/")


def _blocks(page: bytes, wanted: Callable[[str], bool]) -> dict[str, bytes] | None:
    """The bytes of each wanted block, with its markers; the last line's end is free.

    `None` where the markers are damaged.
    """
    try:
        found = spans(page)
    except PaperError:
        return None
    return {
        span.change: page[span.start : span.end].rstrip(b"\r\n")
        for span in found
        if wanted(span.change)
    }
