"""What it takes to begin enforcing: the files of a trust root, and the branch where it waited.

Where several owners sign, each in a clone of their own, the root waits on a branch, whose commits
have what the root has and nothing else. They come to the base with it, signed by nobody.
"""

from codexa_git.audit.logger import log_path
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import PaperError
from codexa_git.gate.root import root_records
from codexa_git.repository.objects import Commit, Mode
from codexa_git.repository.store import Store

RECORDED = log_path(None, "handoff")
"""The file that the signatures of the root lie in."""


def besides_root(store: Store, before: str, after: str) -> str | None:
    """What `after` does to `before` that beginning to enforce does not, in words; else `None`."""
    for difference in store.difference(before, after):
        new = difference.new
        if difference.path not in (POLICY, SIGNERS, RECORDED) or new is None:
            return f"changes {difference.path}"
        if new.mode != Mode.FILE:
            return f"makes no plain file of {difference.path}"
    return None


def foreign_beside_root(store: Store, parent: Commit, tip: str) -> str | None:
    """The id of a commit that `tip` would bring to `parent` and that no waiting root has.

    `None`: they all have a root's files alone, each beside a commit of the base, since the base may
    move while a root waits.
    """
    brought = store.graph(tip, parent.oid)
    if not brought:
        return tip
    line = frozenset(store.first_parent_ids(parent.oid))
    return next((o for o in brought if not _is_of_waiting_root(store, line, store.commit(o))), None)


def _is_of_waiting_root(store: Store, line: frozenset[str], commit: Commit) -> bool:
    try:
        records = root_records(store, commit.tree)
    except PaperError:
        return False
    base = records[-1].data["parent"] if records else None
    if base not in line:
        return False
    return besides_root(store, store.commit(base).tree, commit.tree) is None
