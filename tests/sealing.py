"""What a test's git is told instead of what this machine says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

IDENTITY = {"NAME": "Demo Dev", "EMAIL": "dev@demo.invalid", "DATE": "1767225600 +0000"}
SEAL = {
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
QUIET = """\
[gc]
	auto = 0
[maintenance]
	auto = false
[receive]
	autogc = false
"""
"""Git looks after every commit, fetch and push whether to tidy up: two processes, and never yet."""


@contextmanager
def sealed_environment(home: Path) -> Iterator[pytest.MonkeyPatch]:
    """What the `sealed` fixture gives a test, for what is built once and by whoever comes first."""
    home.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        seal(patch, home)
        yield patch


def seal(patch: pytest.MonkeyPatch, home: Path) -> None:
    """Nothing of this machine's user, its git or its clock is there any more."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "CODEXA_")) or name in ("SSH_AUTH_SOCK", "SOURCE_DATE_EPOCH"):
            patch.delenv(name)
    patch.setenv("HOME", str(home))
    patch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    settings = home / "settings of git"
    settings.write_text(QUIET)
    patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    for name, value in SEAL.items():
        patch.setenv(name, value)
    for part, value in IDENTITY.items():
        patch.setenv(f"GIT_AUTHOR_{part}", value)
        patch.setenv(f"GIT_COMMITTER_{part}", value)
