"""Crossing: refs that move here once a remote has taken what they move to.

A push and a move here are not one transaction. So what is meant is written down before the push,
and taken away after the move: what was killed in between is finished by the next command that
writes, which asks the remote whether it took it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from codexa_git.errors import CodexaError, RepositoryError
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.publication import carry
from codexa_git.repository.remotes import Push, Refusal, fetch, points_at, push
from codexa_git.repository.store import Store

_FORMAT = 1


class Crossing(NamedTuple):
    """What a remote is to take, all or nothing, and what then moves and is set here."""

    remote: str
    pushes: tuple[Push, ...]
    updates: tuple[RefUpdate, ...]
    reason: str
    settings: tuple[tuple[str, str], ...] = ()


class Left(NamedTuple):
    """What a killed command left: `problem` says why nobody knows whether the remote took it."""

    crossing: Crossing
    problem: str | None = None


def cross(store: Store, crossing: Crossing) -> list[Refusal]:
    """The remote has taken it and the refs here have moved; or what it refused, and none did.

    Raises:
        RepositoryError: the remote cannot be reached, or a ref here moved meanwhile.
        RefusedError: uncommitted work is in the way here.
    """
    with _noted(store, crossing):
        refused = push(store, crossing.remote, crossing.pushes)
        if not refused:
            # The push may have moved a remote-tracking branch already.
            now = store.named([update.name for update in crossing.updates])
            _arrive(store, crossing, [u for u in crossing.updates if now.get(u.name) != u.new])
    return refused


def arrive(store: Store) -> tuple[Left, ...]:
    """What killed commands left is finished where the remote took it, and dropped where not.

    What a remote that cannot be asked may have taken is left for the next time. Called at the start
    of every command that writes; where nothing is left it costs one look.
    """
    folder = _folder(store)
    if not folder.is_dir():
        return ()
    found = [_arrived(store, note) for note in sorted(folder.iterdir())]
    return tuple(left for left in found if left is not None)


def _arrived(store: Store, note: Path) -> Left | None:
    try:
        file = note.open("rb")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None  # Whoever wrote it is still at work.
        crossing = _read(note, file.read())
        if crossing is None:
            note.unlink(missing_ok=True)
            return None
        try:
            taken = _is_taken(store, crossing)
        except RepositoryError as error:
            return Left(crossing, error.message)
        if taken:
            # Whoever moved a ref since then knows better where it belongs.
            now = store.named([update.name for update in crossing.updates])
            _arrive(store, crossing, [u for u in crossing.updates if now.get(u.name) == u.old])
        note.unlink(missing_ok=True)
        return Left(crossing) if taken else None


def _arrive(store: Store, crossing: Crossing, moving: list[RefUpdate]) -> None:
    for name, value in crossing.settings:
        store.set_config(name, value)
    carry(store, moving, crossing.reason)


def _is_taken(store: Store, crossing: Crossing) -> bool:
    """True where the remote has the first of what was pushed, or has gone on from there.

    It is fetched, for the push may have been killed before it noted where the remote is.
    """
    first = crossing.pushes[0]
    there = points_at(store, crossing.remote, first.ref)
    if there is None or first.oid is None:
        return False
    fetch(store, crossing.remote, [first.ref])
    return store.is_ancestor(first.oid, there)


@contextmanager
def _noted(store: Store, crossing: Crossing) -> Iterator[None]:
    """It stands written down while the block runs, and after that only where this was killed.

    The note is locked by this process, so that no other takes it for something that was left.
    """
    folder = _folder(store)
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / str(crossing.pushes[0].oid)
    draft = note.with_name(f"{note.name}.{os.getpid()}")
    with draft.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(_written(crossing))
        file.flush()
        os.fsync(file.fileno())
        draft.replace(note)
        try:
            yield
        except CodexaError:
            note.unlink(missing_ok=True)
            raise
        note.unlink(missing_ok=True)


def _folder(store: Store) -> Path:
    return store.common_dir / "codexa" / "crossing"


def _written(crossing: Crossing) -> bytes:
    import json  # noqa: PLC0415

    return json.dumps({"format": _FORMAT, **crossing._asdict()}).encode()


def _read(note: Path, content: bytes) -> Crossing | None:
    """What was meant; `None` for a note that was killed while it was written."""
    import json  # noqa: PLC0415

    if not note.name.isalnum():
        return None
    try:
        facts = json.loads(content)
        if facts.pop("format") != _FORMAT:
            raise ValueError("another format")  # noqa: TRY301
        return Crossing(
            facts["remote"],
            tuple(Push(*each) for each in facts["pushes"]),
            tuple(RefUpdate(*each) for each in facts["updates"]),
            facts["reason"],
            tuple((name, value) for name, value in facts["settings"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RepositoryError(
            f"the note {note} is not one that this version wrote",
            hint=f"look at git status and git fetch, then: rm {note}",
        ) from error
