"""Every open change by whose turn it is."""

from itertools import product

import pytest
from workflow.reports.standings import AGENT, APPROVE, DEV, LAND, NOON, PM, POLICY, asked, standing

from codexa_git.audit.record import Actor
from codexa_git.change.governance import Due
from codexa_git.workflow.reports.grouping import LONG, Group, Placed, grouped, is_yours
from codexa_git.workflow.reports.standing import Asked, Move, Standing


def placed(found: Standing, person: Actor = DEV, at: int = NOON) -> Placed:
    (one,) = [each for group in grouped([found], POLICY, person, at).values() for each in group]
    return one


UNDECIDED = (asked("plan-approved", "spec", met=None),)
REFUSED = (asked("guarded-paths", None, met=False, now="codexa.toml"),)
FAILED = (asked("tests-pass-or-waived", "validate", met=False, now="1 of 2 fails"),)
LATE = (Due("CN-1", "2025-12-30", "who reads it?"),)


@pytest.mark.parametrize(
    ("found", "group", "what"),
    [
        (standing(), Group.OTHERS, "Demo PM: read brief and plan"),
        (standing(AGENT), Group.ANYONE, "PM (agent): make the plan"),
        (standing(LAND, state="closed"), Group.LANDING, "land it"),
        (standing(asks=UNDECIDED), Group.STUCK, "plan approved: so"),
        (standing(asks=REFUSED), Group.STUCK, "guarded paths: codexa.toml"),
        (standing(asks=FAILED), Group.STUCK, "tests pass or waived: 1 of 2 fails"),
        (standing(AGENT, asks=FAILED), Group.ANYONE, "PM (agent): make the plan"),
        (
            standing(due=LATE),
            Group.STUCK,
            "CN-1 was due 2 days ago, on 2025-12-30: who reads it?",
        ),
        (standing(stalled="CN-2, no tries left"), Group.STUCK, "CN-2, no tries left"),
        (
            standing(waiting="1" * 40),
            Group.YOURS,
            "a result waits here for room in your checkout: commit or stash, then",
        ),
        (standing(problem="no record", state="unreadable", since=""), Group.STUCK, "no record"),
    ],
)
def test_who_cannot_decide_sees_whose_turn_it_is(found: Standing, group: Group, what: str) -> None:
    one = placed(found)
    assert (one.group, one.what) == (group, what)


@pytest.mark.parametrize(
    ("asks", "what"),
    [
        ((), "read brief and plan"),
        (FAILED, "read brief and plan (tests pass or waived: 1 of 2 fails)"),
        (REFUSED, "read brief and plan (guarded paths: codexa.toml)"),
    ],
)
def test_what_you_can_do_something_about_is_yours_and_says_why(
    asks: tuple[Asked, ...], what: str
) -> None:
    one = placed(standing(asks=asks), PM, NOON + 10 * LONG)
    assert (one.group, one.what) == (Group.YOURS, what)


@pytest.mark.parametrize(
    ("move", "late", "group"),
    [
        (APPROVE, 0, Group.OTHERS),
        (APPROVE, LONG - 1, Group.OTHERS),
        (APPROVE, LONG, Group.STUCK),
        (AGENT, LONG - 1, Group.ANYONE),
        (AGENT, LONG, Group.STUCK),
    ],
)
def test_a_move_that_nobody_makes_for_a_week_is_stuck(move: Move, late: int, group: Group) -> None:
    one = placed(standing(move), at=NOON + late)
    assert one.group is group
    assert one.what.startswith("nobody made the next move: ") == (group is Group.STUCK)


def test_an_abandoned_change_is_in_no_group() -> None:
    groups = grouped([standing(state="abandoned")], POLICY, PM, NOON)
    assert list(groups) == list(Group)
    assert not any(groups.values())


def test_who_waits_longest_comes_first_and_what_has_no_time_last() -> None:
    times = {"CH-001": "2026-01-01T11:00:00Z", "CH-002": "", "CH-003": "2025-12-31T11:00:00Z"}
    found = [standing(change=change, since=at) for change, at in times.items()]
    order = [one.standing.change for one in grouped(found, POLICY, DEV, NOON)[Group.OTHERS]]
    assert order == ["CH-003", "CH-001", "CH-002"]


def test_every_change_is_in_exactly_one_group() -> None:
    for move, asks, state, person in product(
        (APPROVE, AGENT, LAND), ((), UNDECIDED, REFUSED, FAILED), ("open", "closed"), (PM, DEV)
    ):
        found = standing(move, asks=asks, state=state)
        groups = grouped([found], POLICY, person, NOON)
        assert sum(len(group) for group in groups.values()) == 1


def test_policy_says_by_which_name_a_person_is_asked() -> None:
    nickname = Actor("PM at home", PM.email, "pm")
    assert is_yours(POLICY, nickname, standing())
    assert not is_yours(POLICY, Actor("PM", "pm@else.invalid", "pm"), standing())
    assert not is_yours(POLICY, None, standing())
