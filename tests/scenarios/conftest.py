"""Prepared repositories, and a clock that stands still."""

from collections.abc import Callable
from pathlib import Path

import pytest
from scenarios.clone import NOON, Clone, Shelf


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch, sealed: None) -> None:  # noqa: ARG001 - sealed first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")


@pytest.fixture
def at(shelf: Shelf, tmp_path: Path) -> Callable[[str], Clone]:
    """A clone of one's own in a named state."""
    return lambda state: shelf.take(state, tmp_path / state.replace(" ", "-"))
