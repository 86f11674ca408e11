"""Signed records: whether one counts as its signer's word, whatever it says.

An unsigned record never speaks for a person, and one that is signed speaks only here: for this
root, this base, this change, this round, by a principal whose role may say it.
"""

from codexa_git.audit.record import Record
from codexa_git.audit.words import AgentRole, Gate, RecordType
from codexa_git.gate.against import TESTER_PRINCIPAL as TESTER_PRINCIPAL  # noqa: PLC0414
from codexa_git.gate.case import Case
from codexa_git.gate.signed import Decision, check_signature, problem_of, wrong_name
from codexa_git.policy.rules import Policy, person_of
from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from codexa_git.policy.signatures import Judgement


def judged(case: Case, record: Record) -> Decision:
    """Whether this signed record speaks for its signer, under this policy, about this change.

    Asked in this order: root, base, light, round, what was seen, who it is, whether such a one may
    say it, the signature, touch and PIN.
    """
    # Kept with its record, so that no other has its identity while the answer is known.
    return case.once(("judged", id(record)), lambda: (record, _judged(case, record)))[1]


def _judged(case: Case, record: Record) -> Decision:
    roles = roles_of(case, record.signer.email)
    if problem := _wrong_place(case, record) or _wrong_hand(case.policy, record, roles):
        return Decision(record, problem)
    judgement = signature_of(case, record)
    return Decision(record, problem_of(case.policy, record, judgement), roles)


def _wrong_place(case: Case, record: Record) -> str | None:
    data = record.data
    if data["root"] != case.context.root:
        return "signed under another trust root"
    if data["branch"] != case.context.branch:
        return f"signed for the base {data['branch']}"
    if case.state.light is not None and case.state.light.id not in data["seen"]:
        return "signed before the change was marked light"
    if (signed := other_round(record)) is not None:
        return f"its line says round {record.round}, and round {signed} was signed"
    if case.record_ids.issuperset(data["seen"]):
        return None
    return "names records that this change does not hold"


def other_round(record: Record) -> int | None:
    """The signed round of the record's own stage, where its line says another; `None`: it agrees.

    Stage and round of the line are not under the signature. A gate of another stage tells nothing.
    """
    for name, bound in record.data["gates"].items():
        if Gate(name).stage is record.stage and bound["round"] != record.round:
            return int(bound["round"])
    return None


def _wrong_hand(policy: Policy, record: Record, roles: tuple[str, ...]) -> str | None:
    """Whoever signs does so by their own name; the Tester's key signs results and nothing else."""
    if not roles:
        return f"{record.signer.email} has no role in the policy"
    if record.signer.role not in roles:
        return f"{record.signer.email} does not hold the role {record.signer.role}"
    if problem := wrong_name(policy, record):
        return problem
    is_tester = record.signer.email == TESTER_PRINCIPAL
    if record.type is RecordType.RESULTS_RECORDED:
        return None if is_tester else "results are for a tester to sign"
    return "the Tester's key signs results, and no person's word" if is_tester else None


def roles_of(case: Case, email: str) -> tuple[str, ...]:
    """The roles that this principal may speak in."""
    if email == TESTER_PRINCIPAL:
        return (AgentRole.TESTER,)
    person = person_of(case.policy, email)
    return () if person is None else person.roles


def signature_of(case: Case, record: Record) -> "Judgement":
    """Whether the signature is its signer's, by a key that was theirs when this is judged."""
    return check_signature(case.policy, record, max(case.context.at, case.context.not_before))
