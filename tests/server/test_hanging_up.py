"""A pusher who hangs up, or is not there to be told: what is refused does not come in."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from server.conftest import Serve, Served

HERE = Path(__file__).parents[2]

CALLS = ("pre-receive", "server receive")
"""The hook that `server install` puts in, and what a forge's own hook is told to call."""


@pytest.fixture(params=CALLS)
def at(served: Serve, request: pytest.FixtureRequest) -> Served:
    """A server and a clone with a commit that it refuses."""
    found = served("enforced")
    if request.param != "pre-receive":
        hook = found.bare / "hooks/pre-receive"
        start = f"exec env PYTHONPATH='{HERE}' '{sys.executable}' -m codexa_git"
        hook.write_text(f"#!/bin/sh\n{start} {request.param}\n")
    found.clone.commit({"greet.sh": "echo evil\n"}, "evil")
    return found


def sent(at: Served, close: Callable[[int, int], None]) -> None:
    """The clone's main is pushed in git's own words; `close` is told where the answers come from.

    Without a side band, as anyone may ask: then the hook writes to the pusher's end itself.
    """
    old, new = git(at.bare, "rev-parse", "main"), at.clone.tip("main")
    answers, out = os.pipe()
    complaints, err = os.pipe()
    asked = ["git", "receive-pack", str(at.bare)]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=out, stderr=err) as taking:
        os.close(out)
        os.close(err)
        os.read(answers, 1 << 16)
        line = f"{old} {new} refs/heads/main\0report-status".encode()
        packed = subprocess.run(
            ["git", "pack-objects", "--revs", "--stdout", "-q"],
            cwd=at.clone.folder,
            input=f"{new}\n^{old}\n".encode(),
            capture_output=True,
            check=True,
        )
        close(answers, complaints)
        assert taking.stdin is not None
        taking.stdin.write(b"%04x%s0000" % (len(line) + 4, line) + packed.stdout)
        taking.stdin.close()
        taking.wait(60)


def hangs_up(answers: int, complaints: int) -> None:
    os.close(answers)
    os.close(complaints)


def stops_listening(answers: int, complaints: int) -> None:
    del answers
    os.close(complaints)


@pytest.mark.parametrize("close", [hangs_up, stops_listening])
def test_nothing_comes_in_from_a_pusher_who_does_not_wait_for_the_answer(
    at: Served, close: Callable[[int, int], None]
) -> None:
    before = at.refs()
    sent(at, close)
    assert at.refs() == before


@pytest.mark.parametrize("shut", ["2>&-", "1>&- 2>&-", "0<&-", "0<&- 1>&- 2>&-", "2>/dev/full"])
def test_the_answer_stands_whatever_the_hook_is_handed(at: Served, shut: str) -> None:
    if "/dev/full" in shut and not Path("/dev/full").exists():
        pytest.skip("this system has no full disk at hand")
    old, new = git(at.bare, "rev-parse", "main"), at.clone.tip("main")
    git(at.clone.folder, "push", "-q", "--no-verify", str(at.bare), "main:refs/heads/feature")
    for line, fine in (
        (f"{old} {new} refs/heads/main\n", False),
        (f"{old} {old} refs/heads/x\n", True),
    ):
        done = subprocess.run(
            ["sh", "-c", f"exec hooks/pre-receive {shut}"],
            cwd=at.bare,
            env=os.environ | {"GIT_DIR": "."},
            input=line.encode(),
            capture_output=True,
            check=False,
        )
        yes = fine and "0<&-" not in shut
        assert (done.returncode == 0) == yes, done


def test_a_hook_that_is_told_of_nothing_takes_nothing(at: Served) -> None:
    done = subprocess.run(
        [at.bare / "hooks/pre-receive"],
        cwd=at.bare,
        env=os.environ | {"GIT_DIR": "."},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert b"error: nothing was told of what is pushed" in done.stderr
