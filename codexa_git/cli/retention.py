"""`retention`: what is held of outputs, where and until when; and sweeping."""

from typing import TYPE_CHECKING

import click

from codexa_git.audit.record import time_of
from codexa_git.change.text import counted, visible
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.onbase import say_on_base
from codexa_git.cli.progress import watched
from codexa_git.cli.screen import bold, padded
from codexa_git.cli.telling import as_json, say, say_commit, warn
from codexa_git.errors import Exit
from codexa_git.workflow.owners.holding import Holding, Kept, holdings, kept_where

FORMAT = 1
if TYPE_CHECKING:
    # Listing starts without what sweeping needs.
    from codexa_git.workflow.owners.sweeping import Swept

_json = click.option("--json", "json_", is_flag=True, help="For a script.")


@click.group("retention", invoke_without_command=True)
@click.pass_context
def retention_(context: click.Context) -> int:
    """Show what is held of outputs, and sweep what may go.

    The tree keeps the digests of full outputs; their bodies lie at one ref a change, here and on
    remotes. Policy says whether they are kept for ever, or for how many days. Without a word after
    it, this is the list.
    """
    return Exit.YES if context.invoked_subcommand else int(context.invoke(list_, json_=False))


@retention_.command("list", epilog="Example: git codexa retention list")
@_json
def list_(*, json_: bool) -> int:
    """List what is held, where, until when.

    One line a change that left an output: how many are held, which of this clone and its remotes
    have bodies of it, and when policy lets them go. Remotes are asked.
    """
    with sat_down(writes=False) as desk, watched() as tell:
        found = holdings(desk.ground)
        tell("asking remotes")
        kept = kept_where(desk.ground)
        at = desk.ground.at
    for remote, why in kept.unasked:
        warn(f"{visible(remote)} was not asked: {visible(why)}")
    if json_:
        as_json({"format": FORMAT, "changes": [_facts(one, kept, at) for one in found]})
    elif not found:
        say("no change left an output")
    else:
        _say_table([_row(one, kept, at) for one in found])
    return Exit.YES


def _facts(holding: Holding, kept: Kept, at: int) -> dict[str, object]:
    return {
        "change": holding.change,
        "place": holding.place,
        "held": list(holding.held),
        "at": list(kept.places.get(holding.change, ())),
        "until": None if holding.goes is None else time_of(holding.goes),
        "due": holding.is_due(at),
        "dropped": list(holding.dropped),
        "swept": None if holding.by is None else {"at": holding.when, "by": holding.by},
        "problem": holding.problem,
    }


def _row(holding: Holding, kept: Kept, at: int) -> tuple[str, str, str, str]:
    number = counted(len(holding.held), "output") if holding.held else "-"
    places = ", ".join(map(visible, kept.places.get(holding.change, ()))) or "not held here"
    return holding.change, number, places, _until(holding, at)


def _until(holding: Holding, at: int) -> str:
    if holding.problem is not None:
        return f"cannot be read: {visible(holding.problem)}"
    if not holding.held:
        by = "" if holding.by is None else f" on {(holding.when or '')[:10]} by {holding.by}"
        return f"{counted(len(holding.dropped), 'output')} dropped{visible(by)}"
    if holding.place == "open":
        return "until it closes"
    if holding.goes is None:
        return f"{holding.place}, kept"
    day = time_of(holding.goes)[:10]
    return f"{holding.place}, {'may go since' if holding.is_due(at) else 'until'} {day}"


def _say_table(rows: list[tuple[str, str, str, str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [padded(text, width) for text, width in zip(row[:3], widths, strict=True)]
        say(f"{bold(cells[0])}  {'  '.join(cells[1:])}  {row[3]}")


@retention_.command("sweep", epilog="Example: git codexa retention sweep --dry-run")
@click.option("--dry-run", is_flag=True, help="Say what would go, and do nothing.")
@_json
def sweep_(*, dry_run: bool, json_: bool) -> int:
    """Let go of what policy no longer wants.

    An owner signs the record of it, one commit on the base; then the bodies go, from here and from
    every remote that has them. A remote that refuses is named, and the next sweep tries again.
    Where nothing is due there is no commit.
    """
    from codexa_git.workflow.owners.sweeping import due, sweep

    with sat_down(writes=not dry_run) as desk:
        if dry_run:
            return _would_go(due(desk.ground), json_=json_)
        with watched() as tell:
            tell("sweeping")
            swept = sweep(desk.ground, desk.person, desk.sign)
        if json_:
            as_json(_told(swept))
        else:
            _say_swept(desk, swept)
    left = [one for one in swept.released if one.problem is not None]
    for one in left:
        stays = f"the outputs of {one.change} stay at {one.place}" if one.change else one.place
        warn(f"{visible(stays)}: {visible(one.problem or '')}", "the next sweep tries again")
    return Exit.NO_ANSWER if left else Exit.YES


def _would_go(found: tuple[Holding, ...], *, json_: bool) -> int:
    if json_:
        as_json({"format": FORMAT, "due": [{"change": h.change, "items": h.held} for h in found]})
    elif not found:
        say("nothing is due")
    for holding in () if json_ else found:
        say(f"{holding.change}  {counted(len(holding.held), 'output')} would go")
    return Exit.YES


def _told(swept: "Swept") -> dict[str, object]:
    return {
        "format": FORMAT,
        "commit": None if swept.commit is None else swept.commit.oid,
        "branches": [one.moment.tip.oid for one in swept.published if not one.waits],
        "released": [one._asdict() for one in swept.released],
    }


def _say_swept(desk: Desk, swept: "Swept") -> None:
    if swept.commit is not None:
        say_on_base(desk.ground, swept.commit)
    for one in swept.published:
        if not one.waits:
            say_commit(one.moment.ref, one.moment.tip)
    away = [one for one in swept.released if one.problem is None]
    for place in dict.fromkeys(one.place for one in away):
        names = ", ".join(one.change for one in away if one.place == place)
        say(f"gone from {'this clone' if place == 'here' else visible(place)}: {names}")
    if swept.commit is None and not swept.published and not swept.released:
        say("nothing is due")
