"""Processes that share work: in order, ended with the one that started them, and never believed
where they did not answer."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository import crew
from codexa_git.repository.crew import Crew, Wanted, cores

PROGRAM = """
import sys, time
from repository.test_crew import Crew, slowly
with Crew(2, slowly, sys.argv[1]) as hands:
    for piece, made in hands.each(range(8)):
        print(piece, made, flush=True)
"""


@contextmanager
def doubling(about: int, wanted: Wanted) -> Iterator[Callable[[int], tuple[int, int]]]:
    """Twice what is given, and `about` more; the later pieces are done sooner."""

    def double(piece: int) -> tuple[int, int]:
        wanted()
        time.sleep(0.02 * (piece % 3 == 0))
        os.write(1, b"what is printed is no answer")
        return os.getpid(), 2 * piece + about

    yield double


@contextmanager
def failing(about: str, wanted: Wanted) -> Iterator[Callable[[int], int]]:
    del wanted
    if about == "at once":
        raise RefusedError("it cannot begin", hint=("one", "two"))

    def fail(piece: int) -> int:
        if piece < 3:
            return piece
        if about == "a bug":
            raise ZeroDivisionError
        if about == "leaves":
            os._exit(7)
        os.kill(os.getpid(), getattr(signal, about))
        time.sleep(60)
        return piece

    yield fail


@contextmanager
def slowly(about: str, wanted: Wanted) -> Iterator[Callable[[int], int]]:
    """Whoever does this has a child that sleeps, and a file that it takes away again."""
    place = Path(about) / str(os.getpid())
    place.touch()
    sleeper = subprocess.Popen(["sleep", "61"])
    try:

        def wait(piece: int) -> int:
            place.write_text("under way")
            for _ in range(600 if piece else 1):
                wanted()
                time.sleep(0.1)
            return piece

        yield wait
    finally:
        sleeper.kill()
        sleeper.wait()
        place.unlink()


def alive(process: int) -> bool:
    """True while it runs; one that is dead may still wait to be buried."""
    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() not in ("", "Z") and not told.stdout.startswith("Z")


def children(process: int, args: str) -> list[int]:
    """The processes that this one started and that do so."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [int(row[0]) for row in rows if int(row[1]) == process and args in row[2]]


def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_the_answers_come_in_the_order_of_the_questions_from_all_of_them() -> None:
    with Crew(3, doubling, 1) as hands:
        found = list(hands.each(iter(range(40))))
        pids = {process for _, (process, _) in found}
    assert [(piece, made) for piece, (_, made) in found] == [(n, 2 * n + 1) for n in range(40)]
    assert len(pids) == 3
    assert os.getpid() not in pids
    assert not any(alive(process) for process in pids)


def test_pieces_are_asked_for_only_when_somebody_is_free() -> None:
    asked: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(1000):
            asked.append(number)
            yield number

    with Crew(2, doubling, 0) as hands:
        for piece, _ in hands.each(pieces()):
            if piece == 5:
                break
    assert len(asked) < 30


def test_an_error_is_told_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(RepositoryError, match=r"^it cannot begin$") as told,
        Crew(2, failing, "at once") as hands,
    ):
        list(hands.each(range(9)))
    assert told.value.hints == ("one", "two")
    assert capfd.readouterr() == ("", "")


def test_a_bug_is_one_here_too_with_the_lines_where_it_is() -> None:
    with (
        pytest.raises(AssertionError, match="ZeroDivisionError") as told,
        Crew(2, failing, "a bug") as hands,
    ):
        list(hands.each(range(9)))
    assert "in fail" in str(told.value)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("SIGKILL", "was ended by signal 9"),
        ("SIGSEGV", "was ended by signal 11"),
        ("leaves", "ended with status 7"),
        ("SIGTERM", "ended with status 0"),
    ],
)
def test_one_that_ends_before_its_answer_is_told_of(how: str, told: str) -> None:
    with pytest.raises(RepositoryError, match=told) as error, Crew(2, failing, how) as hands:
        list(hands.each(range(9)))
    assert error.value.message.startswith("undecided: ")


def test_one_that_was_killed_while_nobody_asked_is_told_of() -> None:
    with Crew(2, doubling, 0) as hands:
        answers = hands.each(range(50))
        _, (process, _) = next(answers)
        os.kill(process, signal.SIGKILL)
        with pytest.raises(RepositoryError, match="before it had answered"):
            list(answers)


@pytest.mark.parametrize("place", ["/nowhere/python", "", "/dev/null"])
def test_what_cannot_start_is_no_answer(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr(sys, "executable", place)
    with (
        pytest.raises(RepositoryError, match=r"^undecided: no process can be started"),
        Crew(2, doubling, 0),
    ):
        pytest.fail("there is nobody")


def test_a_python_that_is_none_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with (
        pytest.raises(RepositoryError, match="ended with status 1"),
        Crew(2, doubling, 0) as hands,
    ):
        list(hands.each(range(9)))


def test_modules_of_the_current_folder_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pickle", "subprocess", "selectors", "multiprocessing", "codexa_git", "signal"):
        (tmp_path / f"{name}.py").write_text("open('taken', 'w'); raise SystemExit\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place not in ("", ".")])
    with Crew(2, doubling, 0) as hands:
        assert len(list(hands.each(range(4)))) == 4
    assert not (tmp_path / "taken").exists()


def started(folder: Path) -> "subprocess.Popen[str]":
    """A program with two processes under way, each of which has a child."""
    program = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}{PROGRAM}", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: len([place for place in folder.iterdir() if place.read_text()]) == 2)
    return program


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_nobody_is_left_behind(tmp_path: Path, how: signal.Signals) -> None:
    program = started(tmp_path)
    processes = [int(place.name) for place in tmp_path.iterdir()]
    sleepers = [child for process in processes for child in children(process, "sleep 61")]
    assert len(sleepers) == 2
    program.send_signal(how)
    _, err = program.communicate(timeout=30)
    until(lambda: not any(map(alive, (*processes, *sleepers))))
    assert list(tmp_path.iterdir()) == []
    assert err.count("Traceback") == (how == signal.SIGINT)  # this program's own


def test_the_pace_of_one_that_does_not_go_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "_PATIENCE", 0.1)
    with Crew(1, slowly, str(tmp_path)) as hands:
        assert next(hands.each(range(3))) == (0, 0)
        (place,) = tmp_path.iterdir()
        os.kill(int(place.name), signal.SIGSTOP)
    assert not alive(int(place.name))


def test_there_is_a_core_to_work_on() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
