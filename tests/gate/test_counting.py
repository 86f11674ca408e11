"""Who has to approve: counts, path rules, how approvals carry, and work that nobody signed."""

from typing import Any

import pytest
from gate.world import DEV, PM, World, replaced, unmet

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.policy.rules import Carry, PathRule, Policy

GRANTED = RecordType.APPROVAL_GRANTED
PACKAGE = "package-approved"


def approval(world: World) -> Record:
    return next(r for r in world.state.of(GRANTED) if Gate.PACKAGE in r.data["gates"])


def with_roles(policy: Policy, *roles: str) -> Policy:
    """The policy in which Demo Dev holds these roles."""
    people = tuple(p._replace(roles=roles) if p.email == DEV.email else p for p in policy.people)
    return policy._replace(people=people)


def seconded(world: World, policy: Policy, role: str = "pm", **data: Any) -> str:  # noqa: ANN401
    """The tree in which Demo Dev has approved the package too, closed under this policy."""
    true = approval(world)
    said = {name: true.data[name] for name in ("gates", "seen", "comment")}
    more = world.decision(GRANTED, said | data, actor=DEV._replace(role=role))
    return world.remade(replaced(world.records(), true, true, more), policy=policy)


def counting(policy: Policy, count: int) -> Policy:
    gates = tuple(
        rule._replace(count=count) if rule.gate is Gate.PACKAGE else rule for rule in policy.gates
    )
    return policy._replace(gates=gates)


def test_two_approvals_are_of_two_people(world: World) -> None:
    policy = counting(with_roles(world.policy, "pm"), 2)
    assert unmet(world.judge(world.tree, policy=policy)) == {PACKAGE}
    assert world.judge(seconded(world, policy), policy=policy).lands


def test_one_person_approving_twice_is_one(world: World) -> None:
    true = approval(world)
    said = {name: true.data[name] for name in ("gates", "seen", "comment")}
    more = world.decision(GRANTED, said | {"comment": "again"}, actor=PM)
    tree = world.remade(replaced(world.records(), true, true, more))
    verdict = world.judge(tree, policy=counting(world.policy, 2))
    assert unmet(verdict) == {PACKAGE}
    (ask,) = verdict.unmet
    assert ask.answer.now.startswith("1 of 2 approvals by a pm")


def test_work_that_nobody_signed_needs_two_approvers(world: World) -> None:
    policy = with_roles(world.policy, "pm")._replace(separate=True)
    one = unmet(world.judge(world.tree, policy=policy))
    assert one == {"plan-before-product", "plan-approved", "results-approved", PACKAGE}
    two = unmet(world.judge(seconded(world, policy), policy=policy))
    assert two == {"plan-before-product", "plan-approved", "results-approved"}


@pytest.mark.parametrize("count", [1, 2])
def test_a_path_asks_for_those_who_look_after_it(world: World, count: int) -> None:
    rule = PathRule(("totals.py",), "payments", count)
    policy = with_roles(world.policy, "payments")._replace(paths=(rule,))
    (ask,) = world.judge(world.tree, policy=policy).unmet
    assert ask.name == PACKAGE
    assert ask.answer.now.startswith(f"0 of {count} approvals by a payments for totals.py")
    assert ask.answer.who == (DEV.name,)
    verdict = world.judge(seconded(world, policy, "payments"), policy=policy)
    assert verdict.lands is (count == 1)


def test_with_separate_nobody_approves_a_path_alone_either(world: World) -> None:
    """Two approve the package, and the only one who looks after the path may be its author."""
    gates = tuple(rule._replace(role="both") for rule in world.policy.gates)
    people = tuple(
        p._replace(roles=("both", "payments", "pm") if p.email == DEV.email else ("both", "pm"))
        for p in world.policy.people
    )
    paths = (PathRule(("totals.py",), "payments", 1),)
    policy = world.policy._replace(gates=gates, people=people, paths=paths, separate=True)
    tree = seconded(world, policy, "payments")
    (ask,) = [a for a in world.judge(tree, policy=policy).unmet if a.name == PACKAGE]
    assert ask.answer.now == "1 of 2 approvals by a payments for totals.py"
    alone = policy._replace(paths=())
    assert PACKAGE not in unmet(world.judge(tree, policy=alone))


def test_a_path_that_is_not_touched_asks_for_nobody(world: World) -> None:
    policy = world.policy._replace(paths=(PathRule(("payments/**",), "payments", 2),))
    assert world.judge(world.tree, policy=policy).lands


def test_every_rule_that_speaks_of_a_path_is_asked(world: World) -> None:
    rules = (PathRule(("*.py",), "payments"), PathRule(("totals.*",), "security"))
    policy = with_roles(world.policy, "payments")._replace(paths=rules)
    (ask,) = world.judge(seconded(world, policy, "payments"), policy=policy).unmet
    assert "by a security for totals.py" in ask.answer.now
    both = with_roles(world.policy, "payments", "security")._replace(paths=rules)
    assert world.judge(seconded(world, both, "payments"), policy=both).lands


@pytest.mark.parametrize(("carry", "stands"), [(Carry.PATCH, True), (Carry.EXACT, False)])
def test_an_approval_carries_over_other_lines_unless_a_path_says_exact(
    world: World,
    carry: Carry,
    stands: bool,  # noqa: FBT001
) -> None:
    def moved(tree: str) -> str:
        text = world.read("totals.py", tree)
        assert b"return 1" in text
        return world.edited({"totals.py": text.replace(b"return 1", b"return 2")}, tree)

    policy = world.policy._replace(paths=(PathRule(("totals.py",), "pm", 1, carry),))
    verdict = world.judge(moved(world.tree), base=moved(world.base), policy=policy)
    assert (PACKAGE not in unmet(verdict)) is stands
    assert "results-for-this-tree" in unmet(verdict)


def test_an_exact_path_makes_no_other_path_exact(world: World) -> None:
    def moved(tree: str) -> str:
        text = world.read("totals.py", tree)
        return world.edited({"totals.py": text.replace(b"return 1", b"return 2")}, tree)

    policy = world.policy._replace(paths=(PathRule(("WORDS.txt",), "pm", 1, Carry.EXACT),))
    verdict = world.judge(moved(world.tree), base=moved(world.base), policy=policy)
    assert PACKAGE not in unmet(verdict)
