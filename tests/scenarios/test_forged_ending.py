"""A word that nobody signed ends no change, wherever people look."""

import json

import pytest
from gate.world import again
from scenarios.clone import At, Clone

from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import format_record
from codexa_git.audit.words import RecordType

COMMANDS = log_path("CH-001", "commands")


@pytest.fixture
def forged(at: At) -> Clone:
    """A change that says it was abandoned, under a signature that was over something else."""
    clone = at("approved")
    tip = clone.tip()
    clone.did("abandon", "-m", "no time")
    (true,) = [
        record
        for record in parse_log(clone.raw(COMMANDS), COMMANDS, "CH-001")
        if record.type is RecordType.ABANDONED
    ]
    clone.git("reset", "-q", "--hard", tip)
    line = format_record(again(true, data=true.data | {"reason": "signed by nobody"}))
    clone.commit({COMMANDS: clone.raw(COMMANDS) + line}, "over")
    return clone


def test_it_is_open_on_the_board_in_its_status_and_in_its_story(forged: Clone) -> None:
    assert "say whether you ended the change" in forged.did("board")
    assert "1 change abandoned" not in forged.did("board")
    assert json.loads(forged.did("log", "--json"))["abandoned"] is False
    (told,) = json.loads(forged.did("status", "--all", "--json"))["changes"]
    assert told["state"] == "open"


def test_it_is_open_in_the_figures_and_in_the_digest(forged: Clone) -> None:
    told = forged.did("digest")
    assert "Demo PM: say whether you ended the change" in told
    assert "abandoned" not in told


def test_what_people_say_in_it_is_recorded(forged: Clone) -> None:
    assert "is abandoned" not in forged.did("say", "/status CH-001")


def test_a_true_word_beside_a_forged_one_ends_it(forged: Clone) -> None:
    forged.did("abandon", "-m", "no time")
    assert "1 change abandoned" in forged.did("board")
    assert json.loads(forged.did("log", "--json"))["abandoned"] is True


def test_it_stops_everybody_until_the_one_it_names_has_spoken(forged: Clone) -> None:
    assert "a line says that it was abandoned" in forged.refused("advance")
    assert "abandoned" not in forged.read("changes/CH-001/status.md")
    assert "approval withdrawn by Demo PM" in forged.did("withdraw", "-m", "I never said so")
    forged.did("approve")
    forged.did("advance")
