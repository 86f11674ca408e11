"""What every test stands on: a sealed environment, and a fresh repository."""

import gc
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import commit, git
from hypothesis import settings
from once import of_the_run
from sealing import seal, sealed_environment
from searching import examples

if TYPE_CHECKING:
    from gate.realm import Realm
    from gate.world import World
    from scenarios.clone import Shelf


# Whoever starts the suite in the background has Ctrl-C ignored in it, and in all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is the machine's affair, and no test's.
settings.register_profile("codexa", deadline=None, max_examples=examples(100))
settings.load_profile("codexa")


# Programs that the tests start would otherwise compile the same modules again at each start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

_ENOUGH = 6 << 30


def pytest_configure() -> None:
    """What tests write, two gigabytes of it, is written to memory where there is room to run it."""
    memory = "/dev/shm"
    if not os.access(memory, os.W_OK):
        return
    found = os.statvfs(memory)
    if not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize > _ENOUGH:
        for name in ("PYTEST_DEBUG_TEMPROOT", "TMPDIR"):
            os.environ.setdefault(name, memory)
        tempfile.tempdir = None  # it is looked up again


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """No worker is measured as a child of this process: its own plugin does that."""
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Nor twice by that plugin, which begins once as if there were no workers.

    Whatever of these were left would go on measuring where the last is told to pause (`no_cover`).
    """
    plugin = session.config.pluginmanager.getplugin("_cov")
    if "PYTEST_XDIST_WORKER" in os.environ and getattr(plugin, "cov_controller", None):
        plugin.cov_controller.cov.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a slow test runs is not measured: that takes time, and each line has a quick test."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: nobody looks for garbage in it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Empty home folders, one for each who asks."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> "Shelf":
    """Prepared repositories, made once for all who work on this run."""
    from scenarios.clone import Shelf  # noqa: PLC0415
    from scenarios.light import STATES_OF_LIGHT  # noqa: PLC0415
    from scenarios.verbs import MORE  # noqa: PLC0415

    return Shelf(of_the_run(tmp_path_factory) / "shelf", MORE | STATES_OF_LIGHT)


_MEASURED = ("cli", "hooks", "server")
"""The folders of tests that start what nobody else starts: hooks, and the command as a process."""


@pytest.fixture(autouse=True)
def _measured_where_it_tells(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What tests of other folders start is not measured: that doubles its time and tells little.

    What such a test runs in its own process is measured all the same, unless it is slow.
    """
    folder = request.path.relative_to(Path(__file__).parent).parts[0]
    if folder not in _MEASURED or request.node.get_closest_marker("slow"):
        _forget_coverage(monkeypatch)


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody measures the coverage of what the test starts.

    Who measures it holds a lock at every first call of a file, and Ctrl-C just then leaves it held.
    """
    _forget_coverage(monkeypatch)


def _forget_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> None:
    """Nothing of this machine's user, its git or its clock reaches a test."""
    home = next(homes)
    home.mkdir()
    seal(monkeypatch, home)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A fresh repository with one commit on `main`."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    commit(folder, {"README.md": "# Demo\n"}, "begin")
    return folder


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[World]":
    """A closed change that lands, made once; forged trees are written beside it."""
    from gate.world import build  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("world")
    with sealed_environment(folder / "home"):
        made = build(folder)
    with made.store:
        yield made


@pytest.fixture(scope="session")
def realm(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Realm]":
    """A base that two owners govern, made once; acts are written beside it."""
    from gate.realm import Realm  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("realm")
    with sealed_environment(folder / "home"):
        made = Realm(folder)
    with made.store:
        yield made
