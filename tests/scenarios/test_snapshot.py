"""The regression snapshot on its own: done again, and held against what is signed."""

import json
from pathlib import Path
from typing import Any

from scenarios.clone import BRIEF, NOON, At, Clone, recipes

from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.gate.testing import SNAPSHOT_CONCERN
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.draft import AGENTS, Draft
from codexa_git.workflow.changes.moment import named
from codexa_git.workflow.together.publishing import publish


def test_what_comes_out_the_same_says_so_and_commits_nothing(at: At) -> None:
    clone = at("executed")
    clone.did("advance")
    before = clone.git("rev-parse", "HEAD")
    assert "CH-001 comes out the same: tasks same, 1 test, seed 7" in clone.did("snapshot")
    assert json.loads(clone.did("snapshot", "--json"))["same"] is True
    assert clone.git("rev-parse", "HEAD") == before


def clone_tested_by(at: At, script: str) -> Clone:
    """A clone with results, made by this script."""
    clone = at("adopted")
    policy = clone.read("codexa.toml").replace('"sh check.sh"', '"sh t.sh"')
    clone.commit({"codexa.toml": policy, "t.sh": script}, "what tests it")
    clone.did("enforce", "--demo", "--yes")
    brief = clone.folder.parent / "brief.md"
    brief.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(brief))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    for verb in ("advance", "approve", "advance", "advance"):
        clone.did(verb)
    return clone


def test_what_comes_out_otherwise_raises_one_concern_that_blocks_closing(
    at: At, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    clone = clone_tested_by(at, f"test ! -e {broken}\n")
    broken.touch()
    assert "comes out otherwise when done again" in clone.refused("snapshot")
    open_ones = clone.did("concern", "list")
    assert "CN-1  open    the regression snapshot differs" in open_ones
    before = clone.git("rev-parse", "HEAD")
    clone.refused("snapshot")
    assert clone.git("rev-parse", "HEAD") == before
    broken.unlink()
    clone.did("snapshot")
    clone.did("concern", "resolve", "CN-1", "it was the disk")
    assert "replays" in clone.did("replay", "CH-001")


def test_nothing_is_done_again_before_there_are_results_of_this_tree(at: At) -> None:
    assert "nothing to hold a snapshot against" in at("executed").refused("snapshot")


def test_nothing_runs_where_the_plan_s_approval_has_fallen(at: At) -> None:
    clone = at("executed")
    clone.did("advance")
    brief = clone.folder / "changes" / "CH-001" / "brief.md"
    clone.commit({"changes/CH-001/brief.md": brief.read_text() + "\nMore.\n"}, "say more")
    assert "plan-approved" in clone.refused("snapshot")


def test_a_concern_of_somebodys_own_hides_no_difference(at: At, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    clone = clone_tested_by(at, f"test ! -e {broken}\n")
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(NOON)), "CH-001")
        draft = Draft(moment.footing, Stage.VALIDATE, AGENTS[AgentRole.TESTER])
        text = f"{SNAPSHOT_CONCERN}: T-01 prints a date (known)"
        data: dict[str, Any] = {"text": text, "tests": [], "by": "machine", "due": None}
        draft.record(RecordType.CONCERN_RAISED, data)
        publish(moment, draft.build("forged", hand_off=False))
    broken.touch()
    clone.refused("snapshot")
    assert "CN-2  open    the regression snapshot differs" in clone.did("concern", "list")
