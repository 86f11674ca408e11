"""`log`: the story of a change, one line a commit."""

import time

import click

from codexa_git.cli.desk import sat_down
from codexa_git.cli.screen import (
    bold,
    cells,
    clipped,
    dim,
    is_terminal,
    padded,
    shown,
    sides,
    wrapped,
    yellow,
)
from codexa_git.cli.telling import as_json, say
from codexa_git.errors import Exit
from codexa_git.workflow.changes.story import Entry, Story, story
from codexa_git.workflow.changes.wording import day

FORMAT = 1


@click.command("log", epilog="Example: git codexa log CH-001")
@click.argument("change", required=False)
@click.option("--json", "json_", is_flag=True, help="The same for a script.")
def log_(change: str | None, *, json_: bool) -> int:
    """Show the story of a change, newest first.

    Every commit and its records, open or landed.
    """
    with sat_down(writes=False) as desk:
        told = story(desk.ground, change)
    if json_:
        as_json(_facts(told))
    else:
        _say(told)
    return Exit.YES


def _facts(told: Story) -> dict[str, object]:
    return {
        "format": FORMAT,
        "change": told.change,
        "title": told.title,
        "milestone": told.milestone,
        "landed": told.landed,
        "abandoned": told.abandoned,
        "commits": [
            {
                "commit": entry.commit,
                "at": entry.at,
                "name": entry.name,
                "email": entry.email,
                "stage": entry.stage,
                "subject": entry.subject,
                "records": [{"id": r.id, "type": str(r.type), "at": r.at} for r in entry.records],
            }
            for entry in told.entries
        ],
    }


def _say(told: Story) -> None:
    place = "abandoned" if told.abandoned else "open"
    place = place if told.landed is None else f"landed as {told.landed[:7]}"
    say(
        bold(
            sides(
                f"{told.change}  {shown(told.title)}",
                ", ".join(filter(None, (told.milestone, place))),
            )
        )
    )
    column = min(20, max(cells(_who(entry)) for entry in told.entries))
    before = ""
    for entry in told.entries:
        then = time.localtime(entry.at)
        if day(entry.at) != before:
            before = day(entry.at)
            say()
            say(dim(before))
        clock = f"{then.tm_hour:02}:{then.tm_min:02}"
        start = f"{entry.commit[:7]}  {clock}  {padded(clipped(_who(entry), column), column)}  "
        what = shown(_what(told, entry))
        line = wrapped(what, start, " " * cells(start)) if is_terminal() else f"{start}{what}"
        say(f"{yellow(line[:7])}{line[7:]}")


def _who(entry: Entry) -> str:
    return shown(entry.name).removesuffix(" (agent)")


def _what(told: Story, entry: Entry) -> str:
    """The subject without the change's name, which is above, for a commit with records."""
    return entry.subject.removeprefix(f"{told.change} ") if entry.records else entry.subject
