"""Keys that are slow to make, made once."""

from pathlib import Path

import pytest
from policy.authenticator import SSH_TYPES, new_key


@pytest.fixture(scope="session")
def ssh_keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    return {kind: new_key(folder, kind) for kind in SSH_TYPES}
