"""A commit of the tool that somebody amended: told at once, and put right before it is pushed."""

import json
import re
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


def with_remote(clone: Clone, folder: Path) -> Path:
    """The remote that has the change as it is here, and that its branch follows."""
    git(folder, "init", "-q", "--bare", "server.git")
    clone.git("remote", "add", "origin", str(folder / "server.git"))
    clone.git("push", "-q", "--no-verify", "-u", "origin", "main", "change/CH-001")
    return folder / "server.git"


def holds(remote: Path, blob: str) -> bool:
    """True where the remote was given this object."""
    return git(remote, "cat-file", "--batch-check", "--batch-all-objects").find(blob) >= 0


@pytest.mark.parametrize("reflog", [True, False])
@pytest.mark.parametrize("path", ["README.md", "artifacts/work/CH-001/run-001/T-02.log"])
def test_what_was_taken_out_of_it_is_put_back_nowhere(
    at: At, tmp_path: Path, path: str, *, reflog: bool
) -> None:
    """An agent wrote a token, and somebody amended it away before anybody saw it."""
    clone = at("approved")
    remote = with_remote(clone, tmp_path)
    clone.did("advance", "--no-push")
    before, blob = clone.tip(), clone.git("rev-parse", f"HEAD:{path}")
    clone.write(path, "# Greet\n")
    clone.git("commit", "-qa", "--amend", "-m", "T-02, without the token")
    amended = clone.tip()
    if not reflog:
        other = Clone(tmp_path / "other")
        git(tmp_path, "clone", "-q", str(remote), "other")
        other.git("switch", "-q", "change/CH-001")
        other.set_up("Demo PM", "pm@demo.invalid", tmp_path)
        other.did("clarify", "how loud?")
        clone.git("reflog", "expire", "--expire=all", "--all")
    told = ""
    for command in ("sync", "advance", "approve"):
        answer = clone.codexa(command)
        told = answer.err
        assert not holds(remote, blob), command
        if reflog:
            said = f"{amended[:7]}, a commit of the tool, was amended, and lacks what it brought"
            assert f"error: {said} of {path}\n" in told
            assert (answer.status, clone.tip()) == (1, amended)
    if not reflog:
        return
    assert git(remote, "rev-parse", "change/CH-001") == clone.tip("origin/change/CH-001")
    assert not git(remote, "log", "--format=%H", "--all").count(amended)
    clone.git("branch", "kept", "HEAD~1")  # what was kept the last time
    told = clone.codexa("advance").err
    assert told.rstrip().endswith("..kept-2")
    (hint,) = [line for line in told.splitlines() if "anew: " in line]
    first, second, third = re.split(r" && git |: git ", hint)[1:]
    for words in (first, second):
        clone.git(*words.split())
    assert clone.tip() != before
    clone.did(*third.split()[1:])
    assert "amended" not in clone.did("status")


def test_other_papers_of_ones_own_are_no_secret(at: At) -> None:
    clone, path = at("opened"), "changes/CH-001/brief.md"
    clone.write(
        path, clone.read(path).replace("Some do not hear well.", "Some hear nothing.") + "\n"
    )
    clone.git("commit", "-qa", "--amend", "-m", "the brief")
    assert "on top of it goes:" in clone.codexa("sync").err
    assert "Some hear nothing." in clone.read(path)


def test_what_does_not_fit_on_the_original_is_said_and_moves_nothing(at: At) -> None:
    clone, path = at("executed"), "changes/CH-001/status.md"
    before, status = clone.tip(), clone.raw("changes/CH-001/status.md")
    clone.write(path, "mine\n")
    clone.git("commit", "-qa", "--amend", "-m", "my words")
    amended = clone.tip()[:7]
    clone.commit({path: status}, "as it was")
    tip = last = clone.commit({"more.txt": "more\n"}, "and more")
    told = clone.codexa("clarify", "is it loud?").err
    assert f"warning: {amended}, a commit of the tool, was amended, and what stands on it" in told
    assert clone.tip("HEAD~1") == tip
    (hint,) = [line for line in told.splitlines() if line.startswith("hint: git branch kept && ")]
    for words in hint.removeprefix("hint: ").split(" && ")[:2]:
        clone.git(*words.split()[1:])
    assert clone.tip() == before
    assert f"git log --oneline {before[:12]}..kept" in told
    assert last in clone.git("rev-list", f"{before[:12]}..kept").split()
    assert "amended" not in clone.did("status")
