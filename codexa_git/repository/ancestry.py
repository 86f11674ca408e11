"""Where two histories meet, told by the parents of the commits that lead there.

Git tells it as well, and holds every message on the way in memory until it has: somebody pushed six
hundred commits of a megabyte each. Here ids are held, and nobody's clock is believed.
"""

from collections.abc import Mapping, Sequence

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
