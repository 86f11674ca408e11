"""Writing objects: bytes made here, ids known before, one process for as many as are given.

A pack goes to `git unpack-objects`, so neither filters nor hooks, signing, identity or any other
setting has a say in what is stored.
"""

from collections.abc import Mapping, Sequence

from codexa_git.errors import RepositoryError
from codexa_git.repository import commits, raw
from codexa_git.repository.objects import Entry, Mode, Stamp
from codexa_git.repository.patches import Patches

_PACKED_KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


class Writing(Patches):
    """Objects added to the repository; nothing refers to them until a ref moves."""

    def write_blob(self, content: bytes) -> str:
        """The id of a stored blob."""
        return self.write_blobs([content])[0]

    def write_blobs(self, contents: Sequence[bytes]) -> list[str]:
        """The ids of stored blobs, in the order given, through one process."""
        return self._write([("blob", content) for content in contents])

    def write_tree(self, base: str | None, changes: Mapping[str, Entry | None]) -> str:
        """The id of `base` with `changes` made: an entry is put at its path, `None` removes.

        A file gives way to a folder and a folder to a file; a folder left empty disappears.
        """
        root, made = self._grown(base, changes)
        self._write(made)
        return root

    def hold_blobs(self, contents: Sequence[bytes]) -> list[str]:
        """The ids of blobs that are here to be read, and stored with the next commit."""
        return [self._hold("blob", content) for content in contents]

    def hold_tree(self, base: str | None, changes: Mapping[str, Entry | None]) -> str:
        """The id that `write_tree` would return, the tree here to be read as held blobs are."""
        root, made = self._grown(base, changes)
        for kind, body in made:
            self._hold(kind, body)
        return root

    def write_commit(
        self,
        tree: str,
        parents: Sequence[str],
        author: Stamp,
        committer: Stamp,
        message: bytes,
    ) -> str:
        """The id of a stored commit with exactly these bytes; what was held is stored with it."""
        self.children(tree)
        for parent in parents:
            self.headed(parent)
        body = commits.format_commit(tree, parents, author, committer, message)
        oid = self._write([*self._held.values(), ("commit", body)])[-1]
        self._held.clear()
        return oid

    def write_tag(self, oid: str, name: str, tagger: Stamp, message: bytes) -> str:
        """The id of a stored annotated tag of this commit; no ref leads to it yet."""
        self.commit(oid)
        return self._write([("tag", commits.format_tag(oid, name, tagger, message))])[0]

    def tree_id(
        self, base: str | None, changes: Mapping[str, Entry | None], like: str | None = None
    ) -> str:
        """The id that `write_tree` would return, without writing.

        The changes may make folders what they are in the tree `like`: those are not hashed again.
        """
        return self._changed(base, changes, [], like) or self.empty_tree

    def blob_id(self, content: bytes) -> str:
        """The id that `write_blob` would return, without writing."""
        return raw.object_id("blob", content, self.object_format)

    def _grown(
        self, base: str | None, changes: Mapping[str, Entry | None]
    ) -> tuple[str, list[tuple[str, bytes]]]:
        """The id of the changed tree, and the trees that it takes."""
        for path in changes:
            raw.require_path(path)
        made: list[tuple[str, bytes]] = []
        root = self._changed(base, changes, made)
        return (root, made) if root else (self.empty_tree, [*made, ("tree", b"")])

    def _hold(self, kind: str, body: bytes) -> str:
        oid = raw.object_id(kind, body, self.object_format)
        if oid not in self._kept and self._wide.get(oid) is None:
            self._held[oid] = (kind, body)
        return oid

    def _changed(
        self,
        base: str | None,
        changes: Mapping[str, Entry | None],
        made: list[tuple[str, bytes]],
        like: str | None = None,
    ) -> str | None:
        own: dict[str, Entry | None] = {}
        below: dict[str, dict[str, Entry | None]] = {}
        for path, entry in changes.items():
            name, nested, rest = path.partition("/")
            if nested:
                below.setdefault(name, {})[rest] = entry
            else:
                own[name] = None if entry is None else _checked(entry, self.object_format)
        for name, inner in below.items():
            if own.get(name) is not None and any(inner.values()):
                raise RepositoryError(f"{name!r} cannot be a file and a folder in one tree")
            self._put_folder(base, own, name, inner, made, like)
        if like is not None and self._becomes(like, base, own):
            return like
        return self._made(base, own, made)

    def _becomes(self, like: str, base: str | None, own: Mapping[str, Entry | None]) -> bool:
        """True where a tree with these entries in the place of its own is the tree `like`."""
        gone, there = self._sides(like, base)
        names = {*gone, *there, *own}
        return like != self.empty_tree and all(
            (own[name] if name in own else there.get(name)) == self.child(like, name)
            for name in names
        )

    def _put_folder(
        self,
        base: str | None,
        own: dict[str, Entry | None],
        name: str,
        inner: dict[str, Entry | None],
        made: list[tuple[str, bytes]],
        like: str | None,
    ) -> None:
        there = self.child(base, name) if base and name not in own else own.get(name)
        folder = there.oid if there and there.mode == Mode.TREE else None
        alike = self.child(like, name) if like else None
        oid = self._changed(
            folder, inner, made, alike.oid if alike and alike.mode == Mode.TREE else None
        )
        if oid is not None:
            own[name] = Entry(Mode.TREE, oid)
        elif folder is not None:
            own[name] = None

    def _made(
        self, base: str | None, own: Mapping[str, Entry | None], made: list[tuple[str, bytes]]
    ) -> str | None:
        """The id of a tree with these entries in the place of its own; `None` if none is left."""
        wide = self.wide(base) if base else None
        body = wide.with_entries(own) if wide is not None else self._narrow(base, own)
        if not body:
            return None
        made.append(("tree", body))
        return raw.object_id("tree", body, self.object_format)

    def _narrow(self, base: str | None, own: Mapping[str, Entry | None]) -> bytes:
        there = self.children(base) if base else {}
        spliced = raw.spliced(self._content(base, "tree"), there, own) if base else None
        if spliced is not None:
            return spliced
        entries = {name: entry for name, entry in there.items() if name not in own}
        entries |= {name: entry for name, entry in own.items() if entry is not None}
        return raw.format_tree(entries)

    def _write(self, objects: Sequence[tuple[str, bytes]]) -> list[str]:
        """The ids of the objects, all of them stored."""
        if not objects:
            return []
        pack = packed(objects, self.object_format)
        self.git.run("unpack-objects", "-q", input=pack)
        ids = [raw.object_id(kind, body, self.object_format) for kind, body in objects]
        for oid, (kind, body) in zip(ids, objects, strict=True):
            self._keep(oid, kind, body)
        return ids


def packed(objects: Sequence[tuple[str, bytes]], object_format: str) -> bytes:
    """A pack of whole objects."""
    import zlib  # noqa: PLC0415

    parts = [b"PACK", (2).to_bytes(4, "big"), len(objects).to_bytes(4, "big")]
    for kind, body in objects:
        parts += [_pack_header(_PACKED_KINDS[kind], len(body)), zlib.compress(body, 1)]
    content = b"".join(parts)
    return content + raw.digest(content, object_format)


def _pack_header(kind: int, size: int) -> bytes:
    """Kind and size: four bits of the size first, then seven at a time, least first."""
    byte, rest = (kind << 4) | (size & 15), size >> 4
    header = bytearray()
    while rest:
        header.append(byte | 128)
        byte, rest = rest & 127, rest >> 7
    header.append(byte)
    return bytes(header)


def _checked(entry: Entry, object_format: str) -> Entry:
    if entry.mode not in set(Mode) or not raw.is_id(entry.oid, object_format):
        raise RepositoryError(f"a tree cannot hold {entry.mode!r} {entry.oid!r}")
    return Entry(Mode(entry.mode).value, entry.oid)
