"""`advance`, `rework`, `sync`: how a change moves."""

import click

from codexa_git.audit.words import Stage
from codexa_git.cli.committed import warn_not_signed, warn_unsigned
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.going import Signs, Way, go_on, how_at
from codexa_git.cli.progress import watched
from codexa_git.cli.telling import as_json, say, say_joined, say_waits, shared, told, warn
from codexa_git.cli.words import spoken
from codexa_git.errors import CodexaError, Exit, RefusedError, UsageError
from codexa_git.repository.objects import Commit
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.pushed import is_pushed, is_unpushed
from codexa_git.workflow.decisions.avowing import Unsigned, signs_work
from codexa_git.workflow.decisions.refusing import refused
from codexa_git.workflow.decisions.reworking import rework
from codexa_git.workflow.moves.advancing import Advanced, Ended, How
from codexa_git.workflow.stages.planning import DEFAULT_SEED
from codexa_git.workflow.stages.syncing import is_behind, sync
from codexa_git.workflow.together.aside import commands
from codexa_git.workflow.together.joining import Joined
from codexa_git.workflow.together.meeting import looked_around, meet
from codexa_git.workflow.together.publishing import publish


@click.command("advance", epilog="Example: git codexa advance CH-001 --until-blocked")
@click.argument("change", required=False)
@click.option("--until-blocked", is_flag=True, help="Go on until a person is needed.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=DEFAULT_SEED, help="Plan with it.")
@click.option("--replan", is_flag=True, help="In spec: make the plan again from the brief.")
@click.option("--retry", is_flag=True, help="In execute: run a task that failed as it stands.")
@click.option(
    "--unapproved", is_flag=True, help="While observing: run without approval, on record."
)
@click.option("--sign", is_flag=True, help="In execute: sign the work that is done as yours.")
@click.option("--mine", multiple=True, metavar="TASK", help="Sign it, committed elsewhere or not.")
@click.option("--json", "json_", is_flag=True, help="What was done, for a script.")
@click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
def advance_(
    change: str | None,
    seed: int,
    *,
    until_blocked: bool,
    replan: bool,
    retry: bool,
    unapproved: bool,
    sign: bool,
    mine: tuple[str, ...],
    json_: bool,
    no_push: bool,
) -> int:
    """Do the next step of a change, and hand it on.

    The stage's agent does its work, the gate is asked, and where it says yes the change goes on.
    """
    with sat_down() as desk, watched() as tell:
        moment, unsigned = desk.moment(change), dict[str, Unsigned]()
        _require_done(moment, mine)
        signs = Signs.ALL if sign or mine else Signs.AS_SET

        def how(now: Moment) -> How:
            return how_at(desk, now, tell, signs, unsigned.__setitem__, frozenset(mine))._replace(
                seed=seed, replan=replan, unapproved=unapproved, retry=retry
            )

        way = Way(how, whole=until_blocked, pushes=not no_push, quiet=json_)
        try:
            last, commits = go_on(desk, moment, way)
        except CodexaError:
            for task, found in unsigned.items():
                warn_not_signed(task, found)
            raise
        warn_unsigned(
            commits, last.moment, unsigned, wanted=bool(sign or mine) or signs_work(desk.store)
        )
        if json_:
            as_json(_facts(last, commits))
        return ended(desk, last, quiet=json_, unapproved=unapproved)


def _require_done(moment: Moment, mine: tuple[str, ...]) -> None:
    """Nothing: people did each of these tasks by hand, and no record says so yet.

    Raises:
        UsageError: there is nothing of one of them to be signed.
    """
    if not mine:
        return
    from codexa_git.workflow.stages.handwork import not_taken_up

    done = not_taken_up(moment)
    for task in mine:
        if task not in done:
            raise UsageError(
                f"{task} is no task that was done by hand and waits to be taken up",
                hint=f"git codexa status {moment.change} tells of each that was",
            )


def _facts(last: Advanced, commits: list[Commit]) -> dict[str, object]:
    """What `--json` prints: how it ended, what was committed, and what is not met."""
    return {
        "format": 1,
        "change": last.moment.change,
        "stage": last.moment.state.stage,
        "ended": last.ended,
        "commits": [{"commit": commit.oid, "subject": commit.subject} for commit in commits],
        "unmet": [{"name": a.name, "stage": a.stage, **a.answer._asdict()} for a in last.why],
        "in_the_way": last.paths,
    }


def ended(desk: Desk, last: Advanced, *, quiet: bool, unapproved: bool) -> int:
    """The exit status of an advance, with what is to be said of how it ended.

    Where it was asked to go on `unapproved`, so is what goes on after it.

    Raises:
        RefusedError: something is not met.
    """
    moment = last.moment
    if last.ended is Ended.WAITING:
        say_waits(moment, last.paths, moment.case.advance if unapproved else None)
        return Exit.NO
    if last.ended is Ended.MOVED:
        return Exit.YES
    if not last.why:
        if quiet:
            return Exit.YES
        say(f"{moment.change} is closed and can land: git codexa land {moment.change}")
        return Exit.YES
    raise refused(moment, f"leave {last.stage} yet", last.why, desk.person)


@click.command("rework", epilog="Example: git codexa rework CH-001 --task T-02 -m 'wrong default'")
@click.argument("change", required=False)
@click.option(
    "--to",
    "target",
    type=click.Choice([str(s) for s in Stage][:-1]),
    default=str(Stage.EXECUTE),
    show_default=True,
    help="The stage that it goes back to.",
)
@click.option("--task", multiple=True, help="A task to do again; all of them where none is named.")
@click.option("-m", "--message", "reason", required=True, help="Why.")
@click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
def rework_(
    change: str | None, target: str, task: tuple[str, ...], reason: str, *, no_push: bool
) -> int:
    """Send a change back to a stage, for a new round."""
    with sat_down() as desk:
        moment = desk.moment(change)
        why = spoken(reason, "a reason")
        built = rework(moment, desk.person, Stage(target), why, task)
        return told(publish(moment, built), pushes=not no_push)


@click.command("sync", epilog="Example: git codexa sync CH-001")
@click.argument("change", required=False)
@click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
def sync_(change: str | None, *, no_push: bool) -> int:
    """Bring in what others have pushed of a change, and the base.

    Approvals stand where what they bind has not changed; tests run again on another tree.
    """
    with sat_down() as desk:
        ground, problems = looked_around(desk.ground)
        for problem in problems:
            warn(problem, "what was fetched before is brought together")
        now = desk._replace(ground=ground)
        before = now.moment(change)
        joined = meet(before, apart=True)
        say_joined(before, joined.moment, joined.put, joined.dropped)
        if joined.apart:
            if not no_push:
                shared(joined.moment)
                desk.looked_at.clear()
            raise _apart(joined)
        moment, moved = joined.moment, joined.moment.tip.oid != before.tip.oid
        if not (moved or is_behind(moment)) and is_pushed(moment):
            say(f"{moment.change} has all that {now.ground.branch} and its remote have")
            return Exit.YES
        if is_behind(moment) or not (moved or is_unpushed(moment)):
            return _with_base(now, moment, pushes=not no_push)
        if moved and not is_unpushed(moment):
            say(f"{moment.change} has all that its remote has")
            return Exit.YES
        return Exit.YES if no_push else _pushed(moment)


def _pushed(moment: Moment) -> int:
    """Whether all of it is on the remote now, as is said; else why not was said."""
    after = shared(moment)
    if is_unpushed(after):
        return Exit.NO
    say(f"{after.change} is pushed")
    return Exit.YES


def _with_base(desk: Desk, moment: Moment, *, pushes: bool) -> int:
    """The base is brought in; where that cannot be, what is here is pushed all the same.

    Raises:
        RefusedError: there is nothing to bring in, or base and change are in conflict.
    """
    try:
        published = publish(moment, sync(moment, desk.person))
    except RefusedError:
        if pushes and is_unpushed(moment):
            shared(moment)
            desk.looked_at.clear()
        raise
    return told(published, pushes=pushes)


def _apart(joined: Joined) -> RefusedError:
    change = joined.moment.change
    (_, path, first), more = joined.apart[0], len(joined.apart) - 1
    also = f", nor {more} more" if more else ""
    told = commands([one.commit for one in joined.apart])
    verbs = dict.fromkeys(f"{' '.join(command.split()[:2])} --continue" for command in told)
    return RefusedError(
        f"your {first.oid[:7]} is not on {change} yet{also}: {path} was changed on the remote, too",
        hint=(*told, f"where git stops, put the file right, git add it, and {' or '.join(verbs)}"),
    )
