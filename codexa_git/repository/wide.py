"""A tree of many entries, read only where somebody looks: folders where all changes have a place.

Such a tree differs from the one before it in an entry or two. So only those are parsed, as strictly
as any, between neighbours that were parsed before; and a name is found by halving.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from itertools import product
from typing import NamedTuple

from codexa_git.errors import RepositoryError
from codexa_git.repository import raw
from codexa_git.repository.objects import Entry, Mode

_BLOCK = 32 * 1024
_FEW_LETTERS = 4


class Window(NamedTuple):
    """Which entries of a tree are not the other's, too: from `first` up to and without `last`."""

    first: int
    last: int


class Wide(NamedTuple):
    """One tree: what each of its entries is ordered by, and where in `body` it starts, in order.

    `plain` is false where a name may not be ASCII.
    """

    body: bytes
    keys: list[bytes]
    starts: list[int]
    object_format: str
    plain: bool

    def get(self, name: str) -> Entry | None:
        """What the tree holds under this name."""
        wanted = raw.path_bytes(name)
        found = [self._at(key) for key in (wanted, wanted + b"/")]
        return next((self.rows(Window(at, at + 1))[name] for at in found if at is not None), None)

    def is_double(self, key: bytes) -> bool:
        """True where a file and a folder bear this one name, which no sound tree has."""
        return self._at(key[:-1] if key.endswith(b"/") else key + b"/") is not None

    def rows(self, window: Window) -> dict[str, Entry]:
        """The entries of the window by name."""
        body = self.body[self.place(window.first) : self.place(window.last)]
        rows = raw.parse_rows("", body, self.object_format)
        return {row.name: row.entry for row in rows}

    def place(self, number: int) -> int:
        """Where the entry of this number begins, or, after the last one, the tree ends."""
        return self.starts[number] if number < len(self.starts) else len(self.body)

    def is_alone(self, name: str) -> bool:
        """True where surely no other name here is this one in another letter case."""
        if not (self.plain and name.isascii()):
            return False
        if sum(map(str.isalpha, name)) <= _FEW_LETTERS:
            # A name here has so few spellings that each is looked for.
            spelt = map("".join, product(*({sign.lower(), sign.upper()} for sign in name)))
            return not any(self._holds(other) for other in spelt if other != name)
        many = self.body.lower().count(b" %s\0" % name.lower().encode())
        return many == self._holds(name)

    def with_entries(self, entries: Mapping[str, Entry | None]) -> bytes:
        """The tree's bytes with these entries in the place of its own; `None` removes."""
        edits: list[tuple[int, bytes, int, bytes]] = []
        for name, entry in entries.items():
            own = raw.path_bytes(name)
            gone = [self._at(key) for key in (own, own + b"/")]
            edits += [(self.place(n), own, self.place(n + 1), b"") for n in gone if n is not None]
            if entry is not None:
                key = own + b"/" if entry.mode == Mode.TREE else own
                place = self.place(bisect_right(self.keys, key))
                edits.append((place, key, place, raw.format_tree({name: entry})))
        parts, done = [], 0
        for start, _, end, row in sorted(edits):
            parts += [self.body[done : max(done, start)], row]
            done = max(done, end)
        return b"".join((*parts, self.body[done:]))

    def _holds(self, name: str) -> bool:
        key = raw.path_bytes(name)
        return self._at(key) is not None or self._at(key + b"/") is not None

    def _at(self, key: bytes) -> int | None:
        number = bisect_left(self.keys, key)
        return number if self.keys[number : number + 1] == [key] else None


def widened(oid: str, body: bytes, object_format: str, like: Wide | None) -> Wide:
    """The tree with these bytes; what is at both ends as in `like` is not parsed again.

    Raises:
        RepositoryError: it is malformed, or holds a name twice, out of order, or unsafe.
    """
    nothing = Wide(b"", [], [], object_format, plain=True)
    if like is not None:
        # A name can look like an entry that the other tree ends with: then all of it is parsed.
        try:
            return _grown(oid, body, like)
        except RepositoryError:
            return _grown(oid, body, nothing)
    return _grown(oid, body, nothing)


def _grown(oid: str, body: bytes, before: Wide) -> Wide:
    window, object_format = unlike(before, body), before.object_format
    start, shift = before.place(window.first), len(body) - len(before.body)
    end = before.place(window.last) + shift
    after = before.keys[window.first - 1] if window.first else b""
    rows = raw.parse_rows(oid, body[start:end], object_format, after)
    own = [row.key for row in rows]
    if own == before.keys[window.first : window.last]:
        return before._replace(body=body)  # the same names, one beside the other as they were
    rest = before.starts[window.last :]
    starts = before.starts[: window.first] + [start + row.at for row in rows]
    starts += [at + shift for at in rest] if shift else rest
    keys = [*before.keys[: window.first], *own, *before.keys[window.last :]]
    plain = before.plain and all(map(bytes.isascii, own))
    made = Wide(body, keys, starts, object_format, plain)
    last = window.first + len(rows)
    if rows and last < len(keys) and keys[last] <= keys[last - 1]:
        raise raw.refused_name(oid, rows[-1].name)
    for row in rows:
        if made.is_double(row.key):
            raise raw.refused_name(oid, row.name)
    return made


def unlike(tree: Wide, body: bytes) -> Window:
    """Which entries of the tree are not at the same ends of `body`, too."""
    own, here, there = tree.body, len(tree.body), len(body)
    shorter = min(here, there)
    same = _most(shorter, lambda low, high: own.startswith(body[low:high], low))
    first = bisect_right(tree.starts, same) - 1
    if same == len(tree.body) or not tree.starts:
        first = len(tree.starts)
    left = shorter - tree.place(first)
    same = _most(
        left, lambda low, high: own.endswith(body[there - high : there - low], 0, here - low)
    )
    return Window(first, bisect_left(tree.starts, len(tree.body) - same))


def changed(old: Wide, new: Wide) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """The entries of each of two trees among which all that differ are."""
    window = unlike(old, new.body)
    last = len(new.starts) - (len(old.starts) - window.last)
    end = old.place(window.last) + len(new.body) - len(old.body)
    if last < window.first or new.place(last) != end:
        return old.rows(Window(0, len(old.starts))), new.rows(Window(0, len(new.starts)))
    return old.rows(window), new.rows(Window(window.first, last))


def _most(most: int, same: Callable[[int, int], bool]) -> int:
    """How far both are the same, up to `most`; `same` tells it of a part, from and up to a place.

    Block by block first: halving alone would hold long parts against each other again and again.
    """
    low = 0
    while low < most and same(low, min(low + _BLOCK, most)):
        low = min(low + _BLOCK, most)
    high = min(low + _BLOCK, most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if same(low, middle) else (low, middle - 1)
    return low
