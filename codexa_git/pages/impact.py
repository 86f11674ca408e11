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
        "Implementation notes": _notes(facts.tasks),
        "Verification": _verification(facts.criteria, facts.results),
        "Concerns and waivers": _open_ends(facts.concerns, facts.waivers),
    }
    pages = [f"# {facts.change} {escaped(clean_title(facts.title))}"]
    pages += [f"## {name}\n\n{text}" for name, text in parts.items()]
    return ("\n\n".join(pages) + "\n").encode()


def _scope(facts: ImpactFacts) -> str:
    kept = [f"Left alone: {_safe(text)}" for text in facts.out_of_scope]
    return _listed([*map(_safe, facts.scope), *kept], "What the criteria say.")


def _notes(tasks: tuple[TaskFacts, ...]) -> str:
    if not tasks:
        return "No task was planned."
    return "\n\n".join(_task(task) for task in tasks)


def _task(task: TaskFacts) -> str:
    meets = f"Meets {', '.join(task.criteria)}; {_safe(task.done)}."
    files = _listed((_file(file) for file in task.files), "No file was touched.")
    return f"### {task.id}: {_safe(task.title)}\n\n{meets}\n\n{files}"


def _file(file: FileFacts) -> str:
    if file.added is None or file.removed is None:
        return f"{code_span(file.path)} {_safe(file.what)}, binary"
    return f"{code_span(file.path)} {_safe(file.what)}, +{file.added} -{file.removed}"


def _verification(criteria: tuple[CriterionFacts, ...], results: ResultsFacts | None) -> str:
    covered = [_covered(criterion) for criterion in criteria]
    return "\n\n".join((_figures(results), _listed(covered, "No criterion was written.")))


def _figures(results: ResultsFacts | None) -> str:
    if results is None:
        return "No tests have run."
    counts = (
        f"{len(results.named('passed'))} passed",
        f"{len(results.named('failed', 'error'))} failed",
        f"{len(results.named('waived'))} waived",
        f"{len(results.named('skipped'))} skipped",
    )
    ran = ", ".join(f"{code_span(run)} ({_safe(ended)})" for run, ended in results.commands)
    lines = [
        f"{', '.join(counts)}, on tree {code_span(results.tree)}.",
        f"Run: {ran or 'nothing'}.",
        f"Done again with the same seed: {_safe(results.replayed)}.",
        f"Results: {_safe(results.signed)}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _covered(criterion: CriterionFacts) -> str:
    by = [*criterion.tasks, *(code_span(test) for test in criterion.tests)]
    return f"{criterion.id}, {_safe(criterion.text)}: {', '.join(by) or 'by nothing yet'}"


def _open_ends(concerns: tuple[ConcernFacts, ...], waivers: tuple[WaiverFacts, ...]) -> str:
    told = [
        f"{_safe(concern.label)}, {_safe(concern.text)} ({_safe(concern.by)}): "
        + (_safe(concern.answer) if concern.answer is not None else "**open**")
        for concern in concerns
    ]
    waived = [
        f"Waived by {_safe(waiver.by)}: {', '.join(map(code_span, waiver.tests))}; "
        f"{_safe(waiver.reason)}"
        for waiver in waivers
    ]
    return _listed([*told, *waived], "None.")


def _safe(text: str) -> str:
    return escaped(visible(one_line(text))) or "(empty)"


def _listed(items: Iterable[str], nothing: str) -> str:
    return "\n".join(f"- {item}" for item in items) or nothing
