"""Approving: what waits for whom, the signature over all of it, and asking for one.

Where no key is at hand an approval can only be asked for, and the request decides nothing.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from codexa_git.audit.record import Actor
from codexa_git.audit.words import ORDER, Gate, RecordType, Stage
from codexa_git.change.slash import Said
from codexa_git.change.text import among
from codexa_git.errors import RefusedError
from codexa_git.gate.decisions import Need, approvals, barred, can_meet, needs
from codexa_git.gate.verdict import Verdict
from codexa_git.policy.rules import Policy, gate_rule, person_of
from codexa_git.repository.remotes import upstream
from codexa_git.workflow.changes.astray import require_alone
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.losing import require_whole
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.wording import APPROVALS, SAID, is_spent
from codexa_git.workflow.decisions.deciding import Sign, begun, decide, roles_of, settled
from codexa_git.workflow.decisions.enrolling import no_role
from codexa_git.workflow.decisions.overtaken import (
    judged_otherwise,
    no_role_yet,
    role_to_come,
    sync_first,
)
from codexa_git.workflow.decisions.refusing import unsigned_ways, way_on


class Waiting(NamedTuple):
    """What waits for one person's approval: which gates, and what each would bind."""

    gates: tuple[Gate, ...]
    paths: dict[Gate, tuple[str, ...]]


def waiting_for(moment: Moment, person: Actor) -> Waiting:
    """The gates whose other requirements hold and that this person's approval would help."""
    gates = awaited(moment, roles_of(moment, person), person.email)
    return Waiting(gates, {g: tuple(d.path for d in moment.case.scope(g)) for g in gates})


def awaited(
    moment: Moment, roles: tuple[str, ...] | None = None, email: str | None = None
) -> tuple[Gate, ...]:
    """The gates that an approval in one of these roles would help; in any role for `None`.

    One by the person with this address, where it is said: who signed the work helps none of it, and
    whose approval stands has given it.
    """
    verdict, found = moment.verdict(), list[Gate]()
    for gate in Gate:
        stage = _asked_in(moment, gate)
        if email is not None and _is_done_with(moment, gate, email):
            continue
        if _comes_next(verdict, stage, found) and _waits(moment, verdict, gate, stage, roles):
            found.append(gate)
    return tuple(found)


def _is_done_with(moment: Moment, gate: Gate, email: str) -> bool:
    return email in barred(moment.case, gate) or _stands(moment, gate, email)


def _stands(moment: Moment, gate: Gate, email: str) -> bool:
    """True where this person has approved it in a role that is asked, and nothing fell since."""
    rule = gate_rule(moment.policy, gate)
    roles = {need.role for need in needs(moment.case, gate, rule)}
    own = (d for d in approvals(moment.case, gate) if d.record.actor.email == email)
    return any(d.counts and not roles.isdisjoint(d.roles) for d in own)


def _asked_in(moment: Moment, gate: Gate) -> Stage:
    """The stage in which this approval is asked for: a light change's plan with its package."""
    if gate is not Gate.PLAN or moment.state.light is None:
        return gate.stage
    return Gate.PACKAGE.stage if moment.case.plan_waits else gate.stage


def _comes_next(verdict: Verdict, stage: Stage, before: list[Gate]) -> bool:
    """True where nothing of an earlier stage is unmet but what the same signature meets."""
    met = {APPROVALS[other] for other in before}
    earlier = [ask for before_it in ORDER[: stage.number] for ask in verdict.of(before_it)]
    return all(ask.met or ask.name in met for ask in earlier)


def _waits(
    moment: Moment, verdict: Verdict, gate: Gate, stage: Stage, roles: tuple[str, ...] | None
) -> bool:
    if stage.number > moment.state.stage.number:
        return False
    asks = [*verdict.of(None), *verdict.of(stage)]
    asked = next(APPROVALS[other] for other in Gate if other.stage is stage)
    if any(not ask.met for ask in asks if ask.name not in (asked, *_LATER)):
        return False
    if all(ask.met for ask in asks if ask.name == asked):
        return False
    missing = [n for n in needs(moment.case, gate, gate_rule(moment.policy, gate)) if n.missing]
    return bool(missing) if roles is None else any(need.role in roles for need in missing)


_LATER = ("plan-before-product",)
"""Asked in any stage, and met by the very approval that is being asked for."""


def approve(
    moment: Moment, person: Actor, sign: Sign, *, comment: str = "", said: Said | None = None
) -> Built:
    """The commit with this person's approval of everything that waits for them.

    Raises:
        RefusedError: nothing waits for them, and the hint says what does, and for whom; or a
            commit of the change took records away.
    """
    require_whole(moment)
    require_alone(moment.ground, moment.change, moment.tip)
    waiting = waiting_for(moment, person)
    if not waiting.gates:
        raise nothing_waits(moment, person)
    if Gate.PACKAGE in waiting.gates:
        _require_own_packet(moment)
    acting = person._replace(role=_acting_role(moment, waiting.gates[0], person))
    draft = begun(moment, waiting.gates[-1].stage, acting, said)
    data = {"gates": _bound(moment, waiting.gates), "comment": comment}
    decide(draft, moment, RecordType.APPROVAL_GRANTED, data, sign)
    return settled(draft)


def _require_own_packet(moment: Moment) -> None:
    """What the approver read is this tool's own account, and nobody else's page."""
    from codexa_git.workflow.decisions.vetting import require_own_packet  # noqa: PLC0415

    require_own_packet(moment.case)


def _acting_role(moment: Moment, gate: Gate, person: Actor) -> str:
    roles = roles_of(moment, person)
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
    """Why there is nothing for this person to approve, and what would have to come first.

    Where others push it, that is true of what was fetched, and said so.
    """
    error = _nothing_here(moment, person)
    if upstream(moment.store, moment.ref) is not None:
        again = f"git fetch, then git codexa status {moment.change}"
        error.hints = (*error.hints, f"that is as last fetched; to look again: {again}")
    return error


def _nothing_here(moment: Moment, person: Actor) -> RefusedError:
    verdict = moment.verdict(moment.state.stage)
    first = verdict.unmet[0] if verdict.unmet else None
    if not roles_of(moment, person):
        if to_come := role_to_come(moment, person):
            return RefusedError(no_role_yet(moment, person), hint=to_come)
        return RefusedError(
            f"{person.email} has no role in this repository's policy, so no approval of theirs"
            " would count",
            hint=(_asked_people(moment, verdict, person), *no_role(moment.policy, person)[1:]),
        )
    if others := awaited(moment):
        return _for_others(moment, person, others[0])
    return _nothing_first(moment, verdict, "you" if first is None else f"you, {person.name}")


def _for_others(moment: Moment, person: Actor, gate: Gate) -> RefusedError:
    """An approval is all that is missing, and this person's would not help."""
    rule = gate_rule(moment.policy, gate)
    missing = [need for need in needs(moment.case, gate, rule) if need.missing]
    asked = " and ".join(dict.fromkeys(need.role for need in missing))
    names = dict.fromkeys(name for need in missing for name in can_meet(moment.case, need))
    every = sum(need.missing for need in missing) >= len(names)
    own = person.email in barred(moment.case, gate)
    spent = next((ask for ask in moment.verdict().unmet if is_spent(ask)), None)
    ways: tuple[str, ...] = ()
    if not own:
        ways = sync_first(moment, partial(_gives, person, missing))
    if not names:
        ways = ways or _of_newer_policy(moment, gate)
    if spent is not None:
        ways = ways or (way_on(moment, spent), *unsigned_ways(moment))
    if own:
        told = f"you signed its work, and the approval of its {gate} is for somebody else to give"
    elif _stands(moment, gate, person.email):
        told = f"you have approved {SAID[gate]}, and that stands"
    else:
        told = f"approving {SAID[gate]} takes the role {asked}, which you do not hold"
    return RefusedError(
        f"nothing in {moment.change} waits for you, {person.name}: {told}",
        hint=ways or f"ask {among(names, every=every) or 'an owner to name a ' + missing[0].role}",
    )


def _of_newer_policy(moment: Moment, gate: Gate) -> tuple[str, ...]:
    """The way on where nobody is left to approve, and the base's policy names somebody by now."""
    asks = moment.verdict().of(gate.stage)
    return next((judged_otherwise(moment, a) for a in asks if a.name == APPROVALS[gate]), ())


def _gives(person: Actor, missing: Sequence[Need], policy: Policy) -> bool:
    """True for a policy that gives this person a role which is asked for."""
    known = person_of(policy, person.email)
    return known is not None and any(need.role in known.roles for need in missing)


def _nothing_first(moment: Moment, verdict: Verdict, whom: str) -> RefusedError:
    if not verdict.unmet:
        return RefusedError(
            f"nothing in {moment.change} waits for {whom}",
            hint=f"git codexa status {moment.change}",
        )
    first = verdict.unmet[0]
    return RefusedError(
        f"nothing in {moment.change} waits for {whom}: {first.name} comes first",
        details=(("now", first.answer.now),),
        hint=way_on(moment, first),
    )


def _asked_people(moment: Moment, verdict: Verdict, person: Actor) -> str:
    for gate in Gate:
        if not all(ask.met for ask in verdict.asks if ask.name == APPROVALS[gate]):
            rule = gate_rule(moment.policy, gate)
            names = can_meet(moment.case, needs(moment.case, gate, rule)[0])
            return f"ask {' or '.join(names) or 'an owner to name a ' + rule.role}"
    return no_role(moment.policy, person)[0]


def request(moment: Moment, person: Actor, said: Said) -> Built:
    """The commit that asks for the approvals that are missing; only their own keys give them.

    Raises:
        RefusedError: no approval is missing, or something else comes first.
    """
    gates = awaited(moment)
    if not gates:
        raise _nothing_first(moment, moment.verdict(moment.state.stage), "anybody's approval")
    asked = {found.gate for found in moment.state.requests}
    draft = begun(moment, moment.state.stage, person, said)
    rounds = {gate: moment.state.round(gate.stage) for gate in gates if gate not in asked}
    if rounds:
        draft.record(RecordType.APPROVAL_REQUESTED, {"gates": rounds, "asker": said.asker})
    return settled(draft)
