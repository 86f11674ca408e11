"""A tree as a plain folder, written and read back by us: no attributes, filters, hooks or `.git`.

What stands in a folder after an agent ran is hostile: links are never followed, and what git could
not store exactly is refused.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, assert_never

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository.objects import Entry, Mode
from codexa_git.repository.raw import is_safe_name, object_id, path_bytes
from codexa_git.repository.store import Store

MOST_FILES = 100_000
MOST_BYTES = 1024**3
_BATCH = 64 * 1024 * 1024
_DEEPEST = 200


def write_out(store: Store, tree: str, folder: Path) -> None:
    """`folder` (made if need be, and empty before) holds the files of `tree`, and nothing else.

    A gitlink becomes an empty folder. Every path is judged before the first file is written.
    """
    entries = store.entries(tree)
    for path, entry in entries.items():
        _require_writable(path)
        if entry.mode == Mode.SYMLINK and not stays_inside(path, store.blob(entry.oid)):
            raise RepositoryError(f"the link {path!r} leads out of the folder")
    store.load(entry.oid for entry in entries.values() if entry.mode != Mode.GITLINK)
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise RepositoryError(f"{folder} is not empty")
    made = {""}
    for path, entry in sorted(entries.items(), key=_links_last):
        try:
            _make_folders(folder, path.rpartition("/")[0], made)
            _write_entry(store, folder / _local(path), entry)
        except FileExistsError:
            raise RepositoryError(
                f"{path!r} falls together with another path on this filesystem"
            ) from None


def stays_inside(path: str, target: bytes) -> bool:
    """True if a link at `path` leads to a place within the folder that `path` begins in.

    Only a leading `..` may go up: after a name, which may itself be a link, it could go anywhere.
    """
    names = target.split(b"/")
    ups = next((at for at, name in enumerate(names) if name != b".."), len(names))
    if not target or b"\0" in target or target.startswith(b"/") or b".." in names[ups:]:
        return False
    return ups <= path.count("/") and len(target) < 4096


def read_back(
    store: Store,
    folder: Path,
    ignore: tuple[str, ...] = (),
    *,
    base: str | None = None,
    most_files: int = MOST_FILES,
    most_bytes: int = MOST_BYTES,
) -> dict[str, Entry]:
    """What the folder holds, by path, its blobs stored; an untouched one gives its tree again.

    `ignore` names files and folders that are left out. A gitlink of the tree `base` is there for
    as long as its folder is, and is empty. Empty folders are nothing, as for git.
    """
    links = {
        path: entry
        for path, entry in (store.entries(base) if base else {}).items()
        if entry.mode == Mode.GITLINK
    }
    walk = _Walk(frozenset(name.rstrip("/") for name in ignore), links, most_files, most_bytes)
    entries: dict[str, Entry] = {}
    batch: list[bytes] = []
    waiting = size = 0
    for found in walk.files(folder):
        oid = object_id("blob", found.content, store.object_format)
        entries[found.path] = Entry(found.mode, oid)
        size += len(found.content)
        if size > most_bytes:
            raise RefusedError(f"{found.path!r}: the folder holds more than {most_bytes} bytes")
        if not store.exists(oid):
            batch.append(found.content)
            waiting += len(found.content)
        if waiting > _BATCH:
            store.write_blobs(batch)
            batch, waiting = [], 0
    store.write_blobs(batch)
    entries |= {path: entry for path, entry in links.items() if path in walk.empty}
    return {path: entries[path] for path in sorted(entries, key=path_bytes)}


class _Found(NamedTuple):
    path: str
    mode: str
    content: bytes


class _Walk:
    """A walk through a hostile folder, by file descriptors, so that no swapped link is followed."""

    def __init__(
        self,
        ignore: frozenset[str],
        links: Mapping[str, Entry],
        most_files: int,
        most_bytes: int,
    ) -> None:
        self.empty: set[str] = set()
        self._ignore = ignore
        self._links = links
        self._most_files = most_files
        self._most_bytes = most_bytes
        self._files = 0

    def files(self, folder: Path) -> Iterator[_Found]:
        """Every file and link of the folder."""
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield from self._below(handle, "", 0)
        finally:
            os.close(handle)

    def _below(self, handle: int, prefix: str, depth: int) -> Iterator[_Found]:
        names = sorted(os.listdir(handle))
        if not names:
            self.empty.add(prefix.rstrip("/"))
        for name in names:
            stored = os.fsencode(name).decode("utf-8", "surrogateescape")
            path = prefix + stored
            if path in self._ignore:
                continue
            self._require_storable(path, stored, depth)
            about = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if stat.S_ISDIR(about.st_mode):
                yield from self._folder(handle, name, path, depth)
            else:
                yield self._leaf(handle, name, path, about)

    def _folder(self, handle: int, name: str, path: str, depth: int) -> Iterator[_Found]:
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
        try:
            yield from self._below(below, f"{path}/", depth + 1)
        finally:
            os.close(below)

    def _leaf(self, handle: int, name: str, path: str, about: os.stat_result) -> _Found:
        self._files += 1
        if self._files > self._most_files:
            raise RefusedError(f"{path!r}: the folder holds more than {self._most_files} files")
        if stat.S_ISLNK(about.st_mode):
            target = os.fsencode(os.readlink(name, dir_fd=handle))
            if not stays_inside(path, target):
                raise RefusedError(f"{path!r} is a link that leads out of the folder")
            return _Found(path, Mode.SYMLINK.value, target)
        if not stat.S_ISREG(about.st_mode):
            raise RefusedError(f"{path!r} is neither a file, a folder nor a link")
        return self._file(handle, name, path)

    def _file(self, handle: int, name: str, path: str) -> _Found:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(name, flags, dir_fd=handle), "rb") as file:  # noqa: PTH123
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode) or about.st_mode & (stat.S_ISUID | stat.S_ISGID):
                raise RefusedError(f"{path!r} is not a plain file")
            if about.st_size > self._most_bytes:
                raise RefusedError(f"{path!r} is larger than {self._most_bytes} bytes")
            content = file.read(self._most_bytes + 1)
        mode = Mode.EXECUTABLE if about.st_mode & stat.S_IXUSR else Mode.FILE
        return _Found(path, mode.value, content)

    def _require_storable(self, path: str, name: str, depth: int) -> None:
        if reason := _unfit(name):
            raise RefusedError(f"{path!r} {reason}")
        if depth > _DEEPEST:
            raise RefusedError(f"{path[:80]!r} lies more than {_DEEPEST} folders deep")


def _unfit(name: str) -> str | None:
    """Why no folder of ours may hold this name; `None` where it may."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "is not UTF-8"
    # Windows and macOS take these for `.git`, and the folder may be copied there.
    plain = "".join(char for char in name if char.isprintable()).rstrip(". ").lower()
    if not is_safe_name(name) or plain in (".git", "git~1") or plain.startswith(".git:"):
        return "is a name that git keeps for itself"
    return None


def _require_writable(path: str) -> None:
    names = path.split("/")
    for name in names:
        if reason := _unfit(name):
            raise RepositoryError(f"{path!r} cannot be written: {name!r} {reason}")
    if len(names) > _DEEPEST:
        raise RepositoryError(f"{path[:80]!r} cannot be written: it lies too deep")


def _local(path: str) -> str:
    """The path as this process must name it to get git's bytes, whatever the locale."""
    return os.fsdecode(path_bytes(path))


def _links_last(item: tuple[str, Entry]) -> bool:
    return item[1].mode == Mode.SYMLINK


def _make_folders(top: Path, path: str, made: set[str]) -> None:
    """Every folder down to `path`; one that is there without being ours is a collision."""
    if path in made:
        return
    _make_folders(top, path.rpartition("/")[0], made)
    place = top / _local(path)
    place.mkdir()
    place.chmod(0o755)
    made.add(path)


def _write_entry(store: Store, place: Path, entry: Entry) -> None:
    match Mode(entry.mode):
        case Mode.FILE:
            _write_file(place, store.whole(entry.oid), 0o644)
        case Mode.EXECUTABLE:
            _write_file(place, store.whole(entry.oid), 0o755)
        case Mode.SYMLINK:
            place.symlink_to(os.fsdecode(store.blob(entry.oid)))
        case Mode.GITLINK:
            place.mkdir()
        case Mode.TREE:
            raise AssertionError(entry)
        case never:
            assert_never(never)


def _write_file(place: Path, content: bytes, mode: int) -> None:
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123
        file.write(content)
        os.fchmod(handle, mode)
