"""Tree ids, without writing trees: what fast-import will make of the base and some files."""

from bisect import bisect_left
from collections.abc import Mapping

from codexa_git.repository import raw
from codexa_git.repository.objects import Mode
from codexa_git.repository.store import Store

Parts = tuple[str, ...]


class _Folder:
    """A folder's entries in git's order, as its tree holds them."""

    def __init__(self, keys: list[bytes], lines: list[bytes]) -> None:
        self.keys = keys
        self.lines = lines

    def put(self, name: str, oid: str, *, is_tree: bool) -> None:
        """The folder holds a plain file or a folder of this name."""
        own = raw.path_bytes(name)
        key = own + b"/" if is_tree else own
        mode = b"40000" if is_tree else b"100644"
        line = mode + b" " + own + b"\0" + bytes.fromhex(oid)
        at = bisect_left(self.keys, key)
        if at < len(self.keys) and self.keys[at] == key:
            self.lines[at] = line
        else:
            self.keys.insert(at, key)
            self.lines.insert(at, line)

    def copy(self) -> "_Folder":
        return _Folder(self.keys.copy(), self.lines.copy())


class Trees:
    """The base's tree, which grows landing by landing; only plain files are ever put there."""

    def __init__(self, store: Store, tree: str) -> None:
        self.tree = tree
        self._format = store.object_format
        self._folders: dict[Parts, _Folder] = {}
        self._read(store, (), tree)

    def _read(self, store: Store, parts: Parts, tree: str) -> None:
        folder = self._folders[parts] = _Folder([], [])
        for name, entry in store.children(tree).items():
            is_tree = entry.mode == Mode.TREE
            folder.put(name, entry.oid, is_tree=is_tree)
            if is_tree:
                self._read(store, (*parts, name), entry.oid)

    def with_files(self, files: Mapping[str, str]) -> str:
        """The id of the tree with these blobs at these paths; nothing changes here."""
        return self._put(files, keep=False)

    def take(self, files: Mapping[str, str]) -> str:
        """The id of the tree with these blobs, which stands here from now on."""
        return self._put(files, keep=True)

    def _put(self, files: Mapping[str, str], *, keep: bool) -> str:
        changed: dict[Parts, _Folder] = {}
        for path, oid in files.items():
            *parents, name = path.split("/")
            self._open(changed, tuple(parents)).put(name, oid, is_tree=False)
        for parts in sorted(changed, key=len, reverse=True):
            oid = raw.object_id("tree", b"".join(changed[parts].lines), self._format)
            if not parts:
                if keep:
                    self._folders |= changed
                    self.tree = oid
                return oid
            changed[parts[:-1]].put(parts[-1], oid, is_tree=True)
        raise AssertionError("no file was put")

    def _open(self, changed: dict[Parts, _Folder], parts: Parts) -> _Folder:
        if parts not in changed:
            if parts:
                self._open(changed, parts[:-1])
            known = self._folders.get(parts)
            changed[parts] = known.copy() if known else _Folder([], [])
        return changed[parts]
