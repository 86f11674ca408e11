"""`verify`, cold, of a base with many landings, beside reading the same history by other means.

The history is generated (see `generator`): ten or twenty commits a landing, three signatures each.
Every side looks at the whole of it. Git's is `git log --raw`, which compares every commit's tree
with its parent's and judges nothing; the libraries only walk the commits and read them.
"""

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.generator import generate
from benchmarks.memory import peak
from benchmarks.rounds import NotMeasuredError, Ratio, Sample, Side, measured, process
from benchmarks.scratch import CODEXA, Scratch, require
from benchmarks.signatures import REPEATED, once_each

ROUNDS = 5
PLAIN, STORY = 2.0, 1.5
FLAT = 1.5
SIGNED = 3
"""So many signatures each generated landing has."""

SMALL, MEDIUM, LARGE = (2_000, 100), (10_000, 500), (100_000, 5_000)
"""How many commits and landings."""

_LINTED = 1_000
_RAW = ("log", "--raw", "-z", "--no-renames", "main")
_PATCHES = ("log", "--first-parent", "-p", "main")
_GITPYTHON = """
import git
repository = git.Repo(".")
print(sum(len(c.tree.hexsha) > 0 and len(c.message) > 0 for c in repository.iter_commits("main")))
"""
_PYGIT2 = """
import pygit2
repository = pygit2.Repository(".")
tip = repository.revparse_single("main").id
print(sum(len(str(c.tree_id)) > 0 and len(c.message) > 0 for c in repository.walk(tip)))
"""
_DULWICH = """
from dulwich.repo import Repo
repository = Repo(".")
tip = repository.refs[b"refs/heads/main"]
walk = repository.get_walker(include=[tip])
print(sum(len(e.commit.tree) > 0 and len(e.commit.message) > 0 for e in walk))
"""


def verifying(
    scratch: Scratch, rounds: int | None, *, size: tuple[int, int] = SMALL
) -> list[Ratio]:
    """`verify` and `verify --story`, beside git's own reading; signatures apart and as a whole."""
    repository = history(scratch, size)
    env = scratch.environment
    sides = [
        process("verify", [*CODEXA, "verify"], repository, env),
        process("verify --story", [*CODEXA, "verify", "--story"], repository, env),
        process("git log --raw", ["git", *_RAW], repository, env),
        process("git log --first-parent -p", ["git", *_PATCHES], repository, env),
        Side("its signatures", partial(_signatures, size[1] * SIGNED)),
    ]
    plain, story, raw, patches, signed = measured(sides, rounds or ROUNDS, warm_up=0)
    return [
        Ratio(_without(plain, signed), raw, PLAIN),
        Ratio(plain, raw, None),
        Ratio(_without(story, signed), raw, STORY),
        Ratio(plain, patches, None),
        Ratio(signed, raw, None),
    ]


def remembering(
    scratch: Scratch,
    rounds: int | None,
    *,
    sizes: tuple[tuple[int, int], ...] = (SMALL, MEDIUM),
) -> list[Ratio]:
    """The most memory that `verify` has at once, of a long history beside a shorter one."""
    found = []
    for size in sizes:
        repository = history(scratch, size)
        side = partial(peak, [*CODEXA, "verify"], repository, scratch.environment)
        taken = tuple(side() for _ in range(rounds or 1))
        found.append(Sample(f"verify, {size[0]:,} commits", taken, "MB"))
    short, *longer = found
    return [Ratio(sample, short, FLAT) for sample in longer]


def walking(scratch: Scratch, rounds: int | None, *, size: tuple[int, int] = SMALL) -> list[Ratio]:
    """`verify`, beside programs that walk the same commits with each of three libraries."""
    repository = history(scratch, size)
    python = _installed(scratch, "gitpython", "pygit2", "dulwich")
    alone = {k: v for k, v in scratch.environment.items() if k != "PYTHONPATH"}
    walks = (("GitPython", _GITPYTHON), ("pygit2", _PYGIT2), ("dulwich", _DULWICH))
    for name, program in walks:
        if scratch.run(python, "-c", program, cwd=repository) != _count(scratch, repository):
            raise NotMeasuredError(f"{name} does not see every commit")
    sides = [process("verify", [*CODEXA, "verify"], repository, scratch.environment)]
    sides += [process(f"{n}, commits", [python, "-c", p], repository, alone) for n, p in walks]
    ours, *theirs = measured(sides, rounds or ROUNDS, warm_up=0)
    return [Ratio(ours, each, None) for each in theirs]


def linting(
    scratch: Scratch, rounds: int | None, *, size: tuple[int, int] = (_LINTED, 50)
) -> list[Ratio]:
    """`verify --story` of 1,000 commits, beside linters of their messages."""
    repository = history(scratch, size)
    first = scratch.run("git", "rev-list", "--max-parents=0", "main", cwd=repository)
    gitlint = str(Path(_installed(scratch, "gitlint")).with_name("gitlint"))
    commitlint, settings = _commitlint(scratch)
    linted = [gitlint, "--ignore-stdin", "--commits", f"{first}..main"]
    by_node = [commitlint, "--config", settings, "--from", first, "--to", "main"]
    alone = {k: v for k, v in scratch.environment.items() if k != "PYTHONPATH"}
    # Linters end with another status where a message is not to their liking; all are read.
    sides = [
        process("verify --story", [*CODEXA, "verify", "--story"], repository, scratch.environment),
        Side("gitlint", partial(_any_status, linted, repository, alone, "Commit ")),
        Side("commitlint", partial(_any_status, by_node, repository, alone, "found ")),
    ]
    ours, *theirs = measured(sides, rounds or ROUNDS, warm_up=0)
    return [Ratio(ours, each, None) for each in theirs]


def history(scratch: Scratch, size: tuple[int, int]) -> Path:
    """A generated repository of this size: the one that was kept, or a new one."""
    commits, landings = size
    place = (scratch.histories or scratch.folder) / f"history-{commits}"
    if not place.exists():
        print(f"generating {commits:,} commits", file=sys.stderr)
        if not (Path(scratch.environment["HOME"]) / ".ssh").exists():
            scratch.identity()
        generate(scratch, place, commits, landings)
    if _count(scratch, place) != str(commits):
        raise NotMeasuredError(f"the history kept in {place.name} has another number of commits")
    return place


def _count(scratch: Scratch, repository: Path) -> str:
    return scratch.run("git", "rev-list", "--count", "main", cwd=repository)


def _signatures(many: int) -> float:
    """The seconds that so many signatures take, by measuring some."""
    return once_each() * many / REPEATED


def _without(sample: Sample, signed: Sample) -> Sample:
    pairs = zip(sample.seconds, signed.seconds, strict=True)
    return Sample(f"{sample.name}, signatures aside", tuple(max(0.0, a - b) for a, b in pairs))


def _installed(scratch: Scratch, *packages: str) -> str:
    """The Python of an environment of its own with the newest of these packages."""
    place = scratch.folder / f"with-{packages[0]}"
    python = str(place / "bin" / "python")
    if not place.exists():
        scratch.run(sys.executable, "-m", "venv", str(place))
        pip = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check")
        scratch.run(*pip, *packages)
    return python


def _commitlint(scratch: Scratch) -> tuple[str, str]:
    require("node")
    npm, place = require("npm"), scratch.folder / "commitlint"
    place.mkdir(exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    names = ("@commitlint/cli", "@commitlint/config-conventional")
    scratch.run(npm, "install", "--prefix", str(place), *quiet, *names)
    settings = place / "commitlint.config.mjs"
    settings.write_text('export default { extends: ["@commitlint/config-conventional"] };\n')
    return str(place / "node_modules" / ".bin" / "commitlint"), str(settings)


def _any_status(command: list[str], folder: Path, environment: dict[str, str], seen: str) -> float:
    """The seconds of a linter, which ends with another status where it complains.

    Raises:
        NotMeasuredError: it did not look at the commits: it says nothing of what it complains of.
    """
    began = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if seen.encode() not in done.stdout + done.stderr:
        raise NotMeasuredError(f"{Path(command[0]).name} did not look at the commits")
    return seconds
