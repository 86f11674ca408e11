"""A server that refuses, and people who push to it."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import NOON, Answer, Clone, Shelf


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, sealed: None) -> None:  # noqa: ARG001 - sealed first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)


class Served:
    """A person's clone in some state, and the server it pushes to, which has what came before."""

    def __init__(self, clone: Clone, bare: Path) -> None:
        self.clone = clone
        self.bare = bare

    def refs(self) -> str:
        """Every ref of the server, and what it leads to."""
        return git(self.bare, "for-each-ref", "--format=%(refname) %(objectname)")

    def tries(self, *words: str, **environment: str) -> Answer:
        """What `git push` to the server came to."""
        return pushed(self.clone.folder, *words, **environment)

    def takes(self, *words: str) -> None:
        """The server takes it."""
        answer = self.tries(*words)
        assert answer.status == 0, answer.err

    def refuses(self, *words: str) -> str:
        """What the pusher reads; nothing at all has moved."""
        before = self.refs()
        answer = self.tries(*words)
        assert answer.status != 0, answer.err
        assert "remote: error: " in answer.err, answer.err
        assert "Traceback" not in answer.err
        assert self.refs() == before
        lines = answer.err.splitlines()
        return "\n".join(
            ln.removeprefix("remote: ").rstrip() for ln in lines if ln.startswith("remote: ")
        )


def pushed(folder: Path, *words: str, **environment: str) -> Answer:
    """What `git push origin` came to in this clone."""
    done = subprocess.run(
        ["git", "push", "-q", "origin", *words],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode("utf-8", "replace"))


def bare_of(clone: Clone, refs: Mapping[str, str], folder: Path) -> Path:
    """A bare repository with these refs of the clone."""
    git(folder.parent, "init", "-q", "--bare", folder.name)
    for ref, commit in refs.items():
        git(clone.folder, "push", "-q", "--no-verify", str(folder), f"{commit}:{ref}")
    return folder


Serve = Callable[..., Served]


@pytest.fixture
def served(shelf: Shelf, tmp_path: Path) -> Serve:
    """A clone in a named state, and a server with the base as it was when enforcing began."""

    def take(state: str, **refs: str) -> Served:
        clone = shelf.take(state, tmp_path / state.replace(" ", "-"))
        root = clone.git("rev-list", "--first-parent", "--reverse", "main").split()
        made = next(
            oid for oid in root if "trust root" in clone.git("log", "-1", "--format=%s", oid)
        )
        bare = bare_of(clone, {"refs/heads/main": made} | refs, tmp_path / "server.git")
        clone.git("remote", "add", "origin", str(bare))
        clone.did("server", "install", str(bare), "--root", clone.git("config", "codexa.root"))
        return Served(clone, bare)

    return take
