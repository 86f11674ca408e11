"""The one child that answers for objects: `git cat-file --batch`, started when first asked."""

from collections.abc import Sequence
from contextlib import suppress

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Git
from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

    from codexa_git.repository.children import Child

# So many questions fit into the smallest pipe (4 KB): neither side waits for the other for ever.
_AT_ONCE = 60


class ObjectStream:
    """Objects by full id, through one persistent process."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._child: Child | Popen[bytes] | None = None

    def read(self, oids: Sequence[str]) -> list[tuple[str, bytes] | None]:
        """The kind and content of each object, in order; `None` where there is none."""
        if self._child is None:
            self._child = self._git.start("cat-file", "--batch")
        answers = []
        try:
            for start in range(0, len(oids), _AT_ONCE):
                some = oids[start : start + _AT_ONCE]
                self._ask(self._child, some)
                answers += [self._take(self._child, oid) for oid in some]
        except BaseException:
            # Half an answer may be in the pipe: the next question must not read it.
            self.close()
            raise
        return answers

    def _ask(self, child: "Child | Popen[bytes]", oids: Sequence[str]) -> None:
        if child.stdin is None:
            raise AssertionError(child)
        try:
            child.stdin.write("".join(f"{oid}\n" for oid in oids).encode("ascii"))
            child.stdin.flush()
        except BrokenPipeError:
            raise RepositoryError("git cat-file ended before its answer") from None

    def _take(self, child: "Child | Popen[bytes]", oid: str) -> tuple[str, bytes] | None:
        if child.stdout is None:
            raise AssertionError(child)
        header = child.stdout.readline().split()
        if len(header) == 2 and header[1] == b"missing":
            return None
        if len(header) != 3:
            raise RepositoryError(f"git cannot read the object {oid}")
        size = int(header[2])
        content = child.stdout.read(size + 1)
        if len(content) != size + 1:
            raise RepositoryError(f"git cat-file ended within the object {oid}")
        return header[1].decode("ascii"), content[:-1]

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
