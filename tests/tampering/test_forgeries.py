"""Every forgery upon one rich, valid history: found at its commit, and refused by a server."""

from collections.abc import Iterator

import pytest
from gate.world import sealed_environment
from tampering import forged_approvals
from tampering.history import History
from tampering.rich import FORGERIES, Rich

from codexa_git.verify.findings import Finding


def test_the_history_is_without_fault(rich: Rich) -> None:
    answer = rich.history.clone.codexa("verify", "--story")
    assert "1 finding at 1 commit" in answer.out
    assert rich.found(rich.history.line[-1], story=True) == ()


def test_the_hand_that_forges_forges_nothing_by_itself(rich: Rich) -> None:
    world = rich.landing()
    granted = forged_approvals.instead(rich, forged_approvals.granted(world))
    for forged in (
        world.put(world.remade(world.records(), world.edited({}))),
        granted,
        world.put(forged_approvals.tested(world, forged_approvals.same)),
    ):
        assert rich.found(forged.tip) == ()
        assert rich.received(forged) == ()


def at(found: tuple[Finding, ...], commit: str) -> set[str]:
    return {one.breach.rule for one in found if one.commit == commit}


@pytest.mark.parametrize("name", FORGERIES)
def test_verify_names_its_rule_at_its_commit(rich: Rich, name: str) -> None:
    known = FORGERIES[name]
    forged = known.forge(rich)
    found = rich.found(forged.tip, story=forged.story)
    assert set(known.rules) <= at(found, forged.bad), found
    assert {one.commit for one in found} == {forged.bad}


@pytest.mark.parametrize("name", [name for name in FORGERIES])
def test_a_server_refuses_it_by_the_same_rule(rich: Rich, name: str) -> None:
    known = FORGERIES[name]
    forged = known.forge(rich)
    found = rich.pushed(forged)
    assert set(known.rules) <= at(found, forged.bad)
    (told,) = rich.received(forged)
    rule = dict(told.details)["rule"].partition(" ")[0]
    assert rule in at(found, forged.bad)
    assert forged.bad[:12] in told.message
