import os
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import result
from benchmarks.report import Result, as_json, as_text, from_json
from benchmarks.rounds import NotMeasuredError, Ratio, Sample, Side, measured, timed


def test_sides_take_turns_and_the_warm_up_is_not_counted() -> None:
    turns: list[str] = []

    def side(name: str, seconds: float) -> Side:
        def once() -> float:
            turns.append(name)
            return seconds

        return Side(name, once)

    samples = measured([side("a", 1.0), side("b", 2.0)], rounds=2, warm_up=1)
    assert turns == ["a", "b"] * 3
    assert samples == [Sample("a", (1.0, 1.0)), Sample("b", (2.0, 2.0))]


def test_the_ratio_is_taken_within_each_round() -> None:
    ratio = Ratio(Sample("a", (1.0, 30.0, 4.0)), Sample("b", (2.0, 10.0, 4.0)), 1.0)
    assert ratio.each == [0.5, 3.0, 1.0]
    assert ratio.median == 1.0
    assert ratio.spread == (0.75, 2.0)
    assert ratio.within is True


def test_a_ratio_over_its_budget_is_said_to_be_over() -> None:
    over = Ratio(Sample("a", (3.0,)), Sample("b", (1.0,)), 2.0)
    results = [Result("one", (over,)), Result("two", not_measured="npm is not installed")]
    assert "OVER" in as_text(results)
    assert as_text(results).endswith("two: not measured: npm is not installed")
    assert as_json(results)["cases"][0]["ratios"][0]["within"] is False


def test_a_command_that_fails_is_never_a_measurement(tmp_path: Path) -> None:
    line = [sys.executable, "-c", "import sys; sys.exit('no such change')"]
    with pytest.raises(NotMeasuredError, match="no such change"):
        timed(line, tmp_path, os.environ)


def test_a_trivial_pair_is_measured_as_processes(tmp_path: Path) -> None:
    seconds = timed([sys.executable, "-c", "pass"], tmp_path, os.environ)
    assert seconds > 0


def test_a_case_whose_program_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    answer = result("openspec", 1)
    assert answer.ratios == ()
    assert answer.not_measured is not None
    assert "not installed" in answer.not_measured or "not here" in answer.not_measured


def test_a_run_that_was_kept_is_read_as_it_was_measured() -> None:
    taken = Ratio(Sample("a", (3.0, 5.0), "MB"), Sample("b", (1.5, 1.25), "MB"), 2.0)
    results = [Result("one", (taken,)), Result("two", not_measured="npm is not installed")]
    assert from_json(as_json(results)) == results
