"""`git push` of one commit to a server with our `pre-receive`, beside hooks that judge nothing.

Each side is a bare repository and a clone of it, on one disk. What is pushed is one commit of a
path that policy leaves free, onto an enforced base; and one onto a change's branch.
"""

import sys
from pathlib import Path

from benchmarks.rounds import Ratio, Side, measured, timed
from benchmarks.scratch import Scratch

ROUNDS = 25
BUDGET = 2.0
_ONLY_STARTS = f"#!/bin/sh\nexec {sys.executable} -I -S -c pass\n"


def pushing(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """One commit pushed: to the base, to a change, and to servers that judge nothing."""
    scratch.identity()
    source = _enforced(scratch)
    ours = _server(scratch, source, "ours")
    scratch.codexa("server", "install", str(_bare(ours)), cwd=ours)
    other = _server(scratch, source, "change")
    scratch.codexa("server", "install", str(_bare(other)), cwd=other)
    starts = _server(scratch, source, "starts")
    hook = _bare(starts) / "hooks" / "pre-receive"
    hook.write_text(_ONLY_STARTS, encoding="utf-8")
    hook.chmod(0o755)
    sides = [
        _pushes(scratch, "push to the base, judged", ours),
        _pushes(scratch, "push to a change, judged", other, branch="change/CH-001"),
        _pushes(scratch, "a pre-receive that starts Python", starts),
        _pushes(scratch, "no pre-receive", _server(scratch, source, "none")),
    ]
    base, change, python, none = measured(sides, rounds or ROUNDS)
    return [
        Ratio(base, python, BUDGET),
        Ratio(change, python, BUDGET),
        Ratio(base, none, None),
        Ratio(python, none, None),
    ]


def _pushes(scratch: Scratch, name: str, clone: Path, *, branch: str = "main") -> Side:
    """A side that is one `git push`; the commit is made before the clock starts."""
    scratch.run("git", "switch", "-q", branch, cwd=clone)
    file = "docs/STATUS_REPORT.md" if branch == "main" else "changes/CH-001/notes.md"
    turn = iter(range(1_000_000))

    def once() -> float:
        place = clone / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{next(turn)}\n", encoding="utf-8")
        scratch.commit(clone, "one more")
        return timed(["git", "push", "-q", "origin", branch], clone, scratch.environment)

    return Side(name, once)


def _enforced(scratch: Scratch) -> Path:
    """A repository with an enforced base and one change that is planned and approved."""
    repository = scratch.folder / "source"
    (repository / "src").mkdir(parents=True)
    scratch.run("git", "init", "-q", "-b", "main", cwd=repository)
    (repository / "src" / "file.txt").write_text("begin\n", encoding="utf-8")
    scratch.commit(repository, "begin")
    scratch.codexa("init", "--yes", cwd=repository)
    scratch.declare_tests(repository, "true")
    scratch.codexa("enforce", "--demo", "--yes", cwd=repository)
    words = ["--context", "A reason.", "--scope", "This.", "--out-of-scope", "That."]
    scratch.codexa("open", "a change", *words, "--criterion", "`tool` prints 1", cwd=repository)
    scratch.codexa("advance", cwd=repository)
    scratch.codexa("approve", cwd=repository)
    return repository


def _server(scratch: Scratch, source: Path, name: str) -> Path:
    """A clone of a server of its own."""
    clone = scratch.folder / name
    bare = scratch.folder / f"{name}.git"
    scratch.run("git", "clone", "-q", "--bare", str(source), str(bare))
    scratch.run("git", "symbolic-ref", "HEAD", "refs/heads/main", cwd=bare)
    scratch.run("git", "clone", "-q", str(bare), str(clone))
    return clone


def _bare(clone: Path) -> Path:
    return clone.with_name(f"{clone.name}.git")
