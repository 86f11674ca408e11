"""Where two trees differ: raw tree objects side by side, so that no setting can hide a path."""

from collections.abc import Iterator

from codexa_git.errors import RepositoryError
from codexa_git.repository import raw
from codexa_git.repository.objects import Difference, Entry, Mode
from codexa_git.repository.reading import MOST_ENTRIES, Reading


class Comparing(Reading):
    """Differences between trees, path by path."""

    def difference(self, old_tree: str, new_tree: str, under: str = "") -> tuple[Difference, ...]:
        """Every path that differs, sorted by path bytes; only folders that differ are read."""
        prefix = f"{under.rstrip('/')}/" if under.strip("/") else ""
        old, new = self._side(old_tree, under), self._side(new_tree, under)
        found = self._pairs(old, new, prefix)
        return tuple(sorted(found, key=lambda difference: raw.path_bytes(difference.path)))

    def _side(self, tree: str, under: str) -> Entry | None:
        folder = self._folder(tree, under)
        return Entry(Mode.TREE, folder) if folder else None

    def _pairs(self, old: Entry | None, new: Entry | None, prefix: str) -> Iterator[Difference]:
        waiting = [(prefix, _tree(old), _tree(new))]
        seen = 0
        while waiting:
            folder, one, other = waiting.pop()
            before = self.children(one) if one else {}
            after = self.children(other) if other else {}
            for name in before.keys() | after.keys():
                was, now = before.get(name), after.get(name)
                if was == now:
                    continue
                seen += 1
                if seen > MOST_ENTRIES:
                    raise RepositoryError(f"two trees differ in more than {MOST_ENTRIES} entries")
                if _tree(was) or _tree(now):
                    waiting.append((f"{folder}{name}/", _tree(was), _tree(now)))
                if _leaf(was) or _leaf(now):
                    yield Difference(folder + name, _leaf(was), _leaf(now))


def _tree(entry: Entry | None) -> str | None:
    return entry.oid if entry and entry.mode == Mode.TREE else None


def _leaf(entry: Entry | None) -> Entry | None:
    return entry if entry and entry.mode != Mode.TREE else None
