"""What the owners should know of a policy before they sign it: who could not act, and from when on.

None of it keeps anybody from signing. A policy under which the owners could not act at all is
refused (`policy-holds`); that keys end, or that a gate waits for people to come, may be meant.
"""

from collections.abc import Sequence
from typing import NamedTuple

from codexa_git.audit.record import time_of
from codexa_git.audit.words import Gate
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.gate.able import Lapse, asked_of_keys, can_count, lapse
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import OWNER, GateRule, PathRule, Policy, approvers_asked, holders
from codexa_git.workflow.base.basing import hold_files
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.owners.proposing import Proposal, time_of_act


class Forewarning(NamedTuple):
    """One thing to know, and what can be done about it."""

    told: str
    do: str


def forewarnings_of(ground: Ground, proposal: Proposal) -> tuple[Forewarning, ...]:
    """What is to be known of the policy that this would leave; nothing where it changes none."""
    if not {POLICY, SIGNERS} & proposal.files.keys():
        return ()
    tree = hold_files(ground.store, ground.tip.tree, proposal.files)
    policy = load_policy(ground.store, tree, None)
    return () if policy is None else forewarnings(policy, time_of_act(ground, proposal.signed))


def forewarnings(policy: Policy, at: int) -> tuple[Forewarning, ...]:
    """What is to be known of a policy: when its owners' keys end, and what nobody could approve."""
    short = lapse(policy, at)
    return (*(() if short is None else (told_of(policy, short),)), *_unmet(policy, at))


def told_of(policy: Policy, short: Lapse) -> Forewarning:
    """From when on the owners can sign nothing, and what to do before."""
    until = "" if short.ends is None else f", until {time_of(short.ends)}"
    has = "1 owner has" if policy.owner_count == 1 else f"{policy.owner_count} owners have"
    told = f"from {time_of(short.begins)} on the owners can sign nothing{until}: {has} to sign"
    kept = len(short.able)
    lasting = f"{kept or 'none'} of them {'has' if kept == 1 else 'have'} a key that lasts longer"
    lacking = next(one.email for one in holders(policy, OWNER) if one.email not in short.able)
    return Forewarning(
        f"{told}, and {lasting}",
        f"before then: git codexa people rotate {lacking} --key {_new_key(policy)}",
    )


def _new_key(policy: Policy) -> str:
    return "~/.ssh/new.pub" if asked_of_keys(policy) is None else "~/.ssh/new_sk.pub"


def _unmet(policy: Policy, at: int) -> tuple[Forewarning, ...]:
    found: list[Forewarning] = []
    for where, role, count, of_whom in _asked(policy):
        able = [p for p in holders(policy, role) if _can_sign(policy, p.email, at)]
        if len(able) < count:
            asks = f"{where} asks for {count} with the role {role}{of_whom}"
            told = f"{asks}, and {len(able)} could sign now"
            do = f"till then nothing lands that needs it: git codexa people add, with --role {role}"
            found.append(Forewarning(told, do))
    return tuple(found)


def unasked(policy: Policy, roles: Sequence[str]) -> tuple[Forewarning, ...]:
    """Whoever gives a role that nothing asks for may have meant another: each of these, told."""
    rules: list[GateRule | PathRule] = [*policy.gates, *policy.paths]
    asked = tuple(dict.fromkeys((OWNER, *(rule.role for rule in rules))))
    return tuple(
        Forewarning(
            f"no gate, path rule or act of the owners asks for the role {role}",
            f"these are asked for: {', '.join(asked)}",
        )
        for role in dict.fromkeys(roles)
        if role not in asked
    )


def _asked(policy: Policy) -> tuple[tuple[str, str, int, str], ...]:
    """Where how many of which role are asked; and of which work, where signed work needs fewer."""
    rules: list[tuple[str, GateRule | PathRule]] = []
    rules += [(f"gate.{rule.gate}", rule) for rule in policy.gates]
    rules += [(f"the path rule for {rule.paths[0]}", rule) for rule in policy.paths]
    return tuple(_of_rule(policy, where, rule) for where, rule in rules)


def _of_rule(policy: Policy, where: str, rule: GateRule | PathRule) -> tuple[str, str, int, str]:
    count = approvers_asked(policy, rule)
    is_plan = isinstance(rule, GateRule) and rule.gate is Gate.PLAN
    fewer = not is_plan and approvers_asked(policy, rule, signed=True) < count
    return where, rule.role, count, " of work that nobody signed" if fewer else ""


def _can_sign(policy: Policy, email: str, at: int) -> bool:
    keys = policy.signers.keys_of(email)
    return any(key.is_valid_at(at) and can_count(policy, key) for key in keys)
