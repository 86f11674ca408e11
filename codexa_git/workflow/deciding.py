"""What people say, signed: approve, withdraw, waive, answer, resolve, abandon; and what they ask.

A decision is signed before it has a place: the same signature may be put on a tip that moved.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.change.milestones import day_of
from codexa_git.change.state import Clarification, Concern, State
from codexa_git.change.text import counted
from codexa_git.errors import RefusedError, UsageError
from codexa_git.gate.closing import is_open
from codexa_git.gate.decisions import can_meet, needs
from codexa_git.gate.verdict import Verdict
from codexa_git.policy.rules import gate_rule, person_of
from codexa_git.workflow.draft import Built, Draft
from codexa_git.workflow.moment import Moment
from codexa_git.workflow.wording import APPROVALS

Sign = Callable[[bytes], str]
"""Signs bytes with the person's key, in the namespace `codexa`; the answer is armored."""


class Waiting(NamedTuple):
    """What waits for one person's approval: which gates, and what each would bind."""

    gates: tuple[Gate, ...]
    paths: dict[Gate, tuple[str, ...]]


def waiting_for(moment: Moment, person: Actor) -> Waiting:
    """The gates whose other requirements hold and that this person's approval would help."""
    verdict = moment.verdict()
    roles = _roles(moment, person)
    gates = tuple(gate for gate in Gate if _waits(moment, verdict, gate, roles))
    return Waiting(gates, {g: tuple(d.path for d in moment.case.scope(g)) for g in gates})


def _roles(moment: Moment, person: Actor) -> tuple[str, ...]:
    known = person_of(moment.policy, person.email)
    return () if known is None else known.roles


def _waits(moment: Moment, verdict: Verdict, gate: Gate, roles: tuple[str, ...]) -> bool:
    if gate.stage.number > moment.state.stage.number:
        return False
    asks = [*verdict.of(None), *verdict.of(gate.stage)]
    if any(not ask.met for ask in asks if ask.name not in (APPROVALS[gate], *_LATER)):
        return False
    if all(ask.met for ask in asks if ask.name == APPROVALS[gate]):
        return False
    missing = [n for n in needs(moment.case, gate, gate_rule(moment.policy, gate)) if n.missing]
    return any(need.role in roles for need in missing)


_LATER = ("plan-before-product",)
"""Asked in any stage, and met by the very approval that is being asked for."""


def approve(moment: Moment, person: Actor, sign: Sign, *, comment: str = "") -> Built:
    """The commit with this person's approval of everything that waits for them.

    Raises:
        RefusedError: nothing waits for them; the hint says what does, and for whom.
    """
    waiting = waiting_for(moment, person)
    if not waiting.gates:
        raise nothing_waits(moment, person)
    acting = person._replace(role=_acting_role(moment, waiting.gates[0], person))
    draft = Draft(moment.footing, waiting.gates[-1].stage, acting)
    data = {"gates": _bound(moment, waiting.gates), "comment": comment}
    decide(draft, moment, RecordType.APPROVAL_GRANTED, data, sign)
    return settled(draft)


def _acting_role(moment: Moment, gate: Gate, person: Actor) -> str:
    roles = _roles(moment, person)
    missing = [n for n in needs(moment.case, gate, gate_rule(moment.policy, gate)) if n.missing]
    return next(need.role for need in missing if need.role in roles)


def _bound(moment: Moment, gates: tuple[Gate, ...]) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    for gate in gates:
        subject = moment.case.subject(gate)
        bound[gate] = {
            "round": moment.state.round(gate.stage),
            "subject": subject.digest,
            **subject.data(),
        }
    return bound


def nothing_waits(moment: Moment, person: Actor) -> RefusedError:
    """Why there is nothing for this person to approve, and what would have to come first."""
    verdict = moment.verdict(moment.state.stage)
    first = verdict.unmet[0] if verdict.unmet else None
    if not _roles(moment, person):
        return RefusedError(
            f"{person.email} has no role in this repository's policy, so no approval of theirs"
            " would count",
            hint=_asked_people(moment, verdict),
        )
    if first is None:
        return RefusedError(
            f"nothing in {moment.change} waits for you", hint=f"git codexa status {moment.change}"
        )
    return RefusedError(
        f"nothing in {moment.change} waits for you, {person.name}: {first.name} comes first",
        details=(("now", first.answer.now),),
        hint=first.answer.command or f"git codexa status {moment.change}",
    )


def _asked_people(moment: Moment, verdict: Verdict) -> str:
    for gate in Gate:
        if not all(ask.met for ask in verdict.asks if ask.name == APPROVALS[gate]):
            rule = gate_rule(moment.policy, gate)
            names = can_meet(moment.case, needs(moment.case, gate, rule)[0])
            return f"ask {' or '.join(names) or 'an owner to name a ' + rule.role}"
    return "an owner adds people in a policy commit"


def decide(
    draft: Draft, moment: Moment, kind: RecordType, data: dict[str, Any], sign: Sign
) -> Record:
    """The signed record of a decision, as the draft now holds it."""
    full = {
        "root": moment.case.context.root,
        "branch": moment.ground.branch,
        "gates": {},
        "seen": list(moment.state.ids),
    } | data
    signed = sign(payload(kind, full, change=draft.change, actor=draft.actor, at=draft.at))
    return draft.record(kind, full, signature=signed)


def _speaking(moment: Moment, person: Actor) -> Actor:
    roles = _roles(moment, person)
    if not roles:
        raise RefusedError(
            f"{person.email} has no role in this repository's policy, so this would not count",
            hint="an owner adds people in a policy commit",
        )
    return person._replace(role=roles[0])


def settled(draft: Draft) -> Built:
    """The commit of a draft that holds what one person said: signed decisions stand verbatim."""
    record = draft.made[0]
    return draft.build(summary(record, draft.state), hand_off=record.type in _MOVING)


_MOVING = (
    RecordType.APPROVAL_GRANTED,
    RecordType.WAIVER_GRANTED,
    RecordType.CLARIFICATION_ANSWERED,
    RecordType.CONCERN_RESOLVED,
)
"""What people say that may be the last thing a gate waited for."""

SAID = (
    *_MOVING,
    RecordType.APPROVAL_WITHDRAWN,
    RecordType.CLARIFICATION_ASKED,
    RecordType.CONCERN_RAISED,
    RecordType.ABANDONED,
)
"""Everything that people say, each in a commit of its own."""


def summary(record: Record, state: State) -> str:
    """What the subject of the commit says of one person's word."""
    who, data = record.actor, record.data
    match record.type:
        case RecordType.APPROVAL_GRANTED:
            return f"approved by {who}, {_approved(data['gates'])}"
        case RecordType.APPROVAL_WITHDRAWN:
            return f"approval withdrawn by {who}"
        case RecordType.WAIVER_GRANTED:
            return f"{counted(len(data['tests']), 'test')} waived by {who}"
        case RecordType.ABANDONED:
            return f"abandoned by {who}"
        case RecordType.CLARIFICATION_ASKED | RecordType.CLARIFICATION_ANSWERED:
            word = "asked" if record.type is RecordType.CLARIFICATION_ASKED else "answered"
            return f"{_label(state.clarifications, record)} {word} by {who}"
        case _:
            word = "raised" if record.type is RecordType.CONCERN_RAISED else "resolved"
            return f"{_label(state.concerns, record)} {word} by {who}"


def _approved(gates: dict[str, Any]) -> str:
    files = len(gates[Gate.PACKAGE]["paths"]) if Gate.PACKAGE in gates else 0
    said = {
        Gate.PLAN: "brief and plan",
        Gate.RESULTS: "results",
        Gate.PACKAGE: counted(files, "file"),
    }
    return ", ".join(said[gate] for gate in Gate if gate in gates)


def _label(items: tuple[Clarification, ...] | tuple[Concern, ...], record: Record) -> str:
    return next(i.label for i in items if record in (i.record, i.answer))


def withdraw(moment: Moment, person: Actor, sign: Sign, reason: str) -> Built:
    """The commit that takes back every approval this person gave."""
    own = [r.id for r in moment.state.approvals if r.actor.email == person.email]
    if not own:
        raise RefusedError(
            f"{person.name} has approved nothing in {moment.change} that could be withdrawn",
            hint=f"git codexa status {moment.change}",
        )
    draft = Draft(moment.footing, moment.state.stage, _speaking(moment, person))
    data = {"approvals": own, "reason": reason}
    decide(draft, moment, RecordType.APPROVAL_WITHDRAWN, data, sign)
    return settled(draft)


def waive(moment: Moment, person: Actor, sign: Sign, tests: tuple[str, ...], reason: str) -> Built:
    """The commit that waives failing tests by name, for this round."""
    results = moment.case.results
    failing = () if results is None else results.failed
    unknown = [test for test in tests if test not in failing]
    if unknown:
        known = ", ".join(failing) or "none fails"
        raise UsageError(f"{unknown[0]!r} is not a failing test here", hint=f"failing: {known}")
    if results is not None and not results.passed:
        raise RefusedError(
            "no test passes, and a waiver cannot stand for all of them",
            hint="commit what mends one, then: git codexa advance",
        )
    rule = gate_rule(moment.policy, Gate.RESULTS)
    if rule.role not in _roles(moment, person):
        raise RefusedError(
            f"a waiver is for a {rule.role} to give", hint=f"git codexa status {moment.change}"
        )
    draft = Draft(moment.footing, Stage.VALIDATE, person._replace(role=rule.role))
    gates = {"results": {"round": moment.state.round(Stage.VALIDATE), "subject": None}}
    data = {"gates": gates, "tests": sorted(set(tests)), "reason": reason}
    decide(draft, moment, RecordType.WAIVER_GRANTED, data, sign)
    return settled(draft)


def ask(moment: Moment, person: Actor, question: str) -> Built:
    """The commit that asks a question, which the frame gate waits for."""
    draft = Draft(moment.footing, moment.state.stage, person)
    draft.record(RecordType.CLARIFICATION_ASKED, {"question": question})
    return settled(draft)


def answer(moment: Moment, person: Actor, sign: Sign, label: str, text: str) -> Built:
    """The commit that answers a question, signed."""
    question = _labelled(moment.state.clarifications, label, "question", moment.change)
    if question.answer is not None:
        raise RefusedError(f"{label} is answered already", hint="ask a new one if it changed")
    draft = Draft(moment.footing, moment.state.stage, _speaking(moment, person))
    data = {"question": question.record.id, "answer": text}
    decide(draft, moment, RecordType.CLARIFICATION_ANSWERED, data, sign)
    return settled(draft)


def raise_concern(moment: Moment, person: Actor, text: str, due: str | None = None) -> Built:
    """The commit that raises a person's concern, which blocks closing until it is resolved.

    Raises:
        UsageError: the day it is due is over already.
    """
    draft = Draft(moment.footing, moment.state.stage, person)
    if due is not None and due < (today := day_of(draft.at)):
        raise UsageError(f"a concern cannot be due on {due}: today is {today}")
    data: dict[str, Any] = {"text": text, "tests": [], "by": "person", "due": due}
    draft.record(RecordType.CONCERN_RAISED, data)
    return settled(draft)


def resolve(moment: Moment, person: Actor, sign: Sign, label: str, reason: str) -> Built:
    """The commit that resolves a concern by a person's signed word."""
    concern = _labelled(moment.state.concerns, label, "concern", moment.change)
    if not is_open(moment.case, concern):
        raise RefusedError(f"{label} is closed already")
    draft = Draft(moment.footing, moment.state.stage, _speaking(moment, person))
    data = {"concern": concern.record.id, "reason": reason}
    decide(draft, moment, RecordType.CONCERN_RESOLVED, data, sign)
    return settled(draft)


def abandon(moment: Moment, person: Actor, sign: Sign, reason: str) -> Built:
    """The commit that ends the change without landing; its record stays."""
    draft = Draft(moment.footing, moment.state.stage, _speaking(moment, person))
    decide(draft, moment, RecordType.ABANDONED, {"reason": reason}, sign)
    return settled(draft)


_Labelled = TypeVar("_Labelled", Clarification, Concern)


def _labelled(items: tuple[_Labelled, ...], label: str, what: str, change: str) -> _Labelled:
    for item in items:
        if item.label == label:
            return item
    known = ", ".join(item.label for item in items) or "none"
    raise UsageError(f"{change} has no {what} {label!r}", hint=f"it has: {known}")
