"""What git does where it concerns no change of ours, with our native hooks and without.

A fetch of two thousand branches, called as changes are, into a clone that has none of them; and a
rebase of thirty commits on a branch that is no change. Both sides work in one clone, put back to
where it began before the clock starts; the one without hooks has git look for them elsewhere. Two
clones alike would differ by more than the hooks take.
"""

import shutil
from pathlib import Path

from benchmarks.rounds import NotMeasuredError, Ratio, Side, measured, timed
from benchmarks.scratch import Scratch

ROUNDS = 25
BUDGET = 1.1
BRANCHES, COMMITS = 2000, 30
_BRANCH = "refs/heads/change/CH-{number:04d}"
OURS: tuple[str, ...] = ()
NONE = ("-c", "core.hooksPath=.git/no-hooks")


def elsewhere(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """A fetch of many branches, and a rebase, beside the same without hooks."""
    clone = begin(scratch)
    fetch = f"fetch of {BRANCHES:,} branches"
    rebase = f"rebase of {COMMITS} commits"
    pairs = (
        (_fetches(scratch, clone, fetch, OURS), _fetches(scratch, clone, "no hooks", NONE)),
        (_rebases(scratch, clone, rebase, OURS), _rebases(scratch, clone, "no hooks", NONE)),
    )
    found = [measured(pair, rounds or ROUNDS) for pair in pairs]
    return [Ratio(ours, none, BUDGET) for ours, none in found]


def begin(scratch: Scratch) -> Path:
    """A clone with our hooks, of when its server had few branches; by now that has all of them.

    It stands on a branch of its own, thirty commits long, whose base has moved by one.
    """
    scratch.identity()
    source, bare = scratch.folder / "source", scratch.folder / "server.git"
    (source / "src").mkdir(parents=True)
    scratch.run("git", "init", "-q", cwd=source)
    (source / "src" / "file.txt").write_text("begin\n", encoding="utf-8")
    scratch.commit(source, "begin")
    scratch.codexa("init", "--yes", cwd=source)
    scratch.declare_tests(source, "true")
    scratch.codexa("enforce", "--demo", "--yes", cwd=source)
    _grow(scratch, source, "other", COMMITS)
    scratch.run("git", "switch", "-q", "main", cwd=source)
    scratch.run("git", "clone", "-q", "--bare", str(source), str(bare))
    clone = scratch.folder / "clone"
    scratch.run("git", "clone", "-q", str(bare), str(clone))
    _grow(scratch, clone, "moved", 1)
    scratch.run("git", "switch", "-q", "-c", "work", "origin/other", cwd=clone)
    scratch.codexa("hooks", "install", cwd=clone)
    tip = scratch.run("git", "rev-parse", "main", cwd=bare)
    scratch.run("git", "fast-import", "--quiet", cwd=bare, given=_branches(tip))
    return clone


def _grow(scratch: Scratch, place: Path, branch: str, commits: int) -> None:
    """A new branch has this many commits more, each of a file of its own."""
    scratch.run("git", "switch", "-q", "-c", branch, cwd=place)
    for number in range(commits):
        (place / "src" / f"{branch}-{number}.txt").write_text(f"{number}\n", encoding="utf-8")
        scratch.commit(place, f"{branch}, part {number}")


def _branches(tip: str) -> str:
    """What `git fast-import` makes the branches of, each a commit of its own on the base."""
    who = "committer Demo PM <pm@demo.invalid> 1767268800 +0000"
    parts = []
    for number in range(1, BRANCHES + 1):
        text = f"part {number}\n"
        told = f"data {len(text)}\n{text}"
        parts.append(f"commit {_BRANCH.format(number=number)}\n{who}\n{told}from {tip}\n")
        parts.append(f"M 100644 inline src/part-{number}.txt\n{told}")
    return "".join(parts)


def _fetches(scratch: Scratch, clone: Path, name: str, how: tuple[str, ...]) -> Side:
    """A side that is one `git fetch` into a fresh copy of the clone."""
    place = clone.with_name("fetching")

    def once() -> float:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(clone, place, symlinks=True)
        seconds = timed(["git", *how, "fetch", "-q", "origin"], place, scratch.environment)
        if fetched(scratch, place) != BRANCHES:
            raise NotMeasuredError("not all branches were fetched")
        return seconds

    return Side(name, once)


def fetched(scratch: Scratch, place: Path) -> int:
    """How many of the many branches a clone has."""
    names = scratch.run("git", "for-each-ref", "refs/remotes/origin/change", cwd=place)
    return len(names.splitlines())


def _rebases(scratch: Scratch, clone: Path, name: str, how: tuple[str, ...]) -> Side:
    """A side that is one `git rebase` of the same commits onto the same tip."""

    def once() -> float:
        scratch.run("git", "reset", "-q", "--hard", "origin/other", cwd=clone)
        return timed(["git", *how, "rebase", "-q", "moved"], clone, scratch.environment)

    return Side(name, once)
