"""What every test stands on: a sealed environment, and a fresh repository."""

import os
from pathlib import Path

import pytest
from builders import commit, git

IDENTITY = {"NAME": "Demo Dev", "EMAIL": "dev@demo.invalid", "DATE": "1767225600 +0000"}
SEAL = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "init.defaultBranch",
    "GIT_CONFIG_VALUE_0": "main",
    "GIT_EDITOR": "false",
    "GIT_TERMINAL_PROMPT": "0",
    "TZ": "UTC",
    "LC_ALL": "C",
    "COLUMNS": "80",
}


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
