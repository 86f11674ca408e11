"""The landing of a change, and whether a commit on the base took it out again, records and all.

A forge's revert button does. No gate let that happen, and `verify` finds it. The change is on the
base no longer, and is not open either: its branch brings nothing that the base did not have.
"""

from codexa_git.errors import RefusedError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground


def landing_of(ground: Ground, change: str) -> Commit | None:
    """The first-parent commit of the base that brought the change; `None` while it is open."""
    found = None
    for commit in ground.store.first_parents(ground.tip.oid):
        if change not in changes_in(ground.store, commit.tree):
            break
        found = commit
    return found


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
