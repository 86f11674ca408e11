"""Publishing: refs move in one transaction, and every work tree that stands on them follows.

A journal is written before and taken away after, so that a command killed in between leaves
enough to finish: the refs are as before or as after, and `recover` brings the files along.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.store import Store
from codexa_git.repository.worktrees import (
    Worktree,
    follow,
    resume,
    stopped_by,
    under_way,
    worktrees,
    would_overwrite,
)

_FORMAT = 1
_PATIENCE = 30.0
_BREATH = 0.02
_LOCK_PATIENCE = 3.0


class _Journal(NamedTuple):
    """What one publication means to do."""

    updates: tuple[RefUpdate, ...]
    steps: tuple["Step", ...]


class Step(NamedTuple):
    """A work tree that follows its branch from one commit to the next (`None`: from nothing)."""

    worktree: Path
    ref: str
    old: str | None
    new: str


class BlockedError(RefusedError):
    """A work tree on `ref` cannot follow: the uncommitted work at `paths` would be lost."""

    def __init__(self, step: Step, paths: tuple[str, ...]) -> None:
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        super().__init__(
            f"{paths[0]!r}{more} in {step.worktree}: work that is not committed stands where"
            " the new commit would write",
            hint="commit it or put it aside: git stash",
        )
        self.ref = step.ref
        self.paths = paths


def carry(store: Store, updates: Sequence[RefUpdate], reason: str) -> None:
    """All the refs moved, and the files of every work tree on them with them; or nothing did.

    Uncommitted work stays as it is; where it is in the way, `BlockedError` names it.
    """
    with _turn(store):
        _recover(store)
        steps = _steps(store, updates)
        for step in steps:
            _require_room(store, step)
        if not steps and len(updates) < 2:
            store.move(updates, reason)
            return
        journal = _write_journal(store, _Journal(tuple(updates), tuple(steps)))
        try:
            store.move(updates, reason)
        except RepositoryError:
            _drop(journal)
            raise
        for step in steps:
            follow(store, step.worktree, *_trees(store, step))
        _drop(journal)


def require_room(store: Store, updates: Sequence[RefUpdate]) -> None:
    """Return if every work tree could follow these updates now; else raise what `carry` would.

    For whoever has to push before the refs here may move.
    """
    for step in _steps(store, updates):
        _require_room(store, step)


def is_unfinished(store: Store) -> bool:
    """True where a publication is under way, or was killed and waits for `recover`."""
    return _journal(store).exists()


def recover(store: Store) -> tuple[Path, ...]:
    """What a killed command left is finished or dropped; the work trees that were brought along.

    Called at the start of every command that writes; without a journal it costs one look.
    """
    if not _journal(store).exists():
        return ()
    with _turn(store):
        return _recover(store)


def _recover(store: Store) -> tuple[Path, ...]:
    journal = _journal(store)
    if not journal.exists():
        return ()
    intended = _read_journal(journal)
    _finish_refs(store, intended.updates)
    standing = {tree.path: tree for tree in worktrees(store)}
    brought = []
    for step in intended.steps:
        tree = standing.get(step.worktree)
        # Whoever moved on since, or never moved, has files that are no longer ours to change.
        if tree and tree.ref == step.ref and tree.head == step.new:
            _wait_for_index(store, step.worktree)
            resume(store, step.worktree, *_trees(store, step))
            brought.append(step.worktree)
    _drop(journal)
    return tuple(brought)


def _finish_refs(store: Store, updates: Sequence[RefUpdate]) -> None:
    """Git puts the refs of a transaction in place one by one: killed there, the rest follow."""
    moving = [update for update in updates if update.new != update.old]
    now = store.named([update.name for update in moving])
    left = [update for update in moving if now.get(update.name) == update.old]
    if any(now.get(update.name) == update.new for update in moving):
        store.move(left, "codexa-git: what a killed command began")


def _steps(store: Store, updates: Sequence[RefUpdate]) -> list[Step]:
    moved = {update.name: update for update in updates}
    steps = []
    for tree in worktrees(store):
        if tree.ref is None:
            _require_unstarted(store, tree, moved)
            continue
        update = moved.get(tree.ref)
        if update is None or update.new == update.old:
            continue
        if update.new is None:
            raise RefusedError(f"{update.name} is checked out in {tree.path} and is not deleted")
        if update.old != tree.head:
            raise RepositoryError(
                f"{update.name} moved meanwhile", hint="nothing was written: ask again"
            )
        steps.append(Step(tree.path, update.name, update.old, update.new))
    return steps


def _require_unstarted(store: Store, tree: Worktree, moved: dict[str, RefUpdate]) -> None:
    """Nothing: no rebase that began on one of these branches would find it moved at its end."""
    found = under_way(store, tree)
    if found is not None and found.ref in moved:
        raise stopped_by(tree.path, found)


def require_quiet(store: Store, ref: str | None) -> None:
    """Nothing: git is not in the middle of anything here on this branch (`None`: on any).

    For whoever is about to work long, or to ask a person; `carry` looks again.

    Raises:
        RefusedError: it is, and the sentence says what, and how it is ended.
    """
    if store.work_tree is None:
        return
    here, _ = store.head()
    found = under_way(store, Worktree(store.work_tree, here, None))
    if found is not None and ref in (None, found.ref):
        raise stopped_by(store.work_tree, found)


def _require_room(store: Store, step: Step) -> None:
    old, new = _trees(store, step)
    if paths := would_overwrite(store, step.worktree, old, new):
        raise BlockedError(step, paths)
    if found := under_way(store, Worktree(step.worktree, step.ref, step.old)):
        raise stopped_by(step.worktree, found)
    follow(store, step.worktree, old, new, only_try=True)


def _trees(store: Store, step: Step) -> tuple[str, str]:
    old = store.tree_of(step.old) if step.old else store.empty_tree
    return old, store.tree_of(step.new)


@contextmanager
def _turn(store: Store) -> Iterator[None]:
    """One writer at a time in a repository; the lock goes with the process that holds it."""
    folder = store.common_dir / "codexa"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("wb") as lock:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RepositoryError(
                        "another codexa-git is writing in this repository",
                        hint="wait for it and ask again",
                    ) from None
                time.sleep(_BREATH)
        yield


def _journal(store: Store) -> Path:
    return store.common_dir / "codexa" / "journal"


def _write_journal(store: Store, intended: _Journal) -> Path:
    import json  # noqa: PLC0415

    journal = _journal(store)
    steps = [[os.fsencode(s.worktree).hex(), s.ref, s.old, s.new] for s in intended.steps]
    draft = journal.with_name("journal.new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"format": _FORMAT, "updates": intended.updates, "steps": steps}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(journal)
    _sync_folder(journal.parent)
    return journal


def _read_journal(journal: Path) -> _Journal:
    import json  # noqa: PLC0415

    try:
        facts = json.loads(journal.read_bytes())
        updates, steps = {_FORMAT: (facts["updates"], facts["steps"])}[facts["format"]]
        return _Journal(
            tuple(RefUpdate(name, new, old) for name, new, old in updates),
            tuple(
                Step(Path(os.fsdecode(bytes.fromhex(place))), ref, old, new)
                for place, ref, old, new in steps
            ),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RepositoryError(
            f"the journal {journal} is not one that this version wrote",
            hint=f"look at git status in every work tree, then: rm {journal}",
        ) from error


def _drop(journal: Path) -> None:
    journal.unlink(missing_ok=True)
    _sync_folder(journal.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _wait_for_index(store: Store, worktree: Path) -> None:
    """Return once no git writes the index: a child of the killed command may still be at it."""
    git = store.git._replace(folder=worktree)
    place = git.run("rev-parse", "--path-format=absolute", "--git-path", "index.lock")
    lock = Path(os.fsdecode(place).removesuffix("\n"))
    deadline = time.monotonic() + _LOCK_PATIENCE
    while lock.exists():
        if time.monotonic() > deadline:
            raise RepositoryError(
                f"a killed command left {lock} behind, and the files in {worktree} halfway",
                hint=f"if no git runs there: rm {lock}, then ask again",
            )
        time.sleep(_BREATH)
