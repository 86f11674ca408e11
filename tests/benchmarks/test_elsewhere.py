from pathlib import Path

import pytest

from benchmarks import elsewhere as case
from benchmarks.scratch import Scratch, scratch


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    monkeypatch.setattr(case, "BRANCHES", 3)
    monkeypatch.setattr(case, "COMMITS", 2)
    return scratch(tmp_path)


def test_a_fetch_and_a_rebase_are_each_held_against_the_same_without_hooks(place: Scratch) -> None:
    ratios = case.elsewhere(place, rounds=1)
    assert [(one.ours.name, one.beside.name, one.budget) for one in ratios] == [
        ("fetch of 3 branches", "no hooks", 1.1),
        ("rebase of 2 commits", "no hooks", 1.1),
    ]
    log = place.run("git", "log", "--format=%s", "origin/main..", cwd=place.folder / "clone")
    assert log.splitlines() == ["other, part 1", "other, part 0", "moved, part 0"]


def test_one_side_runs_the_hooks_and_the_other_none(place: Scratch) -> None:
    clone = case.begin(place)
    hook = clone / ".git" / "hooks" / "pre-rebase"
    assert "codexa_hook='pre-rebase'" in hook.read_text(encoding="utf-8")
    hook.write_text("#!/bin/sh\necho asked >>asked\n", encoding="utf-8")
    for how, times in ((case.NONE, 0), (case.OURS, 1)):
        place.run("git", "reset", "-q", "--hard", "origin/other", cwd=clone)
        place.run("git", *how, "rebase", "-q", "moved", cwd=clone)
        asked = clone / "asked"
        assert (asked.read_text().count("asked") if asked.exists() else 0) == times
