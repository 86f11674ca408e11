"""What people say, signed: approve, waive, answer, resolve; and what they ask.

A decision is signed before it has a place: the same signature may be put on a tip that moved.
"""

from collections.abc import Callable
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar

from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.change.milestones import day_of
from codexa_git.change.state import Clarification, Concern, State
from codexa_git.change.text import counted
from codexa_git.errors import RefusedError, UsageError
from codexa_git.gate.answering import answer_of
from codexa_git.gate.closing import is_open
from codexa_git.gate.judging import judged
from codexa_git.gate.testing import tells_difference
from codexa_git.policy.rules import gate_rule, person_of
from codexa_git.workflow.changes.draft import Built, Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.enrolling import no_role
from codexa_git.workflow.decisions.overtaken import no_role_yet, role_to_come, sync_first, under
from codexa_git.workflow.decisions.vouching import require_counting

if TYPE_CHECKING:
    from codexa_git.change.slash import Said

Sign = Callable[[bytes], str]
"""Signs bytes with the person's key, in the namespace `codexa`; the answer is armored."""


def roles_of(moment: Moment, person: Actor) -> tuple[str, ...]:
    """The roles that policy gives this person."""
    known = person_of(moment.policy, person.email)
    return () if known is None else known.roles


def begun(moment: Moment, stage: Stage, actor: Actor, said: "Said | None") -> Draft:
    """The draft of what a person said; where they said it as a slash command, with its record."""
    draft = Draft(moment.footing, stage, actor)
    if said is not None:
        # Who says the same twice in a second said it twice, and no record stands twice.
        taken = {r.seconds for r in draft.state.of(_SLASH) if r.data == said.data}
        while draft.at in taken:
            draft.at += 1
        draft.record(RecordType.COMMAND_SAID, said.data)
    return draft


def noted(moment: Moment, person: Actor, said: "Said") -> Built:
    """The commit with the record of a slash command that came to nothing else."""
    return settled(begun(moment, moment.state.stage, person, said))


def decide(
    draft: Draft, moment: Moment, kind: RecordType, data: dict[str, Any], sign: Sign
) -> Record:
    """The signed record of a decision, as the draft now holds it.

    Raises:
        RefusedError: the signature would not count, and nothing is recorded.
    """
    full = {
        "root": moment.case.context.root,
        "branch": moment.ground.branch,
        "gates": {},
        "seen": list(moment.state.ids),
    } | data
    signed = sign(payload(kind, full, change=draft.change, actor=draft.actor, at=draft.at))
    record = draft.record(kind, full, signature=signed)
    first = sync_first(moment, lambda policy: judged(under(moment, policy), record).counts)
    require_counting(judged(moment.case, record), first)
    return record


def speaking(moment: Moment, person: Actor) -> Actor:
    """The person in the first of their roles; refused where they have none."""
    roles = roles_of(moment, person)
    if not roles and (first := role_to_come(moment, person)):
        raise RefusedError(no_role_yet(moment, person), hint=first)
    if not roles:
        raise RefusedError(
            f"{person.email} has no role in this repository's policy, so this would not count",
            hint=no_role(moment.policy, person),
        )
    return person._replace(role=roles[0])


def settled(draft: Draft) -> Built:
    """The commit of a draft that holds what one person said: signed decisions stand verbatim."""
    record = next((r for r in draft.made if r.type is not _SLASH), draft.made[0])
    return draft.build(summary(record, draft.state), hand_off=record.type in _MOVING)


_SLASH = RecordType.COMMAND_SAID

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
    RecordType.APPROVAL_REQUESTED,
    RecordType.COMMAND_SAID,
)
"""Everything that people say, each in a commit of its own."""


def summary(record: Record, state: State) -> str:
    """What the subject of the commit says of one person's word."""
    who, data = record.actor, record.data
    match record.type:
        case RecordType.APPROVAL_GRANTED:
            return f"approved by {who}, {_approved(data['gates'])}"
        case RecordType.APPROVAL_REQUESTED | RecordType.COMMAND_SAID:
            return _asked(record)
        case RecordType.WAIVER_GRANTED:
            return f"{counted(len(data['tests']), 'test')} waived by {who}"
        case RecordType.APPROVAL_WITHDRAWN | RecordType.ABANDONED:
            return f"{_taken_back(record, state)} by {who}"
        case RecordType.CLARIFICATION_ASKED | RecordType.CLARIFICATION_ANSWERED:
            word = "asked" if record.type is RecordType.CLARIFICATION_ASKED else "answered"
            return f"{_label(state.clarifications, record)} {word} by {who}"
        case _:
            word = "raised" if record.type is RecordType.CONCERN_RAISED else "resolved"
            return f"{_label(state.concerns, record)} {word} by {who}"


def _taken_back(record: Record, state: State) -> str:
    if record.type is RecordType.ABANDONED:
        return "abandoned"
    given = {granted.id for granted in state.of(RecordType.APPROVAL_GRANTED)}
    named = record.data["approvals"]
    return "approval withdrawn" if given.intersection(named) else "forged ending disowned"


def _asked(record: Record) -> str:
    if record.type is RecordType.COMMAND_SAID:
        return f"/{record.data['command']} said by {record.actor}"
    gates = ", ".join(gate for gate in Gate if gate in record.data["gates"])
    return f"approval of {gates} asked for by {record.actor}"


def _approved(gates: dict[str, Any]) -> str:
    files = len(gates[Gate.PACKAGE]["paths"]) if Gate.PACKAGE in gates else 0
    said = {
        Gate.PLAN: "brief and plan",
        Gate.RESULTS: "results",
        Gate.PACKAGE: counted(files, "file"),
    }
    return ", ".join(said[gate] for gate in Gate if gate in gates)


def _label(items: tuple[Clarification, ...] | tuple[Concern, ...], record: Record) -> str:
    return next(i.label for i in items if record in (i.record, *i.answers))


def waive(
    moment: Moment,
    person: Actor,
    sign: Sign,
    tests: tuple[str, ...],
    reason: str,
    said: "Said | None" = None,
) -> Built:
    """The commit that waives failing tests by name, for this round."""
    results = moment.case.results
    failing = () if results is None else results.failed
    unknown = [test for test in tests if test not in failing]
    passes = results is not None and bool(results.passed)
    if unknown:
        raise _not_failing(moment.change, unknown[0], failing, passes=passes)
    if not passes:
        raise RefusedError(
            _NONE_PASSES,
            hint="commit what mends one, then: git codexa advance",
        )
    rule = gate_rule(moment.policy, Gate.RESULTS)
    if rule.role not in roles_of(moment, person):
        raise RefusedError(
            f"a waiver is for a {rule.role} to give", hint=f"git codexa status {moment.change}"
        )
    draft = begun(moment, Stage.VALIDATE, person._replace(role=rule.role), said)
    gates = {"results": {"round": moment.state.round(Stage.VALIDATE), "subject": None}}
    data = {"gates": gates, "tests": sorted(set(tests)), "reason": reason}
    decide(draft, moment, RecordType.WAIVER_GRANTED, data, sign)
    return settled(draft)


_NONE_PASSES = "no test passes, and a waiver cannot stand for all of them"


def _not_failing(change: str, test: str, failing: tuple[str, ...], *, passes: bool) -> UsageError:
    if not failing:
        told = f"{test!r} is not a failing test here: no results say that one fails"
        return UsageError(told, hint=f"what comes next: git codexa status {change}")
    more = f", and {len(failing) - _MOST} more" if len(failing) > _MOST else ""
    names = ", ".join(failing[:_MOST])
    way = f'git codexa waive {change} --test {quote(failing[0])} -m "..."'
    return UsageError(
        f"{test!r} is not a failing test here",
        hint=(f"failing: {names}{more}", way if passes else _NONE_PASSES),
    )


def ask(moment: Moment, person: Actor, question: str, said: "Said | None" = None) -> Built:
    """The commit that asks a question, which the frame gate waits for."""
    draft = begun(moment, moment.state.stage, person, said)
    draft.record(RecordType.CLARIFICATION_ASKED, {"question": question})
    return settled(draft)


def answer(
    moment: Moment, person: Actor, sign: Sign, label: str, text: str, said: "Said | None" = None
) -> Built:
    """The commit that answers a question, signed."""
    question = _labelled(moment.state.clarifications, label, "question", moment.change)
    if answer_of(moment.case, question) is not None:
        raise RefusedError(f"{label} is answered already", hint="ask a new one if it changed")
    draft = begun(moment, moment.state.stage, speaking(moment, person), said)
    data = {"question": question.record.id, "answer": text}
    decide(draft, moment, RecordType.CLARIFICATION_ANSWERED, data, sign)
    return settled(draft)


def raise_concern(
    moment: Moment, person: Actor, text: str, due: str | None = None, said: "Said | None" = None
) -> Built:
    """The commit that raises a person's concern, which blocks closing until it is resolved.

    Raises:
        UsageError: the day it is due is over already.
    """
    draft = begun(moment, moment.state.stage, person, said)
    if due is not None and due < (today := day_of(draft.at)):
        raise UsageError(
            f"a concern cannot be due on {due}: today is {today}",
            hint="--due takes today, or a day to come",
        )
    data: dict[str, Any] = {"text": text, "tests": [], "by": "person", "due": due}
    draft.record(RecordType.CONCERN_RAISED, data)
    return settled(draft)


def resolve(moment: Moment, person: Actor, sign: Sign, label: str, reason: str) -> Built:
    """The commit that resolves a concern by a person's signed word."""
    concern = _labelled(moment.state.concerns, label, "concern", moment.change)
    if not is_open(moment.case, concern):
        raise RefusedError(
            f"{label} is closed already", hint=f"git codexa concern list {moment.change}"
        )
    speaker = speaking(moment, person)
    if tells_difference(moment.case, concern):
        speaker = _of_results(moment, speaker)
    draft = Draft(moment.footing, moment.state.stage, speaker)
    data = {"concern": concern.record.id, "reason": reason}
    decide(draft, moment, RecordType.CONCERN_RESOLVED, data, sign)
    return settled(draft)


def _of_results(moment: Moment, person: Actor) -> Actor:
    """The person in the role that approves results; refused where it is not theirs."""
    role = gate_rule(moment.policy, Gate.RESULTS).role
    if role not in roles_of(moment, person):
        raise RefusedError(
            f"that two runs differ is for a {role} to resolve, who may approve the results",
            hint=f"git codexa status {moment.change}",
        )
    return person._replace(role=role)


_BEGUN = {"question": "asked", "concern": "raised"}
_WAYS = {"question": 'git codexa clarify {} "..."', "concern": "git codexa concern list {}"}
_MOST = 6
_Labelled = TypeVar("_Labelled", Clarification, Concern)


def _labelled(items: tuple[_Labelled, ...], label: str, what: str, change: str) -> _Labelled:
    for item in items:
        if item.label == label:
            return item
    known = [item.label for item in items]
    told = f"it has: {', '.join(known[-_MOST:])}" if known else f"nobody has {_BEGUN[what]} any yet"
    raise UsageError(f"{change} has no {what} {label!r}", hint=(told, _WAYS[what].format(change)))
