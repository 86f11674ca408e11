"""Afar: open changes of which this clone has a remote's branch alone, as it was last fetched.

Nothing is fetched here: it is what a colleague's `git fetch` brought, before they switch to it.
"""

from typing import NamedTuple

from codexa_git.audit.ids import is_change_id
from codexa_git.gate.carried import changes_in
from codexa_git.repository.remotes import remotes, upstreams, usual_remote
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground

_REMOTES = "refs/remotes/"


class Afar(NamedTuple):
    """A change that a `remote` has a branch of, and this clone has none; `tip` as last seen."""

    change: str
    remote: str
    tip: str

    @property
    def branch(self) -> str:
        """The remote-tracking branch, as git takes it: `origin/change/CH-002`."""
        return f"{self.remote}/change/{self.change}"

    @property
    def ref(self) -> str:
        """The same as the full name of a ref."""
        return f"{_REMOTES}{self.branch}"

    @property
    def command(self) -> str:
        """What makes a branch of this clone of it."""
        return f"git switch --track {self.branch}"


def afar(ground: Ground) -> tuple[Afar, ...]:
    """Every such change that has not landed, by number, each once: the usual remote's first."""
    there = {ref: oid for ref, oid in ground.store.remote_refs().items() if _change_of(ref)}
    if not there:
        return ()
    store = ground.store
    followed = {follows.tracking_ref for follows in upstreams(store, "refs/heads").values()}
    here = {ref.removeprefix(CHANGE_PREFIX) for ref in store.refs(CHANGE_PREFIX)}
    here |= set(changes_in(store, ground.tip.tree))
    here |= {_change_of(ref) for ref in followed.intersection(there)}
    first = usual_remote(store)
    found: dict[str, Afar] = {}
    for remote in sorted(remotes(store), key=lambda name: name != first):
        start = f"{_REMOTES}{remote}/change/"
        for ref, oid in there.items():
            change = ref.removeprefix(start)
            if change != ref and is_change_id(change) and change not in here:
                found.setdefault(change, Afar(change, remote, oid))
    return tuple(sorted(found.values(), key=lambda one: (len(one.change), one.change)))


def fetched(store: Store, change: str) -> list[str]:
    """What every remote's branch of a change was at when it was last fetched or pushed."""
    return [oid for ref, oid in store.remote_refs().items() if _change_of(ref) == change]


def _change_of(ref: str) -> str:
    """The change that a branch has its name of; empty where it is none of a change."""
    folder, _, name = ref.rpartition("/")
    return name if folder.endswith("/change") and is_change_id(name) else ""
