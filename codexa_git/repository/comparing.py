"""Where two trees differ: raw tree objects side by side, so that no setting can hide a path."""

from collections.abc import Iterator, Mapping

from codexa_git.errors import RepositoryError
from codexa_git.repository import raw
from codexa_git.repository.command import Git
from codexa_git.repository.objects import Difference, Entry, Mode
from codexa_git.repository.reading import MOST_ENTRIES, Reading

_MOST_DIFFERENCES = 64


class Comparing(Reading):
    """Differences between trees, path by path."""

    def __init__(self, git: Git, objects: str, object_format: str) -> None:
        super().__init__(git, objects, object_format)
        self._differences: dict[tuple[str, str, str], tuple[Difference, ...]] = {}

    def forget(self, *, made: bool = False) -> None:
        """Nothing that was read is in memory any more, as `Reading.forget` says."""
        self._differences.clear()
        super().forget(made=made)

    def difference(self, old_tree: str, new_tree: str, under: str = "") -> tuple[Difference, ...]:
        """Every path that differs, sorted by path bytes; only folders that differ are read."""
        asked = old_tree, new_tree, under
        if asked not in self._differences:
            if len(self._differences) >= _MOST_DIFFERENCES:
                self._differences.clear()
            prefix = f"{under.rstrip('/')}/" if under.strip("/") else ""
            old, new = self._side(old_tree, under), self._side(new_tree, under)
            found = self._pairs(old, new, prefix)
            in_order = sorted(found, key=lambda difference: raw.path_bytes(difference.path))
            self._differences[asked] = tuple(in_order)
        return self._differences[asked]

    def _side(self, tree: str, under: str) -> Entry | None:
        folder = self._folder(tree, under)
        return Entry(Mode.TREE, folder) if folder else None

    def _pairs(self, old: Entry | None, new: Entry | None, prefix: str) -> Iterator[Difference]:
        level, seen = [(prefix, _tree(old), _tree(new))], 0
        while level:
            self.load(oid for _, *sides in level for oid in sides if oid)
            below = []
            for folder, one, other in level:
                for name, was, now in self._changed_names(one, other):
                    seen += 1
                    if _tree(was) or _tree(now):
                        below.append((f"{folder}{name}/", _tree(was), _tree(now)))
                    if _leaf(was) or _leaf(now):
                        yield Difference(folder + name, _leaf(was), _leaf(now))
                if seen > MOST_ENTRIES:
                    raise RepositoryError(f"two trees differ in more than {MOST_ENTRIES} entries")
            level = below

    def _changed_names(
        self, old: str | None, new: str | None
    ) -> Iterator[tuple[str, Entry | None, Entry | None]]:
        before, after = self._sides(old, new)
        for name in before.keys() | after.keys():
            was, now = before.get(name), after.get(name)
            if was != now:
                yield name, was, now

    def _sides(
        self, old: str | None, new: str | None
    ) -> tuple[Mapping[str, Entry], Mapping[str, Entry]]:
        """The entries of both trees among which all that differ are."""
        if old and new:
            before, after = self.wide(old), self.wide(new)
            if before is not None and after is not None:
                from codexa_git.repository.wide import changed  # noqa: PLC0415

                return changed(before, after)
        return self.children(old) if old else {}, self.children(new) if new else {}

    def new_names(self, old: str | None, new: str | None) -> set[str]:
        """The names that one tree holds and the other does not, without descending."""
        before, after = self._sides(old, new)
        return after.keys() - before.keys()


def _tree(entry: Entry | None) -> str | None:
    return entry.oid if entry and entry.mode == Mode.TREE else None


def _leaf(entry: Entry | None) -> Entry | None:
    return entry if entry and entry.mode != Mode.TREE else None
