"""Replanting: what was made on one tip is put on another, without asking or running anything again.

A result waits where a checkout had no room for it, and a branch may move while a decision is being
signed. What was put in (a person's signed word, what a task left, signed results, a plan's seed)
goes again through the same draft, on the tip as it is then. What only follows from the records, a
handoff, a package, a sync, a closing, is not carried over: `advance` makes it again.
"""

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.change.paths import Kind, kind_of
from codexa_git.errors import CodexaError
from codexa_git.repository.objects import Commit
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.moment import Moment, moment_at
from codexa_git.workflow.decisions.deciding import SAID
from codexa_git.workflow.together.remaking import as_then, made_again, new_records

TASKS = (RecordType.TASK_COMPLETED, RecordType.TASK_FAILED)
_CARRIED = (*SAID, *TASKS, RecordType.PLANNED, RecordType.RESULTS_RECORDED, RecordType.REWORK)
"""The commits that hold what was put in; every other one follows from these."""


def replanted(moment: Moment, commit: Commit) -> Built | None:
    """The commit made again at this moment; `None` where it has no place there."""
    try:
        new = new_records(moment.store, moment.change, commit)
        if not _fits(moment, commit, new):
            return None
        then = at_time_of(moment, commit, new)
        return made_again(then, carried(moment, commit), new)
    except CodexaError:
        # What cannot be made there has no place there; whoever asked is told so.
        return None


def at_time_of(moment: Moment, commit: Commit, new: list[Record]) -> Moment:
    """The same moment at the time at which this commit's records were made."""
    return moment_at(as_then(moment.ground, commit, new), moment.ref, moment.tip, moment.held)


def _fits(moment: Moment, commit: Commit, new: list[Record]) -> bool:
    kinds = {record.type for record in new}
    known = set(moment.state.ids)
    if not kinds.intersection(_CARRIED) or any(record.id in known for record in new):
        return False
    for record in new:
        if record.type is RecordType.RESULTS_RECORDED:
            return bool(record.data["tree"] == moment.case.tested_tree)
    return not kinds.intersection(TASKS) or not overlaps(moment, commit)


def overlaps(moment: Moment, commit: Commit) -> bool:
    """True where somebody changed since what the task changed."""
    store, start = moment.store, moment.store.tree_of(commit.parents[0])
    theirs = {d.path for d in store.difference(start, moment.tip.tree)}
    ours = {d.path for d in store.difference(start, commit.tree)}
    return any(kind_of(path, moment.change) is Kind.PRODUCT for path in theirs & ours)


def carried(moment: Moment, commit: Commit) -> Commit:
    """The commit with the tree that it would have if it had been made on this tip."""
    store, start = moment.store, moment.store.tree_of(commit.parents[0])
    changes = {d.path: d.new for d in store.difference(start, commit.tree)}
    return commit._replace(tree=store.write_tree(moment.tip.tree, changes))
