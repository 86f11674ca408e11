"""Git started at the least cost, in the folder where this process stands.

`subprocess` takes longer to import than git takes to answer, and a server's hook asks a handful of
questions. What stands elsewhere, is given input, or runs on another kind of system goes through it.
A child here inherits what this process inherited, as it would from a shell.
"""

import os
from io import BufferedReader, BufferedWriter

_CHUNK = 1 << 16
_DEFAULTS = (13, 25)
"""SIGPIPE and SIGXFSZ, which Python ignores, and a child must not: so numbered wherever there is
`posix_spawn`; `signal` would be one more import."""


class Child:
    """A process that runs, with pipes for its input and output; it has to be waited for."""

    def __init__(self, pid: int, stdin: BufferedWriter, stdout: BufferedReader) -> None:
        self._pid = pid
        self.stdin = stdin
        self.stdout = stdout

    def kill(self) -> None:
        """End it now; that it has ended already is no error, for nobody has waited for it."""
        os.kill(self._pid, 9)

    def wait(self) -> int:
        """The status that it ended with; negative for a signal."""
        return _waited(self._pid)


def is_here(folder: "str | os.PathLike[str]") -> bool:
    """True where a child can be started so that it stands in this folder."""
    if not hasattr(os, "posix_spawnp"):
        return False
    try:
        for stream in range(3):
            os.fstat(stream)  # where one is closed, a pipe would stand in its place
        return os.getcwd() == os.fspath(folder)  # noqa: PTH109 (no pathlib here)
    except OSError:
        return False


def start(command: list[bytes], environment: dict[str, str]) -> Child:
    """A child that is asked on its input and answers on its output; its complaints are dropped.

    Raises:
        OSError: it cannot be started.
    """
    gets, asks = os.pipe()
    answers, gives = os.pipe()
    try:
        pid = _spawned(command, environment, (gets, gives, None))
    except OSError:
        os.close(asks)
        os.close(answers)
        raise
    finally:
        os.close(gets)
        os.close(gives)
    return Child(pid, os.fdopen(asks, "wb"), os.fdopen(answers, "rb"))


class Begun:
    """A process that was given nothing, and runs beside this one; `end` has to be called once."""

    def __init__(self, pid: int, out: int, err: int) -> None:
        self._pid = pid
        self._pipes = (out, err)

    def end(self) -> tuple[int, bytes, bytes]:
        """Its status, what it printed, and its complaints; it is killed if this is interrupted."""
        try:
            said = _read(*self._pipes)
        except BaseException:
            os.kill(self._pid, 9)
            _waited(self._pid)
            raise
        finally:
            for pipe in self._pipes:
                os.close(pipe)
        return _waited(self._pid), *said


def begin(command: list[bytes], environment: dict[str, str]) -> Begun:
    """A process that has begun to answer; what it says waits for `end`.

    Raises:
        OSError: it cannot be started.
    """
    out, prints = os.pipe()
    err, complains = os.pipe()
    try:
        pid = _spawned(command, environment, (None, prints, complains))
    except OSError:
        os.close(out)
        os.close(err)
        raise
    finally:
        os.close(prints)
        os.close(complains)
    return Begun(pid, out, err)


def _spawned(
    command: list[bytes], environment: dict[str, str], streams: tuple[int | None, ...]
) -> int:
    actions: list[tuple[int, ...] | tuple[int, int, str, int, int]] = []
    for place, stream in enumerate(streams):
        if stream is None:
            actions.append((os.POSIX_SPAWN_OPEN, place, os.devnull, os.O_RDWR, 0))
        else:
            actions.append((os.POSIX_SPAWN_DUP2, stream, place))
    return os.posix_spawnp(
        command[0], command, environment, file_actions=actions, setsigdef=_DEFAULTS
    )


def _read(out: int, err: int) -> tuple[bytes, bytes]:
    """All that comes from both pipes, whichever has something to say."""
    from select import poll  # noqa: PLC0415

    parts: dict[int, list[bytes]] = {out: [], err: []}
    waiting = poll()
    for pipe in parts:
        waiting.register(pipe)
    open_ones = set(parts)
    while open_ones:
        for pipe, _ in waiting.poll():
            part = os.read(pipe, _CHUNK)
            parts[pipe].append(part)
            if not part:
                waiting.unregister(pipe)
                open_ones.remove(pipe)
    return b"".join(parts[out]), b"".join(parts[err])


def _waited(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
