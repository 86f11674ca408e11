"""Whether a gate's approvals suffice, said the same way at each of the three sync points."""

from codexa_git.audit.words import Gate
from codexa_git.gate.answers import Answer, no, yes
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import Need, approvals, asks_whose, can_meet, needs
from codexa_git.gate.signed import Decision
from codexa_git.gate.working import signed_tasks, why_unsigned, work_of
from codexa_git.policy.rules import gate_rule, holders


def approved(case: Case, gate: Gate) -> Answer:
    """Yes where every need of the gate is met by standing approvals of this round."""
    missing = [need for need in needs(case, gate, gate_rule(case.policy, gate)) if need.missing]
    decisions = approvals(case, gate)
    if not missing:
        return yes(_by(decisions))
    need = missing[0]
    left = can_meet(case, need)
    spent = () if len(left) >= need.missing else own_work_of(case, need)
    approve = f"git codexa approve {case.change}" if left else _one_more(need)
    return no(
        _shortfall(case, gate, need, decisions, spent),
        who=spent or left,
        every=not spent and 1 < len(left) <= need.missing,
        command=to_be_unsigned(case) if spent else approve,
        where=tuple(path for decision in decisions for path in decision.fallen),
    )


def _one_more(need: Need) -> str:
    """The command by which an owner names one more who may approve, where nobody is left."""
    return f"git codexa people add NAME EMAIL --role {need.role} --key FILE"


def own_work_of(case: Case, need: Need) -> tuple[str, ...]:
    """The names of those who hold the role, and signed the work that they would approve."""
    return tuple(p.name for p in holders(case.policy, need.role) if p.email in need.barred)


def to_be_unsigned(case: Case) -> str:
    """The command by which work that is signed whole is so no more, and two may approve it.

    What the Implementer did is done again most easily.
    """
    tasks = [d.record.data for d in signed_tasks(case) if d.counts]
    again = min(tasks, key=lambda data: (data["by"] != "agent", data["task_id"]))["task_id"]
    why = "signed by all who could approve it"
    return f'git codexa rework {case.change} --task {again} -m "{why}"'


def _by(decisions: tuple[Decision, ...]) -> str:
    names = [str(d.record.actor) for d in decisions if d.counts]
    return "approved by " + ", ".join(dict.fromkeys(names))


def _shortfall(
    case: Case, gate: Gate, need: Need, decisions: tuple[Decision, ...], spent: tuple[str, ...]
) -> str:
    problems = [f"{d.record.actor.name}: {d.problem}" for d in decisions if not d.counts]
    if asks_whose(case, gate) and not work_of(case).signed and (why := why_unsigned(case)):
        problems.append(f"two are asked, for {why}")
    if spent:
        problems.append(f"too few are left: {' and '.join(spent)} signed the work")
    for_paths = f" for {need.paths[0]}" if need.paths else ""
    count = f"{len(need.approvers)} of {need.wanted} approvals by a {need.role}{for_paths}"
    return "; ".join((count, *problems)) if problems else count
