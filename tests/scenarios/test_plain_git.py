"""What git lets people do to a change, with the hooks in: what stands, is told, and mends it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from hooks.conftest import Hooked
from scenarios.clone import Shelf
from scenarios.several import ENOUGH

pytestmark = pytest.mark.slow

CHANGE = "change/CH-001"
At = Callable[[str], Hooked]


@pytest.fixture
def at(shelf: Shelf, tmp_path: Path) -> At:
    """A clone of one's own in a named state, with native hooks."""

    def take(state: str) -> Hooked:
        clone = Hooked(shelf.take(state, tmp_path / state.replace(" ", "-")).folder)
        clone.did("hooks", "install")
        return clone

    return take


def lands(clone: Hooked) -> None:
    """The change gets from wherever it is to the base, and the base is right."""
    for _ in range(4):
        answer = clone.until("CH-001")
        if "can land" in answer.out:
            break
        assert "hint: git codexa approve CH-001" in answer.err, answer
        clone.did("approve", "CH-001")
    clone.did("land", "CH-001")
    assert "no findings" in clone.did("verify")
    assert clone.is_sound()
    assert clone.is_clean()


def in_conflict(clone: Hooked) -> Hooked:
    """A branch `side` and the change's, each with its own README.md."""
    clone.git("switch", "-qc", "side")
    clone.commit({"README.md": "side\n"}, "side")
    clone.git("switch", "-q", CHANGE)
    clone.write("README.md", "ours\n")
    clone.commits("-am", "T-02 ours")
    return clone


STOPPED = {
    "merge": ("merge", "side"),
    "rebase": ("rebase", "side"),
    "cherry-pick": ("cherry-pick", "side"),
    "revert": ("revert", "--no-commit", "HEAD"),
}


@pytest.mark.parametrize("command", STOPPED)
def test_what_git_is_in_the_middle_of_is_named_before_anything_is_done(
    at: At, command: str
) -> None:
    clone = in_conflict(at("approved"))
    before = clone.tip(CHANGE)
    clone.tries(*STOPPED[command])
    for words in (
        ("advance",),
        ("advance", "CH-001"),
        ("approve",),
        ("sync",),
        ("concern", "raise", "x"),
    ):
        told = clone.refused(*words)
        assert told.startswith(f"error: a {command} is under way in {clone.folder}\n")
        assert f"hint: git {command} --continue goes on, git {command} --abort gives it up" in told
    assert clone.tip(CHANGE) == before
    assert clone.git("for-each-ref", "refs/codexa/waiting") == ""
    clone.git(command, "--abort")
    assert "T-01 shout" in clone.did("advance")


def test_a_patch_that_does_not_apply_is_named_as_well(at: At) -> None:
    clone = in_conflict(at("approved"))
    patch = clone.folder.parent / "side.patch"
    patch.write_text(clone.git("format-patch", "-1", "--stdout", "side") + "\n")
    assert clone.tries("am", "-q", str(patch)).status != 0
    assert "error: an am is under way in" in clone.refused("advance")
    clone.git("am", "--abort")
    clone.did("advance")


def test_a_rebase_in_another_worktree_finds_its_branch_where_it_left_it(
    at: At, tmp_path: Path
) -> None:
    clone = in_conflict(at("approved"))
    assert clone.tries("rebase", "-q", "side").status != 0
    linked = Hooked(tmp_path / "linked")
    clone.git("worktree", "add", "-q", "--detach", str(linked.folder), "main")
    told = linked.refused("advance", "CH-001")
    assert f"a rebase is under way in {clone.folder}" in told
    clone.write("README.md", "both\n")
    clone.git("add", "README.md")
    answer = clone.tries("rebase", "--continue", GIT_EDITOR="true")
    assert answer.status == 0, answer.err
    assert "T-01 shout" in linked.did("advance", "CH-001")
    assert clone.is_clean()


def test_a_commit_amended_within_a_rebase_is_kept(at: At) -> None:
    clone = at("approved")
    clone.write("README.md", "ours\n")
    clone.commits("-am", "T-02 ours")
    clone.tries("rebase", "-q", "-i", "HEAD~1", GIT_SEQUENCE_EDITOR="sed -i s/pick/edit/")
    clone.refused("advance", "CH-001")
    clone.write("README.md", "better\n")
    clone.commits("-a", "--amend", "--no-edit")
    answer = clone.tries("rebase", "--continue")
    assert answer.status == 0, answer.err
    assert clone.read("README.md", CHANGE) == "better"
    clone.did("advance")


def test_a_conflict_that_is_resolved_and_committed_goes_on(at: At) -> None:
    clone = in_conflict(at("approved"))
    assert clone.tries("merge", "side").status != 0
    clone.write("README.md", "See shout.sh\n")
    clone.git("add", "README.md")
    clone.commits("--no-edit")
    lands(clone)


def reverted(clone: Hooked, *, merged: bool = False) -> str:
    """What a forge's revert button leaves on the base; the commit that took the change out."""
    clone.git("switch", "-q", "main")
    if merged:
        clone.git("switch", "-qc", "revert-1")
    clone.git("revert", "--no-edit", "-m", "1", "HEAD")
    if merged:
        clone.git("switch", "-q", "main")
        clone.git("merge", "-q", "--no-ff", "--no-verify", "--no-edit", "revert-1")
        clone.git("branch", "-q", "-D", "revert-1")
    return clone.tip()


@pytest.mark.parametrize("merged", [False, True])
def test_a_landing_that_the_revert_button_took_out_is_told_and_lands_again(
    at: At, *, merged: bool
) -> None:
    clone = at("landed")
    by = reverted(clone, merged=merged)[:12]
    told = clone.did("status")
    assert f"CH-001 landed on main, and {by} took it and its records out again" in told
    command = f"git switch -C change/CH-001 main && git revert {'-m 1 ' if merged else ''}{by}"
    assert f"    {command}\n" in told
    assert command in clone.did("board")
    assert '"state": "undone"' in clone.did("status", "--json")
    for words in (("status", "CH-001"), ("advance", "CH-001"), ("revert", "CH-001")):
        assert f"{by} took it and its records out again" in clone.refused(*words)
    clone.git("switch", "-q", CHANGE)
    assert command in clone.refused("advance")
    for line in command.replace("revert", "revert --no-edit").split(" && "):
        clone.git(*line.split()[1:])
    lands_again(clone, by)


def lands_again(clone: Hooked, by: str) -> None:
    """The change is on the base, and nothing is wrong there but the commit that took it out."""
    assert "can land" in clone.until("CH-001").out
    clone.did("land", "CH-001")
    clone.did("incident", "-m", "the revert button", by)
    assert clone.codexa("verify").status == 1
    records = map(json.loads, clone.did("audit", "--json").splitlines())
    incident = next(r["id"] for r in records if r["type"] == "incident.declared")
    clone.did("verify", "--accept", incident)
    assert clone.did("status").startswith("no change is open on main")
    clone.did("revert", "CH-001")


def test_a_landing_taken_out_is_told_where_its_branch_is_gone(at: At) -> None:
    clone = at("landed")
    by = reverted(clone)[:12]
    clone.git("branch", "-q", "-D", CHANGE)
    assert f"{by} took it and its records out again" in clone.refused("status", "CH-001")
    clone.did("open", "Another", *ENOUGH)


def test_the_next_change_is_opened_although_a_landing_was_taken_out(at: At) -> None:
    clone = at("landed")
    reverted(clone)
    clone.did("open", "Another", *ENOUGH)


def test_a_tools_commit_that_was_reverted_is_told_before_anybody_works_on(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("executed")
    tree = clone.git("rev-parse", "HEAD^{tree}")
    clone.git("revert", "--no-edit", "HEAD")
    by = clone.tip()[:12]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767268900")
    told = clone.refused("advance")
    assert f"CH-001 stops here: {by} took 3 records of it away, and so it cannot land" in told
    assert f"hint: git revert {by} brings back what it took" in told
    assert clone.tip()[:12] == by, "nothing was done"
    clone.git("revert", "--no-edit", by)
    assert clone.git("rev-parse", "HEAD^{tree}") == tree
    lands(clone)


def test_nobody_is_asked_to_sign_for_a_change_that_a_revert_took_records_from(at: At) -> None:
    clone = at("planned")
    clone.did("concern", "raise", "is it loud enough?")
    clone.git("revert", "--no-edit", "HEAD")
    told = clone.refused("approve")
    assert f"CH-001 stops here: {clone.tip()[:12]} took a record of it away" in told


def test_a_persons_own_commit_is_reverted_freely(at: At) -> None:
    clone = at("approved by hand")
    clone.write("README.md", "See shout.sh\n")
    clone.commits("-am", "T-02 too early")
    clone.git("revert", "--no-edit", "HEAD")
    clone.write("shout.sh", "echo HELLO\n")
    clone.git("add", "shout.sh")
    clone.commits("-m", "T-01 shout")
    clone.write("README.md", "See shout.sh, now\n")
    clone.commits("-am", "T-02 say so")
    lands(clone)


def amended(clone: Hooked) -> None:
    clone.commits("--amend", "-m", "other words")


def amended_with_work(clone: Hooked) -> None:
    clone.write("README.md", clone.read("README.md") + "\nmore\n")
    clone.commits("-a", "--amend", "--no-edit")


def squashed(clone: Hooked) -> None:
    clone.git("reset", "-q", "--soft", "main")
    clone.commits("-m", "all of it")


def squashed_by_rebase(clone: Hooked) -> None:
    editor = "sed -i '2,$s/pick/fixup/'"
    answer = clone.tries("rebase", "-q", "-i", "main", GIT_SEQUENCE_EDITOR=editor)
    assert answer.status == 0, answer.err


def fixed_up(clone: Hooked) -> None:
    clone.write("README.md", clone.read("README.md") + "\nmore\n")
    clone.commits("-a", "--fixup", "HEAD")
    answer = clone.tries("rebase", "-q", "-i", "--autosquash", "HEAD~3", GIT_SEQUENCE_EDITOR=":")
    assert answer.status == 0, answer.err


def reworded(clone: Hooked) -> None:
    editors = {"GIT_SEQUENCE_EDITOR": "sed -i s/pick/reword/", "GIT_EDITOR": "sed -i 1s/^/my/"}
    answer = clone.tries("rebase", "-q", "-i", "HEAD~2", **editors)
    assert answer.status == 0, answer.err


def rebased(clone: Hooked) -> None:
    clone.git("switch", "-q", "main")
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "the base moves")
    clone.git("switch", "-q", CHANGE)
    clone.git("rebase", "-q", "main")


def mailed(clone: Hooked) -> None:
    patches = clone.folder / ".git/out"
    clone.git("format-patch", "-q", "-3", "-o", str(patches))
    clone.git("reset", "-q", "--hard", "HEAD~3")
    clone.git("am", "-q", *map(str, sorted(patches.iterdir())))


def deleted_and_restored(clone: Hooked) -> None:
    clone.git("switch", "-q", "main")
    tip = clone.tip(CHANGE)
    clone.git("branch", "-q", "-D", CHANGE)
    clone.git("reflog", "expire", "--expire=now", "--all")
    clone.git("branch", CHANGE, tip)
    clone.git("switch", "-q", CHANGE)


def reset_softly(clone: Hooked) -> None:
    clone.git("reset", "-q", "--soft", "HEAD~2")
    clone.commits("-m", "two in one")


def reset_hard(clone: Hooked) -> None:
    clone.git("reset", "-q", "--hard", "HEAD~3")


def collected(clone: Hooked) -> None:
    clone.git("reflog", "expire", "--expire=now", "--all")
    clone.git("gc", "-q", "--prune=now")


MOVES = (
    amended,
    amended_with_work,
    squashed,
    squashed_by_rebase,
    fixed_up,
    reworded,
    rebased,
    mailed,
    deleted_and_restored,
    reset_softly,
    reset_hard,
    collected,
)


@pytest.mark.parametrize("move", MOVES)
def test_what_is_not_pushed_is_put_in_order_and_lands(
    at: At, move: Callable[[Hooked], None]
) -> None:
    clone = at("executed")
    kept = clone.read("audit/CH-001/handoff.jsonl")
    move(clone)
    held = clone.read("audit/CH-001/handoff.jsonl")
    assert held == kept or move is reset_hard
    assert clone.is_clean()
    lands(clone)


def test_what_waits_is_kept_by_git_gc(at: At) -> None:
    clone = at("approved")
    clone.write("README.md", "mine\n")
    assert clone.codexa("advance").status == 1
    collected(clone)
    clone.git("checkout", "-q", ".")
    told = clone.did("advance")
    assert "T-02 say so" in told
    assert "T-01" not in told


def test_a_stash_over_an_advance_comes_back(at: At) -> None:
    clone = at("approved")
    clone.write("greet.sh", "echo hello # mine\n")
    clone.git("stash")
    clone.did("advance")
    clone.git("stash", "pop")
    assert clone.git("status", "--porcelain") == " M greet.sh"
    clone.write("README.md", "mine\n")
    clone.git("stash")
    clone.did("advance")
    clone.git("stash", "drop")
    assert clone.is_clean()


def opening(clone: Hooked) -> str:
    """The commit that opened the change."""
    return clone.git("rev-list", "--first-parent", "--reverse", f"main..{CHANGE}").split()[0]


def test_a_change_picked_to_another_ones_branch_is_named_and_taken_out_again(at: At) -> None:
    clone = at("executed")
    clone.did("open", "Two", *ENOUGH)
    clone.git("cherry-pick", opening(clone))
    by = clone.tip()[:12]
    for words in (("status",), ("advance",), ("advance", "CH-002")):
        told = clone.refused(*words)
        assert f"two changes at once: change/CH-002 carries CH-001 too, since {by}" in told
        assert f"hint: git revert {by} takes it out; CH-001 goes on at change/CH-001" in told
    assert clone.codexa("status", "CH-001").status == 0
    clone.git("revert", "--no-edit", by)
    assert "CH-002 spec:" in clone.did("advance")


def test_a_task_picked_to_another_change_stops_in_conflict_and_is_given_up(at: At) -> None:
    clone = at("executed")
    clone.did("open", "Two", *ENOUGH)
    assert clone.tries("cherry-pick", CHANGE).status != 0
    assert "a cherry-pick is under way" in clone.refused("advance")
    clone.git("cherry-pick", "--abort")
    clone.did("advance")


def with_remote(clone: Hooked) -> Hooked:
    """The clone, its base and its change pushed to a server."""
    git(clone.folder.parent, "init", "-q", "--bare", "server.git")
    clone.git("remote", "add", "origin", str(clone.folder.with_name("server.git")))
    clone.git("push", "-q", "--no-verify", "-u", "origin", "main", CHANGE)
    return clone


def test_a_change_picked_to_the_base_here_is_named_and_not_pushed(at: At) -> None:
    clone = with_remote(at("executed"))
    clone.git("switch", "-q", "main")
    clone.git("cherry-pick", opening(clone))
    for words in (("status",), ("advance",)):
        told = clone.refused(*words)
        assert "main here carries CH-001, and origin/main does not" in told
        assert "git reset --keep origin/main takes it off" in told
    assert "does not land CH-001" in clone.is_refused("push", "-q", "origin", "main")
    clone.git("reset", "-q", "--keep", "origin/main")
    clone.git("switch", "-q", CHANGE)
    lands(clone)


def test_a_renamed_branch_goes_on_and_is_found_by_its_old_name(at: At) -> None:
    clone = at("executed")
    clone.git("branch", "-m", "feature")
    assert "validate: 1 test passes" in clone.did("advance")
    told = clone.refused("status", "CH-001", status=2)
    assert "there is no change CH-001 here, but the branch feature carries it" in told
    assert "hint: git branch -m feature change/CH-001" in told
    clone.git("branch", "-m", "feature", CHANGE)
    lands(clone)


def test_a_deleted_branch_is_found_by_its_bookmarks(at: At) -> None:
    clone = at("executed")
    tip = clone.tip()
    clone.git("switch", "-q", "main")
    clone.git("branch", "-q", "-D", CHANGE)
    told = clone.refused("advance", "CH-001", status=2)
    command = "git branch change/CH-001 codexa/CH-001/execute"
    assert f"hint: {command} is where it left execute" in told
    clone.git(*command.split()[1:])
    assert clone.tip(CHANGE) == tip
    clone.git("switch", "-q", CHANGE)
    lands(clone)


def test_what_was_pushed_is_neither_pushed_over_nor_taken_away(at: At) -> None:
    clone = with_remote(at("executed"))
    clone.commits("--amend", "-m", "other words")
    told = clone.is_refused("push", "-q", "--force", "origin", CHANGE)
    assert "what was pushed of CH-001 only moves forward" in told
    told = clone.is_refused("push", "-q", "origin", "--delete", CHANGE)
    assert "CH-001 has not landed, and its branch is the only place of its records" in told
    clone.git("reset", "-q", "--hard", f"origin/{CHANGE}")
    lands(clone)


def test_a_branch_deleted_on_the_server_is_pushed_again(at: At) -> None:
    clone = with_remote(at("executed"))
    clone.git("push", "-q", "--no-verify", "origin", "--delete", CHANGE)
    assert "not pushed: git codexa sync CH-001" in clone.did("status")
    clone.did("advance")
    assert clone.tip() in clone.git("ls-remote", "origin", CHANGE)


@pytest.mark.parametrize("how", ["--rebase", "--no-rebase"])
def test_a_pull_brings_what_another_clone_pushed(at: At, how: str) -> None:
    clone = with_remote(at("approved by hand"))
    other = Hooked(clone.folder.with_name("other"))
    git(clone.folder.parent, "clone", "-q", "-b", CHANGE, "server.git", "other")
    other.commit({"shout.sh": "echo HELLO\n"}, "T-01 shout")
    other.git("push", "-q", "origin", CHANGE)
    clone.write("README.md", "See shout.sh\n")
    clone.commits("-am", "T-02 say so")
    answer = clone.tries("pull", "-q", how, "--no-edit")
    assert answer.status == 0, answer.err
    assert {"T-01 shout", "T-02 say so"} <= set(clone.git("log", "--format=%s").split("\n"))
    clone.did("status")
    assert clone.is_sound()


def test_a_rebase_of_what_was_pushed_says_sync_before_anything_is_rewritten(at: At) -> None:
    clone = with_remote(at("executed"))
    clone.git("switch", "-q", "main")
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "the base moves")
    clone.git("push", "-q", "origin", "main")
    clone.git("switch", "-q", CHANGE)
    told = clone.is_refused("rebase", "-q", "main")
    assert "hint: to bring main in: git codexa sync CH-001" in told
    clone.did("sync")
    lands(clone)
