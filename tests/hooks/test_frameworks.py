"""The pre-commit framework, prek and lefthook, for real."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from builders import git
from hooks.conftest import At, Hooked
from scenarios.clone import BRIEF, recipes

from codexa_git.workflow.owners.frameworks import KINDS, PRE_COMMIT

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
THEIRS = """\
repos:
  - repo: local
    hooks:
      - id: theirs  # and stays so
        name: theirs
        entry: sh -c 'echo theirs >>.git/ran'
        language: system
        always_run: true
        pass_filenames: false
"""
STAMP = "Codexa-Change: CH-001\nCodexa-Stage: "


def program(name: str) -> str:
    """Where a framework lies; the test is skipped where it is not installed."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        if "CODEXA_REQUIRE_ALL" in os.environ:
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def ours_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`git-codexa` is found, as in an environment that codexa-git is installed in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "git-codexa"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m codexa_git "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))


@pytest.fixture
def planned(plain: Hooked) -> Hooked:
    """An enforced change with a plan, in a repository that used the framework before."""
    clone = plain
    clone.did("enforce", "--demo", "--yes")
    place = clone.folder.parent / "brief.md"
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))
    clone.commit({"changes/CH-001/recipes.toml": recipes("", "")}, "say how")
    clone.did("advance")
    return clone


@pytest.fixture
def plain(hooked: At, ours_on_path: None) -> Hooked:
    """A repository that used the framework before `init`."""
    del ours_on_path
    clone = Hooked(hooked("adopted").folder)
    clone.did("hooks", "uninstall")
    clone.git("update-ref", "refs/heads/main", clone.git("rev-list", "--max-parents=0", "main"))
    clone.git("reset", "-q", "--hard")
    clone.commit({PRE_COMMIT: THEIRS}, "check with pre-commit")
    told = clone.did("init", "--yes")
    assert f"{PRE_COMMIT} calls codexa-git now" in told
    policy = clone.read("codexa.toml").replace("run = []", 'run = ["sh check.sh"]') + "\n"
    clone.commit({"codexa.toml": policy}, "say how to test")
    assert clone.read(PRE_COMMIT).startswith(THEIRS)
    return clone


def installed(clone: Hooked, name: str) -> Hooked:
    kinds = [word for kind in KINDS for word in ("-t", kind)]
    done = clone.tries("-c", f"alias.x=!{program(name)} install {' '.join(kinds)}", "x")
    assert done.status == 0, done
    return clone


def asked(clone: Hooked) -> None:
    """Both ways: what is refused and what is stamped."""
    clone.write("README.md", "early\n")
    answer = clone.tries("commit", "-qam", "early")
    said = answer.out + answer.err
    assert answer.status != 0
    assert "CH-001 cannot change README.md yet: its plan is not approved" in said
    assert (clone.folder / ".git/ran").read_text().startswith("theirs\n")
    clone.git("checkout", "-q", "--", ".")
    clone.did("approve")
    clone.write("README.md", "# Greet\nnow\n")
    clone.write("greet.sh", "echo unstaged\n")
    clone.commits("-m", "now", "--", "README.md")
    assert clone.git("log", "-1", "--format=%B") == f"now\n\n{STAMP}execute\n"
    assert clone.git("diff", "--name-only") == "greet.sh"
    log = clone.folder / "audit/CH-001/handoff.jsonl"
    log.write_text(f"{log.read_text()}{log.read_text().splitlines()[-1]}\n")
    answer = clone.tries("commit", "-qam", "forged")
    assert answer.status != 0
    assert "its records are not sound" in answer.out + answer.err
    clone.git("checkout", "-q", "--", ".")


def pushed(clone: Hooked) -> None:
    git(clone.folder.parent, "init", "-q", "--bare", "remote.git")
    clone.git("remote", "add", "origin", str(clone.folder.with_name("remote.git")))
    clone.git("push", "-q", "--no-verify", "-u", "origin", "main", "change/CH-001")
    clone.commit({"docs/more.md": "more\n"}, "more")
    assert clone.tries("push", "-q", "origin", "change/CH-001").status == 0
    clone.write("codexa.toml", "x\n")
    clone.git("commit", "-q", "--no-verify", "-am", "round the hook")
    answer = clone.tries("push", "-q", "origin", "change/CH-001")
    assert answer.status != 0
    assert "CH-001 cannot be pushed so: it touches a guarded path" in answer.out + answer.err
    clone.git("reset", "-q", "--hard", "HEAD~1")
    answer = clone.tries("rebase", "-q", "--root", "change/CH-001")
    assert answer.status != 0
    assert "git codexa sync CH-001" in answer.out + answer.err


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_a_framework_asks_the_gate_at_every_kind_of_hook(planned: Hooked, name: str) -> None:
    clone = installed(planned, name)
    asked(clone)
    pushed(clone)


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_in_ci_the_change_at_hand_is_judged_on_a_detached_head(planned: Hooked, name: str) -> None:
    clone = planned
    ask = ("-c", f"alias.x=!{program(name)} run --all-files", "x")
    clone.git("switch", "-q", "--detach")
    answer = clone.tries(*ask)
    assert answer.status == 0, answer
    clone.commit({"README.md": "early\n"}, "early")
    answer = clone.tries(*ask)
    assert answer.status == 1
    assert "CH-001 cannot change README.md yet" in answer.out


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_native_hooks_give_way_to_a_framework_and_come_back(planned: Hooked, name: str) -> None:
    clone = installed(planned, name)
    before = (clone.folder / ".git/hooks/commit-msg").read_text()
    assert "after commit-msg.codexa-kept" in clone.did("hooks", "install")
    asked(clone)
    clone.did("hooks", "uninstall")
    assert (clone.folder / ".git/hooks/commit-msg").read_text() == before


def test_native_hooks_run_beside_lefthook(hooked: At, ours_on_path: None) -> None:
    del ours_on_path
    clone = Hooked(hooked("planned by hand").folder)
    clone.did("hooks", "uninstall")
    clone.write(
        "lefthook.yml", "commit-msg:\n  commands:\n    theirs:\n      run: echo theirs >>.git/ran\n"
    )
    clone.git("config", "--local", "core.excludesFile", str(clone.folder / ".git/ignored"))
    (clone.folder / ".git/ignored").write_text("lefthook.yml\n")
    done = clone.tries("-c", f"alias.x=!{program('lefthook')} install", "x")
    assert done.status == 0, done
    assert "after commit-msg.codexa-kept" in clone.did("hooks", "install")
    asked(clone)
