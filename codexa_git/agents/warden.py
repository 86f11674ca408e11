"""The process that stands between us and a command, so that nothing of the command outlives it.

It is started as a file of its own (`python -I -S warden.py LIFELINE REPORT PROCESSES FILE_BYTES
MEMORY_BYTES COMMAND…`), not by `preexec_fn` (unsafe beside threads) nor with limits set from
outside after the start (a child forked in between would never get them): it has one thread, forks
once, and the fork sets its own limits before it becomes the command.

It is the *subreaper* of all that the command starts: a daemon that forks twice and opens its own
session becomes its child, and it does not leave before it has none. When the lifeline closes (we
ask, or we died), it kills them all. Then it writes one line to REPORT: `exited 0`, `signalled 11`,
`not-started ENOENT`, `crowded`, or `ended` where it was asked to.
"""

import errno
import os
import resource
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs 5 ms at every command, and so does each of the others
    import signal
    from collections.abc import Callable, Iterable
    from contextlib import suppress
else:
    import _signal as signal

    class suppress:  # noqa: N801 - the name by which everyone knows it
        """What `contextlib.suppress` does."""

        def __init__(self, *errors):  # noqa: ANN002, ANN204
            self._errors = errors

        def __enter__(self):  # noqa: ANN204
            pass

        def __exit__(self, kind, *_):  # noqa: ANN001, ANN002, ANN204
            return kind is not None and issubclass(kind, self._errors)


_SUBREAPER = 36
_DUMPABLE = 4
_OPEN_FILES = 1024
_LOOK = 0.02
_FUNERALS = 64
_PATIENCE = 0.002


def family(ours: "Callable[[int, int], bool]") -> set[int]:
    """The living processes for which `ours(pid, parent)` holds, and all below (with /proc only)."""
    below: dict[int, list[int]] = {}
    queue = []
    for pid, parent in _processes():
        below.setdefault(parent, []).append(pid)
        if ours(pid, parent):
            queue.append(pid)
    found: set[int] = set()
    while queue:
        pid = queue.pop()
        found.add(pid)
        queue += below.get(pid, [])
    return found


def hunt(ours: "Callable[[int, int], bool]") -> set[int]:
    """The family, which has been killed, with what it forked while we looked.

    To walk all of /proc takes long enough for a fork bomb to stay ahead for ever. So the walk is
    made once, and after it only the process numbers given out since are looked at: a round costs
    what its newcomers cost, which is less than it cost to make them, and the rounds come to an end.
    """
    seen = _newest()
    known = family(ours)
    _kill(known)
    while seen < (newest := _newest()):
        for pid in range(seen + 1, newest + 1):
            parent = _parent(pid)
            if parent is not None and (parent in known or ours(pid, parent)):
                _kill([pid])
                known.add(pid)
        seen = newest
    return known


def _newest() -> int:
    """The process number that was given out last; 0 where there is no /proc."""
    try:
        with open("/proc/loadavg", "rb") as file:  # noqa: PTH123
            return int(file.read().split()[-1])
    except OSError:
        return 0


def _processes() -> list[tuple[int, int]]:
    if not os.path.isdir("/proc/self"):  # noqa: PTH112 - pathlib costs 11 ms at every command
        return []
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return [(pid, parent) for pid in numbers if (parent := _parent(pid)) is not None]


def _parent(pid: int) -> int | None:
    """The parent of a process that lives; `None` for one that is gone or waits to be reaped."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
            state, parent = file.read().rpartition(b")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state in (b"Z", b"X") else int(parent)


def _kill(pids: "Iterable[int]") -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """The command has run, nothing of it lives, and the report says how it ended."""
    lifeline, report, processes, file_bytes, memory_bytes = map(int, arguments[:5])
    for descriptor in (lifeline, report):
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional by definition
    _stand_guard()
    wake = _wake_on_children()
    failed, failure = os.pipe()
    command = os.fork()
    if command == 0:
        _become(arguments[5:], failure, (processes, file_bytes, memory_bytes))
    os.close(failure)
    answer = _watch(command, processes, (lifeline, wake))
    _end_all(command)
    refusal = os.read(failed, 64).decode()
    os.write(report, (f"not-started {refusal}" if refusal else answer).encode())


def _stand_guard() -> None:
    """Orphans below us become our children, and our own files are closed to the command's eyes."""
    if sys.platform == "linux":
        with suppress(OSError):  # RLIMIT_NPROC does not bind root, so root must outrun
            policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK
            os.sched_setscheduler(0, policy, os.sched_param(1))
        control = _control()
        control(_SUBREAPER, 1, 0, 0, 0)
        control(_DUMPABLE, 0, 0, 0, 0)


def _control() -> "Callable[..., int]":
    """What `prctl` of the C library is, without all that `ctypes` makes of it where that can be."""
    try:
        import _ctypes  # noqa: PLC0415

        program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type] # as `ctypes` asks
        place = _ctypes.dlsym(program, "prctl")
        call = _ctypes.call_function
    except (ImportError, AttributeError):
        import ctypes  # noqa: PLC0415

        control: Callable[..., int] = ctypes.CDLL(None).prctl
        return control
    return lambda *words: call(place, words)


def _wake_on_children() -> int:
    """A descriptor that becomes readable whenever a child has ended."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    return readable


def _become(command: list[str], failure: int, limits: tuple[int, int, int]) -> None:
    """This process is the command now, or has said why not and is gone."""
    try:
        os.setsid()  # so that `kill 0` does not reach the warden
        _limit(*limits)
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            with suppress(OSError):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.execvp(command[0], command)  # noqa: S606 - no shell, and that is meant
    except OSError as error:
        os.write(failure, errno.errorcode.get(error.errno or 0, "EIO").encode())
    except ValueError:
        os.write(failure, b"EINVAL")
    finally:
        os._exit(127)


def _limit(processes: int, file_bytes: int, memory_bytes: int) -> None:
    """The limits stand, never above what we were allowed ourselves."""
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_NPROC: _tasks_of_user() + 2 * processes,
    }
    if memory_bytes:
        wanted[resource.RLIMIT_AS] = memory_bytes
    for kind, value in wanted.items():
        hard = resource.getrlimit(kind)[1]
        least = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (least, least))


def _tasks_of_user() -> int:
    """How many threads the user has by now: the kernel counts them all, not only the command's.

    A folder has a link from itself, one from its name, and one from each folder in it; so one
    look at `task`, which has a folder a thread, tells whose they are and how many.
    """
    mine = os.getuid()
    count = 0
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:  # noqa: PTH112, PTH208
        if name.isdigit():
            with suppress(OSError):
                tasks = os.stat(f"/proc/{name}/task")  # noqa: PTH116
                count += tasks.st_nlink - 2 if tasks.st_uid == mine else 0
    return count


def _watch(command: int, processes: int, sources: tuple[int, int]) -> str:
    """How the command ended, or `ended` and `crowded` where it is to be ended now."""
    lifeline, wake = sources
    crowd = Crowd(processes)
    while True:
        ready, _, _ = select.select([lifeline, wake], [], [], _LOOK)
        if crowd.is_too_large():
            return "crowded"
        if wake in ready:
            os.read(wake, 4096)
        if (status := _reap(command)) is not None:
            code = os.waitstatus_to_exitcode(status)
            return f"exited {code}" if code >= 0 else f"signalled {-code}"
        if lifeline in ready:
            return "ended"


class Crowd:
    """How many processes are below us, looked up only when there could be too many by now.

    No more can have come than process numbers were given out, and to read that is one small file.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen = _newest()
        self._count = 1

    def is_too_large(self) -> bool:
        """True where more than `most` live at once."""
        newest = _newest()
        if 0 <= newest - self._seen <= self._most - self._count:
            return False
        self._seen = newest
        self._count = len(family(_is_child))
        return self._count > self._most


def _is_child(_: int, parent: int) -> bool:
    return parent == os.getpid()


def _reap(command: int) -> int | None:
    """The command's status if it has ended; some others that ended are buried beside it."""
    with suppress(ChildProcessError):
        for _ in range(_FUNERALS):
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == command:
                return status
            if pid == 0:
                break
    return None


def _end_all(command: int) -> None:
    """Nothing below us lives: orphans come to us, so to have no child is to have no descendant."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(command, signal.SIGKILL)
    while _has_children():
        hunt(_is_child)
        if _has_children():
            time.sleep(_PATIENCE)


def _has_children() -> bool:
    """True where a child is left after all that ended are buried."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    return False


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # all is said and done, and Python would take some ms to tidy up
