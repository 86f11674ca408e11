"""A change that was opened offline under a number which another one had by then."""

from pathlib import Path

import pytest
from builders import git
from scenarios.clone import BRIEF, At, Clone, Shelf, recipes
from scenarios.pairs import Pair
from scenarios.several import ENOUGH

OTHER = "another CH-001 was opened on the remote first: this one is CH-002 from here on"


@pytest.fixture
def offline(at: At, tmp_path: Path, shelf: Shelf) -> Pair:
    """The first clone opened CH-001 out of reach of the remote; the second one then did, too."""
    both = Pair(at("enforced"), tmp_path, shelf)
    away = both.remote.rename(tmp_path / "away.git")
    (tmp_path / "mine.md").write_text(BRIEF)
    answer = both.first.codexa("open", "Shouting", "--brief", str(tmp_path / "mine.md"))
    assert answer.status == 0
    assert "the number is not claimed on origin" in answer.err
    away.rename(both.remote)
    both.second.did("open", "theirs", *ENOUGH)
    return both


def refs(folder: Path) -> list[str]:
    return git(folder, "for-each-ref", "--format=%(refname)", "refs/heads").split()


def test_the_first_verb_that_pushes_renames_branch_files_and_records(offline: Pair) -> None:
    clone = offline.first
    answer = clone.codexa("concern", "raise", "loud")
    assert answer.status == 0, answer
    assert OTHER in answer.err
    assert "[change/CH-002 " in answer.out
    assert clone.git("rev-parse", "--abbrev-ref", "HEAD") == "change/CH-002"
    assert refs(clone.folder) == [
        "refs/heads/change/CH-002",
        "refs/heads/codexa/CH-002/frame",
        "refs/heads/main",
    ]
    assert clone.log() == [
        "CH-002 frame: Shouting, 2 criteria",
        "CH-002 spec: CN-1 raised by Demo PM (owner)",
    ]
    assert clone.read("changes/CH-002/brief.md") == BRIEF.replace("CH-001", "CH-002").rstrip()
    assert git(offline.remote, "rev-parse", "change/CH-002") == clone.tip()
    assert "CH-001" not in clone.git("ls-tree", "-r", "--name-only", "HEAD")
    assert "CH-001" not in clone.read("audit/CH-002/handoff.jsonl")
    assert clone.is_clean()
    assert clone.is_sound()
    clone.did("replay", "CH-002")


def test_all_that_was_done_before_the_plan_is_approved_comes_along(
    at: At, tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = at("enforced")
    both = Pair(first, tmp_path, shelf)
    away = both.remote.rename(tmp_path / "away.git")
    (tmp_path / "mine.md").write_text(BRIEF)
    first.did("open", "Shouting", "--brief", str(tmp_path / "mine.md"))
    first.commit({"changes/CH-001/recipes.toml": recipes()}, "say how CH-001 is done")
    assert "plan-approved" in first.until().err
    first.did("clarify", "how loud?")
    first.did("say", "/status CH-001")
    first.did("rework", "--to", "frame", "-m", "once more")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767873600")
    first.codexa("advance")
    stages = refs(first.folder)
    away.rename(both.remote)
    both.second.did("open", "theirs", *ENOUGH)
    assert "CH-002" in first.codexa("sync").err
    assert refs(first.folder) == [ref.replace("CH-001", "CH-002") for ref in stages]
    assert "say how CH-002 is done" in first.log()
    assert not first.git("ls-tree", "-r", "--name-only", "HEAD", "audit/CH-001", "changes/CH-001")
    first.did("replay", "CH-002")
    first.did("clarify", "very", "--answer", "Q-1")
    assert "git codexa approve CH-002" in first.until().err
    first.did("approve")
    assert "T-01 shout" in first.did("advance")


def test_the_number_is_looked_at_before_a_signature_binds_it(offline: Pair) -> None:
    clone = offline.first
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    away = offline.remote.rename(offline.remote.with_name("away.git"))
    assert "plan-approved" in clone.until().err
    away.rename(offline.remote)
    answer = clone.codexa("approve")
    assert answer.status == 0
    assert OTHER in answer.err
    assert "CH-002 spec: approved by Demo PM (pm), brief and plan" in clone.log()
    assert git(offline.remote, "rev-parse", "change/CH-002") == clone.tip()


def test_what_was_signed_keeps_its_number_and_people_are_told_what_to_do(offline: Pair) -> None:
    clone = offline.first
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    away = offline.remote.rename(offline.remote.with_name("away.git"))
    assert "plan-approved" in clone.until().err
    clone.did("approve")
    away.rename(offline.remote)
    told = clone.refused("sync")
    assert "another CH-001 was opened on the remote first, and this one keeps its number" in told
    assert "what Demo PM (pm) signed bears it" in told
    assert 'git codexa open "..."' in told
    assert "not pushed: another CH-001" in clone.codexa("advance").err
    assert clone.git("rev-parse", "--abbrev-ref", "HEAD") == "change/CH-001"


def test_uncommitted_work_in_the_way_keeps_the_number_for_now(offline: Pair) -> None:
    clone = offline.first
    clone.write("changes/CH-001/brief.md", "mine\n")
    before = refs(clone.folder)
    told = clone.refused("sync")
    assert "CH-001 has to become CH-002" in told
    assert "git stash" in told
    assert (clone.folder / "changes/CH-001/brief.md").read_text() == "mine\n"
    assert refs(clone.folder) == before
    clone.git("checkout", "-q", ".")
    assert OTHER in clone.codexa("sync").err


def test_a_number_that_is_still_free_is_claimed_by_the_first_push(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    both = Pair(at("enforced"), tmp_path, shelf)
    away = both.remote.rename(tmp_path / "away.git")
    both.first.did("open", "mine", *ENOUGH)
    away.rename(both.remote)
    both.first.did("sync")
    assert both.first.tip() == both.pushed
    assert "change/CH-002" in both.second.did("open", "theirs", *ENOUGH)


def test_the_next_number_is_taken_where_several_were_taken_meanwhile(offline: Pair) -> None:
    offline.second.git("switch", "-q", "main")
    offline.second.did("open", "theirs again", *ENOUGH)
    answer = offline.first.codexa("concern", "raise", "loud")
    assert answer.status == 0
    assert "change/CH-003" in answer.err
    assert git(offline.remote, "rev-parse", "change/CH-003") == offline.first.tip()


def test_git_push_alone_is_refused_and_takes_nothing(offline: Pair) -> None:
    clone: Clone = offline.first
    clone.did("hooks", "install")
    theirs = offline.pushed
    for words in (("push",), ("push", "--force", "origin", "change/CH-001")):
        with pytest.raises(AssertionError, match="git codexa sync CH-001"):
            clone.git(*words)
    assert offline.pushed == theirs
    assert OTHER in clone.codexa("sync").err
