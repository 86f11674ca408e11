"""Unified diffs, read strictly and applied to a plain folder, all of one or nothing of it.

Git itself is not asked: it would obey attributes and configuration that the folder brings along.
There is no fuzz and no offset: each hunk stands at its line with its exact context, or the patch is
refused. What a run has no use for is refused by name: renames, links, submodules, binary patches,
quoted paths.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from codexa_git.agents import descent
from codexa_git.agents.descent import Found
from codexa_git.errors import AgentError

MOST = 16 << 20
_MOST_FILE = 64 << 20
_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: .*)?\n?")
_MODES = {b"100644": False, b"100755": True}
_NO_NEWLINE = b"\\ "
_HEADERS = (b"old mode ", b"new mode ", b"new file mode ", b"deleted file mode ", b"index ")


class Hunk(NamedTuple):
    """Lines that stand at `start` (counted from 0), and those that are to stand there instead."""

    start: int
    old: tuple[bytes, ...]
    new_start: int
    new: tuple[bytes, ...]


class FilePatch(NamedTuple):
    """What a patch does to one file; a mode that is `None` is not spoken of."""

    path: str
    creates: bool
    deletes: bool
    old_executable: bool | None
    new_executable: bool | None
    hunks: tuple[Hunk, ...]


def apply(patch: bytes, tree: Path) -> tuple[str, ...]:
    """The sorted paths that the patch has changed in `tree`; where it does not fit, none is."""
    wanted = [(file, _changed(file, tree)) for file in parse(patch)]
    done: list[tuple[tuple[str, ...], Found | None]] = []
    try:
        for file, found in wanted:
            parts = descent.parts_of(file.path)
            done.append((parts, descent.read(tree, parts, _MOST_FILE)))
            _put(tree, parts, found)
    except BaseException:
        for parts, before in reversed(done):
            _put(tree, parts, before)
        raise
    return tuple(sorted(file.path for file, _ in wanted))


def _put(tree: Path, parts: tuple[str, ...], found: Found | None) -> None:
    if found is None:
        descent.take_away(tree, parts)
    else:
        descent.write(tree, parts, found)


def _changed(file: FilePatch, tree: Path) -> Found | None:
    """The file as it is to be, `None` where it is to go; an error where the patch does not fit."""
    parts = descent.parts_of(file.path)
    if file.creates:
        if descent.is_there(tree, parts):
            raise AgentError(f"the patch makes {file.path}, which is there already")
        return Found(_replaced(file, b""), bool(file.new_executable))
    before = descent.read(tree, parts, _MOST_FILE)
    if before is None:
        raise AgentError(f"the patch changes {file.path}, which is not there")
    if file.old_executable not in (None, before.executable):
        raise AgentError(f"the patch does not fit the mode of {file.path}")
    content = _replaced(file, before.content)
    if file.deletes:
        if content:
            raise AgentError(f"the patch removes {file.path} but not all that is in it")
        return None
    new = before.executable if file.new_executable is None else file.new_executable
    return Found(content, new)


def _replaced(file: FilePatch, content: bytes) -> bytes:
    lines = _lines(content)
    result: list[bytes] = []
    at = 0
    for hunk in file.hunks:
        end = hunk.start + len(hunk.old)
        result += lines[at : hunk.start]
        if hunk.start < at or tuple(lines[hunk.start : end]) != hunk.old:
            raise AgentError(f"the patch does not fit {file.path} at line {hunk.start + 1}")
        if len(result) != hunk.new_start:
            raise AgentError(f"the patch counts lines of {file.path} wrongly")
        result += hunk.new
        at = end
    result += lines[at:]
    if any(not line.endswith(b"\n") for line in result[:-1]):
        raise AgentError(f"the patch ends {file.path} before its last line")
    return b"".join(result)


def parse(patch: bytes) -> tuple[FilePatch, ...]:
    """What the patch does, file by file; no path twice, and at least one."""
    if len(patch) > MOST:
        raise AgentError(f"the patch is larger than {MOST} bytes")
    reader = _Reader(_lines(patch))
    files = tuple(reader.files())
    if not files:
        raise AgentError("the patch changes no file")
    if len({file.path for file in files}) != len(files):
        raise AgentError("the patch changes a file twice")
    return files


def _lines(text: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+", text)


class _Reader:
    """The lines of a patch, taken from the front."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self._at = 0

    def files(self) -> Iterator[FilePatch]:
        while self._at < len(self._lines):
            yield self._file()

    def _next(self, start: bytes) -> bytes | None:
        """The rest of the next line if it begins so; it is taken then."""
        if self._at < len(self._lines) and self._lines[self._at].startswith(start):
            self._at += 1
            return self._lines[self._at - 1][len(start) :].rstrip(b"\n")
        return None

    def _file(self) -> FilePatch:
        git = self._next(b"diff --git ")
        modes = self._modes() if git is not None else {}
        old = self._next(b"--- ")
        new = self._next(b"+++ ") if old is not None else None
        if old is None and (git is None or not modes):
            raise self._error("is no line of a unified diff that is understood here")
        if old is not None and new is None:
            raise self._error("should name the new file")
        hunks = tuple(self._hunks()) if old is not None else ()
        if old is not None and not hunks:
            raise self._error("should begin a hunk")
        return self._joined(git, old, new, modes, hunks)

    def _modes(self) -> dict[bytes, bool]:
        """The modes that a git header names, by its words."""
        found = {}
        while self._at < len(self._lines) and self._lines[self._at].startswith(_HEADERS):
            word = next(head for head in _HEADERS if self._lines[self._at].startswith(head))
            value = self._next(word) or b""
            if word == b"index ":
                continue
            if value not in _MODES or word in found:
                self._at -= 1
                raise self._error("names a mode that no plain file has")
            found[word] = _MODES[value]
        return found

    def _joined(
        self,
        git: bytes | None,
        old: bytes | None,
        new: bytes | None,
        modes: dict[bytes, bool],
        hunks: tuple[Hunk, ...],
    ) -> FilePatch:
        creates = old == b"/dev/null" or b"new file mode " in modes
        deletes = new == b"/dev/null" or b"deleted file mode " in modes
        names = {_name(name, side) for name, side in ((old, b"a/"), (new, b"b/")) if _is_name(name)}
        if git is not None:
            names.add(_name_of_both(git))
        if len(names) != 1 or (creates and deletes):
            raise self._error("ends a file whose names do not agree")
        return FilePatch(
            path=names.pop(),
            creates=creates,
            deletes=deletes,
            old_executable=modes.get(b"old mode ", modes.get(b"deleted file mode ")),
            new_executable=modes.get(b"new mode ", modes.get(b"new file mode ")),
            hunks=hunks,
        )

    def _hunks(self) -> Iterator[Hunk]:
        while self._at < len(self._lines) and self._lines[self._at].startswith(b"@@ "):
            match = _HUNK.fullmatch(self._lines[self._at])
            if match is None:
                raise self._error("is no head of a hunk")
            self._at += 1
            start, count, new_start, new_count = (
                1 if n is None else int(n) for n in match.groups()
            )
            old, new = self._body(count, new_count)
            yield Hunk(start - bool(count), old, new_start - bool(new_count), new)

    def _body(self, count: int, new_count: int) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
        """The old and the new lines of a hunk, exactly as many as its head says."""
        old: list[bytes] = []
        new: list[bytes] = []
        while len(old) < count or len(new) < new_count:
            line = self._lines[self._at] if self._at < len(self._lines) else b""
            mark, text = line[:1], line[1:]
            sides = {b" ": (old, new), b"-": (old,), b"+": (new,)}.get(mark)
            if sides is None:
                raise self._error("is no line of the hunk that it stands in")
            self._at += 1
            if self._next(_NO_NEWLINE) is not None:
                text = text.removesuffix(b"\n")
            for side in sides:
                side.append(text)
        if (len(old), len(new)) != (count, new_count):
            raise self._error("comes after more lines than its hunk counts")
        return tuple(old), tuple(new)

    def _error(self, what: str) -> AgentError:
        return AgentError(f"line {self._at + 1} of the patch {what}")


def _is_name(name: bytes | None) -> bool:
    return name is not None and name != b"/dev/null"


def _name(name: bytes | None, side: bytes) -> str:
    """The path in `a/path` or `b/path`; what follows a tab is a date that some programs write."""
    bare = (name or b"").partition(b"\t")[0]
    if not bare.startswith(side):
        raise AgentError("the patch names a file without a/ or b/ before it")
    path = bare[len(side) :].decode("utf-8", "surrogateescape")
    descent.parts_of(path)
    return path


def _name_of_both(git: bytes) -> str:
    """The path in `a/path b/path`, which is the same on both sides: renames are refused."""
    left, right = git[: len(git) // 2], git[len(git) // 2 + 1 :]
    if (left[:2], right[:2]) != (b"a/", b"b/") or left[2:] != right[2:]:
        raise AgentError("the patch renames a file, or quotes its name")
    return _name(left, b"a/")
