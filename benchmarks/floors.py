"""What nothing can be faster than: a Python, a git, and this command saying its version."""

import sys

from benchmarks.rounds import Ratio, measured, process
from benchmarks.scratch import CODEXA, Scratch

ROUNDS = 25


def floors(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """Starting up, beside a Python that does nothing."""
    folder, env = scratch.folder, scratch.environment
    scratch.run("git", "init", "-q", ".")
    git, bare, python, version = measured(
        [
            process("git rev-parse", ["git", "rev-parse", "--git-dir"], folder, env),
            process("python -I -S -c pass", [sys.executable, "-I", "-S", "-c", ""], folder, env),
            process("python -c pass", [sys.executable, "-c", "pass"], folder, env),
            process("codexa-git --version", [*CODEXA, "--version"], folder, env),
        ],
        rounds or ROUNDS,
    )
    return [Ratio(each, python, None) for each in (git, bare, version)]
