"""Which change a tree carries: read from its audit folders, never from a branch's name."""

from codexa_git.audit.ids import change_number, is_change_id
from codexa_git.errors import RefusedError
from codexa_git.repository.objects import Commit, Mode
from codexa_git.repository.store import Store


def change_between(store: Store, base_tree: str, tree: str) -> str:
    """The change that `tree` carries and `base_tree` does not: the one new audit folder.

    Raises:
        RefusedError: there is none, or more than one.
    """
    found = new_changes(store, base_tree, tree)
    if len(found) == 1:
        return found[0]
    if not found:
        raise RefusedError(
            "no change is at hand: no audit folder is new here",
            hint="git codexa status lists the changes that are open",
        )
    raise RefusedError(f"two changes at once: {', '.join(found)}", hint="one landing, one change")


def new_changes(store: Store, base_tree: str, tree: str) -> tuple[str, ...]:
    """Every change of which `tree` holds an audit folder and `base_tree` does not, by number."""
    return _sorted(store.new_names(_audit(store, base_tree), _audit(store, tree)))


def open_commit(store: Store, commit: Commit) -> tuple[str, str] | None:
    """A commit of an open change that this one merges without landing it, and the change.

    Its tree tells nothing of it, but git would take the change for one that is merged for good. A
    later commit may have taken the records out again, so each commit is asked what it brought.
    """
    first, others = commit.parents[0], commit.parents[1:]
    upon = store.tree_of(first)
    for one in reversed(store.touching(others, "audit", first) if others else ()):
        before = store.tree_of(one.parents[0]) if one.parents else store.empty_tree
        new = set(new_changes(store, upon, one.tree))
        for change in new_changes(store, before, one.tree):
            if change in new:
                return one.oid, change
    return None


def changes_in(store: Store, tree: str) -> tuple[str, ...]:
    """Every change that a tree holds an audit folder of, sorted by number."""
    return _sorted(store.new_names(None, _audit(store, tree)))


def _audit(store: Store, tree: str) -> str | None:
    entry = store.entry(tree, "audit")
    return entry.oid if entry and entry.mode == Mode.TREE else None


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(is_change_id, names), key=change_number))
