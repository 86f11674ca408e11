"""What becomes of a command's words changes no answer of it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from scenarios.clone import ROOT, At, Clone

from codexa_git.cli.outlets import Outlet
from codexa_git.errors import Exit

FULL = Path("/dev/full")


@contextmanager
def nobody() -> Iterator[int]:
    """One end of a pipe whose other end is gone."""
    reads, writes = os.pipe()
    os.close(reads)
    yield writes
    os.close(writes)


@contextmanager
def full() -> Iterator[int]:
    """A disk on which there is no room."""
    if not FULL.exists():
        pytest.skip("this system has no full disk at hand")
    with FULL.open("wb") as disk:
        yield disk.fileno()


@contextmanager
def impatient() -> Iterator[int]:
    """A pipe that somebody told not to wait, and that is read slowly."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    with subprocess.Popen(["cat"], stdin=reads, stdout=subprocess.DEVNULL):
        os.close(reads)
        yield writes
        os.close(writes)


Lot = Callable[[], AbstractContextManager[int]]
"""How a stream fares."""


def status(clone: Clone, *words: str, closed: tuple[int, ...] = (), **streams: int) -> int:
    """How the command ends where its streams are these, or closed."""
    command = [sys.executable, "-m", "codexa_git", *words]
    if closed:
        shut = " ".join(f"{stream}>&-" if stream else "<&-" for stream in closed)
        command = ["sh", "-c", f'exec "$@" {shut}', "sh", *command]
    done = subprocess.run(
        command,
        cwd=clone.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=streams.get("stdout", subprocess.DEVNULL),
        stderr=streams.get("stderr", subprocess.DEVNULL),
        check=False,
    )
    return done.returncode


@pytest.fixture
def forged(at: At) -> Clone:
    """A clone with findings enough for a pipe's reader to leave before the end."""
    clone = at("enforced")
    for number in range(3):
        clone.commit({f"evil{number}.sh": "echo evil\n"}, "evil")
    return clone


NO = [
    ("verify",),
    ("verify", "--json"),
    ("verify", "--format", "sarif"),
    ("verify", "--format", "github"),
    ("hooks", "status"),
]


class TestANoStands:
    @pytest.mark.parametrize("words", NO, ids=" ".join)
    def test_whoever_stops_reading(self, forged: Clone, words: tuple[str, ...]) -> None:
        assert status(forged, *words) == Exit.NO
        with nobody() as out, nobody() as err:
            assert status(forged, *words, stdout=out) == Exit.NO
            assert status(forged, *words, stdout=out, stderr=err) == Exit.NO

    @pytest.mark.parametrize("words", NO[:1], ids=" ".join)
    def test_wherever_there_is_no_room(self, forged: Clone, words: tuple[str, ...]) -> None:
        with full() as out:
            assert status(forged, *words, stdout=out) == Exit.NO
            assert status(forged, *words, stdout=out, stderr=out) == Exit.NO

    @pytest.mark.parametrize("closed", [(0,), (1,), (2,), (1, 2), (0, 1, 2)])
    def test_whatever_is_closed(self, forged: Clone, closed: tuple[int, ...]) -> None:
        assert status(forged, "verify", closed=closed) == Exit.NO

    @pytest.mark.parametrize("form", ["text", "json", "github"])
    def test_of_a_change_that_cannot_be_merged(self, at: At, form: str) -> None:
        clone = at("planned")
        for lot in (nobody, full):
            with lot() as out:
                assert status(clone, "check", "--format", form, stdout=out, stderr=out) == Exit.NO

    @pytest.mark.parametrize("words", [("advance",), ("land",)], ids=" ".join)
    def test_of_a_command_that_is_refused(self, at: At, words: tuple[str, ...]) -> None:
        clone = at("planned")
        with nobody() as out:
            assert status(clone, *words, stdout=out, stderr=out) == Exit.NO

    def test_and_no_answer_is_none_still(self, at: At) -> None:
        clone = at("plain")
        with nobody() as out:
            assert status(clone, "verify", stdout=out, stderr=out) == Exit.NO_ANSWER
        assert status(clone, "verify", closed=(1, 2)) == Exit.NO_ANSWER


class TestAYes:
    def test_is_one_whoever_stops_reading(self, at: At) -> None:
        with nobody() as out:
            assert status(at("enforced"), "verify", stdout=out) == Exit.YES

    def test_that_could_not_be_written_is_no_answer(self, at: At) -> None:
        clone = at("enforced")
        with full() as out:
            assert status(clone, "verify", stdout=out) == Exit.NO_ANSWER
        assert status(clone, "verify", closed=(1,)) == Exit.NO_ANSWER

    def test_that_says_nothing_needs_nobody(self, at: At) -> None:
        clone = at("enforced")
        words = ("hooks", "run", "pre-commit")
        assert status(clone, *words) == Exit.YES
        assert status(clone, *words, closed=(0, 1, 2)) == Exit.YES

    def test_is_written_whole_to_a_pipe_that_does_not_wait(self, at: At) -> None:
        with impatient() as out:
            assert status(at("landed"), "audit", "--json", stdout=out) == Exit.YES


def test_why_it_could_not_be_written_is_one_sentence(at: At) -> None:
    command = f'exec "{sys.executable}" -m codexa_git verify >&-'
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=at("enforced").folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    assert done.stderr.decode() == (
        "error: not all of the answer could be written: bad file descriptor\n"
        "hint: send standard output where there is room, and ask again\n"
    )


def test_a_file_that_a_command_opens_never_stands_in_the_place_of_its_output(at: At) -> None:
    clone = at("packaged")
    assert status(clone, "packet", closed=(0, 1, 2)) == Exit.NO_ANSWER
    (packet,) = (clone.folder / ".git/codexa/packets").iterdir()
    assert packet.read_bytes().rstrip().endswith(b"</html>")


def test_what_is_done_does_not_stop_where_nobody_reads(at: At) -> None:
    clone = at("approved")
    with nobody() as out:
        assert status(clone, "advance", "CH-001", "--until-blocked", stdout=out) == Exit.NO
    told = "CH-001 validate: 1 test passes, snapshot matches"
    assert clone.git("log", "-1", "--format=%s", "change/CH-001") == told


@pytest.mark.parametrize(("lot", "ends"), [(nobody, Exit.YES), (full, Exit.NO_ANSWER)])
def test_following_ends_when_nobody_reads(at: At, lot: Lot, ends: Exit) -> None:
    with lot() as out:
        assert status(at("landed"), "audit", "--follow", stdout=out) == ends


def test_an_outlet_takes_all_that_it_is_given() -> None:
    with nobody() as out:
        outlet = Outlet(out)
        assert outlet.write(b"") == 0
        assert outlet.lost is None
        assert outlet.write(memoryview(b"abc")) == 3
        assert outlet.broken
