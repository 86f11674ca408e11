"""A clone that has fetched a newer base than the one that it looks at says so."""

import json
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone
from scenarios.several import ENOUGH

WAY = "git branch -u origin/main main"
TOLD = "main here is 1 commit behind origin/main"


@pytest.fixture
def behind(at: At, tmp_path: Path) -> Clone:
    """A change waits to land; `main` follows nothing, and what was fetched of it is newer."""
    clone = at("closed")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    clone.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    clone.git("push", "-q", "origin", "main")
    git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), "other")
    other = Clone(tmp_path / "other")
    other.git("config", "user.name", "Demo Dev")
    other.git("config", "user.email", "dev@demo.invalid")
    other.commit({"docs/STATUS_REPORT.md": "# Status\n"}, "a free one")
    other.git("push", "-q", "origin", "main")
    clone.git("fetch", "-q", "origin")
    return clone


def test_status_says_so_of_one_change_and_of_all(behind: Clone) -> None:
    for words in (("status",), ("status", "--all")):
        assert f"{TOLD}, and judged so:\n    {WAY}\n" in behind.did(*words)
    behind.git("switch", "-q", "main")
    assert WAY in behind.did("status")


def test_a_script_is_told_by_what_name_and_how_many(behind: Clone) -> None:
    newer = json.loads(behind.did("status", "--json"))["base"]["newer"]
    assert newer == {"branch": "origin/main", "commits": 1, "command": WAY}
    behind.git(*WAY.split(" ")[1:])
    assert json.loads(behind.did("status", "--json"))["base"]["newer"] is None


@pytest.mark.parametrize("words", [("verify",), ("verify", "--json")])
def test_verify_says_what_it_has_not_judged(behind: Clone, words: tuple[str, ...]) -> None:
    answer = behind.codexa(*words)
    assert answer.status == 0
    assert f"warning: {TOLD}" in answer.err
    assert f"hint: {WAY}\n" in answer.err


def test_verify_of_a_followed_base_says_that_nobody_was_asked(behind: Clone) -> None:
    assert "fetched" not in behind.did("verify")
    behind.git(*WAY.split(" ")[1:])
    answer = behind.codexa("verify")
    assert "origin/main as last fetched; to ask again: git fetch origin" in answer.out
    assert answer.err == ""


def test_open_says_so_and_opens(behind: Clone) -> None:
    behind.did("land")
    behind.git("switch", "-q", "main")
    answer = behind.codexa("open", "Another", *ENOUGH)
    assert answer.status == 0
    assert f"warning: {TOLD}" in answer.err


def test_land_says_so_before_it_lands_beside_what_is_there(behind: Clone) -> None:
    answer = behind.codexa("land")
    assert f"warning: {TOLD}" in answer.err
    assert f"hint: {WAY}\n" in answer.err


def test_whoever_goes_the_way_is_told_no_more_and_closes_again(behind: Clone) -> None:
    behind.git(*WAY.split(" ")[1:])
    answer = behind.codexa("land")
    assert "warning" not in answer.err
    assert "main has moved since CH-001 was closed" in answer.err
    behind.until()
    behind.did("land")


def test_a_clone_without_a_branch_of_the_base_gets_one(behind: Clone) -> None:
    behind.git("switch", "-q", "change/CH-001")
    behind.git("branch", "-qD", "main")
    behind.git("remote", "add", "hub", behind.git("config", "remote.origin.url"))
    assert "warning" not in behind.codexa("verify").err
    behind.git("update-ref", "refs/remotes/hub/main", "refs/remotes/origin/main")
    behind.git("update-ref", "refs/remotes/origin/main", "refs/remotes/origin/main^")
    hint = "git branch --track main hub/main"
    assert f"hint: {hint}\n" in behind.codexa("verify").err
    behind.git(*hint.split(" ")[1:])
    assert "warning" not in behind.codexa("verify").err


def test_another_fork_that_went_its_own_way_is_not_newer(behind: Clone) -> None:
    behind.git(*WAY.split(" ")[1:])
    own = git(behind.folder, "commit-tree", "main^{tree}", "-p", "main", "-m", "a fork's own")
    behind.git("remote", "add", "fork", "/nowhere")
    behind.git("update-ref", "refs/remotes/fork/main", own)
    assert behind.codexa("verify").err == ""


def test_where_both_have_what_the_other_lacks_it_is_said_too(behind: Clone) -> None:
    own = git(behind.folder, "commit-tree", "main^{tree}", "-p", "main", "-m", "our own")
    behind.git("update-ref", "refs/heads/main", own)
    assert f"warning: {TOLD}" in behind.codexa("verify", "--json").err


def test_doctor_says_so(behind: Clone) -> None:
    assert TOLD in behind.codexa("doctor").out
