"""Digesting: what the digest tells, gathered from every change that this clone knows.

One change that cannot be read is a line of the digest and hides no other.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from codexa_git.audit.record import Record, time_of
from codexa_git.audit.words import RecordType
from codexa_git.change.governance import overdue
from codexa_git.change.milestones import day_of
from codexa_git.change.note import told
from codexa_git.change.state import Concern
from codexa_git.change.text import counted
from codexa_git.errors import CodexaError
from codexa_git.gate.answering import answer_of
from codexa_git.gate.case import Case
from codexa_git.gate.closing import is_open
from codexa_git.gate.decisions import standing as given
from codexa_git.pages.digest import Age, Blocker, DigestFacts, Moved, Waits
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.changes.ending import forged
from codexa_git.workflow.changes.moment import Moment, named
from codexa_git.workflow.reports.auditing import place_in_stream
from codexa_git.workflow.reports.counting import (
    Landing,
    Told,
    all_told,
    landings,
    stage_since,
)
from codexa_git.workflow.reports.standing import Standing
from codexa_git.workflow.reports.surveying import survey, told_afar
from codexa_git.workflow.stages.stalling import DAY, PATIENCE, idle, stop_of

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PREFIX = "refs/codexa/digest/"

_MOVES = (
    RecordType.OPENED,
    RecordType.HANDOFF,
    RecordType.REWORK,
    RecordType.APPROVAL_GRANTED,
    RecordType.APPROVAL_WITHDRAWN,
    RecordType.CLOSED,
    RecordType.ABANDONED,
)


class Kind(StrEnum):
    """How often a digest comes."""

    DAILY = "daily"
    WEEKLY = "weekly"

    def name_at(self, at: int) -> str:
        """The day or the week of a time, in UTC: `2026-11-23`, `2026-W48`."""
        then = datetime.fromtimestamp(at, UTC)
        return f"{then:%Y-%m-%d}" if self is Kind.DAILY else f"{then:%G-W%V}"

    @property
    def span(self) -> int:
        """How far back the first one looks, in seconds."""
        return DAY if self is Kind.DAILY else 7 * DAY


def digest_ref(kind: Kind, at: int) -> str:
    """The ref that says that this day's, or this week's, digest was sent."""
    return f"{PREFIX}{kind}-{kind.name_at(at)}"


def last_sent(ground: Ground, kind: Kind) -> int:
    """When the digest before this one was sent; else one span ago."""
    prefix, current = f"{PREFIX}{kind}-", digest_ref(kind, ground.at)
    found = ground.store.refs(PREFIX)
    names = sorted(name for name in found if name.startswith(prefix) and name < current)
    if not names:
        return ground.at - kind.span
    return min(ground.at, ground.store.commit(found[names[-1]]).committer.seconds)


def gather(ground: Ground, kind: Kind) -> DigestFacts:
    """What there is to tell now."""
    since = last_sent(ground, kind)
    landed = landings(ground, since, ground.at)
    every = all_told(ground, ground.at)
    found = survey(ground)
    return DigestFacts(
        kind=str(kind),
        name=kind.name_at(ground.at),
        base=ground.branch,
        since=time_of(since),
        at=time_of(ground.at),
        cycles=len(landed),
        moved=_moved(ground, every, landed, since),
        waits=_waits(ground, (*found, *told_afar(ground))),
        blockers=_blockers(ground, found),
        ageing=tuple(_age(one, ground.at) for one in every if _is_open(one)),
        idle=_idle_days(ground, since, every, landed),
        governance=tuple(watched for s in found for watched in _governance(s, ground.at)),
    )


def _idle_days(
    ground: Ground, since: int, every: tuple[Told, ...], landed: tuple[Landing, ...]
) -> tuple[str, ...]:
    """The days after that of `since` on which nothing landed, since there was anything to land."""
    begun = min((one.state.opened.seconds for one in every), default=ground.at)
    first = max(date.fromisoformat(day_of(since)) + timedelta(1), date.fromisoformat(day_of(begun)))
    count = (date.fromisoformat(day_of(ground.at)) - first).days + 1
    busy = {day_of(landing.at) for landing in landed}
    days = (first + timedelta(number) for number in range(count))
    return tuple(f"{_WEEKDAYS[d.weekday()]} {d}" for d in days if str(d) not in busy)


def _governance(standing: Standing, at: int) -> list[Blocker]:
    """What Governance watches of one change: what is overdue, what becomes of its evidence."""
    found = [str(late) for late in overdue(standing.due, at)]
    found += [] if standing.retention is None else [standing.retention]
    return [Blocker(standing.change, sentence) for sentence in found]


def _is_open(one: Told) -> bool:
    return not one.landed and not one.abandoned


def _counts(ground: Ground, one: Told, record: Record) -> bool:
    """False for a word that is not its actor's, or ended nothing, since it does not count."""
    if record.type is RecordType.ABANDONED and not one.abandoned:
        return False
    return not forged(ground, (record,))


def _moved(
    ground: Ground, every: tuple[Told, ...], landed: tuple[Landing, ...], since: int
) -> tuple[Moved, ...]:
    at = {landing.change for landing in landed}
    found = []
    for one in every:
        later = (r for r in one.state.of(*_MOVES) if r.seconds > since)
        new = [record for record in later if _counts(ground, one, record)]
        what = [told(r) for r in sorted(new, key=place_in_stream)]
        what += ["landed"] if one.change in at else []
        if what:
            found.append(Moved(one.change, one.state.title, tuple(dict.fromkeys(what))))
    return tuple(found)


def _waits(ground: Ground, found: tuple[Standing, ...]) -> tuple[Waits, ...]:
    readable = [s for s in found if s.state in ("open", "closed")]
    return tuple(
        Waits(
            s.change,
            s.title,
            s.move.who,
            s.move.do,
            s.move.command,
            _days(ground.at, s.since),
            s.move.every,
        )
        for s in readable
    )


def _days(at: int, since: str) -> int:
    then = datetime.fromisoformat(since).timestamp() if since else at
    return max(0, int(at - then) // DAY)


def _age(one: Told, at: int) -> Age:
    opened, stage = one.state.opened.seconds, stage_since(one.state)
    return Age(one.change, one.place, (at - opened) // DAY, (at - stage) // DAY)


def _blockers(ground: Ground, found: tuple[Standing, ...]) -> tuple[Blocker, ...]:
    blockers = []
    for standing in found:
        if standing.problem is not None:
            blockers.append(Blocker(standing.change, f"cannot be read: {standing.problem}"))
        elif standing.state != "abandoned":
            blockers += _blocked(ground, standing)
    return tuple(blockers)


def _blocked(ground: Ground, standing: Standing) -> list[Blocker]:
    try:
        moment = named(ground, standing.change)
        concerns = [c for c in moment.state.concerns if is_open(moment.case, c)]
        still = _standing_still(moment, standing)
    except CodexaError as error:
        return [Blocker(standing.change, f"cannot be read: {error.message}")]
    found = [Blocker(standing.change, _concern(concern, ground.at)) for concern in concerns]
    found += [Blocker(standing.change, what) for what in _overdue(moment.case, ground.at)]
    return found + still


def _standing_still(moment: Moment, standing: Standing) -> list[Blocker]:
    """That the change stands still, where no concern says so; and the command that does."""
    quiet, stall = idle(moment), moment.state.stall
    if quiet <= PATIENCE or (stall is not None and stall.answer is None):
        return []
    stop = stop_of(moment)
    if stop is not None:
        command = f"git codexa advance {moment.change}"
        return [Blocker(moment.change, f"stalled, and not on record: {stop.text}", command)]
    who = standing.move.whose
    move = f"{who}: {standing.move.do}" if who else standing.move.do
    days = counted(quiet // DAY, "day")
    what = f"stalled: nothing has moved for {days}; {move}"
    return [Blocker(moment.change, what, standing.move.command)]


def _concern(concern: Concern, at: int) -> str:
    days = (at - concern.record.seconds) // DAY
    age = f", {days} days ago" if days > 1 else ""
    if concern.due is not None:
        over = concern.due < day_of(at)
        age += f", {'overdue since' if over else 'due on'} {concern.due}"
    return f"{concern.label} by {concern.record.actor.name}{age}: {concern.text}"


def _overdue(case: Case, at: int) -> list[str]:
    """What was asked for too long ago: approvals of this round, and answers."""
    state = case.state
    found = [
        f"approval of {request.gate} asked for on {request.record.at[:10]}, and still waits"
        for request in state.requests
        if at - request.record.seconds > PATIENCE and not given(case, request.gate)
    ]
    return found + [
        f"{question.label} asked on {question.record.at[:10]}, and not answered"
        for question in state.clarifications
        if at - question.record.seconds > PATIENCE and answer_of(case, question) is None
    ]
