"""Landing while others land: sync, test, close, land, and again until the race is won.

Each round begins with the base as its remote has it now. Nothing that a round made is lost where
somebody else was first: the next one stands on it, and people are asked for nothing twice.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from codexa_git.audit.record import Actor
from codexa_git.errors import CodexaError, RefusedError, RepositoryError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.objects import Commit
from codexa_git.repository.remotes import fetch
from codexa_git.workflow.base.following import followed
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground
from codexa_git.workflow.changes.landed import landing_of
from codexa_git.workflow.changes.moment import Moment, moment_at, named, told_landing
from codexa_git.workflow.decisions.refusing import refused
from codexa_git.workflow.moves.advancing import Advanced, Ended, How, until_blocked
from codexa_git.workflow.moves.landing import Landed, OvertakenError, land
from codexa_git.workflow.together.meeting import meet

MOST_TRIES = 10
"""How often the base may move first before the command gives up."""

_BREATH = 0.5


class Way(NamedTuple):
    """What each round begins with, and who hears what it does.

    `stand` is the ground as it is by then, `how` the way to advance on it; `told` hears of each
    step; `share` gets the change after them and gives it back, with what others had pushed of it;
    `lost` gets the number of a round that somebody else won.
    """

    stand: Callable[[], Ground]
    how: Callable[[Moment], How]
    told: Callable[[Advanced], None]
    share: Callable[[Moment], Moment]
    lost: Callable[[int], None]


class LandedByOthersError(RefusedError):
    """Somebody else landed the very change meanwhile, with all that it is here."""

    def __init__(self, ground: Ground, change: str, landing: Commit) -> None:
        super().__init__(f"{change} has landed on {ground.branch} {told_landing(landing)}")
        self.landing = landing


class Won(NamedTuple):
    """The landing, the moment that it was made of, and in which round."""

    landed: Landed
    moment: Moment
    round: int


def land_in_turn(moment: Moment, person: Actor, way: Way) -> Won:
    """The base holds the change, however often it moved first, up to `MOST_TRIES` times.

    Raises:
        RefusedError: a person is needed, the landing is refused whatever the base does, or it moved
            first every time.
        LandedByOthersError: somebody else landed the very change.
        RepositoryError: the remote cannot be reached.
    """
    for number in range(1, MOST_TRIES + 1):
        moment = _closed(_refreshed(moment, way), person, way)
        try:
            return Won(land(moment, person), moment, number)
        except OvertakenError:
            pass
        except (RefusedError, RepositoryError):
            if not _has_moved(moment, way):
                raise
        way.lost(number)
    branch, change = moment.ground.branch, moment.change
    raise RefusedError(
        f"{branch} moved first {MOST_TRIES} times, and {change} has not landed",
        hint=f"nothing is lost; when less is landing: git codexa land {change} --wait",
    )


def refuse_landed_by_others(ground: Ground, change: str, tip: str) -> None:
    """Nothing: the base does not hold the change that has this tip here.

    Raises:
        LandedByOthersError: it does, every commit of it; nothing is left to land.
    """
    if change not in changes_in(ground.store, ground.tip.tree):
        return
    landing = landing_of(ground, change)
    if landing is not None and ground.store.is_ancestor(tip, landing.oid):
        raise LandedByOthersError(ground, change, landing)


def _refreshed(moment: Moment, way: Way) -> Moment:
    """The change, with what others have pushed of it, on the base as its remote has it now."""
    ground = _fetched(moment, way)
    refuse_landed_by_others(ground, moment.change, moment.tip.oid)
    if moment.ref.startswith(CHANGE_PREFIX):
        return meet(named(ground, moment.change)).moment
    tip = ground.store.ref(moment.ref)
    if tip is None:
        raise RepositoryError(f"{moment.ref.removeprefix('refs/heads/')} is gone")
    return moment_at(ground, moment.ref, ground.store.commit(tip))


def _fetched(moment: Moment, way: Way) -> Ground:
    follows = followed(moment.ground)
    if follows is not None:
        fetch(moment.store, follows.remote)
    return way.stand()


def _closed(moment: Moment, person: Actor, way: Way) -> Moment:
    """The moment once it is closed on the base's tip."""
    last = until_blocked(moment, way.how(moment), way.told)
    if last.moment.tip.oid != moment.tip.oid:
        met = way.share(last.moment)
        if met.tip.oid != last.moment.tip.oid:  # what others pushed may ask for more
            return _closed(met, person, way)
    if last.ended is Ended.WAITING:
        raise RefusedError(
            f"{last.paths[0]} has uncommitted changes, so {moment.change} was not moved",
            hint=(
                f"nothing is lost: it waits at refs/codexa/waiting/{moment.change}",
                f"commit or stash, then: git codexa land {moment.change} --wait",
            ),
        )
    if last.why:
        raise refused(last.moment, "land", last.why, person)
    return last.moment


def _has_moved(moment: Moment, way: Way) -> bool:
    """True where the base is another than the landing was made on: somebody else was first.

    A remote may refuse a moment before it shows what it has taken instead.
    """
    for pause in (0.0, _BREATH):
        time.sleep(pause)
        try:
            if _fetched(moment, way).tip.oid != moment.ground.tip.oid:
                return True
        except CodexaError:
            # What refused the landing is what is told, not that the base cannot be asked again.
            return False
    return False
