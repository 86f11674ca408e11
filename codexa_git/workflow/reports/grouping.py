"""Grouping: every open change by whose turn it is, for people who look at all of them at once.

Nothing is asked here that was not measured: a group follows from a standing, a reader and the time.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from codexa_git.audit.record import Actor, seconds_of
from codexa_git.change.governance import overdue
from codexa_git.policy.rules import Policy, person_of
from codexa_git.workflow.reports.standing import Asked, Standing

LONG = 7 * 86_400
"""The seconds after which a move that nobody made means that a change is stuck."""

_STOPPED = frozenset(
    {"assertions-pass", "tests-pass-or-waived", "regression-matches", "touched-lines-covered"}
)
"""What agents could not bring about, so that it waits for some person or other."""


class Group(StrEnum):
    """Whose turn it is; the values are what `board --json` says, in the order of the board."""

    YOURS = "yours"
    STUCK = "stuck"
    LANDING = "landing"
    ANYONE = "anyone"
    OTHERS = "others"


class Placed(NamedTuple):
    """One change in its group: what is to be done or why it is stuck, and since when it waits.

    `since` is `None` where nothing can be said; `command` does it, or helps.
    """

    standing: Standing
    group: Group
    what: str
    command: str | None
    since: int | None


def is_yours(policy: Policy, person: Actor | None, standing: Standing) -> bool:
    """True where the move is this person's, by the name that policy gives them; nobody has one."""
    if person is None:
        return False
    known = person_of(policy, person.email)
    return (person.name if known is None else known.name) in standing.move.who


def grouped(
    found: Iterable[Standing], policy: Policy, person: Actor | None, at: int
) -> dict[Group, tuple[Placed, ...]]:
    """Every change that is not abandoned, by group; in each, who waits longest comes first."""
    going = [standing for standing in found if standing.state != "abandoned"]
    placed = [placed_at(s, at, yours=is_yours(policy, person, s)) for s in going]
    placed.sort(key=lambda each: at if each.since is None else each.since)
    return {group: tuple(p for p in placed if p.group is group) for group in Group}


def placed_at(standing: Standing, at: int, *, yours: bool) -> Placed:
    """The group that a change is in at this time.

    What a reader can do something about is theirs, even if it is stuck as well.
    """
    move = standing.move
    since = seconds_of(standing.since) if standing.since else None
    if standing.problem is not None:
        return Placed(standing, Group.STUCK, standing.problem, move.command, since)
    if standing.waiting is not None:
        told = "a result waits here for room in your checkout: commit or stash, then"
        return Placed(standing, Group.YOURS, told, f"git codexa advance {standing.change}", since)
    in_the_way = _in_the_way(standing, at)
    if yours and move.person:
        what = move.do if in_the_way is None else f"{move.do} ({in_the_way})"
        return Placed(standing, Group.YOURS, what, move.command, since)
    who = move.whose
    what = f"{who}: {move.do}" if who else move.do
    if in_the_way is None and since is not None and at - since >= LONG:
        in_the_way = f"nobody made the next move: {what}"
    if in_the_way is not None:
        return Placed(standing, Group.STUCK, in_the_way, move.command, since)
    if move.person:
        return Placed(standing, Group.OTHERS, what, move.command, since)
    group = Group.LANDING if standing.state == "closed" else Group.ANYONE
    return Placed(standing, group, what, move.command, since)


def _in_the_way(standing: Standing, at: int) -> str | None:
    """What keeps a change where it is, whoever's move it is; `None` where nothing is odd."""
    for ask in standing.asks:
        if _stops(ask, person=standing.move.person):
            return f"{ask.name.replace('-', ' ')}: {ask.now}"
    if late := overdue(standing.due, at):
        return str(late[0])
    return standing.stalled


def _stops(ask: Asked, *, person: bool) -> bool:
    """True for what is undecided, refused in any stage, or failed and left to people."""
    if ask.met is None:
        return True
    return not ask.met and (ask.stage is None or (person and ask.name in _STOPPED))
