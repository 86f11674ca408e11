"""Killed at any moment, in every verb that writes: the same command comes to the same end.

The moments are spread over a command's whole work, which starts at once because the command is
forked from a process that has everything imported. Every other time only the tool's own process is
killed, and otherwise its whole process group, so git too. `CODEXA_KILLS` says how often in all, and
`CODEXA_KILLS_SEED` takes other moments.
"""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from scenarios.clone import NOON, At, Clone, Shelf
from scenarios.forks import Forked, Forks
from scenarios.verbs import REMOTE, ROOT, VERBS
from scenarios.webhook import Webhook, webhook

# What apprise imports on its own account is not ours to mend.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]

PATIENCE = 10.0
DAY = 86_400

SEED = os.environ.get("CODEXA_KILLS_SEED", "")
KILLS = -(-int(os.environ.get("CODEXA_KILLS") or len(VERBS)) // len(VERBS))


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    with Forks() as process:
        yield process


@pytest.fixture
def hook() -> Iterator[Webhook]:
    pytest.importorskip("apprise")
    with webhook() as found:
        yield found


def begun(clone: Clone, forks: Forks, words: tuple[str, ...]) -> Forked:
    """The command, under way; all that it starts knows the clone's own temporary folder."""
    place = temporary(clone)
    place.mkdir()
    environment = os.environ | {"TMPDIR": str(place)}
    return forks.start(words, clone.folder, place / "said", environment)


def temporary(clone: Clone) -> Path:
    """Where the commands of this clone put what they need for a while."""
    return clone.folder.with_name(f"{clone.folder.name}.tmp")


def took(clone: Clone, forks: Forks, words: tuple[str, ...]) -> float:
    """How long the command works on a clone, in seconds."""
    before, began = state(clone), time.monotonic()
    status = begun(clone, forks, words).ended()
    seconds, said = time.monotonic() - began, (temporary(clone) / "said").read_text()
    assert status in (0, 1), said
    assert state(clone) != before, said
    return seconds


def state(clone: Clone) -> tuple[str, ...]:
    """Every ref, HEAD, what is not committed, settings and hooks; and those of the remote."""
    refs = ("for-each-ref", "--format=%(refname) %(objectname)")
    found = [
        clone.git(*refs),
        clone.git("symbolic-ref", "HEAD"),
        clone.git("status", "--porcelain"),
        clone.git("config", "--local", "--list"),
        hooks(clone.folder / ".git"),
    ]
    if (remote := clone.folder / REMOTE).exists():
        there = f"--git-dir={remote}"
        found += [clone.git(there, *refs), clone.git(there, "config", "--local", "--list")]
        found += [hooks(remote)]
    return tuple(text.replace(str(clone.folder), "here") for text in found)


def refs(clone: Clone) -> str:
    """Every ref of the clone, and what it is at."""
    return state(clone)[0]


def is_pushed_alone_missing(clone: Clone, end: tuple[str, ...]) -> bool:
    """True where all is as at the end, but for a push that was not made, or not noted here."""
    if not (clone.folder / REMOTE).exists() or state(clone) == end:
        return False

    def ours(text: str) -> list[str]:
        return [line for line in text.split("\n") if not line.startswith("refs/remotes/")]

    now = state(clone)
    is_ours_alike = ours(now[0]) == ours(end[0]) and now[1:4] == end[1:4]
    return is_ours_alike and (now[0], now[5]) != (end[0], end[5])


def hooks(kept: Path) -> str:
    """What each hook of a repository does that is not one of git's samples."""
    places = sorted(p for p in (kept / "hooks").glob("*") if p.suffix != ".sample")
    # What git is to find only while there is something to compare is a link to nothing else.
    return "".join(f"{p.name}\n{p.readlink() if p.is_symlink() else p.read_text()}" for p in places)


@pytest.mark.parametrize("verb", VERBS)
def test_killed_at_any_moment_the_same_command_comes_to_the_same_end(
    verb: str,
    at: At,
    shelf: Shelf,
    forks: Forks,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if verb == "init":
        # A Tester's key that is made anew is another each time.
        monkeypatch.setenv("CODEXA_TESTER_KEY", str(shelf.dev))
    prepared, words = VERBS[verb]
    if "notifying" in prepared:
        hook: Webhook = request.getfixturevalue("hook")
        monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/")
    whole = at(prepared)
    if "kept no day" in prepared:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOON) + 3 * DAY))
    words = tuple(known_root(whole) if word == ROOT else word for word in words)
    seconds = took(whole, forks, words)
    end = state(whole)
    chance = random.Random(f"{SEED} {verb}")
    for number in range(KILLS):
        clone = at(prepared)
        command = begun(clone, forks, words)
        time.sleep(seconds * (number + chance.random()) / KILLS)
        group = bool(number % 2)
        kill(command.pid, group=group)
        command.ended()
        told = f"killed {number} of {KILLS}, {'with' if group else 'without'} its group"
        assert survivors(clone) == [], told
        unlock(clone, git_was_killed=group)
        sound(clone)
        again(clone, words, end)
        assert state(clone) == end, told
        assert clone.is_sound(), told
        sound(clone)


@pytest.mark.parametrize("killed", ["tool", "group"])
@pytest.mark.parametrize("verb", ["execute", "validate"])
def test_no_agent_outlives_the_killed_tool(verb: str, killed: str, at: At, forks: Forks) -> None:
    prepared, words = VERBS[verb]
    clone = at(prepared)
    command = begun(clone, forks, words)
    deadline = time.monotonic() + PATIENCE
    while not any("sleep 600" in line for line in knowing(clone)):
        assert time.monotonic() < deadline
    kill(command.pid, group=killed == "group")
    command.ended()
    assert survivors(clone) == []


@pytest.mark.parametrize("prepared", ["notifying", "shared, notifying"])
def test_a_digest_whose_sending_was_killed_arrives_all_the_same(
    prepared: str, at: At, forks: Forks, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/")
    words = ("digest", "--notify")
    seconds = took(at(prepared), forks, words)
    chance = random.Random(f"{SEED} {prepared}")
    for number in range(KILLS):
        clone, before = at(prepared), len(hook.calls)
        command = begun(clone, forks, words)
        time.sleep(seconds * (number + chance.random()) / KILLS)
        kill(command.pid, group=False)
        command.ended()
        assert survivors(clone) == []
        answer = clone.codexa(*words)
        if not answer.out:  # the receiver was still busy with the killed one
            assert "it is tried again the next time" in answer.err
            answer = clone.codexa(*words)
        said = answer.out
        assert len(hook.calls) > before
        assert ("sent already" in said) or ("sent to build-status" in said)
        count = len(hook.calls)
        assert "sent already" in clone.did(*words)
        assert len(hook.calls) == count


def known_root(clone: Clone) -> str:
    """The trust root of a clone, as a person was told it who asked."""
    return str(json.loads(clone.did("root", "--json"))["root"])


def sound(clone: Clone) -> None:
    """Git finds nothing wrong with any object, here or in the remote."""
    clone.git("fsck", "--strict", "--no-dangling")
    if (remote := clone.folder / REMOTE).exists():
        clone.git(f"--git-dir={remote}", "fsck", "--strict", "--no-dangling")


def kill(pid: int, *, group: bool) -> None:
    """The process, or the whole of its group, is sent the signal that nothing can be done about."""
    with suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(pid, signal.SIGKILL)


def survivors(clone: Clone) -> list[str]:
    """What the command started and runs for ever: agents, wardens, git."""
    deadline = time.monotonic() + PATIENCE
    while (found := knowing(clone)) and time.monotonic() < deadline:
        time.sleep(0.005)
    return found


def knowing(clone: Clone) -> list[str]:
    """The processes that know the temporary folder of this clone, as all do that it started."""
    mark, found = os.fsencode(temporary(clone)), []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (place / "environ").read_bytes():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def unlock(clone: Clone, *, git_was_killed: bool) -> None:
    """A git that was killed leaves its locks, which a person takes away; no other leaves any."""
    kept = clone.folder / ".git"
    # Ours in there is held by its process alone, and goes with it.
    locks = [each for each in kept.rglob("*.lock") if kept / "codexa" not in each.parents]
    assert git_was_killed or not locks
    for lock in locks:
        lock.unlink()


def again(clone: Clone, words: tuple[str, ...], end: tuple[str, ...]) -> None:
    """The same command again, where the killed one had not come to its end."""
    crossing = clone.folder / ".git" / "codexa" / "crossing"
    left = crossing.is_dir() and any(crossing.iterdir())
    if words[0] != "init" and (left or not clone.is_sound()):
        # Whatever writes finishes first what was begun; this one then has nothing to write on.
        assert clone.codexa("advance", "CH-999").status == 2
    if words == ("open",) and refs(clone) == end[0]:
        # It has done all but the switch, and to ask again would take the item after that.
        clone.git("switch", "-q", "change/CH-001")
    if words[0] == "open" and refs(clone) == end[0] and state(clone)[2]:
        # Git was killed while it switched: what it had written so far, a person takes away.
        clone.git("clean", "-fdq")
    # A sweep asked for again takes from the remote what is left there.
    if words != ("retention", "sweep") and is_pushed_alone_missing(clone, end):
        # The commits stand, and status names what takes them, and their outputs, to the remote.
        assert "not pushed: git codexa sync CH-001" in clone.did("status")
        clone.did("sync", "CH-001")
    # To init again changes nothing, and finishes what was killed after its refs had moved.
    if words[0] == "init" or state(clone) != end:
        answer = clone.codexa(*words)
        assert answer.status in (0, 1), answer
