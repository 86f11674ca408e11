"""`replay`: make a change's commits again, and say where they come out otherwise."""

import click

from codexa_git.audit.ids import parse_change_id
from codexa_git.change.text import visible
from codexa_git.cli.desk import sat_down
from codexa_git.cli.telling import as_json, say
from codexa_git.errors import Exit, RefusedError, rule_of
from codexa_git.workflow.changes.story import moment_to_read
from codexa_git.workflow.moves.replaying import RULE, Replayed, replay


@click.command("replay", epilog="Example: git codexa replay CH-001")
@click.argument("change", required=False)
@click.option("--json", "json_", is_flag=True, help="For a script.")
def replay_(change: str | None, *, json_: bool) -> int:
    """Make a change's commits again, and compare.

    The tool's commits are made anew from their inputs, offline and without keys.
    """
    with sat_down(writes=False) as desk:
        ground = desk.ground
        named = parse_change_id(change) if change else moment_to_read(ground, None, "replay").change
        replayed = replay(ground, named)
    if json_:
        as_json(_facts(replayed))
        return Exit.YES if replayed.apart is None else Exit.NO
    apart = replayed.apart
    if apart is not None:
        line = f":{apart.line}" if apart.line else ""
        place = f" {apart.path}{line}" if apart.path else ""
        raise RefusedError(
            f"{named} comes out otherwise at {apart.commit.oid[:12]}{visible(place)}:"
            f" {visible(apart.what)}",
            details=(rule_of(RULE),),
            hint=f"git show {apart.commit.oid[:12]}",
        )
    landing = ", the landing among them" if replayed.landing else ""
    say(f"{named} replays: {replayed.remade} commits made again with the same ids{landing}")
    say(f"{replayed.verbatim} of people, taken as they are")
    return Exit.YES


def _facts(replayed: Replayed) -> dict[str, object]:
    apart = replayed.apart
    return {
        "change": replayed.change,
        "remade": replayed.remade,
        "verbatim": replayed.verbatim,
        "landing": replayed.landing,
        "apart": None
        if apart is None
        else {
            "commit": apart.commit.oid,
            "path": apart.path,
            "line": apart.line,
            "what": apart.what,
        },
    }
