"""Approvals that were not earned: each lands in no tree, and the right requirement says so."""

from typing import Any

import pytest
from gate.world import CHANGE, DEV, PM, STRANGER, TESTER, World, again, replaced, unmet

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.state import State
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.policy.rules import Person

GRANTED = RecordType.APPROVAL_GRANTED
REQUIREMENT = {Gate.PLAN: "plan-approved", Gate.PACKAGE: "package-approved"}


def approval(state: State, gate: Gate) -> Record:
    return next(r for r in state.of(GRANTED) if gate in r.data["gates"])


def forged(world: World, gate: Gate, record: Record) -> str:
    """The tree in which `record` stands for the approval of `gate`, all else made to fit.

    What later signers saw names the true record, so only the last approval, of the package, can be
    replaced alone; the others' signers are let off by signing again.
    """
    return world.remade(replaced(world.records(), approval(world.state, gate), record))


def package(world: World, **other: Any) -> Record:  # noqa: ANN401
    """An approval of the package that says just what the true one does, but for what is named."""
    true = approval(world.state, Gate.PACKAGE)
    data = {name: true.data[name] for name in ("gates", "seen", "comment")}
    return world.decision(
        GRANTED, data | other.pop("data", {}), actor=other.pop("actor", PM), **other
    )


def test_the_builder_of_forgeries_forges_nothing_by_itself(world: World) -> None:
    assert world.judge(world.tree).lands
    assert world.judge(world.remade(world.records())).lands
    assert world.judge(forged(world, Gate.PACKAGE, package(world))).lands


WRONG_HANDS: dict[str, dict[str, Any]] = {
    "a key that nobody enrolled": {"key": STRANGER.email},
    "a principal that policy does not know": {"actor": STRANGER},
    "another person's key": {"key": DEV.email},
    "a person without the role": {"actor": DEV},
    "a person who claims a role they lack": {"actor": DEV._replace(role="pm")},
    "the Tester's key in a person's name": {"key": TESTER_PRINCIPAL},
    "the Tester": {"actor": TESTER},
    "the Tester as a pm": {"actor": TESTER._replace(role="pm")},
    "an agent without a key": {
        "actor": Actor("PM (agent)", "pm@agents.invalid", "pm-agent"),
        "key": STRANGER.email,
    },
    "a look-alike of the address": {
        "actor": PM._replace(email="pm@dem\u043e.invalid"),
        "key": PM.email,
    },
    "another case of the address": {"actor": PM._replace(email="PM@demo.invalid"), "key": PM.email},
    "another namespace": {"namespace": "git"},
    "no namespace of ours but one that begins so": {"namespace": "codexa2"},
}


@pytest.mark.parametrize("name", WRONG_HANDS)
def test_an_approval_by_the_wrong_hand_is_none(world: World, name: str) -> None:
    verdict = world.judge(forged(world, Gate.PACKAGE, package(world, **WRONG_HANDS[name])))
    assert not verdict.lands
    assert unmet(verdict) == {"package-approved"}


def other_round(data: dict[str, Any]) -> dict[str, Any]:
    return {"package": data["package"] | {"round": 1}}


REPLAYED: dict[str, dict[str, Any]] = {
    "another repository": {"root": f"sha256:{'0' * 64}"},
    "a repository that only observes": {"root": None},
    "another base": {"branch": "release"},
}


@pytest.mark.parametrize("name", REPLAYED)
def test_an_approval_for_somewhere_else_is_none(world: World, name: str) -> None:
    verdict = world.judge(forged(world, Gate.PACKAGE, package(world, data=REPLAYED[name])))
    assert unmet(verdict) == {"package-approved"}


def test_an_approval_of_another_round_is_none(world: World) -> None:
    true = approval(world.state, Gate.PACKAGE).data["gates"]
    record = package(world, data={"gates": other_round(true)})
    assert unmet(world.judge(forged(world, Gate.PACKAGE, record))) == {"package-approved"}


def test_an_approval_signed_for_another_round_cannot_be_relabelled(world: World) -> None:
    true = approval(world.state, Gate.PACKAGE).data["gates"]
    signed = package(world, data={"gates": other_round(true)})
    record = again(signed, data=signed.data | {"gates": true})
    assert unmet(world.judge(forged(world, Gate.PACKAGE, record))) == {"package-approved"}


def test_an_approval_signed_for_another_change_cannot_be_relabelled(world: World) -> None:
    signed = package(world, change="CH-002")
    record = again(signed, change=CHANGE)
    assert unmet(world.judge(forged(world, Gate.PACKAGE, record))) == {"package-approved"}


def test_an_approval_of_one_gate_says_nothing_of_another(world: World) -> None:
    plan = approval(world.state, Gate.PLAN)
    record = again(plan, data=plan.data | {"gates": {"package": plan.data["gates"]["plan"]}})
    assert unmet(world.judge(forged(world, Gate.PACKAGE, record))) == {"package-approved"}


FIELDS: dict[str, dict[str, Any]] = {
    "root": {"root": None},
    "branch": {"branch": "release"},
    "seen": {"seen": []},
    "comment": {"comment": "all of it, and whatever comes"},
}


@pytest.mark.parametrize("name", FIELDS)
def test_what_was_signed_cannot_be_edited(world: World, name: str) -> None:
    true = approval(world.state, Gate.PACKAGE)
    record = again(true, data=true.data | FIELDS[name])
    assert unmet(world.judge(forged(world, Gate.PACKAGE, record))) == {"package-approved"}


@pytest.mark.parametrize(
    "changes", [{"actor": PM._replace(name="Demo Owner")}, {"at": "2026-01-01T00:00:00Z"}]
)
def test_who_signed_and_when_cannot_be_edited(world: World, changes: dict[str, Any]) -> None:
    record = again(approval(world.state, Gate.PACKAGE), **changes)
    assert unmet(world.judge(forged(world, Gate.PACKAGE, record))) == {"package-approved"}


def test_the_list_of_paths_cannot_be_edited_under_the_signature(world: World) -> None:
    true = approval(world.state, Gate.PACKAGE)
    bound = true.data["gates"]["package"]
    record = again(
        true, data=true.data | {"gates": {"package": bound | {"paths": bound["paths"][1:]}}}
    )
    assert unmet(world.judge(forged(world, Gate.PACKAGE, record))) == {"package-approved"}


def test_a_seen_record_that_is_not_there_ends_an_approval(world: World) -> None:
    record = package(world, data={"seen": [f"sha256:{'a' * 64}"]})
    assert unmet(world.judge(forged(world, Gate.PACKAGE, record))) == {"package-approved"}


def test_a_withdrawn_approval_is_none(world: World) -> None:
    true = approval(world.state, Gate.PACKAGE)
    back = world.decision(
        RecordType.APPROVAL_WITHDRAWN, {"approvals": [true.id], "reason": "I was hasty"}
    )
    verdict = world.judge(world.remade([*world.records(), back]))
    assert unmet(verdict) == {"package-approved"}


def test_one_person_counts_once_however_often_they_sign(world: World) -> None:
    policy = world.policy._replace(
        gates=tuple(
            rule._replace(count=2) if rule.gate is Gate.PACKAGE else rule
            for rule in world.policy.gates
        )
    )
    twice = [*world.records(), package(world, data={"comment": "once more"})]
    verdict = world.judge(world.remade(twice), policy=policy)
    assert unmet(verdict) == {"package-approved"}
    assert "1 of 2" in verdict.unmet[0].answer.now


def test_two_people_of_the_role_are_two(world: World) -> None:
    policy = world.policy._replace(
        people=(*world.policy.people[:1], Person(DEV.email, DEV.name, ("pm", "dev"))),
        gates=tuple(
            rule._replace(count=2) if rule.gate is Gate.PACKAGE else rule
            for rule in world.policy.gates
        ),
    )
    both = [*world.records(), package(world, actor=DEV)]
    assert world.judge(world.remade(both, policy=policy), policy=policy).lands


def test_the_packet_cannot_be_made_again_under_a_standing_approval(world: World) -> None:
    path = f"changes/{CHANGE}/packet.html"
    other = b"<!doctype html>all is well"
    made = world.record(
        RecordType.PACKAGED,
        {"evidence": {path: digest(other)}, "subject": digest(b""), "papers": {}, "told": []},
    )
    tree = world.remade([*world.records(), made], world.edited({path: other}))
    assert unmet(world.judge(tree)) == {"package-approved", "packet-ready"}


def test_a_key_that_the_change_itself_enrols_is_none(world: World) -> None:
    signers = world.read(".codexa/allowed_signers")
    line = f'{STRANGER.email} namespaces="codexa" {world.keys.public[STRANGER.email]}\n'
    toml = world.read("codexa.toml") + (
        f'\n[[people]]\nemail = "{STRANGER.email}"\nname = "x"\nroles = ["pm"]\n'.encode()
    )
    edited = world.edited({".codexa/allowed_signers": signers + line.encode(), "codexa.toml": toml})
    records = replaced(
        world.records(edited), approval(world.state, Gate.PACKAGE), package(world, actor=STRANGER)
    )
    verdict = world.judge(world.remade(records, edited))
    assert {"guarded-paths", "package-approved", "results-for-this-tree"} <= unmet(verdict)


def test_key_windows_are_asked_at_the_landings_time(world: World) -> None:
    signers = world.policy.signers
    windows = tuple(
        s._replace(valid_before=world.context.at - 1) if s.principal == PM.email else s
        for s in signers.signers
    )
    policy = world.policy._replace(signers=type(signers)(windows))
    late = world.judge(world.tree, policy=policy)
    assert {"plan-approved", "results-approved", "package-approved"} <= unmet(late)
    early = world.context._replace(at=world.context.at - 1, not_before=0)
    assert world.judge(world.tree, policy=policy, context=early).lands
    back_dated = early._replace(not_before=world.context.at)
    assert not world.judge(world.tree, policy=policy, context=back_dated).lands


def test_an_approver_who_signs_under_anothers_name_is_none(world: World) -> None:
    other = package(world, actor=PM._replace(name="Carol Owner"))
    assert "package-approved" in unmet(world.judge(forged(world, Gate.PACKAGE, other)))


def test_who_has_no_say_at_a_gate_is_not_told_as_its_approver(world: World) -> None:
    true = approval(world.state, Gate.PACKAGE)
    tree = world.remade(replaced(world.records(), true, true, package(world, actor=DEV)))
    assert world.judge(tree).lands
    for page in ("PROGRESS.md", "TRACEABILITY.md", "QA_REPORT.md"):
        assert DEV.name.encode() not in world.read(page, tree)


def test_a_withdrawal_in_the_name_of_nobody_takes_nothing_away(world: World) -> None:
    true = approval(world.state, Gate.PACKAGE)
    data = {"approvals": [true.id], "reason": "no"}
    wrong = world.decision(RecordType.APPROVAL_WITHDRAWN, data, actor=STRANGER)
    assert world.judge(world.remade([*world.records(), wrong])).lands
    right = world.decision(RecordType.APPROVAL_WITHDRAWN, data)
    verdict = world.judge(world.remade([*world.records(), right]))
    assert unmet(verdict) >= {"package-approved"}
