"""People's own commits: what they do, when they are early, and what they make go stale."""

import json

from scenarios.clone import At, Clone, recipes

DONE_BY_HAND = {"shout.sh": "echo HELLO\n"}
NAMED = {"README.md": "# Greet\nshout.sh shouts\n"}
ALONE = (
    "T-01 waits for a person: a commit does it that changes the product or names T-01 in its"
    " subject"
)
IMPACT_ANEW = "stale: changes/CH-001/impact.md and 2 more changed since"


def test_a_task_that_waits_for_a_person_says_so(at: At) -> None:
    clone = at("approved by hand")
    told = clone.refused("advance")
    assert "T-01, T-02 wait for a person: a commit does those that its subject names" in told
    assert 'git commit -m "T-01 ...", then: git codexa advance CH-001' in told


def test_a_task_by_hand_before_one_by_command_is_asked_for_by_name(at: At) -> None:
    clone = at("opened")
    clone.commit({"changes/CH-001/recipes.toml": recipes(first="")}, "say how")
    clone.did("advance")
    clone.did("approve")
    for words in (("advance",), ("advance", "--until-blocked")):
        told = clone.refused(*words)
        assert f"now   {ALONE}; T-02 after that" in told
        assert 'hint: git commit -m "T-01 ...", then: git codexa advance CH-001' in told
    way_on = '    git commit -m "T-01 ...", then:\n    git codexa advance CH-001\n'
    assert way_on in clone.did("status")
    clone.commit(DONE_BY_HAND, "T-01 shout")
    assert "T-02 say so" in clone.did("advance")


def test_a_subject_that_names_a_task_does_it(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND, "T-01 shout")
    assert "T-02 waits for a person" in clone.refused("advance")
    assert clone.log()[-2:] == [
        "CH-001 execute: T-01 shout",
        "CH-001 execute: run-001 done, T-02 waits for a person",
    ]


def test_a_subject_that_names_none_does_the_only_open_task(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND, "T-01 shout")
    clone.refused("advance")
    clone.commit(NAMED, "say so in the README")
    assert "T-02 say so" in clone.did("advance")


def test_a_subject_that_names_none_does_nothing_where_two_are_open(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND, "shout")
    assert "T-01, T-02 wait" in clone.refused("advance")


def test_what_git_reverted_did_no_task(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND, "T-01 shout")
    clone.git("revert", "--no-edit", "HEAD")
    assert "T-01, T-02 wait" in clone.refused("advance")
    clone.commit(DONE_BY_HAND, "T-01 shout after all")
    assert "T-02 waits for a person" in clone.refused("advance")
    clone.commit(NAMED, "say so in the README")
    clone.git("revert", "--no-edit", "HEAD")
    assert "T-02 waits for a person" in clone.refused("advance")
    clone.commit({}, "T-02 nothing more to say")
    assert "CH-001 execute: T-02 say so" in clone.did("advance")
    assert "nothing of the product" not in clone.did("status"), "T-01 is there"


def test_a_revert_does_what_it_names_itself(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND, "T-01 shout")
    clone.commit(NAMED, 'T-02: Revert "T-01 of old"')
    told = clone.codexa("advance").out
    assert "execute: T-01 shout" in told
    assert "execute: T-02 say so" in told


def test_work_of_which_nothing_is_left_is_not_done(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND | NAMED, "T-01, T-02: shout and say so")
    clone.did("advance")
    before = clone.raw("README.md", "main")
    clone.commit({"shout.sh": None, "README.md": before}, "take it all back")
    told = clone.refused("advance")
    assert "CH-001 cannot leave execute yet: nothing is left of what its tasks did" in told
    assert "now   nothing of the product differs from main any more" in told
    assert 'hint: git codexa rework CH-001 -m "its work was taken back"' in told
    assert "hint: or end it: git codexa abandon CH-001" in told
    assert clone.codexa("check", "--through", "execute").status == 1
    clone.did("rework", "CH-001", "-m", "its work was taken back")
    clone.commit({}, "T-01, T-02: there is nothing to do")
    clone.did("advance")
    assert clone.codexa("check", "--through", "execute").status == 0


def test_one_commit_may_do_both(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND | NAMED, "T-01, T-02: shout and say so")
    assert "results-approved" in clone.until().err


def test_commits_may_be_amended_and_empty_before_the_tool_looks(at: At) -> None:
    clone = at("approved by hand")
    clone.commit({"shout.sh": "echo HELL\n"}, "T-01 shout")
    clone.write("shout.sh", "echo HELLO\n")
    clone.git("commit", "-qa", "--amend", "-m", "T-01 shout it well")
    clone.commit(NAMED, "T-02 say so")
    clone.commit({}, "T-02 nothing more")
    assert "results-approved" in clone.until().err


def test_a_rebase_of_everything_keeps_every_record_true(at: At) -> None:
    clone = at("executed")
    _base_moves(clone)
    clone.git("rebase", "-q", "main")
    assert "results-approved" in clone.until().err


def test_a_squash_of_everything_keeps_every_record_true(at: At) -> None:
    clone = at("executed")
    clone.git("reset", "-q", "--soft", "main")
    clone.git("commit", "-qm", "all of it")
    assert "results-approved" in clone.until().err


def test_a_merge_of_the_base_by_hand_is_a_sync(at: At) -> None:
    clone = at("executed")
    _base_moves(clone)
    clone.git("merge", "-q", "--no-edit", "main")
    assert "results-approved" in clone.until().err


def test_a_plan_may_be_edited_before_it_is_approved(at: At) -> None:
    clone = at("planned")
    tasks = clone.read("changes/CH-001/tasks.md").replace("shout", "shout loud", 1)
    papers = {"changes/CH-001/tasks.md": tasks, "changes/CH-001/recipes.toml": None}
    clone.commit(papers, "say more")
    clone.did("approve")
    assert "T-01 shout loud" in clone.did("advance")


def test_an_approved_plan_goes_stale_by_one_byte(at: At) -> None:
    clone = at("approved")
    tasks = clone.read("changes/CH-001/tasks.md")
    clone.commit({"changes/CH-001/tasks.md": tasks + "\n\n"}, "one byte")
    told = clone.refused("advance")
    assert "Demo PM: stale: changes/CH-001/tasks.md changed since" in told
    clone.did("approve")
    clone.did("advance")


def test_an_approved_plan_goes_stale_by_a_mode_bit(at: At) -> None:
    clone = at("approved")
    (clone.folder / "changes/CH-001/tasks.md").chmod(0o755)
    clone.git("commit", "-qam", "mode")
    assert "stale: changes/CH-001/tasks.md changed since" in clone.refused("advance")


def test_work_before_the_plan_is_approved_is_refused(at: At) -> None:
    clone = at("planned")
    clone.commit({"greet.sh": "echo hello # early\n"}, "early")
    told = clone.refused("advance")
    assert "rule  plan-before-product: " in told
    assert "now   greet.sh changes before the plan is approved" in told
    assert "hint: git codexa approve CH-001" in told


def test_work_after_validate_is_tested_again(at: At) -> None:
    clone = at("validated")
    clone.commit({"greet.sh": "echo hello # later\n"}, "later")
    assert "CH-001 validate: 1 test passes" in clone.did("advance")


def test_work_after_a_package_was_approved_asks_again_for_what_changed(at: At) -> None:
    clone = at("package approved")
    clone.commit({"greet.sh": "echo hello # later\n"}, "later")
    assert "stale: greet.sh changed since" in clone.until().err
    assert ", results\n" in clone.did("approve"), "the packet does not tell of it yet"
    assert IMPACT_ANEW in clone.until().err
    assert ", 11 files" in clone.did("approve")
    assert "can land" in clone.until().out


def test_work_after_closing_opens_the_change_again(at: At) -> None:
    clone = at("closed")
    clone.commit({"greet.sh": "echo hello # later\n"}, "later")
    assert "the tree has changed since it was tested" in clone.refused("land")
    assert "stale: greet.sh changed since" in clone.until().err
    assert clone.git("ls-tree", "--name-only", "HEAD", "PROGRESS.md") == ""
    clone.did("approve")
    assert IMPACT_ANEW in clone.until().err
    clone.did("approve")
    assert "can land" in clone.until().out
    clone.did("land")
    assert clone.read("PROGRESS.md", "main").count("CH-001") > 0


def _base_moves(clone: Clone) -> None:
    clone.git("switch", "-q", "main")
    clone.commit({"other.txt": "other\n"}, "other")
    clone.git("switch", "-q", "change/CH-001")


def test_while_observing_a_task_that_waits_is_told_and_not_the_missing_approval(at: At) -> None:
    clone = at("adopted")
    words = ("--context", "c", "--scope", "s", "--out-of-scope", "o")
    clone.did("open", "shout", *words, "--criterion", "`sh shout.sh` prints `HELLO`")
    told = clone.until("--unapproved").err
    assert "CH-001 cannot leave execute yet: not every task is done" in told
    assert "plan-approved" not in told
    hint = 'hint: git commit -m "T-01 ...", then: git codexa advance CH-001 --unapproved'
    assert hint in told.split("\n")
    clone.commit({"shout.sh": "echo HELLO\n"}, "T-01 shout")
    assert "T-01 make sure" in clone.did(*hint.partition("git codexa ")[2].split())


def test_while_observing_what_waits_for_room_is_told_with_the_option_that_was_asked_with(
    at: At,
) -> None:
    clone = at("adopted")
    words = ("--context", "c", "--scope", "s", "--out-of-scope", "o")
    clone.did("open", "shout", *words, "--criterion", "`sh shout.sh` prints `HELLO`")
    run = "[\"sh -c 'echo echo HELLO > greet.sh'\"]"
    task = f'[[task]]\ntitle = "shout"\ncriteria = ["AC-1"]\nrun = {run}\n'
    clone.commit({"changes/CH-001/recipes.toml": task}, "say how")
    clone.did("advance")
    clone.did("advance", "--unapproved")
    clone.write("greet.sh", "mine\n")
    told = clone.codexa("advance", "--unapproved").err
    hint = "hint: commit or stash, then: git codexa advance CH-001 --unapproved"
    assert hint in told.split("\n")
    clone.git("checkout", "-q", ".")
    assert "handed to validate" in clone.did(*hint.partition("git codexa ")[2].split())


def test_while_observing_status_tells_of_the_test_that_fails(at: At) -> None:
    clone = at("adopted")
    words = ("--context", "c", "--scope", "s", "--out-of-scope", "o")
    clone.did("open", "shout", *words, "--criterion", "`sh shout.sh` prints `HELLO`")
    clone.until("--unapproved")
    clone.commit({"shout.sh": "echo HELL\n"}, "T-01 shout")
    told = clone.until("--unapproved").err
    assert "CH-001 cannot leave validate yet: not every test passes" in told
    screen = clone.did("status")
    assert "validate ●" in screen
    assert "make the tests pass" in screen
    assert "read brief and plan" not in screen
    assert "it went on without plan-approved" in screen
    assert "make the tests pass" in clone.did("board")


def _done(clone: Clone) -> dict[str, tuple[str, list[str]]]:
    """Who did each task by the records, and what it touched."""
    lines = clone.read("audit/CH-001/handoff.jsonl").splitlines()
    records = [json.loads(line) for line in lines]
    return {
        r["data"]["task_id"]: (
            r["actor"]["name"],
            [file["path"] for file in r["data"]["files_touched"]],
        )
        for r in records
        if r["type"] == "task.completed"
    }


def _by_ada(clone: Clone, files: dict[str, str], subject: str) -> None:
    """A commit of another person, on whatever branch is checked out."""
    clone.commit(files, subject)
    clone.git("commit", "-q", "--amend", "--no-edit", "--author=Demo Ada <ada@demo.invalid>")


def test_tasks_on_a_branch_that_was_merged_are_done_by_their_authors(at: At) -> None:
    clone = at("approved by hand")
    clone.git("switch", "-qc", "feature")
    _by_ada(clone, DONE_BY_HAND, "T-01 shout")
    clone.commit(NAMED, "T-02 say so")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("merge", "-q", "--no-ff", "--no-edit", "feature")
    assert "results-approved" in clone.until().err
    assert _done(clone) == {
        "T-01": ("Demo Ada", ["shout.sh"]),
        "T-02": ("Demo Dev", ["README.md"]),
    }
    assert clone.did("replay", "CH-001").startswith("CH-001 replays")


def test_a_merged_branch_of_merges_does_its_tasks_in_order_and_the_base_does_none(at: At) -> None:
    clone = at("approved by hand")
    clone.git("switch", "-qc", "inner")
    clone.commit({"shout.sh": "echo HELL\n"}, "T-01 shout")
    clone.git("switch", "-qc", "feature", "change/CH-001")
    _by_ada(clone, NAMED, "T-02 say so")
    clone.git("merge", "-q", "--no-ff", "--no-edit", "inner")
    clone.commit(DONE_BY_HAND, "T-01 shout it well")
    clone.git("switch", "-q", "main")
    clone.commit({"other.txt": "other\n"}, "T-01 of another change")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("merge", "-q", "--no-edit", "main")
    clone.git("merge", "-q", "--no-ff", "--no-edit", "feature")
    clone.until()
    assert _done(clone) == {
        "T-01": ("Demo Dev", ["shout.sh"]),
        "T-02": ("Demo Ada", ["README.md"]),
    }


def test_a_commit_without_a_name_on_a_merged_branch_does_the_only_open_task(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND, "T-01 shout")
    clone.refused("advance")
    clone.git("switch", "-qc", "feature")
    _by_ada(clone, NAMED, "say so in the README")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("merge", "-q", "--no-ff", "--no-edit", "feature")
    assert "T-02 say so" in clone.did("advance")
    assert _done(clone)["T-02"] == ("Demo Ada", ["README.md"])


def test_an_empty_commit_takes_no_task_from_the_one_that_brought_its_files(at: At) -> None:
    clone = at("approved by hand")
    _by_ada(clone, DONE_BY_HAND, "T-01 shout")
    clone.commit({}, "T-01 T-02 done")
    clone.until()
    assert _done(clone) == {"T-01": ("Demo Ada", ["shout.sh"]), "T-02": ("Demo Dev", [])}


def test_a_merge_that_brings_records_too_does_not_hide_what_people_did_beside_them(at: At) -> None:
    clone = at("approved by hand")
    clone.git("switch", "-qc", "theirs")
    _by_ada(clone, DONE_BY_HAND, "T-01 shout")
    clone.git("branch", "-qf", "change/CH-001", "theirs")
    clone.git("switch", "-q", "change/CH-001")
    clone.refused("advance")
    _by_ada(clone, NAMED, "T-02 say so")
    theirs = clone.tip()
    clone.git("reset", "-q", "--hard", "theirs~1")
    clone.commit({"greet.sh": "echo hello # mine\n"}, "T-01 mine")
    clone.git("merge", "-q", "--no-ff", "--no-edit", theirs)
    assert "results-approved" in clone.until().err
    assert _done(clone) == {
        "T-01": ("Demo Ada", ["shout.sh"]),
        "T-02": ("Demo Ada", ["README.md"]),
    }


def test_status_says_what_waits_to_be_taken_up(at: At) -> None:
    clone = at("approved by hand")
    assert "taken up" not in clone.did("status")
    clone.commit(DONE_BY_HAND, "T-01 shout")
    clone.commit({"shout.sh": "echo HELLO # loud\n"}, "T-01 louder")
    told = clone.did("status")
    assert "2 commits by hand wait to be taken up by git codexa advance CH-001\n" in told
    assert "next, Implementer (agent): take up what people did\n" in told
    (change,) = json.loads(clone.did("status", "--json"))["changes"]
    assert len(change["by_hand"]) == 2
    assert change["by_hand"][1] == clone.tip()
    assert change["move"]["command"] == "git codexa advance CH-001"
    clone.refused("advance")
    told = clone.did("status")
    assert "taken up" not in told
    assert 'git commit -m "T-02 ..."' in told


def test_a_commit_that_does_no_task_waits_for_nothing(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(DONE_BY_HAND, "shout")
    told = clone.did("status")
    assert "taken up" not in told
    assert 'git commit -m "T-01 ..."' in told


def test_status_tells_of_a_task_that_was_done_before_its_turn(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(NAMED, "T-02 say so")
    told = clone.did("status")
    assert "1 commit by hand waits to be taken up, once the tasks before are done" in told
    assert 'git commit -m "T-01 ..."' in told


def test_three_tasks_by_hand_are_a_story_without_fault(at: At) -> None:
    """The middle one's commit brings no record but a person's, and the Implementer made it."""
    clone = at("enforced")
    asked = [word for n in "abc" for word in ("--criterion", f"`cat {n}` prints `{n}`")]
    clone.did("open", "Three", "--context", "c", "--scope", "s", "--out-of-scope", "o", *asked)
    clone.did("advance")
    clone.did("approve")
    for number, name in enumerate("abc", 1):
        clone.commit({name: name}, f"T-0{number}: {name}")
    clone.until()
    for _ in range(2):
        clone.did("approve")
        clone.until()
    clone.did("land")
    assert clone.codexa("verify", "--story").status == 0
