"""Reading objects: commits and trees are parsed once, and what stands at a path is found."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from codexa_git.errors import RepositoryError, TooLargeError
from codexa_git.repository import commits, raw
from codexa_git.repository.command import Git
from codexa_git.repository.holding import Holding
from codexa_git.repository.objects import Commit, Entry, Mode
from codexa_git.repository.streams import Answer, Large
from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from codexa_git.repository.wide import Wide

NARROW = 4 * 1024
"""A tree of fewer bytes is parsed as a whole."""

REGULAR = (Mode.FILE, Mode.EXECUTABLE)

# A few kilobytes of nested trees can name more files than a machine can hold.
MOST_ENTRIES = 2_000_000
MOST_CHARACTERS = 256 * 1024 * 1024
"""Of all paths together: a small tree can stand in a thousand folders with long names."""
_MOST_KEPT_ENTRIES = 500_000
_MOST_PARSED = 32 * 1024 * 1024
_LONG = 16 * 1024
"""A commit of more bytes is not kept twice, as they are and parsed."""

_MOST_ALIKE = 16
_MOST_PLACES = 50_000
_HEAD = 48
_BEGINNING = 64 * 1024
"""So many bytes of a large commit are read: all that git itself needs of it stands there."""


class Reading(Holding):
    """Commits and trees of one repository, and what stands at a path; each parsed once."""

    def __init__(self, git: Git, objects: str, object_format: str) -> None:
        super().__init__(git, objects, object_format)
        self._kept_entries = 0
        self._trees: dict[str, Mapping[str, Entry]] = {}
        self._wide: dict[str, Wide | None] = {}
        self._found: dict[tuple[str, str], Entry | None] = {}
        # The last wide trees, by how each begins: the next one of that folder begins like it.
        self._alike: dict[bytes, Wide] = {}
        self._commits: dict[str, Commit] = {}
        self._beginnings: dict[str, bytes] = {}
        self._parsed_bytes = 0
        self._entries_at: dict[tuple[str, str], Entry | None] = {}

    def forget(self, *, made: bool = False) -> None:
        """Nothing that was read is in memory any more.

        What was made here and not stored yet stays, unless whoever asks will store nothing.
        """
        super().forget(made=made)
        self._kept_entries = 0
        self._parsed_bytes = 0
        kept = self._trees, self._wide, self._found, self._entries_at, self._commits
        for memory in (*kept, self._beginnings):
            memory.clear()

    def commit(self, oid: str) -> Commit:
        """A commit, parsed from its own bytes."""
        if oid not in self._commits:
            content = self._content(oid, "commit")
            parsed = commits.parse_commit(oid, content, self.object_format)
            if len(content) > _LONG:
                self._let_go(oid)
            self._parsed_bytes += len(content)
            if self._parsed_bytes > _MOST_PARSED:
                self._commits.clear()
                self._parsed_bytes = len(content)
            self._commits[oid] = parsed
        return self._commits[oid]

    def headed(self, oid: str) -> Commit:
        """The same; of one that is too large to be read, with how its message begins, and no more.

        What it did and what it stands on is told by its trees and parents. For whoever asks after
        the commit itself there is `commit`, which says that it is too large.
        """
        if oid in self._commits or not self._is_large_commit(oid):
            return self.commit(oid)
        content = self._beginning(oid)
        if b"\n\n" not in content:
            return self.commit(oid)  # which refuses it
        return commits.parse_commit(oid, content, self.object_format).brief

    def first_parent(self, oid: str) -> str | None:
        """The first parent of a commit, where git itself sees one; a malformed commit has it too.

        Whether the commit is of the right form is asked of `commit`.
        """
        if oid in self._commits:
            parents = self._commits[oid].parents
            return parents[0] if parents else None
        return commits.first_parent(oid, self._beginning(oid), self.object_format)

    def tree_as_git(self, oid: str) -> str:
        """The id of a commit's tree, as git itself sees it; a malformed commit has it too."""
        if oid in self._commits:
            return self._commits[oid].tree
        return commits.first_tree(oid, self._beginning(oid), self.object_format)

    def _is_large_commit(self, oid: str) -> bool:
        found = self._object(oid)
        return isinstance(found, Large) and found.kind == "commit"

    def _beginning(self, oid: str) -> bytes:
        """A commit; of a large one how it begins. All of it was held against its id."""
        if not self._is_large_commit(oid):
            return self._content(oid, "commit")
        if oid not in self._beginnings:
            beginning = b""
            for block in self._blocks(oid):
                beginning = beginning or block[:_BEGINNING]
            if len(self._beginnings) >= _MOST_ALIKE:
                self._beginnings.clear()
            self._beginnings[oid] = beginning
        return self._beginnings[oid]

    def tree_of(self, commit_oid: str) -> str:
        """The id of a commit's tree."""
        return self.headed(commit_oid).tree

    def children(self, tree: str) -> Mapping[str, Entry]:
        """What one tree holds, by name, without descending."""
        if tree not in self._trees:
            parsed = raw.parse_tree(tree, self._content(tree, "tree"), self.object_format)
            self._kept_entries += len(parsed)
            if self._kept_entries > _MOST_KEPT_ENTRIES:
                self._trees.clear()
                self._kept_entries = len(parsed)
            self._trees[tree] = MappingProxyType(parsed)
        return self._trees[tree]

    def child(self, tree: str, name: str) -> Entry | None:
        """What one tree holds under a name, without descending."""
        wide = self.wide(tree)
        if wide is None:
            return self.children(tree).get(name)
        if (tree, name) not in self._found:
            self._found[tree, name] = wide.get(name)
        return self._found[tree, name]

    def is_alone(self, tree: str, name: str) -> bool:
        """True where surely no other name in the tree is this one in another letter case."""
        wide = self.wide(tree)
        return wide is not None and wide.is_alone(name)

    def wide(self, tree: str) -> "Wide | None":
        """The tree, where it has so many entries that they are not all parsed; else `None`."""
        if tree not in self._wide:
            body = self._content(tree, "tree")
            if tree not in self._wide:
                self._wide[tree] = None if len(body) < NARROW else self._widened(tree, body)
        return self._wide[tree]

    def load(self, oids: Iterable[str]) -> None:
        """What is here of these objects is in memory, as `Holding.load` says."""
        super().load(oid for oid in oids if self._wide.get(oid) is None)

    def _object(self, oid: str) -> Answer:
        made = self._wide.get(oid)
        return super()._object(oid) if made is None else ("tree", made.body)

    def _keep(self, oid: str, kind: str, body: bytes) -> None:
        """A tree of many entries is kept as what it does not share with the one before it.

        One that is malformed is kept as it is: who asks for its entries is told.
        """
        if kind == "tree" and len(body) >= NARROW:
            try:
                made = self._widened(oid, body)
            except RepositoryError:
                return super()._keep(oid, kind, body)
            self._make_room(made.own)
            self._wide[oid] = made
            return None
        return super()._keep(oid, kind, body)

    def _let_all_go(self) -> None:
        super()._let_all_go()
        self._wide.clear()
        self._alike.clear()

    def _widened(self, tree: str, body: bytes) -> "Wide":
        from codexa_git.repository.wide import widened  # noqa: PLC0415

        head = body[:_HEAD]
        made = widened(tree, body, self.object_format, self._alike.pop(head, None))
        if len(self._alike) >= _MOST_ALIKE:
            self._alike.clear()
        self._alike[head] = made
        return made

    def entry(self, tree: str, path: str) -> Entry | None:
        """What a tree holds at `path`, be it a file, a link, a gitlink or a folder."""
        path = path.rstrip("/")
        if (tree, path) not in self._entries_at:
            if len(self._entries_at) >= _MOST_PLACES:
                self._entries_at.clear()
            self._entries_at[tree, path] = self._entry(tree, path)
        return self._entries_at[tree, path]

    def _entry(self, tree: str, path: str) -> Entry | None:
        """The same: many files stand in one folder, which is looked for once."""
        folder, nested, name = path.rpartition("/")
        if not nested:
            return self.child(tree, name)
        if (tree, folder) not in self._entries_at:
            self._entries_at[tree, folder] = self._walked(tree, folder)
        within = self._entries_at[tree, folder]
        return self.child(within.oid, name) if within and within.mode == Mode.TREE else None

    def _walked(self, tree: str, path: str) -> Entry | None:
        found = Entry(Mode.TREE, tree)
        for name in path.split("/"):
            if found.mode != Mode.TREE:
                return None
            below = self.child(found.oid, name)
            if below is None:
                return None
            found = below
        return found

    def entries(self, tree: str, under: str = "") -> dict[str, Entry]:
        """Every file, link and gitlink of a tree by full path, in the order of path bytes."""
        top = self._folder(tree, under)
        found = dict(self.leaves(top, raw.as_prefix(under))) if top else {}
        return {path: found[path] for path in sorted(found, key=raw.path_bytes)}

    def leaves(self, tree: str, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """The leaf entries below a tree, each path after `prefix`, in no promised order."""
        level, seen, characters = [(prefix, tree)], 0, 0
        while level:
            self.load(oid for _, oid in level)
            below = []
            for folder, oid in level:
                children = self.children(oid)
                seen += len(children)
                if seen > MOST_ENTRIES:
                    raise RepositoryError(f"the tree {tree} holds more than {MOST_ENTRIES} entries")
                for name, entry in children.items():
                    path = raw.below(folder, name)
                    characters += len(path)
                    if entry.mode == Mode.TREE:
                        below.append((f"{path}/", entry.oid))
                    else:
                        yield path, entry
                if characters > MOST_CHARACTERS:
                    raise RepositoryError(f"the paths of the tree {tree} are too long to be held")
            level = below

    def read(self, tree: str, path: str) -> bytes | None:
        """The content of the regular file at `path`; `None` where there is none.

        Raises:
            TooLargeError: there is more of it than is read here (`LARGEST`).
        """
        entry = self.entry(tree, path)
        if entry is None or entry.mode not in REGULAR:
            return None
        if self.is_large(entry.oid):
            raise TooLargeError(path)
        return self.blob(entry.oid)

    def _folder(self, tree: str, under: str) -> str | None:
        if not under.strip("/"):
            return tree
        entry = self.entry(tree, under)
        return entry.oid if entry and entry.mode == Mode.TREE else None
