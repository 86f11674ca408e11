"""What git does where it concerns no change of ours, with our native hooks and without.

A fetch of two thousand branches, called as changes are, into a clone that has none of them; and a
rebase of thirty commits on a branch that is no change. Each side is a copy of one repository, alike
but for the hooks, and put back to where it began before the clock starts.
"""

import shutil
from pathlib import Path

from benchmarks.rounds import Ratio, Side, measured, timed
from benchmarks.scratch import Scratch

ROUNDS = 25
BUDGET = 1.1
BRANCHES, COMMITS = 2000, 30
_BRANCH = "refs/heads/change/CH-{number:04d}"
_WITHOUT, _WITH = "no hooks", "our hooks"


def elsewhere(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """A fetch of many branches, and a rebase, beside the same without hooks."""
    begin(scratch)
    found: list[Ratio] = []
    for make in (_fetches, _rebases):
        ours, none = measured([make(scratch, _WITH), make(scratch, _WITHOUT)], rounds or ROUNDS)
        found.append(Ratio(ours, none, BUDGET))
    return found


def begin(scratch: Scratch) -> None:
    """A server with all branches, and two clones of when it had but one: with hooks, and without.

    Each stands on a branch `other`, thirty commits long, whose base has moved by one.
    """
    scratch.identity()
    source, bare = scratch.folder / "source", scratch.folder / "server.git"
    (source / "src").mkdir(parents=True)
    scratch.run("git", "init", "-q", cwd=source)
    (source / "src" / "file.txt").write_text("begin\n", encoding="utf-8")
    scratch.commit(source, "begin")
    scratch.codexa("init", "--yes", cwd=source)
    scratch.declare_tests(source, "true")
    scratch.codexa("enforce", "--demo", cwd=source)
    _grow(scratch, source, "other", COMMITS)
    scratch.run("git", "switch", "-q", "main", cwd=source)
    scratch.run("git", "clone", "-q", "--bare", str(source), str(bare))
    for name in (_WITHOUT, _WITH):
        _clone(scratch, bare, scratch.folder / name)
    scratch.codexa("hooks", "install", cwd=scratch.folder / _WITH)
    # A base of old must not be what a fetch brings home: it is the branches that are fetched.
    tip = scratch.run("git", "rev-parse", "main", cwd=bare)
    scratch.run("git", "fast-import", "--quiet", cwd=bare, given=_branches(tip))


def _clone(scratch: Scratch, bare: Path, place: Path) -> None:
    scratch.run("git", "clone", "-q", str(bare), str(place))
    _grow(scratch, place, "moved", 1)
    scratch.run("git", "switch", "-q", "-c", "work", "origin/other", cwd=place)


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


def _fetches(scratch: Scratch, name: str) -> Side:
    """A side that is one `git fetch` into a fresh copy of the clone."""
    kept, place = scratch.folder / name, scratch.folder / f"{name}, fetching"

    def once() -> float:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(kept, place, symlinks=True)
        return timed(["git", "fetch", "-q", "origin"], place, scratch.environment)

    return Side(f"fetch of {BRANCHES:,} branches, {name}", once)


def _rebases(scratch: Scratch, name: str) -> Side:
    """A side that is one `git rebase` of the same commits onto the same tip."""
    place = scratch.folder / name

    def once() -> float:
        scratch.run("git", "reset", "-q", "--hard", "origin/other", cwd=place)
        return timed(["git", "rebase", "-q", "moved"], place, scratch.environment)

    return Side(f"rebase of {COMMITS} commits, {name}", once)
