"""The light path: work that is there already, small enough for one signature."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone, Shelf
from scenarios.light import LIGHT, TYPO, basis, enforced, landed, quick, verdict, worked


def test_a_typo_lands_by_one_signature_and_nothing_of_its_story_is_missing(at: At) -> None:
    clone = worked(at)
    mine = clone.tip()
    said = clone.did("quick", "fix the title").splitlines()
    assert said[-1] == "next, plan and package by one signature: git codexa approve CH-001"
    signed = clone.did("approve")
    assert "signed the plan" in signed
    assert "signed the package" in signed
    assert clone.until().status == 0
    clone.did("land")
    assert clone.read("README.md", "main") == "# Greetings"
    assert mine in clone.git("rev-list", "main").split("\n")
    assert clone.log("main^1..main^2") == [
        "the title is wrong",
        "CH-001 frame: fix the title, 1 criterion",
        "CH-001 spec: 1 task for 1 criterion, seed 7",
        "CH-001 execute: T-01 make sure that every test passes with this done: fix the title",
        "CH-001 validate: 1 test passes, snapshot matches",
        "CH-001 package: impact and packet",
        "CH-001 package: approved by Demo PM (pm), brief and plan, 8 files",
        "CH-001 cleanup: closed, evidence kept, 0 concerns open",
    ]


def test_a_light_landing_is_verified_and_replays_to_the_same_ids(at: At) -> None:
    clone = quick(at)
    landed(clone)
    assert clone.did("verify", "--story")
    told = clone.did("replay", "CH-001")
    assert "8 commits made again with the same ids, the landing among them" in told


def test_the_task_record_names_what_the_commits_at_hand_touched(at: At) -> None:
    clone = worked(at)
    clone.commit({"greet.sh": "echo hello # again\n"}, "and this")
    clone.did("quick", "two small things")
    lines = clone.read("audit/CH-001/handoff.jsonl").splitlines()
    records = [json.loads(line) for line in lines]
    assert [r["type"] for r in records[:2]] == ["opened", "light.marked"]
    (done,) = (r for r in records if r["type"] == "task.completed")
    assert [file["path"] for file in done["data"]["files_touched"]] == ["README.md", "greet.sh"]


def test_the_mark_is_in_the_note_that_people_read(at: At) -> None:
    assert "| frame | 1 | marked light |" in quick(at).read("changes/CH-001/status.md")


def test_the_change_waits_for_a_person_before_anything_is_signed(at: At) -> None:
    clone = quick(at)
    met, by, now = basis(clone, "plan-approved")
    assert (met, by) == (True, "claimed")
    assert now == "a light change: signed with the package"
    assert basis(clone, "package-approved")[0] is False
    assert not verdict(clone).lands
    told = clone.did("status")
    assert "your move, Demo PM" in told
    assert "0 of 1 approvals by a pm, of plan and package" in told


def test_once_signed_the_plan_is_proved_and_no_longer_claimed(at: At) -> None:
    clone = quick(at)
    clone.did("approve")
    assert basis(clone, "plan-approved") == (True, "proved", "approved by Demo PM (pm)")


def test_a_dry_run_shows_both_and_signs_neither(at: At) -> None:
    clone = quick(at)
    before = clone.tip()
    told = clone.did("approve", "--dry-run")
    assert "would sign the plan" in told
    assert "would sign the package" in told
    assert clone.tip() == before


def test_a_withdrawn_signature_takes_plan_and_package_back(at: At) -> None:
    clone = quick(at)
    clone.did("approve")
    clone.did("withdraw", "-m", "a second thought")
    assert basis(clone, "plan-approved")[1] == "claimed"
    assert basis(clone, "package-approved")[0] is False
    assert "package-approved" in clone.until().err
    assert "signed the plan" in clone.did("approve")


def test_the_criteria_may_be_ones_own(at: At) -> None:
    clone = worked(at)
    clone.did("quick", "fix the title", "--criterion", "`README.md` begins with `# Greetings`")
    assert "- AC-1: " in clone.read("changes/CH-001/brief.md")
    assert "Greetings" in clone.read("changes/CH-001/tasks.md")


def test_a_person_may_go_on_within_the_rule_and_the_signature_is_asked_again(at: At) -> None:
    clone = quick(at)
    clone.did("approve")
    clone.commit({"README.md": "# Greetings\n\nMore.\n"}, "say more")
    assert basis(clone, "package-approved")[0] is False
    assert "package-approved" in clone.until().err
    landed(clone)
    assert clone.read("README.md", "main").endswith("More.")


def test_rework_goes_round_and_waits_for_new_work(at: At) -> None:
    clone = quick(at)
    clone.did("rework", "--to", "execute", "-m", "another word")
    assert "tasks-complete" in clone.until().err
    clone.commit({"README.md": "# Salutations\n"}, "T-01 another word")
    assert "package-approved" in clone.until().err
    landed(clone)
    assert clone.read("README.md", "main") == "# Salutations"


def test_failing_tests_are_told_and_nothing_is_signed(at: At) -> None:
    clone = enforced(at)
    clone.git("switch", "-q", "-c", "bad")
    clone.commit({"greet.sh": "echo bye\n"}, "bye")
    told = clone.refused("quick", "say bye")
    assert "CH-001 cannot leave" in told
    assert "nothing in CH-001 waits for you" in clone.refused("approve")


def test_passing_results_need_no_look_although_policy_always_asks_for_one(at: At) -> None:
    clone = quick(at)
    assert 'when = "unless-all-pass"' not in clone.read("codexa.toml", "main")
    assert basis(clone, "results-approved") == (
        True,
        "attested",
        "not asked: a light change, and every test passes",
    )


def test_the_base_comes_in_at_closing_without_another_signature(at: At) -> None:
    clone = quick(at)
    clone.did("approve")
    clone.git("switch", "-q", "main")
    clone.commit({"changes/backlog.toml": ""}, "an empty backlog")
    clone.git("switch", "-q", "change/CH-001")
    assert clone.until().status == 0
    clone.did("land")
    assert clone.read("README.md", "main") == "# Greetings"
    assert clone.did("replay", "CH-001")


def on_remote(at: At, folder: Path) -> Clone:
    """The same base, which a bare repository has too."""
    clone = enforced(at)
    git(folder, "clone", "-q", "--bare", str(clone.folder), "bare.git")
    clone.git("remote", "add", "origin", str(folder / "bare.git"))
    clone.git("fetch", "-q")
    clone.git("branch", "-q", "-u", "origin/main", "main")
    return clone


def test_commits_on_the_base_itself_stay_there_until_the_base_holds_them(
    at: At, tmp_path: Path
) -> None:
    clone = on_remote(at, tmp_path)
    mine = clone.commit(TYPO, "the title is wrong")
    said = clone.did("quick", "fix the title")
    assert (
        "main stays where it is, 1 commit ahead of origin/main: CH-001 holds the work now, and main"
        " follows once that has landed"
    ) in said
    assert clone.git("branch", "--show-current") == "change/CH-001"
    assert clone.tip("main") == mine
    tip = landed(clone)
    assert clone.tip("origin/main") == tip
    assert git(tmp_path / "bare.git", "rev-parse", "main") == tip


def test_on_the_base_alone_there_is_no_work_at_hand(at: At) -> None:
    clone = enforced(at)
    told = clone.refused("quick", "fix the title")
    assert "there is no work at hand: nothing here differs from main" in told
    assert clone.git("branch", "--list", "change/*") == ""


def test_work_that_nobody_committed_is_named_with_what_commits_it(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = enforced(at)
    clone.write("README.md", "# Greetings\n")
    told = clone.refused("quick", "fix the title")
    assert "README.md has uncommitted changes, and only what is committed is read: " in told
    ways = told.rpartition("is read: ")[2].removesuffix(", and ask again\n")
    monkeypatch.setenv("GIT_EDITOR", "echo the title is wrong >")
    monkeypatch.chdir(clone.folder)
    subprocess.run(["sh", "-ec", ways], check=True, capture_output=True)
    assert "CH-001 frame: fix the title" in clone.did("quick", "fix the title")


def test_the_same_command_again_goes_on_with_the_change_that_it_opened(at: At) -> None:
    clone = quick(at)
    tip = clone.tip("change/CH-001")
    for branch in ("change/CH-001", "typo"):
        clone.git("switch", "-q", branch)
        assert "git codexa approve CH-001" in clone.did("quick", "fix the title")
        assert clone.git("symbolic-ref", "--short", "HEAD") == "change/CH-001"
        assert clone.tip("change/CH-001") == tip
    clone.git("switch", "-q", "typo")
    assert "[change/CH-002 " in clone.did("quick", "another title")


def test_other_work_under_the_same_title_is_another_change(at: At) -> None:
    clone = quick(at)
    clone.git("switch", "-q", "-c", "more", "main")
    clone.commit({"README.md": "# Greets\n"}, "the title is wrong, again")
    assert "[change/CH-002 " in clone.did("quick", "fix the title")


def test_what_was_signed_is_not_gone_on_with(at: At) -> None:
    clone = quick(at)
    clone.did("approve")
    assert "these commits are CH-001's already" in clone.refused("quick", "fix the title")


def test_on_a_change_there_is_no_second_one_to_open(at: At) -> None:
    told = quick(at).refused("quick", "again")
    assert "these commits are CH-001's already" in told


REFUSED: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "a path that is not light": ({"check.sh": "true\n"}, "check.sh is no path that policy lets"),
    "one line too many": (
        {"NEW.md": "1\n2\n3\n4\n5\n6\n7\n"},
        "it changes 7 lines, and policy allows 6",
    ),
    "a page in one line": ({"NEW.md": "x" * 1400}, "it changes 7 lines"),
    "no text": ({"NEW.md": b"\0"}, "NEW.md is no text whose lines could be counted"),
    "a guarded path": ({".github/README.md": "x\n"}, ".github/README.md is guarded"),
    "where records lie": ({"audit/README.md": "x\n"}, "lies where only changes"),
    "papers of a change": ({"changes/CH-009/README.md": "x\n"}, "lies where only changes"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_is_not_light_is_refused_and_no_number_is_used(case: str, at: At) -> None:
    files, why = REFUSED[case]
    clone = enforced(at)
    clone.git("switch", "-q", "-c", "more")
    clone.commit(files, "more")
    told = clone.refused("quick", "more")
    assert why in told
    assert clone.git("for-each-ref", "refs/heads/change", "refs/heads/codexa") == ""


def _executable(clone: Clone) -> None:
    (clone.folder / "README.md").chmod(0o755)


def _link(clone: Clone) -> None:
    (clone.folder / "LINK.md").symlink_to("README.md")


@pytest.mark.parametrize("does", [_executable, _link])
def test_more_than_text_is_not_light(does: Callable[[Clone], None], at: At) -> None:
    clone = enforced(at)
    clone.git("switch", "-q", "-c", "more")
    does(clone)
    clone.git("add", "-A")
    clone.git("commit", "-qm", "more")
    assert "changes more than the text of a file" in clone.refused("quick", "more")


def test_without_a_rule_nothing_is_light_and_the_whole_way_is_named(at: At) -> None:
    told = worked(at, "").refused("quick", "fix the title")
    assert "policy lets no path go the light way" in told
    assert "owners add [light] to codexa.toml" in told
    assert 'git codexa open "..."' in told


def test_a_path_with_a_rule_of_its_own_is_not_light(at: At) -> None:
    rule = f'{LIGHT}\n[[path]]\npaths = ["README.md"]\nrole = "pm"\n'
    assert "README.md is no path that policy lets" in worked(at, rule).refused("quick", "x y z")


def test_while_observing_it_goes_all_the_way_if_asked(at: At) -> None:
    clone = at("adopted")
    policy = (clone.folder / "codexa.toml").read_text()
    clone.commit({"codexa.toml": policy + LIGHT}, "what is light")
    clone.git("switch", "-q", "-c", "typo")
    clone.commit(TYPO, "the title is wrong")
    assert "--unapproved" in clone.refused("quick", "fix the title")
    clone.git("switch", "-q", "-c", "typo-2", "typo")
    told = clone.did("quick", "fix it again", "--unapproved")
    assert "CH-002 is closed and can land" in told


def test_two_roles_sign_what_is_theirs(at: At, shelf: Shelf) -> None:
    clone = at("adopted")
    words = ("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")
    clone.did(*words, "--key", f"{shelf.dev}.pub")
    policy = (clone.folder / "codexa.toml").read_text() + LIGHT
    changed = policy.replace('[gate.plan]\nrole = "pm"', '[gate.plan]\nrole = "dev"')
    assert changed != policy
    clone.commit({"codexa.toml": changed}, "what is light, and who plans")
    clone.did("enforce", "--demo", "--yes")
    clone.git("switch", "-q", "-c", "typo")
    clone.commit(TYPO, "the title is wrong")
    clone.did("quick", "fix the title")
    only = clone.did("approve")
    assert "signed the package" in only
    assert "signed the plan" not in only
    assert "package-approved" in clone.until().err
    assert "0 of 1 approvals by a dev, of plan and package" in clone.did("status")
    clone.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    other = clone.did("approve")
    assert "signed the plan" in other
    assert "signed the package" not in other
    assert clone.until().status == 0
    clone.did("land")
