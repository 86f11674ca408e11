"""The demo's change does what its README says, in each of its four states."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
CHANGE = EXAMPLES / "change"
FIRST = CHANGE / "patches" / "T-01.patch"
SECOND = CHANGE / "patches" / "T-02.patch"
AGAIN = CHANGE / "patches" / "T-02-again.patch"


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )


@pytest.fixture
def totals(tmp_path: Path) -> Path:
    skipped = shutil.ignore_patterns("__pycache__", ".*_cache")
    return Path(shutil.copytree(EXAMPLES / "totals", tmp_path / "totals", ignore=skipped))


def suite(totals: Path, *patches: Path) -> list[str]:
    """What the suite says after these patches: each failed test, then the closing line's counts."""
    for patch in patches:
        applied = run(totals, "git", "apply", str(patch))
        assert applied.returncode == 0, applied.stderr
    ended = run(totals, sys.executable, "-m", "pytest", "-q", "-rf", "-p", "no:cacheprovider")
    lines = ended.stdout.splitlines()
    failed = [line.split(" ")[1] for line in lines if line.startswith("FAILED ")]
    return [*failed, lines[-1].partition(" in ")[0]]


def test_the_program_passes_before_the_change(totals: Path) -> None:
    assert suite(totals) == ["10 passed"]


def test_the_first_task_passes(totals: Path) -> None:
    assert suite(totals, FIRST) == ["12 passed"]


def test_the_first_try_at_the_second_task_fails_exactly_one_test(totals: Path) -> None:
    assert suite(totals, FIRST, SECOND) == [
        "tests/test_formats.py::test_json_empty",
        "1 failed, 13 passed",
    ]


def test_the_second_try_passes(totals: Path) -> None:
    assert suite(totals, FIRST, SECOND, AGAIN) == ["14 passed"]


def test_the_change_touches_four_files(totals: Path) -> None:
    before = {path: path.read_bytes() for path in totals.rglob("*") if path.is_file()}
    for patch in (FIRST, SECOND, AGAIN):
        run(totals, "git", "apply", str(patch))
    after = {path: path.read_bytes() for path in totals.rglob("*") if path.is_file()}
    changed = {path for path in after if before.get(path) != after[path]}
    assert {path.relative_to(totals).as_posix() for path in changed} == {
        "README.md",
        "src/totals/cli.py",
        "src/totals/report.py",
        "tests/test_formats.py",
    }


def test_every_recipe_names_a_patch_and_a_criterion_that_are_there() -> None:
    brief = (CHANGE / "brief.md").read_text(encoding="utf-8")
    recipes = tomllib.loads((CHANGE / "recipes.toml").read_text(encoding="utf-8"))
    assert len(recipes["task"]) == 2
    assert recipes["task"][1]["again"] == ["patches/T-02-again.patch"]
    for task in recipes["task"]:
        assert all((CHANGE / patch).is_file() for patch in (task["patch"], *task.get("again", [])))
        assert all(f"- {criterion}: " in brief for criterion in task["criteria"])
