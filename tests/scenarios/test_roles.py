"""Six roles: what each of them leaves on record in one change, and whom its hand-offs name."""

import json
from typing import Any

from scenarios.clone import At, Clone

FILES = ("handoff", "commands", "retention")


def records(clone: Clone) -> list[dict[str, Any]]:
    lines = [line for f in FILES for line in clone.read(f"audit/CH-001/{f}.jsonl").split("\n")]
    return [json.loads(line) for line in lines]


def test_each_role_leaves_its_own_records(at: At) -> None:
    by: dict[str, set[str]] = {}
    for record in records(at("closed")):
        by.setdefault(record["actor"]["name"], set()).add(record["type"])
    assert by == {
        "Demo PM": {"opened", "approval.granted"},
        "PM (agent)": {"plan.made", "handoff", "package.made"},
        "Designer (agent)": {"design.recorded"},
        "Implementer (agent)": {"run.started", "task.completed", "run.finished", "closed"},
        "Tester (agent)": {"results.recorded"},
        "Governance (agent)": {"retention.kept", "retention.archived"},
    }


def test_each_handoff_names_whoever_is_needed_next(at: At) -> None:
    handed = [r["data"] for r in records(at("closed")) if r["type"] == "handoff"]
    assert [(data["to"], data["notify"]) for data in handed] == [
        ("spec", ["pm-agent", "designer"]),
        ("execute", ["implementer"]),
        ("validate", ["tester"]),
        ("package", ["pm-agent", "pm"]),
        ("cleanup", ["implementer", "governance"]),
    ]


def test_the_designers_decisions_are_those_of_the_page(at: At) -> None:
    clone = at("planned")
    lines = clone.read("changes/CH-001/design.md").split("\n")
    written = [line[2:].split(":")[0] for line in lines if line.startswith("- D-")]
    handoff = [json.loads(line) for line in clone.read("audit/CH-001/handoff.jsonl").split("\n")]
    [designed] = [r["data"] for r in handoff if r["type"] == "design.recorded"]
    assert designed["decisions"] == written
    assert len(written) > 1


def test_each_task_says_which_files_it_touched(at: At) -> None:
    done = [r["data"] for r in records(at("closed")) if r["type"] == "task.completed"]
    assert [(d["task_id"], [f["path"] for f in d["files_touched"]]) for d in done] == [
        ("T-01", ["shout.sh"]),
        ("T-02", ["README.md"]),
    ]


def test_the_tester_lets_nothing_pass_before_its_evidence_is_there(at: At) -> None:
    clone = at("executed")
    (clone.folder / ".git" / "codexa" / "tester_ed25519").unlink()
    before = clone.tip()
    assert "sign" in clone.refused("advance", status=3)
    assert clone.tip() == before
    assert "results" in clone.refused("land")
