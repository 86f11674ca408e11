"""Stores over fresh repositories."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import git

from codexa_git.repository.store import Store


@pytest.fixture
def store(repository: Path) -> Iterator[Store]:
    """The fresh repository, opened."""
    with Store.open(repository) as opened:
        yield opened


@pytest.fixture(params=["sha1", "sha256"])
def bare(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty bare repository of either object format, opened."""
    folder = tmp_path / 'b:a"re.git'
    git(tmp_path, "init", "-q", "--bare", f"--object-format={request.param}", str(folder))
    with Store.open(folder) as opened:
        yield opened
