"""`python -m benchmarks.plots RUN.json FOLDER`: a run's ratios as pictures, one a case.

Each bar is how many times as long ours took as what stands beside it, on a scale in which every
doubling is as wide as the next. The line is where both take the same time, a mark is the budget.
"""

import json
import math
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

WIDTH, LEFT, RIGHT, ROW, TOP = 780, 330, 80, 34, 30
_FIGURE = 48
"""So wide is a figure."""

INK, FAINT, BAR, OVER, MARK = "#24292f", "#8c959f", "#5b8fb9", "#c2703d", "#24292f"
_FONT = "font-family='system-ui, sans-serif' font-size='13'"


def main(arguments: list[str]) -> int:
    """0 once a picture of every measured case of the run lies in the folder."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    run = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    folder = Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    for case in run["cases"]:
        if case["ratios"]:
            place = folder / f"{case['case']}.svg"
            place.write_text(picture(case["case"], case["ratios"]), encoding="utf-8")
    return 0


def picture(name: str, ratios: list[dict[str, Any]]) -> str:
    """The case as an SVG."""
    said = [ratio["median"] for ratio in ratios] + [ratio["budget"] or 1 for ratio in ratios]
    low = math.floor(math.log2(min(0.5, *said)))
    high = math.ceil(math.log2(max(2.0, *said)))
    height = TOP + ROW * len(ratios) + 30
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' {_FONT}>",
        f"<title>{escape(name)}: how many times as long as what stands beside it</title>",
        f"<rect width='{WIDTH}' height='{height}' fill='white'/>",
        *_scale(low, high, height),
    ]
    for number, ratio in enumerate(ratios):
        lines += _row(ratio, TOP + ROW * number, low, high)
    return "\n".join([*lines, "</svg>", ""])


def _scale(low: int, high: int, height: int) -> Iterator[str]:
    """A line at every power of two that there is room for, and a stronger one at one."""
    step = math.ceil((high - low) / 8)
    for power in range(low, high + 1):
        if power % step:
            continue
        x = _x(2.0**power, low, high)
        ink = INK if power == 0 else "#d8dee4"
        told = f"{2**power}" if power >= 0 else f"1/{2**-power}"
        yield f"<path d='M{x:.1f} {TOP - 8}V{height - 24}' stroke='{ink}'/>"
        place = f"x='{x:.1f}' y='{height - 8}' text-anchor='middle'"
        yield f"<text {place} fill='{FAINT}'>{told}x</text>"


def _row(ratio: dict[str, Any], top: int, low: int, high: int) -> Iterator[str]:
    one, end = _x(1.0, low, high), _x(ratio["median"], low, high)
    start, wide = min(one, end), abs(one - end)
    fill = OVER if ratio["within"] is False else BAR
    names = escape(ratio["ours"]["name"]), escape(ratio["beside"]["name"])
    yield f"<text x='{LEFT - 16}' y='{top + 12}' fill='{INK}' text-anchor='end'>{names[0]}</text>"
    yield (
        f"<text x='{LEFT - 16}' y='{top + 26}' fill='{FAINT}' text-anchor='end' font-size='11'>"
        f"beside {names[1]}</text>"
    )
    yield f"<rect x='{start:.1f}' y='{top + 4}' width='{wide:.1f}' height='18' fill='{fill}'/>"
    mark = None if ratio["budget"] is None else _x(ratio["budget"], low, high)
    if mark is not None:
        line = f"stroke='{MARK}' stroke-width='2' stroke-dasharray='3 2'"
        yield f"<path d='M{mark:.1f} {top}v26' {line}/>"
    at, anchor = _beside(end, mark, 1 if end >= one else -1)
    yield (
        f"<text x='{at:.1f}' y='{top + 18}' fill='{INK}' text-anchor='{anchor}' "
        f"font-weight='600'>{_told(ratio['median'])}</text>"
    )


def _beside(end: float, mark: float | None, way: int) -> tuple[float, str]:
    """Where the figure stands: beyond the bar's end, and beyond the budget where that is near."""
    if mark is not None and 0 <= (mark - end) * way < _FIGURE:
        end = mark
    return end + 6 * way, "start" if way > 0 else "end"


def _x(value: float, low: int, high: int) -> float:
    part = (math.log2(value) - low) / (high - low)
    return LEFT + 40 + part * (WIDTH - LEFT - RIGHT - 40)


def _told(value: float) -> str:
    return (
        f"{value:.1f}x" if value >= 1 else f"1/{1 / value:.0f}" if value < 0.1 else f"{value:.2f}x"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
