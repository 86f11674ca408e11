"""`digest` and `report`: what moved and what waits, for people who were not looking."""

from typing import Any

import click

from codexa_git.cli.desk import sat_down
from codexa_git.cli.footing import unlanded_told
from codexa_git.cli.onbase import say_on_base
from codexa_git.cli.progress import watched
from codexa_git.cli.telling import as_json, say, warn
from codexa_git.errors import Exit, UsageError
from codexa_git.pages.digest import DigestFacts, digest_markdown
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.reports.digesting import Kind, gather
from codexa_git.workflow.reports.notifying import Sent, notify
from codexa_git.workflow.reports.reporting import Written, write_totals, write_week

FORMAT = 1
_PRESENT = "present"


def _week(text: str) -> int:
    """The number of a week; 0 for the present one, where none was typed."""
    if text == _PRESENT:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) < 3 and int(text)):
        raise click.BadParameter(f"{text[:20]!a} is no week: the first is 1, the last 99")
    return int(text)


@click.command("digest", epilog="Example: git codexa digest --daily --notify")
@click.option("--daily", is_flag=True, help="Of this day (default).")
@click.option("--weekly", is_flag=True, help="Of this week.")
@click.option("--notify", "notifies", is_flag=True, help="Send it, once, to where policy says.")
@click.option("--write", "writes", is_flag=True, help="Commit the totals to PROGRESS.md.")
@click.option("--json", "json_", is_flag=True, help="For a script.")
def digest_(*, daily: bool, weekly: bool, notifies: bool, writes: bool, json_: bool) -> int:
    """Tell what moved and what waits; send it once a day.

    What is in the way is told too, and whose move it is. It is sent once, however often this runs
    and from however many clones of one remote; what could not be sent is a warning, and is tried
    again the next time.
    """
    if daily and weekly:
        raise UsageError("--daily and --weekly are two digests", hint="ask for one after the other")
    kind = Kind.WEEKLY if weekly else Kind.DAILY
    with sat_down(writes=notifies or writes) as desk:
        facts = gather(desk.ground, kind)
        sent = notify(desk.ground, facts, kind) if notifies else None
        if json_:
            as_json(_facts(facts, sent))
        elif sent is None:
            say(digest_markdown(facts).rstrip("\n"))
        if sent is not None:
            _say_sent(sent, quiet=json_)
        if writes:
            with watched() as tell:
                written = write_totals(desk.ground, desk.person, tell)
            if not json_:
                _say_written(desk.ground, written)
    return Exit.YES


def _facts(facts: DigestFacts, sent: Sent | None) -> dict[str, object]:
    plain = {name: _fact(value) for name, value in facts._asdict().items() if name != "figures"}
    told = None if sent is None else sent._asdict() | {"failed": dict(sent.failed)}
    return {"format": FORMAT, **plain, "sent": told}


def _fact(value: Any) -> object:  # noqa: ANN401 (a fact is a text, a number, or several values)
    if not isinstance(value, tuple):
        return value
    return [item if isinstance(item, str) else item._asdict() for item in value]


def _say_sent(sent: Sent, *, quiet: bool) -> None:
    for note in sent.notes:
        warn(note)
    for name, why in sent.failed:
        warn(f"the digest did not reach {name}: {why}", "it is tried again the next time")
    if quiet:
        return
    if sent.already:
        say("sent already")
    elif sent.to:
        say(f"sent to {', '.join(sent.to)}")


def _say_written(ground: Ground, written: Written) -> None:
    if written.commit is None:
        say(f"{written.path} says so already")
    else:
        say_on_base(ground, written.commit)


@click.command("report", epilog="Example: git codexa report --week")
@click.option(
    "--week",
    is_flag=False,
    flag_value=_PRESENT,
    type=_week,
    metavar="[N]",
    help="A week of the milestone: this one, or the one of this number.",
)
@click.option("--milestone", help="Which one, such as MS-01; the present one by itself.")
def report_(week: int | None, milestone: str | None) -> int:
    """Write the totals, or a milestone's week.

    The totals stand in PROGRESS.md, a week (--week [N]) in docs/STATUS_REPORT.md. It is a commit of
    yours on the base, pushed where that follows a remote, and none where nothing would change. A
    week that is over is told as its records told it then.
    """
    with sat_down() as desk, watched() as tell:
        if (wrong := unlanded_told(desk.ground)) is not None:
            warn(wrong, "git codexa verify tells what is wrong with it")
        if week is None and milestone is None:
            _say_written(desk.ground, write_totals(desk.ground, desk.person, tell))
            return Exit.YES
        told, written = write_week(desk.ground, desk.person, milestone, week or None)
        _say_written(desk.ground, written)
        if written.commit is None:
            say(f"{told.milestone} {told.name} is as it was")
    return Exit.YES
