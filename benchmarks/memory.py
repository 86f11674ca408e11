"""The most memory that a process and its children have at once."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rounds import NotMeasuredError


def peak(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], ok: int = 0
) -> float:
    """The megabytes that the largest of the processes had: the command's, or a child's of it.

    Raises:
        NotMeasuredError: it ends with another status.
    """
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != ok:
        raise NotMeasuredError(f"{' '.join(command[-2:])} ended with {child.returncode}")
    return used.ru_maxrss / 1024
