"""The light path: work that is there already, small enough for one signature, and every attack."""

from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone, recipes

LIGHT = '\n[light]\npaths = ["**/*.md", "greet.sh"]\nlines = 6\n'
TYPO = {"README.md": "# Greetings\n"}


def enforced(at: At, rule: str = LIGHT) -> Clone:
    """A base that enforces, with a rule for light changes."""
    clone = at("adopted")
    policy = (clone.folder / "codexa.toml").read_text()
    clone.commit({"codexa.toml": policy + rule}, "what is light")
    clone.did("enforce", "--demo")
    return clone


def worked(at: At, rule: str = LIGHT) -> Clone:
    """Somebody's commits on a branch of their own, beside that base."""
    clone = enforced(at, rule)
    clone.git("switch", "-q", "-c", "typo")
    clone.commit(TYPO, "the title is wrong")
    return clone


def quick(at: At) -> Clone:
    """The light change, up to the signature."""
    clone = worked(at)
    clone.did("quick", "fix the title")
    return clone


def test_a_typo_lands_by_one_signature_and_nothing_is_missing_of_it(at: At) -> None:
    clone = worked(at)
    mine = clone.tip()
    said = clone.did("quick", "fix the title")
    assert said.splitlines()[-1] == (
        "next: git codexa approve CH-001 signs plan and package together"
    )
    signed = clone.did("approve")
    assert "signed the plan" in signed
    assert "signed the package" in signed
    assert clone.until().status == 0
    clone.did("land")
    assert clone.read("README.md", "main") == "# Greetings"
    assert mine in clone.git("rev-list", "main").split("\n")
    assert clone.log("main^1..main^2") == [
        "the title is wrong",
        "CH-001 frame: fix the title, 1 criterion",
        "CH-001 spec: 1 task for 1 criterion, seed 1",
        "CH-001 execute: T-01 fix the title, and every test passes",
        "CH-001 validate: 1 test passes, snapshot matches",
        "CH-001 package: impact and packet",
        "CH-001 package: approved by Demo PM (pm), brief and plan, 1 file",
        "CH-001 cleanup: closed, evidence kept, 0 concerns open",
    ]
    assert "same" in clone.did("replay", "CH-001")
