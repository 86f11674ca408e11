"""Which change a tree carries: read from its audit folders, never from a branch's name."""

from codexa_git.audit.ids import change_number, is_change_id
from codexa_git.errors import RefusedError
from codexa_git.repository.objects import Mode
from codexa_git.repository.store import Store


def change_between(store: Store, base_tree: str, tree: str) -> str:
    """The change that `tree` carries and `base_tree` does not: the one new audit folder.

    Raises:
        RefusedError: there is none, or more than one.
    """
    before, after = (set(changes_in(store, side)) for side in (base_tree, tree))
    found = sorted(after - before)
    if len(found) == 1:
        return found[0]
    if not found:
        raise RefusedError("no change is at hand: no audit folder is new here")
    raise RefusedError(f"two changes at once: {', '.join(found)}", hint="one landing, one change")


def changes_in(store: Store, tree: str) -> tuple[str, ...]:
    """Every change that a tree holds an audit folder of, sorted by number."""
    entry = store.entry(tree, "audit")
    if entry is None or entry.mode != Mode.TREE:
        return ()
    names = [name for name in store.children(entry.oid) if is_change_id(name)]
    return tuple(sorted(names, key=change_number))
