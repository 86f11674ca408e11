"""Records, files and commits of the rich history's landings, forged one at a time."""

import json
from collections.abc import Callable
from typing import Any

from gate.realm import BYPASS
from gate.world import again, replaced
from tampering.forged_approvals import DEV, last, without
from tampering.rich import Forged, Rich, forgery

from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.logger import log_path
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.paths import Kind
from codexa_git.repository.objects import Entry, Mode

HANDOFF, COMMANDS = log_path("CH-001", "handoff"), log_path("CH-001", "commands")
LARGE = 70 * 1024 * 1024


def edited(rich: Rich, files: dict[str, bytes | Entry | None], mark: str = "merge") -> Forged:
    """The landing with these files, and nothing made to fit them."""
    return rich.landing(mark).put(rich.landing(mark).edited(files))


def line_of(rich: Rich, edit: Callable[[bytes], bytes], log: str = HANDOFF) -> Forged:
    """The landing with another first line in a file of records."""
    first, rest = rich.landing().read(log).split(b"\n", 1)
    assert edit(first) != first
    return edited(rich, {log: edit(first) + b"\n" + rest})


def swapped_text(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda line: line.replace(old.encode(), new.encode(), 1)


def refitted(**changes: Any) -> Callable[[bytes], bytes]:  # noqa: ANN401
    """Another form of a record, its id made to fit."""

    def edit(line: bytes) -> bytes:
        value = json.loads(line) | changes
        body = {name: item for name, item in value.items() if name not in ("id", "signature")}
        return canonical(value | {"id": digest(canonical(body))})

    return edit


def moded(rich: Rich, path: str, mode: str, mark: str = "merge") -> Forged:
    """The landing with another mode of one path."""
    entry = rich.landing(mark).store.entry(rich.landing(mark).tree, path)
    assert entry is not None
    return edited(rich, {path: Entry(mode, entry.oid)}, mark)


@forgery("R1")
def a_record_with_a_name_twice(rich: Rich) -> Forged:
    return line_of(rich, swapped_text("{", '{"round":1,'))


@forgery("R1")
def a_record_with_not_a_number(rich: Rich) -> Forged:
    return line_of(rich, swapped_text('"round":1', '"round":NaN'))


@forgery("R1")
def a_record_with_a_number_of_five_thousand_digits(rich: Rich) -> Forged:
    return line_of(rich, swapped_text('"round":1', f'"round":{"9" * 5000}'))


@forgery("R1")
def a_record_with_a_nul(rich: Rich) -> Forged:
    return line_of(rich, lambda line: line + b"\0")


@forgery("R1")
def a_record_with_a_carriage_return(rich: Rich) -> Forged:
    return line_of(rich, lambda line: line + b"\r")


@forgery("R1")
def a_record_behind_a_byte_order_mark(rich: Rich) -> Forged:
    return line_of(rich, lambda line: b"\xef\xbb\xbf" + line)


@forgery("R1")
def a_record_nested_without_end(rich: Rich) -> Forged:
    return line_of(rich, lambda line: b"[" * 50_000 + line)


@forgery("R1")
def a_line_longer_than_any_record(rich: Rich) -> Forged:
    return edited(rich, {HANDOFF: b"x" * LARGE})


@forgery("R1")
def a_last_line_cut_short(rich: Rich) -> Forged:
    return edited(rich, {HANDOFF: rich.landing().read(HANDOFF)[:-1]})


@forgery("R2")
def a_record_of_a_format_to_come(rich: Rich) -> Forged:
    return line_of(rich, swapped_text('"format":1', '"format":2'))


@forgery("R3")
def a_record_edited_under_its_id(rich: Rich) -> Forged:
    return line_of(rich, swapped_text("Shouting", "Whispering"))


@forgery("R4")
def a_record_with_a_field_more(rich: Rich) -> Forged:
    return line_of(rich, refitted(aside=1))


@forgery("R4")
def a_record_of_an_unknown_type(rich: Rich) -> Forged:
    return line_of(rich, refitted(type="opened.again"))


@forgery("R4")
def a_record_of_a_change_that_looks_alike(rich: Rich) -> Forged:
    return line_of(rich, refitted(change="\u0421H-001"))


@forgery("R5")
def a_record_of_another_change(rich: Rich) -> Forged:
    return line_of(rich, refitted(change="CH-002"))


@forgery("R5")
def a_record_in_another_file(rich: Rich) -> Forged:
    world = rich.landing()
    first, rest = world.read(COMMANDS).split(b"\n", 1)
    return edited(rich, {COMMANDS: rest, HANDOFF: world.read(HANDOFF) + first + b"\n"})


@forgery("R6")
def a_record_that_stands_there_twice(rich: Rich) -> Forged:
    content = rich.landing().read(COMMANDS)
    return edited(rich, {COMMANDS: content + content.splitlines(keepends=True)[-1]})


@forgery("R7")
def a_decision_above_what_its_signer_had_seen(rich: Rich) -> Forged:
    lines = rich.landing().read(COMMANDS).splitlines(keepends=True)
    return edited(rich, {COMMANDS: b"".join(reversed(lines))})


@forgery("R8")
def a_machines_record_with_a_signature(rich: Rich) -> Forged:
    signature = last(rich.landing(), Gate.PLAN).signature
    return line_of(rich, refitted(signature=signature))


@forgery("S3")
def a_handoff_that_skips_a_stage(rich: Rich) -> Forged:
    world = rich.landing()
    data = {"from": "spec", "to": "validate", "notify": [], "unmet": []}
    record = world.record(RecordType.HANDOFF, data)
    return world.put(world.with_records([*world.records(), record]))


@forgery("L5")
def a_record_dropped_after_the_seal(rich: Rich) -> Forged:
    world = rich.landing()
    gone = world.state.of(RecordType.RETENTION_KEPT)[0]
    return world.put(world.with_records([r for r in world.records() if r.id != gone.id]))


@forgery("L5")
def a_seal_over_other_records(rich: Rich) -> Forged:
    world = rich.landing()
    closed = world.state.closed
    assert closed is not None
    other = again(closed, data=closed.data | {"seal": digest(b"")})
    return world.put(world.with_records(replaced(world.records(), closed, other)))


@forgery("L5")
def a_seal_that_counts_wrong(rich: Rich) -> Forged:
    world = rich.landing()
    closed = world.state.closed
    assert closed is not None
    other = again(closed, data=closed.data | {"records": closed.data["records"] + 1})
    return world.put(world.with_records(replaced(world.records(), closed, other)))


@forgery("E1")
def a_task_that_was_never_completed(rich: Rich) -> Forged:
    done = rich.landing().state.of(RecordType.TASK_COMPLETED)
    return without(rich, *(r for r in done if r.data["task_id"] == "T-02"))


@forgery("E1")
def tasks_of_whose_work_nothing_is_left(rich: Rich) -> Forged:
    world = rich.landing()
    work = world.case(world.tree).of_kind(Kind.PRODUCT)
    return edited(rich, {difference.path: difference.old for difference in work})


@forgery("G3")
def a_question_that_stands_in_the_brief_alone(rich: Rich) -> Forged:
    path = "changes/CH-001/brief.md"
    brief = rich.landing().read(path)
    assert b"## Clarifications\n" in brief
    more = b"## Clarifications\n\n- What of cats?\n"
    return edited(rich, {path: brief.replace(b"## Clarifications\n", more)})


@forgery("E2", "L9")
def evidence_that_says_something_else(rich: Rich) -> Forged:
    path = next(p for p in rich.landing().state.evidence if p.endswith("T-01.json"))
    content = rich.landing().read(path)
    return edited(rich, {path: content.replace(b"T-01", b"T-02")})


@forgery("A5", "E4")
def a_byte_of_the_product(rich: Rich) -> Forged:
    return edited(rich, {"README.md": rich.landing().read("README.md") + b" "})


@forgery("A5", "E4")
def a_file_that_nobody_saw(rich: Rich) -> Forged:
    return edited(rich, {"sitecustomize.py": b"import os\n"})


@forgery("A5")
def a_mode_that_nobody_saw(rich: Rich) -> Forged:
    return moded(rich, "shout.sh", Mode.EXECUTABLE)


@forgery("A5")
def a_link_in_the_place_of_a_file(rich: Rich) -> Forged:
    return moded(rich, "shout.sh", Mode.SYMLINK)


@forgery("A5")
def a_file_that_is_gone(rich: Rich) -> Forged:
    return edited(rich, {"shout.sh": None})


@forgery("A5", "E4")
def a_file_of_the_base_that_is_gone(rich: Rich) -> Forged:
    return edited(rich, {"NOTES": None}, "squash")


@forgery("A5", "L5")
def a_base_that_moved_under_what_was_approved(rich: Rich) -> Forged:
    acts = rich.acts("merge")
    moved = acts.act({"greet.sh": b"echo  hello\n"}, kind=BYPASS)
    upon = acts.place.made(moved, acts.tip.oid, at=acts.context.at)
    return acts.place.put(acts.true, upon=upon)


@forgery("L8")
def a_file_beside_the_results(rich: Rich) -> Forged:
    return edited(rich, {"tests/results/conftest.py": b"import os\n"})


@forgery("L8")
def a_file_beside_the_evidence(rich: Rich) -> Forged:
    return edited(rich, {"artifacts/work/CH-001/run-001/T-01.py": b"import os\n"})


@forgery("L8")
def a_file_beside_the_records(rich: Rich) -> Forged:
    return edited(rich, {"audit/CH-001/notes.md": b"x\n"})


@forgery("L8")
def a_folder_of_records_in_another_case(rich: Rich) -> Forged:
    return edited(rich, {"audit/ch-001/handoff.jsonl": b"x\n"})


@forgery("S3")
def records_in_a_link(rich: Rich) -> Forged:
    return moded(rich, HANDOFF, Mode.SYMLINK)


@forgery("L9")
def records_that_can_be_executed(rich: Rich) -> Forged:
    return moded(rich, COMMANDS, Mode.EXECUTABLE)


@forgery("L9")
def a_status_note_that_says_something_else(rich: Rich) -> Forged:
    path = "changes/CH-001/status.md"
    return edited(rich, {path: rich.landing().read(path) + b" "})


@forgery("G9", "L9")
def another_packet(rich: Rich) -> Forged:
    return edited(rich, {"changes/CH-001/packet.html": b"<!doctype html>all is well"})


@forgery("G13")
def a_shared_page_that_says_something_else(rich: Rich) -> Forged:
    page = rich.landing().read("TRACEABILITY.md")
    return edited(rich, {"TRACEABILITY.md": page.replace(b"Demo Dev", b"Demo Pal")})


@forgery("G14")
def progress_that_nobody_made(rich: Rich) -> Forged:
    page = rich.landing().read("PROGRESS.md")
    return edited(rich, {"PROGRESS.md": page.replace(b"2 of 2", b"9 of 9")})


@forgery("L6")
def a_block_of_another_change_that_is_gone(rich: Rich) -> Forged:
    page = rich.landing("squash").read("PROGRESS.md")
    begin, end = b"<!-- codexa:begin CH-001 -->", b"<!-- codexa:end CH-001 -->\n"
    gone = page[: page.index(begin)] + page[page.index(end) + len(end) :]
    return edited(rich, {"PROGRESS.md": gone}, "squash")


@forgery("L6")
def a_file_of_a_change_that_is_not_here(rich: Rich) -> Forged:
    return edited(rich, {"changes/CH-009/brief.md": b"x\n"})


@forgery("L6")
def a_record_more_for_a_change_that_landed_before(rich: Rich) -> Forged:
    world = rich.landing("squash")
    return edited(rich, {COMMANDS: world.read(COMMANDS) + b"x\n"}, "squash")


@forgery("L7", "P1")
def a_key_that_the_change_itself_enrols(rich: Rich) -> Forged:
    world, path = rich.landing(), ".codexa/allowed_signers"
    line = f'stranger@demo.invalid namespaces="codexa" {world.keys.public["stranger@demo.invalid"]}'
    return edited(rich, {path: world.read(path) + f"{line}\n".encode()})


@forgery("L7", "P1")
def a_test_command_that_the_change_itself_brings(rich: Rich) -> Forged:
    toml = rich.landing().read("codexa.toml").replace(b"sh check.sh {report}", b"true")
    return edited(rich, {"codexa.toml": toml})


@forgery("L7")
def submodules_that_are_to_be_overlooked(rich: Rich) -> Forged:
    text = b'[submodule "x"]\n\tpath = x\n\turl = ./x\n\tignore = all\n'
    return edited(rich, {".gitmodules": text})


@forgery("L7")
def attributes_that_hide_a_file(rich: Rich) -> Forged:
    return edited(rich, {"docs/.gitattributes": b"* -diff -text\n"})


@forgery("L7")
def a_job_that_somebodys_server_runs(rich: Rich) -> Forged:
    return edited(rich, {".github/workflows/x.yml": b"on: push\n"})


@forgery("L11")
def a_submodule(rich: Rich) -> Forged:
    return edited(rich, {"vendor": Entry(Mode.GITLINK, rich.history.marks["root"])})


@forgery("L12")
def a_path_with_a_line_end(rich: Rich) -> Forged:
    return edited(rich, {"a\nb": b"x\n"})


@forgery("L12")
def a_path_that_is_read_backwards(rich: Rich) -> Forged:
    return edited(rich, {"evil\u202etxt.sh": b"x\n"})


@forgery("L12")
def a_path_that_differs_in_case_alone(rich: Rich) -> Forged:
    return edited(rich, {"GREET.sh": b"x\n"})


@forgery("L2")
def two_changes_in_one_landing(rich: Rich) -> Forged:
    return edited(rich, {"audit/CH-009/handoff.jsonl": b"x\n"})


@forgery("L3")
def a_merge_that_adds_something_of_its_own(rich: Rich) -> Forged:
    place = rich.place("merge")
    more = rich.landing().edited({"README.md": b"evil\n"})
    return rich.forged(place.made(more, *place.commit.parents), place.parent.oid)


@forgery("L3")
def a_merge_of_another_change(rich: Rich) -> Forged:
    place = rich.place("merge")
    other = rich.place("light").commit.parents[1]
    return rich.forged(place.made(place.commit.tree, place.parent.oid, other), place.parent.oid)


@forgery("L3")
def an_octopus(rich: Rich) -> Forged:
    place = rich.place("merge")
    more = place.made(place.commit.tree, place.parent.oid, message="one more")
    made = place.made(place.commit.tree, *place.commit.parents, more)
    return rich.forged(made, place.parent.oid)


@forgery("L13")
def a_change_that_lands_twice(rich: Rich) -> Forged:
    landed = rich.store.commit(rich.history.marks["merge"])
    world = rich.landing()
    raised = world.record(RecordType.CONCERN_RAISED, _CONCERN, actor=DEV)
    tree = world.remade([*world.records(), raised])
    place = rich.place("merge")
    return rich.forged(place.made(tree, landed.oid, landed.parents[1]), landed.oid)


@forgery("L5", "A3")
def a_fast_forward_to_the_changes_own_commits(rich: Rich) -> Forged:
    place = rich.place("merge")
    story = rich.store.first_parents(place.commit.parents[1], place.parent.oid)
    return Forged(story[-1].oid, story[0].oid, place.parent.oid, more=True)


_CONCERN: dict[str, Any] = {"text": "wait", "tests": [], "by": "person", "due": None}


def taken_out(rich: Rich) -> tuple[str, str]:
    """A commit of the story that takes a record out again, and the landing of it."""
    world, place = rich.landing(), rich.place("merge")
    raised = world.record(RecordType.CONCERN_RAISED, _CONCERN, actor=DEV)
    said = world.with_records([*world.records(), raised])
    one = place.made(said, place.commit.parents[1])
    two = place.made(world.tree, one)
    return two, place.made(world.tree, place.parent.oid, two)


@forgery("S2")
def a_record_that_was_taken_out_of_the_story(rich: Rich) -> Forged:
    bad, landing = taken_out(rich)
    return Forged(bad, landing, rich.place("merge").parent.oid, story=True, more=True)


@forgery("L15")
def a_landing_without_what_its_story_recorded(rich: Rich) -> Forged:
    _, landing = taken_out(rich)
    return Forged(landing, landing, rich.place("merge").parent.oid, story=True, more=True)


@forgery("G11")
def a_concern_that_nobody_answered(rich: Rich) -> Forged:
    world = rich.landing()
    raised = world.record(RecordType.CONCERN_RAISED, _CONCERN, actor=DEV)
    return world.put(world.remade([*world.records(), raised]))


@forgery("G10", "E9")
def evidence_of_which_nobody_says_what_became_of_it(rich: Rich) -> Forged:
    world = rich.landing()
    kept = [r for r in world.records() if r.log != "retention"]
    return world.put(world.with_records(kept))


STORIES = (
    "a record that was taken out of the story",
    "a landing without what its story recorded",
)
"""What is wrong within a change alone, which no server asks."""


def papers() -> dict[str, tuple[str, str, bytes, bytes]]:
    """What a paper may lack: the rule, the file, what stands there, what stands there instead."""
    return {
        "a brief without its limits": ("G1", "brief.md", b"- \\`greet\\`\n", b""),
        "a criterion that cannot be checked": (
            *("G2", "brief.md"),
            *(b"\\`sh shout.sh\\` prints \\`HELLO\\`", b"it is fast"),
        ),
        "a criterion without a task": ("G4", "tasks.md", b"criteria: AC-2", b"criteria: AC-1"),
        "tasks in a circle": (
            *("G5", "tasks.md"),
            *(b"  - criteria: AC-1\n", b"  - criteria: AC-1\n  - after: T-02\n"),
        ),
    }


def _paper(name: str) -> Callable[[Rich], Forged]:
    _, file, old, new = papers()[name]

    def forge(rich: Rich) -> Forged:
        path = f"changes/CH-001/{file}"
        content = rich.landing().read(path)
        assert old in content, content
        return edited(rich, {path: content.replace(old, new, 1)})

    forge.__name__ = name.replace(" ", "_")
    return forge


for _name, (_rule, *_) in papers().items():
    forgery(_rule)(_paper(_name))


@forgery("G6")
def a_plan_without_its_configuration(rich: Rich) -> Forged:
    return edited(rich, {"changes/CH-001/planner_config.json": None})


@forgery("G7")
def a_change_without_a_design(rich: Rich) -> Forged:
    return edited(rich, {"changes/CH-001/design.md": None})


@forgery("G8")
def a_change_without_an_impact_note(rich: Rich) -> Forged:
    return edited(rich, {"changes/CH-001/impact.md": None})


@forgery("G16")
def an_overview_that_is_not_written(rich: Rich) -> Forged:
    return edited(rich, {"changes/CH-001/pages/PROJECT_OVERVIEW.md": b""})


@forgery("L13")
def a_landing_that_swallows_an_open_change(rich: Rich) -> Forged:
    """The tip of another change is merged within it, and nothing of that is kept."""
    place = rich.place("merge")
    opened = {"audit/CH-099/handoff.jsonl": Entry("100644", rich.store.write_blob(b"{}\n"))}
    other = place.made(rich.store.write_tree(place.parent.tree, opened), place.parent.oid)
    tree = place.commit.tree
    closed = place.made(tree, place.commit.parents[1], other, message="tidy")
    return rich.forged(place.made(tree, place.parent.oid, closed), place.parent.oid)


@forgery("L13")
def a_landing_that_swallows_the_first_commit_of_another_history(rich: Rich) -> Forged:
    """It has the records of an open change, and no parent that could have been without them."""
    place = rich.place("merge")
    opened = {"audit/CH-099/handoff.jsonl": Entry("100644", rich.store.write_blob(b"{}\n"))}
    other = place.made(rich.store.write_tree(place.parent.tree, opened))
    tree = place.commit.tree
    closed = place.made(tree, place.commit.parents[1], other, message="tidy")
    return rich.forged(place.made(tree, place.parent.oid, closed), place.parent.oid)
