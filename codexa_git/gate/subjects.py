"""Subjects: the digest of what an approval covers, and whether what was approved still stands.

A subject is SHA-256 over the sorted list of (path, old mode, new mode, exact, patch). *Exact* is
the digest of both blob ids; *patch* that of the text diff with three lines of context and without
line numbers, null where there is no text. A path stands if its exact digest does or, unless a path
rule says `carry = "exact"`, its patch digest does.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from codexa_git.audit.canonical import Json, canonical, digest
from codexa_git.repository.objects import Difference, Entry
from codexa_git.repository.store import Store
from codexa_git.values import Any, NamedTuple


class BoundPath(NamedTuple):
    """What an approval binds of one path; modes are `None` where a side has no such file."""

    path: str
    old: str | None
    new: str | None
    exact: str
    patch: str | None


class Subject(NamedTuple):
    """What an approval binds: the paths and, for results, the outcomes and whom it names."""

    paths: tuple[BoundPath, ...]
    outcomes: str | None = None
    named: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The subject that is signed."""
        return digest(canonical(self.data()))

    @property
    def as_read(self) -> str:
        """The digest of what a reader of the diffs sees: it survives what an approval survives."""
        return digest(canonical([[p.path, p.old, p.new, p.patch or p.exact] for p in self.paths]))

    def data(self) -> dict[str, Json]:
        """The subject as a record keeps it."""
        return {
            "paths": [path._asdict() for path in self.paths],
            "outcomes": self.outcomes,
            "named": list(self.named),
        }


def subject_of(data: dict[str, Any]) -> Subject:
    """The subject that a record keeps."""
    return Subject(
        tuple(BoundPath(**path) for path in data["paths"]),
        data["outcomes"],
        tuple(data["named"]),
    )


def exact_digest(difference: Difference) -> str:
    """The digest over both blob ids."""
    old, new = difference.old, difference.new
    return _exact(None if old is None else old.oid, None if new is None else new.oid)


@lru_cache(maxsize=1024)
def _exact(old: str | None, new: str | None) -> str:
    # Canonical JSON: an id holds nothing that would be written otherwise.
    sides = (b"null" if oid is None else b'"%s"' % oid.encode() for oid in (old, new))
    return digest(b"[%s]" % b",".join(sides))


def bound(store: Store, differences: Sequence[Difference]) -> tuple[BoundPath, ...]:
    """What an approval given now would bind of these paths, sorted by path."""
    patches = store.patches(differences)
    return tuple(
        BoundPath(
            difference.path,
            _mode(difference.old),
            _mode(difference.new),
            exact_digest(difference),
            _patch_digest(patches.get(difference.path)),
        )
        for difference in sorted(differences, key=lambda d: d.path)
    )


def fallen(
    store: Store,
    recorded: Sequence[BoundPath],
    differences: Sequence[Difference],
    carries_patch: Callable[[str], bool],
) -> tuple[str, ...]:
    """The paths that an approval no longer stands for, sorted: changed, gone or come since.

    Text diffs are computed only where the exact digest differs.
    """
    now = {difference.path: difference for difference in differences}
    then = {path.path: path for path in recorded}
    changed = [
        now[path]
        for path in now.keys() & then.keys()
        if exact_digest(now[path]) != then[path].exact or _modes(now[path]) != then[path][1:3]
    ]
    carried = [d for d in changed if _modes(d) == then[d.path][1:3] and carries_patch(d.path)]
    patches = store.patches(carried) if carried else {}
    standing = {
        d.path
        for d in carried
        if (patch := _patch_digest(patches.get(d.path))) and patch == then[d.path].patch
    }
    lost = {d.path for d in changed} - standing
    return tuple(sorted(lost | (now.keys() ^ then.keys())))


def _mode(entry: Entry | None) -> str | None:
    return None if entry is None else str(entry.mode)


def _modes(difference: Difference) -> tuple[str | None, str | None]:
    return _mode(difference.old), _mode(difference.new)


def _patch_digest(patch: bytes | None) -> str | None:
    return None if patch is None else digest(patch)
