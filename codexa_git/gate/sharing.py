"""The pages that all share: a change has a block of its own there, and leaves every other alone.

What another change's block says was tested, approved and signed with that change. Whoever reads a
page trusts it as that, and nobody who approves this change looks for it there.
"""

from collections.abc import Callable

from codexa_git.change.blocks import spans
from codexa_git.change.pages import PAGES, STATUS_REPORT
from codexa_git.errors import PaperError
from codexa_git.gate.case import Case

SHARED = (*PAGES, STATUS_REPORT)


def trespasses(case: Case) -> dict[str, str]:
    """Of each page where this change altered, lost or wrote another's block: what it did.

    Of a page that the base has damaged nothing can be said, so that a change may mend it.
    """
    told: dict[str, str] = {}
    for difference in case.differences:
        if difference.path in SHARED and (wrong := _trespass(case, difference.path)):
            told[difference.path] = wrong
    return told


def _trespass(case: Case, page: str) -> str | None:
    before, content = case.store.read(case.base_tree, page) or b"", case.read(page) or b""
    told = spoilt(before, content, lambda name: name != case.change)
    return (
        f"{told}, which is not this change's to write" if told and "has a block" in told else told
    )


def spoilt(
    before: bytes, content: bytes, others: Callable[[str], bool], *, may_go: bool = False
) -> str | None:
    """What became of the blocks of these others in a page, in a clause; `None`: they stand.

    Whole blocks `may_go` where people trim a page; none then says something else than it did.
    """
    try:
        old = _blocks(before, others)
    except PaperError:
        return None
    try:
        now = _blocks(content, others)
    except PaperError:
        # A damaged page does not land; but not even that may cost another its block.
        now = {name: block for name, block in old.items() if block in content}
    for name, block in old.items():
        if name not in now:
            if may_go:
                continue
            return f"loses the block of {name}"
        if now[name] != block:
            return f"alters the block of {name}"
    new = next((name for name in now if name not in old), None)
    return None if new is None else f"has a block of {new}"


def _blocks(page: bytes, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The bytes of each wanted block, with its markers; the last line's end is free."""
    return {
        span.change: page[span.start : span.end].rstrip(b"\r\n")
        for span in spans(page)
        if wanted(span.change)
    }
