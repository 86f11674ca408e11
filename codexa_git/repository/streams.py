"""The one child that answers for objects: `git cat-file --batch`, started when first asked."""

import subprocess
from contextlib import suppress

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Git


class ObjectStream:
    """Objects by full id, through one persistent process."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, oid: str) -> tuple[str, bytes] | None:
        """The kind and content of an object; `None` where the repository does not have it."""
        if self._child is None:
            self._child = self._git.start("cat-file", "--batch")
        try:
            return self._ask(self._child, oid)
        except BaseException:
            # Half an answer may be in the pipe: the next question must not read it.
            self.close()
            raise

    def _ask(self, child: subprocess.Popen[bytes], oid: str) -> tuple[str, bytes] | None:
        reader, writer = child.stdout, child.stdin
        if reader is None or writer is None:
            raise AssertionError(child)
        try:
            writer.write(oid.encode("ascii") + b"\n")
            writer.flush()
        except BrokenPipeError:
            raise RepositoryError("git cat-file ended before its answer") from None
        header = reader.readline().split()
        if len(header) == 2 and header[1] == b"missing":
            return None
        if len(header) != 3:
            raise RepositoryError(f"git cannot read the object {oid}")
        size = int(header[2])
        content = reader.read(size + 1)
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
