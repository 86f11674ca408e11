"""`open`, `advance`, `rework`, `sync`, `land`: how a change moves."""

from functools import partial
from typing import BinaryIO

import click

from codexa_git.audit.ids import change_id, parse_change_id
from codexa_git.audit.words import Stage
from codexa_git.change.paths import BACKLOG
from codexa_git.change.text import visible
from codexa_git.cli.desk import Desk, sat_down, say, say_waits, shared, told, warn
from codexa_git.cli.ids import MILESTONE, REQUIREMENT
from codexa_git.cli.progress import watched
from codexa_git.cli.refusals import refusal
from codexa_git.cli.words import spoken
from codexa_git.errors import CodexaError, Exit, RefusedError, RepositoryError, UsageError
from codexa_git.repository.objects import Commit
from codexa_git.repository.remotes import Push, push, remotes
from codexa_git.workflow.advancing import Advanced, Ended, How, advance, rework
from codexa_git.workflow.advancing import until_blocked as until_blocked_
from codexa_git.workflow.ground import CHANGE_PREFIX
from codexa_git.workflow.landing import land
from codexa_git.workflow.milestones import complete
from codexa_git.workflow.milestones import told as told_totals
from codexa_git.workflow.moment import Moment
from codexa_git.workflow.opening import (
    Request,
    in_cleanup,
    next_number,
    open_change,
    refresh,
    standing_in_cleanup,
)
from codexa_git.workflow.planning import DEFAULT_SEED
from codexa_git.workflow.publishing import publish, start
from codexa_git.workflow.signing import require_tester, tester_signs
from codexa_git.workflow.stocking import first_waiting
from codexa_git.workflow.syncing import sync

MOST_CLAIMS = 50


@click.command("open")
@click.argument("title", required=False)
@click.option("--context", default="", help="Why: one or more paragraphs.")
@click.option("--scope", multiple=True, help="What is part of it; may be given again.")
@click.option("--out-of-scope", multiple=True, help="What is not; may be given again.")
@click.option("--criterion", multiple=True, help="An acceptance criterion; may be given again.")
@click.option("--brief", type=click.File("rb"), help="A brief of your own; - reads standard input.")
@click.option("--milestone", type=MILESTONE, help="The milestone it belongs to, such as MS-01.")
@click.option("--requirement", type=REQUIREMENT, multiple=True, help="What it meets, as FR-29.")
@click.option("--no-switch", is_flag=True, help="Stay on the branch you are on.")
def open_(
    title: str | None,
    context: str,
    scope: tuple[str, ...],
    out_of_scope: tuple[str, ...],
    criterion: tuple[str, ...],
    brief: BinaryIO | None,
    milestone: str | None,
    requirement: tuple[str, ...],
    *,
    no_switch: bool,
) -> int:
    """Open a change: claim the next number, and write its brief on a branch of its own.

    Without TITLE the first item of the backlog is taken. With the id of an open change, such as
    CH-001, its brief gets the sections that it lacks.
    """
    request = Request(
        title or "",
        context,
        scope,
        out_of_scope,
        criterion,
        milestone,
        requirement,
        None if brief is None else brief.read(),
    )
    with sat_down() as desk:
        if title is not None and title.startswith("CH-"):
            return _refreshed(desk, request, no_switch=no_switch)
        _look_at_cleanup(desk)
        change, commit = _claimed(desk, request if title is not None else _next(desk, request))
        say(f"[change/{change} {commit[:7]}] {desk.store.commit(commit).subject}")
        if not no_switch and desk.store.work_tree is not None:
            _switch(desk, change)
        say(f"next: edit changes/{change}/brief.md, commit, then: git codexa advance")
    return Exit.YES


def _next(desk: Desk, request: Request) -> Request:
    """The request for the backlog's first item that nobody took."""
    if request.milestone is not None or request.requirements:
        raise UsageError(
            "milestone and requirements come with the item of the backlog",
            hint=f"write them in {BACKLOG}, or give a title",
        )
    item = first_waiting(desk.ground)
    say(f"{item.id} is next: {visible(item.title)}")
    return request.of(item)


def _look_at_cleanup(desk: Desk) -> None:
    """One is closed before the next begins: a refusal, or while observing a warning."""
    state = standing_in_cleanup(desk.ground, desk.person)
    if state is None:
        return
    error = in_cleanup(state)
    if desk.ground.enforces:
        raise error
    warn(f"{error.message}; enforcing would refuse this", *error.hints)


def _refreshed(desk: Desk, request: Request, *, no_switch: bool) -> int:
    """What a change lacks is filled in, and the checkout stands on it."""
    change = parse_change_id(request.title)
    if request != Request(request.title):
        raise UsageError(f"{change} is open already", hint="its brief is there to be edited")
    moment = desk.moment(change)
    built = refresh(moment, desk.person)
    status = int(Exit.YES)
    if built is None:
        say(f"nothing is missing in {change}")
    else:
        status = told(publish(moment, built), pushes=True)
    if not no_switch and desk.store.work_tree is not None:
        _switch(desk, change)
    return status


def _claimed(desk: Desk, request: Request) -> tuple[str, str]:
    """The change's id and its first commit, claimed on the remote where there is one."""
    number = next_number(desk.ground)
    for attempt in range(MOST_CLAIMS):
        change = change_id(number + attempt)
        built = open_change(desk.ground, desk.person, request, number + attempt)
        ref = f"{CHANGE_PREFIX}{change}"
        if desk.store.ref(ref) is not None:
            continue
        taken = _claim(desk, ref, built.commit.oid)
        if taken and request.item is not None:
            raise RefusedError(
                f"{change} was opened elsewhere meanwhile, and may have taken {request.item}",
                hint="git fetch, then: git codexa open",
            )
        if taken:
            continue
        start(desk.store, ref, built)
        return change, built.commit.oid
    raise RefusedError(f"no free number after {MOST_CLAIMS} tries", hint="git fetch")


def _claim(desk: Desk, ref: str, oid: str) -> bool:
    """True where the remote has that branch already; offline nothing is claimed, as is said."""
    if "origin" not in remotes(desk.store):
        return False
    try:
        refused = push(desk.store, "origin", [Push(oid, ref, None)])
    except RepositoryError as error:
        warn(
            f"the number is not claimed on origin: {error.message}",
            "git push -u origin HEAD when you can; another may take the number before",
        )
        return False
    if not refused:
        branch = ref.removeprefix("refs/heads/")
        desk.store.set_config(f"branch.{branch}.remote", "origin")
        desk.store.set_config(f"branch.{branch}.merge", ref)
    return bool(refused)


def _switch(desk: Desk, change: str) -> None:
    status, _ = desk.store.git.answer("switch", "--quiet", f"change/{change}")
    if status != 0:
        warn(
            "your checkout stays where it is: uncommitted work is in the way",
            f"git switch change/{change} when you are ready",
        )


@click.command("advance")
@click.argument("change", required=False)
@click.option("--until-blocked", is_flag=True, help="Go on until a person is needed.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=DEFAULT_SEED, help="Plan with it.")
@click.option("--replan", is_flag=True, help="In spec: make the plan again from the brief.")
@click.option(
    "--unapproved", is_flag=True, help="While observing: run without approval, on record."
)
@click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
def advance_(
    change: str | None,
    seed: int,
    *,
    until_blocked: bool,
    replan: bool,
    unapproved: bool,
    no_push: bool,
) -> int:
    """Let the stage's agent do its work, ask the gate, and hand the change on."""
    with sat_down() as desk, watched() as tell:
        moment = desk.moment(change)
        tester = (desk.store, moment.policy, desk.ground.environment)
        how = How(
            desk.person,
            tester_signs(*tester),
            partial(require_tester, *tester),
            tell,
            seed,
            replan=replan,
            unapproved=unapproved,
        )
        before = [moment.tip.oid]

        def told_step(step: Advanced) -> None:
            _say_commits(desk, before[0], step)
            before[0] = step.moment.tip.oid

        if until_blocked:
            last = until_blocked_(moment, how, told_step)
        else:
            last = advance(moment, how)
            told_step(last)
        if not no_push:
            shared(last.moment)
        return _ended(last)


def _say_commits(desk: Desk, before: str, step: Advanced) -> None:
    tip = step.moment.tip.oid
    for commit in [] if tip == before else desk.store.between(before, tip):
        branch = step.moment.ref.removeprefix("refs/heads/")
        say(f"[{branch} {commit.oid[:7]}] {commit.subject}")


def _ended(last: Advanced) -> int:
    moment = last.moment
    if last.ended is Ended.WAITING:
        say_waits(moment, last.paths)
        return Exit.NO
    if last.ended is Ended.MOVED:
        return Exit.YES
    if not last.why:
        say(f"{moment.change} is closed and can land: git codexa land {moment.change}")
        return Exit.YES
    raise refusal(moment, last.stage, last.why)


@click.command("rework")
@click.argument("change", required=False)
@click.option("--to", "target", type=click.Choice([str(s) for s in Stage][:-1]), default="execute")
@click.option("--task", multiple=True, help="A task to do again; all of them where none is named.")
@click.option("-m", "--message", "reason", required=True, help="Why.")
@click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
def rework_(
    change: str | None, target: str, task: tuple[str, ...], reason: str, *, no_push: bool
) -> int:
    """Send the change back to a stage, which starts a new round there."""
    with sat_down() as desk:
        moment = desk.moment(change)
        why = spoken(reason, "a reason")
        built = rework(moment, desk.person, Stage(target), why, task)
        return told(publish(moment, built), pushes=not no_push)


@click.command("sync")
@click.argument("change", required=False)
@click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
def sync_(change: str | None, *, no_push: bool) -> int:
    """Bring the base into the change now, before closing would."""
    with sat_down() as desk:
        moment = desk.moment(change)
        return told(publish(moment, sync(moment, desk.person)), pushes=not no_push)


@click.command("land")
@click.argument("change", required=False)
def land_(change: str | None) -> int:
    """Land a closed change: the merge on the base, judged from two trees alone."""
    with sat_down() as desk:
        moment = desk.moment(change)
        landed = land(moment, desk.person)
        say(f"[{desk.ground.branch} {landed.commit.oid[:7]}] {landed.commit.subject}")
        if not landed.verdict.lands:
            unmet = ", ".join(ask.name for ask in landed.verdict.unmet) or "only claimed"
            warn(f"landed while observing, though enforcing would refuse: {unmet}")
        say(
            f"tag landed/{moment.change}; git log --first-parent {desk.ground.branch} is the review"
        )
        _complete(desk, moment, landed.commit)
    return Exit.YES


def _complete(desk: Desk, moment: Moment, landing: Commit) -> None:
    """The milestone's tag, where this was its last; the landing stands whatever becomes of it."""
    milestone = moment.state.opened.data["milestone"]
    try:
        tagged = complete(desk.ground._replace(tip=landing), milestone, landing, desk.person)
    except CodexaError as error:
        warn(f"{milestone} was not looked at: {error.message}", *error.hints)
        return
    if tagged is None:
        return
    figures = ", ".join(f"{name} {value}" for name, value in told_totals(tagged.totals).items())
    say(f"tag {tagged.name}: {figures}")
    if tagged.problem is not None:
        warn(f"the tag is not pushed: {visible(tagged.problem)}", f"git push origin {tagged.name}")
