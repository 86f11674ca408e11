"""What people say against a change: that they take an approval back, or that the change is over.

A yes counts only where nothing is wrong with it. A no is judged the other way round: it counts
where a key signed it that was ever its signer's, whatever became of key, name or role since; and
where that cannot be said of it, though it bears the name of somebody who has or had a role, it is
*doubted*, which is never a yes. Else whoever spoils one letter of a signature would undo a no.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from codexa_git.audit.payload import payload_of
from codexa_git.audit.record import Record
from codexa_git.audit.words import AgentRole, RecordType
from codexa_git.errors import CodexaError
from codexa_git.gate.case import Case
from codexa_git.gate.context import Context
from codexa_git.gate.signed import ask_ssh_keygen
from codexa_git.policy.rules import Policy, person_of
from codexa_git.policy.signers import AllowedSigners
from codexa_git.repository.store import Store
from codexa_git.values import NamedTuple

TESTER_PRINCIPAL = "tester@agents.invalid"
_MOST_KEPT = 8
_FORMER: dict[tuple[str, str], tuple[Policy, ...]] = {}


class Weight(StrEnum):
    """What a word against a change comes to."""

    COUNTS = "counts"
    DOUBTED = "doubted"
    NOTHING = "nothing"


class Against(NamedTuple):
    """A record that says no, what it comes to, and, where it is doubted, why."""

    record: Record
    weight: Weight
    why: str = ""

    @property
    def of_an_approval(self) -> str:
        """What keeps an approval that it names from counting, where it is doubted.

        The way on is to approve again: the line names no approval to come.
        """
        said = f"{self.record.actor.name} is said to have withdrawn it, and whoever holds to it"
        return f"{said} says so again (that line is not to be believed: {self.why})"


def weighed(case: Case, record: Record) -> Against:
    """What this withdrawal or abandonment comes to in this change.

    Nothing, where it is bound to another root, or bears the name of nobody who ever had a role.
    """
    return case.once(("against", id(record)), lambda: (record, _weighed(case, record)))[1]


def _weighed(case: Case, record: Record) -> Against:
    if record.data["root"] != case.context.root:
        return Against(record, Weight.NOTHING)
    doubt = doubt_of(case.store, case.policy, case.context, record)
    if doubt is None:
        return Against(record, Weight.COUNTS)
    is_known = doubt != nobody(record)
    return Against(record, Weight.DOUBTED, doubt) if is_known else Against(record, Weight.NOTHING)


def nobody(record: Record) -> str:
    """What is wrong with the word of one whom no policy ever knew."""
    return f"{record.actor.email} never had a role"


def doubt_of(store: Store, policy: Policy, context: Context, record: Record) -> str | None:
    """Why no key that was ever its actor's signed this; `None`: one did.

    The policy that judges is asked, and then each before it since the root, unless the signature is
    wrong whoever may sign. Where none ever knew the actor, it is just `nobody`.
    """
    doubts: list[str] = []
    payload = payload_of(record)
    try:
        for known in _policies(store, policy, context):
            roles = _roles(known, record)
            if roles is None:
                continue
            doubt = _doubt(known, record, roles, payload)
            if doubt is None:
                return None
            doubts.append(doubt.why)
            if doubt.for_ever:
                break
    except CodexaError as error:
        doubts.append(f"who could sign before cannot be read: {error.message}")
    return doubts[0] if doubts else nobody(record)


def _policies(store: Store, policy: Policy, context: Context) -> Iterator[Policy]:
    """The policy that judges, then, asked only if need be, every one before it since the root."""
    yield policy
    if context.root is not None and context.base is not None:
        former = _former(store, context.branch, context.base)
        yield from (known for known in former if known != policy)


def _former(store: Store, branch: str, base: str) -> tuple[Policy, ...]:
    """Every policy of this base, the newest first: it follows from the commit's id and is kept."""
    if (branch, base) not in _FORMER:
        from codexa_git.gate.tracing import traced  # noqa: PLC0415

        _, lineage = traced(store, branch, store.commit(base))
        if len(_FORMER) >= _MOST_KEPT:
            _FORMER.clear()
        _FORMER[branch, base] = lineage.policies[::-1]
    return _FORMER[branch, base]


def _roles(policy: Policy, record: Record) -> tuple[str, ...] | None:
    """The roles in which this policy lets the actor speak; `None`: it does not know them.

    Results are the Tester's, and nothing else is.
    """
    if record.type is RecordType.RESULTS_RECORDED:
        return (AgentRole.TESTER,) if record.actor.email == TESTER_PRINCIPAL else None
    person = person_of(policy, record.actor.email)
    return None if person is None else person.roles


class _Doubt(NamedTuple):
    """Why a word is not its actor's; `for_ever`: and no policy could make it theirs."""

    why: str
    for_ever: bool = False


def _doubt(policy: Policy, record: Record, roles: tuple[str, ...], payload: bytes) -> _Doubt | None:
    """Why this is not the word of the one whom this policy knows by its address."""
    from codexa_git.policy.signatures import check  # noqa: PLC0415

    actor, person = record.actor, person_of(policy, record.actor.email)
    if actor.role not in roles:
        return _Doubt(f"{actor.email} does not hold the role {actor.role}")
    if person is not None and person.name != actor.name:
        return _Doubt(f"{actor.email} is {person.name} in the policy")
    signature, signers = record.signature or "", _at_any_time(policy.signers)
    judgement = check(payload, signature, actor.email, signers, 0, ask=ask_ssh_keygen)
    if judgement.answer == "good":
        return None
    return _Doubt(judgement.reason, judgement.holds is False)


@lru_cache(maxsize=16)
def _at_any_time(signers: AllowedSigners) -> AllowedSigners:
    """The same keys, each without the window in which it counts."""
    return AllowedSigners(
        tuple(s._replace(valid_after=None, valid_before=None) for s in signers.signers)
    )


class TakenBack(NamedTuple):
    """The ids of the approvals that a withdrawal which counts names; of others, why it is doubted.

    `doubted` maps the id of each that a doubted withdrawal names to that withdrawal.
    """

    gone: frozenset[str]
    doubted: dict[str, Against]


def taken_back(case: Case) -> TakenBack:
    """What became of approvals by withdrawals, as far as they count."""
    return case.once(("taken back",), lambda: _taken_back(case))


def _taken_back(case: Case) -> TakenBack:
    said = [weighed(case, record) for record in case.state.of(RecordType.APPROVAL_WITHDRAWN)]
    named = {
        weight: {name: word for word in said if word.weight is weight for name in _named(word)}
        for weight in (Weight.COUNTS, Weight.DOUBTED)
    }
    gone = frozenset(named[Weight.COUNTS])
    doubted = {name: word for name, word in named[Weight.DOUBTED].items() if name not in gone}
    return TakenBack(gone, doubted)


def _named(word: Against) -> list[str]:
    names: list[str] = word.record.data["approvals"]
    return names


def granted(case: Case) -> tuple[Record, ...]:
    """Every approval, of whatever round, that no withdrawal which counts has taken back."""
    gone = taken_back(case).gone
    return tuple(r for r in case.state.of(RecordType.APPROVAL_GRANTED) if r.id not in gone)
