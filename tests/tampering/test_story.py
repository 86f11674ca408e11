"""Forged stories: what is wrong within a change is told at its commit, and decides nothing."""

from typing import Any

import pytest
from gate.world import CHANGE, DEV, World
from tampering.line import LANDER, Line
from tampering.test_records import HANDOFF
from tampering.test_rules import concern, rule

from codexa_git.audit.logger import in_file_order
from codexa_git.audit.record import Record
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.folding import fold
from codexa_git.change.note import status_note
from codexa_git.change.state import seal
from codexa_git.repository.objects import Commit, Identity, Stamp
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.changes.draft import AGENTS


def told(line: Line, landing: Commit) -> dict[str, set[str]]:
    """What is said of a landing and its story; without the story it is found to be good."""
    assert line.rules_at(landing) == {}
    return line.rules_at(landing, story=True)


def tool_commit(line: Line, tree: str, *records: Record, **other: Any) -> Commit:  # noqa: ANN401
    """A commit upon the change as the tool makes it, for these records; `other` is made up."""
    who = other.get("who", Identity(records[0].actor.name, records[0].actor.email))
    stamp = Stamp(who, other.get("at", max(record.seconds for record in records)))
    trailers = [
        ("Codexa-Change", other.get("change", CHANGE)),
        ("Codexa-Stage", str(records[0].stage)),
        *(("Codexa-Record", f"{r.type} {r.id}") for r in other.get("named", records)),
    ]
    message = format_message("CH-001 cleanup: said", "", trailers)
    world = line.world
    oid = world.store.write_commit(tree, (world.moment.tip.oid,), stamp, stamp, message)
    return world.store.commit(oid)


def landed(line: Line, last: Commit) -> Commit:
    return line.commit(last.tree, line.tip.oid, last.oid, message="Merge")


def resolved(world: World) -> tuple[Record, Record]:
    """A concern and a person's answer to it, with which the change still lands."""
    raised = concern(world)
    data = {"concern": raised.id, "reason": "seen to"}
    return raised, world.decision(RecordType.CONCERN_RESOLVED, data, seen=[raised.id])


def with_both(world: World) -> tuple[str, list[Record]]:
    """A tree that tells of them and is closed again over all, and the records that it brings."""
    before = world.records()
    added = [*resolved(world)]
    everything = (*before, *added)
    data = {"seal": seal(everything), "records": len(everything), "base_tree": world.base}
    added.append(world.record(RecordType.CLOSED, data))
    tree = world.with_records([*before, *added])
    note = status_note(fold(CHANGE, in_file_order([*before, *added])))
    noted = world.edited({f"changes/{CHANGE}/status.md": note}, tree)
    return world._with_pages(noted, None), added


def test_the_true_story_is_without_fault(world: World, line: Line) -> None:
    assert told(line, landed(line, world.moment.tip)) == {}


def test_a_forged_commit_of_the_tools_form_is_without_fault(world: World, line: Line) -> None:
    """What tells forgeries apart below is what each of them makes otherwise, and nothing else."""
    tree, brought = with_both(world)
    made = tool_commit(line, tree, *brought)
    assert told(line, landed(line, made)) == {}


@rule("S1")
def test_records_that_the_trailers_do_not_name(world: World, line: Line) -> None:
    tree, brought = with_both(world)
    made = tool_commit(line, tree, *brought, named=brought[1:])
    assert "S1" in told(line, landed(line, made))[made.oid]


@rule("S1")
def test_trailers_of_another_change(world: World, line: Line) -> None:
    tree, brought = with_both(world)
    made = tool_commit(line, tree, *brought, change="CH-002")
    assert "S1" in told(line, landed(line, made))[made.oid]


@rule("S1")
def test_a_message_that_poses_as_the_tools(world: World, line: Line) -> None:
    record = world.state.opened
    made = tool_commit(line, world.tree, record)
    assert told(line, landed(line, made)) == {made.oid: {"S1"}}


@rule("S2")
def test_a_line_that_was_taken_out_and_put_back(world: World, line: Line) -> None:
    shorter = world.edited({HANDOFF: world.read(HANDOFF).split(b"\n", 1)[1]})
    (first, second), landing = line.after_story(shorter, world.tree)
    found = told(line, landing)
    assert "S2" in found[first.oid]
    assert "S2" in found[second.oid]


@rule("S4")
@pytest.mark.parametrize(
    "forged", [{"who": LANDER}, {"at": 1_767_225_600}], ids=["another hand", "an earlier time"]
)
def test_a_commit_in_another_name_or_time(world: World, line: Line, forged: dict[str, Any]) -> None:
    note: dict[str, Any] = {"text": "a", "tests": [], "by": "machine", "due": None}
    agent = AGENTS[AgentRole.TESTER]
    record = world.record(RecordType.CONCERN_RAISED, note, actor=agent, stage=Stage.VALIDATE)
    made = tool_commit(line, world.with_records([*world.records(), record]), record, **forged)
    (back,) = [line.commit(world.tree, made.oid)]
    assert told(line, landed(line, back))[made.oid] == {"S4"}


@rule("S5")
@pytest.mark.parametrize("path", ["codexa.toml", ".gitattributes", "changes/CH-002/brief.md"])
def test_a_path_out_of_bounds_that_was_taken_back(world: World, line: Line, path: str) -> None:
    (first, second), landing = line.after_story(world.edited({path: b"x\n"}), world.tree)
    assert told(line, landing) == {first.oid: {"S5"}, second.oid: {"S5"}}


def test_what_a_sync_brings_in_is_the_bases(world: World, line: Line) -> None:
    """A merge holds the base's guarded paths as the base has them: nobody touched them here."""
    base = line.edited({".gitattributes": b"* text\n"})
    tree = world.edited({".gitattributes": b"* text\n"})
    sync = line.commit(tree, world.moment.tip.oid, base.oid)
    landing = line.commit(tree, base.oid, sync.oid)
    assert "S5" not in line.rules_at(landing, story=True).get(sync.oid, set())


@rule("S7")
@pytest.mark.parametrize("old", [b"# Weeks\n", None], ids=["an edit", "a new file"])
def test_a_merge_that_throws_the_bases_work_away(
    world: World, line: Line, old: bytes | None
) -> None:
    """What the base had done to a file is gone, and git would take it for merged."""
    path, story = "docs/STATUS_REPORT.md", world.moment.tip
    base = line.edited({path: b"# Weeks\n\nmuch\n"})
    if old is not None:
        first = line.edited({path: old})
        both = world.edited({path: old})
        story = line.commit(both, story.oid, first.oid)
        base = line.edited({path: b"# Weeks\n\nmuch\n"}, first)
    ours = line.commit(story.tree, story.oid, base.oid, message="ours")
    landing = line.commit(ours.tree, base.oid, ours.oid)
    assert "S7" in line.rules_at(landing, story=True)[ours.oid]
    kept = world.edited({path: b"# Weeks\n\nmuch\n"}, story.tree)
    good = line.commit(kept, story.oid, base.oid)
    found = line.rules_at(line.commit(kept, base.oid, good.oid), story=True)
    assert "S7" not in {rule for rules in found.values() for rule in rules}


@rule("L15")
def test_a_record_that_is_gone_from_the_landed_tree(world: World, line: Line) -> None:
    data: dict[str, Any] = {"text": "wait", "tests": [], "by": "person", "due": None}
    record = world.record(RecordType.CONCERN_RAISED, data, actor=DEV)
    spoken = world.with_records([*world.records(), record])
    _, landing = line.after_story(spoken, world.tree)
    assert "L15" in told(line, landing)[landing.oid]


@rule("L15")
def test_a_record_on_a_side_branch_that_was_merged_away(world: World, line: Line) -> None:
    spoken = world.with_records([*world.records(), concern(world)])
    side = line.commit(spoken, world.moment.tip.oid)
    merge = line.commit(world.tree, world.moment.tip.oid, side.oid)
    assert told(line, landed(line, merge)) == {landed(line, merge).oid: {"L15"}}


@rule("R9")
def test_a_record_that_names_a_commit(world: World, line: Line) -> None:
    data = {"base_tree": world.moment.tip.oid}
    record = world.record(RecordType.SYNCED, data)
    made = tool_commit(line, world.with_records([*world.records(), record]), record)
    (back,) = [line.commit(world.tree, made.oid)]
    assert told(line, landed(line, back))[made.oid] == {"R9"}


def test_a_squash_has_no_story(world: World, line: Line) -> None:
    assert told(line, line.commit(world.tree, line.tip.oid)) == {}
