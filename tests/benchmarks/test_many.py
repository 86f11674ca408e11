from pathlib import Path

import pytest

from benchmarks import many as case
from benchmarks.scratch import scratch

pytestmark = pytest.mark.slow


def test_what_concerns_one_change_has_a_budget_and_what_tells_of_all_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case, "SIZES", (1, 3))
    ratios = case.many_open(scratch(tmp_path), rounds=1)
    assert [(one.ours.name, one.beside.name, one.budget) for one in ratios] == [
        ("status, 3 open", "status, 1 open", 1.5),
        ("advance, 3 open", "advance, 1 open", 1.5),
        ("status --all, 3 open", "status --all, 1 open", None),
        ("board, 3 open", "board, 1 open", None),
        ("commit, 3 open", "commit, 1 open", 1.5),
        ("commit, the whole gate, 3 open", "commit, the whole gate, 1 open", 1.5),
    ]


def test_the_whole_gate_is_asked_where_no_table_is_and_leaves_one(tmp_path: Path) -> None:
    place = scratch(tmp_path)
    repository = case.repositories(place, (1,))[1]
    case.working(place, repository)
    table = case.table(repository)
    before = table.read_bytes()
    side = case.commits(place, "commit", 1, repository, asks_all=False)
    side.once()
    assert table.read_bytes() == before
    table.unlink()
    (repository / "tool.py").write_text("by hand\n", encoding="utf-8")
    place.commit(repository, "asks all")
    assert table.exists()
    log = place.run("git", "log", "-2", "--format=%(trailers:key=Codexa-Stage)", cwd=repository)
    assert log.count("Codexa-Stage: execute") == 2
