"""A workbench for each test, and limits short enough for a test to wait for."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from codexa_git.agents import box
from codexa_git.agents.bench import Workbench, explicit_environment, workbench

LIMITS = box.Limits(seconds=20, output_bytes=64_000, processes=64, file_bytes=1 << 20)


class Boxed(NamedTuple):
    """A workbench and the environment that belongs to it."""

    bench: Workbench
    environment: dict[str, str]

    @property
    def tree(self) -> Path:
        return self.bench.tree

    @property
    def home(self) -> Path:
        return self.bench.home

    def run(self, *command: str, limits: box.Limits = LIMITS) -> box.Outcome:
        return box.run(
            command,
            folder=self.tree,
            home=self.home,
            environment=self.environment,
            limits=limits,
        )

    def shell(self, script: str, limits: box.Limits = LIMITS) -> box.Outcome:
        return self.run("sh", "-c", script, limits=limits)


@pytest.fixture
def boxed() -> Iterator[Boxed]:
    with workbench() as bench:
        known = explicit_environment(bench.tree, bench.home, 7, 1_700_000_000, bench.root)
        yield Boxed(bench, known)
