"""What one person's approval binds, and what has changed since they last gave it."""

from functools import partial
from typing import NamedTuple

from codexa_git.audit.logger import log_path
from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.gate.decisions import carries
from codexa_git.gate.heard import not_theirs
from codexa_git.gate.subjects import fallen, subject_of
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.approving import nothing_waits, waiting_for


class Before(NamedTuple):
    """This person's last approval of the same gate: when, at which commit, and what is other now.

    `changed` lists paths that changed, came or went, `outcomes` tells whether the tests' did.
    """

    at: str
    commit: str | None
    changed: tuple[str, ...]
    outcomes: bool


class Bound(NamedTuple):
    """What an approval of one gate binds: the subject's digest, and the files it lists."""

    gate: Gate
    round: int
    subject: str
    files: tuple[str, ...]
    named: tuple[str, ...]
    before: Before | None


def review(moment: Moment, person: Actor) -> tuple[Bound, ...]:
    """What this person would sign now, gate by gate.

    Raises:
        RefusedError: nothing waits for them.
    """
    waiting = waiting_for(moment, person)
    if not waiting.gates:
        raise nothing_waits(moment, person)
    return tuple(_bound(moment, person, gate) for gate in waiting.gates)


def _bound(moment: Moment, person: Actor, gate: Gate) -> Bound:
    subject = moment.case.subject(gate)
    return Bound(
        gate,
        moment.state.round(gate.stage),
        subject.digest,
        tuple(path.path for path in subject.paths),
        subject.named,
        _before(moment, person, gate),
    )


def _before(moment: Moment, person: Actor, gate: Gate) -> Before | None:
    given = [
        record
        for record in moment.state.of(RecordType.APPROVAL_GRANTED)
        if record.actor.email == person.email and gate in record.data["gates"]
        if not_theirs(moment.case, record) is None
    ]
    if not given:
        return None
    case, last = moment.case, given[-1]
    recorded = subject_of(last.data["gates"][gate])
    changed = fallen(case.store, recorded.paths, case.scope(gate), partial(carries, case))
    results = case.results if gate is Gate.RESULTS else None
    outcomes = results is not None and results.pairs != recorded.outcomes
    return Before(last.at, brought_by(moment, last), changed, outcomes)


def brought_by(moment: Moment, record: Record) -> str | None:
    """The commit of the story that brought this record; `None` where it is not there any more."""
    path, name = log_path(moment.change, record.log), record.id.encode("ascii")
    for commit in reversed(moment.store.beyond(moment.ground.tip.oid, moment.tip.oid)):
        if name in (moment.store.read(commit.tree, path) or b""):
            return commit.oid
    return None
