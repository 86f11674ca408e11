"""Merging two commits over a given base, path by path and then line by line.

Git's own tree merge follows renames (older versions cannot be told not to) and asks attributes for
drivers. Here a path is a path, and only the lines of a text that both sides changed go to git.
"""

from collections.abc import Mapping, Sequence

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import complaint
from codexa_git.repository.objects import Difference, Entry
from codexa_git.repository.raw import path_bytes
from codexa_git.repository.reading import REGULAR
from codexa_git.repository.writing import Writing
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from codexa_git.repository.room import Room


class MergeResult(NamedTuple):
    """The merged tree, or `None` and the paths in conflict."""

    tree: str | None
    conflicts: tuple[str, ...]


class _Texts(NamedTuple):
    """One path that both sides changed: what it was, and what each made of it."""

    path: str
    base: Entry
    ours: Entry
    theirs: Entry


class Merging(Writing):
    """Three-way merges by content and path alone: no renames, drivers, attributes or settings."""

    def merge(self, base: str, ours: str, theirs: str) -> MergeResult:
        """The merge of two commits' trees, `base` being the commit that both are compared with.

        What it makes is here to be read, and stored with the next commit.
        """
        return self.merge_trees(*(self.tree_of(oid) for oid in (base, ours, theirs)))

    def merge_trees(self, root: str, mine: str, other: str) -> MergeResult:
        """The same of three trees."""
        here = {pair.path: pair for pair in self.difference(root, mine)}
        changes: dict[str, Entry | None] = {}
        texts: list[_Texts] = []
        conflicts: set[str] = set()
        for there in self.difference(root, other):
            pair = here.get(there.path)
            if pair is None:
                changes[there.path] = there.new
            elif pair.new == there.new:
                continue
            elif both := _texts(pair, there):
                texts.append(both)
            else:
                conflicts.add(there.path)
        merged = self._merge_texts(texts)
        conflicts |= {path for path, entry in merged.items() if entry is None}
        if not conflicts:
            changes |= merged
            tree = self.hold_tree(mine, changes)
            conflicts = self._displaced(mine, tree, changes)
            if not conflicts:
                return MergeResult(tree, ())
        return MergeResult(None, tuple(sorted(conflicts, key=path_bytes)))

    def _displaced(self, mine: str, tree: str, changes: Mapping[str, Entry | None]) -> set[str]:
        """Our paths that had to go because a file met a folder, and nobody had asked for it."""
        changed = self.difference(mine, tree)
        return {pair.path for pair in changed if changes.get(pair.path) != pair.new} | {
            pair.path for pair in changed if pair.path not in changes
        }

    def _merge_texts(self, texts: Sequence[_Texts]) -> dict[str, Entry | None]:
        """Each path's merged entry; `None` where the lines are in conflict."""
        if not texts:
            return {}
        with self._room() as room:
            return {both.path: self._merge_text(room, both) for both in texts}

    def _merge_text(self, room: "Room", both: _Texts) -> Entry | None:
        base, ours, theirs = both.base, both.ours, both.theirs
        mode = ours.mode if theirs.mode == base.mode else theirs.mode
        if base.oid in (ours.oid, theirs.oid) or ours.oid == theirs.oid:
            return Entry(mode, ours.oid if theirs.oid == base.oid else theirs.oid)
        sides = [self.whole(entry.oid) for entry in (ours, base, theirs)]
        if any(b"\0" in content for content in sides):
            return None
        names = ("ours", "base", "theirs")
        for name, content in zip(names, sides, strict=True):
            (room.folder / name).write_bytes(content)
        finished = room.git.finish("merge-file", "-q", "-p", *names)
        if finished.status > 127 or finished.status < 0:
            raise RepositoryError(f"git cannot merge {both.path!r}: {complaint(finished)}")
        if finished.status != 0:
            return None
        return Entry(mode, self.hold_blobs([finished.out])[0])


def _texts(ours: Difference, theirs: Difference) -> _Texts | None:
    base = ours.old
    if base is None or ours.new is None or theirs.new is None:
        return None
    if any(entry.mode not in REGULAR for entry in (base, ours.new, theirs.new)):
        return None
    return _Texts(ours.path, base, ours.new, theirs.new)
