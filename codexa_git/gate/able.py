"""Who of the owners could still act under a policy, now and once their keys have come to an end.

A policy that asks for a touch or a PIN counts the signatures of security keys alone, so whoever has
no such key cannot sign under it, however good their keys are.
"""

from codexa_git.change.text import counted
from codexa_git.policy.rules import OWNER, Policy, holders
from codexa_git.policy.signers import Signer
from codexa_git.policy.sshkeys import SK_ECDSA, SK_ED25519
from codexa_git.values import NamedTuple


class Lapse(NamedTuple):
    """A time for which too few owners have a key: from `begins` on, and until `ends` if it does.

    `able` are the addresses of those who have one.
    """

    begins: int
    able: tuple[str, ...]
    ends: int | None


def can_count(policy: Policy, key: Signer) -> bool:
    """True for a key of a kind that the policy counts signatures of."""
    asks = policy.require_touch or policy.require_pin
    return not asks or key.key_type in (SK_ED25519, SK_ECDSA)


def able_owners(policy: Policy, at: int) -> tuple[str, ...]:
    """The owners who have a key in its time, of a kind that the policy counts signatures of."""
    owners = [owner.email for owner in holders(policy, OWNER)]
    return tuple(email for email in owners if can_sign(policy, email, at))


def can_sign(policy: Policy, email: str, at: int) -> bool:
    """True for whom policy gives a key that is in its time, of a kind that it counts."""
    return any(key.is_valid_at(at) for key in _keys(policy, email))


def _keys(policy: Policy, email: str) -> tuple[Signer, ...]:
    return tuple(key for key in policy.signers.keys_of(email) if can_count(policy, key))


def are_able(policy: Policy, at: int) -> bool:
    """True where as many owners can sign the next act as the policy asks for."""
    return len(able_owners(policy, at)) >= policy.owner_count


def shortfall(policy: Policy, at: int) -> str | None:
    """Why the owners could not sign the next act, in a sentence; `None`: they could."""
    able = len(able_owners(policy, at))
    if able >= policy.owner_count:
        return None
    told = f"{counted(policy.owner_count, 'owner')} would have to sign the next, and {able} can"
    asked = asked_of_keys(policy)
    return f"{told}: it asks for {asked}, which only security keys give" if asked else told


def asked_of_keys(policy: Policy) -> str | None:
    """What the policy asks of a key that signs, in words; `None` where any will do."""
    names = {"a touch": policy.require_touch, "a PIN": policy.require_pin}
    return " and ".join(name for name, asks in names.items() if asks) or None


def lapse(policy: Policy, at: int) -> Lapse | None:
    """The first time from `at` on for which too few owners can sign; `None` if it never comes."""
    keys = [key for owner in holders(policy, OWNER) for key in _keys(policy, owner.email)]
    closes = {key.valid_before + 1 for key in keys if key.valid_before is not None}
    opens = {key.valid_after for key in keys if key.valid_after is not None}
    later = sorted(moment for moment in closes | opens if moment > at)
    short = next((moment for moment in (at, *later) if not are_able(policy, moment)), None)
    if short is None:
        return None
    again = (moment for moment in later if moment > short and are_able(policy, moment))
    return Lapse(short, able_owners(policy, short), next(again, None))
