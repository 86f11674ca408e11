"""`audit`: the records of all changes as one stream."""

import sys
import time
from collections.abc import Iterable

import click

from codexa_git.audit.ids import parse_change_id
from codexa_git.audit.record import Record, format_record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.change.text import visible
from codexa_git.cli.desk import sat_down
from codexa_git.cli.outlets import heard
from codexa_git.cli.screen import clipped, dim, padded, shown
from codexa_git.cli.telling import say, warn
from codexa_git.errors import Exit, UsageError
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.reports.auditing import Stream, detail, moved, stream

_PAUSE = 1.0
"""Seconds between two looks at the refs."""

_CHANGE, _TYPE, _WHO = 7, 22, 24


@click.command("audit", epilog="Example: git codexa audit concerns CH-001 --follow")
@click.argument("what", nargs=-1, metavar="[LOG] [CHANGE]")
@click.option("--follow", is_flag=True, help="Wait for new records; Ctrl-C ends it.")
@click.option("--json", "json_", is_flag=True, help="Each record's own line.")
def audit_(what: tuple[str, ...], *, follow: bool, json_: bool) -> int:
    """Print the records of all changes as one stream.

    Landed changes, open ones and the repository's own records, ordered by time. LOG is handoff,
    commands, concerns or retention; all four where none is named. What a record says is what
    somebody wrote: whether it counts is for the gates to say.
    """
    log, change = _asked(what)
    with sat_down(writes=False) as desk:
        found = stream(desk.ground, log, change)
        _print(found.records, json_=json_)
        for problem in found.unread:
            warn(visible(problem))
        if follow:
            _follow(desk.ground, found, log, change, json_=json_)
    return Exit.NO_ANSWER if found.unread else Exit.YES


def _asked(words: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The log and the change that were named, in whichever order."""
    logs = [word for word in words if word in LOG_NAMES]
    others = [word for word in words if word not in LOG_NAMES]
    if len(logs) > 1 or len(others) > 1:
        raise UsageError(
            f"one log and one change can be named, and not {len(words)} of them",
            hint=f"a log is one of {', '.join(LOG_NAMES)}",
        )
    return next(iter(logs), None), parse_change_id(others[0]) if others else None


def _follow(
    ground: Ground, before: Stream, log: str | None, change: str | None, *, json_: bool
) -> None:
    """New records as they come, until somebody stops it or nobody reads it any more."""
    known = {record.id for record in before.records}
    told = set(before.unread)
    ground, refs = moved(ground, {})
    while heard():
        found = stream(ground, log, change)
        _print([record for record in found.records if record.id not in known], json_=json_)
        known.update(record.id for record in found.records)
        for problem in [one for one in found.unread if one not in told]:
            warn(visible(problem))
            told.add(problem)
        sys.stdout.flush()
        seen = refs
        while refs == seen and heard():
            time.sleep(_PAUSE)
            ground, refs = moved(ground, seen)


def _print(records: Iterable[Record], *, json_: bool) -> None:
    for record in records:
        if json_:
            _say_line(format_record(record))
        else:
            say(_line(record))


def _line(record: Record) -> str:
    change = padded(record.change or "-", _CHANGE)
    actor = record.actor
    name = actor.name if actor.name.endswith(" (agent)") else str(actor)
    who = padded(clipped(shown(name), _WHO), _WHO)
    told = f"{dim(record.at)}  {change}  {padded(record.type, _TYPE)}  {who}"
    more = shown(detail(record))
    return f"{told}  {more}" if more else told.rstrip()


def _say_line(line: bytes) -> None:
    """The bytes themselves: a terminal's encoding has no say in what a record is."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(line.decode("utf-8"))
    else:
        buffer.write(line)
