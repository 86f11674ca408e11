"""Objects of a repository: every one checked against its id, and kept."""

from collections.abc import Iterable, Iterator, Sequence

from codexa_git.errors import RepositoryError, TooLargeError
from codexa_git.repository import raw
from codexa_git.repository.command import Git
from codexa_git.repository.hashing import hashed
from codexa_git.repository.objects import LARGEST, LARGEST_COMMIT, SHORTER
from codexa_git.repository.streams import Answer, Large, ObjectStream

_LOADED_AT_ONCE = 500
_AHEAD = 60
_MOST_KEPT = 256 * 1024 * 1024
_MUCH = 32 * 1024 * 1024


class Holding:
    """Objects of one repository, read through one child and kept by id."""

    def __init__(self, git: Git, objects: str, object_format: str) -> None:
        self.git = git
        self.objects = objects
        self.object_format = object_format
        self.empty_tree = raw.object_id("tree", b"", object_format)
        self._stream = ObjectStream(git)
        self._kept: dict[str, tuple[str, bytes]] = {}
        self._kept_bytes = 0
        # Made here and not stored yet: only `Writing` fills it, and whoever reads sees it.
        self._held: dict[str, tuple[str, bytes]] = {}
        self._large: dict[str, Large] = {}
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

    @property
    def holds_much(self) -> bool:
        """True where so much was read that whoever goes on to something else should `forget`."""
        return self._kept_bytes > _MUCH

    def forget(self, *, made: bool = False) -> None:
        """Nothing that was read is in memory any more.

        What was made here and not stored yet stays, unless whoever asks will store nothing.
        """
        self._kept.clear()
        self._kept_bytes = 0
        if made:
            self._held.clear()
        self._keep(self.empty_tree, "tree", b"")

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
            if kind == "commit":
                raise TooLargeError(f"the commit {oid}", LARGEST_COMMIT >> 20, hint=SHORTER)
            raise TooLargeError(f"the {kind} {oid}", LARGEST >> 20)
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

    def _let_go(self, oid: str) -> None:
        """This object is not kept: somebody holds what was made of it, or nobody needs it."""
        _, body = self._kept.pop(oid, ("", b""))
        self._kept_bytes -= len(body)

    def _keep(self, oid: str, kind: str, body: bytes) -> None:
        self._make_room(len(body))
        self._kept[oid] = (kind, body)

    def _make_room(self, size: int) -> None:
        """What is kept leaves room for so many bytes more, which are counted from now on."""
        self._kept_bytes += size
        if self._kept_bytes > _MOST_KEPT:
            self._let_all_go()
            self._kept_bytes = size

    def _let_all_go(self) -> None:
        """Nothing that can be read again is kept."""
        self._kept.clear()


def _corrupt(oid: str) -> RepositoryError:
    return RepositoryError(f"the object {oid} is corrupt", hint="run: git fsck --full")
