"""`land`: how a closed change gets on the base."""

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from codexa_git.audit.ids import parse_change_id
from codexa_git.change.text import visible
from codexa_git.cli.clock import now
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.onbase import say_pushed
from codexa_git.cli.telling import as_json, say, shared, warn
from codexa_git.errors import CodexaError, Exit, RefusedError, RepositoryError
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.following import followed, shared_remote
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.landed import landing_of
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.stocking import taken
from codexa_git.workflow.moves.landing import Landed, land, takes_back
from codexa_git.workflow.moves.milestones import Tagged, complete

if TYPE_CHECKING:
    from codexa_git.workflow.moves.racing import LandedByOthersError


@click.command("land", epilog="Example: git codexa land CH-001")
@click.argument("change", required=False)
@click.option("--wait", is_flag=True, help="Sync, test, close and land until nobody is first.")
@click.option("--json", "json_", is_flag=True, help="What was done, for a script.")
def land_(change: str | None, *, wait: bool, json_: bool) -> int:
    """Land a closed change on the base.

    The merge is judged from two trees alone, its first parent and itself.
    """
    with sat_down() as desk_:
        try:
            moment = desk_.moment(change)
        except RefusedError:
            _complete_later(desk_, change)
            raise
        for told in takes_back(moment):
            warn(
                told,
                "git codexa verify --story will tell of it as S7",
                f"where it was not meant, and has landed: git codexa revert {moment.change}",
            )
        from codexa_git.workflow.moves.racing import LandedByOthersError

        try:
            if wait:
                landed, moment = _in_turn(desk_, moment, quiet=json_)
            else:
                landed = _at_once(desk_, moment)
        except LandedByOthersError as others:
            return _landed_by_others(moment, others, json_=json_)
        desk = desk_._replace(ground=moment.ground)
        branch, tag = desk.ground.branch, f"landed/{moment.change}"
        unmet = [ask.name for ask in landed.verdict.unmet]
        if not landed.verdict.lands:
            names = ", ".join(unmet) or "only claimed"
            warn(f"landed while observing, though enforcing would refuse: {names}")
        if json_:
            tagged = _complete(desk, moment, landed.commit)
            facts = {"format": 1, "change": moment.change, "commit": landed.commit.oid}
            verdict = {"lands": landed.verdict.lands, "unmet": unmet}
            milestone = None if tagged is None else tagged.name
            as_json({**facts, "base": branch, "tag": tag, **verdict, "milestone": milestone})
            return Exit.YES
        say(f"[{branch} {landed.commit.oid[:7]}] {landed.commit.subject}")
        say_pushed(desk.ground)
        say(f"tag {tag}; git log --first-parent {branch} is the review")
        tagged = _complete(desk, moment, landed.commit)
        if tagged is not None:
            say(f"tag {tagged.name}: {', '.join(tagged.figures)}")
    return Exit.YES


def _at_once(desk: Desk, moment: Moment) -> Landed:
    """The landing on the base as it is here; where that is refused, the remote is looked at again.

    Raises:
        RefusedError: it is refused, and a `LandedByOthersError` where all of it has landed.
        RepositoryError: the base moved meanwhile, or its remote refused.
    """
    try:
        return land(moment, desk.person)
    except (RefusedError, RepositoryError) as error:
        if followed(moment.ground) is not None:
            error.hints = (*error.hints, *_looked_again(desk, moment, error))
        raise


def _looked_again(desk: Desk, moment: Moment, error: CodexaError) -> tuple[str, ...]:
    """What the remote says of it that was not known here, or that it could not be asked.

    Raises:
        LandedByOthersError: all of it has landed.
    """
    from codexa_git.workflow.moves.racing import refuse_landed_by_others
    from codexa_git.workflow.together.meeting import looked_around

    ground, problems = looked_around(desk.ground)
    refuse_landed_by_others(ground, moment.change, moment.tip.oid)
    if landing_of(ground, moment.change) is not None:
        told = f"{moment.change} has landed on {ground.branch} without what only this clone has"
        return (f"{told}: git codexa log {moment.change}",)
    is_old = problems and isinstance(error, RefusedError)
    return ("that is as last fetched; to look again: git fetch",) if is_old else ()


def _in_turn(desk: Desk, moment: Moment, *, quiet: bool) -> tuple[Landed, Moment]:
    """The landing, once nobody was first, and the moment that it was made of."""
    from codexa_git.cli.committed import say_commits
    from codexa_git.cli.going import how_at
    from codexa_git.cli.progress import watched
    from codexa_git.workflow.moves.advancing import Advanced
    from codexa_git.workflow.moves.racing import MOST_TRIES, Way, land_in_turn

    before = [moment.tip.oid]

    def told(step: Advanced) -> None:
        if not quiet:
            say_commits(desk, before[0], step)
        before[0] = step.moment.tip.oid

    def lost(number: int) -> None:
        if not quiet and number < MOST_TRIES:
            say(f"{desk.ground.branch} moved first; try {number + 1} of {MOST_TRIES}")

    with watched() as tell:
        way = Way(
            stand=lambda: stand(desk.store, now(), dict(os.environ)),
            how=partial(how_at, desk, tell=tell),
            told=told,
            share=shared,
            lost=lost,
        )
        won = land_in_turn(moment, desk.person, way)
    return won.landed, won.moment


def _landed_by_others(moment: Moment, others: "LandedByOthersError", *, json_: bool) -> int:
    """What was wanted is done, by somebody else: that is no failure."""
    if json_:
        facts = {"format": 1, "change": moment.change, "commit": others.landing.oid}
        base = {"base": moment.ground.branch, "tag": f"landed/{moment.change}"}
        as_json({**facts, **base, "lands": None, "unmet": [], "milestone": None})
    else:
        say(f"{others.message}: nothing is left to land")
    return Exit.YES


def _complete_later(desk: Desk, change: str | None) -> None:
    """The milestone's tag is there, where a command was killed between the landing and that."""
    ground = desk.ground
    name = parse_change_id(change) if change else (ground.store.head()[0] or "").rsplit("/", 1)[-1]
    found = next((each for each in taken(ground) if each.change == name and each.landed), None)
    landing = None if found is None else landing_of(ground, name)
    if found is None or landing is None:
        return
    tagged = complete(ground._replace(tip=landing), found.milestone, landing, desk.person)
    if tagged is not None:
        say(f"tag {tagged.name}: {', '.join(tagged.figures)}")


def _complete(desk: Desk, moment: Moment, landing: Commit) -> Tagged | None:
    """The milestone's tag, where this was its last; the landing stands whatever becomes of it."""
    milestone = moment.state.opened.data["milestone"]
    try:
        tagged = complete(desk.ground._replace(tip=landing), milestone, landing, desk.person)
    except CodexaError as error:
        warn(f"{milestone} was not looked at: {error.message}", *error.hints)
        return None
    if tagged is not None and tagged.problem is not None:
        remote = shared_remote(desk.ground)
        warn(
            f"the tag is not pushed: {visible(tagged.problem)}", f"git push {remote} {tagged.name}"
        )
    return tagged
