"""What records add up to, read by git alone and folded without the product's help."""

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785
from builders import git

LOGS = ("handoff", "commands", "concerns", "retention")
ORDER = ("frame", "spec", "execute", "validate", "package", "cleanup")
GATES = {"plan": "spec", "results": "validate", "package": "package"}
SHARED = (
    "PROGRESS.md",
    "TRACEABILITY.md",
    "QA_REPORT.md",
    "design/DESIGN_SPEC.md",
    "docs/PROJECT_OVERVIEW.md",
    "docs/IMPLEMENTATION_PLAN.md",
)


class Sums(NamedTuple):
    """A change as its records have it.

    `rounds` maps stages; `approvals` maps the id of each to the rounds of the gates that it speaks
    for, `missing` to the records that its signer saw and that are not here any more.
    """

    ids: frozenset[str]
    stage: str
    rounds: dict[str, int]
    concerns: int
    questions: int
    approvals: dict[str, dict[str, int]]
    missing: dict[str, frozenset[str]]
    abandoned: bool


def sums(records: list[dict[str, object]]) -> Sums:
    """What these records add up to, in the order in which they stand in their files."""
    by: dict[str, list[dict[str, object]]] = {}
    for record in records:
        by.setdefault(str(record["type"]), []).append(record)
    moves = [r for r in records if r["type"] in ("handoff", "rework")]
    stage = str(data(moves[-1])["to"]) if moves else "frame"
    backs = [ORDER.index(str(data(r)["to"])) for r in by.get("rework", [])]
    rounds = {name: 1 + sum(b <= n for b in backs) for n, name in enumerate(ORDER)}
    answered = {
        data(r)["concern"] for kind in ("closed", "resolved") for r in by.get(f"concern.{kind}", [])
    }
    replied = {data(r)["question"] for r in by.get("clarification.answered", [])}
    gone = {name for r in by.get("approval.withdrawn", []) for name in data(r)["approvals"]}
    granted = {
        str(r["id"]): {gate: data(r)["gates"][gate]["round"] for gate in data(r)["gates"]}
        for r in by.get("approval.granted", [])
        if r["id"] not in gone
    }
    ids = frozenset(str(r["id"]) for r in records)
    return Sums(
        ids,
        stage,
        rounds,
        sum(r["id"] not in answered for r in by.get("concern.raised", [])),
        sum(r["id"] not in replied for r in by.get("clarification.asked", [])),
        granted,
        {str(r["id"]): frozenset(data(r)["seen"]) - ids for r in by.get("approval.granted", [])},
        "abandoned" in by,
    )


def data(record: dict[str, object]) -> dict[str, Any]:
    """What is told in a record."""
    found = record["data"]
    assert isinstance(found, dict)
    return found


def records_at(folder: Path, rev: str, change: str) -> list[dict[str, object]]:
    """The records of a change as a commit holds them; none where it holds no such change.

    Where one of them is under an id that is not its own, none of them can be taken for anything.
    """
    asked = "".join(f"{rev}:audit/{change}/{log}.jsonl\n" for log in LOGS)
    words = ("git", "-C", str(folder), "cat-file", "--batch")
    out = subprocess.run(words, input=asked.encode(), check=True, capture_output=True).stdout
    found = [json.loads(line) for line in out.splitlines() if line.startswith(b'{"')]
    return found if all(record.get("id") == _id(record) for record in found) else []


def _id(record: dict[str, object]) -> str:
    said = {key: value for key, value in record.items() if key not in ("id", "signature")}
    return f"sha256:{hashlib.sha256(rfc8785.dumps(said)).hexdigest()}"  # type: ignore[arg-type]


def product(folder: Path, base: str, tip: str, change: str) -> dict[str, str]:
    """What people look at when they sign: every path that differs, and what it holds now."""
    out = git(folder, "diff-tree", "-r", "--no-renames", "--full-index", base, tip)
    found = {}
    for row in out.splitlines():
        modes, path = row.split("\t")
        if not _is_listed(path, change):
            found[path] = modes
    return found


def _is_listed(path: str, change: str) -> bool:
    own = (f"audit/{change}/", f"artifacts/work/{change}/", f"tests/results/{change}.json")
    made = tuple(
        f"changes/{change}/{name}" for name in ("status.md", "packet.html", "pages/QA_REPORT.md")
    )
    return path.startswith(own) or path in made
