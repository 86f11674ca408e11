"""Unmerging: what a merge by hand of two clones' work on one change is made of.

A colleague's branch, pulled from their clone, brings people's commits and the tool's, each of which
goes its own way in a joining. What is left is what the merge itself says: how a conflict was
resolved, or what somebody put in besides.
"""

from collections.abc import Iterator, Sequence

from codexa_git.change.paths import Kind, kind_of
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.together.amending import Part


def sides(now: Moment, commit: Commit) -> tuple[str, ...]:
    """The other parents of a merge that carry the change; a merge of the base has none."""
    if len(commit.parents) < 2:
        return ()
    store, folder = now.store, now.places.audit.rstrip("/")
    others = commit.parents[1:]
    return tuple(one for one in others if store.entry(store.tree_of(one), folder) is not None)


def brings_records(now: Moment, commit: Commit) -> bool:
    """True where the change's records differ from those of the first parent."""
    store, folder = now.store, now.places.audit.rstrip("/")
    before = store.tree_of(commit.parents[0])
    return store.entry(before, folder) != store.entry(commit.tree, folder)


def line(store: Store, tip: str, known: Sequence[str]) -> Iterator[Commit]:
    """The commits along first parents up to `tip`, oldest first, that none of `known` leads to."""
    for commit in reversed(store.beyond(known[-1], tip)):
        if not any(store.is_ancestor(commit.oid, one) for one in known):
            yield commit


def own_part(now: Moment, merge: Commit, others: Sequence[str]) -> Part:
    """What the merge itself says of the files that people write, beside what it merged.

    Of a path in conflict it is what was made of the other side's.
    """
    store = now.store
    first = store.tree_of(merge.parents[0])
    before = first
    for other in others:
        met = store.merge_base(merge.parents[0], other)
        root = store.empty_tree if met is None else store.tree_of(met)
        theirs = _plain(now, store.tree_of(other), first)
        before = _merged(now, _plain(now, root, first), before, theirs)
    return Part(before, _plain(now, merge.tree, first))


def _plain(now: Moment, tree: str, like: str) -> str:
    """The tree with the files that only the tool writes as the tree `like` has them."""
    found = now.store.difference(like, tree)
    listed = {d.path: d.old for d in found if kind_of(d.path, now.change) is Kind.LISTED}
    return now.store.hold_tree(tree, listed)


def _merged(now: Moment, base: str, ours: str, theirs: str) -> str:
    """Both merged; where they are in conflict as `theirs` has it."""
    store = now.store
    found = store.merge_trees(base, ours, theirs)
    if found.tree is None:
        there = {path: store.entry(theirs, path) for path in found.conflicts}
        found = store.merge_trees(base, store.hold_tree(ours, there), theirs)
    return theirs if found.tree is None else found.tree
