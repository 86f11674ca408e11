"""Text diffs: one fixed algorithm, immune to attributes and settings."""

from collections.abc import Callable, Iterator, Sequence

from codexa_git.repository.command import Git
from codexa_git.repository.history import History
from codexa_git.repository.objects import Difference, Entry, Mode
from codexa_git.repository.raw import format_tree
from codexa_git.repository.reading import REGULAR
from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from codexa_git.repository.room import Room

_FLAGS = (
    *("-p", "-r", "--unified=3", "--inter-hunk-context=0", "--diff-algorithm=myers"),
    *("--no-indent-heuristic", "--no-renames", "--no-textconv", "--no-ext-diff", "--no-color"),
    *("--full-index", "--ignore-submodules=none", "--submodule=short"),
)


_MOST_KEPT = 2_000
"""Where so many diffs are kept and one more is to be made, those not asked for are forgotten."""


class Patches(History):
    """What changed within files, for digests and for people.

    Gates ask for the same diffs again and again, so they are kept by the ids of their two sides.
    """

    def __init__(self, git: Git, objects: str, object_format: str) -> None:
        super().__init__(git, objects, object_format)
        self._compared: dict[tuple[str, str], list[bytes]] = {}

    def patches(
        self, pairs: Sequence[Difference], *, numbered: bool = False
    ) -> dict[str, bytes | None]:
        """The normalised text diff of each path: hunks with three lines of context, no numbers.

        `None` where a side is binary (holds a NUL byte, or is larger than what is read here), a
        link or a gitlink; a side that is not there counts as empty. With `numbered`, for people,
        each hunk says at which lines it stands.
        """
        answers: dict[str, bytes | None] = {pair.path: None for pair in pairs}
        head = _place if numbered else _nowhere
        return answers | {path: _told(hunks, head) for path, hunks in self._diffs(pairs).items()}

    def added(self, pairs: Sequence[Difference]) -> dict[str, frozenset[int]]:
        """The numbers, in each path's new side, of the lines that the same text diff adds.

        None where `patches` has no answer.
        """
        answers: dict[str, frozenset[int]] = {pair.path: frozenset() for pair in pairs}
        return answers | {path: _added(hunks) for path, hunks in self._diffs(pairs).items()}

    def _diffs(self, pairs: Sequence[Difference]) -> dict[str, list[bytes]]:
        """Each path's hunks, where both sides are text; the `@@ ` that begins each is left out."""
        pairs = [pair for pair in pairs if _may_be_text(pair.old) and _may_be_text(pair.new)]
        known = self._compared
        sides = [side for pair in pairs if _ids(pair) not in known for side in (pair.old, pair.new)]
        self.load(side.oid for side in sides if side)
        texts = [
            pair
            for pair in pairs
            if _ids(pair) in known or (self._is_text(pair.old) and self._is_text(pair.new))
        ]
        if new := [pair for pair in texts if _ids(pair) not in known]:
            if len(known) > _MOST_KEPT:
                kept = {ids: known[ids] for ids in map(_ids, texts) if ids in known}
                known = self._compared = kept
            with self._room() as room:
                found = _compare(room, new)
            known |= {_ids(pair): hunks for pair, hunks in zip(new, found, strict=True)}
        return {pair.path: known[_ids(pair)] for pair in texts}

    def patch_text(self, old_tree: str, new_tree: str, paths: Sequence[str] | None = None) -> str:
        """A unified diff for people, of all paths or of these; its bytes are not made safe."""
        self.children(old_tree)
        self.children(new_tree)
        if paths is not None and not paths:
            return ""
        with self._room() as room:
            out = room.git.run("diff-tree", *_FLAGS, old_tree, new_tree, "--", *(paths or ()))
        return out.decode("utf-8", "replace")

    def _room(self) -> "AbstractContextManager[Room]":
        """A clean room in which git sees also what is only held."""
        from codexa_git.repository.room import clean_room  # noqa: PLC0415

        return clean_room(self.git, self.objects, self.object_format, self._held.values())

    def _is_text(self, entry: Entry | None) -> bool:
        if entry is None:
            return True
        return not self.is_large(entry.oid) and b"\0" not in self.blob(entry.oid)


def _may_be_text(entry: Entry | None) -> bool:
    return entry is None or entry.mode in REGULAR


def _ids(pair: Difference) -> tuple[str, str]:
    """The blobs of the two sides, of which the hunks follow; a side that is not there has none."""
    return pair.old.oid if pair.old else "", pair.new.oid if pair.new else ""


def _compare(room: "Room", pairs: Sequence[Difference]) -> list[list[bytes]]:
    """The hunks of each pair, in order, through one process.

    The files stand in two throw-away trees under names of our own, so that neither their paths
    nor rules about paths can matter.
    """
    names = [f"f{number:07}" for number in range(len(pairs))]
    empty = room.put("blob", b"")
    olds = [pair.old.oid if pair.old else empty for pair in pairs]
    news = [pair.new.oid if pair.new else empty for pair in pairs]
    old, new = (
        room.put(
            "tree", format_tree({n: Entry(Mode.FILE, o) for n, o in zip(names, side, strict=True)})
        )
        for side in (olds, news)
    )
    out = room.git.run("diff-tree", "-a", *_FLAGS, old, new)
    found = dict(_hunks(out))
    return [found.get(name.encode(), []) for name in names]


def _hunks(out: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Each file's name and its hunks; only git's own lines can begin with `diff --git` or `@@`."""
    for part in (b"\n" + out).split(b"\ndiff --git ")[1:]:
        name = part[: part.index(b"\n")].rpartition(b" b/")[2]
        yield name, part.removesuffix(b"\n").split(b"\n@@ ")[1:]


def _told(hunks: list[bytes], head: Callable[[bytes], bytes]) -> bytes:
    parts = (hunk.partition(b"\n") for hunk in hunks)
    return b"".join([b"%s\n%s\n" % (head(place), lines) for place, _, lines in parts])


def _nowhere(place: bytes) -> bytes:
    del place
    return b"@@"


def _place(place: bytes) -> bytes:
    """The head of a hunk without the words that git adds to it."""
    return b"@@ " + place[: place.index(b" @@") + 3]


def _added(hunks: list[bytes]) -> frozenset[int]:
    found = set[int]()
    for hunk in hunks:
        place, _, lines = hunk.partition(b"\n")
        number = int(place.split(b" ")[1].removeprefix(b"+").partition(b",")[0])
        for line in lines.split(b"\n"):
            if line.startswith((b"+", b" ")):
                if line.startswith(b"+"):
                    found.add(number)
                number += 1
    return frozenset(found)
