"""Where two histories meet, told by the parents of the commits that lead there.

Git tells it as well, and holds every message on the way in memory until it has: somebody pushed six
hundred commits of a megabyte each. Here ids are held, and nobody's clock is believed.
"""

from collections.abc import Iterator, Mapping, Sequence

from codexa_git.errors import RepositoryError, TooLargeError
from codexa_git.repository.comparing import Comparing
from codexa_git.repository.objects import LARGEST_COMMIT, SHORTER

_SHORT = 64
_NEAR = 50
_MUCH = 64 * 1024 * 1024
_MOST = 256 * 1024 * 1024
_IN_GIT = 400
"""So many commits are shown to one `git diff-tree`: it holds on to each, with its message."""

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
    """Which commits lead to which, in the whole graph, and what each of many did."""

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

    def touched(self, oids: Sequence[str], folder: str) -> dict[str, list[str]]:
        """Of each of these commits, the paths below `folder` that no parent has as it has them.

        Raises:
            TooLargeError: git would have to hold one that is larger than any that is read here.
        """
        found: dict[str, list[str]] = {}
        for some in self._portions(oids):
            found |= self._touched(some, folder)
        return found

    def _portions(self, oids: Sequence[str]) -> Iterator[list[str]]:
        """The commits, as many at once as git may hold on to."""
        some: list[str] = []
        held = 0
        for oid, size in zip(oids, self._sizes(oids), strict=True):
            if size > LARGEST_COMMIT:
                raise TooLargeError(f"the commit {oid}", LARGEST_COMMIT >> 20, hint=SHORTER)
            if some and (len(some) >= _IN_GIT or held + size > _MUCH):
                yield some
                some, held = [], 0
            some.append(oid)
            held += size
        if some:
            yield some

    def _sizes(self, oids: Sequence[str]) -> list[int]:
        """How long each of these commits is."""
        given = "".join(f"{oid}\n" for oid in oids).encode("ascii")
        told = self.git.run("cat-file", "--batch-check=%(objectsize)", "--buffer", input=given)
        return [int(size) for size in told.split()] if given else []

    def _touched(self, oids: Sequence[str], folder: str) -> dict[str, list[str]]:
        asked = ("--stdin", "--root", "-c", "-r", "--name-only", "--no-renames", "-z")
        given = "".join(f"{oid}\n" for oid in oids).encode("ascii")
        out = self.git.run("diff-tree", *asked, "--", folder, input=given)
        found: dict[str, list[str]] = {}
        paths: list[str] = []
        for word in out.decode("utf-8", "surrogateescape").split("\0"):
            if word.startswith(folder):
                paths.append(word)
            elif word:
                paths = found.setdefault(word, [])
        return found
