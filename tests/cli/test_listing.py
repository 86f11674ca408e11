"""One line a change: which of very many are said."""

import pytest
from workflow.reports.standings import AGENT, DEV, PM, POLICY, standing

from codexa_git.cli.listing import MOST, chosen
from codexa_git.workflow.reports.standing import Standing


def of_number(number: int) -> Standing:
    """Every fifth waits for a person, every thirtieth cannot be read, and agents have the rest."""
    move = standing().move if number % 5 == 0 else AGENT
    problem = "odd" if number % 30 == 1 else None
    return standing(move, change=f"CH-{number:03}", problem=problem)


def test_the_persons_own_and_what_cannot_be_read_come_before_others_in_their_order() -> None:
    found = [of_number(number) for number in range(1, 101)]
    said = [each.change for each in chosen(found, POLICY, PM)]
    own = [f"CH-{number:03}" for number in range(1, 101) if number % 5 == 0 or number % 30 == 1]
    assert len(own) == MOST
    assert said == own


def test_room_that_is_left_is_for_the_first_of_the_others() -> None:
    found = [of_number(number) for number in range(1, 101)]
    said = [each.change for each in chosen(found, POLICY, DEV)]
    assert said == sorted(said)
    assert len(said) == MOST
    assert {"CH-001", "CH-031", "CH-061", "CH-091"} < set(said)
    assert said[:3] == ["CH-001", "CH-002", "CH-003"]


@pytest.mark.parametrize("number", [0, 1, MOST])
def test_few_are_all_said(number: int) -> None:
    found = [of_number(each) for each in range(1, number + 1)]
    assert chosen(found, POLICY, PM) == found
