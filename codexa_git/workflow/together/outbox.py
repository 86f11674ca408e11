"""The outbox: notices of events, kept in this clone until whoever policy names has got them.

A commit that is published is told of afterwards, by the command that made it: what did not go out
within a few seconds stays here, and the next command that writes tries again. A notice leaves the
outbox before it is sent, so that two commands at once never send it twice; only a service that took
it and did not say so in time may see it again.
"""

import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import AgentRole, Gate, RecordType, Stage
from codexa_git.change.state import Concern
from codexa_git.change.text import counted
from codexa_git.gate.answers import Ask
from codexa_git.pages.notice import Notice, body, heading
from codexa_git.policy.rules import Event, Policy, holders
from codexa_git.repository.cached import keep, recall
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.changes.draft import AGENTS
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.wording import APPROVALS, SAID
from codexa_git.workflow.together.sending import send

PATIENCE = 3.0
"""How many seconds all that one command sends may take."""

STALE = 7 * 86_400
"""After so long a notice is no news any more, and is dropped."""

_FORM = "codexa notice 1"
_ENDING = ".notice"


class Left(NamedTuple):
    """How many notices of one destination did not go out, and why."""

    name: str
    number: int
    why: str

    def __str__(self) -> str:
        notices = counted(self.number, "notice")
        return f"{notices} did not reach {self.name}: {self.why}"


def tell_of(before: Moment | None, after: Moment) -> None:
    """What a published commit brought about is in the outbox, for whoever wants to know it.

    There is nothing `before` the commit that opened the change.
    """
    known = set() if before is None else set(before.state.ids)
    new = [record for record in after.state.records if record.id not in known]
    for event, key, notice in _events(before, after, new):
        _post(after.ground, event, key, notice)


def tell_of_landing(moment: Moment, landing: Commit, person: Actor) -> None:
    """That the change landed is in the outbox, for whoever wants to know it."""
    text = f"on {moment.ground.branch}, by {person.name}"
    notice = Notice(moment.change, "landed", moment.state.title, text=text)
    _post(moment.ground, Event.LANDING, landing.oid, notice)


def _events(
    before: Moment | None, after: Moment, new: list[Record]
) -> Iterator[tuple[Event, str, Notice]]:
    for record in new:
        if record.type is RecordType.HANDOFF:
            yield Event.HANDOFF, record.id, _handoff(after, record)
    for concern in after.state.concerns:
        if concern.record in new:
            yield Event.CONCERN, concern.record.id, _concern(after, concern)
    for gate, ask in _wanted(before, after, new).items():
        what = f"approval of {SAID[gate]} wanted"
        approve = f"git codexa approve {after.change}"
        notice = Notice(after.change, what, after.state.title, ask.answer.who, command=approve)
        yield Event.APPROVAL, f"{after.tip.oid} {gate}", notice


def _concern(after: Moment, concern: Concern) -> Notice:
    text = f"{concern.record.actor.name}: {concern.text}"
    what, command = f"concern {concern.label} raised", f"git codexa concern list {after.change}"
    return Notice(after.change, what, after.state.title, text=text, command=command)


def _handoff(after: Moment, record: Record) -> Notice:
    """What a handoff says, to those whom its record names."""
    to = Stage(record.data["to"])
    names = (_names(after.ground.policy, word) for word in record.data["notify"])
    return Notice(
        after.change,
        f"handed on to {to}",
        after.state.title,
        tuple(dict.fromkeys(name for found in names for name in found)),
        command=f"git codexa advance {after.change}",
    )


def _names(policy: Policy, word: str) -> tuple[str, ...]:
    """Who is meant by a word of a handoff: an agent, or whoever holds a role."""
    agents = {str(role): (AGENTS[role].name,) for role in AgentRole}
    return agents.get(word) or tuple(person.name for person in holders(policy, word)) or (word,)


def _wanted(before: Moment | None, after: Moment, new: list[Record]) -> dict[Gate, Ask]:
    """The approvals that are waited for now and were not before, or that were just asked for."""
    asked = {g for r in new if r.type is RecordType.APPROVAL_REQUESTED for g in r.data["gates"]}
    waited = set() if before is None else {_round(before, gate) for gate in _waiting(before)}
    return {
        gate: ask
        for gate, ask in _waiting(after).items()
        if gate in asked or _round(after, gate) not in waited
    }


def _round(moment: Moment, gate: Gate) -> tuple[Gate, int]:
    return gate, moment.state.round(gate.stage)


def _waiting(moment: Moment) -> dict[Gate, Ask]:
    """The approvals that alone hold a change up in its stage."""
    verdict = moment.verdict()
    unmet = [ask for ask in verdict.of(verdict.stage) if not ask.met]
    gates = {APPROVALS[gate]: gate for gate in Gate}
    if not verdict.passes(None) or any(ask.name not in gates for ask in unmet):
        return {}
    return {gates[ask.name]: ask for ask in unmet}


def _post(ground: Ground, event: Event, key: str, notice: Notice) -> None:
    """The notice is kept for every destination of its event whose address this clone knows."""
    for destination in ground.policy.notifications:
        if event not in destination.events or not ground.environment.get(destination.url_from):
            continue
        about = sha256(f"{event} {key} {destination.name}".encode()).hexdigest()
        # They go out in the order of their names, which is the order in which they were kept.
        before = sum(1 for _ in _folder(ground).glob(f"*{_ENDING}"))
        name = f"{ground.at:011d}-{before:06d}-{about[:16]}{_ENDING}"
        value = (destination.name, ground.at, heading(notice), body(notice))
        keep(_folder(ground) / name, _FORM, value)


def _folder(ground: Ground) -> Path:
    return ground.cache / "outbox"


def deliver(ground: Ground, clock: Callable[[], float] = time.monotonic) -> tuple[Left, ...]:
    """What lies in the outbox is sent; what did not go out lies there still, and is told.

    A notice that is old, or whose destination policy no longer has, is dropped.
    """
    ends, left = clock() + PATIENCE, dict[str, Left]()
    destinations = {found.name: found for found in ground.policy.notifications}
    for file in sorted(_folder(ground).glob(f"*{_ENDING}")):
        kept = _taken(file)
        if kept is None or kept.to not in destinations or ground.at - kept.at > STALE:
            continue
        address = ground.environment.get(destinations[kept.to].url_from)
        why = _sent(kept, address, left.get(kept.to), ends - clock()) if address else ""
        if why is not None:
            keep(file, _FORM, tuple(kept))
        if why:
            number = 1 + (left[kept.to].number if kept.to in left else 0)
            left[kept.to] = Left(kept.to, number, why)
    return tuple(left.values())


class _Kept(NamedTuple):
    """A notice as the outbox has it: for which destination, since when."""

    to: str
    at: int
    heading: str
    body: str


def _taken(file: Path) -> _Kept | None:
    """The notice, which no other command finds any more; `None` where another was quicker."""
    found = recall(file, _FORM)
    try:
        file.unlink()
    except FileNotFoundError:
        return None
    return None if found is None else _Kept(*found)


def _sent(kept: _Kept, address: str, before: Left | None, seconds: float) -> str | None:
    """`None` once the service took it; else why not. Who failed just now is not asked again."""
    if before is not None:
        return before.why
    if seconds <= 0:
        return "there was no time left"
    return send(address, kept.heading, kept.body, kept.body, seconds)
