"""`measurements.md` and its pictures, from the runs that lie in `benchmarks/runs`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.plots import picture
from benchmarks.report import COLUMNS, from_json, row
from docs.writers.text import page, table

RUNS = Path(__file__).resolve().parents[2] / "benchmarks" / "runs"
PICTURES = "images/performance"

_KINDS = {
    "standard": "All but the large histories",
    "large": "5,000 landings in 100,000 commits",
}
"""What each run is of, by the name of its file."""


def measurements() -> str:
    """The page."""
    return page(
        "Measurements",
        "What `python -m benchmarks --json` wrote of runs on a machine with nothing else to do."
        " [Performance](performance.md) says what each case is, and what the figures come of. A"
        " ratio is taken within each round, and the table has its median and the middle half; what"
        " is over its budget says so.",
        *(part for name, about in _KINDS.items() for part in _told(name, about)),
    )


def pictures() -> dict[str, str]:
    """Every picture, by its path from `docs`."""
    return {
        f"{PICTURES}/{case['case']}.svg": picture(case["case"], case["ratios"])
        for name in _KINDS
        for case in _run(name)["cases"]
        if case["ratios"]
    }


def _run(name: str) -> dict[str, Any]:
    run: dict[str, Any] = json.loads((RUNS / f"{name}.json").read_text(encoding="utf-8"))
    return run


def _told(name: str, about: str) -> Iterator[str]:
    run = _run(name)
    yield f"## {about}"
    yield ", ".join(f"{fact} {value}" for fact, value in run["machine"].items() if value) + "."
    for result in from_json(run):
        yield f"### {result.case}"
        if result.not_measured:
            yield f"Not measured: {result.not_measured}."
            continue
        rounds = len(result.ratios[0].each)
        yield f"{rounds} round{'s' * (rounds > 1)}."
        yield table(COLUMNS, map(row, result.ratios))
        yield f"![{result.case}]({PICTURES}/{result.case}.svg)"
