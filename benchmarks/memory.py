"""The most memory that a program has at once, in all the processes that share its work."""

import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.rounds import NotMeasuredError

_OFTEN = 0.02


def peak(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], ok: int = 0
) -> float:
    """The megabytes that the program had at most, as Linux tells while it runs.

    Each process counts by its own most, the ones that run the same interpreter together. The other
    children are git's, whose memory is for the most part the pack that they look into.

    Raises:
        NotMeasuredError: it ends with another status, or this is no Linux.
    """
    with tempfile.TemporaryFile() as told:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        each: dict[int, float] = {}
        while child.poll() is None:
            for process in _sharing(child.pid):
                each[process] = max(each.get(process, 0.0), _now(process))
            time.sleep(_OFTEN)
        told.seek(0)
        said = told.read().decode("utf-8", "replace").strip()
    most = sum(each.values())
    if child.returncode != ok:
        raise NotMeasuredError(f"{command[-1]} ended with {child.returncode}: {said[-1000:]}")
    if not most:
        raise NotMeasuredError("this system does not tell how much memory a process had")
    return most


def _sharing(process: int) -> list[int]:
    """The process, and those of its children that run the same program on words of their own.

    One that has the same words is about to become git.
    """
    place = Path("/proc") / str(process)
    try:
        children = (place / "task" / str(process) / "children").read_text(encoding="ascii").split()
        program, words = _runs(place)
    except OSError:
        return [process]
    found = [process]
    for child in children:
        with suppress(OSError):  # it has just ended
            other = _runs(place.with_name(child))
            if other[0] == program and other[1] != words:
                found.append(int(child))
    return found


def _runs(place: Path) -> tuple[Path, bytes]:
    return (place / "exe").readlink(), (place / "cmdline").read_bytes()


def _now(process: int) -> float:
    """The most that the process has had so far; nothing where it has just ended."""
    try:
        facts = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    lines = [line for line in facts.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0
