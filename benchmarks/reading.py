"""A command that only reads, with ten open changes, beside what its peers do with ten.

The peers are installed here, each the newest that its index has, into the scratch folder: OpenSpec
by npm, Spec Kit's `specify` by pip into an environment of its own. OpenSpec's ten changes are made
by its own command, and each gets the two tasks that ours have. Telemetry is off: it could only make
a peer slower. `specify` keeps no list of changes; `check` is its command that looks and reports.
"""

import sys
from pathlib import Path

from benchmarks.rounds import NotMeasuredError, Ratio, Side, measured, process
from benchmarks.scratch import CODEXA, Scratch, require

ROUNDS = 15
CHANGES = 10
HALF, THIRD = 1 / 2, 1 / 3
_TASKS = "## 1. Work\n\n- [x] 1.1 do the first half\n- [ ] 1.2 do the second half\n"


def beside_openspec(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """`status --json` and a change's concerns, beside `openspec list --json`."""
    return _compared(scratch, _openspec(scratch), HALF, rounds)


def beside_specify(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """The same beside `specify check`."""
    return _compared(scratch, _specify(scratch), THIRD, rounds)


def _compared(scratch: Scratch, peer: Side, budget: float, rounds: int | None) -> list[Ratio]:
    repository, env = ten_changes(scratch), scratch.environment
    concerns = ["concern", "list", "CH-001", "--json"]
    status, listed, beside = measured(
        [
            process("codexa-git status --json", [*CODEXA, "status", "--json"], repository, env),
            process("codexa-git concern list", [*CODEXA, *concerns], repository, env),
            peer,
        ],
        rounds or ROUNDS,
    )
    return [Ratio(status, beside, budget), Ratio(listed, beside, budget)]


def ten_changes(scratch: Scratch) -> Path:
    """A repository that enforces, with ten open changes that are each planned."""
    repository = begun(scratch)
    for number in range(1, CHANGES + 1):
        words = ["--context", "A reason.", "--scope", "This.", "--out-of-scope", "That."]
        words += ["--criterion", "`tool --one` prints 1", "--criterion", "`tool --two` prints 2"]
        scratch.codexa("open", f"part {number}", *words, "--no-switch", cwd=repository)
        scratch.codexa("advance", f"CH-{number:03d}", cwd=repository)
    return repository


def begun(scratch: Scratch) -> Path:
    """A repository that enforces, in which nothing is open yet."""
    repository = scratch.folder / "ours"
    repository.mkdir()
    scratch.identity()
    scratch.run("git", "init", "-q", cwd=repository)
    (repository / "README.md").write_text("# A small program\n", encoding="utf-8")
    scratch.commit(repository, "begin")
    scratch.codexa("init", "--yes", cwd=repository)
    scratch.declare_tests(repository, "true")
    scratch.codexa("enforce", "--demo", "--yes", cwd=repository)
    return repository


def _openspec(scratch: Scratch) -> Side:
    require("node")
    npm = require("npm")
    place = scratch.folder / "openspec"
    place.mkdir()
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    scratch.run(npm, "install", "--prefix", str(place), *quiet, "@fission-ai/openspec")
    program = str(place / "node_modules" / ".bin" / "openspec")
    project = scratch.folder / "theirs"
    project.mkdir()
    scratch.run("git", "init", "-q", cwd=project)
    scratch.run(program, "init", "--tools", "none", ".", cwd=project)
    for number in range(1, CHANGES + 1):
        scratch.run(program, "new", "change", f"part-{number}", cwd=project)
        tasks = project / "openspec" / "changes" / f"part-{number}" / "tasks.md"
        tasks.write_text(_TASKS, encoding="utf-8")
    version = scratch.run(program, "--version", cwd=project)
    listed = [program, "list", "--json"]
    if scratch.run(*listed, cwd=project).count('"totalTasks": 2') != CHANGES:
        raise NotMeasuredError("openspec does not list the ten changes that it made")
    return process(f"openspec {version} list --json", listed, project, scratch.environment)


def _specify(scratch: Scratch) -> Side:
    place = scratch.folder / "specify"
    scratch.run(sys.executable, "-m", "venv", str(place))
    pip = str(place / "bin" / "python")
    scratch.run(pip, "-m", "pip", "install", "-q", "--disable-pip-version-check", "specify-cli")
    which = "import importlib.metadata as m; print(m.version('specify-cli'))"
    version = scratch.run(pip, "-c", which)
    alone = {k: v for k, v in scratch.environment.items() if k != "PYTHONPATH"}
    command = [str(place / "bin" / "specify"), "check"]
    return process(f"specify {version} check", command, scratch.folder, alone)
