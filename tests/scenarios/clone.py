"""A person at a clone: the real command on a real repository, in this process or in its own."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from builders import commit, git
from once import once
from sealing import sealed_environment

from codexa_git.cli.main import main
from codexa_git.policy.keys import ed25519_from_seed

ROOT = Path(__file__).parents[2]
NOON = "1767268800"

CHECK = """\
set -e
test "$(sh greet.sh)" = hello
test ! -e shout.sh || test "$(sh shout.sh)" = HELLO
"""
PRODUCT = {"greet.sh": "echo hello\n", "check.sh": CHECK, "README.md": "# Greet\n"}

BRIEF = """\
# CH-001 Shouting

## Context

Some do not hear well.

## Scope

- A second script, `shout.sh`.

## Out of scope

- How `greet.sh` greets.

## Acceptance criteria

- AC-1: `sh shout.sh` prints `HELLO`
- AC-2: `README.md` names `shout.sh`

## Clarifications

None.
"""

SHOUT = """run = ["sh -c 'echo echo HELLO > shout.sh'"]"""
SAY = """run = ["sh -c 'echo See shout.sh >> README.md'"]"""
RECIPES = """\
[[task]]
title = "shout"
criteria = ["AC-1"]
{first}

[[task]]
title = "say so"
criteria = ["AC-2"]
after = ["T-01"]
{second}
"""


def recipes(first: str = SHOUT, second: str = SAY) -> str:
    """`recipes.toml` with these two ways of doing its two tasks; an empty one is a person's."""
    return RECIPES.format(first=first, second=second)


class Answer(NamedTuple):
    """What a command line came to."""

    status: int
    out: str
    err: str


class Clone:
    """One clone and the person who sits at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def codexa(self, *words: str) -> Answer:
        """What `git codexa <words>` answers, run in this process."""
        out, err = io.StringIO(), io.StringIO()
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                status = main(list(words))
        finally:
            os.chdir(before)
        return Answer(status, out.getvalue(), err.getvalue())

    def did(self, *words: str) -> str:
        """What a command printed that has to succeed."""
        answer = self.codexa(*words)
        assert answer.status == 0, f"{words}: {answer}"
        return answer.out

    def refused(self, *words: str, status: int = 1) -> str:
        """What a command complained of that has to end with `status`."""
        answer = self.codexa(*words)
        assert answer.status == status, f"{words}: {answer}"
        assert answer.err.startswith("error: "), answer.err
        assert "Traceback" not in answer.err
        return answer.err

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[bytes]":
        """The command as a process of its own, which the caller ends."""
        return subprocess.Popen(
            [sys.executable, "-m", "codexa_git", *words],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def process(self, *words: str, **environment: str) -> Answer:
        """The same, ended."""
        child = self.start(*words, **environment)
        out, err = child.communicate(timeout=60)
        return Answer(child.returncode, out.decode(), err.decode())

    def git(self, *words: str) -> str:
        """What git printed here."""
        return git(self.folder, *words)

    def commit(self, files: Mapping[str, str | bytes | None], message: str) -> str:
        """The id of a person's own commit."""
        return commit(self.folder, files, message)

    def write(self, path: str, content: str | bytes) -> None:
        """A file that is not committed."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str, at: str = "HEAD") -> str:
        """A file as a commit holds it."""
        return self.git("show", f"{at}:{path}")

    def raw(self, path: str, at: str = "HEAD") -> bytes:
        """The bytes of a file as a commit holds it."""
        words = ("git", "-C", str(self.folder), "cat-file", "blob", f"{at}:{path}")
        return subprocess.run(words, check=True, capture_output=True).stdout

    def log(self, *words: str) -> list[str]:
        """The subjects of the change's commits, oldest first."""
        return self.git(
            "log", "--reverse", "--first-parent", "--format=%s", *(words or ("main..HEAD",))
        ).split("\n")

    def tip(self, name: str = "HEAD") -> str:
        """The id of a commit."""
        return self.git("rev-parse", "--verify", f"{name}^{{commit}}")

    def is_clean(self) -> bool:
        """True where work tree and index hold exactly the commit."""
        return not self.git("status", "--porcelain")

    def is_sound(self) -> bool:
        """True where git finds nothing wrong with any object, and nothing is left halfway."""
        git(self.folder, "fsck", "--strict", "--no-dangling")
        kept = Path(self.git("rev-parse", "--path-format=absolute", "--git-common-dir"))
        return not (kept / "codexa" / "journal").exists()

    def set_up(self, name: str, email: str, key: Path) -> "Clone":
        """The same clone, with this person at it."""
        self.git("config", "user.name", name)
        self.git("config", "user.email", email)
        self.git("config", "user.signingkey", str(key))
        return self

    def until(self, *words: str) -> Answer:
        """What `advance --until-blocked` came to."""
        return self.codexa("advance", "--until-blocked", *words)


def copy(repository: Path, folder: Path) -> None:
    """The folder is as the repository is, to the last time stamp."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(repository), str(folder)], check=True)


def make_key(folder: Path, name: str, number: int) -> Path:
    """The private key file of a person, the same for the same number."""
    private, public = ed25519_from_seed(bytes([number]) * 32)
    place = folder / name
    place.write_bytes(private)
    place.chmod(0o600)
    place.with_name(f"{name}.pub").write_text(f"{public} {name}\n")
    return place


At = Callable[[str], "Clone"]
"""What the fixture `at` is: a clone of one's own in a named state."""


class Shelf:
    """Repositories prepared up to a point in a change's life, each made once and then copied.

    The folder may be one that others put on, too: what is prepared depends on its name alone.
    """

    def __init__(self, folder: Path, more: "States | None" = None) -> None:
        self.folder = folder
        self.states = STATES | (more or {})
        keys = once(folder / "keys", _cut_keys)
        self.pm, self.dev = keys / "pm", keys / "dev"

    def take(self, state: str, folder: Path) -> Clone:
        """A copy of the repository in this state."""
        number = 1
        while folder.exists():
            number += 1
            folder = folder.with_name(f"{state.replace(' ', '-')}-{number}")
        copy(self._at(state), folder)
        clone = Clone(folder)
        clone.git("update-index", "-q", "--refresh")
        return clone

    def _at(self, state: str) -> Path:
        return once(self.folder / "repositories" / state, lambda place: self._make(state, place))

    def _make(self, state: str, place: Path) -> None:
        before, step = self.states[state]
        if before is not None:
            copy(self._at(before), place)
        with sealed_environment(self.folder / "home") as patch:
            patch.setenv("SOURCE_DATE_EPOCH", NOON)
            if before is None:
                place.mkdir()
                git(place, "init", "-q")
                Clone(place).set_up("Demo PM", "pm@demo.invalid", self.pm)
            step(Clone(place))


def _cut_keys(folder: Path) -> None:
    folder.mkdir()
    make_key(folder, "pm", 1)
    make_key(folder, "dev", 2)


def _begin(clone: Clone) -> None:
    clone.commit(PRODUCT, "begin")


def _adopt(clone: Clone) -> None:
    clone.did("init", "--yes")
    policy = (clone.folder / "codexa.toml").read_text()
    commands = 'run = ["sh check.sh"]'
    clone.commit({"codexa.toml": policy.replace("run = []", commands)}, "say how to test")
    assert commands in clone.read("codexa.toml")


def _enforce(clone: Clone) -> None:
    clone.did("enforce", "--demo", "--yes")


def _open(clone: Clone) -> None:
    place = clone.folder.with_name(f"{clone.folder.name} brief.md")
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))


def _say_how(clone: Clone) -> None:
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")


def _leave_to_people(clone: Clone) -> None:
    clone.commit({"changes/CH-001/recipes.toml": recipes("", "")}, "say how")
    clone.did("advance")


def _approve(clone: Clone) -> None:
    clone.did("approve")


def _advance(clone: Clone) -> None:
    clone.did("advance")


def _land(clone: Clone) -> None:
    clone.did("land")


def _nothing(clone: Clone) -> None:
    del clone


States = dict[str, tuple[str | None, Callable[[Clone], None]]]
"""Names of states: each with the one before it, and the step that leads from there."""

STATES: States = {
    "empty": (None, _nothing),
    "plain": (None, _begin),
    "adopted": ("plain", _adopt),
    "enforced": ("adopted", _enforce),
    "opened": ("enforced", _open),
    "framed": ("opened", _say_how),
    "planned": ("framed", _advance),
    "planned by hand": ("opened", _leave_to_people),
    "approved": ("planned", _approve),
    "approved by hand": ("planned by hand", _approve),
    "executed": ("approved", _advance),
    "validated": ("executed", _advance),
    "results approved": ("validated", _approve),
    "packaged": ("results approved", _advance),
    "package approved": ("packaged", _approve),
    "closed": ("package approved", _advance),
    "landed": ("closed", _land),
}
