"""The screen: how wide it is, which marks and colours it can show, and text laid out on it."""

import os
import sys
import unicodedata
from string import ascii_letters, digits
from typing import NamedTuple

from codexa_git.change.text import visible

WIDEST = 100
_PLAIN_WIDTH = 80


_PLAIN = dict.fromkeys(map(ord, f"{ascii_letters}{digits}/._-"))


class Marks(NamedTuple):
    """One character each: met, here, to come, not met, undecided."""

    met: str
    here: str
    ahead: str
    unmet: str
    undecided: str


_MARKS = Marks("✓", "●", "·", "✗", "?")
_ASCII_MARKS = Marks("+", "*", ".", "x", "?")


def marks() -> Marks:
    """The marks that standard output can show."""
    try:
        "".join(_MARKS).encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return _ASCII_MARKS
    return _MARKS


def width() -> int:
    """The columns to write in: `COLUMNS`, the terminal's, or 80; never more than 100."""
    given = os.environ.get("COLUMNS", "")
    if given.isascii() and given.isdecimal() and 0 < int(given) < 10_000:
        return max(40, min(int(given), WIDEST))
    try:
        return max(40, min(os.get_terminal_size(sys.stdout.fileno()).columns, WIDEST))
    except (OSError, ValueError):
        return _PLAIN_WIDTH


def is_terminal() -> bool:
    """True where a person looks at standard output."""
    return sys.stdout.isatty()


def paint(text: str, style: str) -> str:
    """`text` in a colour (an SGR number), where a person looks and wants colour."""
    wants = is_terminal() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return f"\x1b[{style}m{text}\x1b[0m" if wants and text else text


def bold(text: str) -> str:
    """`text`, bold."""
    return paint(text, "1")


def dim(text: str) -> str:
    """`text`, dim."""
    return paint(text, "2")


def green(text: str) -> str:
    """`text`, green."""
    return paint(text, "32")


def red(text: str) -> str:
    """`text`, red."""
    return paint(text, "31")


def yellow(text: str) -> str:
    """`text`, yellow."""
    return paint(text, "33")


def shown(text: str) -> str:
    """A stranger's text as one line that neither moves the cursor nor turns its direction."""
    return visible(" ".join(text.splitlines()).replace("\t", " "))


def cells(text: str) -> int:
    """How many columns `text` takes."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(char: str) -> int:
    # Marks over another sign, and what only joins or chooses how others are drawn.
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """`text` with spaces up to `columns`."""
    return text + " " * (columns - cells(text))


def clipped(text: str, columns: int) -> str:
    """`text` in at most `columns`, its loss marked by `...`."""
    if cells(text) <= columns:
        return text
    kept, used = "", 3
    for char in text:
        used += _cell(char)
        if used > columns:
            break
        kept += char
    return f"{kept.rstrip()}..."


def sides(left: str, right: str) -> str:
    """One line with `left` at its left and `right` at its right end; `left` gives way."""
    room = width() - cells(right) - 2
    return f"{padded(clipped(left, room), room)}  {right}" if right else clipped(left, width())


def wrapped(text: str, first: str, rest: str) -> str:
    """`text` in lines within the width, the first behind `first`, the others behind `rest`."""
    lines, line = [], first
    empty = True
    for word in text.split(" "):
        if not empty and cells(line) + 1 + cells(word) > width():
            lines.append(line)
            line, empty = rest, True
        line += word if empty else f" {word}"
        empty = False
    return "\n".join([*lines, line])


def way_on(text: str, start: str) -> str:
    """What a person does next, behind `start`: prose within the width, each command on one line.

    A command is there to be copied, so that it is never broken.
    """
    parts = (
        shown(text).replace(", then: git ", ", then:\ngit ").replace(" (or: git ", "\n(or: git ")
    )
    lines = parts.split("\n")
    return "\n".join(
        f"{start}{line}" if is_command(line) else wrapped(line, start, start) for line in lines
    )


def is_command(text: str) -> bool:
    """True where a line is a command to type, or begins as another way on."""
    return text.startswith(("git ", "(or: git "))


def shell_paths(paths: tuple[str, ...]) -> str:
    """` -- a b` for the end of a command to copy; nothing where a shell would not take them so."""
    plain = all(not path.startswith("-") and not path.translate(_PLAIN) for path in paths)
    return f" -- {' '.join(paths)}" if paths and plain else ""
