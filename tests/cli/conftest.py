"""Prepared repositories, a clock that stands still, and what a screen shows."""

from collections.abc import Callable
from pathlib import Path

import pytest
from scenarios.clone import NOON, Clone, Shelf


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, sealed: None) -> None:  # noqa: ARG001 - sealed first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)


@pytest.fixture
def at(shelf: Shelf, tmp_path: Path) -> Callable[[str], Clone]:
    """A clone of one's own in a named state."""
    return lambda state: shelf.take(state, tmp_path / state.replace(" ", "-"))
