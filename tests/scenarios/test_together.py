"""Two people on one change, each in a clone of their own."""

import json
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone, Shelf
from scenarios.pairs import BRANCH, Pair, Pairs

LATER = "1767272400"
CONCERNS = "audit/CH-001/concerns.jsonl"


@pytest.fixture
def pair(at: At, tmp_path: Path, shelf: Shelf) -> Pairs:
    """Two clones of a repository in a named state."""
    return lambda state: Pair(at(state), tmp_path, shelf)


def stands(clone: Clone, gate: str) -> bool:
    """True where one approval of this gate counts, as `status` has it."""
    (change,) = json.loads(clone.did("status", "CH-001", "--json"))["changes"]
    return [a["counts"] for a in change["approvals"] if a["gate"] == gate].count(True) == 1


def test_what_another_has_landed_since_is_said_to_have_landed(pair: Pairs) -> None:
    both = pair("package approved")
    both.first.did("advance")
    both.first.did("land")
    landing = both.first.tip("main")[:12]
    told = both.second.did("land")
    assert told == f"CH-001 has landed on main as {landing}, by Demo PM: nothing is left to land\n"


def test_what_another_has_landed_without_ones_own_is_said_so(pair: Pairs) -> None:
    both = pair("package approved")
    both.first.did("advance")
    both.first.did("land")
    both.second.commit({"shout.sh": "echo HELLO # mine\n"}, "mine")
    told = both.second.refused("land")
    hint = "hint: CH-001 has landed on main without what only this clone has: git codexa log CH-001"
    assert hint in told.splitlines()
    assert "closed" in both.second.did("log", "CH-001")


def test_whoever_cannot_ask_the_remote_is_told_so_as_landing_is_refused(pair: Pairs) -> None:
    both = pair("package approved")
    both.second.git("remote", "set-url", "origin", "/nowhere/at/all")
    told = both.second.refused("land")
    assert "hint: that is as last fetched; to look again: git fetch" in told.splitlines()


def test_what_was_committed_before_a_step_that_fails_is_pushed(pair: Pairs) -> None:
    both = pair("approved")
    before = both.pushed
    told = both.second.refused("advance", "--until-blocked", status=3)
    assert "this clone has no Tester's key" in told
    assert both.pushed == both.second.tip() != before
    both.first.did("sync", "CH-001")
    assert "CH-001 execute: T-02 say so" in both.first.log()


def test_a_word_goes_on_top_of_what_another_pushed_before(pair: Pairs) -> None:
    both = pair("planned")
    both.second.did("concern", "raise", "who reads it?")
    signed = both.pushed
    answer = both.first.codexa("approve")
    assert answer.status == 0
    assert (
        "the remote had more of CH-001: that is here now, and yours is on top of it" in answer.err
    )
    assert both.first.tip("HEAD~1") == signed
    assert both.first.tip() == both.pushed
    assert both.meet()[-2:] == [
        "CH-001 spec: CN-1 raised by Demo Dev (contributor)",
        "CH-001 spec: approved by Demo PM (pm), brief and plan",
    ]
    assert stands(both.second, "plan")


WORDS = [
    ("concern", "raise", "one"),
    ("concern", "resolve", "CN-1", "done"),
    ("clarify", "how loud?"),
    ("clarify", "very", "--answer", "Q-1"),
    ("approve",),
    ("withdraw", "-m", "not yet"),
]


def test_many_words_on_both_sides_are_all_there_in_order_and_nobody_is_asked_twice(
    pair: Pairs, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = pair("planned").of_one_person(shelf)
    for words in WORDS[:5]:
        both.first.did(*words, "--no-push")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", LATER)
    for words in (*WORDS[:4], ("concern", "raise", "two")):
        both.second.did(*words)
    theirs = both.second.raw(CONCERNS)
    both.first.did("sync")
    assert both.first.raw(CONCERNS).startswith(theirs)
    subjects = both.meet()
    assert [s.partition(": ")[2] for s in subjects[-10:]] == [
        "CN-1 raised by Demo PM (owner)",
        "CN-1 resolved by Demo PM (owner)",
        "Q-1 asked by Demo PM (owner)",
        "Q-1 answered by Demo PM (owner)",
        "CN-2 raised by Demo PM (owner)",
        "CN-3 raised by Demo PM (owner)",
        "CN-3 resolved by Demo PM (owner)",
        "Q-2 asked by Demo PM (owner)",
        "Q-2 answered by Demo PM (owner)",
        "approved by Demo PM (pm), brief and plan",
    ]
    assert stands(both.second, "plan")


def test_the_same_word_of_the_same_person_at_once_is_said_once(pair: Pairs, shelf: Shelf) -> None:
    both = pair("planned").of_one_person(shelf)
    both.first.did("approve", "--no-push")
    both.second.did("approve")
    both.first.did("sync")
    assert both.first.tip() == both.pushed
    assert both.meet().count("CH-001 spec: approved by Demo PM (pm), brief and plan") == 1


def test_what_followed_from_a_word_keeps_its_time_so_that_later_words_stand(
    pair: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = pair("executed")
    both.first.did("advance", "--no-push")
    both.first.did("approve", "--no-push")
    results = both.first.raw("tests/results/CH-001.json")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", LATER)
    both.second.did("concern", "raise", "later than all of it")
    answer = both.first.codexa("sync")
    assert answer.status == 0, answer
    assert both.first.raw("tests/results/CH-001.json") == results
    assert [s.partition(": ")[2] for s in both.meet()[-3:]] == [
        "CN-1 raised by Demo Dev (contributor)",
        "1 test passes, snapshot matches",
        "approved by Demo PM (pm), results",
    ]
    assert stands(both.second, "results")


def test_work_of_both_is_merged_and_each_commit_keeps_its_author(pair: Pairs) -> None:
    both = pair("approved by hand")
    both.second.commit({"shout.sh": "echo HELLO\n"}, "T-01 shout")
    both.second.did("concern", "raise", "loud")
    both.first.commit({"README.md": "# Greet\nSee shout.sh\n"}, "T-02 say so")
    both.first.did("advance")
    assert "T-02 say so" in both.meet()
    assert both.first.read("shout.sh") == "echo HELLO"
    author = both.first.git("log", "--format=%an", "--grep=^T-01")
    assert author == "Demo Dev"
    assert both.meet()[-1].startswith("CH-001 execute: ")


def test_results_of_another_tree_are_made_again_and_said_to_be(pair: Pairs) -> None:
    both = pair("executed")
    both.second.commit({"greet.sh": "echo hello # mine\n"}, "mine")
    both.second.git("push", "-q")
    answer = both.first.codexa("advance")
    assert "no longer fits there: CH-001 validate: 1 test passes" in answer.err
    assert "git codexa advance CH-001" in answer.err
    assert both.meet()[-1] == "mine"
    assert "CH-001 validate: 1 test passes" in both.first.codexa("advance").out


def test_what_is_made_again_by_the_same_command_asks_for_no_other(pair: Pairs) -> None:
    both = pair("executed")
    both.second.commit({"greet.sh": "echo hello # mine\n"}, "mine")
    both.second.git("push", "-q")
    answer = both.first.until()
    assert "no longer fits there: CH-001 validate: 1 test passes" in answer.err
    assert "hint: what is missing of it is made again now\n" in answer.err
    assert "git codexa advance" not in answer.err
    assert "CH-001 validate: 1 test passes" in both.first.log()[-1]


def test_tasks_done_in_both_are_there_once(pair: Pairs) -> None:
    both = pair("approved")
    both.first.did("advance", "--no-push")
    both.second.did("advance")
    both.first.did("sync")
    subjects = both.meet()
    assert sum("T-01 shout" in subject for subject in subjects) == 1
    assert sum("T-02 say so" in subject for subject in subjects) == 1


def test_an_approval_of_what_the_other_side_changed_is_put_and_does_not_count(
    pair: Pairs,
) -> None:
    both = pair("planned")
    tasks = both.second.read("changes/CH-001/tasks.md")
    both.second.commit({"changes/CH-001/tasks.md": tasks + "\n\n"}, "one byte")
    both.second.git("push", "-q")
    both.first.did("approve")
    assert both.meet()[-1] == "CH-001 spec: approved by Demo PM (pm), brief and plan"
    assert not stands(both.first, "plan")
    assert "changes/CH-001/tasks.md changed" in both.first.did("status")


def in_conflict(both: Pair) -> str:
    """The id of the first clone's commit, which the remote's is in conflict with."""
    both.second.commit({"greet.sh": "echo hello # theirs\n"}, "theirs")
    both.second.git("push", "-q")
    return both.first.commit({"greet.sh": "echo hello # mine\n"}, "mine")


def test_a_conflict_is_left_to_people_in_one_sentence_and_nothing_moves(pair: Pairs) -> None:
    both = pair("approved by hand")
    mine = in_conflict(both)
    pushed = both.pushed
    answer = both.first.codexa("concern", "raise", "loud")
    assert answer.status == 0
    assert (
        "not pushed: CH-001 has moved on the remote, and greet.sh was changed there and by your"
        f" {mine[:7]}" in answer.err
    )
    assert "git codexa sync CH-001" in answer.err
    assert both.first.tip("HEAD~1") == mine
    assert both.pushed == pushed
    assert "2 commits not pushed: git codexa sync CH-001" in both.first.did("status")


def test_a_commit_in_conflict_is_put_by_hand_on_top_of_all_else(pair: Pairs) -> None:
    both = pair("approved by hand")
    mine = in_conflict(both)
    both.first.did("concern", "raise", "loud", "--no-push")
    both.first.commit({"other.txt": "other\n"}, "another file")
    answer = both.first.codexa("sync")
    assert answer.status == 1
    told = answer.err
    said = f"error: your {mine[:7]} is not on CH-001 yet: greet.sh was changed on the remote, too"
    assert said in told
    assert f"git cherry-pick {mine[:12]}" in told
    assert both.first.log()[-3:] == [
        "theirs",
        "CH-001 execute: CN-1 raised by Demo PM (owner)",
        "another file",
    ]
    assert both.first.tip() == both.pushed
    status = both.first.did("status")
    assert f"git cherry-pick {mine[:12]}" in status
    with pytest.raises(AssertionError):
        both.first.git("cherry-pick", mine)
    both.first.write("greet.sh", "echo hello # both\n")
    both.first.git("add", "greet.sh")
    both.first.git("-c", "core.editor=true", "cherry-pick", "--continue")
    assert "cherry-pick" not in both.first.did("status")
    both.first.did("sync")
    assert both.first.git("for-each-ref", "refs/codexa/apart") == ""
    assert both.meet()[-1] == "mine"
    assert both.second.read("greet.sh") == "echo hello # both"


def test_uncommitted_work_in_the_way_keeps_everything_as_it_is(pair: Pairs) -> None:
    both = pair("approved by hand")
    both.second.commit({"greet.sh": "echo hello # theirs\n"}, "theirs")
    both.second.git("push", "-q")
    both.first.write("greet.sh", "echo hello # not committed\n")
    answer = both.first.codexa("concern", "raise", "loud")
    assert answer.status == 0
    assert "not pushed: 'greet.sh'" in answer.err
    assert "git stash" in answer.err
    assert (both.first.folder / "greet.sh").read_text() == "echo hello # not committed\n"
    both.first.git("checkout", "-q", "greet.sh")
    both.first.did("sync")
    assert both.meet()[-1] == "CH-001 execute: CN-1 raised by Demo PM (owner)"


def test_a_clone_that_is_a_week_old_gets_there_by_any_verb_and_sync(
    pair: Pairs, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = pair("approved by hand").of_one_person(shelf)
    ahead = both.second
    ahead.commit({"shout.sh": "echo HELLO\n", "README.md": "See shout.sh\n"}, "T-01 T-02")
    ahead.until()
    ahead.did("approve")
    ahead.git("switch", "-q", "main")
    ahead.commit({"PROGRESS.md": "# Progress\n"}, "meanwhile")
    ahead.git("push", "-q")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767873600")
    both.first.did("clarify", "is it done?")
    assert both.first.tip() == both.pushed
    told = both.first.did("sync")
    assert "main brought in" in told
    both.first.did("clarify", "yes", "--answer", "Q-1")
    both.first.until()
    ahead.did("sync", "CH-001")
    ahead.git("switch", "-q", BRANCH)
    assert "results-approved" in ahead.until().err or "package-approved" in ahead.until().err
    while "git codexa approve" in ahead.until().err:
        ahead.did("approve")
    ahead.git("branch", "-qf", "main", "origin/main")
    ahead.did("land")
    assert ahead.did("verify", "--story")
    ahead.did("replay", "CH-001")
    both.first.git("fetch", "-q")
    assert both.first.did("verify", "--story")


def test_a_remote_that_cannot_be_reached_is_said_and_made_up_for(pair: Pairs) -> None:
    both = pair("planned")
    away = both.remote.rename(both.remote.with_name("away.git"))
    answer = both.first.codexa("approve")
    assert answer.status == 0
    assert "warning: not pushed: origin cannot be pushed to" in answer.err
    assert "git codexa sync CH-001" in answer.err
    assert "1 commit not pushed: git codexa sync CH-001" in both.first.did("status")
    assert both.first.codexa("sync").status == 1
    away.rename(both.remote)
    both.first.did("sync")
    assert both.first.tip() == both.pushed
    assert "not pushed" not in both.first.did("status")


def test_with_nothing_to_bring_together_sync_says_so(pair: Pairs) -> None:
    both = pair("planned")
    assert both.first.did("sync") == "CH-001 has all that main and its remote have\n"


def test_a_merge_by_hand_of_what_the_remote_had_is_no_commit_of_its_own(pair: Pairs) -> None:
    both = pair("approved by hand")
    both.second.commit({"theirs.txt": "theirs\n"}, "theirs")
    both.second.git("push", "-q")
    both.first.commit({"mine.txt": "mine\n"}, "mine")
    both.first.git("pull", "-q", "--no-rebase", "--no-edit")
    both.second.did("concern", "raise", "loud")
    both.first.did("sync")
    assert both.meet()[-3:] == [
        "theirs",
        "CH-001 execute: CN-1 raised by Demo Dev (contributor)",
        "mine",
    ]


def test_a_merge_of_the_base_by_hand_keeps_the_base_as_its_parent(pair: Pairs) -> None:
    both = pair("approved by hand")
    both.second.git("switch", "-q", "main")
    base = both.second.commit({"PROGRESS.md": "# Progress\n"}, "meanwhile")
    both.second.git("push", "-q")
    both.second.git("switch", "-q", BRANCH)
    both.second.did("concern", "raise", "loud")
    both.first.git("fetch", "-q")
    both.first.git("reset", "-q", "--hard", "HEAD")
    both.first.git("merge", "-q", "--no-edit", "origin/main")
    both.first.did("sync")
    assert both.first.tip("HEAD^2") == base
    assert both.first.read("PROGRESS.md") == "# Progress"
    assert both.meet()[-1].startswith("Merge remote-tracking branch")


def test_a_sync_of_both_brings_the_base_in_once(pair: Pairs) -> None:
    both = pair("planned")
    both.second.git("switch", "-q", "main")
    both.second.commit({"PROGRESS.md": "# Progress\n"}, "meanwhile")
    both.second.git("push", "-q")
    both.second.git("switch", "-q", BRANCH)
    both.first.did("sync", "--no-push")
    both.second.did("sync")
    both.second.did("concern", "raise", "loud")
    both.first.did("sync")
    assert sum("main brought in" in subject for subject in both.meet()) == 1


def test_a_branch_that_was_deleted_on_the_remote_is_put_back_by_people_alone(pair: Pairs) -> None:
    both = pair("planned")
    git(both.remote, "update-ref", "-d", f"refs/heads/{BRANCH}")
    answer = both.first.codexa("approve")
    assert answer.status == 0
    assert "not pushed: change/CH-001 was deleted on origin" in answer.err
    assert "git push origin change/CH-001" in answer.err
    both.first.git("push", "-q", "origin", BRANCH)
    assert both.first.tip() == both.pushed
    both.first.did("concern", "raise", "it goes on")
    assert both.first.tip() == both.pushed


def test_a_branch_that_was_deleted_here_comes_back_from_the_remote(pair: Pairs) -> None:
    both = pair("planned")
    both.first.git("switch", "-q", "main")
    both.first.git("branch", "-qD", BRANCH)
    for words in (("status", "CH-001"), ("advance", "CH-001"), ("sync", "CH-001")):
        told = both.first.refused(*words, status=2)
        assert "CH-001 is not in this clone yet, but origin/change/CH-001 is" in told
        assert "git switch --track origin/change/CH-001" in told
    both.first.git("switch", "-q", "--track", f"origin/{BRANCH}")
    both.first.did("approve")
    assert both.first.tip() == both.pushed


def test_what_others_pushed_of_a_closed_change_is_not_passed_over_by_its_landing(
    pair: Pairs,
) -> None:
    both = pair("closed")
    base = both.first.tip("main")
    both.second.did("concern", "raise", "stop, it is too loud")
    said = both.first.refused("land")
    assert "CH-001 cannot land: others have pushed of it what is not here" in said
    assert "git codexa sync CH-001" in said
    assert both.first.tip("main") == base == git(both.remote, "rev-parse", "main")
    assert not both.first.git("tag", "--list", "landed/*")
    assert both.first.is_sound()
    both.first.did("sync")
    assert "concern" in both.first.refused("land")


def test_landing_in_turn_meets_what_others_pushed_of_the_change(pair: Pairs) -> None:
    both = pair("closed")
    both.second.did("concern", "raise", "stop, it is too loud")
    assert "CN-1" in both.first.refused("land", "--wait")
    assert both.first.tip(BRANCH) == both.pushed


def test_a_closed_change_whose_branch_is_gone_from_the_remote_lands(pair: Pairs) -> None:
    both = pair("closed")
    git(both.remote, "branch", "-D", BRANCH)
    both.first.did("land")
    assert git(both.remote, "branch", "--list", BRANCH) == ""


def test_a_commit_that_takes_records_out_is_named_with_what_puts_them_back(
    pair: Pairs,
) -> None:
    at = pair("planned")
    clone, path = at.second, "audit/CH-001/handoff.jsonl"
    at.first.did("clarify", "CH-001", "how loud?")
    first, *_ = clone.raw(path).splitlines(keepends=True)
    clone.commit({path: first}, "tidy up")
    told = clone.refused("sync", "CH-001")
    bad = clone.tip()[:12]
    assert f"{bad} takes lines out of {path}, which is only appended to" in told
    (hint,) = [line for line in told.splitlines() if "put them back" in line]
    for command in hint.partition("back: git ")[2].split("; git "):
        clone.git(*command.split())
    clone.did("sync", "CH-001")
    assert at.pushed == clone.tip()


def test_a_commit_that_was_amended_after_its_push_is_there_once_and_said_to_be_left_out(
    pair: Pairs,
) -> None:
    both = pair("approved by hand")
    clone = both.first
    clone.commit({"shout.sh": "echo HELLO\n"}, "T-01 shout")
    clone.git("push", "-q")
    pushed = both.pushed
    clone.git("commit", "-q", "--amend", "-m", "T-01 shout it")
    amended = clone.tip()
    answer = clone.codexa("sync")
    assert answer.status == 0, answer
    assert clone.tip() == both.pushed == pushed
    assert "the remote had more of CH-001: that is here now\n" in answer.err
    assert "others" not in answer.err
    assert "left out, since all that it changes is there: T-01 shout it" in answer.err
    assert f"it was: git show {amended[:12]}" in answer.err


def test_an_empty_commit_is_put_on_top_as_any_other(pair: Pairs) -> None:
    both = pair("approved by hand")
    both.second.commit({"greet.sh": "echo hello # theirs\n"}, "theirs")
    both.second.git("push", "-q")
    both.first.commit({}, "T-02 nothing to do")
    both.first.did("sync")
    assert both.first.log()[-2:] == ["theirs", "T-02 nothing to do"]


ASKED_AGAIN = {
    "approve": ("planned", ("approve",)),
    "withdraw": ("approved", ("withdraw", "-m", "too soon")),
    "abandon": ("planned", ("abandon", "-m", "not needed")),
    "resolve": ("worried", ("concern", "resolve", "CN-1", "no need to")),
}


@pytest.mark.parametrize("name", ASKED_AGAIN)
def test_what_was_killed_before_its_push_is_pushed_by_asking_again(pair: Pairs, name: str) -> None:
    state, words = ASKED_AGAIN[name]
    clone = pair("planned" if state == "worried" else state).first
    if state == "worried":
        clone.did("concern", "raise", "I worry")
    clone.did(*words, "--no-push")
    behind = clone.tip("origin/change/CH-001")
    clone.refused(*words, "--no-push")
    assert clone.tip("origin/change/CH-001") == behind
    assert "not pushed" not in clone.refused(*words)
    assert clone.git("ls-remote", "origin", "change/CH-001").split()[0] == clone.tip()


def test_a_refused_command_pushes_nothing_that_a_person_committed(pair: Pairs) -> None:
    clone = pair("planned by hand").first
    clone.did("approve")
    clone.commit({"README.md": "mine\n"}, "not yet for others")
    clone.refused("approve")
    assert clone.tip("origin/change/CH-001") == clone.tip("HEAD~1")


def test_an_approval_that_an_advance_brings_in_counts_in_that_very_advance(
    pair: Pairs, shelf: Shelf
) -> None:
    both = pair("validated").of_one_person(shelf)
    both.second.did("approve")
    answer = both.first.codexa("advance")
    assert answer.status == 0, answer
    assert answer.err == "the remote had more of CH-001: that is here now\n"
    assert answer.out.endswith("CH-001 package: impact and packet\n")
    assert both.first.tip() == both.pushed
    assert both.meet()[-2:] == [
        "CH-001 validate: approved by Demo PM (pm), results",
        "CH-001 package: impact and packet",
    ]


def test_a_whole_advance_goes_on_with_what_it_brings_in(pair: Pairs, shelf: Shelf) -> None:
    both = pair("planned").of_one_person(shelf)
    both.second.did("approve")
    answer = both.first.until()
    assert "CH-001 validate: 1 test passes" in answer.out
    assert "error: CH-001 cannot leave validate yet: its results are not approved" in answer.err
    assert both.first.tip() == both.pushed


def test_a_script_hears_of_what_an_advance_committed_and_not_of_what_it_brought_in(
    pair: Pairs, shelf: Shelf
) -> None:
    both = pair("validated").of_one_person(shelf)
    both.second.did("approve")
    answer = json.loads(both.first.did("advance", "--json"))
    assert (answer["ended"], answer["unmet"]) == ("moved", [])
    assert answer["commits"] == [
        {"commit": both.first.tip(), "subject": both.first.log()[-1]},
    ]


def test_a_closed_change_that_gets_a_concern_by_the_push_is_not_said_to_be_ready(
    pair: Pairs,
) -> None:
    both = pair("closed")
    both.second.did("concern", "raise", "not so fast")
    told = both.first.codexa("advance")
    assert "can land" not in told.out
    assert (told.status, both.first.tip()) == (1, both.pushed)


def test_a_slash_command_that_brings_in_an_approval_goes_on_with_it(
    pair: Pairs, shelf: Shelf
) -> None:
    both = pair("validated").of_one_person(shelf)
    both.second.did("approve")
    assert "Nothing could move" not in both.first.did("say", "/advance")
    assert both.first.log()[-1] == "CH-001 package: impact and packet"
    assert both.first.tip() == both.pushed


@pytest.mark.parametrize("words", [("--no-edit",), ("-m", "the brief")])
@pytest.mark.parametrize("others", [False, True])
def test_what_was_put_into_the_tools_pushed_commit_is_put_on_top_of_it(
    pair: Pairs, words: tuple[str, ...], *, others: bool
) -> None:
    both = pair("opened")
    clone, pushed, path = both.first, both.pushed, "changes/CH-001/brief.md"
    if others:
        both.second.commit({"changes/CH-001/notes.md": "theirs\n"}, "a note")
        both.second.git("push", "-q")
        pushed = both.pushed
    brief = clone.read(path).replace("Some do not hear well.", "Some hear nothing.")
    clone.write(path, f"{brief}\n")
    clone.git("commit", "-qa", "--amend", *words)
    amender = clone.git("log", "-1", "--format=%ce")
    clone.did("sync")
    assert "Some hear nothing." in clone.read(path)
    assert clone.tip("HEAD~1") == pushed
    assert clone.git("log", "-1", "--format=%ae%(trailers)") == amender
    assert both.pushed == clone.tip()
    assert clone.is_clean()
    clone.did("advance")
    assert clone.did("verify", "--story").endswith("no findings\n")


def test_what_conflicts_and_was_put_into_the_tools_pushed_commit_is_kept(pair: Pairs) -> None:
    both = pair("opened")
    clone, path = both.first, "changes/CH-001/brief.md"
    brief = clone.read(path)
    theirs = brief.replace("Some do not hear well.", "Nobody hears.")
    both.second.commit({path: f"{theirs}\n"}, "theirs")
    both.second.git("push", "-q")
    clone.write(path, brief.replace("Some do not hear well.", "Some hear nothing.") + "\n")
    clone.git("commit", "-qa", "--amend", "--no-edit")
    amended = clone.tip()
    answer = clone.codexa("sync")
    assert answer.status == 1
    assert amended[:7] in answer.err
    kept = clone.git("rev-list", "--all", "--glob=refs/codexa/*").split()
    assert amended in kept
