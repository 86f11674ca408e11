"""Sizing: how much a change has done so far, and below which folders."""

from codexa_git.change.paths import Kind
from codexa_git.errors import PaperError, RecordError
from codexa_git.gate.case import Case
from codexa_git.workflow.reports.standing import Work

NOTHING_DONE = Work(0, 0, 0, 0, 0, ())


def work_of(case: Case) -> Work:
    """What a change has done so far, in tasks, files and lines, and where."""
    product = case.of_kind(Kind.PRODUCT)
    patches = case.store.patches(product)
    lines = [line for patch in patches.values() if patch for line in patch.split(b"\n")]
    planned = _planned(case)
    return Work(
        len(planned & case.state.done.keys()),
        len(planned),
        len(product),
        sum(line.startswith(b"+") for line in lines),
        sum(line.startswith(b"-") for line in lines),
        covering([d.path for d in product], [d.path for d in case.differences]),
    )


def _planned(case: Case) -> set[str]:
    try:
        return {task.id for task in case.plan.tasks}
    except (PaperError, RecordError):
        return set()


def covering(wanted: list[str], differing: list[str]) -> tuple[str, ...]:
    """The fewest folders and files below which all the wanted paths differ, and no others do."""
    others = set(differing) - set(wanted)
    found: dict[str, None] = {}
    for path in wanted:
        found.setdefault(_widest(path, others))
    return tuple(sorted(found))


def _widest(path: str, others: set[str]) -> str:
    at = path.find("/")
    while at != -1:
        folder = path[:at]
        if not any(other.startswith(f"{folder}/") for other in others):
            return folder
        at = path.find("/", at + 1)
    return path
