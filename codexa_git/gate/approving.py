"""Whether a gate's approvals suffice, said the same way at each of the three sync points."""

from codexa_git.audit.words import Gate
from codexa_git.gate.answers import Answer, no, yes
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import Need, approvals, asks_whose, can_meet, needs
from codexa_git.gate.judging import Decision
from codexa_git.gate.working import why_unsigned, work_of
from codexa_git.policy.rules import gate_rule


def approved(case: Case, gate: Gate) -> Answer:
    """Yes where every need of the gate is met by standing approvals of this round."""
    missing = [need for need in needs(case, gate, gate_rule(case.policy, gate)) if need.missing]
    decisions = approvals(case, gate)
    if not missing:
        return yes(_by(decisions))
    need = missing[0]
    able = can_meet(case, need)
    return no(
        _shortfall(case, gate, need, decisions),
        who=able,
        every=1 < len(able) <= need.missing,
        command=f"git codexa approve {case.change}",
        where=tuple(path for decision in decisions for path in decision.fallen),
    )


def _by(decisions: tuple[Decision, ...]) -> str:
    names = [str(d.record.actor) for d in decisions if d.counts]
    return "approved by " + ", ".join(dict.fromkeys(names))


def _shortfall(case: Case, gate: Gate, need: Need, decisions: tuple[Decision, ...]) -> str:
    problems = [f"{d.record.actor.name}: {d.problem}" for d in decisions if not d.counts]
    if asks_whose(case, gate) and not work_of(case).signed and (why := why_unsigned(case)):
        problems.append(f"two are asked, for {why}")
    for_paths = f" for {need.paths[0]}" if need.paths else ""
    count = f"{len(need.approvers)} of {need.wanted} approvals by a {need.role}{for_paths}"
    return "; ".join((count, *problems)) if problems else count
