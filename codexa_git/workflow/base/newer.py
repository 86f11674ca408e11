"""What was fetched of the base and is newer than the base that is looked at.

A base that follows nothing is this clone's own branch, however old; one that follows a fork may be
older than the remote that the fork is of. No remote is asked: this is what a fetch has brought.
"""

from shlex import quote
from typing import NamedTuple

from codexa_git.change.text import counted
from codexa_git.repository.remotes import remotes, usual_remote
from codexa_git.repository.store import Store

_HEADS, _REMOTES = "refs/heads/", "refs/remotes/"


class Newer(NamedTuple):
    """A remote-tracking branch of the base that has more, by how many commits, and the way there.

    `here` is what the base is called that was looked at; `command` makes it that branch.
    """

    here: str
    branch: str
    commits: int
    command: str

    @property
    def told(self) -> str:
        """The same in a clause."""
        return f"{self.here} is {counted(self.commits, 'commit')} behind {self.branch}"


def newer_base(store: Store, branch: str, ref: str, tip: str) -> Newer | None:
    """The first remote's branch that is newer than the base at `ref`; `None` where none is.

    A fork that went its own way is not; where the base is a branch of this clone alone, all that
    the usual remote has besides is.
    """
    names = [name for name in remotes(store) if not ref.startswith(f"{_REMOTES}{name}/")]
    tracking = {name: f"{_REMOTES}{name}/{branch}" for name in names}
    # Asked by name: a remote may have a thousand branches of changes.
    found = store.named(list(tracking.values()))
    there = {name: found[at] for name, at in tracking.items() if at in found}
    usual = usual_remote(store) if there else None
    for remote in sorted(there, key=lambda name: name != usual):
        oid = there[remote]
        if oid == tip:
            continue
        ours, theirs = store.apart(tip, oid)
        if theirs and (not ours or (remote == usual and ref.startswith(_HEADS))):
            return Newer(_said(ref), f"{remote}/{branch}", theirs, _way(store, branch, remote))
    return None


def last_fetched(store: Store, ref: str) -> str | None:
    """That the base at `ref` is a remote's as it was last fetched; `None` where it is no remote's.

    A yes says nothing of what came to the remote since, and only asking it does.
    """
    if not ref.startswith(_REMOTES):
        return None
    remote = next((name for name in remotes(store) if ref.startswith(f"{_REMOTES}{name}/")), None)
    asks = "git fetch" if remote is None else f"git fetch {quote(remote)}"
    return f"{_said(ref)} as last fetched; to ask again: {asks}"


def _said(ref: str) -> str:
    if ref.startswith(_HEADS):
        return f"{ref.removeprefix(_HEADS)} here"
    return ref.removeprefix(_REMOTES)


def _way(store: Store, branch: str, remote: str) -> str:
    there = quote(f"{remote}/{branch}")
    if store.ref(f"{_HEADS}{branch}") is None:
        return f"git branch --track {branch} {there}"
    return f"git branch -u {there} {branch}"
