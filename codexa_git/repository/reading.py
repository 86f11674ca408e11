"""Reading objects: every one checked against its id, parsed once, and kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from codexa_git.errors import RepositoryError, TooLargeError
from codexa_git.repository import commits, raw
from codexa_git.repository.command import Git
from codexa_git.repository.hashing import hashed
from codexa_git.repository.objects import LARGEST, LARGEST_COMMIT, Commit, Entry, Mode
from codexa_git.repository.streams import Answer, Large, ObjectStream
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
_LOADED_AT_ONCE = 500
_AHEAD = 60
_MOST_KEPT = 256 * 1024 * 1024
_MOST_PARSED = 32 * 1024 * 1024
_LONG = 16 * 1024
"""A commit of more bytes is not kept twice, as they are and parsed."""

_MUCH = 32 * 1024 * 1024
_MOST_KEPT_ENTRIES = 500_000
_MOST_ALIKE = 16
_MOST_PLACES = 50_000
_HEAD = 48
_BEGINNING = 1024


class Reading:
    """Objects of one repository, read through one child and kept by id."""

    def __init__(self, git: Git, objects: str, object_format: str) -> None:
        self.git = git
        self.objects = objects
        self.object_format = object_format
        self.empty_tree = raw.object_id("tree", b"", object_format)
        self._stream = ObjectStream(git)
        self._kept: dict[str, tuple[str, bytes]] = {}
        self._kept_bytes = 0
        self._kept_entries = 0
        # Made here and not stored yet: only `Writing` fills it, and whoever reads sees it.
        self._held: dict[str, tuple[str, bytes]] = {}
        self._large: dict[str, Large] = {}
        self._trees: dict[str, Mapping[str, Entry]] = {}
        self._wide: dict[str, Wide] = {}
        self._found: dict[tuple[str, str], Entry | None] = {}
        # The last wide trees, by how each begins: the next one of that folder begins like it.
        self._alike: dict[bytes, Wide] = {}
        self._commits: dict[str, Commit] = {}
        self._parsed_bytes = 0
        self._entries_at: dict[tuple[str, str], Entry | None] = {}
        self._keep(self.empty_tree, "tree", b"")

    def load(self, oids: Iterable[str]) -> None:
        """What is here of these objects is in memory: faster by far than one after the other."""
        kept, held, large = self._kept, self._held, self._large
        self._keep_foreseen()
        wanted = [
            oid
            for oid in dict.fromkeys(oids)
            if oid not in kept and oid not in held and oid not in large
        ]
        for oid in wanted:
            self._require_id(oid)
        for start in range(0, len(wanted), _LOADED_AT_ONCE):
            some = wanted[start : start + _LOADED_AT_ONCE]
            for oid, found in zip(some, self._stream.read(some), strict=True):
                self._checked(oid, found)

    def load_some(self, oids: Sequence[str]) -> bool:
        """The first of these objects are in memory, as long as that is not much; true: all are.

        What drove these out again would be read for nothing.
        """
        for start in range(0, len(oids), _AHEAD):
            if self.holds_much:
                return False
            self.load(oids[start : start + _AHEAD])
        return True

    def forget(self, *, made: bool = False) -> None:
        """Nothing that was read is in memory any more.

        What was made here and not stored yet stays, unless whoever asks will store nothing.
        """
        self._kept.clear()
        self._kept_bytes = 0
        self._kept_entries = 0
        self._trees.clear()
        self._wide.clear()
        self._found.clear()
        self._entries_at.clear()
        self._commits.clear()
        self._parsed_bytes = 0
        if made:
            self._held.clear()
        self._keep(self.empty_tree, "tree", b"")

    @property
    def holds_much(self) -> bool:
        """True where so much was read that whoever goes on to something else should `forget`."""
        return self._kept_bytes > _MUCH

    def exists(self, oid: str) -> bool:
        """True if the repository holds the object."""
        return self._object(oid) is not None

    def kind(self, oid: str) -> str | None:
        """`blob`, `tree`, `commit` or `tag`; `None` for an object that is not here."""
        found = self._object(oid)
        return found[0] if found else None

    def blob(self, oid: str) -> bytes:
        """The content of a blob.

        Raises:
            TooLargeError: there is more of it than is read here (`LARGEST`).
        """
        return self._content(oid, "blob")

    def is_large(self, oid: str) -> bool:
        """True for an object that is larger than what is read here."""
        return isinstance(self._object(oid), Large)

    def whole(self, oid: str) -> bytes:
        """The content of a blob, however large: for what writes it out, and judges nothing."""
        if not self.is_large(oid):
            return self.blob(oid)
        (found,) = self._stream.read([oid], None)
        if not isinstance(found, tuple) or isinstance(found, Large):
            raise RepositoryError(f"git cannot read the object {oid}")
        self._require_sound(oid, *found)
        return found[1]

    def sha256(self, oid: str) -> str:
        """The SHA-256 of a blob's content, however large; nothing large is held for it."""
        if not self.is_large(oid):
            return hashed("sha256", self.blob(oid)).hexdigest()
        from hashlib import sha256  # noqa: PLC0415

        told = sha256()
        for block in self._blocks(oid):
            told.update(block)
        return told.hexdigest()

    def _blocks(self, oid: str) -> Iterator[bytes]:
        """A large object piece by piece, and in the end it was what its id says."""
        large = self._large[oid]
        own = raw.hashing(large.kind, large.size, self.object_format)
        for block in self._stream.blocks(oid):
            own.update(block)
            yield block
        if own.hexdigest() != oid:
            raise _corrupt(oid)

    def commit(self, oid: str) -> Commit:
        """A commit, parsed from its own bytes."""
        if oid not in self._commits:
            content = self._content(oid, "commit")
            parsed = commits.parse_commit(oid, content, self.object_format)
            if len(content) > _LONG and oid in self._kept:
                self._kept_bytes -= len(self._kept.pop(oid)[1])
            self._parsed_bytes += len(content)
            if self._parsed_bytes > _MOST_PARSED:
                self._commits.clear()
                self._parsed_bytes = len(content)
            self._commits[oid] = parsed
        return self._commits[oid]

    def first_parent(self, oid: str) -> str | None:
        """The first parent of a commit, where git itself sees one; a malformed commit has it too.

        Whether the commit is of the right form is asked of `commit`.
        """
        if oid in self._commits:
            parents = self._commits[oid].parents
            return parents[0] if parents else None
        found = self._object(oid)
        is_large = isinstance(found, Large) and found.kind == "commit"
        content = self._beginning(oid) if is_large else self._content(oid, "commit")
        return commits.first_parent(oid, content, self.object_format)

    def _beginning(self, oid: str) -> bytes:
        beginning = b""
        for block in self._blocks(oid):
            beginning = beginning or block[:_BEGINNING]
        return beginning

    def tree_of(self, commit_oid: str) -> str:
        """The id of a commit's tree."""
        return self.commit(commit_oid).tree

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
            if len(body) < NARROW:
                return None
            from codexa_git.repository.wide import widened  # noqa: PLC0415

            head = body[:_HEAD]
            made = widened(tree, body, self.object_format, self._alike.pop(head, None))
            if len(self._alike) >= _MOST_ALIKE:
                self._alike.clear()
            self._alike[head] = self._wide[tree] = made
        return self._wide[tree]

    def entry(self, tree: str, path: str) -> Entry | None:
        """What a tree holds at `path`, be it a file, a link, a gitlink or a folder."""
        if (tree, path) not in self._entries_at:
            if len(self._entries_at) >= _MOST_PLACES:
                self._entries_at.clear()
            self._entries_at[tree, path] = self._entry(tree, path)
        return self._entries_at[tree, path]

    def _entry(self, tree: str, path: str) -> Entry | None:
        found = Entry(Mode.TREE, tree)
        for name in path.rstrip("/").split("/"):
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

    def _content(self, oid: str, kind: str) -> bytes:
        found = self._object(oid)
        if found is None:
            raise RepositoryError(
                f"the {kind} {oid} is not in this clone",
                hint="fetch what is missing: git fetch --unshallow, or clone again",
            )
        if found[0] != kind:
            raise RepositoryError(f"{oid} is a {found[0]} and not a {kind}")
        if isinstance(found, Large):
            most = LARGEST_COMMIT if kind == "commit" else LARGEST
            raise TooLargeError(f"the {kind} {oid}", most >> 20)
        return found[1]

    def _object(self, oid: str) -> Answer:
        if oid in self._kept:
            return self._kept[oid]
        if oid in self._held:
            return self._held[oid]
        if oid in self._large:
            return self._large[oid]
        self._require_id(oid)
        if self._stream.has_foreseen:
            self._keep_foreseen()
            return self._object(oid)
        (found,) = self._stream.read([oid])
        return self._checked(oid, found)

    def _keep_foreseen(self) -> None:
        """What was asked for beforehand is in memory, where it is what its id says."""
        for oid, kind, body in self._stream.foreseen():
            if oid not in self._kept and raw.object_id(kind, body, self.object_format) == oid:
                self._keep(oid, kind, body)

    def _checked(self, oid: str, found: Answer) -> Answer:
        if isinstance(found, Large):
            self._large[oid] = found
        elif found is not None:
            self._require_sound(oid, *found)
            self._keep(oid, *found)
        return found

    def _require_sound(self, oid: str, kind: str, body: bytes) -> None:
        if raw.object_id(kind, body, self.object_format) != oid:
            raise _corrupt(oid)

    def _require_id(self, oid: str) -> None:
        if not raw.is_id(oid, self.object_format):
            raise RepositoryError(f"{oid[:80]!r} is not a full object id of this repository")

    def _keep(self, oid: str, kind: str, body: bytes) -> None:
        self._kept_bytes += len(body)
        if self._kept_bytes > _MOST_KEPT:
            self._kept.clear()
            self._kept_bytes = len(body)
        self._kept[oid] = (kind, body)


def _corrupt(oid: str) -> RepositoryError:
    return RepositoryError(f"the object {oid} is corrupt", hint="run: git fsck --full")
