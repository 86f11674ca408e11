"""The most memory that a process has at once."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rounds import NotMeasuredError

_OFTEN = 0.02


def peak(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], ok: int = 0
) -> float:
    """The megabytes that the process had at most, as Linux tells while it runs.

    Its children are git's, whose memory is for the most part the pack that they look into.

    Raises:
        NotMeasuredError: it ends with another status, or this is no Linux.
    """
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    most = 0.0
    while child.poll() is None:
        most = max(most, _now(child.pid))
        time.sleep(_OFTEN)
    if child.returncode != ok:
        raise NotMeasuredError(f"{' '.join(command[-2:])} ended with {child.returncode}")
    if not most:
        raise NotMeasuredError("this system does not tell how much memory a process had")
    return most


def _now(process: int) -> float:
    """The most that the process has had so far; nothing where it has just ended."""
    try:
        facts = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    lines = [line for line in facts.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0
