"""Sync: the base is brought into the change, by content and path alone."""

from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType
from codexa_git.errors import RefusedError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.merging import MergeResult
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import policy_at
from codexa_git.workflow.changes.draft import Built, Draft, pages_without_blocks
from codexa_git.workflow.changes.moment import Footing, Moment


def is_behind(moment: Moment) -> bool:
    """True where the base has commits that the change does not hold."""
    return moment.held.oid != moment.ground.tip.oid


def sync(moment: Moment, person: Actor) -> Built:
    """The merge commit that brings the base's tip in.

    Raises:
        RefusedError: nothing to bring in, or both sides changed the same lines.
    """
    if not is_behind(moment):
        raise RefusedError(
            f"{moment.change} holds the tip of {moment.ground.branch} already",
            hint=f"git codexa status {moment.change}",
        )
    return synced(moment, person, moment.ground.tip, merged_tree(moment))


def merged_tree(moment: Moment) -> str:
    """The tree of the change merged with the base's tip.

    The change's blocks are taken out of shared pages first: they are made again at closing, and so
    never merged.
    """
    ground = moment.ground
    result = merged_with_base(moment.store, moment.change, moment.held, moment.tip, ground.tip)
    if result.tree is None and moment.change in changes_in(ground.store, ground.tip.tree):
        raise RefusedError(
            f"{ground.branch} holds records of {moment.change} that no landing brought",
            hint=f"git codexa verify names the commit; once {ground.branch} is mended:"
            f" git codexa sync {moment.change}",
        )
    if result.tree is None:
        first, more = result.conflicts[0], len(result.conflicts) - 1
        also = f" and {more} more" if more else ""
        raise RefusedError(
            f"{ground.branch} and {moment.change} both change {first}{also}",
            hint=f"git merge {ground.branch}, resolve, commit; then go on with git codexa advance",
        )
    return result.tree


def merged_with_base(
    store: Store, change: str, held: Commit, tip: Commit, base: Commit
) -> MergeResult:
    """The merge of the change's tip, which holds `held` of the base, and the base's tip.

    Nothing is written by this: the next commit stores what was made.
    """
    tree = tip.tree
    ours = store.hold_tree(tree, pages_without_blocks(store, tree, held.tree, change))
    return store.merge_trees(held.tree, ours, base.tree)


def synced(moment: Moment, person: Actor, base: Commit, tree: str) -> Built:
    """The merge commit whose tree is the merge's, with the record of it."""
    policy = policy_at(moment.store, base.tree)
    footing = Footing(moment.ground, moment.change, moment.tip, base, policy)
    parents = (moment.tip.oid, base.oid)
    draft = Draft(footing, moment.state.stage, person, tree=tree, parents=parents)
    draft.record(RecordType.SYNCED, {"base_tree": base.tree})
    return draft.build(f"{moment.ground.branch} brought in", hand_off=False)
