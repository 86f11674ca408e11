"""Where two trees differ: raw tree objects side by side, so that no setting can hide a path."""

from collections.abc import Iterator, Mapping, Sequence

from codexa_git.errors import RepositoryError
from codexa_git.repository import raw
from codexa_git.repository.command import Git
from codexa_git.repository.objects import Difference, Entry, Mode
from codexa_git.repository.reading import MOST_CHARACTERS, MOST_ENTRIES, Reading
from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from codexa_git.repository.wide import Wide

_MOST_DIFFERENCES = 512
_MOST_PATHS = 100_000
_MOST_AT_ONCE = 64

_Asked = tuple[str, str, str]
_Sides = tuple[Mapping[str, Entry], Mapping[str, Entry]]


class Comparing(Reading):
    """Differences between trees, path by path."""

    def __init__(self, git: Git, objects: str, object_format: str) -> None:
        super().__init__(git, objects, object_format)
        self._differences: dict[_Asked, tuple[Difference, ...]] = {}
        self._kept_paths = 0
        self._new_names: dict[tuple[str | None, str | None], frozenset[str]] = {}
        self._known_sides: dict[tuple[str, str], _Sides] = {}

    def forget(self, *, made: bool = False) -> None:
        """Nothing that was read is in memory any more, as `Reading.forget` says."""
        self._differences.clear()
        self._kept_paths = 0
        self._new_names.clear()
        self._known_sides.clear()
        super().forget(made=made)

    def difference(self, old_tree: str, new_tree: str, under: str = "") -> tuple[Difference, ...]:
        """Every path that differs, sorted by path bytes; only folders that differ are read."""
        asked = old_tree, new_tree, under
        if asked not in self._differences:
            self._compare([asked])
        return self._differences[asked]

    def compare(self, pairs: Sequence[tuple[str, str]]) -> None:
        """What `difference` answers of these pairs of trees is known: read level by level, at once.

        Of more pairs than are kept, it is asked again.
        """
        asked = [(old, new, "") for old, new in dict.fromkeys(pairs)]
        self._compare([one for one in asked if one not in self._differences][:_MOST_AT_ONCE])

    def _compare(self, asked: Sequence[_Asked]) -> None:
        if len(self._differences) > _MOST_DIFFERENCES or self._kept_paths > _MOST_PATHS:
            self._differences.clear()
            self._kept_paths = 0
        found: dict[_Asked, list[Difference]] = {one: [] for one in asked}
        level = [
            (one, raw.as_prefix(one[2]), self._folder(one[0], one[2]), self._folder(one[1], one[2]))
            for one in asked
        ]
        seen = dict.fromkeys(asked, 0)
        characters = dict.fromkeys(asked, 0)
        while level:
            self.load(oid for _, _, *sides in level for oid in sides if oid)
            below = []
            for one, folder, old, new in level:
                for name, was, now in self._changed_names(old, new):
                    path = raw.below(folder, name)
                    seen[one] += 1
                    characters[one] += len(path)
                    if _tree(was) or _tree(now):
                        below.append((one, f"{path}/", _tree(was), _tree(now)))
                    if _leaf(was) or _leaf(now):
                        found[one].append(Difference(path, _leaf(was), _leaf(now)))
                if characters[one] > MOST_CHARACTERS:
                    raise RepositoryError("two trees differ in paths that are too long to be held")
                if seen[one] > MOST_ENTRIES:
                    raise RepositoryError(f"two trees differ in more than {MOST_ENTRIES} entries")
            level = below
        for one, differences in found.items():
            in_order = sorted(differences, key=lambda difference: raw.path_bytes(difference.path))
            self._differences[one] = tuple(in_order)
            self._kept_paths += len(in_order)

    def _changed_names(
        self, old: str | None, new: str | None
    ) -> Iterator[tuple[str, Entry | None, Entry | None]]:
        before, after = self._sides(old, new)
        for name, now in after.items():
            if (was := before.get(name)) != now:
                yield name, was, now
        for name in before.keys() - after.keys():
            yield name, before[name], None

    def _sides(self, old: str | None, new: str | None) -> _Sides:
        """The entries of both trees among which all that differ are."""
        if old and new:
            before, after = self.wide(old), self.wide(new)
            if before is not None and after is not None:
                return self._apart(old, before, new, after)
        return self.children(old) if old else {}, self.children(new) if new else {}

    def _apart(self, old: str, before: "Wide", new: str, after: "Wide") -> _Sides:
        """The same of two wide trees, which several ask of."""
        if (old, new) not in self._known_sides:
            from codexa_git.repository.wide import changed  # noqa: PLC0415

            if len(self._known_sides) >= _MOST_DIFFERENCES:
                self._known_sides.clear()
            self._known_sides[old, new] = changed(before, after)
        return self._known_sides[old, new]

    def new_names(self, old: str | None, new: str | None) -> frozenset[str]:
        """The names that one tree holds and the other does not, without descending."""
        if (old, new) not in self._new_names:
            if len(self._new_names) >= _MOST_DIFFERENCES:
                self._new_names.clear()
            before, after = self._sides(old, new)
            self._new_names[old, new] = frozenset(after.keys() - before.keys())
        return self._new_names[old, new]


def _tree(entry: Entry | None) -> str | None:
    return entry.oid if entry and entry.mode == Mode.TREE else None


def _leaf(entry: Entry | None) -> Entry | None:
    return entry if entry and entry.mode != Mode.TREE else None
