"""`board`: all open changes, by whose turn it is."""

from collections.abc import Mapping

import click

from codexa_git.cli.desk import sat_down
from codexa_git.cli.screen import (
    bold,
    cells,
    clipped,
    dim,
    is_command,
    shown,
    sides,
    way_on,
    width,
    wrapped,
)
from codexa_git.cli.telling import as_json, say
from codexa_git.errors import Exit
from codexa_git.workflow.changes.wording import count, lasting
from codexa_git.workflow.reports.grouping import Group, Placed, grouped
from codexa_git.workflow.reports.surveying import survey, told_afar

FORMAT = 1
MOST = 12
"""How many changes of a group are shown where not all are asked for."""

_NARROW = 60

HEADINGS: dict[Group, str] = {
    Group.YOURS: "your move",
    Group.STUCK: "stuck",
    Group.LANDING: "waiting to land",
    Group.ANYONE: "next, by whoever runs it",
    Group.OTHERS: "waiting for others",
}


@click.command("board", epilog="Example: git codexa board")
@click.option("--all", "all_", is_flag=True, help="Every change of each group, however many.")
@click.option("--json", "json_", is_flag=True, help="The same for a script, always all of it.")
def board_(*, all_: bool, json_: bool) -> int:
    """Show all open changes, by whose turn it is."""
    with sat_down(writes=False) as desk:
        found, at = survey(desk.ground), desk.ground.at
        every = (*found, *told_afar(desk.ground))
        groups = grouped(every, desk.ground.policy, desk.reader, at)
        if json_:
            as_json(facts(groups))
        elif not any(groups.values()):
            say(f"no change is open on {desk.ground.branch}")
            say('hint: git codexa open "what should change"')
        else:
            say("\n\n".join(board(groups, at, None if all_ else MOST)))
        ended = sum(standing.state == "abandoned" for standing in every)
        if ended and not json_:
            say(f"\n{count(ended, 'change')} abandoned: git codexa status --all")
        return Exit.NO_ANSWER if any(s.state == "unreadable" for s in found) else Exit.YES


def facts(groups: Mapping[Group, tuple[Placed, ...]]) -> dict[str, object]:
    """What `--json` prints: these names are stable (docs/how-to/ask-from-a-script)."""
    return {
        "format": FORMAT,
        "groups": {str(group): [_facts(each) for each in found] for group, found in groups.items()},
    }


def _facts(placed: Placed) -> dict[str, object]:
    standing = placed.standing
    return {
        "change": standing.change,
        "title": standing.title,
        "state": standing.state,
        "stage": standing.stage,
        "who": standing.move.who,
        "what": placed.what,
        "command": placed.command,
        "since": standing.since or None,
    }


def board(groups: Mapping[Group, tuple[Placed, ...]], at: int, most: int | None) -> list[str]:
    """The groups that hold something, each as the lines of a screen."""
    ids = max(len(each.standing.change) for found in groups.values() for each in found)
    return [_group(group, found, at, most, ids) for group, found in groups.items() if found]


def _group(group: Group, found: tuple[Placed, ...], at: int, most: int | None, ids: int) -> str:
    lines = [bold(sides(HEADINGS[group], str(len(found))))]
    for placed in found[:most]:
        lines += [_heading(placed, at, ids), *_what(placed, ids)]
    if left := len(found) - len(found[:most]):
        lines.append(f"  and {left} more: git codexa board --all")
    return "\n".join(lines)


def _heading(placed: Placed, at: int, ids: int) -> str:
    standing = placed.standing
    place = standing.stage if standing.state == "open" else standing.state
    since = "" if placed.since is None else f", {lasting(at - placed.since)}"
    title = shown(standing.title) or ("(it cannot be read)" if place == "unreadable" else "")
    return sides(f"  {standing.change:{ids}}  {title}", f"{place}{since}")


def _what(placed: Placed, ids: int) -> list[str]:
    """What is to be done and the command that does it, on one line where they fit."""
    start = " " * (4 if width() < _NARROW else ids + 4)
    room = width() - len(start)
    words = clipped(shown(placed.what), 2 * room).split(" ")
    what = " ".join(clipped(word, room) for word in words)
    if placed.command is None:
        return [dim(wrapped(what, start, start))]
    if is_command(placed.command):
        command, joined = shown(placed.command), " " if what.endswith(", then") else ": "
        if cells(what) + len(joined) + cells(command) <= room:
            return [f"{start}{dim(what + joined)}{command}"]
    return [dim(wrapped(what, start, start)), way_on(placed.command, start)]
