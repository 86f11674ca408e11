"""What is said where nothing is left to do here leads nowhere that refuses it."""

from pathlib import Path

from builders import git
from scenarios.clone import At, Shelf
from scenarios.pairs import BRANCH, Pair


def test_what_only_this_clone_has_of_it_is_pushed_by_git(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    pair = Pair(at("planned"), tmp_path, shelf)
    clone = pair.first
    clone.did("abandon", "-m", "not needed", "--no-push")
    told = clone.did("status", "CH-001")
    assert told.splitlines()[-1] == f"1 commit not pushed: git push origin {BRANCH}"
    assert "git codexa sync" not in told
    clone.git("push", "-q", "origin", BRANCH)
    assert "not pushed" not in clone.did("status", "CH-001")


def test_what_only_the_remote_has_of_it_is_pulled_by_git(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    pair = Pair(at("planned"), tmp_path, shelf)
    clone = pair.first
    before = clone.tip(BRANCH)
    clone.did("abandon", "-m", "not needed")
    late = clone.commit({"changes/CH-001/note.md": "late\n"}, "late")
    clone.git("push", "-q", "origin", BRANCH)
    clone.git("reset", "-q", "--hard", f"{late}~1")
    assert clone.tip(f"{BRANCH}~1") == before
    told = clone.did("status", "CH-001").splitlines()[-1]
    assert told.startswith("the remote has 1 commit that you lack: ")
    assert "git codexa" not in told
    for command in told.partition(": ")[2].split(" && "):
        git(clone.folder, *command.split()[1:])
    assert clone.tip(BRANCH) == late


def test_what_would_come_to_the_base_is_committed_on_a_branch_of_its_own(at: At) -> None:
    clone = at("enforced")
    for words, name in ((("policy", "sign"), "policy"), (("bypass", "-m", "x"), "bypass")):
        told = clone.refused(*words, "main")
        way = f"commit it on a branch of its own: git switch -c {name}/next, git commit"
        assert told.endswith(f"hint: {way}, and ask again\n")


def test_what_waits_for_nobody_here_may_wait_for_them_on_the_remote(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    pair = Pair(at("approved"), tmp_path, shelf).of_one_person(shelf)
    assert "results-approved" in pair.first.until().err
    told = pair.second.refused("approve")
    last = "that is as last fetched; to look again: git fetch, then git codexa status CH-001"
    assert told.splitlines()[-1] == f"hint: {last}"
    pair.second.git("fetch", "-q")
    assert "git codexa sync CH-001" in pair.second.did("status", "CH-001")
    pair.second.did("sync")
    pair.second.did("approve")
