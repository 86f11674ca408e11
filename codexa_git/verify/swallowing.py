"""Merges that make commits of an open change the base's: git takes it for merged, and it is not."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from codexa_git.gate.carried import merged_besides, new_changes
from codexa_git.repository.objects import Commit, Entry
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


def suspects(
    store: Store, start: str, line: Sequence[Commit], *, are_read: bool = False
) -> frozenset[str]:
    """Which landings of this line, the first of which follows `start`, are to be asked that.

    Three processes for all of them, or two where the audit folders `are_read` here anyhow. Of any
    other, each commit that it brings has an audit folder of the change itself, or all audit folders
    as they were: it is none that `merged_besides` names. What git cannot find is asked about, too.
    """
    landed = {
        commit.oid: changes[0]
        for before, commit in pairwise((store.headed(start), *line))
        if commit.parents[1:] and (changes := new_changes(store, before.tree, commit.tree))
    }
    if not landed:
        return frozenset()
    graph = store.graph(line[-1].oid, start)
    audits = store.held_at((oid, "audit") for oid in {*graph, *chain(*graph.values())})
    beside = {oid: graph[oid] for oid in graph.keys() - {commit.oid for commit in line}}
    asked: dict[str, list[tuple[str, str]]] = {merge: [] for merge in landed}
    for merge in (commit for commit in line if commit.oid in landed):
        for oid, parents in _brought(beside, merge):
            held = audits[oid, "audit"]
            # Without parents nothing is as it was.
            if held is None or not parents or any(audits[p, "audit"] != held for p in parents):
                asked[merge.oid].append((held or oid, landed[merge.oid]))
    own = _read(store, asked) if are_read else store.held_at(chain(*asked.values()))
    return frozenset(merge for merge, places in asked.items() if not all(map(own.get, places)))


def _read(
    store: Store, asked: dict[str, list[tuple[str, str]]]
) -> dict[tuple[str, str], Entry | None]:
    """What each of these folders holds under a name; nothing where there is no such folder."""
    trees = {tree for places in asked.values() for tree, _ in places if store.kind(tree) == "tree"}
    places = (place for place in chain(*asked.values()) if place[0] in trees)
    return {place: store.child(*place) for place in places}


def _brought(
    beside: dict[str, tuple[str, ...]], merge: Commit
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each commit that a merge brings, with its parents; then it is `beside` the base no more."""
    waiting = list(merge.parents[1:])
    while waiting:
        oid = waiting.pop()
        parents = beside.pop(oid, None)
        if parents is not None:
            yield oid, parents
            waiting += parents
