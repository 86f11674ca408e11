"""Begun: which changes were opened in this very clone.

An opening is signed by nobody, so that a branch of others' may name anybody in it. What was opened
here is told by the reflog of the change's own branch, which nobody else's push can write.
"""

from codexa_git.audit.logger import log_path
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground


def is_begun_here(ground: Ground, change: str) -> bool:
    """True where a command in this clone made the branch of the change, with its opening on it."""
    store, ref = ground.store, f"{CHANGE_PREFIX}{change}"
    if store.ref(ref) is None:
        return False
    words = ("log", "-g", "--format=%H%x00%gs", "--end-of-options", ref)
    status, out = store.git.answer(*words)
    oldest = out.decode("utf-8", "replace").rstrip("\n").rpartition("\n")[2]
    oid, _, did = oldest.partition("\0")
    if status != 0 or not oid:
        return False
    opening = store.commit(oid)
    if did != f"codexa: {opening.subject}" or not opening.parents:
        return False
    handoff, before = log_path(change, "handoff"), store.tree_of(opening.parents[0])
    is_there = store.entry(opening.tree, handoff) is not None
    return is_there and store.entry(before, handoff) is None
