"""A person whom git was told of for one command alone acts and signs nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scenarios.clone import ROOT, Answer, At, Clone

TOLD = (
    "error: git was told user.email for this command alone, and who acts and signs is asked of its"
    " configuration files\nhint: git config user.email no@demo.invalid, and ask again\n"
)


def by_git(clone: Clone, tmp_path: Path, *words: str) -> Answer:
    """What git answers that finds this program as its own command."""
    program = tmp_path / "bin" / "git-codexa"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m codexa_git "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["git", *words],
        cwd=clone.folder,
        env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def test_nothing_is_signed_in_the_name_of_another_than_was_said(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    before = clone.tip()
    told = by_git(clone, tmp_path, "-c", "user.email=no@demo.invalid", "codexa", "approve")
    assert (told.status, told.err) == (1, TOLD)
    assert clone.tip() == before
    by_git(clone, tmp_path, "-c", "user.email=no@demo.invalid", "codexa", "status")
    assert by_git(clone, tmp_path, "-c", "color.ui=always", "codexa", "approve").status == 0
    assert "approved by Demo PM" in clone.log()[-1]


@pytest.mark.parametrize("key", ["user.email", "User.Email", "author.email", "committer.email"])
def test_a_setting_of_the_environment_is_as_good(
    key: str, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("planned")
    before = clone.tip()
    monkeypatch.setenv("GIT_CONFIG_KEY_0", key)
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "no@demo.invalid")
    assert clone.refused("approve") == TOLD.replace("user.email", key.lower(), 1)
    clone.did("status")
    assert clone.tip() == before
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "pm@demo.invalid")
    clone.did("approve")


def test_another_key_and_the_first_owner_are_asked_of_the_files_too(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("planned")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'user.signingkey'='/nowhere/it'\\''s'")
    told = clone.refused("approve")
    assert """hint: git config user.signingkey '/nowhere/it'"'"'s', and ask again""" in told
    plain = at("plain")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'user.email'='no@demo.invalid'")
    assert plain.refused("init", "--yes") == TOLD
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'user.email'='no@demo")
    plain.did("init", "--yes")
