"""`impact.md`: what a change does to its readers; here, what of it is still missing."""

from codexa_git.change.brief import heading_title
from codexa_git.change.outline import read_outline

_MISSING = {
    "Scope": "the scope is not written yet",
    "Implementation notes": "the implementation notes are not written yet",
    "Verification": "the verification is not written yet",
}


def impact_gaps(content: bytes, path: str) -> tuple[str, ...]:
    """One sentence for each of scope, implementation notes and verification that is not written.

    Raises:
        PaperError: it is no Markdown paper of this change.
    """
    outline = read_outline(content, path)
    heading_title(outline)
    return tuple(
        sentence for name, sentence in _MISSING.items() if not outline.section(name).written
    )
