"""The figures of a change, and of many: what was asked for, done, tested, and done again."""

from collections.abc import Sequence
from typing import NamedTuple

from codexa_git.change.brief import Brief
from codexa_git.change.plan import Plan
from codexa_git.change.results import NOT_APPLICABLE, Results
from codexa_git.change.state import State


class Figures(NamedTuple):
    """What one change came to. `repeated`: did the same seed give the same; `None`: not asked.

    `lines` are those that its tests could run, `touched` those of them that it touched; `None`
    where that was not measured.
    """

    criteria: int
    covered: int
    tasks: int
    completed: int
    passed: int
    failed: int
    skipped: int
    concerns: int
    reworks: int
    repeated: bool | None
    lines: int | None = None
    lines_covered: int | None = None
    touched: int | None = None
    touched_covered: int | None = None


class Totals(NamedTuple):
    """What several changes came to; tests and lines are those of the last, which ran them all.

    `repeated` of `repeatable` changes gave the same files and outcomes with the same seed.
    """

    changes: int
    criteria: int
    covered: int
    passed: int
    failed: int
    repeated: int
    repeatable: int
    lines: int | None = None
    lines_covered: int | None = None


def covered(brief: Brief, plan: Plan, state: State) -> int:
    """How many criteria have a task that is completed."""
    done = {name for task in plan.tasks if task.id in state.done for name in task.criteria}
    return sum(1 for criterion in brief.criteria if criterion.id in done)


def figures_of(state: State, brief: Brief, plan: Plan, results: Results | None) -> Figures:
    """The figures of one change."""
    coverage = None if results is None else results.coverage
    return Figures(
        criteria=len(brief.criteria),
        covered=covered(brief, plan, state),
        tasks=len(plan.tasks),
        completed=len(state.done),
        passed=0 if results is None else len(results.passed),
        failed=0 if results is None else len(results.failed),
        skipped=0 if results is None else len(results.skipped),
        concerns=len(state.concerns),
        reworks=len(state.reworks),
        repeated=_repeated(results),
        lines=None if coverage is None else coverage.lines,
        lines_covered=None if coverage is None else coverage.covered,
        touched=None if coverage is None else coverage.touched.lines,
        touched_covered=None if coverage is None else coverage.touched.covered,
    )


def _repeated(results: Results | None) -> bool | None:
    if results is None or results.snapshot.tests == NOT_APPLICABLE:
        return None
    return results.snapshot.matches


def total(changes: Sequence[Figures]) -> Totals:
    """The figures of these changes together, in the order in which they landed."""
    last = changes[-1] if changes else None
    return Totals(
        changes=len(changes),
        criteria=sum(one.criteria for one in changes),
        covered=sum(one.covered for one in changes),
        passed=0 if last is None else last.passed,
        failed=0 if last is None else last.failed,
        repeated=sum(1 for one in changes if one.repeated),
        repeatable=sum(1 for one in changes if one.repeated is not None),
        lines=None if last is None else last.lines,
        lines_covered=None if last is None else last.lines_covered,
    )
