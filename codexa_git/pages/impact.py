"""`impact.md`: what a change does, how it was done, and how that was verified; from records alone.

It is Markdown that people may edit before they approve it. What strangers wrote is escaped.
"""

from collections.abc import Iterable

from codexa_git.change.text import clean_title, code_span, escaped, one_line, visible
from codexa_git.pages.facts import (
    ConcernFacts,
    CriterionFacts,
    FileFacts,
    ImpactFacts,
    ResultsFacts,
    TaskFacts,
    WaiverFacts,
)


def impact(facts: ImpactFacts) -> bytes:
    """The page's bytes, the same for the same facts."""
    parts = {
        "Scope": _scope(facts),
        "Implementation notes": notes(facts.tasks, facts.others),
        "Verification": _verification(facts.criteria, facts.results),
        "Concerns and waivers": open_ends(facts.concerns, facts.waivers),
    }
    pages = [f"# {facts.change} {escaped(clean_title(facts.title))}"]
    pages += [f"## {name}\n\n{text}" for name, text in parts.items()]
    return ("\n\n".join(pages) + "\n").encode()


def _scope(facts: ImpactFacts) -> str:
    kept = [f"Left alone: {safe(text)}" for text in facts.out_of_scope]
    return listed([*map(safe, facts.scope), *kept], "What the criteria say.")


def notes(tasks: tuple[TaskFacts, ...], others: tuple[FileFacts, ...]) -> str:
    """How each task was done, and the files that it touched; then the files that none did."""
    told = [_task_notes(task) for task in tasks] or ["No task was planned."]
    if others:
        told.append("### By no task")
        told.append(listed(map(_file, others), ""))
    return "\n\n".join(told)


def _task_notes(task: TaskFacts) -> str:
    meets = f"Meets {', '.join(task.criteria)}; {safe(task.done)}."
    files = listed((_file(file) for file in task.files), "No file was touched.")
    return f"### {task.id}: {safe(task.title)}\n\n{meets}\n\n{files}"


def _file(file: FileFacts) -> str:
    if file.added is None or file.removed is None:
        return f"{code_span(file.path)} {safe(file.what)}, binary"
    return f"{code_span(file.path)} {safe(file.what)}, +{file.added} -{file.removed}"


def _verification(criteria: tuple[CriterionFacts, ...], results: ResultsFacts | None) -> str:
    covered = [met_by(criterion) for criterion in criteria]
    return "\n\n".join((outcome(results), listed(covered, "No criterion was written.")))


def outcome(results: ResultsFacts | None) -> str:
    """What the tests came to, on which tree, and what doing it again showed."""
    if results is None:
        return "No tests have run."
    counts = (
        f"{len(results.named('passed'))} passed",
        f"{len(results.named('failed', 'error'))} failed",
        f"{len(results.named('waived'))} waived",
        f"{len(results.named('skipped'))} skipped",
    )
    ran = ", ".join(f"{code_span(run)} ({safe(ended)})" for run, ended in results.commands)
    lines = [
        f"{', '.join(counts)}, on tree {code_span(results.tree)}.",
        f"Run: {ran or 'nothing'}.",
        f"Done again with the same seed: {safe(results.replayed)}.",
        f"Results: {safe(results.signed)}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def met_by(criterion: CriterionFacts) -> str:
    """One criterion, and the tasks and tests that meet it."""
    by = [*criterion.tasks, *(code_span(test) for test in criterion.tests)]
    return f"{criterion.id}, {safe(criterion.text)}: {', '.join(by) or 'by nothing yet'}"


def open_ends(concerns: tuple[ConcernFacts, ...], waivers: tuple[WaiverFacts, ...]) -> str:
    """Every concern with its answer, and every waiver with its reason."""
    told = [
        f"{safe(concern.label)}, {safe(concern.text)} ({safe(concern.by)}): "
        + (safe(concern.answer) if concern.answer is not None else "**open**")
        for concern in concerns
    ]
    waived = [
        f"Waived by {safe(waiver.by)}: {', '.join(map(code_span, waiver.tests))}; "
        f"{safe(waiver.reason)}"
        + (f" (does not count: {safe(waiver.problem)})" if waiver.problem else "")
        for waiver in waivers
    ]
    return listed([*told, *waived], "None.")


def safe(text: str) -> str:
    """One line of a stranger's text, as Markdown that reads as this text and nothing else."""
    return escaped(visible(one_line(text))) or "(empty)"


def listed(items: Iterable[str], nothing: str) -> str:
    """A list of these; `nothing` where there are none."""
    return "\n".join(f"- {item}" for item in items) or nothing
