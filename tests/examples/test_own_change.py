"""This repository's own first change: taken through every stage, with what is missing shown."""

from pathlib import Path

from codexa_git.audit.logger import read_records
from codexa_git.audit.words import ORDER, RecordType
from codexa_git.change.brief import parse_brief
from codexa_git.change.folding import fold
from codexa_git.change.paths import Places

ROOT = Path(__file__).parents[2]
CHANGE = "CH-001"


def read(path: str) -> bytes | None:
    place = ROOT / path
    return place.read_bytes() if place.is_file() else None


def test_the_spike_has_frames_papers_for_the_milestone() -> None:
    path = Places(CHANGE).brief
    brief = parse_brief(read(path) or b"", path)
    assert "MS-01" in brief.context
    assert [criterion.id for criterion in brief.criteria] == ["AC-1", "AC-2"]


def test_the_spike_went_through_every_stage_and_nobody_approved_it() -> None:
    state = fold(CHANGE, read_records(read, CHANGE))
    handed = [record.data["to"] for record in state.of(RecordType.HANDOFF)]
    assert handed == [str(stage) for stage in ORDER[1:]]
    assert state.closed is not None
    assert state.of(RecordType.APPROVAL_GRANTED) == ()
    missing = "| approvals | plan by nobody, results by nobody, package by nobody |"
    assert missing in (read("PROGRESS.md") or b"").decode()
