"""How a person comes to be heard: a role in the policy, a key, and who gives them both."""

from collections.abc import Sequence
from shlex import quote

from codexa_git.audit.record import Actor
from codexa_git.audit.words import Gate
from codexa_git.policy.rules import OWNER, Person, Policy, gate_rule, holders, person_of

USUAL_KEY = "~/.ssh/id_ed25519.pub"
"""Where `ssh-keygen` puts a public key; a shell reads it so, and it is never quoted."""

SECURITY_KEY = "~/.ssh/id_ed25519_sk.pub"
"""The same of a key that lies in hardware."""

_MOST = 3


def new_key(policy: Policy) -> str:
    """What makes a key whose signatures this policy counts."""
    if policy.require_pin:
        return "ssh-keygen -t ed25519-sk -O verify-required"
    return f"ssh-keygen -t {'ed25519-sk' if policy.require_touch else 'ed25519'}"


def enrolment(policy: Policy, person: Actor, key: str = USUAL_KEY) -> str:
    """Who lets this person sign with this public key, and the command that does it.

    A key's file lies where its person sits: from somebody who owns no policy it is sent first.
    """
    known = person_of(policy, person.email)
    name = person.name if known is None else known.name
    role = "" if known is not None else f" --role {quote(gate_rule(policy, Gate.PLAN).role)}"
    command = f"git codexa people add {quote(name)} {quote(person.email)}{role} --key "
    owners = holders(policy, OWNER)
    whom = _some(owners, "an owner")
    if key.startswith("~/") and person.email not in [owner.email for owner in owners]:
        there = key.rpartition("/")[2]
        return f"send {key} to {whom}, who enrols it where it lies then: {command}{there}"
    return f"{whom} can enrol it: {command}{key}"


def an_owner(policy: Policy, person: Actor) -> tuple[str, ...]:
    """What somebody who is no owner does where one is asked for."""
    owners = holders(policy, OWNER)
    return *if_you_are(policy, person, owners), f"ask {_some(owners, 'an owner')}"


def if_you_are(policy: Policy, person: Actor, people: Sequence[Person]) -> tuple[str, ...]:
    """How whom git knows by an address that policy does not name says that they are one of these.

    Empty where policy names the address: then they are whom it names.
    """
    if person_of(policy, person.email) is not None:
        return ()
    says = f"git's user.email says {person.email}; if you are"
    return tuple(
        f"{says} {one.name}: git config user.email {quote(one.email)}" for one in people[:_MOST]
    )


def no_role(policy: Policy, person: Actor) -> tuple[str, ...]:
    """What somebody without a role does: asks one who has it, or an owner for one."""
    asked = f"ask {with_roles(policy)}"
    yours = if_you_are(policy, person, [one for one in policy.people if one.roles])
    return (
        asked,
        *yours,
        f"for a role of your own, {enrolment(policy, person)}",
    )


def with_roles(policy: Policy) -> str:
    """Whose word counts: a few of them, by name."""
    return _some([one for one in policy.people if one.roles], "an owner")


def _some(people: Sequence[Person], else_: str) -> str:
    names = [one.name for one in people[:_MOST]]
    names += [f"{len(people) - _MOST} more"] if len(people) > _MOST else []
    return " or ".join(names) or else_
