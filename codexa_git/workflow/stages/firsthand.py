"""Firsthand: which commits somebody made in this very clone.

Whoever commits may name any author and any committer. What was committed here is told by this
clone's reflogs, which no push, fetch or pull of others' work can write so. A rebase writes the same
of whatever it puts elsewhere, and a joining writes nothing. So of what they put only that is of
here which stands for a commit of here, gone from a branch by the move that brought it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from codexa_git.change.paths import Kind, kind_of
from codexa_git.repository.objects import Commit
from codexa_git.workflow.changes.moment import Moment

_MADE = re.compile(
    r"(?:commit(?: \((?:initial|amend)\))?|(?:cherry-pick|revert)(?!: fast-forward$)): "
)
_MENDED = re.compile(r"(?:pull|rebase)\b.* \((?:reword|edit|squash|fixup|continue)\): ")
_BRANCH = "refs/heads/"
_MOST = 10_000


class _Reflogs(NamedTuple):
    """The commits that were made here, those that a rebase put as somebody changed them, and moves.

    Each move of a branch is told by what it brought and what it took out.
    """

    made: frozenset[str]
    mended: frozenset[str]
    moves: tuple[tuple[frozenset[str], frozenset[str]], ...]


def from_elsewhere(moment: Moment, commits: Sequence[str]) -> tuple[str, ...]:
    """Those of the commits that nobody made here, as far as this clone remembers."""
    if not commits:
        return ()
    words = ("log", "-g", "--all", f"-{_MOST}", "--format=%H%x00%gD%x00%gs")
    status, out = moment.store.git.answer(*words)
    lines = out.decode("utf-8", "replace").split("\n") if status == 0 else []
    rows = [line.split("\0") for line in lines if line.count("\0") == 2]
    made = frozenset(oid for oid, _, did in rows if _MADE.match(did))
    if made.issuperset(commits):
        return ()
    mended = frozenset(oid for oid, _, did in rows if _MENDED.match(did))
    logs = _Reflogs(made, mended, tuple(_moves(moment, [(oid, at) for oid, at, _ in rows])))
    taken = set(commits) & made
    return tuple(oid for oid in commits if not _is_of_here(moment, logs, oid, taken))


def _moves(
    moment: Moment, rows: Sequence[tuple[str, str]]
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """The moves of branches that took something out, beyond what the base has."""
    places: dict[str, list[str]] = {}
    for oid, name in rows:
        if name.startswith(_BRANCH):
            places.setdefault(name.rpartition("@")[0], []).append(oid)
    asked = dict.fromkeys(oid for each in places.values() for oid in each)
    given = "".join(f"{oid}\n" for oid in (*asked, f"^{moment.held.oid}"))
    out = moment.store.git.run("rev-list", "--parents", "--stdin", input=given.encode("ascii"))
    graph = {oid: below for oid, *below in map(str.split, out.decode("ascii").splitlines())}
    for each in places.values():
        for new, old in pairwise(each):
            if old in graph.get(new, ()):
                continue  # a commit on top takes nothing out
            before, after = _reached(graph, old), _reached(graph, new)
            if gone := before - after:
                yield after - before, gone


def _reached(graph: dict[str, list[str]], tip: str) -> frozenset[str]:
    """The commits that this one leads to, itself among them, as far as the graph has them."""
    found, waiting = set[str](), [tip]
    while waiting:
        oid = waiting.pop()
        if oid in graph and oid not in found:
            found.add(oid)
            waiting += graph[oid]
    return frozenset(found)


def _is_of_here(moment: Moment, logs: _Reflogs, oid: str, taken: set[str]) -> bool:
    """True where the commit was made here, or stands for one of here.

    Each is stood for once: those that are so already are `taken`.
    """
    if oid in logs.made:
        return True
    gone = {one for brought, out in logs.moves if oid in brought for one in out - taken}
    for one in sorted(gone):
        taken.add(one)
        if _stands_for(moment, logs, oid, one) and _is_of_here(moment, logs, one, taken):
            return True
        taken.remove(one)
    return False


def _stands_for(moment: Moment, logs: _Reflogs, oid: str, one: str) -> bool:
    """True where the commit says and does what that other did, or does what somebody made of it."""
    commit, other = moment.store.commit(oid), moment.store.commit(one)
    if commit.author != other.author or len(other.parents) > 1:
        return False
    return oid in logs.mended or _said(moment, commit) == _said(moment, other)


def _said(moment: Moment, commit: Commit) -> tuple[object, ...]:
    """What a commit says, and what it makes of the product, and of what."""
    store = moment.store
    start = store.tree_of(commit.parents[0]) if commit.parents else store.empty_tree
    found = store.difference(start, commit.tree)
    return commit.message, [d for d in found if kind_of(d.path, moment.change) is Kind.PRODUCT]
