"""`quick` and `revert`: changes that begin with work which is there already."""

from collections.abc import Callable
from functools import partial

import click

from codexa_git.audit.ids import parse_change_id
from codexa_git.cli.change import ended
from codexa_git.cli.committed import say_commits
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.going import Signs, Way, go_on, how_at
from codexa_git.cli.opening import claimed, look_at_cleanup, switch
from codexa_git.cli.progress import watched
from codexa_git.cli.telling import say, shared, warn
from codexa_git.errors import Exit
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.moment import Moment, named
from codexa_git.workflow.changes.wording import count
from codexa_git.workflow.moves.advancing import Advanced, Ended, How
from codexa_git.workflow.stages.lightening import (
    Work,
    light_request,
    open_light,
    require_light,
    why_not_light,
    work_at,
    work_at_hand,
)
from codexa_git.workflow.stages.opening import open_change
from codexa_git.workflow.stages.resuming import alike, begun_at_hand, begun_back
from codexa_git.workflow.stages.reverting import (
    Undone,
    instructed,
    is_instructed,
    title_of,
    undone,
    whole_request,
)
from codexa_git.workflow.together.publishing import publish

_unapproved = click.option(
    "--unapproved", is_flag=True, help="While observing: run without approval, on record."
)
_no_push = click.option("--no-push", is_flag=True, help="Do not push the change's branch.")


@click.command("quick", epilog="Example: git codexa quick 'fix typo'")
@click.argument("title")
@click.option("--criterion", multiple=True, help="An acceptance criterion; may be given again.")
@_unapproved
@_no_push
def quick_(title: str, criterion: tuple[str, ...], *, unapproved: bool, no_push: bool) -> int:
    """Open a light change over the commits at hand.

    They are what HEAD has beyond the base, and policy's [light] says how much that may be. The
    change goes through every stage by itself, up to one signature over plan and package.
    """
    with sat_down() as desk:
        if change := begun_at_hand(desk.ground, desk.person, title):
            _say_going_on(change)
            switch(desk, change)
            return _go_on(desk, change, unapproved=unapproved, pushes=not no_push)
        work = work_at_hand(desk.ground)
        require_light(desk.ground, work)
        look_at_cleanup(desk)
        request = light_request(title, work, criterion)
        change = claimed(desk, partial(open_light, desk.ground, desk.person, request, work))
        switch(desk, change)
        _tell_of_base(desk, work, change)
        return _go_on(desk, change, unapproved=unapproved, pushes=not no_push)


def _tell_of_base(desk: Desk, work: Work, change: str) -> None:
    """Commits on the base's own branch stay where they are, and need nothing done to them."""
    if work.ref != desk.ground.local_ref:
        return
    branch, base = desk.ground.branch, desk.ground.ref.removeprefix("refs/remotes/")
    ahead = count(work.commits, "commit")
    say(
        f"{branch} stays where it is, {ahead} ahead of {base}: {change} holds the work now, and"
        f" {branch} follows once that has landed"
    )


def _go_on(desk: Desk, change: str, *, unapproved: bool, pushes: bool) -> int:
    """The change goes on until a person is needed, which is no failure where only one is."""
    with watched() as tell:

        def how(now: Moment) -> How:
            how = how_at(desk, now, tell, Signs.OWN)
            return how._replace(unapproved=unapproved)

        last, _ = go_on(desk, named(desk.ground, change), Way(how, whole=True, pushes=pushes))
    change = last.moment.change
    if last.ended is Ended.BLOCKED and [ask.name for ask in last.why] == ["package-approved"]:
        say(f"next, plan and package by one signature: git codexa approve {change}")
        return Exit.YES
    return ended(desk, last, quiet=False, unapproved=unapproved)


@click.command("revert", epilog="Example: git codexa revert CH-001")
@click.argument("change")
@_unapproved
@_no_push
def revert_(change: str, *, unapproved: bool, no_push: bool) -> int:
    """Open a change that takes a landed one back.

    It holds the inverse of what that one did to the product, on the base as it is now. Where
    policy's [light] allows so much, it is a light change; else it is planned first, with the
    inverse as the patch of its one task.
    """
    landed = parse_change_id(change)
    with sat_down() as desk:
        look_at_cleanup(desk)
        back = undone(desk.ground, desk.person, landed)
        work = work_at(desk.ground, back.commit)._replace(reverts=landed)
        why = why_not_light(desk.ground, work)
        if why is not None:
            return _whole_way(desk, back, work, why, pushes=not no_push)
        request = light_request(title_of(back), work)
        opened = _opened_back(
            desk, back, work, partial(open_light, desk.ground, desk.person, request, work)
        )
        return _go_on(desk, opened, unapproved=unapproved, pushes=not no_push)


def _opened_back(
    desk: Desk, back: Undone, work: Work, opens: Callable[[int], Built], *, light: bool = True
) -> str:
    """The change that takes it back, gone on with or opened anew; the checkout stands on it."""
    change = begun_back(desk.ground, desk.person, back, work, light=light)
    if change is not None:
        _say_going_on(change)
    else:
        for other in alike(desk.ground, title_of(back)):
            told = f"{other} bears this title as well, and nothing shows that it was opened here"
            warn(f"{told}: it is left alone")
        change = claimed(desk, opens)
    switch(desk, change)
    return change


def _say_going_on(change: str) -> None:
    """That no second change is opened, where this clone opened one by this very command before."""
    say(f"goes on with {change}, which was opened here for just this")


def _whole_way(desk: Desk, back: Undone, work: Work, why: str, *, pushes: bool) -> int:
    request = whole_request(back, tuple(difference.path for difference in work.paths))
    opens = partial(open_change, desk.ground, desk.person, request)
    change = _opened_back(desk, back, work, opens, light=False)
    moment = named(desk.ground, change)
    say(f"no light change: {why}")
    if not is_instructed(moment):
        moment = _say_how(desk, moment, back)
    if pushes:
        shared(moment)
    say(f"next: git codexa advance {change}")
    return Exit.YES


def _say_how(desk: Desk, moment: Moment, back: Undone) -> Moment:
    """The change holds the inverse as a patch, where one can say it; else a person is told."""
    built = instructed(moment, desk.person, back)
    if built is None:
        say(f"once its plan is approved: git cherry-pick {back.commit.oid[:12]}")
        return moment
    published = publish(moment, built)
    step = Advanced(published.moment, Ended.MOVED, moment.state.stage)
    say_commits(desk, moment.tip.oid, step)
    return published.moment
