"""Validate: the Tester signs what it saw, and what follows: concerns, rework or the handoff."""

from typing import NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.planner import Recipe
from codexa_git.change.results import (
    Results,
    format_results,
)
from codexa_git.gate.answering import answer_of
from codexa_git.gate.closing import is_open
from codexa_git.gate.testing import difference, waived
from codexa_git.workflow.changes.draft import AGENTS, Built, Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.deciding import Sign, decide
from codexa_git.workflow.stages.looking import Seen
from codexa_git.workflow.stages.running import tried


class Validated(NamedTuple):
    """The commit with the results; `rework` lists the tasks that were sent back, if any."""

    built: Built
    bodies: dict[str, bytes]
    rework: tuple[str, ...]


def record_results(moment: Moment, seen: Seen, sign: Sign, *, unapproved: bool) -> Validated:
    """The commit with the signed results, and what follows: concerns, rework or the handoff."""
    results = seen.results
    draft = Draft(moment.footing, Stage.VALIDATE, AGENTS[AgentRole.TESTER])
    content = format_results(results)
    draft.put(draft.places.results, content)
    data = {
        "gates": {"results": {"round": results.round, "subject": digest(content)}},
        "tree": results.tree,
        "passed": len(results.passed),
        "failed": list(results.failed),
        "skipped": len(results.skipped),
        "unapproved": unapproved,
    }
    decide(draft, moment, RecordType.RESULTS_RECORDED, data, sign)
    return follow_up(moment, draft, seen)


def follow_up(moment: Moment, draft: Draft, seen: Seen) -> Validated:
    """The commit of a draft that holds signed results, and what follows from them."""
    results = seen.results
    _close_concerns(draft)
    _raise_concerns(moment, draft, results)
    rework = _send_back(moment, draft, results)
    built = draft.build(_summary(results, rework, moment), hand_off=not rework)
    return Validated(built, seen.bodies, rework)


def _close_concerns(draft: Draft) -> None:
    case = draft.case()
    recorded = draft.made[-1].id
    for concern in draft.state.concerns:
        if concern.by_person or concern.stalled or answer_of(case, concern) is not None:
            continue
        if not is_open(case, concern):
            draft.record(
                RecordType.CONCERN_CLOSED, {"concern": concern.record.id, "results": recorded}
            )


def _raise_concerns(moment: Moment, draft: Draft, results: Results) -> None:
    let_off = waived(moment.case)
    failing = [test for test in results.failed if test not in let_off]
    known = {concern.tests for concern in draft.state.concerns if concern.answer is None}
    if failing and tuple(failing) not in known:
        text = f"{_failing(len(failing), len(results.outcomes))}: {_named(failing)}"
        draft.record(
            RecordType.CONCERN_RAISED,
            {"text": text, "tests": failing, "by": "machine", "due": None},
        )
    if not results.snapshot.matches:
        text = difference(results)
        draft.record(
            RecordType.CONCERN_RAISED, {"text": text, "tests": [], "by": "machine", "due": None}
        )


def _send_back(moment: Moment, draft: Draft, results: Results) -> tuple[str, ...]:
    """The tasks that the Implementer can do otherwise, where tests fail and tries are left."""
    let_off = waived(moment.case)
    failing = [test for test in results.failed if test not in let_off]
    if not failing or moment.state.tries >= allowed_tries(moment):
        return ()
    if moment.state.stage.number < Stage.VALIDATE.number:
        return ()
    tasks = tuple(t for t in moment.state.done if _has_more(moment, t))
    if not tasks:
        return ()
    data = {
        "from": moment.state.stage,
        "to": Stage.EXECUTE,
        "reason": f"{_failing(len(failing), len(results.outcomes))}: {failing[0]}",
        "tasks": sorted(tasks),
        "automatic": True,
    }
    draft.record(RecordType.REWORK, data)
    return tuple(sorted(tasks))


def allowed_tries(moment: Moment) -> int:
    """How often Execute and Validate go round by themselves: as the plan says, or policy."""
    return moment.case.planner.tries or moment.policy.tries


def _has_more(moment: Moment, task: str) -> bool:
    recipe: Recipe | None = moment.case.planner.recipe(task)
    return recipe is not None and recipe.has_more(tried(moment, task))


def _summary(results: Results, rework: tuple[str, ...], moment: Moment) -> str:
    total, failed = len(results.outcomes), len(results.failed)
    if rework:
        next_try = f"try {moment.state.tries + 1}/{allowed_tries(moment)}"
        return f"{_failing(failed, total)}, back to execute, {next_try}"
    if failed:
        return _failing(failed, total)
    matched = "snapshot matches" if results.snapshot.matches else "snapshot differs"
    return f"{total} tests pass, {matched}" if total != 1 else f"1 test passes, {matched}"


def _named(tests: list[str]) -> str:
    more = f" and {len(tests) - 3} more" if len(tests) > 3 else ""
    return ", ".join(tests[:3]) + more


def _failing(number: int, total: int) -> str:
    """`1 of 14 tests fails`, `2 of 14 tests fail`, `the only test fails`."""
    if total == 1:
        return "the only test fails"
    return f"{number} of {total} tests {'fails' if number == 1 else 'fail'}"
