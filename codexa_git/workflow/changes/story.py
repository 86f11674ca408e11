"""The story of a change: its own commits, and the records that each of them brought.

What a commit recorded is read from its tree beside its first parent's, never from its message.
"""

from typing import NamedTuple

from codexa_git.audit.ids import parse_change_id
from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import Record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import RecordType
from codexa_git.errors import RepositoryError, UsageError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground
from codexa_git.workflow.changes.ending import is_abandoned
from codexa_git.workflow.changes.landed import landing_of, last_landed
from codexa_git.workflow.changes.moment import Moment, at_hand, moment_at


class Entry(NamedTuple):
    """One commit of the story; `stage` is that of its records, `None` where it has none."""

    commit: str
    at: int
    name: str
    email: str
    subject: str
    stage: str | None
    records: tuple[Record, ...]


class Story(NamedTuple):
    """A change's commits, newest first; `landed` is the commit of the base that brought it.

    `abandoned` is true where somebody ended it without a landing.
    """

    change: str
    title: str
    milestone: str | None
    landed: str | None
    entries: tuple[Entry, ...]
    abandoned: bool = False


def story(ground: Ground, change: str | None) -> Story:
    """The story of the change that was named, or is at hand, be it open or landed.

    Raises:
        UsageError: there is no such change, or none is at hand.
    """
    named = named_by_head(ground) if change is None else parse_change_id(change)
    if named in changes_in(ground.store, ground.tip.tree):
        return _landed(ground, named)
    moment = _at_hand(ground, change, "log")
    commits = ground.store.beyond(ground.tip.oid, moment.tip.oid)
    told = _told(ground, moment.change, None, commits)
    return told._replace(abandoned=is_abandoned(moment))


def named_by_head(ground: Ground) -> str:
    """What HEAD's branch says it is of: a change that may have landed, or nothing of meaning."""
    ref, _ = ground.store.head()
    return (ref or "").removeprefix(CHANGE_PREFIX)


def _at_hand(ground: Ground, change: str | None, verb: str) -> Moment:
    """The change at hand; where there is none, whoever asks by this verb is told what landed last.

    Raises:
        UsageError: there is none, or none of this name.
    """
    try:
        return at_hand(ground, change)
    except UsageError as error:
        if change is None and (last := last_landed(ground)) is not None:
            error.hints = (f"of what landed last: git codexa {verb} {last}", *error.hints)
        raise


def moment_to_read(ground: Ground, change: str | None, verb: str) -> Moment:
    """The change that was named, or is at hand; a landed one as its landing brought it.

    `verb` is the command that asks, as a hint tells it.

    Raises:
        UsageError: there is no such change, or none is at hand.
    """
    named = named_by_head(ground) if change is None else parse_change_id(change)
    if named in changes_in(ground.store, ground.tip.tree):
        return landed_moment(ground, named)
    return _at_hand(ground, change, verb)


def landed_moment(ground: Ground, change: str) -> Moment:
    """The landed change at its landing, beside the base of before.

    Raises:
        RepositoryError: its landing is not in this clone.
    """
    landing = landing_of(ground, change)
    if landing is None or not landing.parents:
        raise RepositoryError(f"the landing of {change} is not in this clone")
    held = ground.store.headed(landing.parents[0])
    return moment_at(ground._replace(tip=held), f"{CHANGE_PREFIX}{change}", landing, held)


def _landed(ground: Ground, change: str) -> Story:
    landing = landing_of(ground, change)
    if landing is None:
        raise RepositoryError(f"the landing of {change} is not in this clone")
    before, *sides = landing.parents
    commits = ground.store.beyond(before, sides[0]) if sides else [landing]
    return _told(ground, change, landing.oid, commits)


def _told(ground: Ground, change: str, landed: str | None, commits: list[Commit]) -> Story:
    entries = tuple(_entry(ground, change, commit) for commit in commits)
    opened = [r for e in entries for r in e.records if r.type is RecordType.OPENED]
    if not opened:
        raise UsageError(f"{change} has no story here", hint="git codexa status")
    title, milestone = opened[0].data["title"], opened[0].data["milestone"]
    return Story(change, title, milestone, landed, entries)


def _entry(ground: Ground, change: str, commit: Commit) -> Entry:
    before = ground.store.tree_of(commit.parents[0]) if commit.parents else None
    records = _brought(ground, change, before, commit.tree)
    return Entry(
        commit.oid,
        commit.author.seconds,
        commit.author.who.name,
        commit.author.who.email,
        commit.subject,
        str(records[0].stage) if records else None,
        records,
    )


def _brought(ground: Ground, change: str, before: str | None, after: str) -> tuple[Record, ...]:
    """The records in one tree's audit files that the other's lack; only new lines are parsed."""
    found: list[Record] = []
    for name in LOG_NAMES:
        path = log_path(change, name)
        old = b"" if before is None else ground.store.read(before, path) or b""
        new = ground.store.read(after, path) or b""
        known = set(old.splitlines(keepends=True))
        lines = b"".join(line for line in new.splitlines(keepends=True) if line not in known)
        found += parse_log(lines, path, change)
    return tuple(found)
