"""Why an approval that a landing needs does not count, rule by rule (A1 to A16, P7).

A verdict says that approvals are missing. These functions say of the present round's approvals
what each of them breaks; a shortfall that none of them explains is one all the same.
"""

from collections.abc import Iterator

from codexa_git.audit.record import Record
from codexa_git.audit.words import AgentRole, Gate, RecordType
from codexa_git.gate.against import granted, taken_back
from codexa_git.gate.answers import Ask
from codexa_git.gate.case import Case
from codexa_git.gate.closing import is_open
from codexa_git.gate.decisions import (
    TESTER_PRINCIPAL,
    approvals,
    asks_whose,
    needs,
    tester_signed,
)
from codexa_git.gate.judging import other_round, signature_of
from codexa_git.gate.signed import Decision
from codexa_git.gate.subjects import subject_of
from codexa_git.gate.working import OWN_WORK, signed_tasks, work_of
from codexa_git.policy.rules import gate_rule
from codexa_git.policy.signatures import Answer
from codexa_git.verify.findings import Breach

GATES = {
    "plan-approved": Gate.PLAN,
    "results-approved": Gate.RESULTS,
    "package-approved": Gate.PACKAGE,
}
"""The requirements that ask for approvals, and of which gate."""

_COUNTS = {Gate.PLAN: "A1", Gate.RESULTS: "A2", Gate.PACKAGE: "A3"}


def too_few(case: Case, ask: Ask) -> Iterator[Breach]:
    """A1, A2, A3: not as many as policy asks for have signed what is there."""
    yield Breach(_COUNTS[GATES[ask.name]], ask.answer.now, hint=ask.answer.command)
    del case


def other_list(case: Case, ask: Ask) -> Iterator[Breach]:
    """A4: the list of paths in an approval is not the one whose digest was signed."""
    for decision in _decisions(case, ask):
        bound = decision.record.data["gates"][GATES[ask.name]]
        if subject_of(bound).digest != bound["subject"]:
            yield _by(case, "A4", decision.record, "its list of paths is not what was signed")


def stale(case: Case, ask: Ask) -> Iterator[Breach]:
    """A5: a path changed, came or went since it was approved."""
    for decision in _decisions(case, ask):
        for path in decision.fallen:
            told = f"{path} is not as {decision.record.actor} approved it"
            yield Breach("A5", told, path)


def wrong_signature(case: Case, ask: Ask) -> Iterator[Breach]:
    """A6: a signature in another namespace, by another's key, out of its time, of other words."""
    for record in _records(case, ask):
        judgement = signature_of(case, record)
        if judgement.answer is not Answer.GOOD:
            undecided = judgement.answer is Answer.UNDECIDED
            yield _by(case, "A6", record, judgement.reason, undecided=undecided)


def before_the_mark(case: Case, ask: Ask) -> Iterator[Breach]:
    """G17: it was signed without having seen that the change is marked light."""
    mark = case.state.light
    for record in _records(case, ask):
        if mark is not None and mark.id not in record.data["seen"]:
            yield _by(case, "G17", record, "signed before the change was marked light")


def elsewhere(case: Case, ask: Ask) -> Iterator[Breach]:
    """A7: it was signed for another root, another base, or another round."""
    for record in _records(case, ask):
        data, context = record.data, case.context
        if data["root"] not in (context.root, None):
            yield _by(case, "A7", record, "signed under another trust root")
        if data["branch"] != context.branch:
            yield _by(case, "A7", record, f"signed for the base {data['branch']}")
        if (signed := other_round(record)) is not None:
            told = f"signed for round {signed}, and its line says {record.round}"
            yield _by(case, "A7", record, told)
    if ask.name in GATES and not _records(case, ask):
        yield from _of_other_rounds(case, GATES[ask.name])


def _of_other_rounds(case: Case, gate: Gate) -> Iterator[Breach]:
    for record in granted(case):
        if gate in record.data["gates"]:
            told = f"signed in round {record.data['gates'][gate]['round']} of {gate}, and this is"
            yield _by(case, "A7", record, f"{told} round {case.state.round(gate.stage)}")


def unseen(case: Case, ask: Ask) -> Iterator[Breach]:
    """A8: its signer had seen a record that is not among the change's."""
    known = {record.id for record in case.state.records}
    for record in _records(case, ask):
        gone = [name for name in record.data["seen"] if name not in known]
        if gone:
            yield _by(case, "A8", record, f"its signer had seen {gone[0]}, which is not there")


def counted_twice(case: Case, ask: Ask) -> Iterator[Breach]:
    """A9: one signer stands there more than once, and counts once."""
    signers = [d.record.actor.email for d in _decisions(case, ask) if d.counts]
    for email in dict.fromkeys(signers):
        if signers.count(email) > 1:
            yield Breach("A9", f"{email} signed {signers.count(email)} times, and counts once")


def withdrawn(case: Case, ask: Ask) -> Iterator[Breach]:
    """A10: an approval that was taken back does not count, nor one of which that is doubted."""
    gate, taken = GATES[ask.name], taken_back(case)
    for record in case.state.of(RecordType.APPROVAL_GRANTED):
        if gate not in record.data["gates"]:
            continue
        if record.id in taken.gone:
            yield _by(case, "A10", record, "was withdrawn")
        elif (word := taken.doubted.get(record.id)) is not None:
            told = f"is said to be withdrawn, and that line is not to be believed: {word.why}"
            yield _by(case, "A10", record, told)


def alone(case: Case, ask: Ask) -> Iterator[Breach]:
    """A11: one alone approved what nobody signed as theirs, which may be their own."""
    gate = GATES[ask.name]
    needed = needs(case, gate, gate_rule(case.policy, gate)) if case.policy.separate else ()
    if asks_whose(case, gate) and work_of(case).signed:
        return
    for need in needed:
        if need.missing and len(need.approvers) == 1:
            what = need.paths[0] if need.paths else "it"
            told = f"{need.approvers[0]} approved {what} alone, and it may be their own work"
            yield Breach("A11", told, need.paths[0] if need.paths else None)


def own_work(case: Case, ask: Ask) -> Iterator[Breach]:
    """A14: who signed the work approved it, too."""
    for decision in _decisions(case, ask):
        if decision.problem == OWN_WORK:
            yield _by(case, "A14", decision.record, OWN_WORK)


def wrongly_signed_work(case: Case, ask: Ask) -> Iterator[Breach]:
    """A15: the signature of a task is not one of the work: of whom, where, or in which round."""
    for task in signed_tasks(case) if asks_whose(case, GATES[ask.name]) else ():
        if task.problem is not None:
            undecided = signature_of(case, task.record).answer is Answer.UNDECIDED
            told = f"{task.record.signer} signed it: {task.problem}"
            yield _by(case, "A15", task.record, told, undecided=undecided)


def other_work(case: Case, ask: Ask) -> Iterator[Breach]:
    """A16: a path is not as the signed tasks left it, so that the work is not signed."""
    tasks = signed_tasks(case) if asks_whose(case, GATES[ask.name]) else ()
    if any(task.counts for task in tasks) and (path := work_of(case).unsigned):
        yield Breach("A16", f"{path} is not as a signed task left it", path)


def untouched(case: Case, ask: Ask) -> Iterator[Breach]:
    """A12: the key was not touched, or its PIN not given, where policy asks for that."""
    for record in _records(case, ask):
        judgement = signature_of(case, record)
        if judgement.answer is not Answer.GOOD:
            continue
        if case.policy.require_touch and not judgement.touched:
            yield _by(case, "A12", record, "signed without a touch of the key")
        if case.policy.require_pin and not judgement.verified_user:
            yield _by(case, "A12", record, "signed without the key's PIN")


def by_an_agent(case: Case, ask: Ask) -> Iterator[Breach]:
    """A13: an agent signed where a person has to."""
    for record in _records(case, ask):
        if record.actor.email.endswith("@agents.invalid") or record.actor.role in tuple(AgentRole):
            yield _by(case, "A13", record, f"{record.actor.email} is an agent's")


def while_observing(case: Case, ask: Ask) -> Iterator[Breach]:
    """P7: it was signed under no trust root, while nothing was enforced."""
    for record in _records(case, ask):
        if record.data["root"] is None and case.context.root is not None:
            yield _by(case, "P7", record, "signed while observing, and now policy enforces")


def not_a_testers(case: Case, ask: Ask) -> Iterator[Breach]:
    """E5: nobody whose role is tester has signed the results as they are."""
    signed = tester_signed(case)
    if signed is None or not signed.counts:
        yield Breach("E5", ask.answer.now, case.places.results, hint=ask.answer.command)


def of_another_tree(case: Case, ask: Ask) -> Iterator[Breach]:
    """E4: the signed results are of another tree, or of less than the records tell."""
    signed = tester_signed(case)
    if signed is not None and signed.counts:
        yield Breach("E4", ask.answer.now, case.places.results, hint=ask.answer.command)


def unresolved_by_a_person(case: Case, ask: Ask) -> Iterator[Breach]:
    """G12: a person's concern was answered, and not by a person's signature that counts."""
    del ask
    for concern in case.state.concerns:
        answer = concern.answer
        if not concern.by_person or answer is None or not is_open(case, concern):
            continue
        signed = answer.type is RecordType.CONCERN_RESOLVED
        if not signed or answer.actor.email == TESTER_PRINCIPAL or not _good(case, answer):
            told = f"{concern.label} is a person's, and {answer.actor}'s answer is not signed for"
            yield Breach("G12", told, case.places.log(answer.log))


def _good(case: Case, record: Record) -> bool:
    return signature_of(case, record).answer is Answer.GOOD


def _records(case: Case, ask: Ask) -> tuple[Record, ...]:
    """The signed records that this requirement looks at."""
    if ask.name in GATES:
        return tuple(decision.record for decision in _decisions(case, ask))
    return () if case.state.results is None else (case.state.results,)


def _decisions(case: Case, ask: Ask) -> tuple[Decision, ...]:
    return approvals(case, GATES[ask.name])


def _by(case: Case, rule: str, record: Record, told: str, *, undecided: bool = False) -> Breach:
    """A breach by one signed record, at its line."""
    path = case.places.log(record.log)
    same = [other.id for other in case.state.records if other.log == record.log]
    told = f"{record.type} by {record.actor}, {record.at}: {told}"
    return Breach(rule, told, path, same.index(record.id) + 1, undecided=undecided)
