"""What the tool keeps of a run: `run.json`, and of each task `T-##.json`.

The tree holds these, a short log of each task, and the digests of the full outputs, whose bodies
lie on the change's evidence ref and can truly be dropped.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from codexa_git.audit.recent import recent
from codexa_git.audit.schema import CHANGE, ITEM, RUN, TASK, TOUCHED
from codexa_git.audit.shapes import INTEGER, LINE, OBJECT_ID, WHOLE, listing, optional, structure
from codexa_git.change.results import indented, read_indented
from codexa_git.errors import RecordError

FORMAT = 1
_MOST_KEPT = 1024 * 1024

TASK_SHAPE = structure(
    format=WHOLE,
    change=CHANGE,
    run=RUN,
    task_id=TASK,
    title=LINE,
    recipe=LINE,
    start=OBJECT_ID,
    commands=listing(structure(run=LINE, exit=optional(INTEGER), status=LINE)),
    files_touched=listing(TOUCHED),
)
RUN_SHAPE = structure(
    format=WHOLE,
    change=CHANGE,
    run=RUN,
    round=WHOLE,
    provider=LINE,
    seed=WHOLE,
    tasks=listing(structure(task_id=TASK, outcome=LINE)),
    outputs=listing(ITEM),
)


class RunDocument(NamedTuple):
    """What `run.json` says: which tasks came to what, and the digests of their full outputs."""

    change: str
    run: str
    round: int
    provider: str
    seed: int
    tasks: tuple[tuple[str, str], ...]
    outputs: tuple[dict[str, str], ...]


def format_run(run: RunDocument) -> bytes:
    """The bytes of `run.json`."""
    tasks = [{"task_id": task, "outcome": outcome} for task, outcome in run.tasks]
    value = run._asdict() | {"format": FORMAT, "tasks": tasks, "outputs": list(run.outputs)}
    return indented(value)


@recent(_MOST_KEPT)
def parse_run(content: bytes, path: str) -> RunDocument:
    """The run that these bytes describe.

    Raises:
        RecordError: they are not of the specified form.
    """
    value = _checked(content, path, RUN_SHAPE.check)
    return RunDocument(
        value["change"],
        value["run"],
        value["round"],
        value["provider"],
        value["seed"],
        tuple((task["task_id"], task["outcome"]) for task in value["tasks"]),
        tuple(value["outputs"]),
    )


def format_task(value: dict[str, Any]) -> bytes:
    """The bytes of `T-##.json`; `value` is as `TASK_SHAPE` says, without the format."""
    full = value | {"format": FORMAT}
    TASK_SHAPE.check(full, "a task's evidence")
    return indented(full)


def parse_task(content: bytes, path: str) -> dict[str, Any]:
    """What one task's evidence says, as `TASK_SHAPE` describes.

    Raises:
        RecordError: it is not of the specified form.
    """
    return _checked(content, path, TASK_SHAPE.check)


def _checked(content: bytes, path: str, check: Callable[[object, str], None]) -> dict[str, Any]:
    value = read_indented(content, path)
    check(value, path)
    if value["format"] != FORMAT:
        raise RecordError(f"{path}: evidence of format {value['format']}")
    return value
