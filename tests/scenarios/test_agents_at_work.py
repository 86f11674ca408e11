"""An agent runs, and the person at the same clone goes on working: nothing is run twice or lost."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hooks.conftest import Hooked
from scenarios.clone import SAY, SHOUT, Answer, Shelf, recipes

CHANGE = "change/CH-001"
WAITING = "refs/codexa/waiting/CH-001"


class Slow:
    """A change of which one task takes until it is let go."""

    def __init__(self, clone: Hooked, signs: Path, *, second: bool = False) -> None:
        self.clone = clone
        self.started, self.go = signs / "started", signs / "go"
        work = f"echo x >> {self.started}; while test ! -e {self.go}; do sleep 0.05; done"
        done = "echo See shout.sh >> README.md" if second else "echo echo HELLO > shout.sh"
        task = f"""run = ["sh -c '{work}; {done}'"]"""
        both = (SHOUT, task) if second else (task, SAY)
        clone.commit({"changes/CH-001/recipes.toml": recipes(*both)}, "say how")
        clone.did("advance")
        clone.did("approve")

    @contextmanager
    def at_work(self, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
        """`advance` runs, and its agent is in the middle of the task."""
        child = self.clone.start("advance", *words)
        try:
            self.wait_for_start()
            yield child
        finally:
            self.go.touch()
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate(timeout=30)

    def wait_for_start(self) -> None:
        deadline = time.monotonic() + 30
        while not self.started.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def ended(self, child: "subprocess.Popen[bytes]") -> Answer:
        """The agent is let go, and what the command came to."""
        self.go.touch()
        out, err = child.communicate(timeout=60)
        return Answer(child.returncode, out.decode(), err.decode())

    @property
    def runs(self) -> int:
        """How often the task was begun."""
        return len(self.started.read_text().splitlines())


@pytest.fixture
def opened(shelf: Shelf, tmp_path: Path) -> Hooked:
    clone = Hooked(shelf.take("opened", tmp_path / "opened").folder)
    clone.did("hooks", "install")
    return clone


@pytest.fixture
def slow(opened: Hooked, tmp_path: Path) -> Slow:
    return Slow(opened, tmp_path)


def test_uncommitted_work_elsewhere_stays_as_it_is(slow: Slow) -> None:
    with slow.at_work() as child:
        slow.clone.write("greet.sh", "echo hello # mine\n")
        slow.clone.write("notes.txt", "mine\n")
        slow.clone.git("add", "notes.txt")
        answer = slow.ended(child)
    assert answer.status == 0, answer
    assert slow.clone.git("status", "--porcelain") == " M greet.sh\nA  notes.txt"
    assert slow.clone.read("shout.sh", CHANGE) == "echo HELLO"
    assert slow.runs == 1


def test_uncommitted_work_in_the_way_lets_the_result_wait(slow: Slow) -> None:
    with slow.at_work() as child:
        slow.clone.write("shout.sh", "mine\n")
        answer = slow.ended(child)
    assert answer.status == 1
    assert "shout.sh has uncommitted changes, so CH-001 was not moved" in answer.err
    assert f"it waits at {WAITING}" in answer.err
    assert (slow.clone.folder / "shout.sh").read_text() == "mine\n"
    (slow.clone.folder / "shout.sh").unlink()
    told = slow.clone.did("advance")
    assert "T-01 shout" in told
    assert "T-02 say so" in told
    assert slow.runs == 1
    assert slow.clone.is_clean()


@pytest.mark.parametrize("branch", ["main", "elsewhere"])
def test_whoever_switches_away_keeps_their_branch_and_their_files(slow: Slow, branch: str) -> None:
    clone = slow.clone
    clone.git("branch", "elsewhere", "main")
    with slow.at_work() as child:
        clone.git("switch", "-q", branch)
        clone.write("mine.txt", "mine\n")
        before = clone.tip()
        answer = slow.ended(child)
    assert answer.status == 0, answer
    assert clone.git("symbolic-ref", "--short", "HEAD") == branch
    assert clone.tip() == before
    assert clone.git("status", "--porcelain") == "?? mine.txt"
    clone.git("switch", "-q", CHANGE)
    assert clone.log()[-2:] == ["CH-001 execute: T-01 shout", "CH-001 execute: T-02 say so"]
    assert slow.runs == 1


def test_whoever_switches_away_and_back_finds_it_in_place(slow: Slow) -> None:
    clone = slow.clone
    with slow.at_work() as child:
        clone.git("switch", "-q", "main")
        clone.git("switch", "-q", CHANGE)
        answer = slow.ended(child)
    assert answer.status == 0, answer
    assert clone.is_clean()
    assert (clone.folder / "shout.sh").exists()


def test_a_commit_made_meanwhile_stays_and_the_result_goes_on_it(slow: Slow) -> None:
    clone = slow.clone
    with slow.at_work() as child:
        clone.write("greet.sh", "echo hello # mine\n")
        clone.commits("-am", "mine, meanwhile")
        answer = slow.ended(child)
    assert answer.status == 0, answer
    told = clone.log()
    assert told[told.index("mine, meanwhile") + 1 :][:2] == [
        "CH-001 execute: T-01 shout",
        "CH-001 execute: T-02 say so",
    ]
    assert slow.runs == 1
    assert clone.is_clean()
    assert clone.is_sound()


def test_a_commit_of_the_same_file_made_meanwhile_is_not_written_over(slow: Slow) -> None:
    clone = slow.clone
    with slow.at_work() as child:
        clone.write("shout.sh", "echo LOUDER\n")
        clone.git("add", "shout.sh")
        clone.commits("-m", "mine, meanwhile")
        answer = slow.ended(child)
    assert answer.status != 0
    assert "Traceback" not in answer.err
    assert answer.err.startswith(("error: ", "warning: "))
    assert clone.read("shout.sh", CHANGE) == "echo LOUDER"
    assert clone.is_sound()


def test_an_amended_tip_meanwhile_is_kept(slow: Slow) -> None:
    clone = slow.clone
    clone.write("greet.sh", "echo hello # mine\n")
    clone.commits("-am", "mine")
    with slow.at_work() as child:
        clone.write("greet.sh", "echo hello # better\n")
        clone.commits("-a", "--amend", "-m", "mine, better")
        answer = slow.ended(child)
    assert answer.status == 0, answer
    assert clone.read("greet.sh", CHANGE) == "echo hello # better"
    assert "mine, better" in clone.log()
    assert "CH-001 execute: T-01 shout" in clone.log()
    assert slow.runs == 1
    assert clone.is_sound()


def test_a_rebase_begun_meanwhile_finds_its_branch_where_it_left_it(slow: Slow) -> None:
    clone = slow.clone
    clone.write("greet.sh", "echo hello # mine\n")
    clone.commits("-am", "mine")
    with slow.at_work() as child:
        clone.tries("rebase", "-q", "-i", "HEAD~1", GIT_SEQUENCE_EDITOR="sed -i s/pick/edit/")
        answer = slow.ended(child)
    assert answer.status == 1
    assert "a rebase is under way" in answer.err
    assert f"what was made waits at {WAITING}" in answer.err
    clone.git("rebase", "--continue")
    told = clone.did("advance")
    assert "T-01 shout" in told
    assert slow.runs == 1


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("whom", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_whoever_kills_the_command_loses_nothing(slow: Slow, whom: signal.Signals) -> None:
    clone = slow.clone
    before = clone.git("for-each-ref")
    with slow.at_work() as child:
        os.kill(child.pid, whom)
        child.wait(timeout=30)
        assert clone.git("for-each-ref", "refs/heads") in before
        slow.go.touch()
        answer = clone.codexa("advance")
    assert answer.status == 0, answer
    assert "T-01 shout" in answer.out
    assert clone.is_clean()
    assert clone.is_sound()


def test_a_task_that_was_done_before_the_kill_is_not_done_again(
    opened: Hooked, tmp_path: Path
) -> None:
    slow = Slow(opened, tmp_path, second=True)
    with slow.at_work() as child:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait(timeout=30)
        slow.go.touch()
        told = opened.did("advance")
    assert "T-02 say so" in told
    assert "T-01" not in told
    assert opened.log().count("CH-001 execute: T-01 shout") == 1
    assert opened.is_clean()
    assert opened.is_sound()


def test_an_agent_that_is_killed_is_a_failed_task_and_not_a_lost_command(slow: Slow) -> None:
    clone = slow.clone
    with slow.at_work() as child:
        for pid in _below(child.pid):
            with suppress(ProcessLookupError):  # it ended when its own child was killed
                os.kill(pid, signal.SIGKILL)
        answer = slow.ended(child)
    assert answer.status == 1, answer
    assert "Traceback" not in answer.err
    assert "T-01" in answer.err
    assert clone.is_clean()
    told = clone.did("advance", "--retry")
    assert "T-01 shout" in told
    assert clone.is_sound()


def _below(pid: int) -> list[int]:
    """The processes that a process started, and theirs, the last first."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [found for child in map(int, children) for found in (*_below(child), child)]


def test_a_concern_raised_meanwhile_stands_before_the_result(slow: Slow) -> None:
    clone = slow.clone
    with slow.at_work() as child:
        clone.did("concern", "raise", "is it loud enough?")
        answer = slow.ended(child)
    assert answer.status == 0, answer
    told = clone.log()
    assert told[-3].startswith("CH-001 execute: CN-1 raised")
    assert told[-2:] == ["CH-001 execute: T-01 shout", "CH-001 execute: T-02 say so"]
    assert slow.runs == 1
