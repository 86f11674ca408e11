"""Which change a tree carries: read from its audit folders, never from a branch's name."""

from codexa_git.audit.ids import change_number, is_change_id
from codexa_git.errors import RefusedError
from codexa_git.repository.objects import Commit, Mode
from codexa_git.repository.store import Store
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Besides(NamedTuple):
    """A commit of a change that has not landed, and the change."""

    commit: Commit
    change: str


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


def changes_in(store: Store, tree: str) -> tuple[str, ...]:
    """Every change that a tree holds an audit folder of, sorted by number."""
    return _sorted(store.new_names(None, _audit(store, tree)))


def holds_nothing(store: Store, base: str, tip: str, change: str) -> bool:
    """True where a branch named for a change is a commit of the base that has no record of it."""
    return change not in changes_in(store, store.tree_of(tip)) and store.is_ancestor(tip, base)


def merged_besides(
    store: Store,
    base: Commit,
    tips: "Sequence[str]",
    own: str | None = None,
    *,
    whole: bool = False,
) -> Besides | None:
    """The first commit of another change than `own` that the base would get with these tips.

    Trees at the end tell nothing of it, but git would take that change for one that is merged for
    good. A later commit may have taken its records out again, so each commit is asked what it has.
    What was picked onto a branch of `own` has the records of both, and is none of the other's own.

    Raises:
        TooLargeError: the commits are to be read as a `whole`, and one cannot be.
    """
    commits = store.touching(tips, "audit", base.oid, whole=whole) if tips else []
    store.load(oid for commit in commits if (oid := _audit(store, commit.tree)) is not None)
    for commit in reversed(commits):
        found = new_changes(store, base.tree, commit.tree)
        if found and own not in found:
            return Besides(commit, found[0])
    return None


def _audit(store: Store, tree: str) -> str | None:
    entry = store.entry(tree, "audit")
    return entry.oid if entry and entry.mode == Mode.TREE else None


def _sorted(names: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(is_change_id, names), key=change_number))
