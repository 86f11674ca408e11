"""What a run of the tests makes once, whoever of its workers comes to it first."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def of_the_run(factory: pytest.TempPathFactory) -> Path:
    """The temporary folder that all workers of this run have in common."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def once(place: Path, make: Callable[[Path], None]) -> Path:
    """The place, where all is that `make` puts there; from then on nobody writes to it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    done = place.with_name(f"{place.name}.done")
    if done.exists():
        return place
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(place, ignore_errors=True)  # of somebody who failed halfway
            make(place)
            done.touch()
    return place
