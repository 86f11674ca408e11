"""What one change costs where many others are open: 10, 100 and 1,000 of them.

Three repositories, alike but for the number of open changes; the checkout stands on the first,
which is planned and waits for its approval. Looking at that one, and trying to advance it, has to
take as long whatever the others are. `status --all` and `board` are about all of them, so they have
no budget; they are measured warm, as the second look is.

Afterwards the plan is approved, native hooks are put in, and one line is committed over and over:
as the table of the hooks answers it, and as the whole gate does where there is no table.
"""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.reading import begun
from benchmarks.rounds import NotMeasuredError, Ratio, Side, measured, timed
from benchmarks.scratch import CODEXA, Scratch

ROUNDS = 11
SIZES = (10, 100, 1000)
BUDGET = 1.5
# One process opens them all, without looking for the next free number each time.
_OPEN = """\
import sys
from codexa_git.cli.desk import sat_down
from codexa_git.workflow.stages.opening import Request, open_change
from codexa_git.workflow.together.publishing import start
words = {"context": "A reason.", "scope": ("This.",), "out_of_scope": ("That.",)}
words["criteria"] = ("`tool --one` prints 1", "`tool --two` prints 2")
with sat_down() as desk:
    for number in range(int(sys.argv[1]) + 1, int(sys.argv[2]) + 1):
        built = open_change(desk.ground, desk.person, Request(f"part {number}", **words), number)
        start(desk.store, f"refs/heads/change/CH-{number:03d}", built)
"""
COMMANDS: tuple[tuple[tuple[str, ...], int, float | None], ...] = (
    (("status",), 0, BUDGET),
    (("advance",), 1, BUDGET),
    (("status", "--all"), 0, None),
    (("board",), 0, None),
)


def many_open(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """Each command with 100 and 1,000 open changes, beside the same with 10."""
    places = repositories(scratch, SIZES)
    found: list[Ratio] = []
    for words, status, budget in COMMANDS:
        sides = [_side(scratch, words, status, size, places[size]) for size in SIZES]
        few, *more = measured(sides, rounds or ROUNDS)
        found += [Ratio(sample, few, budget) for sample in more]
    for place in places.values():
        working(scratch, place)
    for name, asks_all in (("commit", False), ("commit, the whole gate", True)):
        sides = [commits(scratch, name, n, places[n], asks_all=asks_all) for n in SIZES]
        few, *more = measured(sides, rounds or ROUNDS)
        found += [Ratio(sample, few, BUDGET) for sample in more]
    return found


def working(scratch: Scratch, place: Path) -> None:
    """The change at hand is approved, has its hooks, and a first commit has left their table."""
    scratch.codexa("approve", cwd=place)
    scratch.codexa("hooks", "install", cwd=place)
    (place / "tool.py").write_text("begin\n", encoding="utf-8")
    scratch.commit(place, "the first commit asks the whole gate")
    if not table(place).exists():
        raise NotMeasuredError("the first commit left no table")


def table(place: Path) -> Path:
    """Where the hooks of a repository keep what they answer from."""
    return place / ".git" / "codexa-hooks"


def repositories(scratch: Scratch, sizes: Sequence[int]) -> dict[int, Path]:
    """A repository for each size, each made from the one before it."""
    growing, before, found = begun(scratch), 0, dict[int, Path]()
    for size in sizes:
        make = [sys.executable, "-c", _OPEN, str(before), str(size)]
        scratch.run(*make, cwd=growing)
        found[size] = scratch.folder / f"with-{size}"
        shutil.copytree(growing, found[size], symlinks=True)
        scratch.run("git", "switch", "-q", "change/CH-001", cwd=found[size])
        scratch.codexa("advance", cwd=found[size])
        if (
            scratch.run("git", "for-each-ref", "refs/heads/change", cwd=growing).count("\n")
            < size - 1
        ):
            raise NotMeasuredError(f"not all of {size} changes could be opened")
        before = size
    return found


def _side(scratch: Scratch, words: tuple[str, ...], status: int, size: int, place: Path) -> Side:
    command, env = [*CODEXA, *words], scratch.environment
    name = f"{' '.join(words)}, {size:,} open"
    return Side(name, lambda: timed(command, place, env, (status,)))


def commits(scratch: Scratch, name: str, size: int, place: Path, *, asks_all: bool) -> Side:
    """A side that is one `git commit`; with `asks_all` its hooks find no table."""
    turn = iter(range(1_000_000))

    def once() -> float:
        (place / "tool.py").write_text(f"{name} {next(turn)}\n", encoding="utf-8")
        scratch.run("git", "add", "tool.py", cwd=place)
        if asks_all:
            table(place).unlink()
        return timed(["git", "commit", "-q", "-m", "one more"], place, scratch.environment)

    return Side(f"{name}, {size:,} open", once)
