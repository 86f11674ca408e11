"""A survey: every open change as it stands, or one of them."""

from codexa_git.errors import CodexaError
from codexa_git.repository.remotes import upstream
from codexa_git.workflow.ground import CHANGE_PREFIX, Ground, open_branches
from codexa_git.workflow.moment import Moment, named
from codexa_git.workflow.publishing import waiting_ref
from codexa_git.workflow.standing import Refs, Standing, standing, unreadable


def survey(ground: Ground) -> tuple[Standing, ...]:
    """Every open change, by number; one that cannot be read says why, and hides no other."""
    return tuple(_standing(ground, change, tip) for change, tip in open_branches(ground).items())


def _standing(ground: Ground, change: str, tip: str) -> Standing:
    try:
        return standing_of(named(ground, change))
    except CodexaError as error:
        return unreadable(change, tip, Refs(ground.branch, 0, None, None), error)


def standing_of(moment: Moment) -> Standing:
    """One change, with what the refs say of it."""
    return standing(moment, _refs(moment))


def _refs(moment: Moment) -> Refs:
    ground, store = moment.ground, moment.store
    base = ground.ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    waiting = store.ref(waiting_ref(moment.change))
    behind = store.count_beyond(moment.held.oid, ground.tip.oid)
    return Refs(base, behind, _unpushed(moment), waiting)


def _unpushed(moment: Moment) -> int | None:
    follows = upstream(moment.store, f"{CHANGE_PREFIX}{moment.change}")
    if follows is None:
        return None
    there = moment.store.ref(follows.tracking_ref) or moment.held.oid
    return moment.store.count_beyond(there, moment.tip.oid)
