"""A policy that the base has by now, while an older one judges a change until it syncs.

What is refused under the older one is told with the cure that there is: not what would be missing
if nobody had changed policy since.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from codexa_git.audit.record import Actor
from codexa_git.errors import CodexaError, SignatureError
from codexa_git.gate.answers import Ask
from codexa_git.gate.case import Case
from codexa_git.gate.verdict import judge
from codexa_git.policy.keys import Candidate
from codexa_git.policy.rules import Policy, person_of
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.signing import enrolled_key, require_tester

_T = TypeVar("_T")


def sync_first(moment: Moment, helps: Callable[[Policy], bool]) -> tuple[str, ...]:
    """The way on where the base's policy `helps` and the one that judges the change does not.

    Empty where the base has no other policy, or one under which it would be no better.
    """
    newer = moment.ground.policy
    if newer == moment.policy or helps(moment.policy) or not helps(newer):
        return ()
    told = f"{moment.ground.base} has a newer policy, which says otherwise"
    return (f"{told}: git codexa sync {moment.change}, and ask again",)


def under(moment: Moment, policy: Policy) -> Case:
    """The change as this policy would judge it, all else as it is."""
    case = moment.case
    return Case(moment.store, policy, moment.held.tree, moment.tip.tree, case.context)


def judged_otherwise(moment: Moment, ask: Ask) -> tuple[str, ...]:
    """The same for something that is not met: where the base's policy answers it otherwise."""

    def answers_otherwise(policy: Policy) -> bool:
        if policy == moment.policy:
            return False
        try:
            asks = judge(under(moment, policy)).asks
        except CodexaError:
            return False
        return all(other != ask for other in asks if other.name == ask.name)

    return sync_first(moment, answers_otherwise)


def role_to_come(moment: Moment, person: Actor) -> tuple[str, ...]:
    """The same for a person without a role, where the base's policy gives them one."""
    return sync_first(moment, partial(_has_role, person))


def no_role_yet(moment: Moment, person: Actor) -> str:
    """What they are told: the base may know them by now, and the change does not."""
    return f"{person.email} has no role yet in the policy that judges {moment.change}"


def _has_role(person: Actor, policy: Policy) -> bool:
    known = person_of(policy, person.email)
    return known is not None and bool(known.roles)


def own_key(moment: Moment, person: Actor, home: Path) -> Candidate:
    """The key with which this person signs, by the policy that judges the change.

    Raises:
        SignatureError: they have no key, or none that this policy knows as theirs.
    """
    return _asked(moment, lambda policy: enrolled_key(moment.store, policy, person, home))


def testers_key(moment: Moment, environment: Mapping[str, str]) -> Path:
    """The Tester's key of this clone, by the policy that judges the change.

    Raises:
        SignatureError: there is none here, or this policy does not know it.
    """
    return _asked(moment, lambda policy: require_tester(moment.store, policy, environment))


def _asked(moment: Moment, ask: Callable[[Policy], _T]) -> _T:
    try:
        return ask(moment.policy)
    except SignatureError as error:
        if first := sync_first(moment, partial(_finds, ask)):
            raise SignatureError(error.message, hint=first) from error
        raise


def _finds(ask: Callable[[Policy], object], policy: Policy) -> bool:
    try:
        ask(policy)
    except SignatureError:
        return False
    return True
