"""The one child that answers for objects: `git cat-file --batch`, started when first asked.

Git says how large an object is before it says what is in it, so nothing too large is ever taken in:
the child ends there, and another one answers the next question.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Git
from codexa_git.repository.objects import LARGEST
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from subprocess import Popen

    from codexa_git.repository.children import Child

# So many questions fit into the smallest pipe (4 KB): neither side waits for the other for ever.
_AT_ONCE = 60
_BLOCK = 1 << 20
# Git itself hands on what is larger piece by piece, where it is not a delta.
_PIECEMEAL = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.bigFileThreshold",
    "GIT_CONFIG_VALUE_0": str(LARGEST),
}


class Large(NamedTuple):
    """An object that was not read, for it is larger than what was asked for."""

    kind: str
    size: int


Answer = tuple[str, bytes] | Large | None
"""What is told of one object: its kind and content, or how large it is, or that there is none."""


class ObjectStream:
    """Objects by full id, through one persistent process."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._child: Child | Popen[bytes] | None = None

    def read(
        self, oids: Sequence[str], most: int | None = LARGEST
    ) -> Generator[Answer, None, None]:
        """The answer for each object, in order; one of more than `most` bytes is not taken in."""
        at = 0
        try:
            while at < len(oids):
                some = oids[at : at + _AT_ONCE]
                child = self._asked(some)
                for oid in some:
                    answer = self._take(child, oid, most)
                    at += 1
                    yield answer
                    if isinstance(answer, Large):
                        self.close()
                        break
        except BaseException:
            # Half an answer may be in the pipe: the next question must not read it.
            self.close()
            raise

    def blocks(self, oid: str) -> Iterator[bytes]:
        """The content of one object that is here, piece by piece, however large it is."""
        try:
            child = self._asked([oid])
            _, left = self._header(child, oid) or ("", 0)
            while left:
                block = self._exactly(child, oid, min(left, _BLOCK))
                left -= len(block)
                yield block
            self._exactly(child, oid, 1)
        except BaseException:
            self.close()
            raise

    def _asked(self, oids: Sequence[str]) -> "Child | Popen[bytes]":
        """The child, with these questions put to it."""
        if self._child is None:
            self._child = self._git.beside(_PIECEMEAL).start("cat-file", "--batch")
        self._ask(self._child, oids)
        return self._child

    def _ask(self, child: "Child | Popen[bytes]", oids: Sequence[str]) -> None:
        if child.stdin is None:
            raise AssertionError(child)
        try:
            child.stdin.write("".join(f"{oid}\n" for oid in oids).encode("ascii"))
            child.stdin.flush()
        except BrokenPipeError:
            raise RepositoryError("git cat-file ended before its answer") from None

    def _take(self, child: "Child | Popen[bytes]", oid: str, most: int | None) -> Answer:
        header = self._header(child, oid)
        if header is None:
            return None
        kind, size = header
        if most is not None and size > most:
            return Large(kind, size)
        return kind, self._exactly(child, oid, size + 1)[:-1]

    def _header(self, child: "Child | Popen[bytes]", oid: str) -> tuple[str, int] | None:
        if child.stdout is None:
            raise AssertionError(child)
        header = child.stdout.readline().split()
        if len(header) == 2 and header[1] == b"missing":
            return None
        if len(header) != 3:
            raise RepositoryError(f"git cannot read the object {oid}")
        return header[1].decode("ascii"), int(header[2])

    def _exactly(self, child: "Child | Popen[bytes]", oid: str, size: int) -> bytes:
        content = b"" if child.stdout is None else child.stdout.read(size)
        if len(content) != size:
            raise RepositoryError(f"git cat-file ended within the object {oid}")
        return content

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            # A question that was never flushed has nobody to go to.
            with suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()
        child.wait()
