"""Merges that make commits of an open change the base's: git takes it for merged, and it is not."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from codexa_git.gate.carried import merged_besides, new_changes
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Breach
from codexa_git.verify.grounds import Step


def swallows(step: Step, own: str | None) -> Iterator[Breach]:
    """L13: it makes commits of an open change the base's, and does not land that change.

    `own` is the change that it lands; a squash brings no commit but itself.
    """
    found = merged_besides(step.store, step.parent, step.commit.parents[1:], own)
    if found is not None:
        change = found.change
        told = f"it merges {found.commit.oid[:12]} of {change}, and does not land {change}"
        yield Breach("L13", told, hint=f"what lands it: git codexa land {change}")


def suspects(store: Store, start: str, line: Sequence[Commit]) -> frozenset[str]:
    """Which landings of this line, the first of which follows `start`, are to be asked that.

    Two processes for all of them. Of any other, no commit touches what is not the change's own.
    """
    landings = {
        commit.oid: new_changes(store, before.tree, commit.tree)
        for before, commit in pairwise((store.headed(start), *line))
    }
    merges = [commit for commit in line if commit.parents[1:] and landings[commit.oid]]
    if not merges:
        return frozenset()
    graph = store.graph(line[-1].oid, start)
    touched = store.touched(tuple(graph), "audit")
    found = set()
    for commit in merges:
        own = tuple(f"audit/{change}/" for change in landings[commit.oid])
        waiting = list(commit.parents[1:])
        while waiting:
            oid = waiting.pop()
            parents = graph.pop(oid, None)
            if parents is None:
                continue  # an earlier one has brought it
            waiting += parents
            if not all(path.startswith(own) for path in touched.get(oid, ())):
                found.add(commit.oid)
    return frozenset(found)
