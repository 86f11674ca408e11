"""`backlog`: what is to be done, in what order."""

import click

from codexa_git.change.backlog import Item
from codexa_git.change.paths import BACKLOG
from codexa_git.change.text import visible
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.footing import warn_of_policy
from codexa_git.cli.ids import ITEM, MILESTONE, REQUIREMENT
from codexa_git.cli.onbase import say_pushed
from codexa_git.cli.telling import as_json, say, warn
from codexa_git.errors import Exit, UsageError
from codexa_git.workflow.changes.stocking import Stock, Stocked, Taken, add, is_ahead, rank, stock

_json = click.option("--json", "json_", is_flag=True, help="For a script.")
_place = click.IntRange(1, 10**6)


@click.group("backlog")
def backlog_() -> None:
    """Say what is to be done, in what order.

    Without a title, open takes the first item. Each of add and rank makes one commit on the base,
    of changes/backlog.toml alone, which you may also edit by hand. What has landed leaves the
    backlog with the next such commit.
    """


@backlog_.command("add", epilog='Example: git codexa backlog add "totals as JSON" --first')
@click.argument("title")
@click.option("--priority", type=_place, help="Its place; at the end where none is given.")
@click.option("--first", is_flag=True, help="The same as --priority 1.")
@click.option("--milestone", type=MILESTONE, help="The milestone it belongs to, such as MS-01.")
@click.option("--requirement", type=REQUIREMENT, multiple=True, help="What it meets, as FR-29.")
@_json
def add_(
    title: str,
    priority: int | None,
    milestone: str | None,
    requirement: tuple[str, ...],
    *,
    first: bool,
    json_: bool,
) -> int:
    """Put an item on the backlog."""
    if first and priority not in (None, 1):
        raise UsageError(f"--first is priority 1, and not {priority}", hint="give one of the two")
    with sat_down() as desk:
        warn_of_policy(desk.ground)
        requirements = tuple(dict.fromkeys(requirement))
        stocked = add(
            desk.ground,
            desk.person,
            title,
            milestone=milestone,
            requirements=requirements,
            place=1 if first else priority,
        )
        _warn_of_unknown(desk, milestone)
        return _told(desk, stocked, json_=json_)


def _warn_of_unknown(desk: Desk, milestone: str | None) -> None:
    known = [one.id for one in desk.ground.policy.milestones]
    if milestone is not None and milestone not in known:
        warn(
            f"{milestone} has no start date in the policy, so its weeks cannot be counted",
            f"an owner adds [milestone.{milestone}] start = ... to codexa.toml",
        )


@backlog_.command("rank", epilog="Example: git codexa backlog rank BL-003 1")
@click.argument("item", type=ITEM)
@click.argument("priority", type=_place)
@_json
def rank_(item: str, priority: int, *, json_: bool) -> int:
    """Give an item another place; 1 is done first, and the others make room."""
    with sat_down() as desk:
        warn_of_policy(desk.ground)
        stocked = rank(desk.ground, desk.person, item, priority)
        return _told(desk, stocked, json_=json_)


def _told(desk: Desk, stocked: Stocked, *, json_: bool) -> int:
    if json_:
        facts = {"commit": stocked.commit.oid, **_facts(stocked.item, None)}
        as_json(facts | {"cleared": list(stocked.cleared)})
        return Exit.YES
    commit = stocked.commit
    say(f"[{desk.ground.branch} {commit.oid[:7]}] {visible(commit.subject)}")
    say_pushed(desk.ground)
    for name in stocked.cleared:
        say(f"{name} has landed and left the backlog")
    return Exit.YES


@backlog_.command("list", epilog="Example: git codexa backlog list --json")
@_json
def list_(*, json_: bool) -> int:
    """List what is to be done, first things first, and what a change took already."""
    with sat_down(writes=False) as desk:
        found = stock(desk.ground)
        if is_ahead(desk.ground):
            branch = desk.ground.branch
            warn(f"{BACKLOG} on your {branch} is not pushed, so nobody reads it yet", "git push")
    takers = found.takers
    if json_:
        as_json([_facts(item, takers.get(item.id)) for item in found.items])
        return Exit.YES
    for item in found.items:
        say(_line(item, takers.get(item.id)))
    _say_what_next(found)
    return Exit.YES


def _facts(item: Item, taker: Taken | None) -> dict[str, object]:
    return {
        "id": item.id,
        "title": item.title,
        "priority": item.priority,
        "milestone": item.milestone,
        "requirements": list(item.requirements),
        "change": None if taker is None else taker.change,
        "landed": taker is not None and taker.landed,
    }


def _line(item: Item, taker: Taken | None) -> str:
    about = [item.milestone or "", *item.requirements]
    about += [] if taker is None else [f"{taker.change}{' landed' if taker.landed else ''}"]
    more = ", ".join(filter(None, about))
    said = f"{item.priority:>3}  {item.id}  {visible(item.title)}"
    return f"{said}  ({more})" if more else said


def _say_what_next(found: Stock) -> None:
    if found.waiting:
        say(f"next: git codexa open takes {found.waiting[0].id}")
        return
    say("the backlog is empty" if not found.items else "every item is taken")
    say('hint: git codexa backlog add "what is to be done"')
