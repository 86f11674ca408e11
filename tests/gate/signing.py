"""Other results, signed by the Tester's true key, and all that follows made to fit."""

from collections.abc import Callable
from typing import Any

from gate.world import CHANGE, PM, TESTER, World, replaced

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.change.results import Results, format_results, parse_results
from codexa_git.policy.rules import GateRule, When

PLACE = f"tests/results/{CHANGE}.json"


def results_of(world: World) -> Results:
    return parse_results(world.read(PLACE), PLACE)


def with_results(
    world: World,
    edit: Callable[[Results], Results],
    *,
    said: dict[str, Any] | None = None,
    extra: tuple[Record, ...] = (),
    **other: Any,  # noqa: ANN401
) -> str:
    """The tree with these results and new approvals of results and package; `said` alters the
    record alone, `other` who signs it and with which key."""
    old = world.state.results
    assert old is not None
    record = recorded(world, edit, said=said, **other)
    kept = [again for r in world.records() for again in _said_again(world, r, old)]
    records = [*replaced(kept, old, record), *extra]
    content = format_results(edit(results_of(world)))
    return approved(world, records, world.remade(records, world.edited({PLACE: content})))


def recorded(
    world: World,
    edit: Callable[[Results], Results],
    *,
    said: dict[str, Any] | None = None,
    **other: Any,  # noqa: ANN401
) -> Record:
    """The record of these results."""
    results = edit(results_of(world))
    old = world.state.results
    assert old is not None
    data = {
        "gates": {"results": {"round": results.round, "subject": digest(format_results(results))}},
        "tree": results.tree,
        "passed": len(results.passed),
        "failed": list(results.failed),
        "skipped": len(results.skipped),
        "unapproved": False,
        "seen": old.data["seen"],
    }
    who: dict[str, Any] = {"actor": TESTER, "stage": Stage.VALIDATE, "round": results.round}
    return world.decision(RecordType.RESULTS_RECORDED, data | (said or {}), **(who | other))


def approved(world: World, records: list[Record], tree: str) -> str:
    """The tree with new approvals of results and package by the pm."""
    case = world.case(tree)
    gates = {
        str(gate): {
            "round": case.state.round(gate.stage),
            "subject": case.subject(gate).digest,
            **case.subject(gate).data(),
        }
        for gate in (Gate.RESULTS, Gate.PACKAGE)
    }
    packaged = case.state.packaged
    seen = [] if packaged is None else [packaged.id]
    grant = world.decision(
        RecordType.APPROVAL_GRANTED,
        {"gates": gates, "comment": "", "seen": seen},
        actor=PM,
        stage=Stage.PACKAGE,
        round=case.state.round(Stage.PACKAGE),
    )
    return world.remade([*records, grant], tree)


def _said_again(world: World, record: Record, results: Record) -> tuple[Record, ...]:
    """The record; a decision whose signer had seen the old results is signed anew, approvals go."""
    seen = record.data.get("seen", ())
    if results.id not in seen:
        return (record,)
    if record.type is RecordType.APPROVAL_GRANTED:
        return ()
    data = record.data | {"seen": [name for name in seen if name != results.id]}
    who, stage = record.actor, record.stage
    return (world.decision(record.type, data, actor=who, stage=stage, round=record.round),)


def looks_unless_all_pass(world: World) -> tuple[GateRule, ...]:
    """The policy's gates, where results are looked at only if a test fails."""
    return tuple(
        rule._replace(when=When.UNLESS_ALL_PASS) if rule.gate is Gate.RESULTS else rule
        for rule in world.policy.gates
    )


def spoilt(record: Record) -> Record:
    """The same record, one letter of its signature changed: its id does not tell."""
    assert record.signature is not None
    lines = record.signature.split("\n")
    lines[3] = ("B" if lines[3][0] == "A" else "A") + lines[3][1:]
    return record._replace(signature="\n".join(lines))
