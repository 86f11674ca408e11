"""What people say in the course of a change, and what each word comes to."""

import json
import shlex
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Shelf
from scenarios.several import ENOUGH


def test_a_concern_blocks_closing_until_it_is_resolved(at: At) -> None:
    clone = at("package approved")
    clone.did("concern", "raise", "I worry")
    told = clone.refused("advance")
    assert "now   CN-1: I worry" in told
    assert 'hint: git codexa concern resolve CH-001 CN-1 "..."' in told
    assert "hint: git codexa advance" not in told
    clone.did("concern", "resolve", "CN-1", "no need to")
    assert "can land" in clone.until().out


def test_a_concern_is_named_by_its_number_with_or_without_the_change(at: At) -> None:
    clone = at("planned")
    clone.did("concern", "raise", "CH-001", "one")
    clone.did("concern", "raise", "two")
    clone.did("concern", "resolve", "CH-001", "CN-2", "done")
    assert clone.did("concern", "list") == (
        "CN-1  open    one (Demo PM)\nCN-2  closed  two (Demo PM)\n"
    )
    said = json.loads(clone.did("concern", "list", "--json"))
    assert [one["open"] for one in said] == [True, False]
    assert "it has: CN-1, CN-2" in clone.refused("concern", "resolve", "CN-9", "x", status=2)
    assert "CN-2 is closed already" in clone.refused("concern", "resolve", "CN-2", "x")


def test_the_same_concern_twice_in_one_second_is_two_concerns(at: At) -> None:
    clone = at("planned")
    clone.did("concern", "raise", "I worry")
    clone.did("concern", "raise", "I worry")
    assert clone.did("concern", "list").count("open") == 2


@pytest.mark.parametrize(
    "words",
    [
        ("concern", "raise", "CH-001"),
        ("concern", "raise", ""),
        ("concern", "raise", "a\x1b[31mb"),
        ("concern", "resolve", "CH-001", "CN-1"),
        ("concern", "resolve", "CH-001", "CN-1", "a", "b"),
        ("clarify", "CH-001"),
        ("clarify", " "),
        ("rework", "-m", "", "--to", "spec"),
        ("rework", "-m", "x", "--to", "spec", "--task", "T-99"),
        ("abandon", "-m", " "),
        ("waive", "--test", "x", "-m", "y"),
    ],
)
def test_what_says_too_little_is_refused_and_changes_nothing(
    words: tuple[str, ...], at: At
) -> None:
    clone = at("planned")
    before = clone.tip()
    clone.refused(*words, status=2)
    assert clone.tip() == before


def test_a_question_waits_for_an_answer_in_any_stage(at: At) -> None:
    clone = at("planned")
    clone.did("clarify", "how loud?")
    told = clone.refused("advance")
    assert "Q-1 waits for a signed answer: how loud?" in told
    assert 'hint: git codexa clarify CH-001 --answer Q-1 "..."' in told
    assert "it has: Q-1" in clone.refused("clarify", "very", "--answer", "Q-7", status=2)
    clone.did("clarify", "very", "--answer", "Q-1")
    assert "Q-1 is answered already" in clone.refused("clarify", "very", "--answer", "Q-1")
    assert "plan-approved" in clone.refused("advance")


@pytest.mark.parametrize("text", ['what of `a` and "b"?', "--loud or not?"])
def test_a_question_that_stands_in_the_brief_alone_is_to_be_asked(at: At, text: str) -> None:
    clone = at("opened")
    brief = clone.read("changes/CH-001/brief.md")
    asks = brief.replace("None.", f"- Q-7: {text}\n- What of cats? They hear well.")
    assert asks != brief
    clone.commit({"changes/CH-001/brief.md": f"{asks}\n"}, "wonder")
    told = clone.refused("advance")
    plain = text.replace("`", "")
    assert f"a question stands in the brief and nobody is asked: {plain}" in told
    hint = next(row for row in told.splitlines() if row.startswith("hint: git codexa clarify"))
    clone.did(*shlex.split(hint)[3:])
    assert f"Q-1 waits for a signed answer: {plain}" in clone.refused("advance")
    clone.did("clarify", "--answer", "Q-1", "both")
    clone.did("advance")


def test_rework_to_execute_does_the_tasks_again(at: At) -> None:
    clone = at("packaged")
    clone.did("rework", "--to", "execute", "-m", "once more")
    assert "T-01 shout, again" in clone.did("advance")


def test_rework_of_one_task_does_that_one_again(at: At) -> None:
    clone = at("executed")
    clone.did("rework", "--task", "T-01", "-m", "louder")
    told = clone.did("advance")
    assert "T-01 shout, again" in told
    assert "T-02" not in told


def test_rework_names_only_tasks_that_were_done(at: At) -> None:
    told = at("executed").refused("rework", "--task", "T-99", "-m", "x", status=2)
    assert "'T-99' is no task of CH-001 that was done" in told
    assert "done: T-01, T-02" in told


@pytest.mark.parametrize(
    ("stage", "next_work", "asked"),
    [
        ("frame", "CH-001 frame: handed to spec", "plan-approved"),
        ("spec", "", "plan-approved"),
        ("validate", "CH-001 validate: 1 test passes, snapshot matches", "results-approved"),
        ("package", "CH-001 package: impact and packet", "package-approved"),
    ],
)
def test_rework_to_another_stage_starts_there_and_leaves_earlier_work_standing(
    stage: str, next_work: str, asked: str, at: At
) -> None:
    clone = at("closed")
    clone.did("rework", "--to", stage, "-m", "once more")
    answer = clone.until()
    assert next_work in answer.out
    assert "execute:" not in answer.out
    assert f"rule  {asked}" in answer.err


def test_rework_goes_back_and_never_forward(at: At) -> None:
    told = at("planned").refused("rework", "--to", "validate", "-m", "x")
    assert "CH-001 is in spec: it cannot be sent back to validate" in told


def test_a_withdrawn_approval_has_to_be_given_again(at: At) -> None:
    clone = at("approved")
    clone.did("withdraw", "-m", "too soon")
    assert "plan-approved" in clone.refused("advance")
    assert "has approved nothing" in clone.refused("withdraw", "-m", "again")
    clone.did("approve")
    clone.did("advance")


def test_a_closed_change_with_a_withdrawn_approval_does_not_land(at: At) -> None:
    clone = at("closed")
    clone.did("withdraw", "-m", "wait")
    assert "rule  plan-approved: " in clone.refused("land")
    assert "brief and plan, results, 10 files" in clone.did("approve")
    assert "can land" in clone.until().out
    clone.did("land")


@pytest.mark.parametrize(
    "words",
    [
        ("advance",),
        ("approve",),
        ("land",),
        ("sync",),
        ("withdraw", "-m", "x"),
        ("rework", "-m", "x"),
        ("abandon", "-m", "x"),
        ("concern", "raise", "x"),
        ("clarify", "x"),
    ],
)
def test_nothing_more_is_done_to_an_abandoned_change(words: tuple[str, ...], at: At) -> None:
    clone = at("executed")
    clone.did("abandon", "-m", "not needed")
    before = clone.tip()
    told = clone.refused(*words)
    assert "CH-001 was abandoned by Demo PM: not needed" in told
    assert 'git codexa open "..." starts anew' in told
    assert clone.tip() == before
    assert "no concern was raised" in clone.did("concern", "list")


@pytest.mark.parametrize(
    "words", [("advance",), ("approve",), ("land",), ("sync",), ("rework", "-m", "x")]
)
@pytest.mark.parametrize("named", [(), ("CH-001",)], ids=["at hand", "named"])
def test_nothing_more_is_done_to_a_landed_change(
    words: tuple[str, ...], named: tuple[str, ...], at: At
) -> None:
    clone = at("landed")
    told = clone.refused(*words, *named)
    assert "CH-001 has landed on main, and nothing more can be done to it" in told
    assert "git branch -d change/CH-001" in told


def test_a_landed_change_whose_branch_is_gone_says_where_it_is(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    clone.git("branch", "-q", "-D", "change/CH-001")
    told = clone.refused("land", "CH-001")
    assert "CH-001 has landed on main" in told
    assert clone.git("log", "--first-parent", "--grep=CH-001", "--format=%s", "main") == (
        "Merge CH-001: Shouting"
    )


def test_on_the_base_the_open_changes_are_named(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    assert "name one (CH-001)" in clone.refused("advance", status=2)
    landed = at("landed")
    landed.git("switch", "-q", "main")
    assert 'git codexa open "what should change"' in landed.refused("advance", status=2)


@pytest.mark.parametrize(
    "name",
    ["../x", "CH-001\n", "C\u041d-001", "ch-001", "CH-1", "CH-0001", "CH-000", "-x", "", "CH-001 "],
)
@pytest.mark.parametrize("verb", ["advance", "approve", "land", "sync"])
def test_a_hostile_id_is_no_change_id(verb: str, name: str, at: At) -> None:
    told = at("planned").refused(verb, "--", name, status=2)
    assert told.splitlines()[0].endswith("is not a change id")
    assert told.isascii()


def test_who_has_no_role_is_told_who_can_end_a_change_they_opened(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    clone = at("enforced")
    clone.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    clone.did("open", "Shout", *ENOUGH)
    told = clone.refused("abandon", "-m", "a mistake")
    who = "somebody with a role in the policy, and dev@demo.invalid has none"
    assert told.splitlines() == [
        f"error: CH-001 is ended by {who}",
        "hint: nobody else has it yet: git switch main && git branch -D change/CH-001",
        'hint: ask Demo PM to type: git codexa abandon CH-001 -m "why"',
    ]
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    clone.git("remote", "add", "origin", str(tmp_path / "bare.git"))
    clone.git("push", "-q", "-u", "origin", "main", "change/CH-001")
    assert "nobody else has it" not in clone.refused("abandon", "-m", "a mistake")
    clone.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    clone.did("abandon", "-m", "a mistake")
    assert "abandoned by Demo PM: a mistake" in clone.refused("advance")


def test_what_cannot_be_waived_or_answered_says_what_can(at: At) -> None:
    clone = at("planned")
    told = clone.refused("waive", "--test", "a", "-m", "x", status=2)
    assert "error: 'a' is not a failing test here: no results say that one fails\n" in told
    assert "hint: what comes next: git codexa status CH-001\n" in told
    told = clone.refused("clarify", "loud", "--answer", "Q-9", status=2)
    assert "hint: nobody has asked any yet\n" in told
    clone.did("clarify", "how loud?")
    assert "hint: it has: Q-1\n" in clone.refused("clarify", "x", "--answer", "Q-9", status=2)
    told = clone.refused("concern", "resolve", "CN-1", "x", status=2)
    assert "hint: nobody has raised any yet\n" in told


def test_where_head_is_detached_the_branch_of_the_change_is_named(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "--detach")
    assert "hint: git switch change/CH-001\n" in clone.refused("advance")
    clone.git("switch", "-q", "--detach", "main")
    assert "hint: name one (CH-001), or git switch change/CH-001\n" in clone.refused("advance")
    clone.git("branch", "-q", "-D", "change/CH-001")
    assert 'hint: git codexa open "what should change"\n' in clone.refused("advance")
