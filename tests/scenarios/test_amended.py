"""A commit of the tool that somebody amended: told at once, and put right before it is pushed."""

import json
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone

_WORK = {"more.txt": "more\n"}


def amend(clone: Clone, *words: str) -> str:
    """The id of the commit of the tool that the branch is at, once a person has amended it."""
    before = clone.tip()
    clone.write("more.txt", "more\n")
    clone.git("add", "more.txt")
    clone.git("commit", "-q", "--amend", *words)
    return before


@pytest.mark.parametrize("words", [("-m", "my words"), ("--no-edit",)])
@pytest.mark.parametrize("again", ["advance", "sync", "approve"])
def test_what_was_put_into_it_goes_on_top(at: At, again: str, words: tuple[str, ...]) -> None:
    clone = at("validated")
    before = amend(clone, *words)
    amended = clone.tip()[:7]
    answer = clone.codexa(again)
    assert (
        f"{amended}, a commit of the tool that was amended, is as it was made again" in answer.err
    )
    assert "; on top of it goes:\n[change/CH-001 " in answer.err
    assert before in clone.git("rev-list", "HEAD").split()
    assert clone.read("more.txt") == "more"
    assert clone.is_clean()
    assert "made again with the same ids" in clone.did("replay", "CH-001")


def test_its_story_is_as_good_as_ever(at: At) -> None:
    clone = at("executed")
    amend(clone, "-m", "my words")
    for _ in range(2):
        clone.until()
        clone.did("approve")
    clone.until()
    clone.did("land")
    assert clone.codexa("verify", "--story").status == 0


def test_other_words_alone_are_put_back(at: At) -> None:
    clone = at("executed")
    before = clone.tip()
    clone.git("commit", "-q", "--amend", "-m", "my words")
    told = clone.codexa("sync").err
    assert "is as it was made again" in told
    assert "on top" not in told
    assert clone.tip() == before


def test_status_says_so_and_what_helps(at: At) -> None:
    clone = at("executed")
    assert "amended" not in clone.did("status")
    amend(clone, "--no-edit")
    told = " ".join(clone.did("status").split())
    assert f"{clone.tip()[:12]}, a commit of the tool, was amended here" in told
    assert "git codexa sync CH-001" in told
    facts = json.loads(clone.did("status", "--json"))["changes"][0]
    assert facts["amended"] == clone.tip()


def test_what_was_rebased_in_place_is_put_back(at: At) -> None:
    clone = at("executed")
    before = clone.tip()
    clone.git("rebase", "-q", "--force-rebase", "main")
    assert clone.tip() != before
    clone.codexa("sync")
    assert clone.tip() == before


def test_what_was_rebased_elsewhere_is_no_amendment(at: At) -> None:
    clone = at("executed")
    clone.git("switch", "-q", "main")
    clone.commit({"changes/backlog.toml": "# later\n"}, "later")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("rebase", "-q", "main")
    rebased = clone.tip()
    assert "amended" not in clone.did("status")
    assert "amended" not in clone.codexa("advance").err
    assert rebased in clone.git("rev-list", "HEAD").split()


def test_a_finding_of_its_words_says_what_helps(at: At) -> None:
    """Where no branch here has been at the original, nothing can be put right."""
    clone = at("closed")
    clone.git("commit", "-q", "--amend", "-m", "my words")
    clone.git("reflog", "expire", "--expire=all", "--all")
    clone.did("land")
    told = clone.codexa("verify", "--story")
    assert told.status == 1
    assert "S1" in told.out
    assert "somebody may have amended it, on which no landing rests: git show" in told.out


def test_what_was_pushed_by_name_alone_stays_as_it_is(at: At, tmp_path: Path) -> None:
    """A branch that follows nothing may have been pushed all the same: others may have it."""
    clone = at("executed")
    git(tmp_path, "init", "-q", "--bare", "server.git")
    clone.git("remote", "add", "origin", str(tmp_path / "server.git"))
    amend(clone, "-m", "my words")
    clone.git("push", "-q", "--no-verify", "origin", "main", "change/CH-001")
    pushed = clone.tip()
    assert "amended" not in clone.did("status")
    assert "amended" not in clone.codexa("advance").err
    assert pushed in clone.git("rev-list", "change/CH-001").split()


def test_what_nobody_can_read_any_more_is_no_original(at: At) -> None:
    """Whoever amended a commit of the tool with very many words, and did as they were told."""
    clone = at("executed")
    before = clone.tip()
    words = clone.folder.with_name(f"{clone.folder.name} words")
    words.write_text("words\n\n" + "y" * (1 << 20) + "\n")
    amend(clone, "-F", str(words))
    assert "git commit --amend makes the last one again" in clone.refused("sync")
    clone.git("commit", "-q", "--amend", "-m", "my words")
    assert "was amended here" in " ".join(clone.did("status").split())
    assert "on top of it goes:" in clone.codexa("sync").err
    assert clone.tip("HEAD~1") == before
