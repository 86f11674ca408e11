"""The log of a run: what was done, in order, with what came of it, and the same when made again."""

import json
from typing import Any

from scenarios.clone import At, Clone, recipes

from codexa_git.audit.canonical import digest


def log_of(clone: Clone, run: str = "run-001") -> list[dict[str, Any]]:
    path = f"artifacts/work/CH-001/{run}/log.jsonl"
    return [json.loads(line) for line in clone.read(path).split("\n")]


def test_a_run_logs_each_task_with_its_commands_and_the_files_it_touched(at: At) -> None:
    clone = at("executed")
    found = log_of(clone)
    assert [(e["event"], e.get("task_id")) for e in found] == [
        ("run.started", None),
        ("task.started", "T-01"),
        ("command.ran", "T-01"),
        ("task.completed", "T-01"),
        ("task.started", "T-02"),
        ("command.ran", "T-02"),
        ("task.completed", "T-02"),
        ("run.finished", None),
    ]
    assert (found[0]["run"], found[0]["tasks"]) == ("run-001", ["T-01", "T-02"])
    assert (found[2]["exit"], found[2]["status"]) == (0, "exited")
    records = [json.loads(r) for r in clone.read("audit/CH-001/handoff.jsonl").split("\n")]
    done = [r["data"] for r in records if r["type"] == "task.completed"]
    assert [e["files_touched"] for e in found if e["event"] == "task.completed"] == [
        data["files_touched"] for data in done
    ]


def test_the_log_grows_with_every_task_and_each_record_names_it_as_it_was(at: At) -> None:
    clone = at("executed")
    path = "artifacts/work/CH-001/run-001/log.jsonl"
    commits = clone.git("log", "--reverse", "--format=%H", "--", path).split("\n")
    logs = [clone.git("show", f"{commit}:{path}").encode() + b"\n" for commit in commits]
    assert len(logs) == 2
    assert logs[1].startswith(logs[0])
    records = [json.loads(r) for r in clone.read("audit/CH-001/handoff.jsonl").split("\n")]
    evidence = [r["data"]["evidence"] for r in records if "evidence" in r["data"]]
    named = [digests[path] for digests in evidence if path in digests]
    assert named == [digest(logs[0]), digest(logs[1]), digest(logs[1])]


def test_a_task_that_fails_is_logged_with_its_reason_and_so_is_what_it_kept_from_running(
    at: At,
) -> None:
    clone = at("opened")
    failing = """run = ["sh -c 'exit 3'"]"""
    clone.commit({"changes/CH-001/recipes.toml": recipes(first=failing)}, "say how")
    clone.did("advance")
    clone.did("approve")
    clone.refused("advance")
    assert [
        {k: v for k, v in e.items() if k in ("event", "exit", "reason", "outcome")}
        for e in log_of(clone)[2:]
    ] == [
        {"event": "command.ran", "exit": 3},
        {"event": "task.failed", "reason": "\"sh -c 'exit 3'\" exited with 3"},
        {"event": "task.skipped", "reason": "it comes after T-01, which is not done"},
        {"event": "run.finished", "outcome": "stopped"},
    ]


def test_a_run_that_leaves_a_task_to_a_person_says_so_and_the_next_logs_their_work(at: At) -> None:
    clone = at("opened")
    clone.commit({"changes/CH-001/recipes.toml": recipes(second="")}, "say how")
    clone.did("advance")
    clone.did("approve")
    clone.refused("advance")
    assert [(e["event"], e.get("reason")) for e in log_of(clone)[-2:]] == [
        ("task.skipped", "it waits for a person"),
        ("run.finished", None),
    ]
    clone.commit({"README.md": "# Greet\nSee shout.sh\n"}, "T-02 say so")
    clone.did("advance")
    assert [(e["event"], e.get("by")) for e in log_of(clone, "run-002")] == [
        ("run.started", None),
        ("task.started", None),
        ("task.completed", "person"),
        ("run.finished", None),
    ]


def test_replay_makes_the_logs_again_to_the_byte(at: At) -> None:
    clone = at("landed")
    assert "log.jsonl" in clone.git("ls-tree", "-r", "--name-only", "main")
    clone.did("replay", "CH-001")


def test_nothing_in_a_log_depends_on_the_place_or_the_moment(at: At) -> None:
    here, there = at("approved"), at("approved")
    for clone in (here, there):
        clone.did("advance")
    path = "artifacts/work/CH-001/run-001/log.jsonl"
    assert here.read(path) == there.read(path)
    assert str(here.folder) not in here.read(path)
