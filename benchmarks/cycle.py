"""A change's whole life, as the demo leads it, beside the same commits made by hand.

Ours: every codexa-git command from `init` to `land`, a failing round and its rework among them, as
a person would type them; what the person commits between them is not counted on either side.

Beside it: every commit that those commands made, made again in order with the same files: `git add
--all` and `git commit` (for the landing `git merge --no-ff`), each with the repository's own files
laid out before the clock starts; and one `python -c pass` for each command.

The tests' and agents' own commands are to be subtracted. The small program's suite is a shell
script that leaves a mark at each run; after the cycle it is run as often by itself, and that time
is taken off. Its tasks are patches, which run no command, and what applying them takes is ours.
"""

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.rounds import Ratio, Side, measured, timed
from benchmarks.scratch import CODEXA, Scratch

ROUNDS = 7
TWICE = 2.0

SUITE = """\
#!/bin/sh
# usage: suite.sh <report> <marks>
echo run >>"$2"
expect() { # expect FILE WORD: a failure unless the file is not there or says the word
  case "$(cat "$1" 2>/dev/null)" in "$2" | "") ;; *) echo "<failure message='not $1'/>" ;; esac
}
loud=$(expect loud HELLO) soft=$(expect soft hello)
cat >"$1" <<END
<testsuite name="suite" tests="2">
<testcase classname="suite" name="loud">$loud</testcase>
<testcase classname="suite" name="soft">$soft</testcase>
</testsuite>
END
[ -z "$loud$soft" ]
"""
BRIEF = """\
# CH-001 Loud and soft

## Context

People greet each other in two ways.

## Scope

- A loud greeting and a soft one.

## Out of scope

- Waving.

## Acceptance criteria

- AC-1: `cat loud` prints HELLO
- AC-2: `cat soft` prints hello
"""
RECIPES = """\
[[task]]
title = "greet loudly"
criteria = ["AC-1"]
patch = "patches/T-01.patch"

[[task]]
title = "greet softly"
criteria = ["AC-2"]
after = ["T-01"]
patch = "patches/T-02.patch"
again = ["patches/T-02-again.patch"]
"""
_ADDED = """\
diff --git a/{0} b/{0}
new file mode 100644
--- /dev/null
+++ b/{0}
@@ -0,0 +1 @@
+{1}
"""
_CHANGED = """\
diff --git a/{0} b/{0}
--- a/{0}
+++ b/{0}
@@ -1 +1 @@
-{1}
+{2}
"""
PATCHES = {
    "T-01.patch": _ADDED.format("loud", "HELLO"),
    "T-02.patch": _ADDED.format("soft", "helo"),
    "T-02-again.patch": _CHANGED.format("soft", "helo", "hello"),
}
OPEN = ("open", "loud and soft", "--brief")
# Each command, and the status that it ends with: 1 is a gate's no, when a person is needed.
COMMANDS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("advance",), 0),
    (("advance",), 1),
    (("approve",), 0),
    (("advance", "--until-blocked"), 1),
    (("approve",), 0),
    (("advance", "--until-blocked"), 1),
    (("approve",), 0),
    (("advance", "--until-blocked"), 0),
    (("land",), 0),
)


class Cycle:
    """One cycle after the other, each in a fresh repository; the last one stays to be copied."""

    def __init__(self, scratch: Scratch) -> None:
        self.scratch = scratch
        self.repository = scratch.folder / "ours"
        self.marks = scratch.folder / "marks"
        self.commands = 0
        self.by_hand: set[str] = set()

    def ours(self) -> float:
        """The seconds of all commands, the suite's own subtracted."""
        self._begin()
        seconds = self._command("init", "--yes")
        self.scratch.declare_tests(self.repository, f"sh suite.sh {{report}} {self.marks}")
        self.by_hand.add(self._git("rev-parse", "HEAD"))
        seconds += self._command("enforce", "--demo", "--yes")
        brief = self.scratch.folder / "brief.md"
        brief.write_text(BRIEF, encoding="utf-8")
        seconds += self._command(*OPEN, str(brief))
        self._declare_tasks()
        seconds += sum(self._command(*words, ok=ok) for words, ok in COMMANDS)
        return seconds - self._suite()

    def _begin(self) -> None:
        shutil.rmtree(self.repository, ignore_errors=True)
        self.marks.unlink(missing_ok=True)
        self.commands, self.by_hand = 0, set()
        self.repository.mkdir()
        self._git("init", "-q")
        (self.repository / "suite.sh").write_text(SUITE, encoding="utf-8")
        self._commit("a small program")

    def _command(self, *words: str, ok: int = 0) -> float:
        self.commands += 1
        return timed([*CODEXA, *words], self.repository, self.scratch.environment, (ok,))

    def _declare_tasks(self) -> None:
        papers = self.repository / "changes" / "CH-001"
        (papers / "patches").mkdir()
        (papers / "recipes.toml").write_text(RECIPES, encoding="utf-8")
        for name, content in PATCHES.items():
            (papers / "patches" / name).write_text(content, encoding="utf-8")
        self._commit("how its tasks are done")

    def _commit(self, message: str) -> None:
        self.by_hand.add(self.scratch.commit(self.repository, message))

    def _git(self, *words: str) -> str:
        return self.scratch.run("git", *words, cwd=self.repository)

    def _suite(self) -> float:
        """The seconds of as many runs of the suite as the cycle had."""
        runs = self.marks.read_text(encoding="utf-8").count("\n")
        line = ["sh", "suite.sh", str(self.scratch.folder / "report"), str(self.marks)]
        return sum(timed(line, self.repository, self.scratch.environment) for _ in range(runs))

    def beside(self) -> float:
        """The seconds of the same commits by plain git, and of a Python for each command."""
        copy = _Copy(self.scratch, self.repository)
        seconds = 0.0
        log = self._git("log", "--reverse", "--topo-order", "--format=%H %P", "main")
        for line in log.splitlines():
            oid, *parents = line.split()
            took = copy.merge(oid) if len(parents) > 1 else copy.commit(oid)
            seconds += 0.0 if oid in self.by_hand else took
            if oid == self._git("merge-base", "main^1", "main^2"):
                copy.branch()
        python = [sys.executable, "-c", "pass"]
        env = self.scratch.environment
        return seconds + sum(timed(python, copy.folder, env) for _ in range(self.commands))


class _Copy:
    """A plain repository that is given the same files, commit by commit."""

    def __init__(self, scratch: Scratch, original: Path) -> None:
        self.scratch = scratch
        self.folder = scratch.folder / "beside"
        index = {"GIT_INDEX_FILE": str(scratch.folder / "index")}
        self._layout = Scratch(self.folder, scratch.environment | index)
        self._original = str(original / ".git")
        shutil.rmtree(self.folder, ignore_errors=True)
        (scratch.folder / "index").unlink(missing_ok=True)
        self.folder.mkdir()
        scratch.run("git", "init", "-q", cwd=self.folder)

    def branch(self) -> None:
        """What follows is on a branch."""
        self._git("switch", "-q", "-c", "change")

    def commit(self, oid: str) -> float:
        """The seconds of making the commit, its files laid out before."""
        places = (f"--git-dir={self._original}", f"--work-tree={self.folder}")
        self._layout.run("git", *places, "read-tree", "--reset", "-u", oid)
        words = ("commit", "-q", "--allow-empty", "-m", "the same")
        return self._timed("add", "--all") + self._timed(*words)

    def merge(self, oid: str) -> float:
        """The seconds of merging the branch, as the landing `oid` did."""
        del oid
        self._git("switch", "-q", "main")
        return self._timed("merge", "-q", "--no-ff", "-m", "the same", "change")

    def _timed(self, *words: str) -> float:
        return timed(["git", *words], self.folder, self.scratch.environment)

    def _git(self, *words: str) -> str:
        return self.scratch.run("git", *words, cwd=self.folder)


class Counts(NamedTuple):
    """What one cycle holds."""

    commands: int
    commits: int


def whole_cycle(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """From `init` to `land` beside plain commits and as many Pythons as commands."""
    scratch.identity()
    cycle = Cycle(scratch)
    sides = [Side("codexa-git, init to land", cycle.ours), Side("git and Pythons", cycle.beside)]
    ours, beside = measured(sides, rounds or ROUNDS)
    counts = _counts(cycle)
    named = beside._replace(name=f"{counts.commits} commits by git, {counts.commands} Pythons")
    return [Ratio(ours, named, TWICE)]


def _counts(cycle: Cycle) -> Counts:
    made = cycle.scratch.run("git", "rev-list", "--count", "main", cwd=cycle.repository)
    return Counts(cycle.commands, int(made) - len(cycle.by_hand))
