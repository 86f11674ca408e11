"""What every test stands on: a sealed environment, and a fresh repository."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import commit, git
from hypothesis import settings
from sealing import IDENTITY, SEAL

if TYPE_CHECKING:
    from gate.realm import Realm
    from gate.world import World


# Whoever starts the suite in the background has Ctrl-C ignored in it, and in all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is the machine's affair, and no test's.
settings.register_profile("codexa", deadline=None)
settings.load_profile("codexa")


_ENOUGH = 6 << 30


def pytest_configure() -> None:
    """What tests write, two gigabytes of it, is written to memory where there is room to run it."""
    memory = "/dev/shm"
    if not os.access(memory, os.W_OK):
        return
    found = os.statvfs(memory)
    if not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > _ENOUGH:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of this machine's user, its git or its clock reaches a test."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "CODEXA_")) or name in ("SSH_AUTH_SOCK", "SOURCE_DATE_EPOCH"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    for name, value in SEAL.items():
        monkeypatch.setenv(name, value)
    for part, value in IDENTITY.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{part}", value)
        monkeypatch.setenv(f"GIT_COMMITTER_{part}", value)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A fresh repository with one commit on `main`."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder, {"README.md": "# Demo\n"}, "begin")
    return folder


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[World]":
    """A closed change that lands, made once; forged trees are written beside it."""
    from gate.world import build, sealed_environment  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("world")
    (folder / "home").mkdir()
    with sealed_environment(folder / "home"):
        made = build(folder)
    with made.store:
        yield made


@pytest.fixture(scope="session")
def realm(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Realm]":
    """A base that two owners govern, made once; acts are written beside it."""
    from gate.realm import Realm  # noqa: PLC0415
    from gate.world import sealed_environment  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("realm")
    (folder / "home").mkdir()
    with sealed_environment(folder / "home"):
        made = Realm(folder)
    with made.store:
        yield made
