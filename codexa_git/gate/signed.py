"""Whether the signature of one record counts under a policy, whatever it was given for."""

from codexa_git.audit.payload import payload_of
from codexa_git.audit.record import Record
from codexa_git.audit.words import AgentRole
from codexa_git.policy.rules import Policy, person_of
from codexa_git.values import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from codexa_git.policy.signatures import Judgement

NO_TOUCH = "signed without a touch of the key, which policy asks for"
NO_PIN = "signed without the key's PIN, which policy asks for"
NOT_JUDGED = "its signature could not be judged"


class Decision(NamedTuple):
    """A signed record with what is wrong with it (`None`: it counts) and the signer's roles.

    `fallen` lists the paths that an approval no longer stands for.
    """

    record: Record
    problem: str | None
    roles: tuple[str, ...] = ()
    fallen: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """True where nothing is wrong with it."""
        return self.problem is None


def wrong_name(policy: Policy, record: Record) -> str | None:
    """Why this is not the name that policy knows the signer's address by; `None`: it is.

    Pages tell of people by name, and an address's key would sign any.
    """
    person = person_of(policy, record.signer.email)
    if person is None or person.name == record.signer.name:
        return None
    return f"{record.signer.email} is {person.name} in the policy, and signed as another"


def signature_problem(policy: Policy, record: Record, at: int) -> str | None:
    """Why this signature does not count at that time, under this policy; `None`: it does.

    Whether the signer may say what the record says is asked elsewhere.
    """
    return problem_of(policy, record, check_signature(policy, record, at))


def check_signature(policy: Policy, record: Record, at: int) -> "Judgement":
    """Whether the signature is its signer's, by a key that policy gives them at that time."""
    from codexa_git.policy.signatures import check  # noqa: PLC0415

    signature, email = record.signature or "", record.signer.email
    return check(payload_of(record), signature, email, policy.signers, at, ask=ask_ssh_keygen)


def problem_of(policy: Policy, record: Record, judgement: "Judgement") -> str | None:
    """Why a signature that was judged so does not count; `None`: it does.

    The Tester's key lies in a clone, and is asked for neither touch nor PIN.
    """
    if judgement.answer == "undecided":
        return f"{NOT_JUDGED}: {judgement.reason}"
    if judgement.answer != "good":
        return f"its signature is wrong: {judgement.reason}"
    if record.signer.role == AgentRole.TESTER:
        return None
    if policy.require_touch and not judgement.touched:
        return NO_TOUCH
    if policy.require_pin and not judgement.verified_user:
        return NO_PIN
    return None


def ask_ssh_keygen(*question: Any) -> bool | None:  # noqa: ANN401 (as `verify` takes it)
    """What `ssh-keygen` says of a signature that cannot be checked here."""
    from codexa_git.repository.ssh import verify  # noqa: PLC0415

    return verify(*question)
