"""A no is judged the other way round: what cannot be believed of it is in doubt, and no yes."""

from typing import Any

import pytest
from gate.signing import spoilt
from gate.world import DEV, PM, STRANGER, World, again, unmet

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.gate.against import Weight, granted, weighed
from codexa_git.gate.answers import Ask
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.policy.rules import OWNER, Policy
from codexa_git.policy.signers import AllowedSigners

OVER, BACK = RecordType.ABANDONED, RecordType.APPROVAL_WITHDRAWN


def over(world: World, **other: Any) -> Record:  # noqa: ANN401
    return world.decision(OVER, {"reason": "never"}, **other)


def back(world: World, *names: str, **other: Any) -> Record:  # noqa: ANN401
    return world.decision(BACK, {"approvals": list(names), "reason": "no"}, **other)


def asked(world: World, *more: Record, policy: Policy | None = None) -> Ask:
    tree = world.remade([*world.records(), *more], policy=policy)
    verdict = world.judge(tree, policy=policy or world.policy)
    return next(ask for ask in verdict.asks if ask.name == "not-abandoned")


def approval(world: World) -> Record:
    given = world.state.of(RecordType.APPROVAL_GRANTED)
    return next(record for record in given if Gate.PACKAGE in record.data["gates"])


def test_an_ending_whose_signature_was_spoilt_is_undecided_and_says_who_knows(world: World) -> None:
    ask = asked(world, spoilt(over(world)))
    assert ask.answer.met is None
    assert "a line says that Demo PM (pm) abandoned it, and is not to be believed" in ask.answer.now
    assert ask.answer.who == ("Demo PM",)
    assert ask.answer.command == 'git codexa withdraw CH-001 -m "why"'
    assert ask.answer.where == ("audit/CH-001/commands.jsonl",)


DOUBTED: dict[str, dict[str, Any]] = {
    "by a key that nobody enrolled": {"key": STRANGER.email},
    "by another's key": {"key": DEV.email},
    "by the Tester's key": {"key": TESTER_PRINCIPAL},
    "in a role that they lack": {"actor": DEV._replace(role="pm")},
    "under another name": {"actor": PM._replace(name="Demo Other")},
    "in another namespace": {"namespace": "git"},
}


@pytest.mark.parametrize("how", DOUBTED)
def test_an_ending_in_somebodys_name_is_doubted(world: World, how: str) -> None:
    assert asked(world, over(world, **DOUBTED[how])).answer.met is None


def test_an_ending_in_a_name_that_never_had_a_role_is_nothing(world: World) -> None:
    assert asked(world, over(world, actor=STRANGER)).met
    assert asked(world, over(world, actor=PM._replace(email="tester@agents.invalid"))).met


def test_an_ending_of_another_repositorys_change_is_nothing(world: World) -> None:
    other = world.decision(OVER, {"reason": "there", "root": f"sha256:{'1' * 64}"})
    assert asked(world, other).met


@pytest.mark.parametrize("window", [(None, 1), (4_000_000_000, None)])
def test_a_no_outlives_the_window_of_its_key(
    world: World, window: tuple[int | None, int | None]
) -> None:
    after, before = window
    signers = [
        signer._replace(valid_after=after, valid_before=before)
        for signer in world.policy.signers.signers
    ]
    policy = world.policy._replace(signers=AllowedSigners(tuple(signers)))
    case = world.case(world.remade([*world.records(), over(world)]), policy)
    assert weighed(case, case.state.of(OVER)[0]).weight is Weight.COUNTS


def test_a_no_needs_no_touch_and_nothing_seen(world: World) -> None:
    case = world.case(world.tree, world.policy._replace(require_touch=True, require_pin=True))
    assert weighed(case, over(world, seen=[f"sha256:{'2' * 64}"])).weight is Weight.COUNTS


def test_a_doubted_ending_is_let_be_by_whom_it_names(world: World) -> None:
    forged = spoilt(over(world))
    assert asked(world, forged, back(world, forged.id)).met


def test_a_doubted_ending_is_let_be_by_nobody_else(world: World) -> None:
    forged = spoilt(over(world))
    for other in (
        back(world, forged.id, actor=DEV),
        back(world, forged.id, key=STRANGER.email),
        back(world, forged.id, actor=STRANGER),
        back(world, approval(world).id),
        spoilt(back(world, forged.id)),
    ):
        assert asked(world, forged, other).answer.met is None


def test_an_ending_that_counts_is_let_be_by_nobody(world: World) -> None:
    true = over(world)
    assert asked(world, true, back(world, true.id)).answer.met is False


def test_an_owner_speaks_for_whom_policy_knows_no_more(world: World) -> None:
    case = world.case(world.remade([*world.records(), spoilt(over(world, actor=DEV))]))
    (forged,) = case.state.of(OVER)
    gone = world.policy._replace(people=world.policy.people[:1])
    assert gone.people[0].email == PM.email
    assert OWNER in gone.people[0].roles
    # Without a commit of the base nobody can tell that there was such a person.
    assert weighed(world.case(world.tree, gone), forged).weight is Weight.NOTHING
    assert weighed(case, forged).weight is Weight.DOUBTED


def test_a_withdrawal_whose_signature_was_spoilt_leaves_no_approval_standing(world: World) -> None:
    true = approval(world)
    forged = spoilt(back(world, true.id))
    verdict = world.judge(world.remade([*world.records(), forged]))
    assert unmet(verdict) >= {"package-approved"}
    told = next(ask.answer.now for ask in verdict.asks if ask.name == "package-approved")
    assert "Demo PM is said to have withdrawn it, and whoever holds to it says so again" in told


def test_who_approves_again_is_heard_above_a_doubted_withdrawal(world: World) -> None:
    true = approval(world)
    forged = spoilt(back(world, true.id))
    data = {name: true.data[name] for name in ("gates", "comment")}
    once_more = world.decision(true.type, data | {"seen": [*true.data["seen"], forged.id]})
    assert world.judge(world.remade([*world.records(), forged, once_more])).lands


def test_a_strangers_withdrawal_takes_nothing_away(world: World) -> None:
    stranger = back(world, approval(world).id, actor=STRANGER)
    tree = world.remade([*world.records(), stranger])
    assert world.judge(tree).lands
    assert approval(world) in granted(world.case(tree))


def test_a_copy_of_the_true_one_hides_no_doubt(world: World) -> None:
    """Another id, and the true signature: it is over something else."""
    copied = again(over(world), data=over(world).data | {"reason": "other words"})
    assert asked(world, copied).answer.met is None
