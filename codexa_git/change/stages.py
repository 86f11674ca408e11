"""The moves between the six stages, and the one table that is the lifecycle."""

from enum import StrEnum

from codexa_git.audit.words import ORDER, Stage


class Move(StrEnum):
    """What can happen to a change as a whole."""

    HANDOFF = "handoff"
    REWORK_FRAME = "rework-frame"
    REWORK_SPEC = "rework-spec"
    REWORK_EXECUTE = "rework-execute"
    REWORK_VALIDATE = "rework-validate"
    REWORK_PACKAGE = "rework-package"


def _table() -> dict[tuple[Stage, Move], Stage]:
    table = {(stage, Move.HANDOFF): after for stage in ORDER if (after := stage.following)}
    for target in ORDER[:-1]:
        move = Move(f"rework-{target}")
        table |= {(stage, move): target for stage in ORDER if stage.number >= target.number}
    return table


LIFECYCLE: dict[tuple[Stage, Move], Stage] = _table()
"""`(stage, move) -> stage`; what is not in the table is refused.

A handoff goes one stage on; a rework goes back to this stage or an earlier one and starts a new
round there. Cleanup is left by landing, or by `abandon`, which ends a change in any stage.
"""


def moved(stage: Stage, move: Move) -> Stage | None:
    """The stage that `move` leads to from `stage`; `None` where the lifecycle has no such move."""
    return LIFECYCLE.get((stage, move))


def rework_to(target: Stage) -> Move | None:
    """The move that sends a change back to `target`; `None` for cleanup, which is redone."""
    return None if target is Stage.CLEANUP else Move(f"rework-{target}")
