"""`git push` to the branch of a change, and to the base."""

from pathlib import Path

import pytest
from builders import git
from hooks.conftest import At, Hooked

from codexa_git.errors import UsageError
from codexa_git.hooks.pushing import Update, updates_of

CHANGE = "change/CH-001"


def with_remote(clone: Hooked) -> Hooked:
    folder = clone.folder.with_name("remote.git")
    git(clone.folder.parent, "init", "-q", "--bare", folder.name)
    clone.git("remote", "add", "origin", str(folder))
    clone.git("push", "-q", "--no-verify", "origin", "main")
    return clone


def refused(clone: Hooked, *words: str) -> str:
    before = git(clone.folder.with_name("remote.git"), "for-each-ref")
    answer = clone.tries("push", "-q", "origin", *words)
    assert answer.status != 0
    assert answer.err.startswith("error: "), answer.err
    assert git(clone.folder.with_name("remote.git"), "for-each-ref") == before
    return answer.err


def pushes(clone: Hooked, *words: str) -> None:
    answer = clone.tries("push", "-q", "origin", *words)
    assert (answer.status, answer.err) == (0, "")


def test_a_change_is_pushed_and_only_moves_forward(hooked: At) -> None:
    clone = with_remote(hooked("planned"))
    pushes(clone, CHANGE)
    clone.did("approve")
    pushes(clone, CHANGE)
    clone.git("reset", "-q", "--hard", "HEAD~1")
    told = refused(clone, f"+{CHANGE}")
    assert "what was pushed of CH-001 only moves forward" in told
    assert "has not landed, and its branch is the only place of its records" in refused(
        clone, f":{CHANGE}"
    )


def test_what_is_refused_in_any_stage_is_not_pushed(hooked: At) -> None:
    clone = with_remote(hooked("planned"))
    clone.write("README.md", "early\n")
    clone.git("commit", "-q", "--no-verify", "-am", "round the hook")
    told = refused(clone, CHANGE)
    assert "CH-001 cannot be pushed so: its plan is not approved" in told
    assert "  rule  plan-before-product: " in told
    pushes(clone, "HEAD:refs/heads/elsewhere")


def test_one_change_is_not_pushed_in_anothers_name(hooked: At) -> None:
    clone = with_remote(hooked("planned"))
    told = refused(clone, f"{CHANGE}:change/CH-007")
    assert "the branch change/CH-007 carries CH-001" in told
    clone.git(*told.rpartition("hint: git ")[2].split("\n")[0].split())
    clone.git("branch", "-q", "-m", CHANGE, "change/CH-007")
    assert "hint: git branch -m change/CH-007 change/CH-001, and push that" in refused(
        clone, "change/CH-007"
    )
    clone.git("branch", "-q", "-m", "change/CH-007", "mine")
    told = refused(clone, "mine:change/CH-007")
    assert "hint: push it by its own name, change/CH-001" in told


def test_the_branch_of_an_abandoned_change_stays_on_the_remote(hooked: At) -> None:
    """It is the one place where it says so: without it, what was before could land."""
    clone = with_remote(hooked("planned"))
    clone.did("abandon", "CH-001", "-m", "nobody needs it")
    pushes(clone, CHANGE)
    told = refused(clone, f":{CHANGE}")
    assert "is the only place of its records" in told
    assert "git branch -D change/CH-001 takes it out of this clone" in told


def test_a_branch_that_has_only_the_name_of_a_change_can_go(hooked: At) -> None:
    clone = with_remote(hooked("planned"))
    pushes(clone, "main:refs/heads/change/CH-999")
    clone.git("branch", "change/CH-999", "main")
    pushes(clone, ":change/CH-999")
    clone.git("push", "-q", "--no-verify", "origin", CHANGE)
    assert "is the only place of its records" in refused(clone, f":{CHANGE}")


def test_the_branch_of_a_landed_change_can_go(hooked: At) -> None:
    clone = with_remote(hooked("landed"))
    clone.git("switch", "-q", CHANGE)
    pushes(clone, "main", CHANGE)
    pushes(clone, f":{CHANGE}")


def test_the_base_takes_landings_and_free_paths_and_nothing_else(hooked: At) -> None:
    clone = hooked("landed")
    landing = clone.tip("main")
    clone.git("update-ref", "refs/heads/main", f"{landing}~1")
    with_remote(clone)
    clone.git("update-ref", "refs/heads/main", landing)
    pushes(clone, "main")
    clone.git("switch", "-q", "main")
    clone.git("reset", "-q", "--hard")
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "a free path")
    pushes(clone, "main")
    clone.commit({"greet.sh": "echo hi\n"}, "straight to the base")
    told = refused(clone, "main")
    assert "main takes changes that land" in told
    assert "greet.sh came to main without a landing" in told
    clone.git("reset", "-q", "--hard", "HEAD~2")
    assert "what was pushed of main only moves forward" in refused(clone, "+main")
    assert "main is where changes land, and stays" in refused(clone, ":main")


def test_a_change_that_is_not_closed_does_not_land_by_merge_or_push(hooked: At) -> None:
    clone = with_remote(hooked("executed"))
    clone.git("switch", "-q", "main")
    told = clone.is_refused("merge", "-q", "--no-ff", "--no-edit", CHANGE)
    assert told.startswith("error: CH-001 cannot land so: no results fit this tree\n")
    clone.git("merge", "--abort")
    told = clone.is_refused("merge", "-q", "--no-ff", "--edit", CHANGE, GIT_EDITOR="false")
    assert "cannot land so" in told
    clone.git("merge", "--abort")
    clone.git("merge", "-q", "--squash", CHANGE)
    assert "cannot land so" in clone.is_refused("commit", "-qm", "squashed")
    clone.git("reset", "-q", "--hard")
    clone.git("merge", "-q", "--ff-only", CHANGE)
    assert "does not land CH-001" in refused(clone, "main")


def test_a_closed_change_lands_by_gits_own_merge(hooked: At) -> None:
    clone = with_remote(hooked("closed"))
    clone.git("switch", "-q", "main")
    answer = clone.tries("merge", "-q", "--no-ff", "--no-edit", CHANGE)
    assert answer.status == 0, answer.err
    pushes(clone, "main")


def test_while_observing_a_push_is_only_told_about(hooked: At) -> None:
    clone = with_remote(hooked("adopted"))
    clone.did("open", "Shouting")
    clone.commit({"greet.sh": "echo hi\n"}, "early")
    answer = clone.tries("push", "-q", "origin", CHANGE)
    assert answer.status == 0
    assert answer.err.startswith("warning: CH-001 cannot be pushed so: ")


def test_a_push_of_anything_else_starts_no_python(hooked: At) -> None:
    clone = with_remote(hooked("planned"))
    clone.counts_pythons()
    clone.git("tag", "v1")
    pushes(clone, "v1", "main:other", "main:main-2")
    assert clone.python_started == 0


def test_gits_words_are_read_strictly(tmp_path: Path) -> None:
    del tmp_path
    zeros = "0" * 40
    line = (
        f"refs/heads/a {'1' * 40} refs/heads/b {zeros}\n(delete) {zeros} refs/heads/c {'2' * 40}\n"
    )
    assert updates_of(line.encode(), {}) == (
        Update("refs/heads/b", "1" * 40, None),
        Update("refs/heads/c", None, "2" * 40),
    )
    with pytest.raises(UsageError):
        updates_of(b"refs/heads/a\n", {})
    assert updates_of(b"", {}) == ()


def test_what_the_tool_pushes_itself_passes_its_own_hooks(hooked: At) -> None:
    clone = with_remote(hooked("planned"))
    clone.git("push", "-q", "--no-verify", "-u", "origin", "main", CHANGE)
    clone.counts_pythons()
    clone.did("approve")
    assert clone.python_started == 1
    clone.until()
    clone.did("approve")
    clone.until()
    clone.did("approve")
    clone.until()
    clone.did("land")
    assert clone.tip("origin/main") == clone.tip("landed/CH-001")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--ff-only", "origin/main")


def bypassed(clone: Hooked) -> Hooked:
    """A base that follows its remote, and a hotfix on a branch."""
    with_remote(clone)
    clone.git("push", "-q", "--no-verify", "-u", "origin", "main")
    clone.git("switch", "-q", "-c", "bypass/x", "main")
    clone.commit({"greet.sh": "echo hello  # y\n"}, "urgent")
    return clone


def test_a_bypass_is_pushed_by_the_tool_and_to_a_new_mirror(hooked: At) -> None:
    clone = bypassed(hooked("enforced"))
    clone.did("bypass", "-m", "urgent")
    assert clone.git("log", "-1", "--format=%s", "origin/main") == "bypass: urgent"
    git(clone.folder.parent, "init", "-q", "--bare", "mirror.git")
    answer = clone.tries("push", "-q", "../mirror.git", "main")
    assert (answer.status, answer.err) == (0, "")


def test_a_bypass_that_brings_more_than_was_signed_is_not_pushed(hooked: At) -> None:
    clone = bypassed(hooked("enforced"))
    clone.did("bypass", "-m", "urgent")
    clone.git("switch", "-q", "main")
    clone.git("push", "-q", "--no-verify", "--force", "origin", "HEAD~1:main")
    clone.write("greet.sh", "echo hello  # z\n")
    clone.git("commit", "-q", "--no-verify", "--amend", "--no-edit", "greet.sh")
    assert "as-signed: Demo PM signed other" in refused(clone, "main")


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ("echo no pushes on fridays >&2", "no pushes on fridays"),
        ("echo error: no pushes on fridays >&2; echo hint: wait >&2; echo so >&2", "no pushes on"),
        ("true", "failed to push some refs"),
    ],
)
def test_why_a_hook_refused_what_the_tool_pushes_is_told(hooked: At, hook: str, said: str) -> None:
    clone = bypassed(hooked("enforced"))
    place = clone.folder / ".git" / "hooks" / "pre-push"
    place.write_text(f"#!/bin/sh\ncat > /dev/null\n{hook}\nexit 1\n")
    told = clone.refused("bypass", "-m", "urgent", status=3)
    assert f"origin cannot be pushed to: {said}" in told
    assert ("hint: wait\n" in told) == ("hint: wait" in hook)
