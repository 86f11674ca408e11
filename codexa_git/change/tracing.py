"""A closed change's block of `TRACEABILITY.md`: from milestone and requirement down to approval."""

from collections.abc import Iterable, Mapping

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.brief import Brief
from codexa_git.change.figures import covered
from codexa_git.change.plan import Plan
from codexa_git.change.results import Results
from codexa_git.change.state import State
from codexa_git.change.text import escaped, visible

Approvals = Mapping[Gate, tuple[Record, ...]]
"""The approvals of each gate that count: whoever tells of approvals on the base tells of these."""


def touched(state: State, task: str) -> list[str]:
    """Every path that the task touched, each time it was done: a later time adds to an earlier."""
    done = state.of(RecordType.TASK_COMPLETED)
    own = [record for record in done if record.data["task_id"] == task]
    return sorted({file["path"] for record in own for file in record.data["files_touched"]})


def found_tests(state: State, results: Results | None, tasks: Iterable[str]) -> tuple[str, ...]:
    """The tests that lie in files which these tasks touched."""
    if results is None:
        return ()
    modules = {
        path.removesuffix(".py").replace("/", ".")
        for task in tasks
        for path in touched(state, task)
    }
    return tuple(o.test for o in results.outcomes if _lies_in(o.test, modules))


def holds_test(path: str, tests: Iterable[str]) -> bool:
    """True where one of these tests lies in the file at `path`."""
    module = {path.removesuffix(".py").replace("/", ".")}
    return any(_lies_in(test, module) for test in tests)


def _lies_in(test: str, modules: set[str]) -> bool:
    """True where the test's place is one of the modules, or a class in one of them.

    Test runners name a place as they see it, which may leave out folders that lead to it.
    """
    parts = test.partition("::")[0].split(".")
    for end in range(len(parts), 0, -1):
        place = ".".join(parts[:end])
        if place in modules or any(module.endswith(f".{place}") for module in modules):
            return True
        if not parts[end - 1][:1].isupper():
            return False
    return False


def trace_block(
    state: State, brief: Brief, plan: Plan, results: Results | None, approvals: Approvals
) -> bytes:
    """The block's bytes: the change's row of the dashboard, its criteria, and who approved what."""
    tables = [
        f"## {state.change}: {escaped(state.title)}",
        _table(_DASHBOARD, [_row(state, brief, plan, results, approvals)]),
        _table(_TRACE, _traces(state, brief, plan, results)),
        _table(_APPROVED, _approved(approvals)),
    ]
    return ("\n\n".join(tables) + "\n").encode()


_DASHBOARD = (
    *("milestone", "requirements", "change", "what"),
    *("criteria covered", "tests", "approvals", "closed"),
)
_TRACE = ("criterion", "what holds", "task", "what was done", "tests in the files that it touched")
_APPROVED = ("approval", "by", "when", "subject")


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (heads, ("---",) * len(heads), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(
    state: State, brief: Brief, plan: Plan, results: Results | None, approvals: Approvals
) -> tuple[str, ...]:
    tests = "none" if results is None else f"{len(results.passed)} passed"
    if results is not None and results.failed:
        tests += f", {len(results.failed)} failed"
    given = ", ".join(f"{gate} {len(approvals[gate])}" for gate in Gate)
    return (
        escaped(state.opened.data["milestone"] or "none"),
        escaped(", ".join(state.opened.data["requirements"]) or "none"),
        state.change,
        escaped(state.title),
        f"{covered(brief, plan, state)} of {len(brief.criteria)}",
        tests,
        given,
        "no" if state.closed is None else state.closed.at[:10],
    )


def _traces(
    state: State, brief: Brief, plan: Plan, results: Results | None
) -> Iterable[tuple[str, ...]]:
    for criterion in brief.criteria:
        for task in plan.tasks:
            if criterion.id in task.criteria:
                tests = ", ".join(map(_cell, found_tests(state, results, [task.id])))
                said = _cell(criterion.text)
                yield criterion.id, said, task.id, _cell(task.title), tests or "none"


def _approved(approvals: Approvals) -> list[tuple[str, ...]]:
    """A row an approval; what nobody approved is told as that, and not left out."""
    return [row for gate in Gate for row in _approved_at(gate, approvals[gate])]


def _approved_at(gate: Gate, records: tuple[Record, ...]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [
        (str(gate), _cell(str(r.actor)), r.at, f"`{r.data['gates'][gate]['subject']}`")
        for r in records
    ]
    return found or [(str(gate), "nobody", "", "")]


def _cell(text: str) -> str:
    return escaped(visible(text))
