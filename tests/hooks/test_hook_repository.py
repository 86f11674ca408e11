"""This repository as one of hooks: a framework clones it at a revision and installs it."""

import os
from pathlib import Path

import pytest
from builders import git
from hooks.conftest import At, Hooked
from hooks.test_frameworks import asked, installed
from scenarios.clone import BRIEF, ROOT, recipes

from codexa_git.workflow.owners.frameworks import KINDS, PRE_COMMIT

pytestmark = pytest.mark.slow

_NO_INDEX = ("No matching distribution found", "Failed to fetch", "error sending request")
"""How pip and uv say that there is nowhere to install from."""


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this repository, its last commit tagged as a release would be."""
    if not (ROOT / ".git").exists():
        pytest.skip("these sources are no git repository")
    place = tmp_path_factory.mktemp("published") / "codexa-git"
    git(place.parent, "clone", "-q", "--no-hardlinks", str(ROOT), str(place))
    git(place, "tag", "v9.9.9")
    return place


def config(published: Path) -> str:
    hooks = "".join(f"      - id: codexa-{kind}\n" for kind in KINDS)
    return f"repos:\n  - repo: file://{published}\n    rev: v9.9.9\n    hooks:\n{hooks}"


@pytest.fixture
def planned(hooked: At, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hooked:
    """An enforced change with a plan, where nothing but a framework's file names codexa-git."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PREK_HOME", str(tmp_path / "prek"))
    clone = hooked("adopted")
    clone.did("hooks", "uninstall")
    clone.git("reset", "-q", "--hard", clone.git("rev-list", "--max-parents=0", "main"))
    clone.commit({PRE_COMMIT: config(published)}, "check with pre-commit")
    clone.did("init", "--yes")
    assert clone.read(PRE_COMMIT) + "\n" == config(published), "init sees that it is named there"
    policy = clone.read("codexa.toml").replace("run = []", 'run = ["sh check.sh"]')
    clone.commit({"codexa.toml": policy + "\n"}, "say how to test")
    clone.did("enforce", "--demo", "--yes")
    place = clone.folder.parent / "brief.md"
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))
    clone.commit({"changes/CH-001/recipes.toml": recipes("", "")}, "say how")
    clone.did("advance")
    return clone


@pytest.mark.parametrize("name", ["pre-commit", "prek"])
def test_a_framework_installs_the_hooks_from_this_repository_at_a_revision(
    planned: Hooked, name: str
) -> None:
    clone = installed(planned, name)
    clone.write("README.md", "early\n")
    answer = clone.tries("commit", "-qam", "early")
    said = answer.out + answer.err
    if any(words in said for words in _NO_INDEX) and "CODEXA_REQUIRE_ALL" not in os.environ:
        pytest.skip("there is no index here to install from")
    assert answer.status != 0
    assert "CH-001 cannot change README.md yet: its plan is not approved" in said
    clone.git("checkout", "-q", "--", ".")
    (clone.folder / ".git/ran").write_text("theirs\n")
    asked(clone)
    git(clone.folder.parent, "init", "-q", "--bare", "remote.git")
    clone.git("remote", "add", "origin", str(clone.folder.with_name("remote.git")))
    clone.git("push", "-q", "--no-verify", "-u", "origin", "main", "change/CH-001")
    answer = clone.tries("rebase", "-q", "--root", "change/CH-001")
    assert answer.status != 0
    assert "git codexa sync CH-001" in answer.out + answer.err
    clone.write("codexa.toml", "x\n")
    clone.git("commit", "-q", "--no-verify", "-am", "round the hook")
    answer = clone.tries("push", "-q", "origin", "change/CH-001")
    assert answer.status != 0
    assert "CH-001 cannot be pushed so: it touches a guarded path" in answer.out + answer.err
