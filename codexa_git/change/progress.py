"""A closed change's block of `PROGRESS.md`: its status and its evidence, from records alone."""

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.brief import Brief
from codexa_git.change.coverage import coverage_told
from codexa_git.change.figures import covered
from codexa_git.change.plan import Plan
from codexa_git.change.results import Results
from codexa_git.change.state import State
from codexa_git.change.text import escaped
from codexa_git.change.tracing import Approvals


def progress_block(
    state: State, brief: Brief, plan: Plan, results: Results | None, approvals: Approvals
) -> bytes:
    """The block's bytes: one table of facts, then the evidence by path and digest."""
    rows = [
        ("milestone", escaped(state.opened.data["milestone"] or "none")),
        ("criteria", f"{covered(brief, plan, state)} of {len(brief.criteria)} covered"),
        ("tasks", f"{len(state.done)} of {len(plan.tasks)} completed"),
        ("tests", _tests(results)),
        ("lines covered by tests", _lines(results)),
        ("done again with the same seed", _again(results)),
        ("approvals", _approvals(approvals)),
        ("concerns", f"{len(state.concerns)} raised, none open"),
        ("rework rounds", str(len(state.reworks))),
    ]
    lines = [
        f"## {state.change}: {escaped(state.title)}",
        "",
        "| closed | |",
        "| --- | --- |",
        *(f"| {name} | {value} |" for name, value in rows),
        "",
        "Evidence:",
        "",
        *(f"- `{path}` `{name}`" for path, name in _evidence(state)),
    ]
    return ("\n".join(lines) + "\n").encode()


def _tests(results: Results | None) -> str:
    if results is None:
        return "none"
    return (
        f"{len(results.passed)} passed, {len(results.failed)} failed,"
        f" {len(results.skipped)} skipped, on tree `{results.tree}`"
    )


def _lines(results: Results | None) -> str:
    if results is None:
        return coverage_told(None)
    return escaped(coverage_told(results.coverage, results.coverage_problem))


def _again(results: Results | None) -> str:
    if results is None:
        return "not done"
    return f"tasks {results.snapshot.tasks}, tests {results.snapshot.tests}"


def _approvals(approvals: Approvals) -> str:
    """Who approved what; a gate that nobody approved is named too."""
    return ", ".join(f"{gate} by {_names(approvals[gate])}" for gate in Gate)


def _names(records: tuple[Record, ...]) -> str:
    return " and ".join(escaped(record.actor.name) for record in records) or "nobody"


def _evidence(state: State) -> list[tuple[str, str]]:
    listed = dict(state.evidence)
    recorded = state.of(RecordType.RESULTS_RECORDED)
    if recorded:
        listed[f"tests/results/{state.change}.json"] = recorded[-1].data["gates"]["results"][
            "subject"
        ]
    return sorted(listed.items())
