"""Acts of the owners that are as they should be, and what each question answers."""

import pytest
from gate.realm import BYPASS, CHANGED, INCIDENT, OWNER, SECOND, Realm, unmet
from gate.world import DEV, PM
from policy.authenticator import SK_TYPES, SecurityKey

from codexa_git.audit.words import ACT_LOG
from codexa_git.gate.able import Lapse, able_owners, lapse, shortfall
from codexa_git.gate.governing import QUESTIONS, kind_of_act, last_act
from codexa_git.gate.owners import judge_root
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import Policy
from codexa_git.policy.signers import AllowedSigners, format_line
from codexa_git.repository.objects import Entry

CI = {".github/workflows/ci.yml": b"on: push\n"}


def test_a_policy_commit_that_an_owner_signed_is_one(realm: Realm) -> None:
    ruling = realm.judge(realm.act(CI))
    assert ruling.yes
    assert ruling.owners == (OWNER.email,)
    assert [ask.name for ask in ruling.asks] == list(QUESTIONS[CHANGED])


def test_two_owners_may_sign_where_one_is_enough(realm: Realm) -> None:
    ruling = realm.judge(realm.act(CI, OWNER, SECOND))
    assert ruling.yes
    assert ruling.owners == (OWNER.email, SECOND.email)


def test_where_two_have_to_sign_one_is_too_few(realm: Realm) -> None:
    two = realm.policy._replace(owner_count=2)
    assert unmet(realm.judge(realm.act(CI), policy=two)) == {"owners-signed"}
    assert realm.judge(realm.act(CI, OWNER, SECOND), policy=two).yes


def test_who_is_missing_is_named(realm: Realm) -> None:
    two = realm.policy._replace(owner_count=2)
    (ask,) = realm.judge(realm.act(CI), policy=two).unmet
    assert ask.answer.now == "1 of 2 owners signed"
    assert ask.answer.who == (SECOND.name,)


def test_files_may_go_and_change_their_mode(realm: Realm) -> None:
    with_ci = realm.edited(CI | {".ci/run": b"#!/bin/sh\n"})
    run = realm.store.entry(with_ci, ".ci/run")
    assert run is not None
    changes = {".github/workflows/ci.yml": None, ".ci/run": Entry("100755", run.oid)}
    assert realm.judge(realm.act(changes, base=with_ci), base=with_ci).yes


def test_a_change_of_policy_itself_is_judged_by_the_policy_before(realm: Realm) -> None:
    text = realm.policy_text("[owner]\ncount = 1", "[owner]\ncount = 2")
    tree = realm.act({"codexa.toml": text})
    assert realm.judge(tree).yes
    signers = realm.read(".codexa/allowed_signers")
    assert parse_policy(text, signers).owner_count == 2


def test_the_next_act_follows_the_last(realm: Realm) -> None:
    first = realm.act(CI)
    assert last_act(realm.store, first) != last_act(realm.store, realm.base)
    second = realm.act({".ci/run": b"x\n"}, base=first)
    assert realm.judge(second, base=first).yes


def test_a_bypass_brings_product(realm: Realm) -> None:
    tree = realm.act({"totals.py": b"2\n", "new/file.py": b"\n"}, kind=BYPASS)
    assert kind_of_act(realm.store, realm.base, tree) is BYPASS
    assert realm.judge(tree, BYPASS).yes


def test_an_incident_names_commits_and_may_mend_what_is_guarded(realm: Realm) -> None:
    named = {"commits": [realm.tip.oid]}
    only = realm.act({}, kind=INCIDENT, **named)
    assert kind_of_act(realm.store, realm.base, only) is INCIDENT
    assert realm.judge(only, INCIDENT).yes
    mended = realm.act({".gitattributes": None}, kind=INCIDENT, **named)
    assert realm.judge(mended, INCIDENT).yes


def test_an_incident_is_judged_by_the_policy_that_the_caller_names(realm: Realm) -> None:
    spoilt = realm.edited({"codexa.toml": b"nonsense ["})
    tree = realm.act(
        {"codexa.toml": realm.read("codexa.toml")},
        base=spoilt,
        kind=INCIDENT,
        commits=[realm.tip.oid],
    )
    assert realm.judge(tree, INCIDENT, base=spoilt).yes


def test_what_adds_no_record_is_no_act(realm: Realm) -> None:
    assert kind_of_act(realm.store, realm.base, realm.edited(CI)) is None


def test_a_broken_file_of_records_is_told_as_a_change_of_policy(realm: Realm) -> None:
    for content in (b"nonsense\n", b"cut"):
        tree = realm.edited({ACT_LOG: content})
        assert kind_of_act(realm.store, realm.base, tree) is CHANGED
        assert "records-appended" in unmet(realm.judge(tree))


def test_the_root_is_judged_from_its_own_tree(realm: Realm) -> None:
    ruling = judge_root(realm.store, realm.base, realm.context.at)
    assert ruling.yes
    assert ruling.asks[0].answer.now == realm.root
    assert ruling.owners == (OWNER.email,)


def test_a_tree_without_a_policy_or_one_that_observes_makes_no_root(realm: Realm) -> None:
    for change in (None, realm.policy_text('mode = "enforce"', 'mode = "observe"')):
        tree = realm.edited({"codexa.toml": change})
        assert not judge_root(realm.store, tree, realm.context.at).yes
    tree = realm.edited({"codexa.toml": b"nonsense ["})
    assert judge_root(realm.store, tree, realm.context.at).undecided


@pytest.mark.parametrize("asks", ["require_touch", "require_pin"])
def test_a_policy_may_not_ask_of_keys_what_no_owners_key_can_give(realm: Realm, asks: str) -> None:
    text = realm.policy_text(f"{asks} = false", f"{asks} = true")
    (ask,) = realm.judge(realm.act({"codexa.toml": text})).unmet
    assert ask.name == "policy-holds"
    assert ask.answer.now.startswith("1 owner would have to sign the next, and 0 can: it asks for ")
    assert ask.answer.command == (
        "git codexa people add 'Demo PM' pm@demo.invalid --key ~/.ssh/id_ed25519_sk.pub"
    )


@pytest.mark.parametrize("asks", ["require_touch", "require_pin"])
@pytest.mark.parametrize("kind", SK_TYPES)
def test_owners_with_security_keys_may_ask_for_them(realm: Realm, asks: str, kind: str) -> None:
    text = realm.policy_text(f"{asks} = false", f"{asks} = true")
    signers = realm.read(".codexa/allowed_signers").decode()
    signers += f"{format_line(OWNER.email, SecurityKey(kind).public)}\n"
    files = {"codexa.toml": text, ".codexa/allowed_signers": signers.encode()}
    assert realm.judge(realm.act(files)).yes
    two = text.replace(b"[owner]\ncount = 1", b"[owner]\ncount = 2")
    (ask,) = realm.judge(realm.act(files | {"codexa.toml": two})).unmet
    assert ask.name == "policy-holds"
    assert ask.answer.now.startswith("2 owners would have to sign the next, and 1 can: it asks for")
    assert ask.answer.command is not None
    assert "'Demo Dev' dev@demo.invalid" in ask.answer.command


def test_a_security_key_out_of_its_time_gives_no_touch(realm: Realm) -> None:
    text = realm.policy_text("require_touch = false", "require_touch = true")
    public, late = SecurityKey("sk-ed25519").public, "20990101Z"
    signers = realm.read(".codexa/allowed_signers").decode()
    signers += f"{format_line(OWNER.email, public, valid_after=late)}\n"
    files = {"codexa.toml": text, ".codexa/allowed_signers": signers.encode()}
    assert unmet(realm.judge(realm.act(files))) == {"policy-holds"}


class TestLapse:
    """When too few owners have a key that lasts."""

    def bounded(self, realm: Realm, **windows: tuple[int | None, int | None]) -> Policy:
        ends = {PM.email: windows.get("pm"), DEV.email: windows.get("dev")}
        signers = tuple(
            one._replace(valid_after=window[0], valid_before=window[1])
            if (window := ends.get(one.principal))
            else one
            for one in realm.policy.signers.signers
        )
        return realm.policy._replace(signers=AllowedSigners(signers))

    def test_keys_without_an_end_have_none(self, realm: Realm) -> None:
        assert lapse(realm.policy, realm.context.at) is None

    def test_it_begins_behind_the_last_second_of_the_last_key(self, realm: Realm) -> None:
        at = realm.context.at
        policy = self.bounded(realm, pm=(None, at + 9), dev=(None, at + 5))
        assert lapse(policy, at) == Lapse(at + 10, (), None)
        assert able_owners(policy, at + 9) == (PM.email,)
        assert able_owners(policy, at + 10) == ()

    def test_another_owner_is_enough_where_one_signs_and_too_few_where_two_do(
        self, realm: Realm
    ) -> None:
        at = realm.context.at
        policy = self.bounded(realm, pm=(None, at + 9))
        assert lapse(policy, at) is None
        two = policy._replace(owner_count=2)
        assert lapse(two, at) == Lapse(at + 10, (DEV.email,), None)

    def test_a_key_that_begins_later_ends_it(self, realm: Realm) -> None:
        at = realm.context.at
        policy = self.bounded(realm, pm=(None, at + 9), dev=(at + 30, None))
        assert lapse(policy, at) == Lapse(at + 10, (), at + 30)

    def test_a_policy_that_nobody_can_act_under_has_lapsed(self, realm: Realm) -> None:
        touchy = realm.policy._replace(require_touch=True)
        assert lapse(touchy, realm.context.at) == Lapse(realm.context.at, (), None)
        assert shortfall(touchy, realm.context.at) is not None
        assert shortfall(realm.policy, realm.context.at) is None
