"""The bodies of full outputs, of which the tree keeps only digests: one ref a change holds them.

The ref is made apart from the change's branch, so that what lies there can truly be dropped.
"""

from collections.abc import Callable, Iterable, Mapping

from codexa_git.audit.canonical import digest
from codexa_git.repository.objects import Commit, Entry, Mode, RefUpdate, Stamp
from codexa_git.repository.store import Store

EVIDENCE = "refs/codexa/evidence"


def evidence_ref(change: str) -> str:
    """Where the full outputs of a change lie."""
    return f"{EVIDENCE}/{change}"


def added(
    store: Store, change: str, commit: Commit, bodies: Mapping[str, bytes], old: str | None
) -> RefUpdate:
    """The move of the evidence ref to a commit that holds these bodies, too."""
    names = sorted(bodies)
    oids = store.hold_blobs([bodies[path] for path in names])
    entries = {path: Entry(Mode.FILE, oid) for path, oid in zip(names, oids, strict=True)}
    tree = store.hold_tree(None if old is None else store.tree_of(old), entries)
    stamp = Stamp(commit.author.who, commit.author.seconds)
    parents = () if old is None else (old,)
    message = f"outputs of {change}\n".encode()
    oid = store.write_commit(tree, parents, stamp, stamp, message)
    return RefUpdate(evidence_ref(change), oid, old)


def joined(store: Store, ours: str, theirs: str) -> str:
    """A commit after `theirs` that holds what either holds; of one name, what is here."""
    held: dict[str, Entry | None] = dict(store.entries(store.tree_of(ours)))
    tree = store.hold_tree(store.tree_of(theirs), held)
    if tree == store.tree_of(theirs):
        return theirs
    commit = store.commit(ours)
    return store.write_commit(tree, (theirs,), commit.author, commit.committer, commit.message)


def left_of(store: Store, tips: Iterable[str], stays: Callable[[str], bool]) -> str | None:
    """A commit without ancestors that holds what these hold, if its digest `stays`.

    `None` where nothing is left; the last that was given where there is nothing to take from it.
    """
    *others, last = tips
    entries = {p: e for tip in (*others, last) for p, e in _entries(store, tip).items()}
    left = {p: e for p, e in entries.items() if stays(digest(store.whole(e.oid)))}
    if not left:
        return None
    commit = store.commit(last)
    if left == _entries(store, last) and not commit.parents:
        return last
    held: dict[str, Entry | None] = dict(left)
    tree = store.hold_tree(None, held)
    return store.write_commit(tree, (), commit.author, commit.committer, commit.message)


def _entries(store: Store, tip: str) -> dict[str, Entry]:
    """The bodies that a tip holds; what is none, a submodule say, was put there by nobody of us."""
    held = store.entries(store.tree_of(tip))
    return {path: entry for path, entry in held.items() if entry.mode == Mode.FILE}
