"""What a checkout has no room for waits, and goes on the tip as it is when there is room."""

from pathlib import Path

import pytest
from scenarios.clone import NOON, At, Clone

STATUS = "changes/CH-001/status.md"
WAITING = "refs/codexa/waiting/CH-001"


def kept_waiting(clone: Clone, *words: str, path: str = STATUS) -> str:
    """The id of the commit that waits because `path` has uncommitted changes."""
    clone.write(path, "mine\n")
    before = clone.tip("change/CH-001")
    answer = clone.codexa(*words)
    assert answer.status == 1
    assert f"{path} has uncommitted changes, so CH-001 was not moved" in answer.err
    assert f"nothing is lost: it waits at {WAITING}" in answer.err
    assert (clone.folder / path).read_text() == "mine\n"
    assert before in (clone.tip("change/CH-001"), clone.tip("change/CH-001~1"))
    return clone.tip(WAITING)


def nothing_waits(clone: Clone) -> bool:
    return clone.git("for-each-ref", "refs/codexa/waiting") == ""


def test_a_signed_approval_waits_and_is_not_asked_for_again(at: At) -> None:
    clone = at("planned")
    waiting = kept_waiting(clone, "approve")
    assert WAITING in clone.did("status")
    assert "still has uncommitted changes" in clone.refused("approve")
    clone.git("checkout", "-q", ".")
    told = clone.did("advance")
    assert "approved by Demo PM" in told
    assert "T-01 shout" in told
    assert clone.tip("HEAD~2") == waiting
    assert nothing_waits(clone)
    assert clone.is_clean()
    assert clone.is_sound()


def test_an_approval_goes_on_a_tip_that_moved(at: At) -> None:
    clone = at("planned")
    signed = clone.read("audit/CH-001/commands.jsonl", kept_waiting(clone, "approve"))
    clone.git("checkout", "-q", ".")
    clone.commit({"changes/CH-001/notes.md": "notes\n"}, "notes")
    told = clone.did("advance")
    assert "approved by Demo PM" in told
    assert clone.read("audit/CH-001/commands.jsonl") == signed
    assert clone.log()[-4:] == [
        "notes",
        "CH-001 spec: approved by Demo PM (pm), brief and plan",
        "CH-001 execute: T-01 shout",
        "CH-001 execute: T-02 say so",
    ]
    clone.did("replay", "CH-001")


def test_an_approval_goes_on_records_that_are_days_later(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("planned")
    kept_waiting(clone, "approve")
    clone.git("checkout", "-q", ".")
    clone.git("clone", "-q", str(clone.folder), str(tmp_path / "other"))
    other = Clone(tmp_path / "other")
    for key in ("user.name", "user.email"):
        other.git("config", key, clone.git("config", key).strip())
    other.git("switch", "-q", "change/CH-001")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOON) + 3 * 86_400))
    other.did("concern", "raise", "is it loud?", "--no-push")
    clone.git("pull", "-q", "--ff-only", str(other.folder), "change/CH-001")
    assert "approved by Demo PM" in clone.did("advance")
    assert "CH-001 replays" in clone.did("replay", "CH-001")


def test_an_approval_of_what_is_no_longer_there_is_put_and_does_not_count(at: At) -> None:
    clone = at("planned")
    kept_waiting(clone, "approve")
    clone.git("checkout", "-q", ".")
    tasks = clone.read("changes/CH-001/tasks.md")
    clone.commit({"changes/CH-001/tasks.md": tasks + "\n\n"}, "one byte")
    assert "stale: changes/CH-001/tasks.md changed since" in clone.refused("advance")
    assert nothing_waits(clone)


def test_a_task_that_was_done_is_not_done_again(at: At) -> None:
    clone = at("approved")
    waiting = kept_waiting(clone, "advance", path="README.md")
    assert clone.log()[-1] == "CH-001 execute: T-01 shout"
    clone.git("checkout", "-q", ".")
    clone.commit({"greet.sh": "echo hello # mine\n"}, "mine")
    told = clone.did("advance")
    assert "T-02 say so" in told
    assert "T-01" not in told
    blobs = [clone.git("rev-parse", f"{name}:README.md") for name in (waiting, "HEAD")]
    assert blobs[0] == blobs[1]
    assert clone.read("greet.sh") == "echo hello # mine"
    clone.did("replay", "CH-001")


def test_a_task_whose_files_somebody_changed_since_is_done_again(at: At) -> None:
    clone = at("approved")
    kept_waiting(clone, "advance", path="README.md")
    clone.git("commit", "-qam", "mine")
    answer = clone.codexa("advance")
    assert answer.status == 0
    assert "has no place on its branch any more: CH-001 execute: T-02 say so" in answer.err
    assert clone.read("README.md") == "mine\nSee shout.sh"
    assert nothing_waits(clone)


def test_results_are_kept_where_the_tested_tree_is_the_same(at: At) -> None:
    clone = at("executed")
    kept_waiting(clone, "advance")
    clone.git("checkout", "-q", ".")
    clone.commit({"changes/CH-001/notes.md": "notes\n"}, "notes")
    told = clone.codexa("advance")
    assert "CH-001 validate: 1 test passes" in told.out
    assert "results-approved" in told.err


def test_results_of_another_tree_are_not_put_anywhere(at: At) -> None:
    clone = at("executed")
    kept_waiting(clone, "advance")
    clone.git("checkout", "-q", ".")
    clone.commit({"greet.sh": "echo hello # other\n"}, "other")
    answer = clone.codexa("advance")
    assert "has no place on its branch any more" in answer.err
    assert "CH-001 validate: 1 test passes" in answer.out


def test_a_branch_in_another_worktree_is_followed_or_waited_for(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    clone.git("worktree", "add", "-q", str(tmp_path / "linked"), "change/CH-001")
    linked = Clone(tmp_path / "linked")
    clone.did("approve", "CH-001")
    assert linked.is_clean()
    linked.write("shout.sh", "mine\n")
    answer = clone.codexa("advance", "CH-001")
    assert answer.status == 1
    assert "shout.sh has uncommitted changes" in answer.err
    assert (linked.folder / "shout.sh").read_text() == "mine\n"
    (linked.folder / "shout.sh").unlink()
    assert "T-02 say so" in linked.did("advance")
    assert linked.is_clean()


def test_a_merge_that_begins_meanwhile_keeps_what_was_made(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "-c", "side", "HEAD~1")
    clone.commit({"other.txt": "other\n"}, "other")
    clone.git("switch", "-q", "change/CH-001")
    signer = tmp_path / "signer"
    signer.write_text(
        "#!/bin/sh\n"
        f"git -C {clone.folder} merge -q --no-ff --no-commit side\n"
        'exec ssh-keygen "$@"\n'
    )
    signer.chmod(0o755)
    clone.git("config", "gpg.ssh.program", str(signer))
    told = clone.refused("approve")
    assert "a merge is under way" in told
    assert f"nothing is lost: what was made waits at {WAITING}" in told
    clone.git("merge", "--abort")
    assert "approved by Demo PM" in clone.did("advance")


def test_a_decision_goes_on_the_tip_that_moved_while_it_was_signed(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    signer = tmp_path / "signer"
    signer.write_text(
        "#!/bin/sh\n"
        f"git -C {clone.folder} commit -q --allow-empty -m meanwhile\n"
        'exec ssh-keygen "$@"\n'
    )
    signer.chmod(0o755)
    clone.git("config", "gpg.ssh.program", str(signer))
    clone.did("approve")
    assert clone.log()[-2:] == [
        "meanwhile",
        "CH-001 spec: approved by Demo PM (pm), brief and plan",
    ]
    assert clone.is_sound()


def test_a_deleted_branch_that_is_restored_goes_on(at: At) -> None:
    clone = at("approved")
    tip = clone.tip()
    clone.git("switch", "-q", "main")
    clone.git("branch", "-q", "-D", "change/CH-001")
    assert "there is no change CH-001 here" in clone.refused("advance", "CH-001", status=2)
    clone.git("branch", "change/CH-001", tip)
    assert "T-02 say so" in clone.did("advance", "CH-001")


def test_a_plan_is_made_again_once_and_then_waits(at: At) -> None:
    clone = at("planned")
    before = len(clone.log())
    assert "plan-approved" in clone.until("--replan").err
    assert len(clone.log()) == before + 1
