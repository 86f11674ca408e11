"""Digesting: what the digest tells, gathered from every change that this clone knows.

One change that cannot be read is a line of the digest and hides no other.
"""

from datetime import UTC, datetime
from enum import StrEnum

from codexa_git.audit.record import Record, time_of
from codexa_git.audit.words import RecordType
from codexa_git.change.note import told
from codexa_git.change.state import State
from codexa_git.errors import CodexaError
from codexa_git.pages.digest import Age, Blocker, DigestFacts, Moved, Waits
from codexa_git.workflow.counting import (
    Landing,
    Told,
    all_told,
    landings,
    open_concerns,
    stage_since,
)
from codexa_git.workflow.ground import Ground
from codexa_git.workflow.standing import Standing
from codexa_git.workflow.surveying import survey

DAY = 86_400
PATIENCE = 2 * DAY
"""After so long a change that nothing happens to is stalled, and what was asked for is overdue."""

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
        moved=_moved(every, landed, since),
        waits=_waits(ground, found),
        blockers=_blockers(ground, found, every),
        ageing=tuple(_age(one, ground.at) for one in every if _is_open(one)),
    )


def _is_open(one: Told) -> bool:
    return not one.landed and one.state.abandoned is None


def _moved(every: tuple[Told, ...], landed: tuple[Landing, ...], since: int) -> tuple[Moved, ...]:
    at = {landing.change for landing in landed}
    found = []
    for one in every:
        new = [r for r in one.state.of(*_MOVES) if r.seconds > since]
        what = [told(r) for r in sorted(new, key=lambda r: r.at)]
        what += ["landed"] if one.change in at else []
        if what:
            found.append(Moved(one.change, one.state.title, tuple(dict.fromkeys(what))))
    return tuple(found)


def _waits(ground: Ground, found: tuple[Standing, ...]) -> tuple[Waits, ...]:
    readable = [s for s in found if s.state in ("open", "closed")]
    return tuple(
        Waits(s.change, s.title, s.move.who, s.move.do, s.move.command, _days(ground.at, s.since))
        for s in readable
    )


def _days(at: int, since: str) -> int:
    then = datetime.fromisoformat(since).timestamp() if since else at
    return max(0, int(at - then) // DAY)


def _age(one: Told, at: int) -> Age:
    opened, stage = one.state.opened.seconds, stage_since(one.state)
    return Age(one.change, one.place, (at - opened) // DAY, (at - stage) // DAY)


def _blockers(
    ground: Ground, found: tuple[Standing, ...], every: tuple[Told, ...]
) -> tuple[Blocker, ...]:
    states = {one.change: one.state for one in every if _is_open(one)}
    blockers = []
    for standing in found:
        if standing.problem is not None:
            blockers.append(Blocker(standing.change, f"cannot be read: {standing.problem}"))
        elif standing.change in states:
            blockers += _blocked(ground, standing.change, states[standing.change])
    return tuple(blockers)


def _blocked(ground: Ground, change: str, state: State) -> list[Blocker]:
    try:
        concerns = open_concerns(ground, change)
    except CodexaError as error:
        return [Blocker(change, f"cannot be read: {error.message}")]
    found = [Blocker(change, _concern(label, record, ground.at)) for label, record in concerns]
    found += [Blocker(change, what) for what in _overdue(state, ground.at)]
    last = max(record.seconds for record in state.records)
    if ground.at - last > PATIENCE:
        days = (ground.at - last) // DAY
        found.append(
            Blocker(change, f"stalled: nothing has happened for {days} days; a concern says why")
        )
    return found


def _concern(label: str, record: Record, at: int) -> str:
    days = (at - record.seconds) // DAY
    age = f", {days} days ago" if days > 1 else ""
    due = record.data["due"]
    if due is not None:
        age += f", overdue since {due}" if due < time_of(at)[:10] else f", due on {due}"
    return f"{label} by {record.actor.name}{age}: {record.data['text']}"


def _overdue(state: State, at: int) -> list[str]:
    """What was asked for too long ago: approvals of this round, and answers."""
    given = {gate for record in state.approvals for gate in record.data["gates"]}
    found = [
        f"approval of {request.gate} asked for on {request.record.at[:10]}, and still waits"
        for request in state.requests
        if request.gate not in given and at - request.record.seconds > PATIENCE
    ]
    return found + [
        f"{question.label} asked on {question.record.at[:10]}, and not answered"
        for question in state.clarifications
        if question.answer is None and at - question.record.seconds > PATIENCE
    ]
