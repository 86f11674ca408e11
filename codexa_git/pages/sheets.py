"""Diffs as the packet shows them: numbered lines, each file once, and no more than one can read.

Nothing is left out unsaid: every sheet counts the lines that it does not show, and gives the
command that shows them.
"""

import re
import shlex
from collections.abc import Iterable
from typing import NamedTuple

from codexa_git.change.text import visible
from codexa_git.pages.facts import FileFacts

MOST_LINES = 600
"""The most lines of one file's diff that the packet shows."""

MOST_IN_ALL = 6000
"""The most lines of all diffs together: nobody reads more in one sitting."""

LONGEST_LINE = 1000
"""The most characters of one line that it shows."""

MOST_TEXT = 600_000
"""The most characters of all diffs together."""

_PLACE = re.compile(r"@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@")
_PLAIN = re.compile(r"[\w./@%+=,~-]+")
_KINDS = {"+": "added", "-": "removed", "@": "place", " ": "same"}


class Line(NamedTuple):
    """One line of a diff: what it is, its numbers before and after, its sign and its text.

    `cut` counts the characters at its end that are not shown.
    """

    kind: str
    old: str
    new: str
    sign: str
    text: str
    cut: int = 0


class Sheet(NamedTuple):
    """One file's diff on the page: its anchor, what is shown of it, and how much is not.

    Where the file stands under an earlier heading already, `elsewhere` is true, and the anchor is
    that of the sheet there.
    """

    anchor: str
    file: FileFacts
    lines: tuple[Line, ...]
    left_out: int
    command: str
    elsewhere: bool = False


class Binder:
    """Sheets in the order of the page, until one has read enough."""

    def __init__(self, change: str, base: str) -> None:
        self.anchors: dict[str, str] = {}
        self.left_out = 0
        self._apart: set[FileFacts] = set()
        self._between = f"{shlex.quote(base)}...change/{change}"
        self._lines = MOST_IN_ALL
        self._text = MOST_TEXT

    def sheets(self, files: Iterable[FileFacts]) -> tuple[Sheet, ...]:
        """The files' diffs from the base; of one that has a sheet already, where it is."""
        return tuple(self._sheet(file) for file in files)

    def apart(self, file: FileFacts) -> Sheet:
        """The diff of a file between other sides than the base and now: shown once, too."""
        if file.diff and file in self._apart:
            return Sheet("", file, (), 0, "", elsewhere=True)
        self._apart.add(file)
        lines, left_out = self._shown(file)
        return Sheet("", file, lines, left_out, "")

    def _sheet(self, file: FileFacts) -> Sheet:
        known = self.anchors.get(file.path)
        if known is not None:
            return Sheet(known, file, (), 0, "", elsewhere=True)
        anchor = self.anchors[file.path] = f"file-{len(self.anchors) + 1}"
        lines, left_out = self._shown(file)
        self.left_out += left_out
        return Sheet(anchor, file, lines, left_out, self.command(file.path))

    def _shown(self, file: FileFacts) -> tuple[tuple[Line, ...], int]:
        every = body(file)
        shown: list[Line] = []
        for line in diff_lines(every[: min(MOST_LINES, self._lines)]):
            self._text -= len(line.text) + 1
            if self._text < 0:
                break
            shown.append(line)
        self._lines -= len(shown)
        return tuple(shown), len(every) - len(shown)

    def command(self, *paths: str) -> str:
        """The git command that shows what changed in these files, or in all of them.

        A path that cannot be copied from a page as it is gives way to all of them.
        """
        every = f"git diff --no-renames {self._between}"
        if not paths or any(visible(path) != path or "\n" in path for path in paths):
            return every
        return f"{every} -- {shlex.join(map(_literal, paths))}"


def _literal(path: str) -> str:
    """The path as git takes it for itself, though it may look like a pattern."""
    return path if _PLAIN.fullmatch(path) else f":(literal){path}"


def diff_lines(texts: list[str]) -> tuple[Line, ...]:
    """The lines of a diff from its first place on, with their numbers where it tells them."""
    found: list[Line] = []
    old = new = 0
    for text in texts:
        kind = _KINDS.get(text[:1], "note")
        if kind == "place":
            match = _PLACE.match(text)
            old, new = (int(match[1]), int(match[2])) if match else (0, 0)
            found.append(_line(kind, "", "", "", text))
            continue
        before = str(old) if old and kind in ("removed", "same") else ""
        after = str(new) if new and kind in ("added", "same") else ""
        old, new = old + bool(before), new + bool(after)
        sign, words = ("", text) if kind == "note" else (text[0], text[1:])
        found.append(_line(kind, before, after, sign, words))
    return tuple(found)


def _line(kind: str, old: str, new: str, sign: str, text: str) -> Line:
    return Line(kind, old, new, sign, text[:LONGEST_LINE], max(0, len(text) - LONGEST_LINE))


def body(file: FileFacts) -> list[str]:
    """The diff without its file header, which the page says in its own words."""
    lines = file.diff.removesuffix("\n").split("\n") if file.diff else []
    start = next((place for place, line in enumerate(lines) if line.startswith("@@")), 0)
    return lines[start:]
