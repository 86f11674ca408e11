"""`make smoke` passes, shows what it checks, and fails where an entry is missing."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SMOKE = ROOT / "examples" / "smoke.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("smoke", SMOKE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_smoke_shows_and_checks_every_command() -> None:
    done = subprocess.run(
        [sys.executable, str(SMOKE)], capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    for shown in (
        "$ codexa-git say /status",
        "Q-1 asked.",
        "clarification.answered, signed",
        "approval.requested, unsigned",
        "approval.granted, signed",
        "CH-001 replays",
        "smoke: every answer and every audit entry is as it has to be",
    ):
        assert shown in done.stdout


def test_a_missing_entry_fails(tmp_path: Path) -> None:
    smoke = load()
    scratch = smoke.furnish(tmp_path)
    wrong = smoke.Expected("/status", "**CH-001**", ("command.said", "approval.granted"))
    with pytest.raises(smoke.SmokeError, match="on record is"):
        smoke.check(scratch, wrong)
    with pytest.raises(smoke.SmokeError, match="the answer lacks"):
        smoke.check(scratch, wrong._replace(answer="no such words"))
