"""Files of the landed tree that nobody approved, tested or generated."""

import re

import pytest
from gate.signing import approved
from gate.world import CHANGE, DEV, OVERVIEW, World, again, claimed, replaced, unmet

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.blocks import put
from codexa_git.change.pages import PAGES, STATUS_REPORT
from codexa_git.errors import RefusedError
from codexa_git.repository.objects import Entry, Mode
from codexa_git.repository.raw import format_tree

WORK = f"artifacts/work/{CHANGE}"

STRAYS = [
    "tests/results/conftest.py",
    "tests/results/CH-001.json.py",
    "tests/results/CH-001.JSON",
    "tests/results/CH-001/x.json",
    "tests/results/pytest.ini",
    f"{WORK}/run-001/evil.py",
    f"{WORK}/run-001/T-01.py",
    f"{WORK}/run-001/T-1.json",
    f"{WORK}/run-001/t-01.json",
    f"{WORK}/run-001/sub/T-01.json",
    f"{WORK}/run-1/run.json",
    f"{WORK}/run.json",
    f"{WORK}/conftest.py",
    "artifacts/work/conftest.py",
    "audit/handoff.jsonl",
    "audit/conftest.py",
    "audit/CH-001/handoff.json",
    "audit/CH-001/notes.md",
    "audit/CH-0001/handoff.jsonl",
    "audit/ch-001/handoff.jsonl",
    "audit/CH-001\u200b/handoff.jsonl",
]


@pytest.mark.parametrize("path", STRAYS)
def test_nothing_else_stands_where_only_the_tool_writes(world: World, path: str) -> None:
    verdict = world.judge(world.edited({path: b"import os\n"}))
    assert not verdict.lands
    assert "own-files-only" in unmet(verdict)


@pytest.mark.parametrize("path", STRAYS[:8])
def test_not_even_where_a_person_approves_it(world: World, path: str) -> None:
    tree = world.edited({path: b"import os\n"})
    verdict = world.judge(approved(world, world.records(), tree))
    assert "own-files-only" in unmet(verdict)


FOREIGN = [
    "audit/CH-002/README.md",
    "changes/CH-002/brief.md",
    "artifacts/work/CH-002/run-001/run.json",
    "tests/results/CH-002.json",
    "artifacts/phase1/demo/Week-01/CH-002/index.html",
]


@pytest.mark.parametrize("path", FOREIGN[1:])
def test_another_changes_files_are_refused(world: World, path: str) -> None:
    assert "own-files-only" in unmet(world.judge(world.edited({path: b"x\n"})))


@pytest.mark.parametrize("path", ["audit/CH-002/handoff.jsonl", "audit/CH-002", "audit/CH-1000/x"])
def test_two_changes_at_once_are_refused(world: World, path: str) -> None:
    with pytest.raises(RefusedError, match="two changes at once"):
        world.judge(world.edited({path: b""}))


def test_a_change_whose_folder_the_base_has_is_no_change(world: World) -> None:
    base = world.edited({"audit/CH-001/handoff.jsonl": b""}, world.base)
    with pytest.raises(RefusedError, match="no change is at hand"):
        world.judge(world.tree, base=base)


GUARDED = [
    *(
        "codexa.toml",
        ".codexa/allowed_signers",
        ".codexa/x",
        ".gitattributes",
        "src/.gitattributes",
    ),
    *(
        ".gitmodules",
        ".pre-commit-config.yaml",
        ".github/workflows/x.yml",
        ".ci/run",
        "CODEXA.toml",
    ),
    *(".GitHub/workflows/x.yml", ".gitlab-ci.yml", "Jenkinsfile", "docs/.GITATTRIBUTES"),
]


@pytest.mark.parametrize("path", GUARDED)
def test_guarded_paths_are_refused_even_where_approved(world: World, path: str) -> None:
    tree = world.edited({path: b"x = 1\n"})
    verdict = world.judge(approved(world, world.records(), tree))
    assert not verdict.lands
    assert "guarded-paths" in unmet(verdict)


def test_a_submodule_is_refused_even_where_approved(world: World) -> None:
    tree = world.edited({"vendor": Entry(Mode.GITLINK, world.moment.tip.oid)})
    assert "no-gitlinks" in unmet(world.judge(approved(world, world.records(), tree)))


ODD_PATHS = [
    *(
        "a\nb.py",
        "a\tb",
        "a\x1b[31m",
        "evil\u202etxt.py",
        "zero\u200bwidth",
        "\udcff.py",
        "line\u2028",
    ),
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_a_path_that_cannot_be_put_on_record_is_refused(world: World, path: str) -> None:
    assert "paths-plain" in unmet(world.judge(world.edited({path: b"x\n"})))


COLLIDING = [
    *(
        "Totals.py",
        "TOTALS.PY",
        "CHECK.py",
        "Tools/more.py",
        "tools/WRITE.py",
        "changes/ch-001/a.md",
    ),
    *("Audit/x", "words.txt", "Changes/CH-001/a.md"),
]


@pytest.mark.parametrize("path", COLLIDING)
def test_a_path_that_collides_where_case_is_folded_is_refused(world: World, path: str) -> None:
    verdict = world.judge(world.edited({path: b"x\n"}))
    assert "paths-plain" in unmet(verdict)


@pytest.mark.parametrize(
    ("one", "other"), [("caf\u00e9.py", "cafe\u0301.py"), ("STRASSE", "stra\u00dfe"), ("a/b", "A")]
)
def test_two_new_paths_that_collide_are_refused(world: World, one: str, other: str) -> None:
    assert "paths-plain" in unmet(world.judge(world.edited({one: b"x\n", other: b"y\n"})))


def test_what_the_base_holds_under_two_cases_is_not_this_changes_fault(world: World) -> None:
    both: dict[str, bytes | Entry | None] = {"Old/a.txt": b"1\n", "old/a.txt": b"2\n"}
    base = world.edited(both, world.base)
    tree = world.edited({**both, "Old/b.txt": b"3\n"})
    assert "paths-plain" not in unmet(world.judge(tree, base=base))
    assert "paths-plain" in unmet(world.judge(world.edited({"OLD/c": b""}, tree), base=base))


LISTED = [
    *(
        f"audit/{CHANGE}/commands.jsonl",
        f"changes/{CHANGE}/status.md",
        f"changes/{CHANGE}/packet.html",
    ),
    *(f"tests/results/{CHANGE}.json", f"{WORK}/run-001/run.json", f"{WORK}/run-002/T-01.log"),
    "PROGRESS.md",
]


@pytest.mark.parametrize("mode", [Mode.EXECUTABLE, Mode.SYMLINK])
@pytest.mark.parametrize("path", LISTED)
def test_a_listed_file_is_a_plain_file(world: World, path: str, mode: str) -> None:
    entry = world.store.entry(world.tree, path)
    assert entry is not None
    verdict = world.judge(world.edited({path: Entry(mode, entry.oid)}))
    assert not verdict.lands
    assert unmet(verdict) & {"listed-as-recorded", "package-approved"}


@pytest.mark.parametrize("path", LISTED)
def test_a_listed_file_is_there(world: World, path: str) -> None:
    assert not world.judge(world.edited({path: None})).lands


RECORDED = [p for p in LISTED if not p.startswith("audit/")]


@pytest.mark.parametrize("path", RECORDED)
def test_a_listed_file_is_as_recorded(world: World, path: str) -> None:
    verdict = world.judge(world.edited({path: world.read(path) + b" "}))
    assert not verdict.lands
    assert unmet(verdict) & {"listed-as-recorded", "package-approved"}


@pytest.mark.parametrize("path", ["changes/CH-001/brief.md", "WORDS.txt", "totals.py"])
@pytest.mark.parametrize("mode", [Mode.EXECUTABLE, Mode.SYMLINK])
def test_the_mode_of_what_was_approved_is_bound(world: World, path: str, mode: str) -> None:
    entry = world.store.entry(world.tree, path)
    assert entry is not None
    verdict = world.judge(world.edited({path: Entry(mode, entry.oid)}))
    assert "package-approved" in unmet(verdict)


CONTENT: dict[str, dict[str, bytes | None]] = {
    "a product file changed": {"totals.py": b"def total(numbers):\n    return 3\n"},
    "a product file deleted": {"README.md": None},
    "a product file more": {"evil.py": b"import os\n"},
    "an approved file gone": {"WORDS.txt": None},
    "a file and a folder change places": {"README.md": None, "README.md/x": b"x\n"},
    "a paper changed": {f"changes/{CHANGE}/brief.md": b"# CH-001 Else\n"},
    "a paper more": {f"changes/{CHANGE}/notes.md": b"# Notes\n"},
    "a patch more": {f"changes/{CHANGE}/patches/T-03.patch": b""},
    "a demo file more": {f"artifacts/phase1/demo/Week-01/{CHANGE}/x.html": b"<p>"},
    "a free path changed": {"changes/backlog.toml": b"x = 1\n"},
    "text of a shared page changed": {"PROGRESS.md": b"# Other\n"},
}


@pytest.mark.parametrize("name", CONTENT)
def test_nothing_lands_that_was_not_approved_as_it_is(world: World, name: str) -> None:
    verdict = world.judge(world.edited(CONTENT[name]))
    assert not verdict.lands
    assert "package-approved" in unmet(verdict)


@pytest.mark.parametrize("name", [n for n in CONTENT if "product" in n])
def test_and_nothing_that_was_not_tested_as_it_is(world: World, name: str) -> None:
    verdict = world.judge(world.edited(CONTENT[name]))
    assert {"results-for-this-tree", "results-approved"} <= unmet(verdict)


def page(world: World, old: bytes, new: bytes, path: str = "PROGRESS.md") -> set[str]:
    content = world.read(path)
    assert old in content
    verdict = world.judge(world.edited({path: content.replace(old, new, 1)}))
    assert not verdict.lands
    return unmet(verdict)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"2 of 2 covered", b"9 of 9 covered"),
        (b"Evidence:\n", b"Evidence:\r\n"),
        (b"\n\nEvidence", b"\nEvidence"),
        (b"| rework rounds | 1 |\n", b""),
    ],
)
def test_the_progress_block_is_as_generated(world: World, old: bytes, new: bytes) -> None:
    assert "evidence-listed" in page(world, old, new)


def test_text_outside_the_block_is_ordinary_product(world: World) -> None:
    assert "package-approved" in page(world, b"Words of people.", b"Words of nobody.")


def test_a_block_stands_in_its_own_place(world: World) -> None:
    content = world.read("PROGRESS.md")
    start = content.index(b"<!-- codexa:begin")
    end = content.index(b"-->\n", content.index(b"<!-- codexa:end")) + 4
    moved = content[start:end] + content[:start] + content[end:]
    assert "evidence-listed" in unmet(world.judge(world.edited({"PROGRESS.md": moved})))


TOLD = {
    "PROGRESS.md": (b"2 of 2 covered", b"9 of 9 covered"),
    "TRACEABILITY.md": (b"| 2 of 2 |", b"| 9 of 9 |"),
    "QA_REPORT.md": (b"0 failed", b"no failures"),
    "design/DESIGN_SPEC.md": (b"- D-1: ", b"- D-1: not that "),
    "docs/PROJECT_OVERVIEW.md": (b"in words", b"in deeds"),
    "docs/IMPLEMENTATION_PLAN.md": (b"seed 7", b"seed 8"),
}


def test_every_shared_page_is_tried() -> None:
    assert list(TOLD) == list(PAGES)


@pytest.mark.parametrize("path", PAGES)
def test_a_block_that_a_hand_edited_does_not_land(world: World, path: str) -> None:
    old, new = TOLD[path]
    assert "docs-current" in page(world, old, new, path)


@pytest.mark.parametrize("path", PAGES)
def test_a_block_of_another_change_is_not_this_ones_to_write(world: World, path: str) -> None:
    block = b"<!-- codexa:begin CH-002 -->\nlanded\n<!-- codexa:end CH-002 -->\n"
    tree = world.edited({path: world.read(path) + block})
    assert {"package-approved", "results-for-this-tree"} <= unmet(world.judge(tree))


@pytest.mark.parametrize("path", PAGES)
def test_a_block_of_another_change_is_not_this_ones_to_alter(world: World, path: str) -> None:
    block = b"<!-- codexa:begin CH-002 -->\n%s\n<!-- codexa:end CH-002 -->\n"
    base = world.edited({path: block % b"landed"}, world.base)
    tree = world.edited({path: world.read(path) + block % b"failed"})
    verdict = world.judge(tree, base=base)
    assert not verdict.lands
    assert "package-approved" in unmet(verdict)


OTHERS = b"<!-- codexa:begin %s -->\n%s\n<!-- codexa:end %s -->\n"
BLOCK = OTHERS % (b"CH-002", b"landed", b"CH-002")
ON_BASE = ("CH-002", "totals", "MS-01-week-02")
TRESPASSES: dict[str, tuple[bytes, bytes, str]] = {
    "altered": (b"landed", b"failed", "alters the block of CH-002"),
    "altered by a space": (b"landed\n", b"landed \n", "alters the block of CH-002"),
    "lost": (BLOCK, b"", "loses the block of CH-002"),
    "renamed": (b"CH-002", b"CH-003", "loses the block of CH-002"),
    "written": (BLOCK, BLOCK + BLOCK.replace(b"CH-002", b"CH-003"), "has a block of CH-003"),
    "damaged": (b"<!-- codexa:end CH-002 -->\n", b"", "loses the block of CH-002"),
}


@pytest.mark.parametrize("path", [*PAGES, STATUS_REPORT])
@pytest.mark.parametrize("name", TRESPASSES)
def test_a_change_leaves_the_blocks_of_others_as_the_base_has_them(
    world: World, path: str, name: str
) -> None:
    """Not even where a person approves it, who looks for it in that other change."""
    old, new, why = TRESPASSES[name]
    before = world.store.read(world.base, path) or b""
    base = world.edited({path: before + BLOCK}, world.base)
    honest = (world.store.read(world.tree, path) or b"") + BLOCK
    assert "own-files-only" not in unmet(world.judge(world.edited({path: honest}), base=base))
    verdict = world.judge(world.edited({path: honest.replace(old, new)}), base=base)
    said = next(ask.answer for ask in verdict.asks if ask.name == "own-files-only")
    assert not said.met
    assert said.now.startswith(f"{path} {why}")
    assert said.command == f"git checkout main -- {path}"
    assert said.where == (path,)


@pytest.mark.parametrize("path", [*PAGES, STATUS_REPORT])
@pytest.mark.parametrize("name", ON_BASE)
def test_nor_does_it_replace_a_page_that_holds_any(world: World, path: str, name: str) -> None:
    block = OTHERS % (name.encode(), b"so it is", name.encode())
    base = world.edited({path: b"# Ours\n" + block}, world.base)
    for content in (b"# Mine\n", None):
        verdict = world.judge(world.edited({path: content}), base=base)
        said = next(ask.answer for ask in verdict.asks if ask.name == "own-files-only")
        assert said.now == f"{path} loses the block of {name}"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_the_base_has_damaged_may_be_mended(world: World, path: str) -> None:
    base = world.edited({path: b"# Ours\n" + BLOCK + b"<!-- codexa:begin -->\n"}, world.base)
    for honest in (b"# Ours\n" + BLOCK, b"# Ours\nlanded\n"):
        assert "own-files-only" not in unmet(world.judge(world.edited({path: honest}), base=base))


@pytest.mark.parametrize("path", [*PAGES, STATUS_REPORT])
def test_but_only_to_the_blocks_that_stood_in_it(world: World, path: str) -> None:
    base = world.edited({path: b"# Ours\n" + BLOCK + b"<!-- codexa:begin -->\n"}, world.base)
    for block in (BLOCK.replace(b"landed", b"failed"), BLOCK.replace(b"CH-002", b"CH-003")):
        verdict = world.judge(world.edited({path: b"# Ours\n" + block}), base=base)
        said = next(ask.answer for ask in verdict.asks if ask.name == "own-files-only")
        assert not said.met
        assert said.now.startswith(f"{path} has a block of CH-00")


def test_a_change_does_not_damage_a_page_that_no_closing_reads(world: World) -> None:
    before = world.store.read(world.base, STATUS_REPORT) or b""
    tree = world.edited({STATUS_REPORT: before + b"<!-- codexa:begin -->\n"})
    verdict = world.judge(tree)
    said = next(ask.answer for ask in verdict.asks if ask.name == "own-files-only")
    assert said.now.startswith(f"{STATUS_REPORT} cannot be read, for in line ")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_last_block_without_a_line_end_gets_one_from_the_block_after_it(
    world: World, end: bytes
) -> None:
    last = BLOCK.rstrip(b"\n").replace(b"\n", end)
    base = world.edited({"QA_REPORT.md": last}, world.base)
    made = put(last, CHANGE, b"mine")
    assert made.startswith(last + end)
    assert "own-files-only" not in unmet(
        world.judge(world.edited({"QA_REPORT.md": made}), base=base)
    )


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_its_block_does_not_land(world: World, path: str) -> None:
    before = world.store.read(world.base, path)
    for content in (before, b"# Mine\n"):
        verdict = world.judge(world.edited({path: content}))
        assert not verdict.lands
        assert "docs-current" in unmet(verdict)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("mode", [Mode.EXECUTABLE, Mode.SYMLINK])
def test_a_page_is_a_plain_file(world: World, path: str, mode: Mode) -> None:
    entry = Entry(mode, world.store.write_blob(world.read(path)))
    verdict = world.judge(world.edited({path: entry}))
    assert not verdict.lands
    assert "docs-current" in unmet(verdict)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"<!-- codexa:end CH-001 -->\n", b"", "CH-001's block has no end"),
        (b"<!-- codexa:begin CH-001 -->\n", b"", "CH-001 ends here without having begun"),
        (b"codexa:begin CH-001", b"codexa:begin CH-1", "this marker is damaged"),
        (
            b"<!-- codexa:begin CH-001 -->\n",
            b"<!-- codexa:begin CH-001 -->\n<!-- codexa:begin CH-002 -->\n",
            "CH-002 begins within CH-001's block",
        ),
    ],
)
def test_a_damaged_marker_is_reported_with_its_line(
    world: World, path: str, old: bytes, new: bytes, why: str
) -> None:
    verdict = world.judge(world.edited({path: world.read(path).replace(old, new)}))
    assert not verdict.lands
    said = next(ask.answer for ask in verdict.asks if ask.name == "docs-current")
    assert re.fullmatch(rf"{re.escape(path)}:[0-9]+: {why}", said.now)
    assert said.command == f"$EDITOR {path}"


def test_the_copy_of_a_block_is_approved(world: World) -> None:
    verdict = world.judge(world.edited({OVERVIEW: b"- other\n"}))
    assert {"package-approved", "docs-current"} <= unmet(verdict)


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\n", b"turned \xe2\x80\xae\n"])
def test_a_written_page_is_written(world: World, content: bytes | None) -> None:
    verdict = world.judge(world.edited({OVERVIEW: content}))
    assert {"documents-written", "docs-current", "package-approved"} <= unmet(verdict)


REPORT = f"changes/{CHANGE}/pages/QA_REPORT.md"


@pytest.mark.parametrize("content", [None, b"", b"# All is well\n"])
def test_the_live_report_is_as_generated(world: World, content: bytes | None) -> None:
    verdict = world.judge(world.edited({REPORT: content}))
    assert not verdict.lands
    assert "listed-as-recorded" in unmet(verdict)


def test_nobody_writes_the_live_report_before_the_tester(world: World) -> None:
    opening = [r for r in world.records() if r.type is RecordType.OPENED]
    tree = world.with_records(opening, world.edited({REPORT: b"# All is well\n"}))
    assert "listed-as-recorded" in unmet(world.judge(tree))


def task_record(world: World, kind: RecordType, run: str, task: str, content: bytes) -> Record:
    data: dict[str, object] = {
        "run": run,
        "task_id": task,
        "evidence": {f"{WORK}/{run}/{task}.log": digest(content)},
    }
    more: dict[str, object] = (
        {"by": "person", "files_touched": []}
        if kind is RecordType.TASK_COMPLETED
        else {"reason": "x"}
    )
    return world.record(kind, data | more, stage=Stage.EXECUTE)


def test_evidence_is_not_replaced_by_one_more_record(world: World) -> None:
    """Neither by the packet's record, which may name the packet alone, nor by another run's."""
    path, other = f"{WORK}/run-002/T-01.log", b"all went well\n"
    packet = f"changes/{CHANGE}/packet.html"
    named = {packet: digest(world.read(packet)), path: digest(other)}
    made = world.record(
        RecordType.PACKAGED, {"evidence": named, "subject": digest(b""), "papers": {}, "told": []}
    )
    tree = world.with_records([*world.records(), made], world.edited({path: other}))
    assert "records-sound" in unmet(world.judge(tree))
    late = task_record(world, RecordType.TASK_COMPLETED, "run-002", "T-01", other)
    tree = world.with_records([*world.records(), late], world.edited({path: other}))
    assert "records-sound" in unmet(world.judge(tree))


@pytest.mark.parametrize("task", ["T-01", "T-77"])
@pytest.mark.parametrize("kind", [RecordType.TASK_COMPLETED, RecordType.TASK_FAILED])
def test_evidence_of_a_run_that_nobody_checked_does_not_land(
    world: World, kind: RecordType, task: str
) -> None:
    content = b"#!/bin/sh\nrm -rf /\n"
    begun = {"run": "run-003", "provider": "x", "seed": 1, "tasks": [], "unapproved": False}
    start = world.record(RecordType.RUN_STARTED, begun, stage=Stage.EXECUTE)
    done = task_record(world, kind, "run-003", task, content)
    ended = {"run": "run-003", "outcome": "completed", "evidence": {}}
    end = world.record(RecordType.RUN_FINISHED, ended, stage=Stage.EXECUTE)
    tree = world.edited({f"{WORK}/run-003/{task}.log": content})
    verdict = world.judge(world.remade([*world.records(), start, done, end], tree))
    assert not verdict.lands
    assert "results-for-this-tree" in unmet(verdict)
    assert "assertions-pass" in claimed(verdict)


LOG = f"{WORK}/run-002/log.jsonl"  # T-01 was done again in this run


def judged_with_log(world: World, content: bytes) -> set[str]:
    """What is unmet where a run's log has this content, and every record of the run names it."""
    known = digest(world.read(LOG))
    records = []
    for record in world.records():
        evidence = record.data.get("evidence", {})
        if evidence.get(LOG) == known:
            data = record.data | {"evidence": evidence | {LOG: digest(content)}}
            records.append(again(record, data=data))
        else:
            records.append(record)
    return unmet(world.judge(world.with_records(records, world.edited({LOG: content}))))


def test_a_log_that_tells_of_other_files_than_the_record_is_no_evidence(world: World) -> None:
    content = world.read(LOG)
    assert b'"path":"totals.py"' in content
    other = content.replace(b'"path":"totals.py"', b'"path":"titles.py"')
    assert "task-evidence" in judged_with_log(world, other)


def test_a_log_that_lost_a_task_is_no_evidence(world: World) -> None:
    lines = [x for x in world.read(LOG).splitlines(keepends=True) if b'"T-01"' not in x]
    assert "task-evidence" in judged_with_log(world, b"".join(lines))


def test_a_completion_that_names_no_log_is_no_evidence(world: World) -> None:
    records = []
    for record in world.records():
        evidence = {p: d for p, d in record.data.get("evidence", {}).items() if p != LOG}
        named = record.type is RecordType.TASK_COMPLETED
        records.append(
            again(record, data=record.data | {"evidence": evidence}) if named else record
        )
    assert "task-evidence" in unmet(world.judge(world.with_records(records)))


def test_retention_that_names_a_wrong_digest_keeps_nothing(world: World) -> None:
    kept = world.state.of(RecordType.RETENTION_KEPT)[0]
    items = [dict(item) for item in kept.data["items"]]
    items[0]["digest"] = f"sha256:{'0' * 64}"
    other = world.record(RecordType.RETENTION_KEPT, {"items": items})
    records = [other if r.id == kept.id else r for r in world.records()]
    assert "retention-recorded" in unmet(world.judge(world.with_records(records)))


def test_an_output_without_retention_is_not_archived(world: World) -> None:
    kept = world.state.of(RecordType.RETENTION_ARCHIVED)[0]
    records = [r for r in world.records() if r.id != kept.id]
    assert "evidence-archived" in unmet(world.judge(world.with_records(records)))


def test_an_empty_folder_is_no_hiding_place(world: World) -> None:
    """A tree object may hold a folder of nothing: it differs in no path, and yet it is another."""
    store = world.store
    entries = dict(store.children(world.tree)) | {"empty": Entry(Mode.TREE, store.empty_tree)}
    tree = store._write([("tree", b""), ("tree", format_tree(entries))])[1]
    assert "results-for-this-tree" in unmet(world.judge(tree))


CEO = Actor("The CEO", "ceo@demo.invalid", "pm")


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_the_base_names_an_approval_that_does_not_count(world: World, page: str) -> None:
    """Anyone can write a record; a garbage signature on it must not be printed on main as a yes."""
    granted = [r for r in world.records() if r.type is RecordType.APPROVAL_GRANTED]
    tree = world.remade([*world.records(), *(again(record, actor=CEO) for record in granted)])
    assert world.judge(tree).lands
    assert b"CEO" not in (world.store.read(tree, page) or b"")


@pytest.mark.parametrize("signed_by", ["nobody", "the wrong hand"])
def test_nor_a_waiver(world: World, signed_by: str) -> None:
    placed = {"results": {"round": 2, "subject": None}}
    data = {"gates": placed, "tests": ["check"], "reason": "the clock is wrong"}
    waiver = world.decision(RecordType.WAIVER_GRANTED, data, actor=DEV, stage=Stage.VALIDATE)
    if signed_by == "nobody":
        waiver = again(waiver, actor=CEO)
    tree = world.remade([*world.records(), waiver])
    assert world.judge(tree).lands
    assert world.case(tree).state.waivers == (waiver,)
    assert b"the clock is wrong" not in world.read("QA_REPORT.md", tree)
    said = b"the clock is wrong" in world.read(REPORT, tree)
    assert said is (signed_by == "the wrong hand"), "told where it was said, and by nobody else"


def test_nor_results_that_no_tester_signed(world: World) -> None:
    first = next(r for r in world.records() if r.type is RecordType.RESULTS_RECORDED)
    forged = again(
        first, data=first.data | {"failed": ["test_of_nobody"]}, at="2026-01-01T00:00:00Z"
    )
    records = replaced(world.records(), first, forged, first)
    tree = world.remade(records)
    assert b"test_of_nobody" not in world.read("QA_REPORT.md", tree)
    assert b"test_of_nobody" not in world.read(REPORT, tree)
