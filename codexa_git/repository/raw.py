"""Git's objects as bytes, read strictly and written exactly.

What is not of the form that git itself writes is refused, so that git and this house can never
read two things out of one object.
"""

import sys
from collections.abc import Mapping
from functools import cache, lru_cache

from codexa_git.errors import MalformedError, RepositoryError
from codexa_git.repository.hashing import hashed
from codexa_git.repository.objects import Entry, Mode
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re
    from hashlib import _Hash

ID_LENGTHS = {"sha1": 40, "sha256": 64}
_HEX = "0123456789abcdef"
_RAW_MODES = {mode.value.lstrip("0").encode(): mode.value for mode in Mode}
_UNSAFE = frozenset(("", ".", ".."))
_LITTLE = 40_000
"""So many bytes of trees are read row by row in the time that it takes to import `re`."""
_DEEPEST = 256
_LONGEST_NAME = 255
_LONGEST_PATH = 4096
"""No system that git runs on has longer ones, and each folder's name is that of all below it."""


def object_id(kind: str, body: bytes, object_format: str) -> str:
    """The id that git gives to an object of this kind with this content."""
    return hashed(object_format, _head(kind, len(body)), body).hexdigest()


def hashing(kind: str, size: int, object_format: str) -> "_Hash":
    """What gives the id of an object of this kind and size, once it was fed the content."""
    import hashlib  # noqa: PLC0415

    return hashlib.new(object_format, _head(kind, size), usedforsecurity=False)


def _head(kind: str, size: int) -> bytes:
    return b"%s %d\0" % (kind.encode(), size)


def digest(content: bytes, object_format: str) -> bytes:
    """The hash that ends a pack."""
    return hashed(object_format, content).digest()


def is_id(text: str, object_format: str) -> bool:
    """True for a full object id in lower-case hex."""
    return len(text) == ID_LENGTHS[object_format] and not text.strip(_HEX)


def as_prefix(under: str) -> str:
    """What the paths in a folder begin with; nothing for the whole tree."""
    return f"{under.rstrip('/')}/" if under.strip("/") else ""


def path_bytes(path: str) -> bytes:
    """A path as git stores it; the order of paths is the order of these."""
    return path.encode("utf-8", "surrogateescape")


def is_safe_name(name: str) -> bool:
    """True for a name that can be checked out: no `.`, `..`, `.git`, slash or NUL, nor too long."""
    if name in _UNSAFE or "/" in name or "\0" in name or len(name) > _LONGEST_NAME:
        return False
    return len(name) != 4 or name.lower() != ".git"  # nothing else is ".git" in lower case


def require_path(path: str) -> None:
    """Return if a tree may hold `path`, else refuse it in one sentence."""
    names = path.split("/")
    if not all(map(is_safe_name, names)):
        raise RepositoryError(f"a tree cannot hold the path {path!r}")
    if len(names) > _DEEPEST:
        raise RepositoryError(f"the path {path[:60]!r}... is more than {_DEEPEST} folders deep")


def below(folder: str, name: str) -> str:
    """The path of a name in a folder (which ends in a slash, or is empty).

    Raises:
        RepositoryError: it is longer than a path may be.
    """
    path = folder + name
    if len(path) > _LONGEST_PATH:
        told = f"the path {path[:60]!r}... is longer than {_LONGEST_PATH} characters"
        raise RepositoryError(told)
    return path


_read = 0


class TreeRow(NamedTuple):
    """One entry of a tree, where in the tree's bytes it begins, and what git orders it by."""

    at: int
    key: bytes
    name: str
    entry: Entry


def parse_tree(oid: str, body: bytes, object_format: str) -> dict[str, Entry]:
    """The entries of one tree by name, in git's order."""
    entries = _swiftly_parsed(body, object_format)
    if entries is not None:
        return entries
    entries = {}
    for row in parse_rows(oid, body, object_format):
        if row.name in entries:
            raise refused_name(oid, row.name)
        entries[row.name] = row.entry
    return entries


def _swiftly_parsed(body: bytes, object_format: str) -> dict[str, Entry] | None:
    """The entries of a tree in which nothing is amiss; `None`: read it row by row, and say what is.

    A hook that reads a few trees reads them so in less time than patterns take to be imported.
    """
    global _read  # noqa: PLW0603 (a count of work, on which no answer depends)
    _read += len(body)
    if _read < _LITTLE and "re" not in sys.modules:
        return None
    found = _rows(object_format).findall(body)
    size = ID_LENGTHS[object_format] // 2 + 2
    # Rows that are as long as the whole together leave nothing out, so each begins at a row.
    if sum(len(mode) + len(name) + size for mode, name, _ in found) != len(body):
        return None
    entries: dict[str, Entry] = {}
    before = b""
    for row in found:
        key, name, entry = _row(*row)
        if key <= before or name in entries or not name:
            return None
        before = key
        entries[name] = entry
    return entries


@cache
def _rows(object_format: str) -> "re.Pattern[bytes]":
    import re  # noqa: PLC0415

    modes, size = b"|".join(_RAW_MODES), ID_LENGTHS[object_format] // 2
    # What is longer in bytes is in characters, too; it would be kept with its name (`_row`).
    longest = 4 * _LONGEST_NAME
    return re.compile(rb"(%s) ([^\0]{0,%d})\0(.{%d})" % (modes, longest, size), re.DOTALL)


@lru_cache(maxsize=8192)
def _row(mode: bytes, raw: bytes, oid: bytes) -> tuple[bytes, str, Entry]:
    """What git orders a row by, its name (empty: not a safe one), and its entry.

    A folder's next tree has most of its rows from the one before.
    """
    name = raw.decode("utf-8", "surrogateescape")
    key = raw + b"/" if mode == b"40000" else raw
    return key, name if is_safe_name(name) else "", Entry(_RAW_MODES[mode], oid.hex())


def parse_rows(oid: str, body: bytes, object_format: str, before: bytes = b"") -> list[TreeRow]:
    """The entries of a tree, or of a part of it that follows the entry ordered by `before`.

    Whether a file and a folder bear one name is for the caller to ask: they need not be neighbours.
    """
    size = ID_LENGTHS[object_format] // 2
    rows: list[TreeRow] = []
    position = 0
    while position < len(body):
        start = position
        space = body.find(b" ", position)
        end = body.find(b"\0", space)
        mode = _RAW_MODES.get(body[position:space])
        raw = body[space + 1 : end]
        position = end + 1 + size
        if space < 0 or end < 0 or mode is None or position > len(body):
            raise MalformedError(f"the tree {oid} is malformed")
        key = raw + b"/" if mode == Mode.TREE else raw
        name = raw.decode("utf-8", "surrogateescape")
        if key <= before or not is_safe_name(name):
            raise refused_name(oid, name)
        before = key
        rows.append(TreeRow(start, key, name, Entry(mode, body[end + 1 : position].hex())))
    return rows


def refused_name(oid: str, name: str) -> MalformedError:
    """What is said of a tree that holds a name twice, out of order, unsafe or too long."""
    if len(name) > _LONGEST_NAME:
        long = f"{name[:60]!r}..., which is longer than {_LONGEST_NAME} characters"
        return MalformedError(f"the tree {oid} holds the name {long}")
    return MalformedError(f"the tree {oid} holds the name {name!r}, which git refuses")


def format_tree(entries: Mapping[str, Entry]) -> bytes:
    """One tree's bytes, its entries in git's order."""

    def key(item: tuple[str, Entry]) -> bytes:
        name, entry = item
        return path_bytes(name) + (b"/" if entry.mode == Mode.TREE else b"")

    return b"".join(
        b"%s %s\0%s" % (entry.mode.lstrip("0").encode(), path_bytes(name), bytes.fromhex(entry.oid))
        for name, entry in sorted(entries.items(), key=key)
    )


def spliced(
    body: bytes, entries: Mapping[str, Entry], changes: Mapping[str, Entry | None]
) -> bytes | None:
    """The bytes of the tree that holds `entries`, these changes in their places; `None` removes.

    No answer where an entry is new or of another kind, so that its place is to be found, or where
    the bytes of its row stand in the tree twice, as a name may have it.
    """
    for name, new in changes.items():
        old = entries.get(name)
        if old is None:
            if new is None:
                continue
            return None
        row = format_tree({name: old})
        if body.count(row) != 1 or (new and (new.mode == Mode.TREE) != (old.mode == Mode.TREE)):
            return None
        body = body.replace(row, format_tree({name: new}) if new else b"")
    return body
