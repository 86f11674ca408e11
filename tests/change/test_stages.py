"""The lifecycle, every pair of it."""

from itertools import product

import pytest

from codexa_git.audit.words import ORDER, Gate, Stage
from codexa_git.change.stages import LIFECYCLE, Move, moved, rework_to

PAIRS = list(product(Stage, Move))


def expected(stage: Stage, move: Move) -> Stage | None:
    """The rule in words: on by one, or back to this stage or an earlier one, never to cleanup."""
    if move is Move.HANDOFF:
        return None if stage is Stage.CLEANUP else ORDER[ORDER.index(stage) + 1]
    target = Stage(move.removeprefix("rework-"))
    return target if ORDER.index(target) <= ORDER.index(stage) else None


@pytest.mark.parametrize(("stage", "move"), PAIRS)
def test_every_move_leads_where_the_rule_says(stage: Stage, move: Move) -> None:
    assert moved(stage, move) == expected(stage, move)


def test_the_table_holds_nothing_else() -> None:
    assert {pair for pair in PAIRS if expected(*pair)} == set(LIFECYCLE)


@pytest.mark.parametrize("target", Stage)
def test_a_rework_has_a_move_to_each_stage_but_cleanup(target: Stage) -> None:
    move = rework_to(target)
    assert (move is None) == (target is Stage.CLEANUP)
    assert move is None or moved(Stage.CLEANUP, move) is target


def test_the_words_are_stored_and_never_change() -> None:
    assert list(map(str, Stage)) == ["frame", "spec", "execute", "validate", "package", "cleanup"]
    assert {str(g): str(g.stage) for g in Gate} == {
        "plan": "spec",
        "results": "validate",
        "package": "package",
    }
    assert [stage.number for stage in Stage] == list(range(6))
    assert Stage.CLEANUP.following is None
