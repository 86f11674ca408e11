"""Prepared repositories, and a clock that stands still."""

from collections.abc import Callable
from pathlib import Path

import pytest
from scenarios.clone import NOON, Clone, Shelf, States


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, sealed: None) -> None:  # noqa: ARG001 - sealed first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")


@pytest.fixture
def at(shelf: Shelf, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Clone]:
    """A clone of one's own in a named state; a module may have `OWN_STATES` besides."""
    own: States = getattr(request.module, "OWN_STATES", {})
    assert not own.keys() & shelf.states.keys()
    prepared = Shelf(shelf.folder, shelf.states | own)
    return lambda state: prepared.take(state, tmp_path / state.replace(" ", "-"))
