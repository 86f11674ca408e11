"""A notice: what one event of a change tells whoever is named, in the few lines of a message.

Text of strangers stands in its body alone, as plain text that mentions nobody; its heading may
become a mail's subject, so that only words of ours are in it.
"""

from typing import NamedTuple

from codexa_git.change.text import code_span
from codexa_git.pages.comment import plain


class Notice(NamedTuple):
    """What happened to a change, to whom that is told, what is said, and the command that is next.

    `what` is in words of ours; `title`, `to` and `text` are anybody's.
    """

    change: str
    what: str
    title: str
    to: tuple[str, ...] = ()
    text: str = ""
    command: str | None = None


def heading(notice: Notice) -> str:
    """The heading: `CH-001: handed on to execute`."""
    return f"{notice.change}: {notice.what}"


def body(notice: Notice) -> str:
    """The message: what the change is called, what is said, and who goes on with which command."""
    lines = [f"**{plain(notice.title)}**"]
    lines += [plain(notice.text)] if notice.text else []
    who = ", ".join(plain(name) for name in notice.to)
    command = code_span(notice.command) if notice.command else ""
    if move := ": ".join(part for part in (who, command) if part):
        lines.append(f"Next, {move}" if who else f"Next: {move}")
    return "\n\n".join(lines)
