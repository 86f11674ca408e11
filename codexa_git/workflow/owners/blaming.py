"""What `verify` finds against single commits of the base: asked before owners name them.

An incident undoes nothing. It says for ever that commits should not be there, so that one which
names a proper landing by a slip of the finger cannot be taken back.
"""

from codexa_git.errors import CodexaError, RefusedError
from codexa_git.gate.carried import new_changes
from codexa_git.gate.governing import kind_of_act
from codexa_git.gate.tracing import traced
from codexa_git.verify.walk import Walk
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.owners.acts import incidents
from codexa_git.workflow.owners.proposing import Proposal


def require_unnamed(ground: Ground, proposal: Proposal, again: str) -> None:
    """Nothing: no incident that counts has named one of these already, or this puts more back.

    Raises:
        RefusedError: one has; `again` is the command that names it all the same.
    """
    if proposal.files:
        return
    _, lineage = traced(ground.store, ground.branch, ground.tip, ground.cache / "policy")
    for oid in proposal.commits:
        if oid not in lineage.named:
            continue
        known = next(one for one in incidents(ground) if oid in one.data["commits"])
        raise RefusedError(
            f"{oid[:12]} is named already, by the incident of {known.at[:10]}:"
            f" {known.data['reason']}",
            hint=(
                f"who takes that as settled: git codexa verify --accept {known.id}",
                f"where the owners say it again all the same: {again}",
            ),
        )


def require_blame(ground: Ground, commits: tuple[str, ...], again: str) -> None:
    """Nothing: `verify --story` finds something wrong with each of these commits of the base.

    Raises:
        RefusedError: with one it does not; `again` is the command that names it all the same.
    """
    if len(set(commits)) < len(commits):
        return  # one is named twice, for which it is refused
    for oid in commits:
        if not _is_blamed(ground, oid):
            raise _innocent(ground, oid, again)


def _is_blamed(ground: Ground, oid: str) -> bool:
    """True where something is found, and where it cannot be told."""
    store = ground.store
    try:
        before = store.commit(store.commit(oid).parents[0])
        made, lineage = traced(store, ground.branch, before)
        walk = Walk(store, made.id, ground.branch, story=True, now=ground.at)
        return bool(walk.along(lineage, before.oid, [oid], _quietly).findings)
    except CodexaError:
        return True


def _quietly(number: int, of: int) -> None:
    del number, of


def _innocent(ground: Ground, oid: str, again: str) -> RefusedError:
    what, back = _undone(ground, oid)
    return RefusedError(
        f"verify finds nothing wrong with {oid[:12]}, {what}, and an incident would undo nothing",
        details=(("rule", "an incident says for ever that what it names should not be there"),),
        hint=(back, f"where the owners say that it should not be there all the same: {again}"),
    )


def _undone(ground: Ground, oid: str) -> tuple[str, str]:
    """What a commit of the base is, in a few words, and how what it did is undone."""
    store = ground.store
    commit = store.commit(oid)
    before = store.tree_of(commit.parents[0])
    if landed := new_changes(store, before, commit.tree):
        return f"the landing of {landed[0]}", f"git codexa revert {landed[0]} takes it back"
    if kind_of_act(store, before, commit.tree) is not None:
        back = "what owners did is undone by what they sign next: git codexa policy sign"
        return f"which the owners signed ({commit.subject})", back
    return f"a commit of free paths ({commit.subject})", f"git revert {oid[:12]} undoes it"
