"""The files of a change as pages tell them: by the task that touched them, or by none.

A task's record says what it left; people commit beside it. So every file that an approval of the
package would bind is told once for all: under the tasks that touched it, as product that no task
touched, or as one of the change's own papers.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.paths import Kind
from codexa_git.change.plan import Plan
from codexa_git.change.text import clipped
from codexa_git.gate.case import Case
from codexa_git.gate.working import stands_for
from codexa_git.pages.facts import FileFacts, TaskFacts
from codexa_git.repository.objects import Difference, Entry, Mode

_NAMES: dict[str, str] = {
    Mode.EXECUTABLE: "executable",
    Mode.SYMLINK: "a link",
    Mode.GITLINK: "a submodule",
}


class Files(NamedTuple):
    """What each task touched, by its id; then what none did: product, and the change's papers."""

    by_task: dict[str, tuple[FileFacts, ...]]
    others: tuple[FileFacts, ...]
    papers: tuple[FileFacts, ...]


def files(case: Case, plan: Plan | None) -> Files:
    """Every file of the change, each with its whole difference from the base."""
    bound = (*case.scope(Gate.PACKAGE), *case.of_kind(Kind.STRAY, Kind.FOREIGN))
    differences = {difference.path: difference for difference in bound}
    told = file_facts(case, bound)
    last = left_by(case)
    touched = {
        path: told[path]._replace(later=_is_later(differences[path], last[path]))
        for path in sorted(last.keys() & told.keys())
    }
    tasks = () if plan is None else plan.tasks
    by_task = {task.id: left_by(case, task.id).keys() for task in tasks}
    seen = {path for paths in by_task.values() for path in paths}
    rest = [told[path] for path in sorted(told.keys() - seen)]
    is_paper = {path: case.kinds[path] is Kind.PAPER for path in told}
    return Files(
        {task: tuple(touched[p] for p in touched if p in left) for task, left in by_task.items()},
        tuple(file for file in rest if not is_paper[file.path]),
        tuple(file for file in rest if is_paper[file.path]),
    )


def left_by(case: Case, task: str | None = None) -> dict[str, dict[str, Any]]:
    """What the task, or any, left at each path that it touched, whenever it was done.

    A later time adds to an earlier, and counts where both touched the same.
    """
    done = case.state.of(RecordType.TASK_COMPLETED)
    own = [record for record in done if task is None or record.data["task_id"] == task]
    return {file["path"]: file for record in own for file in record.data["files_touched"]}


def _is_later(difference: Difference, left: Mapping[str, Any]) -> bool:
    new = difference.new
    now = (None, None) if new is None else (str(new.mode), new.oid)
    return now != (left["mode"], left["blob"])


def task_facts(case: Case, plan: Plan | None, found: Files) -> tuple[TaskFacts, ...]:
    """The tasks of the plan, each with how it was done and what it touched."""
    return tuple(
        TaskFacts(
            task.id,
            task.title,
            task.criteria,
            task.after,
            _done_by(case, task.id),
            found.by_task[task.id],
        )
        for task in (plan.tasks if plan else ())
    )


def _done_by(case: Case, task: str) -> str:
    record = case.state.done.get(task)
    if record is None:
        return "not done"
    signed = "" if not stands_for(case, record) else f", signed by {record.signer.name}"
    return f"by {record.actor.name}, {record.data['run']}{signed}"


def file_facts(case: Case, differences: Sequence[Difference]) -> dict[str, FileFacts]:
    """What happens to each of these files, by its path, with the lines of its diff numbered."""
    patches = case.store.patches(differences, numbered=True)
    return {d.path: _file(case, d, patches[d.path]) for d in differences}


def _file(case: Case, difference: Difference, patch: bytes | None) -> FileFacts:
    what = what_happens(case, difference)
    if patch is None:
        return FileFacts(difference.path, what, None, None)
    lines = patch.split(b"\n")
    added, removed = (sum(1 for ln in lines if ln.startswith(sign)) for sign in (b"+", b"-"))
    return FileFacts(difference.path, what, added, removed, patch.decode("utf-8", "replace"))


def what_happens(case: Case, difference: Difference) -> str:
    """In words what becomes of the file, its mode and where a link leads included."""
    old, new = difference.old, difference.new
    if new is None:
        return "deleted"
    if old is None:
        return ", ".join(filter(None, ("added", _named(case, new))))
    word = "changed" if old.oid != new.oid else "mode changed"
    if old.mode != new.mode:
        return f"{word}, now {_named(case, new) or 'a plain file'}"
    return ", ".join(filter(None, (word, _named(case, new))))


def _named(case: Case, entry: Entry) -> str:
    name = _NAMES.get(entry.mode, "")
    if entry.mode != Mode.SYMLINK:
        return name
    return f"{name} to {clipped(case.store.blob(entry.oid).decode('utf-8', 'replace'), 200)}"
