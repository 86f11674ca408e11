"""A change that stands still: the concern about it, what raises it, and what answers it."""

import json
from collections.abc import Callable

import pytest
from scenarios.clone import At, Clone, recipes

NOON = 1_767_268_800
DAY = 86_400
Clock = Callable[[float], None]


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the clock to so many days after the prepared repositories were made."""

    def to(number: float) -> None:
        at = NOON + round(number * DAY)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(at))
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{at} +0000")

    return to


def concerns(clone: Clone) -> list[tuple[str, bool, str]]:
    """Label, whether it is open, and text, of those that say that the change stands still."""
    found = json.loads(clone.did("concern", "list", "CH-001", "--json"))
    return [(c["concern"], c["open"], c["text"]) for c in found if c["stalled"]]


def replays(clone: Clone) -> None:
    """Nothing: the tool's commits come out the same when they are made again."""
    assert "replays" in clone.did("replay", "CH-001")


def waiting_for_work(at: At) -> Clone:
    """A change whose next task is a person's."""
    clone = at("approved by hand")
    clone.refused("advance")
    return clone


def test_a_change_that_stops_for_days_gets_a_concern_that_says_why(at: At, days: Clock) -> None:
    clone = waiting_for_work(at)
    days(4)
    told = clone.refused("advance")
    assert "not every task is done" in told
    assert clone.log()[-1] == "CH-001 execute: CN-1, nothing has moved for 4 days"
    why = (
        "nothing has moved for 4 days: not every task is done (T-01, T-02 wait for a person:"
        " a commit does those that its subject names)"
    )
    assert concerns(clone) == [("CN-1", True, why)]
    assert clone.git("log", "-1", "--format=%an") == "PM (agent)"
    assert clone.is_clean()
    replays(clone)


def test_it_is_raised_once_for_one_stop(at: At, days: Clock) -> None:
    clone = waiting_for_work(at)
    days(3)
    clone.refused("advance")
    tip = clone.tip()
    for later in (3, 4, 30):
        days(later)
        clone.refused("advance")
        clone.refused("advance", "--until-blocked")
    assert clone.tip() == tip


def test_one_that_a_person_resolved_is_not_raised_again_for_the_same_stop(
    at: At, days: Clock
) -> None:
    clone = waiting_for_work(at)
    days(3)
    clone.refused("advance")
    clone.did("concern", "resolve", "CN-1", "the supplier answers in March")
    tip = clone.tip()
    days(30)
    clone.refused("advance")
    assert clone.tip() == tip


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_stop_of_two_days_is_none(at: At, days: Clock, after: float) -> None:
    clone = waiting_for_work(at)
    days(after)
    tip = clone.tip()
    clone.refused("advance")
    assert clone.tip() == tip


def test_whoever_committed_lately_is_at_work(at: At, days: Clock) -> None:
    clone = at("enforced")
    clone.did("open", "Shouting")
    days(3)
    clone.commit({"changes/CH-001/notes.md": "what we know\n"}, "notes")
    days(4)
    tip = clone.tip()
    clone.refused("advance")
    assert clone.tip() == tip
    days(6)
    clone.refused("advance")
    assert clone.log()[-1] == "CH-001 frame: CN-1, nothing has moved for 3 days"
    replays(clone)


@pytest.mark.parametrize("state", ["planned", "validated", "packaged"])
def test_waiting_for_an_approval_is_no_standing_still(at: At, days: Clock, state: str) -> None:
    clone = at(state)
    days(30)
    tip = clone.tip()
    assert "not approved" in clone.until().err
    assert clone.tip() == tip


def test_what_another_concern_tells_already_is_not_told_twice(at: At, days: Clock) -> None:
    clone = at("opened")
    failing = recipes("""run = ["sh -c 'exit 3'"]""")
    clone.commit({"changes/CH-001/recipes.toml": failing}, "say how")
    clone.did("advance")
    clone.did("approve")
    clone.refused("advance")
    days(30)
    clone.refused("advance")
    assert concerns(clone) == []


def test_the_next_task_answers_it_in_the_commit_that_moves(at: At, days: Clock) -> None:
    clone = waiting_for_work(at)
    days(3)
    clone.refused("advance")
    clone.commit({"shout.sh": "echo HELLO\n"}, "T-01 shout")
    clone.commit({"README.md": "# Greet\n\nSee shout.sh\n"}, "T-02 say so")
    clone.did("advance")
    assert [is_open for _, is_open, _ in concerns(clone)] == [False]
    moved = clone.git("log", "--format=%s", "--grep", "^Codexa-Record: concern.closed").split("\n")
    assert moved == ["CH-001 execute: T-01 shout"]
    replays(clone)


def test_a_rework_answers_it(at: At, days: Clock) -> None:
    clone = waiting_for_work(at)
    days(3)
    clone.refused("advance")
    clone.did("rework", "--to", "spec", "-m", "two tasks are one")
    assert [is_open for _, is_open, _ in concerns(clone)] == [False]
    replays(clone)


def test_a_later_stop_has_a_concern_of_its_own(at: At, days: Clock) -> None:
    clone = waiting_for_work(at)
    days(3)
    clone.refused("advance")
    clone.commit({"shout.sh": "echo HELLO\n"}, "T-01 shout")
    clone.refused("advance")
    days(9)
    clone.refused("advance")
    assert [(label, is_open) for label, is_open, _ in concerns(clone)] == [
        ("CN-1", False),
        ("CN-2", True),
    ]
    assert "nothing has moved for 6 days" in concerns(clone)[1][2]
    replays(clone)


def test_it_is_not_in_the_way_of_closing_and_landing(at: At, days: Clock) -> None:
    clone = waiting_for_work(at)
    days(3)
    clone.refused("advance")
    clone.commit({"shout.sh": "echo echo HELLO > shout.sh\n"}, "T-01 shout")
    clone.commit({"shout.sh": "echo HELLO\n"}, "T-01 shout it right")
    clone.commit({"README.md": "# Greet\n\nSee shout.sh\n"}, "T-02 say so")
    for _ in range(3):
        clone.until()
        clone.codexa("approve")
    clone.until()
    clone.did("land")
    replays(clone)


def test_one_that_is_still_open_is_answered_by_closing(at: At, days: Clock) -> None:
    """A person mends by hand what stopped the change in Cleanup, and no other move is needed."""
    clone = at("package approved")
    clone.commit({"changes/CH-001/design.md": "# CH-001 Shouting\n"}, "a slip")
    days(3)
    assert "its design is not written down" in clone.refused("advance")
    assert [is_open for _, is_open, _ in concerns(clone)] == [True]
    clone.git("revert", "--no-edit", "HEAD~1")
    clone.until()
    assert [is_open for _, is_open, _ in concerns(clone)] == [False]
    closing = "CH-001 cleanup: closed, evidence kept, 0 concerns open"
    assert clone.log("-1", "--grep", "^Codexa-Record: concern.closed", "HEAD") == [closing]
    clone.did("land")
    replays(clone)


def test_two_who_ask_at_once_make_one_commit(at: At) -> None:
    clone = waiting_for_work(at)
    tip = clone.tip()
    soon = str(NOON + 3 * DAY)
    later = str(NOON + 3 * DAY + 1)
    children = [
        clone.start("advance", SOURCE_DATE_EPOCH=when) for when in (soon, later, soon, later)
    ]
    for child in children:
        out, err = child.communicate(timeout=60)
        assert child.returncode == 1, (out, err)
        assert b"not every task is done" in err
    assert clone.git("rev-list", "--count", f"{tip}..HEAD") == "1"
    assert clone.is_clean()
    assert clone.is_sound()


def test_the_record_names_the_move_that_was_the_last(at: At, days: Clock) -> None:
    clone = waiting_for_work(at)
    days(3)
    clone.refused("advance")
    line = clone.read("audit/CH-001/concerns.jsonl")
    last = clone.read("audit/CH-001/handoff.jsonl").split("\n")[-1]
    assert json.loads(line)["data"]["after"] == json.loads(last)["id"]


def test_an_impact_that_a_person_left_unfinished_waits_for_them(at: At, days: Clock) -> None:
    clone = at("results approved")
    clone.commit({"changes/CH-001/impact.md": "# CH-001\n"}, "a slip")
    answer = clone.process("advance", "--until-blocked")
    assert answer.status == 1
    assert "hint: $EDITOR changes/CH-001/impact.md && git commit changes/CH-001/impact.md" in (
        answer.err
    )
    assert clone.log().count("CH-001 package: impact and packet") == 1
    days(3)
    clone.refused("advance")
    assert clone.log()[-1] == "CH-001 package: CN-1, nothing has moved for 3 days"
