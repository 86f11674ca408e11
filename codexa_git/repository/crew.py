"""Processes of ours that share one work: each is given a piece, answers, and is given the next.

They are started anew and not forked, so that no open git process, thread or lock of this one is in
them, and not by `multiprocessing`, which looks for its own modules in the current folder first: in
a clone whose files somebody else wrote. Each is the leader of a process group of its own. So Ctrl-C
reaches this process alone, which ends all of them and the git processes that they have.
"""

import gc
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from selectors import EVENT_READ, DefaultSelector
from types import FrameType
from typing import IO, Generic, NamedTuple, NoReturn, Self, TypeVar

from codexa_git.errors import CodexaError, RepositoryError

About = TypeVar("About")
Piece = TypeVar("Piece")
Made = TypeVar("Made")

Wanted = Callable[[], None]
"""What a process asks now and then; it ends there if nobody waits for its answer any more."""

_PROGRAM = """\
import sys
sys.path[:] = sys.argv[2:]
from codexa_git.repository.crew import serve
serve(int(sys.argv[1]))
"""
_HEAD = 8
_MANY = 50_000
"""So many objects are made before what nobody refers to is looked for, as in a command."""

_PATIENCE = 5.0


class Failed(NamedTuple):
    """Why a piece has no answer: an error told to people, or else a bug's traceback."""

    message: str
    hints: tuple[str, ...] = ()
    traceback: str | None = None


def cores() -> int:
    """How many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class Crew(Generic[About, Piece, Made]):
    """So many processes that each enter `make(about, wanted)` once, and call it for a piece.

    `make` is a function of a module, and whatever goes to and fro can be pickled. All of them have
    ended where the `with` ends, however it does.
    """

    def __init__(
        self,
        many: int,
        make: Callable[[About, Wanted], AbstractContextManager[Callable[[Piece], Made]]],
        about: About,
    ) -> None:
        self._many = many
        self._first = pickle.dumps((make, about))
        self._hands: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        try:
            for _ in range(self._many):
                self._hands.append(_started())
            for hand in self._hands:
                self._send(hand, self._first)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def each(self, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, Made]]:
        """Every piece with what was made of it, in the order given; they are asked for as needed.

        Raises:
            RepositoryError: a process ended before it answered, or could not answer.
        """
        waiting = enumerate(pieces)
        given: dict[int, Piece] = {}
        made: dict[int, Made] = {}
        turn = 0
        with DefaultSelector() as busy:
            for hand in self._hands:
                self._next(busy, hand, waiting, given)
            while busy.get_map():
                for key, _ in busy.select():
                    number, hand = key.data
                    busy.unregister(key.fileobj)
                    made[number] = self._taken(hand)
                    self._next(busy, hand, waiting, given)
                while turn in made:
                    yield given.pop(turn), made.pop(turn)
                    turn += 1

    def _next(
        self,
        busy: DefaultSelector,
        hand: "subprocess.Popen[bytes]",
        waiting: Iterator[tuple[int, Piece]],
        given: dict[int, Piece],
    ) -> None:
        """The next piece goes to this process, if there is one."""
        for number, piece in waiting:
            given[number] = piece
            self._send(hand, pickle.dumps(piece))
            busy.register(_pipe(hand.stdout), EVENT_READ, (number, hand))
            return

    def _send(self, hand: "subprocess.Popen[bytes]", content: bytes) -> None:
        try:
            _put(_pipe(hand.stdin), content)
        except BrokenPipeError:
            self._lost(hand)

    def _taken(self, hand: "subprocess.Popen[bytes]") -> Made:
        content = _got(_pipe(hand.stdout))
        if content is None:
            self._lost(hand)
        answer: Made | Failed = pickle.loads(content)  # noqa: S301 (from a process of our own)
        if not isinstance(answer, Failed):
            return answer
        if answer.traceback is not None:
            raise AssertionError(f"in a process beside this one:\n{answer.traceback}")
        raise RepositoryError(answer.message, hint=answer.hints)

    def _lost(self, hand: "subprocess.Popen[bytes]") -> NoReturn:
        _ended(hand)
        status = hand.wait()
        self.close()
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        raise RepositoryError(
            f"undecided: a process that shared the work {how} before it had answered",
            hint="ask again; fewer processes need less memory: --jobs 1",
        )

    def close(self) -> None:
        """End every process, and what it started, if they have not ended yet."""
        hands, self._hands = self._hands, []
        with ExitStack() as stack:
            for hand in hands:
                stack.callback(_ended, hand)
            for hand in hands:
                _tell(hand, signal.SIGTERM)
            for hand in hands:
                for pipe in (hand.stdin, hand.stdout):
                    with suppress(BrokenPipeError):
                        _pipe(pipe).close()


def _started() -> "subprocess.Popen[bytes]":
    """A Python like this one, with the same modules in reach, and none of the current folder's."""
    flags = {
        "-E": sys.flags.ignore_environment,
        "-s": sys.flags.no_user_site,
        "-S": sys.flags.no_site,
    }
    given = ["-P", *(flag for flag, is_set in flags.items() if is_set)]
    try:
        return subprocess.Popen(
            [sys.executable, *given, "-c", _PROGRAM, str(os.getpid()), *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,
        )
    except OSError as error:
        raise RepositoryError(
            f"undecided: no process can be started to share the work: {error.strerror}",
            hint="to do without: --jobs 1",
        ) from error


def _tell(hand: "subprocess.Popen[bytes]", what: signal.Signals) -> None:
    """All of the process's group get the signal; while it is not waited for, the id is its own."""
    if hand.returncode is None:
        # Some systems refuse it where the group has ended already.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(hand.pid, what)


def _ended(hand: "subprocess.Popen[bytes]") -> None:
    """The process is gone, at its own pace if that is soon."""
    try:
        with suppress(subprocess.TimeoutExpired):
            hand.wait(_PATIENCE)
    finally:
        _tell(hand, signal.SIGKILL)
        hand.wait()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise AssertionError(pipe)
    return pipe


def _put(pipe: IO[bytes], content: bytes) -> None:
    pipe.write(len(content).to_bytes(_HEAD, "big") + content)
    pipe.flush()


def _got(pipe: IO[bytes]) -> bytes | None:
    """What was put into the pipe; `None` where nobody is there who could have put all of it."""
    head = pipe.read(_HEAD)
    size = int.from_bytes(head, "big")
    content = pipe.read(size) if len(head) == _HEAD else b""
    return content if len(head) == _HEAD and len(content) == size else None


def serve(parent: int) -> NoReturn:
    """One process of a crew, from its beginning to its end; `parent` is the one that started it."""
    gc.set_threshold(_MANY)
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, _leave)

    def wanted() -> None:
        if os.getppid() != parent:
            raise SystemExit

    # What could not be written any more would complain of it if the pipe were put away.
    pipes = _apart()
    try:
        with suppress(SystemExit, BrokenPipeError), ExitStack() as stack:
            _serve(*pipes, wanted, stack)
    except Exception:
        # Whatever was interrupted may have made an error of its own of that.
        if not _told_to_leave:
            raise
    os._exit(0)


_told_to_leave: list[int] = []


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """What is being done is put away, temporary folders too."""
    del frame
    _told_to_leave.append(number)
    raise SystemExit


def _apart() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes, where nothing else reads or writes: what is printed goes to standard error."""
    pipes = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return pipes


def _serve(questions: IO[bytes], answers: IO[bytes], wanted: Wanted, stack: ExitStack) -> None:
    do: Callable[[object], object] | None = None
    make, about = pickle.loads(_got(questions) or b"")  # noqa: S301 (from the process above)
    while (content := _got(questions)) is not None:
        answer: object
        try:
            do = do or stack.enter_context(make(about, wanted))
            answer = do(pickle.loads(content))  # noqa: S301 (the same)
        except CodexaError as error:
            answer = Failed(error.message, error.hints)
        except Exception:  # noqa: BLE001 (the process above says that it is a bug)
            import traceback  # noqa: PLC0415

            answer = Failed("", (), traceback.format_exc())
        _put(answers, pickle.dumps(answer))
