"""Where two histories meet, told by the parents of the commits that lead there.

Git tells it as well, and holds every message on the way in memory until it has: somebody pushed six
hundred commits of a megabyte each. Here ids are held, and nobody's clock is believed.
"""

from collections.abc import Iterable, Mapping, Sequence

from codexa_git.errors import RepositoryError
from codexa_git.repository.comparing import Comparing

_SHORT = 64
_NEAR = 50
_MOST = 256 * 1024 * 1024
# Large trees are met in the order of their deltas here, each once: to keep what nobody comes back
# to costs git more than to find it again.
_LITTLE_KEPT = (("core.deltaBaseCacheLimit", "8m"),)

_ONE, _OTHER, _BOTH, _BELOW = 1, 2, 3, 7


def meetings(graph: Mapping[str, Sequence[str]], a: str, b: str) -> list[str] | None:
    """The nearest commits from which both `a` and `b` go on, as far as `graph` has their parents.

    It is all of them; of several, one may still lead to another. `None`: the graph ends too early.
    """
    seen = {a: _ONE}
    seen[b] = seen.get(b, 0) | _OTHER
    waiting = [a, b]
    while waiting and seen[a] != _BOTH and seen[b] != _BOTH:
        oid = waiting.pop()
        handed = seen[oid] if seen[oid] < _BOTH else _BELOW
        for parent in graph.get(oid, ()):
            before = seen.get(parent, 0)
            if before | handed != before:
                seen[parent] = before | handed
                waiting.append(parent)
    if _BOTH in (seen[a], seen[b]):
        return [a] if seen[a] == _BOTH else [b]
    if any(mark < _BOTH and oid not in graph for oid, mark in seen.items()):
        return None
    return [oid for oid, mark in seen.items() if mark == _BOTH]


Graph = dict[str, tuple[str, ...]]
"""Commits, each with its parents."""


class Ancestry(Comparing):
    """Which commits lead to which, in the whole graph, and what each of many holds."""

    def merge_base(self, a: str, b: str) -> str | None:
        """The best common ancestor of two commits; `None` where they share no history."""
        self.headed(a)
        if self._is_below(a, b):
            return a
        graph, met = self._meetings(a, b)
        return self._best(graph, a, b) if met[1:] else next(iter(met), None)

    def is_ancestor(self, a: str, b: str) -> bool:
        """True if commit `a` is `b` or can be reached from it."""
        self.headed(a)
        return self._is_below(a, b) or self._meetings(a, b)[1] == [a]

    def _is_below(self, a: str, b: str) -> bool:
        """True where `a` is among the nearest first parents of `b`: most often, and at once."""
        commit = self.headed(b)
        for _ in range(_SHORT):
            if commit.oid == a:
                return True
            if not commit.parents or not self.exists(commit.parents[0]):
                return False
            commit = self.headed(commit.parents[0])
        return False

    def _meetings(self, a: str, b: str) -> tuple[Graph, list[str]]:
        """Where the two histories meet, and what was looked at: first a little, then more."""
        most = _NEAR
        while True:
            graph = self._parents(f"--max-count={most}", a, b)
            met = meetings(graph, a, b)
            if met is not None:
                return graph, met
            if len(graph) < most:
                raise RepositoryError(f"git does not show what lies below {a} and {b}")
            most *= 4

    def _best(self, graph: Graph, a: str, b: str) -> str:
        """Which one git takes where they meet in several places, as after merges both ways.

        Raises:
            RepositoryError: git would have to hold too much for that.
        """
        if sum(self._sizes(list(graph))) > _MOST:
            raise RepositoryError(
                f"{a[:12]} and {b[:12]} meet in several places, and what their commits say on the"
                f" way is more than {_MOST >> 20} MB"
            )
        return self.git.line("merge-base", a, b)

    def graph(self, tip: str, beyond: str) -> Graph:
        """Every commit reached from `tip` and not from `beyond`, with its parents."""
        return self._parents(tip, f"^{beyond}")

    def _parents(self, *asked: str) -> Graph:
        out = self.git.run("rev-list", "--parents", *asked, "--")
        rows = (line.split() for line in out.decode("ascii").splitlines())
        return {oid: tuple(parents) for oid, *parents in rows}

    def held_at(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str | None]:
        """The id of what each commit or tree holds at a path, as git says, through one process.

        `None` where it holds nothing there, or git cannot find it: a hint, and no answer. Git holds
        one commit or tree after the other.
        """
        asked = list(dict.fromkeys(places))
        given = "".join(f"{oid}:{path}\n" for oid, path in asked).encode("utf-8")
        git = self.git._replace(settings=(*self.git.settings, *_LITTLE_KEPT))
        out = git.run("cat-file", "--batch-check=%(objectname)", "--buffer", input=given)
        told = out.decode("utf-8").splitlines()
        found = (None if line.endswith(" missing") else line for line in told)
        return dict(zip(asked, found, strict=True))

    def _sizes(self, oids: Sequence[str]) -> list[int]:
        """How long each of these commits is."""
        given = "".join(f"{oid}\n" for oid in oids).encode("ascii")
        told = self.git.run("cat-file", "--batch-check=%(objectsize)", "--buffer", input=given)
        return [int(size) for size in told.split()] if given else []
