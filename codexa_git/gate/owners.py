"""What owners decide about the base itself, and whether enough of them signed it.

A ruling is to a commit of the base what a verdict is to a change: a value that lists every
question, met or not, and why. The commit that made the trust root is judged from its own tree
alone, by the policy that it made: what came before was signed by nobody.
"""

from collections.abc import Sequence
from typing import NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import PolicyError
from codexa_git.gate.answers import Answer, Ask, Basis, no, undecided, yes
from codexa_git.gate.root import id_of, root_records
from codexa_git.gate.signed import Decision, signature_problem, wrong_name
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import OWNER, Mode, Policy, holders
from codexa_git.repository.store import Store


class Ruling(NamedTuple):
    """What is answered of one commit of the base; `owners` are the addresses that count."""

    kind: RecordType
    asks: tuple[Ask, ...]
    owners: tuple[str, ...]

    @property
    def yes(self) -> bool:
        """True where everything asked is met."""
        return all(ask.met for ask in self.asks)

    @property
    def unmet(self) -> tuple[Ask, ...]:
        """What is not met, in the order asked."""
        return tuple(ask for ask in self.asks if not ask.met)

    @property
    def undecided(self) -> bool:
        """True where something could not be decided."""
        return any(ask.answer.met is None for ask in self.asks)


def counted_owners(policy: Policy, records: Sequence[Record], at: int) -> tuple[Decision, ...]:
    """Each signed record, and what is wrong with it as an owner's word under this policy."""
    return tuple(Decision(record, _problem(policy, record, at)) for record in records)


def _problem(policy: Policy, record: Record, at: int) -> str | None:
    email = record.actor.email
    if email not in [owner.email for owner in holders(policy, OWNER)]:
        return f"{email} is no owner under the policy that judges"
    if record.actor.role != OWNER:
        return f"signed as {record.actor.role}, and not as an owner"
    if problem := wrong_name(policy, record):
        return problem
    return signature_problem(policy, record, at)


def owners_answer(policy: Policy, owners: Sequence[Decision], wanted: int | None = None) -> Answer:
    """Yes where so many different owners signed (as policy counts), and no signature is wrong."""
    needed = policy.owner_count if wanted is None else wanted
    wrong = [f"{o.record.actor.name}: {o.problem}" for o in owners if not o.counts]
    signed = {o.record.actor.email: o.record.actor.name for o in owners if o.counts}
    if wrong or len(signed) < needed:
        count = f"{len(signed)} of {needed} owners signed"
        return no("; ".join((count, *wrong)), who=_missing(policy, signed))
    if len(signed) < len(owners):
        return no("an owner signed twice")
    return yes(f"signed by {', '.join(signed.values())}", Basis.ATTESTED)


def _missing(policy: Policy, signed: dict[str, str]) -> tuple[str, ...]:
    return tuple(owner.name for owner in holders(policy, OWNER) if owner.email not in signed)


def judge_root(store: Store, tree: str, at: int) -> Ruling:
    """Whether this tree, the first that enforces, makes a trust root; keys are judged at `at`."""
    try:
        policy = load_policy(store, tree, None)
    except PolicyError as error:
        return _ruled(undecided(error.message))
    if policy is None or policy.mode is not Mode.ENFORCE:
        return _ruled(no("its policy does not enforce"))
    records = root_records(store, tree)
    agreed = _one_root(store, tree, policy, records)
    owners = counted_owners(policy, records, at)
    return Ruling(
        RecordType.ROOT_MADE,
        (
            Ask("root-recorded", None, "every root record names these policy files", agreed),
            Ask(
                "owners-signed",
                None,
                "as many owners as the policy asks for have signed",
                owners_answer(policy, owners),
            ),
        ),
        tuple(owner.record.actor.email for owner in owners if owner.counts),
    )


def _ruled(answer: Answer) -> Ruling:
    ask = Ask("root-recorded", None, "the tree has a policy that enforces", answer)
    return Ruling(RecordType.ROOT_MADE, (ask,), ())


def _one_root(store: Store, tree: str, policy: Policy, records: tuple[Record, ...]) -> Answer:
    if not records:
        return no("no trust root is recorded in audit/")
    said = tuple(digest(store.read(tree, path) or b"") for path in (POLICY, SIGNERS))
    for record in records:
        data = record.data
        if (data["policy"], data["signers"], data["branch"]) != (*said, policy.branch):
            return no(f"{record.actor.name} signed another policy, or another base")
        if id_of(record) != id_of(records[0]):
            return no("the owners signed different roots")
    return yes(id_of(records[0]), Basis.ATTESTED)
