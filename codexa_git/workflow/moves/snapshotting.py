"""The regression snapshot on its own: Execute and Validate done again, held against what is signed.

Validate takes a snapshot by itself whenever it makes results. This takes one later, on the same
tree with the same seed, where somebody doubts that it would still come out so.
"""

from typing import Any, NamedTuple

from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.results import Results
from codexa_git.errors import RefusedError
from codexa_git.gate.closing import is_open
from codexa_git.gate.testing import SNAPSHOT_CONCERN
from codexa_git.workflow.changes.draft import AGENTS, Built, Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.deciding import settled
from codexa_git.workflow.decisions.refusing import refused
from codexa_git.workflow.moves.advancing import How, may_run
from codexa_git.workflow.stages.looking import look


class Compared(NamedTuple):
    """What was done again and how it came out; `raised` is the commit of the concern, if any."""

    seed: int
    tasks: str
    tests: int
    differs: tuple[str, ...]
    raised: Built | None


def snapshot(moment: Moment, how: How) -> Compared:
    """Execute and Validate done again; a difference raises a concern, once.

    Raises:
        RefusedError: nothing may run here, or no signed results tell of this tree.
    """
    may_run(moment, how)
    _require_results(moment, how)
    seed = moment.case.planner.seed
    seen = look(moment, seed, how.tell).results
    differs = (*seen.snapshot.differs, *_since(moment.case.results, seen))
    raised = _concern(moment, differs[0]) if differs and not _is_known(moment, differs[0]) else None
    return Compared(seed, seen.snapshot.tasks, len(seen.outcomes), differs, raised)


def _require_results(moment: Moment, how: How) -> None:
    """What runs here was approved, as for `advance`, and there are results of just this tree."""
    verdict = moment.verdict(Stage.VALIDATE)
    before = tuple(ask for ask in verdict.unmet if ask.stage is not Stage.VALIDATE)
    if before and moment.ground.enforces:
        raise refused(moment, "be done again", before, how.person)
    for ask in verdict.of(Stage.VALIDATE):
        if ask.name == "results-for-this-tree" and not ask.met:
            raise RefusedError(
                f"{moment.change} has nothing to hold a snapshot against: {ask.answer.now}",
                hint=moment.case.advance,
            )


def _since(recorded: Results | None, seen: Results) -> list[str]:
    """The tests that end otherwise than the signed results say."""
    before = {} if recorded is None else {o.test: o.outcome for o in recorded.outcomes}
    now = {o.test: o.outcome for o in seen.outcomes}
    return [
        f"{test}: {before.get(test, 'absent')} in the results, {now.get(test, 'absent')} now"
        for test in sorted(before.keys() | now.keys())
        if before.get(test) != now.get(test)
    ]


def _is_known(moment: Moment, first: str) -> bool:
    """True where a concern that says just this is open already."""
    return any(
        concern.record.data["text"] == _text(first) and is_open(moment.case, concern)
        for concern in moment.state.concerns
    )


def _text(first: str) -> str:
    return f"{SNAPSHOT_CONCERN}: {first}"


def _concern(moment: Moment, first: str) -> Built:
    draft = Draft(moment.footing, Stage.VALIDATE, AGENTS[AgentRole.TESTER])
    data: dict[str, Any] = {
        "text": _text(first),
        "tests": [],
        "by": "machine",
        "due": None,
    }
    draft.record(RecordType.CONCERN_RAISED, data)
    return settled(draft)
