"""A run as a table for people and as JSON: the machine's kind, and every ratio with its spread."""

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.rounds import Ratio, Sample

FORMAT = 1
COLUMNS = ("", "median", "beside", "median", "ratio", "middle half", "budget", "")


class Result(NamedTuple):
    """One case: its ratios, or why it was not measured."""

    case: str
    ratios: tuple[Ratio, ...] = ()
    not_measured: str | None = None


def machine() -> dict[str, Any]:
    """What kind of machine this is; nothing that names it."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "git": _version("git", "version"),
        "node": _version("node", "--version"),
    }


def _processor() -> str:
    try:
        facts = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "unknown"
    found = re.search(r"^model name\s*: (.+)$", facts, re.MULTILINE)
    return found[1].strip() if found else "unknown"


def _version(*command: str) -> str | None:
    try:
        out = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\d+(\.\d+)+", out)
    return found[0] if found else None


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """The run as plain values."""
    return {
        "format": FORMAT,
        "machine": machine(),
        "cases": [
            {
                "case": result.case,
                "not_measured": result.not_measured,
                "ratios": [_ratio(ratio) for ratio in result.ratios],
            }
            for result in results
        ],
    }


def _ratio(ratio: Ratio) -> dict[str, Any]:
    low, high = ratio.spread
    return {
        "ours": _sample(ratio.ours),
        "beside": _sample(ratio.beside),
        "median": round(ratio.median, 3),
        "middle_half": [round(low, 3), round(high, 3)],
        "budget": None if ratio.budget is None else round(ratio.budget, 3),
        "within": ratio.within,
    }


def _sample(sample: Sample) -> dict[str, Any]:
    taken = [round(one, 6) for one in sample.seconds]
    return {"name": sample.name, "unit": sample.unit, "taken": taken}


def from_json(run: dict[str, Any]) -> list[Result]:
    """The results of a run that `as_json` told of."""
    return [
        Result(
            case["case"],
            tuple(
                Ratio(_told(one["ours"]), _told(one["beside"]), one["budget"])
                for one in case["ratios"]
            ),
            case["not_measured"],
        )
        for case in run["cases"]
    ]


def _told(sample: dict[str, Any]) -> Sample:
    return Sample(sample["name"], tuple(sample["taken"]), sample["unit"])


def shown(sample: Sample) -> str:
    """The sample's median, in the unit that it is read best in."""
    if sample.unit != "s":
        return f"{sample.median:.0f} {sample.unit}"
    thousandths = sample.median * 1000
    return f"{thousandths:.0f} ms" if thousandths >= 1 else f"{thousandths:.2f} ms"


def as_text(results: Sequence[Result]) -> str:
    """The run as a table."""
    facts = ", ".join(f"{name} {value}" for name, value in machine().items() if value)
    rows = [COLUMNS, *(row(ratio) for result in results for ratio in result.ratios)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for cells in rows
    ]
    absent = [f"{r.case}: not measured: {r.not_measured}" for r in results if r.not_measured]
    return "\n".join([facts, "", *lines, *absent])


def row(ratio: Ratio) -> tuple[str, ...]:
    """The ratio as the cells under `COLUMNS`."""
    low, high = ratio.spread
    budget = "" if ratio.budget is None else f"{ratio.budget:.2f}"
    answer = {None: "", True: "within", False: "OVER"}[ratio.within]
    return (
        ratio.ours.name,
        shown(ratio.ours),
        ratio.beside.name,
        shown(ratio.beside),
        f"{ratio.median:.2f}",
        f"{low:.2f}-{high:.2f}",
        budget,
        answer,
    )
