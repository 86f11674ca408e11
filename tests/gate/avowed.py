"""Tasks signed by whoever stands for them, in a change that is there, and all else made to fit.

A record's id changes with what it says, and what signers have seen are ids: so everything that
names a changed record is made again, and signed again by whoever had signed it.
"""

import json
from collections.abc import Iterable
from typing import Any

from gate.world import World

from codexa_git.audit.canonical import digest
from codexa_git.audit.payload import NAMESPACE, payload
from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.policy.rules import Policy

DONE = RecordType.TASK_COMPLETED


def signed_task(
    world: World,
    true: Record,
    signer: Actor,
    *,
    key: str | None = None,
    namespace: str = NAMESPACE,
    said: dict[str, Any] | None = None,
    **other: Any,  # noqa: ANN401
) -> Record:
    """The record of a task, signed: `said` alters what it says, `other` the line around it."""
    data = true.data | {
        "root": world.root,
        "branch": "main",
        "gates": {},
        "seen": [world.state.opened.id],
        "round": true.round,
        "signer": signer._asdict(),
        "stands": _left(world, true),
    }
    full, actor = data | (said or {}), other.get("actor", true.actor)
    change, at = other.get("change", world.change), other.get("at", true.seconds)
    content = payload(DONE, full, change=change, actor=actor, at=at)
    signature = world.keys.sign(key or signer.email, content, namespace)
    return make(
        DONE,
        full,
        change=world.change,
        stage=other.get("stage", Stage.EXECUTE),
        round=other.get("round", true.round),
        actor=actor,
        at=true.seconds,
        signature=signature,
    )


def _left(world: World, true: Record) -> list[dict[str, Any]]:
    """What the task left behind, whenever it was done."""
    files: dict[str, dict[str, Any]] = {}
    for record in world.state.of(DONE):
        if record.data["task_id"] == true.data["task_id"]:
            files |= {file["path"]: file for file in record.data["files_touched"]}
        if record.id == true.id:
            break
    return [files[path] for path in sorted(files)]


def fitted(
    world: World,
    changed: dict[str, Record],
    gone: Iterable[str] = (),
    tree: str | None = None,
    policy: Policy | None = None,
) -> str:
    """The tree with these records in the place of those with the ids, and everything made to fit.

    Records whose ids are `gone` are left out, and nobody has seen them. Where the `tree` is another
    than the change's, it was tested just so, and whoever approved approved it.
    """
    left = frozenset(gone)
    changed = changed | _of_tree(world, tree, left)
    records = [r for r in world.records(tree) if r.id not in left]
    place = f"tests/results/{world.change}.json"
    results, ids = world.read(place, tree), _tested(world, tree)
    records = [_put(ids, r, changed.get(r.id, r)) for r in records]
    for _ in records:
        content = _renamed(results, ids)
        now = [_put(ids, r, _again(world, r, ids, left, content)) for r in records]
        if now == records:
            break
        records = now
    return world.remade(records, world.edited({place: _renamed(results, ids)}, tree), policy)


def _tested(world: World, tree: str | None) -> dict[str, str]:
    """The tree that was tested, by the one that was."""
    then, now = (world.case(one).tested_tree for one in (world.tree, tree or world.tree))
    return {} if then == now else {then: now}


def _of_tree(world: World, tree: str | None, gone: frozenset[str]) -> dict[str, Record]:
    """The approvals of results and package that stand, given of this tree."""
    if tree is None:
        return {}
    case, found = world.case(tree), dict[str, Record]()
    for record in world.state.of(RecordType.APPROVAL_GRANTED):
        bound = {
            gate: {"round": was["round"], "subject": subject.digest, **subject.data()}
            for gate, was in record.data["gates"].items()
            if gate != Gate.PLAN and was["round"] == case.state.round(Gate(gate).stage)
            for subject in [case.subject(Gate(gate))]
        }
        if bound and record.id not in gone:
            data = record.data | {"gates": record.data["gates"] | bound}
            found[record.id] = _resigned(world, record, data)
    return found


def _put(ids: dict[str, str], old: Record, new: Record) -> Record:
    if new.id != old.id:
        for first, last in [*ids.items()]:
            if last == old.id:
                ids[first] = new.id
        ids[old.id] = new.id
    return new


def _renamed(content: bytes, ids: dict[str, str]) -> bytes:
    for old, new in ids.items():
        content = content.replace(old.encode(), new.encode())
    return content


def _again(
    world: World, record: Record, ids: dict[str, str], gone: frozenset[str], results: bytes
) -> Record:
    """The record with ids as they are now; signed anew where that makes it another."""
    data = json.loads(_renamed(json.dumps(record.data).encode(), ids))
    if "seen" in data:
        data["seen"] = [name for name in data["seen"] if name not in gone]
    if record.type is RecordType.RESULTS_RECORDED and record.id == _last_results(world, ids):
        data["gates"]["results"]["subject"] = digest(results)
    if data == record.data:
        return record
    return _resigned(world, record, data)


def _resigned(world: World, record: Record, data: dict[str, Any]) -> Record:
    signature = record.signature
    if signature is not None:
        kind, change = record.type, record.change
        content = payload(kind, data, change=change, actor=record.actor, at=record.seconds)
        signature = world.keys.sign(record.signer.email, content)
    return make(
        record.type,
        data,
        change=record.change,
        stage=record.stage,
        round=record.round,
        actor=record.actor,
        at=record.seconds,
        signature=signature,
    )


def _last_results(world: World, ids: dict[str, str]) -> str:
    assert world.state.results is not None
    return ids.get(world.state.results.id, world.state.results.id)
