"""The pictures of a run can be read."""

import re
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.plots import picture

TEXT = re.compile(r"<text x='([0-9.]+)' y='[0-9]+' text-anchor='middle'")
FIGURE = re.compile(
    r"<text x='([0-9.]+)' y='[0-9]+' fill='#24292f' text-anchor='(start|end)' font-weight"
)
MARK = re.compile(r"<path d='M([0-9.]+) [0-9]+v26'")


def ratio(median: float, budget: float | None = None) -> dict[str, Any]:
    within = None if budget is None else median <= budget
    named = {"ours": {"name": "ours"}, "beside": {"name": "theirs"}}
    return {**named, "median": median, "budget": budget, "within": within}


@pytest.mark.parametrize("widest", [1.5, 20.0, 85.0, 1000.0])
def test_what_is_written_at_the_scale_does_not_touch(widest: float) -> None:
    drawn = picture("hooks", [ratio(0.05), ratio(widest)])
    places = [float(x) for x in TEXT.findall(drawn)]
    assert len(places) > 3
    assert all(right - left > 36 for left, right in pairwise(places))


@pytest.mark.parametrize(
    ("median", "budget"), [(1.12, 1.5), (1.0, 1.0), (0.9, 0.8), (0.99, 0.5), (1.9, 2.0)]
)
def test_no_figure_stands_on_its_budget(median: float, budget: float) -> None:
    drawn = picture("hooks", [ratio(84.7), ratio(0.05), ratio(median, budget)])
    (mark,) = map(float, MARK.findall(drawn))
    x, anchor = FIGURE.findall(drawn)[-1]
    left = float(x) if anchor == "start" else float(x) - 40
    assert not left <= mark <= left + 40
