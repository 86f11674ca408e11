"""Owners who would lock themselves out: refused, or told of the day, and what is left to them."""

import json

import pytest
from policy.authenticator import SecurityKey
from scenarios.clone import At, Clone

PM = "pm@demo.invalid"
DAY = 86_400
NOON = 1_767_268_800
TOMORROW = "2026-01-02T12:00:01Z"


def changed(clone: Clone, old: str, new: str, path: str = "codexa.toml") -> Clone:
    """The clone on a branch on which one text of a policy file is another."""
    clone.git("switch", "-q", "-c", "policy/next")
    text = clone.read(path)
    assert old in text
    clone.commit({path: text.replace(old, new) + "\n"}, "next")
    return clone


def ending(clone: Clone) -> Clone:
    """The clone on a branch on which the sole owner's only key ends tomorrow."""
    named = 'pm@demo.invalid namespaces="codexa"'
    until = f'{named},valid-before="20260102120000Z"'
    return changed(clone, named, until, ".codexa/allowed_signers")


@pytest.mark.parametrize(("asks", "word"), [("require_touch", "a touch"), ("require_pin", "a PIN")])
def test_what_no_owners_key_can_give_is_not_asked_for(at: At, asks: str, word: str) -> None:
    clone = changed(at("enforced"), f"{asks} = false", f"{asks} = true")
    before = clone.tip("main"), clone.tip()
    told = clone.refused("policy", "sign")
    assert "1 owner would have to sign the next, and 0 can" in told
    assert f"it asks for {word}, which only security keys give" in told
    assert f"hint: git codexa people add 'Demo PM' {PM} --key ~/.ssh/id_ed25519_sk.pub" in told
    assert (clone.tip("main"), clone.tip()) == before
    assert told.splitlines()[0].startswith("error: this policy cannot come to main: ")


def test_with_a_security_key_of_an_owners_it_is(at: At) -> None:
    clone = at("enforced")
    clone.did("people", "add", "Demo PM", PM, "--key", SecurityKey("sk-ed25519").public)
    changed(clone, "require_touch = false", "require_touch = true")
    answer = clone.codexa("policy", "sign")
    assert (answer.status, answer.err) == (0, "")
    assert "policy: next" in answer.out


def test_the_day_on_which_nobody_can_sign_is_told_before_the_signature(at: At) -> None:
    clone = ending(at("enforced"))
    told = (
        f"warning: from {TOMORROW} on the owners can sign nothing: 1 owner has to sign,"
        " and none of them have a key that lasts longer\n"
        f"hint: before then: git codexa people rotate {PM} --key ~/.ssh/new.pub\n"
    )
    for words in (("policy", "sign", "--dry-run"), ("policy", "sign")):
        answer = clone.codexa(*words)
        assert (answer.status, answer.err.partition("warning: gate")[0]) == (0, told)


def test_a_key_that_gives_way_to_another_is_no_reason_to_warn(at: At) -> None:
    clone = at("enforced")
    answer = clone.codexa("people", "rotate", PM, "--key", SecurityKey("sk-ecdsa").public)
    assert (answer.status, answer.err) == (0, "")


def test_a_gate_that_nobody_could_pass_is_told(at: At) -> None:
    clone = changed(at("enforced"), "separate = false", "separate = true")
    answer = clone.codexa("policy", "sign")
    assert answer.status == 0
    assert "warning: gate.plan asks for 2 with the role pm, and 1 could sign now\n" in answer.err
    told = "warning: gate.package asks for 2 with the role pm of work that nobody signed, and 1"
    assert told in answer.err


def test_the_root_is_signed_by_who_was_told_when_its_owners_keys_end(at: At) -> None:
    clone = at("adopted")
    text = clone.read(".codexa/allowed_signers")
    until = text.replace('"codexa"', '"codexa",valid-before="20260102120000Z"', 1)
    clone.commit({".codexa/allowed_signers": until + "\n"}, "until tomorrow")
    answer = clone.codexa("enforce", "--demo", "--yes")
    assert answer.status == 0
    assert f"warning: from {TOMORROW} on the owners can sign nothing" in answer.err


def doctors(clone: Clone, about: str) -> tuple[str, str, list[str]]:
    found = json.loads(clone.codexa("doctor", "--json").out)["findings"]
    (one,) = [each for each in found if each["about"] == about]
    return one["word"], one["now"], one["do"]


class TestTooLate:
    """The sole owner's key has ended."""

    @pytest.fixture
    def late(self, at: At, monkeypatch: pytest.MonkeyPatch) -> Clone:
        clone = ending(at("enforced"))
        clone.did("policy", "sign")
        clone.git("switch", "-q", "main")
        word, now, _ = doctors(clone, "owners")
        assert word == "note"
        assert now.startswith(f"from {TOMORROW} on the owners can sign nothing")
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON + 2 * DAY))
        return clone

    def test_doctor_advises_nothing_that_is_impossible(self, late: Clone) -> None:
        word, now, do = doctors(late, "key user.signingkey")
        assert (word, do) == ("problem", [])
        assert now.endswith("outside of its time")
        word, now, do = doctors(late, "owners")
        assert word == "problem"
        assert now.startswith("they can sign nothing any more: 1 owner would have to sign the next")
        told = "the owners agree on a new trust root, and every clone pins it: git codexa root"
        assert do == [told]

    def test_no_act_of_theirs_is_taken(self, late: Clone) -> None:
        words = ("people", "add", "Demo PM", PM, "--key", SecurityKey("sk-ed25519").public)
        assert f"the key of {PM} was no longer valid" in late.refused(*words)
        told = late.refused("incident", "HEAD", "-m", "it has ended")
        assert "1 owner would have to sign the next, and 0 can" in told
