"""Sides measured in turns, and the ratios that come of it.

Machines are slow and fast by the minute. So everything that is compared runs in the same rounds,
one after the other, after rounds that warm up and are not counted; the ratio is taken within each
round, and its median is what is reported, with the range that the middle half of the rounds has.
"""

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class NotMeasuredError(Exception):
    """A case cannot be measured here; the message says what is missing."""


class Side(NamedTuple):
    """Something that is done once a round; `once` returns the seconds that count."""

    name: str
    once: Callable[[], float]


class Sample(NamedTuple):
    """The seconds of one side, round by round; or its megabytes, where `unit` says so."""

    name: str
    seconds: tuple[float, ...]
    unit: str = "s"

    @property
    def median(self) -> float:
        """The middle round's seconds."""
        return statistics.median(self.seconds)


class Ratio(NamedTuple):
    """One side beside another, and at most how many times as long it may take (`None`: free)."""

    ours: Sample
    beside: Sample
    budget: float | None

    @property
    def each(self) -> list[float]:
        """The ratio of each round."""
        pairs = zip(self.ours.seconds, self.beside.seconds, strict=True)
        return [ours / beside for ours, beside in pairs]

    @property
    def median(self) -> float:
        """The middle ratio."""
        return statistics.median(self.each)

    @property
    def spread(self) -> tuple[float, float]:
        """Between which ratios the middle half of the rounds lies."""
        if len(self.each) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.each, n=4, method="inclusive")
        return low, high

    @property
    def within(self) -> bool | None:
        """True where the median keeps the budget; `None` where there is none."""
        return None if self.budget is None else self.median <= self.budget


def measured(sides: Sequence[Side], rounds: int, warm_up: int = 1) -> list[Sample]:
    """Each side's seconds: all sides once a round, in turns, the first rounds not counted."""
    for _ in range(warm_up):
        for side in sides:
            side.once()
    taken = [[side.once() for side in sides] for _ in range(rounds)]
    return [Sample(s.name, tuple(one[at] for one in taken)) for at, s in enumerate(sides)]


def timed(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], ok: Sequence[int] = (0,)
) -> float:
    """How long the command took, as a process, its output thrown away.

    Raises:
        NotMeasuredError: it cannot start, or ends with a status that is not `ok`.
    """
    began = time.perf_counter()
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
    except OSError as error:
        raise NotMeasuredError(f"{Path(command[0]).name} cannot start: {error.strerror}") from error
    seconds = time.perf_counter() - began
    if done.returncode not in ok:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        name = Path(command[0]).name
        raise NotMeasuredError(f"{name} {' '.join(command[1:4])}: {said or done.returncode}")
    return seconds


def process(name: str, command: Sequence[str], folder: Path, env: Mapping[str, str]) -> Side:
    """A side that is one process."""
    return Side(name, lambda: timed(command, folder, env))
