"""`milestone`: what of a milestone is landed, open, and in the backlog."""

import click

from codexa_git.change.text import visible
from codexa_git.cli.desk import sat_down
from codexa_git.cli.ids import MILESTONE
from codexa_git.cli.telling import as_json, say
from codexa_git.errors import Exit
from codexa_git.workflow.moves.milestones import Progress, progress, told


@click.command("milestone", epilog="Example: git codexa milestone MS-01")
@click.argument("milestone", required=False, type=MILESTONE)
@click.option("--json", "json_", is_flag=True, help="For a script.")
def milestone_(milestone: str | None, *, json_: bool) -> int:
    """Show what of a milestone is landed, open, and waiting.

    Of all of them where none is named.
    """
    with sat_down(writes=False) as desk:
        found = progress(desk.ground, milestone)
    if json_:
        as_json([_facts(one) for one in found])
        return Exit.YES
    for number, one in enumerate(found):
        if number:
            say()
        _show(one)
    if not found:
        say("there is no milestone yet")
        say("hint: an owner adds [milestone.MS-01] start = 2026-11-23 to codexa.toml")
    return Exit.YES


def _show(found: Progress) -> None:
    counted = found.week.startswith("Week-")
    when = f"from {found.start}, {found.week}" if counted else found.week
    say(f"{found.id}  {when.removeprefix(f'{found.id} ')}")
    for landed in found.landed:
        problem = "" if landed.problem is None else f"  ({visible(landed.problem)})"
        say(f"  landed   {landed.change}  {visible(landed.title)}{problem}")
    for change in found.open:
        say(f"  {change.stage:<8} {change.change}  {visible(change.title)}")
    for item in found.waiting:
        say(f"  backlog  {item.id}  {visible(item.title)}")
    for name, value in told(found.totals).items() if found.landed else ():
        say(f"{name:<10}  {value}")
    if found.tagged is not None:
        say(f"tag         milestone/{found.id} at {found.tagged[:12]}")


def _facts(found: Progress) -> dict[str, object]:
    return {
        "milestone": found.id,
        "start": found.start,
        "week": found.week,
        "complete": found.is_complete,
        "landed": [
            {
                "change": one.change,
                "title": one.title,
                "figures": None if one.figures is None else one.figures._asdict(),
                "problem": one.problem,
            }
            for one in found.landed
        ],
        "open": [
            {"change": one.change, "title": one.title, "stage": str(one.stage)}
            for one in found.open
        ],
        "backlog": [{"id": item.id, "title": item.title} for item in found.waiting],
        "totals": found.totals._asdict(),
        "tagged": found.tagged,
    }
