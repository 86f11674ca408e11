"""What a command committed on its way, and whose work it is."""

from collections.abc import Mapping, Sequence

from codexa_git.audit.words import RecordType
from codexa_git.change.text import visible
from codexa_git.cli.desk import Desk
from codexa_git.cli.telling import say, warn
from codexa_git.repository.objects import Commit
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.avowing import Unsigned
from codexa_git.workflow.moves.advancing import Advanced
from codexa_git.workflow.owners.collecting import in_words
from codexa_git.workflow.together.remaking import new_records


def say_signed(before: Moment, after: Moment) -> None:
    """What of the work somebody stands for now."""
    known = frozenset(before.state.ids)
    for task in after.state.of(RecordType.TASK_COMPLETED):
        if task.signature is not None and task.id not in known:
            files = visible(", ".join(file["path"] for file in task.data["stands"]))
            say(f"{task.data['task_id']} is signed as the work of {task.signer.name}: {files}")


def warn_not_signed(task: str, found: Unsigned, *hints: str) -> None:
    """That a person does not sign a task which they wanted to sign, and what follows."""
    warn(f"{task} is not signed: {found.why}", *(found.hints or hints))


def warn_unsigned(
    made: Sequence[Commit], after: Moment, refused: Mapping[str, Unsigned], *, wanted: bool
) -> None:
    """At the end, where nothing scrolls it away: what was taken up here that nobody stands for.

    It is told where signatures matter: the policy asks whose work it is, or they are `wanted`. Of a
    task that somebody wanted to sign, and was `refused`, it tells why, and says nothing twice.
    """
    if not (wanted or after.policy.separate):
        return
    tasks = [
        record.data["task_id"]
        for commit in made
        for record in new_records(after.store, after.change, commit)
        if record.type is RecordType.TASK_COMPLETED
        if record.signature is None and record.data["by"] == "person"
    ]
    hints = ["two people approve its results and package"] if after.policy.separate else []
    for task, found in refused.items():
        warn_not_signed(task, found, *hints)
    tasks = [task for task in tasks if task not in refused]
    if not tasks:
        return
    verb = "is" if len(tasks) == 1 else "are"
    warn(
        f"{in_words(tasks)} {verb} on record as done by hand, and signed by nobody",
        *hints,
        "whoever does a task alone signs it as it is taken up: git codexa advance --sign",
    )


def say_commits(desk: Desk, before: str, step: Advanced) -> None:
    """What a step committed after the commit `before`."""
    for commit in committed_since(desk, before, step.moment.tip.oid):
        branch = step.moment.ref.removeprefix("refs/heads/")
        say(f"[{branch} {commit.oid[:7]}] {commit.subject}")


def committed_since(desk: Desk, before: str, tip: str) -> list[Commit]:
    """What was committed after `before`; where that was amended away, after what both stand on."""
    if tip == before:
        return []
    return desk.store.between(desk.store.merge_base(before, tip) or before, tip)
