"""Merging two commits over a given base, without a work tree and without anyone's settings."""

from typing import NamedTuple

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import complaint
from codexa_git.repository.objects import Identity, Stamp
from codexa_git.repository.patches import Patches
from codexa_git.repository.raw import format_commit
from codexa_git.repository.room import clean_room

_NOBODY = Stamp(Identity("codexa", "codexa@localhost.invalid"), 0)
_SETTINGS = (
    ("merge.renames", "false"),
    ("merge.directoryRenames", "false"),
    ("diff.renames", "false"),
)


class MergeResult(NamedTuple):
    """The merged tree, or `None` and the paths in conflict."""

    tree: str | None
    conflicts: tuple[str, ...]


class Merging(Patches):
    """Three-way merges by content and path alone: no renames, drivers or attributes."""

    def merge(self, base: str, ours: str, theirs: str) -> MergeResult:
        """The merge of two commits' trees, `base` being the commit that both are compared with."""
        trees = [self.tree_of(oid) for oid in (base, ours, theirs)]
        with clean_room(self.git, self.objects, self.object_format, keep=True) as room:
            # Git looks for the base by itself, so it gets a history in which there is only one.
            root = room.put("commit", format_commit(trees[0], (), _NOBODY, _NOBODY, b"base\n"))
            sides = [
                room.put("commit", format_commit(tree, (root,), _NOBODY, _NOBODY, name))
                for tree, name in ((trees[1], b"ours\n"), (trees[2], b"theirs\n"))
            ]
            git = room.git._replace(settings=_SETTINGS)
            finished = git.finish(
                "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *sides
            )
        if finished.status not in (0, 1):
            raise RepositoryError(f"git cannot merge: {complaint(finished)}")
        tree, *paths = finished.out.decode("utf-8", "surrogateescape").split("\0")
        if finished.status == 0:
            return MergeResult(tree, ())
        return MergeResult(None, tuple(path for path in paths if path))
