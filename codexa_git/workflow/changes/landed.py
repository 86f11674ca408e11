"""The landing of a change, and whether a commit on the base took it out again, records and all.

A forge's revert button does. No gate let that happen, and `verify` finds it. The change is on the
base no longer, and is not open either: its branch brings nothing that the base did not have.
"""

from itertools import islice

from codexa_git.errors import RefusedError
from codexa_git.gate.carried import changes_in, new_changes
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground

_MOST = 200
"""How many commits are looked at for a landing, where its number alone would do."""


def landing_of(ground: Ground, change: str) -> Commit | None:
    """The first-parent commit of the base that brought the change; `None` while it is open."""
    found = None
    for commit in ground.store.first_parents(ground.tip.oid):
        if change not in changes_in(ground.store, commit.tree):
            break
        found = commit
    return found


def last_landed(ground: Ground) -> str | None:
    """The change that the newest landing brought; of a long line without one, the last number."""
    store, tree = ground.store, ground.tip.tree
    known = changes_in(store, tree)
    for commit in islice(store.walked(ground.tip.oid), _MOST if known else 0):
        before = None if not commit.parents else store.tree_of(commit.parents[0])
        new = known if before is None else new_changes(store, before, commit.tree)
        if new:
            return new[-1]
    return known[-1] if known else None


class TakenOutError(RefusedError):
    """A change that landed, and that the base no longer has."""


def taken_out(ground: Ground, change: str) -> TakenOutError | None:
    """What happened to a change that landed and is not on the base, and what lands it again.

    `None` where the base has it, or never had it.
    """
    store = ground.store
    if change in changes_in(store, ground.tip.tree):
        return None
    touching = store.line_touching(ground.tip.oid, [f"audit/{change}"])
    if not touching:
        return None
    by = touching[0]
    track = "" if ground.ref == ground.local_ref else "--no-track "
    base = ground.ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    parent = "-m 1 " if len(by.parents) > 1 else ""
    return TakenOutError(
        f"{change} landed on {ground.branch}, and {by.oid[:12]} took it and its records out again",
        hint=(
            f"git switch {track}-C change/{change} {base} && git revert {parent}{by.oid[:12]}",
            f"that opens it as it was; then: git codexa advance {change} --until-blocked",
            f"what it did is taken back on record by: git codexa revert {change}, once it is there",
        ),
    )


def is_taken_out(ground: Ground, change: str) -> bool:
    """True where the branch here of a change that is not on the base brings nothing to it."""
    tip = ground.store.ref(f"{CHANGE_PREFIX}{change}")
    return tip is not None and ground.store.is_ancestor(tip, ground.tip.oid)
