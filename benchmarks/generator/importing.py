"""Commits as `git fast-import` takes them, through one process."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from benchmarks.rounds import NotMeasuredError
from codexa_git.repository.objects import Stamp


class Made(NamedTuple):
    """A commit to be: who, when, what it says, and the files that it brings."""

    author: Stamp
    committer: Stamp
    message: bytes
    files: Mapping[str, bytes]


class Importing:
    """A stream of commits onto `main`; in a `with`, after which they are there."""

    def __init__(self, folder: Path, tip: str) -> None:
        quiet = ["git", "fast-import", "--quiet", "--force", "--done"]
        self._child = subprocess.Popen(quiet, cwd=folder, stdin=subprocess.PIPE)
        self._base = self._story = tip
        self._marks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._child.kill()
        else:
            self._write(b"reset refs/heads/story\n\ndone\n")
        if self._child.stdin is not None:
            self._child.stdin.close()
        if self._child.wait() and kind is None:
            raise NotMeasuredError("git fast-import did not take the generated history")

    def story(self, commits: list[Made]) -> None:
        """The commits of a change, one after the other, from the base's tip."""
        self._story = self._base
        for made in commits:
            self._story = self._commit(b"story", made, self._story)

    def land(self, made: Made, tree: str) -> None:
        """The story is merged into the base, which has this tree then, and the commit no files."""
        root = b'M 040000 %s ""\n' % tree.encode()
        self._base = self._commit(b"main", made, self._base, self._story, root)

    def straight(self, made: Made) -> None:
        """The commit comes to the base by itself."""
        self._base = self._commit(b"main", made, self._base)

    def _commit(
        self, branch: bytes, made: Made, parent: str, other: str | None = None, root: bytes = b""
    ) -> str:
        self._marks += 1
        parts = [
            b"commit refs/heads/%s\nmark :%d\n" % (branch, self._marks),
            b"author %s\ncommitter %s\n" % (_stamp(made.author), _stamp(made.committer)),
            _data(made.message),
            b"from %s\n" % parent.encode(),
            b"merge %s\n" % other.encode() if other else b"",
            root,
        ]
        for path, content in made.files.items():
            parts.append(b"M 100644 inline %s\n%s" % (path.encode(), _data(content)))
        self._write(b"".join(parts))
        return f":{self._marks}"

    def _write(self, content: bytes) -> None:
        if self._child.stdin is None:
            raise AssertionError(self._child)
        try:
            self._child.stdin.write(content)
        except BrokenPipeError:
            raise NotMeasuredError("git fast-import ended before its input did") from None


def _stamp(stamp: Stamp) -> bytes:
    return f"{stamp.who} {stamp.seconds} {stamp.zone}".encode()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
