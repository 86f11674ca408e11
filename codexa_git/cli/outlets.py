"""Where the words of a command go; whatever becomes of them, its answer stands.

Who reads may stop, a disk may be full, a stream may be closed from the start. None of this reaches
the command as an error: it works to its end, and its answer is not about who listens to it.
"""

import errno
import io
import os
import sys

TYPE_CHECKING = False  # for `typing` has nothing else to say here
if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_GONE = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.ESHUTDOWN)
"""How the system says that nobody reads any more."""


class Outlet(io.RawIOBase):
    """A stream that never fails; `lost` is the system's number for why words were, `None`: none."""

    def __init__(self, stream: int, problem: int | None = None) -> None:
        self._stream = stream
        self._problem = problem
        self.lost: int | None = None

    @property
    def broken(self) -> bool:
        """True where nothing that is written arrives any more."""
        return self._problem is not None

    def writable(self) -> bool:
        """True: that is what it is for."""
        return True

    def fileno(self) -> int:
        """The stream's number."""
        return self._stream

    def isatty(self) -> bool:
        """True where a person may look."""
        return os.isatty(self._stream)

    def write(self, part: "ReadableBuffer") -> int:
        """How much of this was written, or will never be."""
        while self._problem is None:
            try:
                return os.write(self._stream, part)
            except BlockingIOError:
                self._wait()
            except OSError as error:
                self._problem = error.errno
        size = memoryview(part).nbytes
        if size:
            self.lost = self._problem
        return size

    def _wait(self) -> None:
        """Until there is room in a pipe that somebody else told not to wait."""
        from select import POLLOUT, poll

        waiting = poll()
        waiting.register(self._stream, POLLOUT)
        waiting.poll()


def open_up() -> None:
    """The three streams of this process are such that no answer depends on them.

    One that was closed leads nowhere, so that no file that is opened later stands in its place. A
    title that the terminal's encoding lacks is shown as escapes, and ends no command.
    """
    for stream in range(3):
        if not _is_open(stream):
            _lead_nowhere(stream)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 (no pathlib here)
    sys.stdout = _told_through(sys.stdout, 1)
    sys.stderr = _told_through(sys.stderr, 2)


def _lead_nowhere(stream: int) -> None:
    """The number is that of nothing, and a child has it so, too."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, stream)
    if nothing != stream:
        os.close(nothing)


def _is_open(stream: int) -> bool:
    try:
        os.fstat(stream)
    except OSError:
        return False
    return True


def _told_through(before: object, stream: int) -> io.TextIOWrapper:
    """Text that goes out as it did before, and never fails."""
    if not isinstance(before, io.TextIOWrapper):
        return io.TextIOWrapper(io.BufferedWriter(Outlet(stream, errno.EBADF)), "utf-8")
    return io.TextIOWrapper(
        io.BufferedWriter(Outlet(stream)),
        before.encoding,
        "backslashreplace",
        line_buffering=before.line_buffering,
        write_through=before.write_through,
    )


def heard() -> bool:
    """False where nothing that is said arrives any more: to go on for ever would be for nobody."""
    outlet = _outlet()
    return outlet is None or not outlet.broken


def unwritten() -> str | None:
    """Why not all that was said could be written, in a clause; `None`: it was, or nobody read on.

    All that was said is written by then, to standard error as well.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    outlet = _outlet()
    if outlet is None or outlet.lost is None or outlet.lost in _GONE:
        return None
    return os.strerror(outlet.lost).lower()


def _outlet() -> Outlet | None:
    buffer = getattr(sys.stdout, "buffer", None)
    raw = getattr(buffer, "raw", None)
    return raw if isinstance(raw, Outlet) else None
