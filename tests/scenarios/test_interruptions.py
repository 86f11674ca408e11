"""Interrupted, or out of room, at any moment: as before or as after, and never in between."""

import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone
from scenarios.verbs import REMOTE, share

pytestmark = pytest.mark.slow

VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "init": ("plain", ("init", "--yes")),
    "open": ("enforced", ("open", "x")),
    "approve": ("planned", ("approve",)),
    "execute": ("approved", ("advance",)),
    "validate": ("executed", ("advance",)),
    "close": ("package approved", ("advance",)),
    "land": ("closed", ("land",)),
}


def took(clone: Clone, words: tuple[str, ...]) -> float:
    """How long the command takes on a clone, in seconds."""
    began = time.monotonic()
    answer = clone.process(*words)
    assert answer.status == 0, answer
    return time.monotonic() - began


def state(clone: Clone) -> tuple[str, str, str]:
    """Every ref but the evidence's, what is not committed, and where HEAD stands."""
    refs = clone.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags")
    return refs, clone.git("status", "--porcelain"), clone.git("symbolic-ref", "HEAD")


def unlocked(clone: Clone) -> bool:
    """True where no lock of git's is left that would keep the next command from its work."""
    return not list((clone.folder / ".git").rglob("*.lock"))


def survivors(session: int) -> list[str]:
    """The processes of a session that still run; one that is dead only waits to be buried."""
    listed = subprocess.run(
        ["ps", "-s", str(session), "-o", "stat=,args="], capture_output=True, text=True, check=False
    )
    return [line for line in listed.stdout.split("\n") if line and not line.startswith("Z")]


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("verb", ["approve", "execute", "validate", "close"])
def test_ctrl_c_ends_in_130_with_nothing_half_done_and_no_child_left(verb: str, at: At) -> None:
    prepared, words = VERBS[verb]
    whole = at(prepared)
    seconds = took(whole, words)
    end = state(whole)
    for part in (0.3, 0.6, 0.9):
        clone = at(prepared)
        child = clone.start(*words)
        time.sleep(seconds * part)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=20)
        assert survivors(child.pid) == []
        if b"init_import_site" in err:
            continue  # Python was interrupted before there was any command
        assert child.returncode in (0, 130, -signal.SIGINT), err
        if child.returncode == 130:
            assert err.decode().endswith("error: interrupted\n")
        clone.git("fsck", "--strict", "--no-dangling")
        assert unlocked(clone)
        if state(clone) != end:
            # What was published is tidied up, and may leave nothing more for the verb to do.
            assert clone.codexa(*words).status in (0, 1)
        assert state(clone) == end


def test_what_a_killed_command_had_pushed_is_told_by_the_next_and_here(at: At) -> None:
    clone = at("enforced")
    share(clone)
    hook, pid = clone.folder / REMOTE / "hooks" / "post-receive", clone.folder / ".git" / "pid"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f'#!/bin/sh\nwhile ! test -s {pid}; do sleep 0.01; done\nkill -9 "$(cat {pid})"\n'
    )
    hook.chmod(0o755)
    child = clone.start("open", "x")
    pid.write_text(f"{child.pid}\n")
    child.communicate(timeout=30)
    assert child.returncode == -signal.SIGKILL
    assert clone.git("for-each-ref", "refs/heads/change") == ""
    remote, away = clone.folder / REMOTE, clone.folder / ".git" / "away.git"
    remote.rename(away)
    git(clone.folder, "update-ref", "-d", "refs/remotes/origin/change/CH-001")
    told = clone.codexa("withdraw", "CH-001", "-m", "x").err
    assert "warning: a killed command may have pushed this to origin: CH-001 frame: x" in told
    assert "hint: the next command that writes asks again" in told
    away.rename(remote)
    told = clone.codexa("advance", "CH-001").err
    said = "what a killed command had pushed to origin is here now, too: CH-001 frame: x"
    assert f"warning: {said}" in told
    assert clone.git("config", "branch.change/CH-001.remote") == "origin"
    assert said not in clone.codexa("advance", "CH-001").err
    clone.git("fsck", "--strict", "--no-dangling")


@pytest.mark.parametrize("verb", ["init", "open", "approve", "execute", "validate", "land"])
def test_without_room_it_is_one_sentence_and_nothing_is_lost(
    verb: str, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared, words = VERBS[verb]
    whole = at(prepared)
    took(whole, words)
    end = state(whole)
    clone = at(prepared)
    before = state(clone)
    monkeypatch.setattr(subprocess, "Popen", _without_room(subprocess.Popen))
    child = clone.start(*words)
    monkeypatch.undo()
    _, err = child.communicate(timeout=30)
    told = err.decode()
    assert child.returncode in (1, 3), told
    assert told.startswith("error: ")
    assert "Traceback" not in told
    assert state(clone)[0].count("\n") >= before[0].count("\n")
    clone.git("fsck", "--strict", "--no-dangling")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767268800")
    for name in (Path(".git") / "index.lock",):
        assert not (clone.folder / name).exists()
    if state(clone) != end:
        clone.did(*words)
    assert state(clone)[1:] == end[1:]


def _without_room(popen: type["subprocess.Popen[bytes]"]) -> object:
    """What starts a process that may write no file longer than 100 bytes."""

    def start(*args: object, **more: object) -> object:
        def limit() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

        return popen(*args, **more, preexec_fn=limit)  # type: ignore[call-overload]

    return start
