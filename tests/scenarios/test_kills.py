"""Killed at any moment, in every verb that writes: the same command comes to the same end.

The moments are spread over a command's whole work, which starts at once because the command is
forked from a process that has everything imported. Every other time only the tool's own process is
killed, and otherwise its whole process group, so git too. `CODEXA_KILLS` says how often in all, and
`CODEXA_KILLS_SEED` takes other moments.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from scenarios.clone import STATES, At, Clone, Shelf, States, recipes
from scenarios.forks import Forked, Forks

PATIENCE = 10.0

VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "init": ("plain", ("init", "--yes")),
    "enforce": ("adopted", ("enforce", "--demo")),
    "people add": ("enforced", ("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")),
    "sign a policy": ("proposed", ("policy", "sign")),
    "bypass": ("fixed", ("bypass", "-m", "nobody was greeted")),
    "incident": ("harmed", ("incident", "HEAD~1", "-m", "pushed past the gates")),
    "backlog add": ("enforced", ("backlog", "add", "sing")),
    "backlog rank": ("stocked", ("backlog", "rank", "BL-002", "1")),
    "open": ("enforced", ("open", "x")),
    "open the next": ("stocked", ("open",)),
    "open again": ("briefless", ("open", "CH-001")),
    "plan": ("framed", ("advance",)),
    "approve the plan": ("planned", ("approve",)),
    "withdraw": ("approved", ("withdraw", "-m", "too soon")),
    "clarify": ("planned", ("clarify", "how loud?")),
    "answer": ("asked", ("clarify", "very", "--answer", "Q-1")),
    "raise": ("planned", ("concern", "raise", "I worry")),
    "resolve": ("worried", ("concern", "resolve", "CN-1", "no need to")),
    "say": ("planned", ("say", "/approve CH-001")),
    "execute": ("approved, busy", ("advance",)),
    "run into failure": ("approved, failing", ("advance",)),
    "validate": ("executed, busy", ("advance",)),
    "validate a failure": ("executed, broken", ("advance",)),
    "waive": ("failed", ("waive", "--test", "sh check.sh", "-m", "known")),
    "approve the results": ("validated", ("approve",)),
    "rework": ("packaged", ("rework", "--to", "execute", "-m", "once more")),
    "sync": ("behind", ("sync",)),
    "package": ("results approved", ("advance",)),
    "close": ("package approved", ("advance",)),
    "land": ("closed", ("land",)),
    "abandon": ("executed", ("abandon", "-m", "not needed")),
    "report": ("landed", ("report",)),
    "report a week": ("in a week", ("report", "--week")),
    "digest": ("landed", ("digest", "--write")),
    "until blocked": ("framed", ("advance", "--until-blocked")),
}

SEED = os.environ.get("CODEXA_KILLS_SEED", "")
KILLS = -(-int(os.environ.get("CODEXA_KILLS", "62")) // len(VERBS))

SLEEPER = "setsid sleep 600 >/dev/null 2>&1 & sleep 0.1"
SHOUT = f"run = [\"sh -c '{SLEEPER}; echo echo HELLO > shout.sh'\"]"
SAY = "run = [\"sh -c 'echo See shout.sh >> README.md; sleep 0.1'\"]"
FAIL = f"run = [\"sh -c '{SLEEPER}; exit 1'\"]"
BREAK = "run = [\"sh -c 'echo exit 1 >> check.sh'\"]"
WAIT = f'run = ["sh -c \'echo \\"{SLEEPER}\\" >> check.sh\'"]'
MILESTONE = "\n[milestone.MS-01]\nstart = 2025-12-25\n"


def with_recipes(first: str, second: str) -> Callable[[Clone], None]:
    """A step that says how, has it planned, and approves the plan."""

    def said(clone: Clone) -> None:
        clone.commit({"changes/CH-001/recipes.toml": recipes(first, second)}, "say how")
        clone.did("advance")
        clone.did("approve")

    return said


def does(*words: str) -> Callable[[Clone], None]:
    """A step that is one command, whatever it answers but that nothing was decided."""

    def done(clone: Clone) -> None:
        assert clone.codexa(*words).status in (0, 1)

    return done


def _stock(clone: Clone) -> None:
    clone.did("backlog", "add", "sing")
    clone.did("backlog", "add", "whisper")


def _lose_a_section(clone: Clone) -> None:
    path = "changes/CH-001/brief.md"
    clone.commit({path: clone.read(path).replace("## Clarifications\n\nNone.", "")}, "less")


def _move_base(clone: Clone) -> None:
    clone.git("switch", "-q", "main")
    clone.commit({"greet.sh": "echo  hello\n"}, "two spaces")
    clone.git("switch", "-q", "change/CH-001")


def _name_milestone(clone: Clone) -> None:
    clone.commit({"codexa.toml": clone.read("codexa.toml") + MILESTONE}, "name a milestone")


def _propose(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit({".github/workflows/ci.yml": "on: push\n"}, "run it in ci")


def _fix(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "bypass/greeting")
    clone.commit({"greet.sh": "echo hi\n"}, "hi, and not hello")


def _harm(clone: Clone) -> None:
    clone.commit({"greet.sh": "echo bad\n"}, "past the gates")
    clone.commit({"changes/backlog.toml": "# later\n"}, "later")


def _test_twice(clone: Clone) -> None:
    """A waiver cannot stand for every test, so there is one that never fails."""
    policy = clone.read("codexa.toml")
    twice = policy.replace('["sh check.sh"]', '["sh check.sh", "true"]')
    clone.commit({"codexa.toml": twice}, "and another")
    clone.did("enforce", "--demo")


MORE: States = {
    "proposed": ("enforced", _propose),
    "fixed": ("enforced", _fix),
    "harmed": ("enforced", _harm),
    "stocked": ("enforced", _stock),
    "briefless": ("opened", _lose_a_section),
    "asked": ("planned", does("clarify", "how loud?")),
    "worried": ("planned", does("concern", "raise", "I worry")),
    "approved, busy": ("opened", with_recipes(SHOUT, SAY)),
    "approved, failing": ("opened", with_recipes(SHOUT, FAIL)),
    "approved, waiting": ("opened", with_recipes(SHOUT, WAIT)),
    "tested twice": ("adopted", _test_twice),
    "opened, tested twice": ("tested twice", STATES["opened"][1]),
    "approved, broken": ("opened, tested twice", with_recipes(SHOUT, BREAK)),
    "executed, busy": ("approved, waiting", does("advance")),
    "executed, broken": ("approved, broken", does("advance")),
    "failed": ("executed, broken", does("advance")),
    "behind": ("executed", _move_base),
    "in a week": ("adopted", _name_milestone),
}


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf"), MORE)


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    with Forks() as process:
        yield process


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
    """Every ref, HEAD, what is not committed, and what the clone's settings say of us."""
    return (
        clone.git("for-each-ref", "--format=%(refname) %(objectname)"),
        clone.git("symbolic-ref", "HEAD"),
        clone.git("status", "--porcelain"),
        clone.git("config", "--local", "--list"),
    )


@pytest.mark.parametrize("verb", VERBS)
def test_killed_at_any_moment_the_same_command_comes_to_the_same_end(
    verb: str, at: At, shelf: Shelf, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    if verb == "init":
        # A Tester's key that is made anew is another each time.
        monkeypatch.setenv("CODEXA_TESTER_KEY", str(shelf.dev))
    prepared, words = VERBS[verb]
    whole = at(prepared)
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
        clone.git("fsck", "--strict", "--no-dangling")
        again(clone, words, end)
        assert state(clone) == end, told
        assert clone.is_sound(), told


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
    locks = list((clone.folder / ".git").rglob("*.lock"))
    assert git_was_killed or not locks
    for lock in locks:
        lock.unlink()


def again(clone: Clone, words: tuple[str, ...], end: tuple[str, ...]) -> None:
    """The same command again, where the killed one had not come to its end."""
    if words[0] != "init" and not clone.is_sound():
        # Whatever writes finishes first what was begun; this one then has nothing to write on.
        clone.refused("advance", "CH-999", status=2)
    # To init again changes nothing, and finishes what was killed after its refs had moved.
    if words[0] == "init" or state(clone) != end:
        answer = clone.codexa(*words)
        assert answer.status in (0, 1), answer
