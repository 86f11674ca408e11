"""`open`: a change begins, from the backlog or from a title."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from codexa_git.audit.ids import change_id, parse_change_id
from codexa_git.change.paths import BACKLOG
from codexa_git.change.text import visible
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.footing import warn_of_policy
from codexa_git.cli.ids import MILESTONE, REQUIREMENT
from codexa_git.cli.opened import next_of, tell, warn_without_base
from codexa_git.cli.telling import say, say_commit, told, warn
from codexa_git.errors import Exit, RefusedError, RepositoryError, UsageError
from codexa_git.repository.crossing import Crossing, cross
from codexa_git.repository.remotes import Push, leaves_room
from codexa_git.repository.store import Store
from codexa_git.workflow.base.following import remote_of_changes
from codexa_git.workflow.base.ground import CHANGE_PREFIX
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.together.publishing import openings, publish, start

if TYPE_CHECKING:
    from codexa_git.workflow.stages.opening import Request

MOST_CLAIMS = 50
_ID = re.compile(r"CH-[0-9]*")
_ITEM = re.compile(r"BL-[0-9]*", re.IGNORECASE)


@click.command("open", epilog="Example: git codexa open 'totals as JSON' --milestone MS-01")
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
    """Open a change: its number, its branch, its brief.

    Without TITLE the first item of the backlog is taken, and with the id of one that waits, such
    as BL-001, that item. With the id of an open change, such as CH-001, its brief gets the sections
    that it lacks. The number is claimed on the remote where there is one.
    """
    from codexa_git.workflow.stages.opening import Request, open_change

    if title is not None and not title.strip():
        raise UsageError("a title cannot be empty", hint="git codexa open takes the backlog's next")
    request = Request(
        title or "",
        context,
        scope,
        out_of_scope,
        criterion,
        milestone,
        requirement,
        *((None,) if brief is None else (brief.read(), _named(brief))),
    )
    with sat_down() as desk:
        if title is not None and _ID.fullmatch(title):
            return _refreshed(desk, request, no_switch=no_switch)
        look_at_cleanup(desk)
        asked = _asked(desk, request)
        change = _open_again(desk, asked) or claimed(
            desk, partial(open_change, desk.ground, desk.person, asked), asked.item
        )
        if not no_switch:
            switch(desk, change)
        say(next_of(desk, change, wrote=bool(criterion or brief)))
    return Exit.YES


def _open_again(desk: Desk, asked: "Request") -> str | None:
    """The change that is open by this very request already, as is said, if there is one."""
    from codexa_git.workflow.stages.opening import opened_just_so

    change = opened_just_so(desk.ground, desk.person, asked)
    if change is not None:
        say(f"{change} is open already, and nothing has happened to it since")
    return change


def _asked(desk: Desk, request: "Request") -> "Request":
    """The request as it is, or for the item of the backlog that it names or that comes next."""
    from codexa_git.workflow.changes.stocking import first_waiting, waiting_item

    if request.title and not _ITEM.fullmatch(request.title):
        return request
    if request.milestone is not None or request.requirements:
        raise UsageError(
            "milestone and requirements come with the item of the backlog",
            hint=f"write them in {BACKLOG}, or give a title",
        )
    if request.title:
        item = waiting_item(desk.ground, request.title)
        say(f"{item.id} is taken: {visible(item.title)}")
    else:
        item = first_waiting(desk.ground)
        say(f"{item.id} is next: {visible(item.title)}")
    return request.of(item)


def look_at_cleanup(desk: Desk) -> None:
    """One is closed before the next begins: a refusal, or while observing a warning."""
    from codexa_git.workflow.stages.opening import in_cleanup, standing_in_cleanup

    state = standing_in_cleanup(desk.ground, desk.person)
    if state is None:
        return
    error = in_cleanup(desk.ground, state)
    if desk.ground.enforces:
        raise error
    warn(f"{error.message}; enforcing would refuse this", *error.hints)


def _refreshed(desk: Desk, request: "Request", *, no_switch: bool) -> int:
    """What a change lacks is filled in, and the checkout stands on it."""
    from codexa_git.workflow.stages.opening import Request, refresh

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
    if not no_switch:
        switch(desk, change)
    return status


def _named(brief: BinaryIO) -> str:
    """How the person calls their brief; the brief of another change is any file here."""
    if brief.name == "<stdin>":
        return "standard input"
    return Path(brief.name).name if "/changes/CH-" in f"/{brief.name}" else str(brief.name)


def claimed(desk: Desk, opens: Callable[[int], Built], item: str | None = None) -> str:
    """The id of the change that `opens` makes of a number, which nobody else has: it is open now.

    The number is claimed on the remote where there is one. `item` is what it was opened for.
    """
    from codexa_git.workflow.stages.opening import next_number

    warn_of_policy(desk.ground)
    number = next_number(desk.ground)
    for attempt in range(MOST_CLAIMS):
        change = change_id(number + attempt)
        built = opens(number + attempt)
        ref = f"{CHANGE_PREFIX}{change}"
        if not _is_taken(desk.store, ref) and _is_claimed(desk, ref, built):
            say_commit(ref, built.commit)
            tell(desk, change)
            warn_without_base(desk)
            return change
        _refuse_race(change, item)
    raise RefusedError(f"no free number after {MOST_CLAIMS} tries", hint="git fetch")


def _refuse_race(change: str, item: str | None) -> None:
    """Nothing, but where the change that came between may have taken the very item."""
    if item is not None:
        raise RefusedError(
            f"{change} was opened elsewhere meanwhile, and may have taken {item}",
            hint="git fetch, then: git codexa open",
        )


def _is_started(store: Store, ref: str, built: Built) -> bool:
    """True where the branch holds the change now; false where another command was quicker."""
    try:
        start(store, ref, built)
    except (RefusedError, RepositoryError):
        if store.ref(ref) is None:
            raise
        return False
    return True


def _is_taken(store: Store, ref: str) -> bool:
    """True where another branch has this name, or one that leaves no room for it.

    Raises:
        RefusedError: a branch `change` leaves room for no change at all.
    """
    parent = CHANGE_PREFIX.rstrip("/")
    if store.ref(parent) is not None:
        raise RefusedError(
            "a branch named 'change' leaves no room for change/CH-### beside it",
            hint="git branch -m change another-name",
        )
    return bool(store.refs(ref))


def _is_claimed(desk: Desk, ref: str, built: Built) -> bool:
    """True where the branch holds the change, here and on the remote; false where another has it.

    Offline nothing is claimed, as is said.

    Raises:
        RefusedError: the remote takes it under no number.
    """
    store, remote = desk.store, remote_of_changes(desk.ground)
    if remote is None:
        return _is_started(store, ref, built)
    branch = ref.removeprefix("refs/heads/")
    follows = ((f"branch.{branch}.remote", remote), (f"branch.{branch}.merge", ref))
    crossing = Crossing(
        remote,
        (Push(built.commit.oid, ref, None),),
        openings(store, ref, built),
        f"codexa: {built.commit.subject}",
        follows,
    )
    try:
        refused = cross(store, crossing)
        if refused and leaves_room(store, remote, ref):
            why, *hints = refused[0].told or (refused[0].why,)
            raise RefusedError(f"{remote} does not take {branch}: {why}", hint=tuple(hints))
        return not refused
    except RepositoryError as error:
        if store.ref(ref) is not None:
            return False
        change = ref.removeprefix(CHANGE_PREFIX)
        warn(
            f"the number is not claimed on {remote}: {error.message}",
            "the first push claims it; if another change has taken it by then, this one gets the"
            " next that is free",
            f"when you can: git codexa sync {change}",
        )
    if not _is_started(store, ref, built):
        return False
    for name, value in follows:
        store.set_config(name, value)
    return True


def switch(desk: Desk, change: str) -> None:
    """The checkout, where there is one, stands on the change; or a warning says why not."""
    if desk.store.work_tree is None:
        return
    status, _ = desk.store.git.answer("switch", "--quiet", f"change/{change}")
    if status != 0:
        warn(
            "your checkout stays where it is: uncommitted work is in the way",
            f"git switch change/{change} when you are ready",
        )
