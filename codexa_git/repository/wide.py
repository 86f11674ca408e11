"""A tree of many entries, read only where somebody looks: folders where all changes have a place.

Such a tree differs from the one before it in an entry or two. So only those are parsed, as strictly
as any, between neighbours that were parsed before; and a name is found by halving. A tree is held
in blocks of entries, and shares with the one before it each block that both have.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from codexa_git.errors import RepositoryError
from codexa_git.repository import raw
from codexa_git.repository.objects import Entry, Mode

ROWS = 128
"""So many entries has a block of a tree that was cut; one that grew has up to twice as many."""

_FEW_LETTERS = 4


class Window(NamedTuple):
    """Which entries of a block are not the other's, too: from `first` up to and without `last`."""

    first: int
    last: int


class Block(NamedTuple):
    """Entries in a row: their bytes, what each is ordered by, and where in `body` it starts."""

    body: bytes
    keys: list[bytes]
    starts: list[int]

    def place(self, number: int) -> int:
        """Where the entry of this number begins, or, after the last one, the block ends."""
        return self.starts[number] if number < len(self.starts) else len(self.body)

    def rows(self, window: Window, object_format: str) -> dict[str, Entry]:
        """The entries of the window by name."""
        body = self.body[self.place(window.first) : self.place(window.last)]
        return {row.name: row.entry for row in raw.parse_rows("", body, object_format)}


_NOTHING = Block(b"", [], [])


class Wide(NamedTuple):
    """One tree, in blocks of which none is empty.

    So many bytes of it as `own` says are in no block of the tree that it was held against. `plain`
    is false where a name may not be ASCII.
    """

    blocks: tuple[Block, ...]
    own: int
    object_format: str
    plain: bool

    @property
    def body(self) -> bytes:
        """The tree's bytes."""
        return b"".join([block.body for block in self.blocks])

    def get(self, name: str) -> Entry | None:
        """What the tree holds under this name."""
        wanted = raw.path_bytes(name)
        for key in (wanted, wanted + b"/"):
            block, at = self._near(key)
            if block.keys[at : at + 1] == [key]:
                return block.rows(Window(at, at + 1), self.object_format)[name]
        return None

    def is_double(self, key: bytes) -> bool:
        """True where a file and a folder bear this one name, which no sound tree has."""
        return self._has(key[:-1] if key.endswith(b"/") else key + b"/")

    def is_alone(self, name: str) -> bool:
        """True where surely no other name here is this one in another letter case."""
        if not (self.plain and name.isascii()):
            return False
        if sum(map(str.isalpha, name)) <= _FEW_LETTERS:
            # A name here has so few spellings that each is looked for.
            spelt = map("".join, product(*({sign.lower(), sign.upper()} for sign in name)))
            return not any(self._holds(other) for other in spelt if other != name)
        row = b" %s\0" % name.lower().encode()
        many = sum([block.body.lower().count(row) for block in self.blocks])
        return many == self._holds(name)

    def with_entries(self, entries: Mapping[str, Entry | None]) -> bytes:
        """The tree's bytes with these entries in the place of its own; `None` removes."""
        edits: list[tuple[int, bytes, int, bytes]] = []
        for name, entry in entries.items():
            own = raw.path_bytes(name)
            gone = filter(self._has, (own, own + b"/"))
            edits += [(self._place(key), key, self._place(key, after=True), b"") for key in gone]
            if entry is not None:
                key = own + b"/" if entry.mode == Mode.TREE else own
                place = self._place(key)
                edits.append((place, key, place, raw.format_tree({name: entry})))
        body, done = self.body, 0
        parts: list[bytes] = []
        for start, _, end, row in sorted(edits):
            parts += [body[done : max(done, start)], row]
            done = max(done, end)
        return b"".join((*parts, body[done:]))

    def _holds(self, name: str) -> bool:
        key = raw.path_bytes(name)
        return self._has(key) or self._has(key + b"/")

    def _has(self, key: bytes) -> bool:
        block, at = self._near(key)
        return block.keys[at : at + 1] == [key]

    def _near(self, key: bytes) -> tuple[Block, int]:
        """The block in which this stands, if any does; its first entry that is not before this."""
        number = bisect_right(self.blocks, key, key=_first)
        block = self.blocks[max(0, number - 1)] if self.blocks else _NOTHING
        return block, bisect_left(block.keys, key)

    def _place(self, key: bytes, *, after: bool = False) -> int:
        """Where in the tree's bytes this stands or belongs, or where the entry after it begins."""
        number = max(0, bisect_right(self.blocks, key, key=_first) - 1)
        block, at = self._near(key)
        return sum(len(block.body) for block in self.blocks[:number]) + block.place(at + after)


def _first(block: Block) -> bytes:
    return block.keys[0]


def widened(oid: str, body: bytes, object_format: str, like: Wide | None) -> Wide:
    """The tree with these bytes; what is at both ends as in `like` is not parsed again.

    Raises:
        RepositoryError: it is malformed, or holds a name twice, out of order, or unsafe.
    """
    nothing = Wide((), 0, object_format, plain=True)
    if like is not None:
        # A name can look like an entry that the other tree ends with: then all of it is parsed.
        try:
            return _grown(oid, body, like)
        except RepositoryError:
            return _grown(oid, body, nothing)
    return _grown(oid, body, nothing)


def _grown(oid: str, body: bytes, before: Wide) -> Wide:
    blocks, object_format = before.blocks, before.object_format
    first, last, start, end = _apart(blocks, body)
    old, part = _joined(blocks[first:last]), body[start:end]
    window, shift = unlike(old, part), len(part) - len(old.body)
    at, until = old.place(window.first), old.place(window.last) + shift
    ahead = _key_at(blocks[first - 1 : first], old.keys[: window.first], -1)
    rows = raw.parse_rows(oid, part[at:until], object_format, ahead)
    own = [row.key for row in rows]
    beyond = _key_at(blocks[last : last + 1], old.keys[window.last :], 0)
    if own and beyond and beyond <= own[-1]:
        raise raw.refused_name(oid, rows[-1].name)
    keys, starts = old.keys, old.starts
    if own != keys[window.first : window.last]:
        keys = [*keys[: window.first], *own, *keys[window.last :]]
        rest = [place + shift for place in starts[window.last :]]
        starts = [*starts[: window.first], *(at + row.at for row in rows), *rest]
    made = (*blocks[:first], *_cut(Block(part, keys, starts)), *blocks[last:])
    plain = before.plain and all(map(bytes.isascii, own))
    tree = Wide(made, len(part), object_format, plain)
    for row in rows:
        if tree.is_double(row.key):
            raise raw.refused_name(oid, row.name)
    return tree


def _key_at(blocks: Sequence[Block], keys: Sequence[bytes], end: int) -> bytes:
    """The last (-1) or first (0) of these keys; where there is none, of the block beside them."""
    found = keys or [block.keys[end] for block in blocks]
    return found[end] if found else b""


def _apart(blocks: Sequence[Block], body: bytes) -> tuple[int, int, int, int]:
    """Which blocks are not at the same ends of `body`, and where the rest of it is.

    There is one at least, if there are any: what is new between two stands in one of them.
    """
    first, start = 0, 0
    while first < len(blocks) and body.startswith(blocks[first].body, start):
        start += len(blocks[first].body)
        first += 1
    last, end = len(blocks), len(body)
    while last > first and body.endswith(blocks[last - 1].body, start, end):
        last -= 1
        end -= len(blocks[last].body)
    if first == last and first:
        first -= 1
        start -= len(blocks[first].body)
    elif first == last and blocks:
        end += len(blocks[last].body)
        last += 1
    return first, last, start, end


def _joined(blocks: Sequence[Block]) -> Block:
    """The blocks as one."""
    if len(blocks) == 1:
        return blocks[0]
    starts, at = [], 0
    for block in blocks:
        starts += [at + start for start in block.starts]
        at += len(block.body)
    keys = [key for block in blocks for key in block.keys]
    return Block(b"".join([block.body for block in blocks]), keys, starts)


def _cut(block: Block) -> Iterator[Block]:
    """The same in blocks of the usual size; none where it is empty."""
    if 0 < len(block.keys) <= 2 * ROWS:
        yield block
        return
    for first in range(0, len(block.keys), ROWS):
        last = first + ROWS
        start = block.starts[first]
        starts = [place - start for place in block.starts[first:last]]
        yield Block(block.body[start : block.place(last)], block.keys[first:last], starts)


def unlike(block: Block, body: bytes) -> Window:
    """Which entries of the block are not at the same ends of `body`, too."""
    own, here, there = block.body, len(block.body), len(body)
    shorter = min(here, there)
    same = _most(shorter, lambda low, high: own.startswith(body[low:high], low))
    first = bisect_right(block.starts, same) - 1
    if same == here or not block.starts:
        first = len(block.starts)
    left = shorter - block.place(first)
    same = _most(
        left, lambda low, high: own.endswith(body[there - high : there - low], 0, here - low)
    )
    return Window(first, bisect_left(block.starts, here - same))


def changed(old: Wide, new: Wide) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """The entries of each of two trees among which all that differ are."""
    shorter = min(len(old.blocks), len(new.blocks))
    first = _alike(zip(old.blocks, new.blocks, strict=False), shorter)
    left = shorter - first
    same = _alike(zip(old.blocks[::-1], new.blocks[::-1], strict=False), left)
    here = _joined(old.blocks[first : len(old.blocks) - same])
    there = _joined(new.blocks[first : len(new.blocks) - same])
    own, other = _windows(here, there)
    return here.rows(own, old.object_format), there.rows(other, new.object_format)


def _alike(pairs: Iterable[tuple[Block, Block]], most: int) -> int:
    """How many pairs, one after the other and up to `most`, are of the same entries."""
    unlike_at = (n for n, (one, other) in enumerate(pairs) if one.body != other.body)
    return min(next(unlike_at, most), most)


def _windows(old: Block, new: Block) -> tuple[Window, Window]:
    """Which entries of two blocks are not at the same ends of both."""
    window = unlike(old, new.body)
    last = len(new.starts) - (len(old.starts) - window.last)
    end = old.place(window.last) + len(new.body) - len(old.body)
    if last < window.first or new.place(last) != end:
        return Window(0, len(old.starts)), Window(0, len(new.starts))
    return window, Window(window.first, last)


def _most(most: int, same: Callable[[int, int], bool]) -> int:
    """How far both are the same, up to `most`; `same` tells it of a part by where it is."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if same(low, middle) else (low, middle - 1)
    return low
