"""Records that a change's story once held and its tree does not."""

from collections.abc import Collection, Iterable, Sequence

from codexa_git.audit.record import Record, parse_record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.change.paths import Places
from codexa_git.errors import RecordError
from codexa_git.repository.objects import Commit
from codexa_git.repository.reading import REGULAR
from codexa_git.repository.store import Store

Line = tuple[str, str | None]
"""A record's whole line: its id covers all of it but the signature."""


def lines_of(records: Iterable[Record]) -> frozenset[Line]:
    """The lines of these records, as `vanished_from` asks for them."""
    return frozenset((record.id, record.signature) for record in records)


def vanished_from(
    store: Store, change: str, commits: Sequence[Commit], held: Collection[Line]
) -> tuple[Record, ...]:
    """The change's records in these commits (oldest first) whose lines are not among those `held`.

    A record is what it was first: where a commit spoilt its signature and another put it right
    again, nothing is gone. Two trees cannot show what is no longer in them; this can only turn a
    yes into a no.
    """
    places = Places(change)
    blobs = [
        entry.oid
        for commit in commits
        for name in LOG_NAMES
        if (entry := store.entry(commit.tree, places.log(name))) and entry.mode in REGULAR
    ]
    lines = (line for oid in dict.fromkeys(blobs) for line in _lines(store, oid))
    told = (_as_record(line) for line in dict.fromkeys(lines))
    first: dict[str, Record] = {}
    for record in told:
        if record is not None and record.change == change:
            first.setdefault(record.id, record)
    return tuple(r for r in first.values() if (r.id, r.signature) not in held)


def only_appended(store: Store, change: str, old: Commit, new: Commit) -> bool:
    """True where each of the change's files in `new` begins with all that it was in `old`.

    Where every line in `new` is a record, so that none stands there twice, nothing has vanished
    then, and nothing was put above another.
    """
    for name in LOG_NAMES:
        was, now = (store.entry(commit.tree, Places(change).log(name)) for commit in (old, new))
        if was is None or was == now:
            continue
        if now is None or not {was.mode, now.mode} <= set(REGULAR):
            return False
        if store.is_large(was.oid) or store.is_large(now.oid):
            return False
        before = store.blob(was.oid)
        if not store.blob(now.oid).startswith(before) or not before.endswith(b"\n"):
            return False
    return True


def put_above(store: Store, change: str, old: Commit, new: Commit) -> Record | None:
    """The first of the change's records in `new` that stands where `old` has another; else `None`.

    Files are appended to, so what was there stays on top; where `new` lost a record, this says
    nothing of it.
    """
    for name in LOG_NAMES:
        before, now = (_in_order(store, change, name, commit) for commit in (old, new))
        for was, stands in zip(before, now, strict=False):
            if was != stands:
                return stands
    return None


def _in_order(store: Store, change: str, name: str, commit: Commit) -> tuple[Record, ...]:
    entry = store.entry(commit.tree, Places(change).log(name))
    lines = _lines(store, entry.oid) if entry and entry.mode in REGULAR else []
    told = (_as_record(line) for line in dict.fromkeys(lines))
    own = {r.id: r for r in told if r and r.change == change and r.log == name}
    return tuple(own.values())


def _lines(store: Store, oid: str) -> list[bytes]:
    """The lines of a file; of one that is too large to hold records, none."""
    lines = [] if store.is_large(oid) else store.blob(oid).split(b"\n")
    return [line for line in lines if line]


def _as_record(line: bytes) -> Record | None:
    """The record that a line of the story is; what is none says nothing, and may be mended."""
    try:
        return parse_record(line)
    except RecordError:
        return None
