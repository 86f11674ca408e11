"""A survey: every open change as it stands, or one of them, remembered where nothing has moved.

What measures is imported where it is needed: where everything is remembered, no gate is asked.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from codexa_git.audit.ids import is_change_id
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import CodexaError, RefusedError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.remotes import upstreams
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, not_here
from codexa_git.workflow.changes.afar import Afar, afar
from codexa_git.workflow.changes.astray import (
    SwallowedError,
    UnopenedError,
    on_the_base,
    two_at_once,
)
from codexa_git.workflow.changes.landed import TakenOutError, taken_out
from codexa_git.workflow.reports.remembering import about, remember, remembered, span
from codexa_git.workflow.reports.standing import Refs, Standing

if TYPE_CHECKING:
    from codexa_git.workflow.changes.moment import Moment

WAITING_PREFIX = "refs/codexa/waiting/"
APART_PREFIX = "refs/codexa/apart/"
_STANDS_STILL: dict[type[CodexaError], str] = {
    TakenOutError: "undone",
    SwallowedError: "swallowed",
    UnopenedError: "unopened",
}


class Spot(NamedTuple):
    """Where one change is: its branch and tip, and what other refs say of it.

    `pushed` is the commit that its upstream has (empty: none yet), `None` where it follows nothing.
    """

    change: str
    ref: str
    tip: str
    pushed: str | None
    waiting: str | None
    apart: str | None


def survey(ground: Ground) -> tuple[Standing, ...]:
    """Every open change, by number; one that cannot be read says why, and hides no other."""
    landed = set(changes_in(ground.store, ground.tip.tree))
    tips = {
        ref.removeprefix(CHANGE_PREFIX): (ref, oid)
        for ref, oid in ground.store.refs(CHANGE_PREFIX).items()
    }
    names = [name for name in tips if is_change_id(name) and name not in landed]
    spots = _spots(ground, {name: tips[name] for name in sorted(names, key=_by_number)})
    return tuple(_of(ground, spot) for spot in spots)


def _by_number(change: str) -> tuple[int, str]:
    return len(change), change


def survey_afar(ground: Ground, places: Iterable[Afar]) -> tuple[Standing, ...]:
    """The same of changes that only a remote has a branch of; the way to each is to switch there.

    What the base has merged already is left out.
    """
    found = (_afar(ground, place) for place in places)
    return tuple(standing for standing in found if standing is not None)


def _afar(ground: Ground, place: Afar) -> Standing | None:
    spot = Spot(place.change, place.ref, place.tip, None, None, None)
    try:
        found = _measured_or_remembered(ground, spot)
        if found.change != place.change:
            raise RefusedError(
                f"{place.branch} carries {found.change}",
                hint=f"git log {ground.branch}..{place.branch}",
            )
    except CodexaError as error:
        if ground.store.is_ancestor(place.tip, ground.tip.oid):
            return None
        from codexa_git.workflow.reports.measuring import unreadable  # noqa: PLC0415

        found = unreadable(place.change, place.tip, Refs(ground.base, 0, None, None), error)
        return found._replace(branch=place.branch, move=found.move._replace(command=None))
    move = found.move._replace(command=place.command)
    return found._replace(branch=place.branch, move=move)


def told_afar(ground: Ground) -> tuple[Standing, ...]:
    """All of them, each saying what is to be done and that it is on a remote."""
    places = {place.change: place for place in afar(ground)}
    return tuple(
        found._replace(
            move=found.move._replace(do=f"{found.move.do}; it is on {places[found.change].remote}")
        )
        for found in survey_afar(ground, places.values())
    )


def standing_at_hand(ground: Ground) -> Standing | None:
    """The change that HEAD carries; `None` where it carries none, or stands on no branch."""
    ref, oid = ground.store.head()
    if ref is None or oid is None:
        return None
    here = changes_in(ground.store, ground.store.tree_of(oid))
    landed = set(changes_in(ground.store, ground.tip.tree))
    found = [change for change in here if change not in landed]
    if not found:
        return None
    if len(found) > 1:
        raise two_at_once(ground, ref, ground.store.commit(oid), found)
    if ref == ground.local_ref:
        raise on_the_base(ground, found[0])
    return _measured_or_remembered(ground, _spots(ground, {found[0]: (ref, oid)})[0])


def standing_of(ground: Ground, change: str) -> Standing:
    """The open change of this id.

    Raises:
        UsageError: there is none.
        RefusedError: it has landed, or its branch carries another.
    """
    ref = f"{CHANGE_PREFIX}{change}"
    tip = ground.store.ref(ref)
    if change in changes_in(ground.store, ground.tip.tree):
        raise RefusedError(f"{change} has landed", hint=f"git codexa log {change}")
    if tip is None:
        raise taken_out(ground, change) or not_here(ground.store, change)
    return _measured_or_remembered(ground, _spots(ground, {change: (ref, tip)})[0])


def _spots(ground: Ground, tips: dict[str, tuple[str, str]]) -> tuple[Spot, ...]:
    """Each change's spot; what other refs say is asked of git once for all of them."""
    store = ground.store
    alone = next(iter(tips.items())) if len(tips) == 1 else None
    # Of one change alone nothing is asked that grows with the others.
    if alone is None:
        beside = store.refs(WAITING_PREFIX) | store.refs(APART_PREFIX)
    else:
        beside = store.named([f"{WAITING_PREFIX}{alone[0]}", f"{APART_PREFIX}{alone[0]}"])
    follows = upstreams(store, "refs/heads" if alone is None else alone[1][0]) if tips else {}
    tracked = store.named([f.tracking_ref for ref, f in follows.items() if ref != ground.local_ref])
    return tuple(
        Spot(
            change,
            ref,
            tip,
            tracked.get(follows[ref].tracking_ref, "") if ref in follows else None,
            beside.get(f"{WAITING_PREFIX}{change}"),
            beside.get(f"{APART_PREFIX}{change}"),
        )
        for change, (ref, tip) in tips.items()
    )


def _of(ground: Ground, spot: Spot) -> Standing:
    try:
        return _measured_or_remembered(ground, spot)
    except CodexaError as error:
        from codexa_git.workflow.reports.measuring import unreadable  # noqa: PLC0415

        refs = Refs(ground.base, 0, None, spot.waiting)
        found = unreadable(spot.change, spot.tip, refs, error)
        return found._replace(state=_STANDS_STILL.get(type(error), found.state))


def _measured_or_remembered(ground: Ground, spot: Spot) -> Standing:
    folder = ground.cache / "status"
    shallow = "shallow" if ground.store.is_shallow() else None
    base = (ground.branch, ground.ref, ground.tip.oid, ground.root, shallow)
    key = about(*spot, *base)
    found = remembered(folder, spot.change, key, ground.at)
    if found is not None:
        return found
    from codexa_git.workflow.changes.moment import moment_at, named  # noqa: PLC0415
    from codexa_git.workflow.reports.measuring import standing  # noqa: PLC0415

    if spot.ref == f"{CHANGE_PREFIX}{spot.change}":
        moment = named(ground, spot.change)
    else:
        moment = moment_at(ground, spot.ref, ground.store.commit(spot.tip))
    behind = ground.store.count_beyond(moment.held.oid, ground.tip.oid)
    unpushed, incoming = None, 0
    if spot.pushed is not None:
        unpushed = ground.store.count_beyond(spot.pushed or moment.held.oid, spot.tip)
        incoming = ground.store.count_beyond(spot.tip, spot.pushed) if spot.pushed else 0
    moved = _has_other_policy(ground, moment.held.tree)
    apart = _apart(moment) if spot.apart else ()
    by_others = _amended(moment, spot.pushed)
    refs = Refs(ground.base, behind, unpushed, spot.waiting, moved, incoming, apart, by_others)
    made = standing(moment, refs)
    latest = max(record.seconds for record in moment.state.records)
    times = span(moment.policy.signers, ground.at, moment.held.committer.seconds, latest)
    remember(folder, spot.change, key, made, times)
    return made


def _apart(moment: "Moment") -> tuple[str, ...]:
    from codexa_git.workflow.together.aside import still_apart  # noqa: PLC0415

    return tuple(commit.oid for commit in still_apart(moment))


def _amended(moment: "Moment", there: str | None) -> str | None:
    from codexa_git.workflow.together.unamending import amended_since  # noqa: PLC0415

    found = amended_since(moment, there)
    return None if found is None else found.commit.oid


def _has_other_policy(ground: Ground, held: str) -> bool:
    """True where the base's policy is another by now than in this tree, which judges a change."""
    sides = [[ground.store.entry(t, p) for p in (POLICY, SIGNERS)] for t in (held, ground.tip.tree)]
    return sides[0] != sides[1]
