import pytest

from codexa_git.gate.answers import Answer, Ask, no, undecided
from codexa_git.gate.requirements import REQUIREMENTS
from codexa_git.gate.verdict import ALWAYS
from codexa_git.workflow.changes.wording import APPROVALS, WORDINGS, count, lasting, when, wording

NOON = 1767268800


def test_every_requirement_is_worded_and_nothing_else() -> None:
    asked = [*ALWAYS, *(name for gate in REQUIREMENTS.values() for name in gate)]
    assert sorted(WORDINGS) == sorted(asked)
    assert set(APPROVALS.values()) <= set(asked)


def test_a_requirement_of_policys_own_is_worded_by_its_name() -> None:
    assert wording(Ask("lint", None, "", no("not yet"))) == (
        "lint does not pass",
        "make lint pass",
    )


def test_what_nobody_can_tell_yet_is_not_told_as_being_so() -> None:
    def because(answer: Answer) -> str:
        return wording(Ask("not-abandoned", None, "", answer)).because

    assert because(no("it was")) == "it was abandoned"
    assert because(undecided("who knows")) == "a line says that it was abandoned"


def test_a_rule_is_one_sentence_that_begins_large_and_fits() -> None:
    questions = [*ALWAYS.values(), *(q for gate in REQUIREMENTS.values() for q in gate.values())]
    for question in questions:
        rule = (question.__doc__ or "").split("\n")[0]
        assert rule.endswith("."), rule
        assert rule[0].isupper() or rule[0] == "`", rule
        assert "is met" not in rule


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (NOON, "today 12:00"),
        (NOON - 43_200, "today 00:00"),
        (NOON - 43_201, "Wed 23:59"),
        (NOON - 6 * 86_400, "2025-12-26"),
        (NOON + 86_400, "2026-01-02"),
    ],
)
def test_a_time_as_people_say_it(at: int, told: str) -> None:
    assert when(at, NOON) == told


def test_one_is_not_many() -> None:
    assert (count(1, "file"), count(0, "file"), count(2, "file")) == (
        "1 file",
        "0 files",
        "2 files",
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute"),
        (3_599, "59 minutes"),
        (3_600, "1 hour"),
        (86_399, "23 hours"),
        (86_400, "1 day"),
        (14 * 86_400 - 1, "13 days"),
        (14 * 86_400, "2 weeks"),
        (400 * 86_400, "57 weeks"),
    ],
)
def test_how_long_is_told_in_whole_units(seconds: int, told: str) -> None:
    assert lasting(seconds) == told
