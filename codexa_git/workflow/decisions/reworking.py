"""Rework: a person sends a change back to a stage, for a new round."""

from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType, Stage
from codexa_git.errors import RefusedError, UsageError
from codexa_git.workflow.changes.draft import Built, Draft
from codexa_git.workflow.changes.moment import Moment


def rework(
    moment: Moment, person: Actor, target: Stage, reason: str, tasks: tuple[str, ...]
) -> Built:
    """The commit that sends the change back to `target`, which starts a new round there."""
    if target.number > moment.state.stage.number or target is Stage.CLEANUP:
        raise RefusedError(
            f"{moment.change} is in {moment.state.stage}: it cannot be sent back to {target}",
            hint="a rework goes to this stage or an earlier one",
        )
    _require_tasks(moment, target, tasks)
    draft = Draft(moment.footing, moment.state.stage, person)
    data = {
        "from": moment.state.stage,
        "to": target,
        "reason": reason,
        "tasks": sorted(tasks or moment.state.done) if _voids_tasks(target) else [],
        "automatic": False,
    }
    draft.record(RecordType.REWORK, data)
    return draft.build(f"back to {target}, asked by {person.name}", hand_off=False)


def _voids_tasks(target: Stage) -> bool:
    """True where a rework to this stage sends tasks back; later stages leave the work standing."""
    return target.number <= Stage.EXECUTE.number


def _require_tasks(moment: Moment, target: Stage, tasks: tuple[str, ...]) -> None:
    if tasks and not _voids_tasks(target):
        raise UsageError(
            f"a rework to {target} sends no task back", hint="--to execute does, and names them"
        )
    unknown = [task for task in tasks if task not in moment.state.done]
    if unknown:
        done = ", ".join(sorted(moment.state.done)) or "none"
        raise UsageError(
            f"{unknown[0]!a} is no task of {moment.change} that was done", hint=f"done: {done}"
        )
