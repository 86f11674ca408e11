"""`git commit` with our native hooks, beside the hooks of others that do nothing.

Each side is a repository of its own with the same files, in which one line of one file is committed
over and over. Ours stands on a change whose plan is approved, and a first commit has left the table
that the next are held against, as a working day's second commit finds it. The peers run three hooks
that do nothing, the number that prek's own comparison uses.
"""

import sys
from pathlib import Path

from benchmarks.rounds import NotMeasuredError, Ratio, Side, measured, timed
from benchmarks.scratch import Scratch, require

ROUNDS = 25
PREK, UNRELATED = 1.0, 1.5
_KINDS = ("pre-commit", "prepare-commit-msg", "commit-msg")
_NOTHING = "#!/bin/sh\nexit 0\n"
_ENTRY = """\
      - id: {kind}
        name: {kind}
        entry: "true"
        language: system
        always_run: true
        pass_filenames: false
        stages: [{kind}]
"""


def hooks(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """A commit on a change, one on another branch, and what stands beside each."""
    ours = _ours(scratch)
    sides = [
        _commits(scratch, "commit, on a change", ours),
        _commits(scratch, "the same, a new file", ours, new=True),
        _commits(scratch, "no hooks", _plain(scratch, "none")),
        _commits(scratch, "prek, three no-ops", _prek(scratch)),
        _commits(scratch, "lefthook, three no-ops", _lefthook(scratch)),
        _commits(scratch, "pre-commit, three no-ops", _pre_commit(scratch)),
        _commits(scratch, "commit, on another branch", _unrelated(scratch, ours)),
        _commits(scratch, "three no-op sh hooks", _sh(scratch)),
    ]
    found = measured(sides, rounds or ROUNDS)
    change, new, none, prek, lefthook, pre_commit, other, sh = found
    beside = [Ratio(each, none, None) for each in (change, prek, lefthook, pre_commit)]
    return [
        Ratio(change, prek, PREK),
        Ratio(new, prek, PREK),
        Ratio(change, lefthook, None),
        Ratio(change, pre_commit, None),
        Ratio(other, sh, UNRELATED),
        *beside,
    ]


def _commits(scratch: Scratch, name: str, repository: Path, *, new: bool = False) -> Side:
    """A side that is one `git commit`; what is committed is put there before the clock starts."""
    turn = iter(range(1_000_000))

    def once() -> float:
        number = next(turn)
        file = repository / "src" / (f"new-{number}.txt" if new else "file.txt")
        file.write_text(f"{number}\n", encoding="utf-8")
        scratch.run("git", "add", "src", cwd=repository)
        return timed(["git", "commit", "-q", "-m", "one more"], repository, scratch.environment)

    return Side(name, once)


def _plain(scratch: Scratch, name: str) -> Path:
    repository = scratch.folder / name
    (repository / "src").mkdir(parents=True)
    scratch.run("git", "init", "-q", cwd=repository)
    (repository / "src" / "file.txt").write_text("begin\n", encoding="utf-8")
    scratch.commit(repository, "begin")
    return repository


def _ours(scratch: Scratch) -> Path:
    scratch.identity()
    repository = _plain(scratch, "ours")
    scratch.codexa("init", "--yes", cwd=repository)
    scratch.declare_tests(repository, "true")
    scratch.codexa("enforce", "--demo", "--yes", cwd=repository)
    words = ["--context", "A reason.", "--scope", "This.", "--out-of-scope", "That."]
    scratch.codexa("open", "a change", *words, "--criterion", "`tool` prints 1", cwd=repository)
    scratch.codexa("advance", cwd=repository)
    scratch.codexa("approve", cwd=repository)
    scratch.codexa("hooks", "install", cwd=repository)
    (repository / "src" / "file.txt").write_text("first\n", encoding="utf-8")
    scratch.commit(repository, "the first commit asks the whole gate")
    if not (repository / ".git" / "codexa-hooks").exists():
        raise NotMeasuredError("the first commit left no table")
    return repository


def _unrelated(scratch: Scratch, ours: Path) -> Path:
    """Another branch of the same repository, in a clone of its own, with the same hooks."""
    repository = scratch.folder / "unrelated"
    scratch.run("git", "clone", "-q", "-b", "main", str(ours), str(repository))
    scratch.codexa("hooks", "install", cwd=repository)
    scratch.run("git", "switch", "-q", "-c", "other", cwd=repository)
    return repository


def _sh(scratch: Scratch) -> Path:
    repository = _plain(scratch, "sh")
    for kind in _KINDS:
        hook = repository / ".git" / "hooks" / kind
        hook.write_text(_NOTHING, encoding="utf-8")
        hook.chmod(0o755)
    return repository


def _framework(scratch: Scratch, name: str) -> Path:
    repository = _plain(scratch, name)
    entries = "".join(_ENTRY.format(kind=kind) for kind in _KINDS)
    text = f"repos:\n  - repo: local\n    hooks:\n{entries}"
    (repository / ".pre-commit-config.yaml").write_text(text, encoding="utf-8")
    scratch.commit(repository, "three hooks that do nothing")
    kinds = [word for kind in _KINDS for word in ("-t", kind)]
    scratch.run(_program(name), "install", *kinds, cwd=repository)
    return repository


def _prek(scratch: Scratch) -> Path:
    return _framework(scratch, "prek")


def _pre_commit(scratch: Scratch) -> Path:
    return _framework(scratch, "pre-commit")


def _lefthook(scratch: Scratch) -> Path:
    repository = _plain(scratch, "lefthook")
    jobs = "".join(f"{kind}:\n  commands:\n    none:\n      run: 'true'\n" for kind in _KINDS)
    (repository / "lefthook.yml").write_text(jobs, encoding="utf-8")
    scratch.commit(repository, "three hooks that do nothing")
    scratch.run(_program("lefthook"), "install", cwd=repository)
    return repository


def _program(name: str) -> str:
    """Where a peer lies: beside this Python, as the extra `dev` installs it, or on PATH."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else require(name)
