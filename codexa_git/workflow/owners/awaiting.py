"""What waits on branches for the owners' signatures, and which of it is over.

A branch of the tool's naming proposes something until it came to the base, or until nothing of it
is left to bring: then it can go, here and on the remote.
"""

from collections.abc import Iterator
from shlex import quote

from codexa_git.audit.words import RecordType
from codexa_git.errors import CodexaError
from codexa_git.gate.tracing import traced
from codexa_git.workflow.base.following import followed
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.owners.collecting import tips_of
from codexa_git.workflow.owners.proposing import ENFORCE, NAMES, Proposal, proposed


def waiting(ground: Ground) -> tuple[Proposal, ...]:
    """Every proposal on a branch of the tool's naming that has not come to the base.

    A branch that cannot be read as one is left out: whoever names it is told why.
    """
    found = (_waits(ground, kind, branch) for kind, branch in _branches(ground))
    return tuple(proposal for proposal in found if proposal is not None)


def over(ground: Ground) -> tuple[str, ...]:
    """The branches of whose proposal the base has all by now."""
    return tuple(branch for kind, branch in _branches(ground) if _is_over(ground, kind, branch))


def takes_away(ground: Ground, branch: str, *, merged: bool) -> tuple[str, ...]:
    """The commands that take a branch that is over away, where it is: here, on the remote, both.

    What is not `merged` git deletes only by force.
    """
    follows, found = followed(ground), []
    if ground.store.ref(f"refs/heads/{branch}") is not None:
        found.append(f"git branch {'-d' if merged else '-D'} {quote(branch)}")
    if follows is not None and ground.store.ref(f"refs/remotes/{follows.remote}/{branch}"):
        found.append(f"git push {follows.remote} --delete {quote(branch)}")
    return tuple(found)


def _branches(ground: Ground) -> Iterator[tuple[RecordType, str]]:
    """What is named as a proposal, here or on the base's remote; by kind, and by name."""
    prefixes, follows = ["refs/heads/"], followed(ground)
    if follows is not None:
        prefixes.append(f"refs/remotes/{follows.remote}/")
    for kind, name in NAMES.items():
        found = {
            ref.removeprefix(prefix)
            for prefix in prefixes
            for ref in ground.store.refs(f"{prefix}{name}")
        }
        for branch in sorted(found):
            yield kind, branch


def _waits(ground: Ground, kind: RecordType, branch: str) -> Proposal | None:
    try:
        proposal = proposed(ground, kind, branch)
    except CodexaError:
        return None
    is_empty = not proposal.files and not proposal.commits
    return None if is_empty or _has_come(ground, proposal) else proposal


def _has_come(ground: Ground, proposal: Proposal) -> bool:
    """True where the base has it, by this branch or by another act of the same content."""
    if ground.store.is_ancestor(proposal.tips[0].oid, ground.tip.oid):
        return True
    if proposal.files or not (ground.enforces and proposal.commits):
        return False
    _, lineage = traced(ground.store, ground.branch, ground.tip, ground.cache / "policy")
    return lineage.named.issuperset(proposal.commits)


def _is_over(ground: Ground, kind: RecordType, branch: str) -> bool:
    """True where nothing is left to bring; a branch that just began on the base has not ended."""
    store = ground.store
    tip = tips_of(ground, branch)[0]
    if branch == ENFORCE and not ground.enforces:
        return False
    if store.is_ancestor(tip.oid, ground.tip.oid):
        return tip.oid not in store.first_parent_ids(ground.tip.oid)
    try:
        proposal = proposed(ground, kind, branch)
    except CodexaError:
        return False
    return _has_come(ground, proposal) or not (proposal.files or proposal.commits)
