"""Who has given git no name and no address: a newcomer, a CI job, someone who only looks."""

import json
from collections.abc import Callable

import pytest
from scenarios.clone import Clone

At = Callable[[str], Clone]


def nameless(clone: Clone) -> Clone:
    """The same clone, whose git no longer knows who sits there."""
    for setting in ("user.name", "user.email", "user.signingkey"):
        clone.git("config", "--unset", setting)
    return clone


@pytest.mark.parametrize(
    "typed",
    [
        "status",
        "status --all",
        "board",
        "board --json",
        "log",
        "log CH-001",
        "packet CH-001",
        "audit handoff CH-001",
        "policy show",
        "policy log",
        "people list",
        "replay CH-001",
        "digest",
        "digest --weekly",
        "milestone",
        "backlog list",
        "concern list CH-001",
        "retention list",
        "retention sweep --dry-run",
        "verify",
        "root",
    ],
)
def test_what_only_tells_is_told_to_anybody_and_alike(typed: str, at: At) -> None:
    clone = at("landed")
    known = clone.codexa(*typed.split())
    unknown = nameless(clone).codexa(*typed.split())
    assert known.status == 0, known
    assert unknown == known


def test_a_move_of_somebody_is_never_yours_where_nobody_is_known(at: At) -> None:
    clone = at("planned")
    assert "your move, Demo PM" in clone.did("status", "CH-001")
    nameless(clone)
    assert "the move is Demo PM's: read brief and plan" in clone.did("status", "CH-001")
    assert "yours" not in clone.did("status", "--all")
    assert json.loads(clone.did("board", "--json"))["groups"]["yours"] == []
    answer = json.loads(clone.did("status", "--json"))
    assert answer["person"] is None
    assert [change["move"]["yours"] for change in answer["changes"]] == [False]


def test_an_approval_is_told_by_name_where_nobody_is_known(at: At) -> None:
    clone = at("approved")
    assert "you approved the plan" in clone.did("status", "CH-001")
    assert "Demo PM approved the plan" in nameless(clone).did("status", "CH-001")


@pytest.mark.parametrize("half", ["user.name", "user.email"])
def test_half_of_a_name_is_none(half: str, at: At) -> None:
    clone = at("planned")
    clone.git("config", "--unset", half)
    assert json.loads(clone.did("status", "--json"))["person"] is None


@pytest.mark.parametrize(
    "typed",
    ["approve", "approve --dry-run", "advance", "open more", "people tester", "backlog add sing"],
)
def test_what_bears_a_name_says_how_git_is_told(typed: str, at: At) -> None:
    clone = nameless(at("planned"))
    before = clone.git("for-each-ref")
    told = clone.refused(*typed.split(), status=3)
    assert told.splitlines() == [
        "error: git does not know who you are",
        'hint: git config user.name "Your Name" && git config user.email you@example.org',
    ]
    assert clone.git("for-each-ref") == before


def test_a_clone_pins_nothing_for_a_command_that_is_refused_for_want_of_a_name(at: At) -> None:
    clone = nameless(at("enforced"))
    clone.git("config", "--unset", "codexa.root")
    answer = clone.codexa("backlog", "add", "sing")
    assert answer.status == 3
    assert "now pins" not in answer.err
    assert "codexa.root" not in clone.git("config", "--list")
