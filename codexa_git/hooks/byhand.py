"""Records that a person's commit would bring or lose: only the tool writes `audit/`.

A record that is well formed and names the right change passes the gate, if nobody had to sign it.
A commit tells more than two trees: where a line comes from. What HEAD holds stays, and what is new
stands in a commit that git is merging, picking or was reset from.
"""

from codexa_git.audit.logger import log_path
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.gate.answers import Ask, no
from codexa_git.hooks.handed import at_hand_besides
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store

NAME = "audit-by-tool"
ASKS = "Only the tool writes records; a commit by hand brings none and loses none"


def by_hand(
    store: Store, head: Commit, tree: str, change: str, besides: tuple[str, ...]
) -> tuple[Ask, ...]:
    """What to refuse of the records that the index has otherwise than HEAD; most often nothing.

    `besides` are commits that are being merged into HEAD.
    """
    paths = [log_path(folder, name) for folder in (change, None) for name in LOG_NAMES]
    changed = [path for path in paths if store.entry(head.tree, path) != store.entry(tree, path)]
    if not changed:
        return ()
    trees = [store.tree_of(oid) for oid in (*besides, *at_hand_besides(store))]
    return tuple(
        Ask(NAME, None, ASKS, no(why, command=f"git restore --staged -- {path}", where=(path,)))
        for path in changed
        if (why := _problem(store, path, head.tree, tree, trees))
    )


def _problem(store: Store, path: str, before: str, after: str, trees: list[str]) -> str | None:
    old, new = _lines(store, before, path), _lines(store, after, path)
    known = old.union(*(_lines(store, tree, path) for tree in trees))
    if not old <= new:
        return f"{path} would lose {_count(len(old - new))}"
    if not new <= known:
        return f"{path} would gain {_count(len(new - known))} that codexa-git did not write"
    return None


def _count(number: int) -> str:
    return "a record" if number == 1 else f"{number} records"


def _lines(store: Store, tree: str, path: str) -> set[bytes]:
    return set((store.read(tree, path) or b"").split(b"\n")) - {b""}
