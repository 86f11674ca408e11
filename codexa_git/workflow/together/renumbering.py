"""Renumbering: a change whose number another one took first gets the next that is free.

It is opened again under the other number, and every commit of it is made again: people's with
their author, time and words, the tool's from what was put in. Signatures bind the number, and so
does what was run, so this ends with the first of them.
"""

import re
from typing import NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.ids import change_id
from codexa_git.audit.record import Record, make
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.paths import Places
from codexa_git.errors import CodexaError, RefusedError
from codexa_git.repository.objects import Commit, Entry, RefUpdate
from codexa_git.repository.publication import carry
from codexa_git.repository.reading import REGULAR
from codexa_git.repository.remotes import upstream
from codexa_git.repository.worktrees import Worktree, worktrees
from codexa_git.workflow.base.ground import CHANGE_PREFIX
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.moment import Footing, Moment, moment_at
from codexa_git.workflow.decisions.deciding import SAID
from codexa_git.workflow.stages.opening import next_number, opened
from codexa_git.workflow.together.joining import synced_anew
from codexa_git.workflow.together.publishing import bookmark, waiting_ref
from codexa_git.workflow.together.remaking import as_then, made_again, new_records


class _Numbers(NamedTuple):
    """The number that a change had, and the one that it gets."""

    old: str
    new: str

    def text(self, content: bytes) -> bytes:
        """The same text of the change under its new number."""
        return re.sub(
            rb"(?<![0-9A-Za-z-])%s(?![0-9])" % self.old.encode(), self.new.encode(), content
        )

    def path(self, path: str) -> str:
        """Where a file of the change lies under its new number."""
        parts = [self.new if part == self.old else part for part in path.split("/")]
        return "/".join(parts) if path.split("/", maxsplit=1)[0] in _FOLDERS else path


_FOLDERS = ("changes", "audit")


def renumbered(moment: Moment) -> Moment:
    """The same change under the next number that nobody has, on a branch and checkout of its own.

    Raises:
        RefusedError: something of it is signed or was run, or a work tree has no room.
    """
    _require_unsigned(moment)
    numbers = _Numbers(moment.change, change_id(next_number(moment.ground)))
    try:
        new, marks = _made(moment, numbers)
    except (CodexaError, LookupError, StopIteration) as error:
        raise _refused(moment, "it cannot be made again under another one") from error
    _move(moment, new, marks)
    return new


def _require_unsigned(moment: Moment) -> None:
    state = moment.state
    signed = next((record for record in state.records if record.signature is not None), None)
    if signed is not None:
        raise _refused(moment, f"what {signed.signer} signed bears it")
    if state.stage.number > Stage.SPEC.number or state.last_run is not None:
        raise _refused(moment, "its tasks were begun under it")
    if moment.store.ref(waiting_ref(moment.change)) is not None:
        raise _refused(moment, "a result of it waits for room in a checkout")


def _refused(moment: Moment, why: str) -> RefusedError:
    change, base = moment.change, moment.ground.branch
    return RefusedError(
        f"another {change} was opened on the remote first, and this one keeps its number: {why}",
        hint=(
            f"keep its commits: git branch mine change/{change}; git log {base}..mine",
            f"take the other: git branch -f change/{change} @{{upstream}}, on another branch",
            'open yours anew: git codexa open "...", and git cherry-pick what people committed',
        ),
    )


def _made(moment: Moment, numbers: _Numbers) -> tuple[Moment, dict[str, str]]:
    """The change under its new number, and the bookmarks of the stages that it closed."""
    store, ref = moment.store, f"{CHANGE_PREFIX}{numbers.new}"
    now: Moment | None = None
    tip, marks = moment.held, {}
    for commit in reversed(store.beyond(moment.held.oid, moment.tip.oid)):
        new = new_records(store, numbers.old, commit)
        if any(record.type is RecordType.OPENED for record in new):
            built = _opened(moment, numbers, tip, commit, new)
        elif now is None:
            # The work that a light change was opened over bears no number yet.
            tip = commit
            continue
        else:
            built = _again(now, numbers, commit, new)
        now = moment_at(moment.ground, ref, built.commit)
        tip = built.commit
        if built.closed is not None:
            marks[bookmark(numbers.new, built.closed)] = tip.oid
    if now is None:
        raise LookupError(numbers.old)
    return now, marks


def _opened(
    moment: Moment, numbers: _Numbers, tip: Commit, commit: Commit, new: list[Record]
) -> Built:
    store = moment.store
    record = next(r for r in new if r.type is RecordType.OPENED)
    light = next((r.data for r in new if r.type is RecordType.LIGHTENED), None)
    brief = numbers.text(store.read(commit.tree, Places(numbers.old).brief) or b"")
    ground = as_then(moment.ground, commit, new)
    footing = Footing(ground, numbers.new, tip, moment.held, moment.policy)
    return opened(footing, record.actor, brief, record.data | {"brief": digest(brief)}, light)


def _again(now: Moment, numbers: _Numbers, commit: Commit, new: list[Record]) -> Built:
    if not new:
        return Built(_by_person(now, numbers, commit), None)
    ground = as_then(now.ground, commit, new)
    then = moment_at(ground, now.ref, now.tip, now.held)
    if any(record.type is RecordType.SYNCED for record in new):
        built = synced_anew(then, commit, new)
        if built is None:
            raise LookupError(commit.oid)
        return built
    return made_again(then, commit, [_numbered(numbers, record) for record in new])


def _numbered(numbers: _Numbers, record: Record) -> Record:
    data = record.data
    if record.type is RecordType.COMMAND_SAID:
        data = data | {"text": numbers.text(data["text"].encode()).decode()}
    if record.type not in SAID:
        return record
    return make(
        record.type,
        data,
        change=numbers.new,
        stage=record.stage,
        round=record.round,
        actor=record.actor,
        at=record.seconds,
    )


def _by_person(now: Moment, numbers: _Numbers, commit: Commit) -> Commit:
    """A person's commit, whose files of the change lie where the new number has them."""
    store = now.store
    changes: dict[str, Entry | None] = {}
    for difference in store.difference(store.tree_of(commit.parents[0]), commit.tree):
        path, entry = numbers.path(difference.path), difference.new
        if path != difference.path and entry is not None and entry.mode in REGULAR:
            content = numbers.text(store.whole(entry.oid))
            entry = Entry(entry.mode, store.hold_blobs([content])[0])
        changes[path] = entry
    tree = store.hold_tree(now.tip.tree, changes)
    parents = (now.tip.oid, *commit.parents[1:])
    message = numbers.text(commit.message)
    oid = store.write_commit(tree, parents, commit.author, commit.committer, message)
    return store.commit(oid)


def _move(moment: Moment, new: Moment, marks: dict[str, str]) -> None:
    """The new branch is there, every work tree of the old one stands on it, and the old is gone."""
    store, follows = moment.store, upstream(moment.store, moment.ref)
    made = {new.ref: new.tip.oid, **marks}
    there = store.named(list(made))
    updates = [RefUpdate(name, oid, there.get(name)) for name, oid in made.items()]
    carry(store, updates, f"codexa: {moment.change} is {new.change} from here on")
    for tree in worktrees(store):
        if tree.ref == moment.ref and not _switched(new, tree):
            carry(store, [RefUpdate(n, there.get(n), o) for n, o in made.items()], "codexa: undone")
            raise RefusedError(
                f"{moment.change} has to become {new.change}, for another {moment.change} was"
                f" opened on the remote first; uncommitted work in {tree.path} is in the way",
                hint=f"git stash, then: git codexa sync {moment.change}",
            )
    if follows is not None:
        branch = new.ref.removeprefix("refs/heads/")
        store.set_config(f"branch.{branch}.remote", follows.remote)
        store.set_config(f"branch.{branch}.merge", new.ref)
    _forget(moment)


def _switched(new: Moment, tree: Worktree) -> bool:
    git = new.store.git._replace(folder=tree.path)
    status, _ = git.answer("switch", "--quiet", new.ref.removeprefix("refs/heads/"))
    return status == 0


def _forget(moment: Moment) -> None:
    """Nothing here goes by the old number any more."""
    store, marks = moment.store, [bookmark(moment.change, stage) for stage in Stage]
    there = store.named([moment.ref, *marks])
    carry(store, [RefUpdate(name, None, oid) for name, oid in there.items()], "codexa: renumbered")
    section = f"branch.{moment.ref.removeprefix('refs/heads/')}"
    store.git.answer("config", "--local", "--remove-section", section)
