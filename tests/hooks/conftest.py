"""Prepared repositories with native hooks in them, and people who commit."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from scenarios.clone import NOON, Answer, Clone, Shelf, States


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, sealed: None) -> None:  # noqa: ARG001 - sealed first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)


class Hooked(Clone):
    """A clone whose git asks us."""

    def tries(self, *words: str, **environment: str) -> Answer:
        """What a git command came to."""
        return self.tries_in(self.folder, *words, **environment)

    def tries_in(self, folder: Path, *words: str, **environment: str) -> Answer:
        """The same, typed in another folder."""
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return Answer(
            done.returncode,
            done.stdout.decode(errors="replace"),
            done.stderr.decode("utf-8", "replace"),
        )

    def commits(self, *words: str, **environment: str) -> str:
        """The message of a commit that had to be made."""
        answer = self.tries("commit", "-q", *words, **environment)
        assert answer.status == 0, answer.err
        return self.git("log", "-1", "--format=%B")

    def is_refused(self, *words: str, **environment: str) -> str:
        """What git complained of, by our word, and committed nothing."""
        before = self.tip()
        answer = self.tries(*words, **environment)
        assert answer.status != 0, answer
        assert answer.err.startswith("error: "), answer.err
        assert "Traceback" not in answer.err
        assert self.tip() == before
        return answer.err

    @property
    def python_started(self) -> int:
        """How often a hook started Python since `counts_pythons`."""
        mark = self.folder / ".git" / "started"
        return len(mark.read_text().splitlines()) if mark.exists() else 0

    def counts_pythons(self) -> None:
        """From here on every Python that a hook starts leaves a mark."""
        mark = self.folder / ".git" / "started"
        for hook in (self.folder / ".git" / "hooks").glob("*[a-z]"):
            text = hook.read_text()
            line = next((ln for ln in text.splitlines() if ln.startswith("codexa_python=")), None)
            if line is None:
                continue
            python = line.partition("=")[2].strip("'")
            wrapper = self.folder / ".git" / "python"
            wrapper.write_text(f"#!/bin/sh\necho \"$*\" >>'{mark}'\nexec '{python}' \"$@\"\n")
            wrapper.chmod(0o755)
            hook.write_text(text.replace(line, f"codexa_python='{wrapper}'"))


def _put_hooks_in(clone: Clone) -> None:
    clone.did("hooks", "install")


def _add_two_lines(clone: Clone) -> None:
    person = Hooked(clone.folder)
    for number in (1, 2):
        person.write("README.md", f"# Greet\n{number}\n")
        person.commits("-am", f"line {number}")


def _leave_a_table(clone: Clone) -> None:
    person = Hooked(clone.folder)
    person.write("README.md", "# Greet\n1\n")
    person.write("src/a.py", "1\n")
    person.git("add", "-A")
    person.commits("-m", "one")
    person.write("README.md", "# Greet\n2\n")
    person.git("add", "-A")


HOOKS = "with hooks"
WORKED_ON: States = {
    f"two lines, {HOOKS}": (f"approved by hand, {HOOKS}", _add_two_lines),
    f"a table, {HOOKS}": (f"approved by hand, {HOOKS}", _leave_a_table),
}


@pytest.fixture
def hooked(shelf: Shelf, tmp_path: Path) -> Callable[[str], Hooked]:
    """A clone of one's own in a named state, with native hooks."""
    known = shelf.states | {f"{state}, {HOOKS}": (state, _put_hooks_in) for state in shelf.states}
    prepared = Shelf(shelf.folder, known | WORKED_ON)

    def take(state: str) -> Hooked:
        place = tmp_path / state.replace(" ", "-")
        return Hooked(prepared.take(f"{state}, {HOOKS}", place).folder)

    return take


At = Callable[[str], Hooked]
