"""What tests need, built once by policy's `[tests] setup` and used again while nothing differs.

An environment lies at a fixed place, since the scripts in a virtual environment name it. Its key is
the digest of all that its making can see: the commands, the files that policy lists (laid out in a
folder of their own: the setup sees nothing else of the tree), what is passed on, and the Python.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from codexa_git.agents import bench, box, descent
from codexa_git.agents.commands import Place, run_command
from codexa_git.agents.masks import short
from codexa_git.errors import AgentError

_CLOCK = 315_532_800  # 1980: archives of wheels know no earlier time
_WHICH = "import sys, sysconfig; print(sys.version, sysconfig.get_platform(), sys.prefix)"


class Environment(NamedTuple):
    """A folder with what the tests need, and the digest that names all it was made from."""

    path: Path
    key: str


@contextlib.contextmanager
def prepared(
    setup: Sequence[str],
    files: Mapping[str, bytes],
    cache: Path,
    passing: Mapping[str, str],
    limits: box.Limits,
    repository: Path,
) -> Iterator[Environment]:
    """The environment as its setup made it, byte for byte, and let alone while it is in use.

    One that differs from what was recorded when it was made (tests may have written into it) is
    made anew; whoever would do that waits until no one uses it.
    """
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with bench.workbench() as work:
        known = _surroundings(work, repository)
        key = _key(setup, files, passing, work, known)
        environment = Environment(cache.resolve() / key / "env", key)
        with _lock(cache / f"{key}.lock") as lock:
            if not _is_intact(environment.path):
                given = known | dict(passing)
                place = Place(work.tree, work.home, given, limits, None, environment.path)
                _make(environment.path, setup, files, place)
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield environment


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[int]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _key(
    setup: Sequence[str],
    files: Mapping[str, bytes],
    passing: Mapping[str, str],
    work: bench.Workbench,
    known: Mapping[str, str],
) -> str:
    digest = hashlib.sha256()
    parts = [*setup, "", *(f"{name}={value}" for name, value in sorted(passing.items())), ""]
    parts += [
        f"{path} {hashlib.sha256(content).hexdigest()}" for path, content in sorted(files.items())
    ]
    for part in (*parts, _python(work, known)):
        encoded = part.encode("utf-8", "surrogateescape")
        digest.update(len(encoded).to_bytes(8) + encoded)
    return digest.hexdigest()


def _surroundings(work: bench.Workbench, repository: Path) -> dict[str, str]:
    return bench.explicit_environment(work.tree, work.home, None, _CLOCK, repository)


def _python(work: bench.Workbench, known: Mapping[str, str]) -> str:
    """Which Python a setup would find, and what it says of itself."""
    found = shutil.which("python3", path=known["PATH"])
    if found is None:
        return "none"
    said = box.run(
        [found, "-I", "-c", _WHICH],
        folder=work.tree,
        home=work.home,
        environment=known,
        limits=box.Limits(seconds=60),
    )
    if not said.ok:
        raise AgentError(f"the python3 on PATH {said.reason}")
    return f"{Path(found).resolve()} {said.output.decode('utf-8', 'replace')}"


def _make(path: Path, setup: Sequence[str], files: Mapping[str, bytes], place: Place) -> None:
    """The environment is made and recorded; where its setup fails, none is left."""
    _forget(path)
    path.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        found = descent.Found(content, executable=False)
        descent.write(place.tree, descent.parts_of(name), found)
    try:
        for command in setup:
            _set_up(command, place)
    except BaseException:
        _forget(path)
        raise
    record = _record(path)
    part = record.with_suffix(".part")
    part.write_text(_digest(path))
    part.replace(record)


def _set_up(command: str, place: Place) -> None:
    run = run_command(command, place)
    if not run.ok:
        tail = short(run.output, 2048).decode().strip()
        raise AgentError(f"the test setup {command!r} {run.reason}\n{tail}".rstrip())


def _forget(path: Path) -> None:
    _record(path).unlink(missing_ok=True)
    if os.path.lexists(path.parent):
        bench.remove(path.parent)


def _record(path: Path) -> Path:
    return path.parent.with_suffix(".digest")


def _is_intact(path: Path) -> bool:
    """True where all is as it was recorded; what cannot be read is not."""
    record = _record(path)
    try:
        return record.read_text() == _digest(path)
    except (OSError, ValueError):
        return False


def _digest(folder: Path) -> str:
    """The digest of all names, kinds, modes, links and bytes below `folder`."""
    digest = hashlib.sha256()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        with os.scandir(here) as listing:
            entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
        for entry in entries:
            path = Path(entry.path)
            status = entry.stat(follow_symlinks=False)
            name = os.fsencode(path.relative_to(folder))
            digest.update(b"%d %s\0%o " % (len(name), name, status.st_mode))
            digest.update(_content(path, status))
            if stat.S_ISDIR(status.st_mode):
                waiting.append(path)
    return digest.hexdigest()


def _content(path: Path, status: os.stat_result) -> bytes:
    if stat.S_ISLNK(status.st_mode):
        return hashlib.sha256(os.fsencode(path.readlink())).digest()
    if stat.S_ISREG(status.st_mode):
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    return b""
