"""Every forgery is tried twice: at the gates, and at `verify`, once it has been put on the base."""

from collections.abc import Iterator
from typing import Any

import pytest
from gate.world import World
from tampering.line import Line

from codexa_git.errors import CodexaError
from codexa_git.gate.verdict import Verdict


@pytest.fixture(scope="session")
def line(world: World) -> Iterator[Line]:
    """The base that forged landings are put upon."""
    made = Line(world)
    with made.store:
        yield made


@pytest.fixture(autouse=True)
def _verified_too(monkeypatch: pytest.MonkeyPatch, line: Line) -> None:
    """Whatever the gates answer of a tree, `verify` answers of a landing that brings it."""
    judge = World.judge

    def judged(world: World, tree: str, **other: Any) -> Verdict:  # noqa: ANN401
        if other.keys() - {"policy"}:
            return judge(world, tree, **other)
        found = line.rules_under(other["policy"], tree) if other else line.rules(tree)
        try:
            verdict = judge(world, tree, **other)
        except CodexaError:
            assert found
            raise
        assert verdict.lands == (not found), found
        return verdict

    monkeypatch.setattr(World, "judge", judged)
