"""How a change goes on: step after step, with what it takes from whoever asked for it."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import NamedTuple

from codexa_git.cli.committed import committed_since, say_commits, say_signed, warn_not_signed
from codexa_git.cli.desk import Desk
from codexa_git.cli.telling import shared
from codexa_git.errors import CodexaError
from codexa_git.repository.objects import Commit
from codexa_git.workflow.changes.moment import Moment, moment_at
from codexa_git.workflow.decisions.avowing import Notice, avowal_of, signs_work
from codexa_git.workflow.decisions.overtaken import testers_key
from codexa_git.workflow.decisions.signing import tester_signs
from codexa_git.workflow.moves.advancing import Advanced, Ended, How, advance, until_blocked


class Way(NamedTuple):
    """How a change goes on: `whole` until a person is needed, else by one step.

    `how` is the way to advance a moment; `quiet` where nobody hears of each commit.
    """

    how: Callable[[Moment], How]
    whole: bool
    pushes: bool
    quiet: bool = False


def go_on(desk: Desk, moment: Moment, way: Way) -> tuple[Advanced, list[Commit]]:
    """How it ended, with the change as it is after its push; and what was committed on the way.

    Where the push brought in what others had pushed, that a person is needed was said of a change
    that is another by now: it goes on from there, so that what is told is true of what is here.
    """
    how, made = way.how(moment), list[Commit]()
    while True:
        try:
            last = _walked(desk, moment, how, way)
        except CodexaError as error:
            if way.pushes:
                _share_what_was_made(desk, moment, error.message)
            raise
        made += committed_since(desk, moment.tip.oid, last.moment.tip.oid)
        if not way.pushes:
            return last, made
        may_go_on = last.ended is Ended.BLOCKED or (way.whole and last.ended is Ended.MOVED)
        moment = shared(last.moment, goes_on=may_go_on)
        desk.looked_at.clear()
        if moment.tip.oid == last.moment.tip.oid or not may_go_on:
            return last._replace(moment=moment), made
        # Once is what these two were asked for.
        how = way.how(moment)._replace(replan=False, retry=False)


def _share_what_was_made(desk: Desk, before: Moment, refused: str) -> None:
    """What a step committed is pushed, though the next one could not be made."""
    tip = desk.store.ref(before.ref)
    if tip is None or tip == before.tip.oid:
        return
    desk.looked_at.clear()
    shared(moment_at(before.ground, before.ref, desk.store.commit(tip)), refused)


def _walked(desk: Desk, moment: Moment, how: How, way: Way) -> Advanced:
    before = [moment]

    def told_step(step: Advanced) -> None:
        if not way.quiet:
            say_commits(desk, before[0].tip.oid, step)
            say_signed(before[0], step.moment)
        before[0] = step.moment

    if way.whole:
        return until_blocked(moment, how, told_step)
    last = advance(moment, how)
    told_step(last)
    return last


class Signs(StrEnum):
    """What of the work that is done now a person signs as theirs.

    As git's configuration says, which speaks of no work by hand; the same, and what is done by hand
    as well, where all of that is their own; or all of it, whatever the configuration says.
    """

    AS_SET = "as set"
    OWN = "own"
    ALL = "all"


def how_at(
    desk: Desk,
    moment: Moment,
    tell: Callable[[str], None],
    signs: Signs = Signs.AS_SET,
    notice: Notice = warn_not_signed,
    mine: frozenset[str] = frozenset(),
) -> How:
    """How this person advances this change, where nothing else is asked for.

    `notice` hears of each task that they wanted to sign and do not, and why; the tasks that are
    `mine` they did by hand, be it elsewhere.
    """
    tester = (desk.store, moment.policy, desk.ground.environment)
    ready = partial(testers_key, moment, desk.ground.environment)
    how = How(desk.person, tester_signs(*tester), ready, tell)
    if signs is not Signs.ALL and not signs_work(desk.store):
        return how
    by_hand = signs is not Signs.AS_SET
    avows = partial(avowal_of, moment, desk.person, Path.home(), notice, by_hand=by_hand, mine=mine)
    return how._replace(avows=avows)
