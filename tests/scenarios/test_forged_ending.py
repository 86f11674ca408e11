"""A word that nobody signed ends no change, wherever people look."""

import json

import pytest
from gate.signing import spoilt
from gate.world import again
from scenarios.clone import BRIEF, At, Clone, Shelf, recipes

from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import Actor, format_record, parse_record
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
    assert "forged ending disowned by Demo PM" in forged.did("withdraw", "-m", "I never said so")
    forged.did("advance")


def test_whoever_disowns_it_is_told_so_and_keeps_their_approvals(forged: Clone) -> None:
    told = forged.did("withdraw", "-m", "I never said so")
    assert "this disowns the line of " in told
    assert "that says that Demo PM (owner) abandoned CH-001" in told
    assert "your approvals stand; to take them back as well, say it again" in told
    again = forged.did("withdraw", "-m", "and it is not ready")
    assert "approval withdrawn by Demo PM" in again
    assert "disowns" not in again
    forged.refused("advance")


EXPIRED = 'namespaces="codexa",valid-before="20200101Z"'


@pytest.fixture
def unsettled(at: At, shelf: Shelf, request: pytest.FixtureRequest) -> Clone:
    """An approved package, and a line in the name of another whose keys are written so."""
    clone = at("adopted")
    words = ("Demo Dev", "dev@demo.invalid", "--role", "dev", "--key", f"{shelf.dev}.pub")
    clone.did("people", "add", *words)
    lines = clone.read(".codexa/allowed_signers").splitlines(keepends=True)
    theirs = {line: line.replace('namespaces="codexa"', request.param) for line in lines}
    kept = [theirs[line] if line.startswith("dev@") else line for line in lines]
    clone.commit({".codexa/allowed_signers": "".join(kept)}, "until when")
    clone.did("enforce", "--demo", "--yes")
    brief = clone.folder.parent / "brief.md"
    brief.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(brief))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    for verb in ("advance", "approve", "advance", "advance", "approve", "advance", "approve"):
        clone.did(verb)
    tip = clone.tip()
    clone.did("abandon", "-m", "out of scope")
    true = parse_log(clone.raw(COMMANDS), COMMANDS, "CH-001")[-1]
    clone.git("reset", "-q", "--hard", tip)
    line = format_record(again(true, actor=Actor("Demo Dev", "dev@demo.invalid", "dev")))
    clone.commit({COMMANDS: clone.raw(COMMANDS) + line}, "tidy")
    return clone


@pytest.mark.parametrize("unsettled", [EXPIRED], indirect=True)
def test_an_owner_disowns_what_its_person_has_no_key_left_to_disown(
    unsettled: Clone, shelf: Shelf
) -> None:
    told = unsettled.refused("advance")
    assert "Demo Dev has no key now that could say whether it is theirs: Demo PM says" in told
    unsettled.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    assert 'hint: Demo PM types: git codexa withdraw CH-001 -m "why"' in unsettled.refused(
        "advance"
    )
    unsettled.refused("withdraw", "-m", "not mine")
    unsettled.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    done = unsettled.did("withdraw", "-m", "it is not so")
    assert "that says that Demo Dev (dev) abandoned CH-001" in done
    assert "forged ending disowned by Demo PM" in done
    unsettled.did("advance")


@pytest.mark.parametrize("unsettled", ['namespaces="codexa"'], indirect=True)
def test_no_owner_disowns_what_its_person_can_speak_of(unsettled: Clone, shelf: Shelf) -> None:
    told = unsettled.refused("advance")
    assert "hint: Demo Dev types: git codexa withdraw CH-001" in told
    assert "still waits for Demo Dev" in unsettled.did("withdraw", "-m", "it is not so")
    assert "hint: Demo Dev types: git codexa withdraw CH-001" in unsettled.refused("approve")
    unsettled.set_up("Demo Dev", "dev@demo.invalid", shelf.dev).did("withdraw", "-m", "not mine")
    unsettled.set_up("Demo PM", "pm@demo.invalid", shelf.pm).did("approve")
    unsettled.did("advance")


@pytest.fixture
def reviewed(at: At, shelf: Shelf) -> Clone:
    """A closed change, and on the base beneath it somebody else who has a say."""
    clone = at("adopted")
    words = ("Demo Dev", "dev@demo.invalid", "--role", "pm", "--key", f"{shelf.dev}.pub")
    clone.did("people", "add", *words)
    clone.did("enforce", "--demo", "--yes")
    brief = clone.folder.parent / "brief.md"
    brief.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(brief))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    for verb in ("advance", "approve", "advance", "advance", "approve", "advance", "approve"):
        clone.did(verb)
    clone.set_up(*words[:2], shelf.dev).did("abandon", "-m", "it leaks every password")
    return clone.set_up("Demo PM", "pm@demo.invalid", shelf.pm)


def revoked(clone: Clone) -> None:
    """Whoever ended the change is taken out of the policy, which the change then holds."""
    clone.git("switch", "-q", "main")
    clone.did("people", "revoke", "dev@demo.invalid")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("merge", "-q", "-m", "main", "main")


def test_a_true_word_ends_it_whatever_became_of_its_signer(reviewed: Clone) -> None:
    revoked(reviewed)
    assert "was abandoned by Demo Dev: it leaks every password" in reviewed.refused("advance")
    assert "abandoned by Demo Dev" in reviewed.codexa("check").out
    assert "nothing: it was abandoned" not in reviewed.did("board")
    assert "1 change abandoned" in reviewed.did("board")


def test_a_spoilt_word_of_somebody_gone_waits_for_an_owner(reviewed: Clone) -> None:
    *lines, last = reviewed.raw(COMMANDS).splitlines(keepends=True)
    line = format_record(spoilt(parse_record(last.rstrip(b"\n"))))
    reviewed.commit({COMMANDS: b"".join((*lines, line))}, "tidy")
    revoked(reviewed)
    found = json.loads(reviewed.codexa("check", "--json").out)
    (ask,) = [ask for ask in found["asks"] if ask["name"] == "not-abandoned"]
    assert ask["met"] is None
    assert ask["who"] == ["Demo PM"]
    assert found["answer"] != "yes"
    reviewed.did("withdraw", "-m", "Demo Dev never said so")
    found = json.loads(reviewed.codexa("check", "--json").out)
    (ask,) = [ask for ask in found["asks"] if ask["name"] == "not-abandoned"]
    assert ask["met"] is True
