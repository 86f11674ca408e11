"""The box in which a command runs: a folder, an explicit environment, limits, and no survivors.

What holds without privileges: own session and process group, limits on time, output, processes,
file size and memory, `/dev/null` as input, and the death of everything the command started, through
`warden.py`, which is the subreaper of it all. Should the command kill the warden, the orphans come
to us, for we are a subreaper too while a box is open. Where there is no `/proc` (not Linux), only
the command's process group is ended. The box is no wall: a command writes where its user
may. A fork bomb of root's, whom no limit on processes binds, is outrun only where root may take a
real-time slot, which some containers withhold.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self

from codexa_git.agents import warden
from codexa_git.agents.kept import Kept
from codexa_git.errors import AgentError

_FLOOD = 16
_GRACE = 30.0
_PAUSE = 0.002
_BLOCK = 1 << 16
_SUBREAPER = 36


class Limits(NamedTuple):
    """What a command may use.

    `output_bytes` is what is kept; a command that prints sixteen times as much is ended.
    """

    seconds: float = 600.0
    output_bytes: int = 1 << 20
    processes: int = 512
    file_bytes: int = 1 << 30
    memory_bytes: int | None = None


class Status(StrEnum):
    """How a command ended; `flooded` is too much output or too many processes."""

    EXITED = "exited"
    TIMED_OUT = "timed-out"
    FLOODED = "flooded"
    SIGNALLED = "signalled"
    NOT_STARTED = "not-started"


class Outcome(NamedTuple):
    """What a command did; `reason` is a half sentence that follows its name."""

    status: Status
    exit_code: int | None
    signal: int | None
    output: bytes
    reason: str

    @property
    def ok(self) -> bool:
        """True where the command ended by itself with 0."""
        return self.status is Status.EXITED and self.exit_code == 0


def run(
    command: Sequence[str],
    *,
    folder: Path,
    home: Path,
    environment: Mapping[str, str],
    limits: Limits,
) -> Outcome:
    """What `command` did in `folder`; when this returns or raises, nothing of it runs any more."""
    if not command or any("\0" in word for word in command):
        raise AgentError("a command needs a program and may not hold a null byte")
    surroundings = {**environment, "HOME": str(home)}
    with _subreaper(), _Box(command, folder, surroundings, limits) as box:
        cut_short = box.follow()
    return _outcome(box.report, cut_short, box.kept, limits)


class _Box:
    """One warden and its command, from start to the last funeral."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], limits: Limits
    ) -> None:
        self._command = command
        self._folder = folder
        self._environment = environment
        self._limits = limits
        self.kept = Kept(limits.output_bytes, limits.output_bytes * _FLOOD)
        self.report = ""

    def __enter__(self) -> Self:
        self._strangers = _children()
        lifeline, self._lifeline = os.pipe()
        self._report, report = os.pipe()
        self._output, output = os.pipe()
        try:
            self._warden = subprocess.Popen(
                self._line(lifeline, report),
                cwd=self._folder,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(lifeline, report),
                start_new_session=True,
                umask=0o022,
            )
        except BaseException as error:
            self._close(self._lifeline, self._report, self._output)
            if isinstance(error, OSError):
                raise AgentError(f"a box cannot be opened: {error.strerror}") from error
            raise
        finally:
            self._close(lifeline, report, output)
        self._began = time.monotonic()
        os.set_blocking(self._output, False)
        return self

    def __exit__(self, *_: object) -> None:
        """Everything below is dead, also where we are here because of Ctrl-C."""
        try:
            os.close(self._lifeline)
            self._bury()
            self._read()
        finally:
            self._close(self._report, self._output)

    def follow(self) -> Status | None:
        """Reads until the command has ended; or why it has to be ended now."""
        deadline = self._began + self._limits.seconds
        watched = select.poll()
        for source in (self._output, self._report):
            watched.register(source, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            ready = [descriptor for descriptor, _ in watched.poll(left * 1000)]
            if self._output in ready and not self._read_block(watched):
                return Status.FLOODED
            if self._report in ready:
                return None
        return Status.TIMED_OUT

    def _read_block(self, watched: select.poll) -> bool:
        block = os.read(self._output, _BLOCK)
        if not block:
            watched.unregister(self._output)
        return self.kept.add(block)

    def _read(self) -> None:
        """What the dead left in the pipe is kept, and the report is known."""
        with contextlib.suppress(BlockingIOError):
            while (block := os.read(self._output, _BLOCK)) and self.kept.add(block):
                pass
        os.set_blocking(self._report, False)
        with contextlib.suppress(BlockingIOError):
            self.report = os.read(self._report, 256).decode()

    def _bury(self) -> None:
        """The warden is gone after it has ended all; a hurt one is killed and we do its work."""
        self._warden.send_signal(signal.SIGCONT)  # the command may have stopped it
        try:
            self._warden.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._warden.kill()
        finally:
            if self._warden.wait() != 0:
                _sweep(self._strangers)

    def _line(self, lifeline: int, report: int) -> list[str]:
        limits = self._limits
        sizes = (limits.processes, limits.file_bytes, limits.memory_bytes or 0)
        numbers = map(str, (lifeline, report, *sizes))
        return [sys.executable, "-I", "-S", warden.__file__, *numbers, *self._command]

    @staticmethod
    def _close(*descriptors: int) -> None:
        for descriptor in descriptors:
            os.close(descriptor)


@contextlib.contextmanager
def _subreaper() -> Iterator[None]:
    """While it is open, orphans of a killed warden become our children, not init's.

    It is a property of the whole process: boxes are opened one after the other, not in threads.
    """
    if sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None)
    before = ctypes.c_int(0)
    libc.prctl(_SUBREAPER + 1, ctypes.byref(before), 0, 0, 0)
    libc.prctl(_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_SUBREAPER, before.value, 0, 0, 0)


def _children() -> set[int]:
    mine = os.getpid()
    return warden.family(lambda _, parent: parent == mine)


def _sweep(strangers: set[int]) -> None:
    """What a killed warden left us is dead: new children of ours with a session of their own."""
    mine, session = os.getpid(), os.getsid(0)

    def is_orphan(pid: int, parent: int) -> bool:
        try:
            return parent == mine and pid not in strangers and os.getsid(pid) != session
        except ProcessLookupError:
            return False

    killed: set[int] = set()
    while warden.family(is_orphan):
        killed |= warden.hunt(is_orphan)
        time.sleep(_PAUSE)
    for pid in killed:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _outcome(report: str, cut_short: Status | None, kept: Kept, limits: Limits) -> Outcome:
    """The report of the warden as a value; what it ended is what we had asked for."""
    word, _, detail = report.partition(" ")
    output = kept.joined()
    if cut_short is Status.FLOODED or kept.full:
        reason = f"printed more than {limits.output_bytes * _FLOOD} bytes"
        return Outcome(Status.FLOODED, None, None, output, reason)
    if word == "crowded":
        reason = f"had more than {limits.processes} processes at once"
        return Outcome(Status.FLOODED, None, None, output, reason)
    if cut_short is Status.TIMED_OUT and word in ("ended", ""):
        reason = f"did not end within {limits.seconds:g} seconds"
        return Outcome(Status.TIMED_OUT, None, None, output, reason)
    return _own_end(word, detail, output)


def _own_end(word: str, detail: str, output: bytes) -> Outcome:
    """The outcome of a command that nobody ended, or that never began."""
    if word == "exited":
        return Outcome(Status.EXITED, int(detail), None, output, f"exited with {detail}")
    if word == "not-started":
        return Outcome(Status.NOT_STARTED, None, None, output, f"could not be started ({detail})")
    if word == "signalled":
        name = _signal_name(int(detail))
        return Outcome(Status.SIGNALLED, None, int(detail), output, f"was ended by {name}")
    reason = "ended the process that watches over it"
    return Outcome(Status.SIGNALLED, None, int(signal.SIGKILL), output, reason)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
