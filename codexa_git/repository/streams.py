"""The one child that answers for objects: `git cat-file --batch`, started when first asked.

Git says how large an object is before it says what is in it, so nothing too large is ever taken in:
the child ends there, and another one answers the next question.
"""

from collections.abc import Generator, Iterator, Sequence

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Git
from codexa_git.repository.objects import LARGEST, LARGEST_COMMIT
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from subprocess import Popen

    from codexa_git.repository.children import Child

# So many questions fit into the smallest pipe (4 KB): neither side waits for the other for ever.
_AT_ONCE = 60
_PIPE = 4096
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


def _is_large(kind: str, size: int, most: int) -> bool:
    return size > (min(most, LARGEST_COMMIT) if kind == "commit" else most)


class ObjectStream:
    """Objects by full id, through one persistent process."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._child: Child | Popen[bytes] | None = None
        self._foreseen = 0

    def foresee(self, names: Sequence[str]) -> None:
        """The objects of these names (`main:a/b`) are asked for, as many as a pipe has room for.

        Whether there are such objects, nobody has to know: git works at it meanwhile.
        """
        text, self._foreseen = b"", 0
        for name in names:
            line = name.encode("utf-8", "surrogateescape") + b"\n"
            if len(text) + len(line) > _PIPE:
                break
            text, self._foreseen = text + line, self._foreseen + 1
        if text:
            self._ask(self._started(), text)

    @property
    def has_foreseen(self) -> bool:
        """True while answers wait that were asked for beforehand; they come before all others."""
        return self._foreseen > 0

    def foreseen(self) -> Iterator[tuple[str, str, bytes]]:
        """Id, kind and content of each object that was asked for beforehand and is here.

        Where the child fails, or comes to one that is too large, there are no more: whoever needs
        an object asks for it again, and is told then.
        """
        try:
            while self._foreseen and self._child is not None:
                self._foreseen -= 1
                found = self._named(self._child)
                if found is not None and _is_large(*found[1:], LARGEST):
                    self.close()
                elif found is not None:
                    oid, kind, size = found
                    yield oid, kind, self._exactly(self._child, oid, size + 1)[:-1]
        except RepositoryError:
            self.close()
        except BaseException:
            self.close()
            raise

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
        if self._foreseen:
            self.close()  # nobody heard those answers, and these would come after them
        child = self._started()
        self._ask(child, "".join(f"{oid}\n" for oid in oids).encode("ascii"))
        return child

    def _started(self) -> "Child | Popen[bytes]":
        if self._child is None:
            self._child = self._git.beside(_PIECEMEAL).start("cat-file", "--batch")
        return self._child

    def _ask(self, child: "Child | Popen[bytes]", text: bytes) -> None:
        if child.stdin is None:
            raise AssertionError(child)
        try:
            child.stdin.write(text)
            child.stdin.flush()
        except BrokenPipeError:
            raise self._ended("git cat-file ended before its answer") from None

    def _take(self, child: "Child | Popen[bytes]", oid: str, most: int | None) -> Answer:
        header = self._header(child, oid)
        if header is None:
            return None
        kind, size = header
        if most is not None and _is_large(kind, size, most):
            return Large(kind, size)
        body = self._exactly(child, oid, size)
        self._exactly(child, oid, 1)  # a newline; large bodies are not copied to be rid of it
        return kind, body

    def _header(self, child: "Child | Popen[bytes]", oid: str) -> tuple[str, int] | None:
        found = self._named(child, oid)
        return None if found is None else found[1:]

    def _named(
        self, child: "Child | Popen[bytes]", name: str = "that was foreseen"
    ) -> tuple[str, str, int] | None:
        """The id, kind and size of the object whose turn it is; `None`: there is none."""
        if child.stdout is None:
            raise AssertionError(child)
        header = child.stdout.readline().split()
        if len(header) == 2 and header[1] == b"missing":
            return None
        if not header:
            raise self._ended(f"git cannot read the object {name}")
        if len(header) != 3:
            raise RepositoryError(f"git cannot read the object {name}")
        return header[0].decode("ascii", "replace"), header[1].decode("ascii"), int(header[2])

    def _exactly(self, child: "Child | Popen[bytes]", oid: str, size: int) -> bytes:
        content = b"" if child.stdout is None else child.stdout.read(size)
        if len(content) != size:
            raise self._ended(f"git cat-file ended within the object {oid}")
        return content

    def _ended(self, told: str) -> RepositoryError:
        """Why there was no answer; where somebody killed the child, another may give it.

        It has closed its output, so it has ended or is about to, and is waited for here.
        """
        child, self._child = self._child, None
        self._foreseen = 0
        status = 0 if child is None else _waited_for(child)
        hint = "something ended git from outside: ask again" if status < 0 else None
        return RepositoryError(told, hint=hint)

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        self._foreseen = 0
        if child is None:
            return
        child.kill()
        _waited_for(child)


def _waited_for(child: "Child | Popen[bytes]") -> int:
    """The status that the child ended with, its pipes closed; negative for a signal."""
    for pipe in (child.stdin, child.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except BrokenPipeError:
            continue  # a question that was never flushed has nobody to go to
    return child.wait()
