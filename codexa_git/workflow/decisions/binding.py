"""What an approval would bind, file by file, and who is asked for it."""

from codexa_git.audit.words import Gate, Stage
from codexa_git.change.text import among
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import Need, can_meet, needs
from codexa_git.gate.subjects import BoundPath
from codexa_git.pages.facts import Asked, Binding, BoundFile
from codexa_git.policy.rules import gate_rule
from codexa_git.repository.objects import Difference
from codexa_git.workflow.changes.wording import SAID
from codexa_git.workflow.decisions.touching import what_happens

_BACK_TO: dict[Gate, Stage] = {
    Gate.PLAN: Stage.SPEC,
    Gate.RESULTS: Stage.EXECUTE,
    Gate.PACKAGE: Stage.EXECUTE,
}
"""Where somebody who disagrees most often sends the change."""


def binding(case: Case, gate: Gate) -> Binding:
    """What an approval of the gate would bind now."""
    subject = case.subject(gate)
    scope = {difference.path: difference for difference in case.scope(gate)}
    return Binding(
        SAID[gate],
        case.state.round(gate.stage),
        subject.digest,
        tuple(_file(case, scope[path.path], path) for path in subject.paths),
        subject.named,
    )


def _file(case: Case, difference: Difference, path: BoundPath) -> BoundFile:
    return BoundFile(
        difference.path,
        what_happens(case, difference),
        "" if difference.old is None else difference.old.oid,
        "" if difference.new is None else difference.new.oid,
        path.exact,
    )


def asked_for(case: Case, gates: tuple[Gate, ...]) -> Asked:
    """The approval that is asked for, and of whom."""
    whom = dict.fromkeys(
        _whom(case, need)
        for gate in gates
        for need in needs(case, gate, gate_rule(case.policy, gate))
        if need.missing
    )
    said = " and ".join(SAID[gate] for gate in gates)
    return Asked(
        to="; ".join(whom),
        sentence=f"Read what follows. If it is what was agreed, approve {said}, exactly as it is"
        " now; if not, say what is wrong, or send it back.",
        command=f"git codexa approve {case.change}",
        otherwise=(
            f'git codexa concern raise {case.change} "what is wrong"',
            f'git codexa rework {case.change} --to {_BACK_TO[gates[-1]]} -m "why"',
        ),
    )


def _whom(case: Case, need: Need) -> str:
    names = can_meet(case, need)
    every = need.missing >= len(names)
    who = among(names, every=every)
    who = f"{who} ({need.role})" if names else f"a {need.role}, whom policy lacks"
    if need.missing > 1 and not every:
        who = f"{need.missing} of {who}"
    if not need.paths:
        return who
    more = f" and {len(need.paths) - 1} more" if len(need.paths) > 1 else ""
    return f"{who} for {need.paths[0]}{more}"
