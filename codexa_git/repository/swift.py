"""A git process at the least cost: for a hook that has to answer before anyone notices.

Nothing is imported here but what the interpreter is made of. Everything else asks `Git`.
"""

import posix

_CHUNK = 1 << 16


class Started:
    """A git process that runs: `begin` started it, and `end` has to be called once."""

    def __init__(self, pid: int, reads: int) -> None:
        self._pid = pid
        self._reads = reads

    def end(self) -> bytes | None:
        """What git printed; `None` where it failed."""
        parts = []
        while part := posix.read(self._reads, _CHUNK):
            parts.append(part)
        posix.close(self._reads)
        _, status = posix.waitpid(self._pid, 0)
        return b"".join(parts) if status == 0 else None


def begin(arguments: tuple[bytes, ...], environment: dict[bytes, bytes]) -> Started | None:
    """Git, started in this folder with exactly this environment; `None` where it cannot start."""
    reads, writes = posix.pipe()
    actions = [
        (posix.POSIX_SPAWN_OPEN, 0, "/dev/null", posix.O_RDONLY, 0),
        (posix.POSIX_SPAWN_OPEN, 2, "/dev/null", posix.O_WRONLY, 0),
        (posix.POSIX_SPAWN_DUP2, writes, 1),
    ]
    try:
        pid = posix.posix_spawnp(b"git", (b"git", *arguments), environment, file_actions=actions)
    except OSError:
        posix.close(reads)
        return None
    finally:
        posix.close(writes)
    return Started(pid, reads)
