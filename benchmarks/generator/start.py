"""The first landing, made by the tool's own commands in a repository that enforces."""

from pathlib import Path

from benchmarks.scratch import Scratch
from codexa_git.change.pages import PAGES, PROGRESS

BEGAN = 1_767_571_200
"""2026-01-05, midnight: the clock of all commands stands there, and each landing has its own."""

LANDING = 1_200
"""So many seconds after the one before, every landing tells its story again."""

NOTES = "src/notes.txt"
LEDGER = "src/ledger.txt"
BEFORE, AFTER = b"n000000", b"n000001"
"""What the first landing makes of what was there: every later one goes on from the one before."""

TESTS = 20
"""So many tests the project reports."""

_PATCH = """\
diff --git a/src/ledger.txt b/src/ledger.txt
--- a/src/ledger.txt
+++ b/src/ledger.txt
@@ -1,3 +1,3 @@
 The ledger.
-Entries: n000000
+Entries: n000001
 It goes on.
"""
_RECIPES = """\
[[task]]
title = "count one more entry"
criteria = ["AC-1"]
after = []
patch = "patches/T-01.patch"
"""


def first_landing(scratch: Scratch, folder: Path) -> None:
    """`folder` holds a repository that enforces, in which one change has landed."""
    scratch.environment["SOURCE_DATE_EPOCH"] = str(BEGAN)
    for word in ("AUTHOR", "COMMITTER"):
        scratch.environment[f"GIT_{word}_DATE"] = f"{BEGAN} +0000"
    _project(scratch, folder)
    _enforced(scratch, folder)
    _open(scratch, folder)
    scratch.codexa("approve", cwd=folder)
    _write(folder, NOTES, "The notes, as of n000001.\n")
    scratch.commit(folder, "the notes of n000001, draft 00")
    scratch.codexa("advance", "--until-blocked", cwd=folder, ok=(0, 1))
    scratch.codexa("approve", cwd=folder)
    scratch.codexa("advance", "--until-blocked", cwd=folder, ok=(0, 1))
    scratch.codexa("land", cwd=folder)
    scratch.run("git", "switch", "-q", "main", cwd=folder)


def _project(scratch: Scratch, folder: Path) -> None:
    folder.mkdir(parents=True)
    scratch.run("git", "init", "-q", "-b", "main", cwd=folder)
    case = '<testcase classname="tests.test_ledger" name="test_{:02}"/>'
    cases = "".join(case.format(number) for number in range(TESTS))
    _write(folder, "tests/report.xml", f"<testsuite>{cases}</testsuite>\n")
    _write(folder, LEDGER, "The ledger.\nEntries: n000000\nIt goes on.\n")
    _write(folder, NOTES, "The notes, as of n000000.\n")
    for number in range(300):
        _write(folder, f"src/part{number // 20:02}/file{number:03}.txt", f"File {number}.\n")
    scratch.commit(folder, "begin")


def _enforced(scratch: Scratch, folder: Path) -> None:
    """The policy asks for the results' approval where a test fails; old blocks may leave pages."""
    scratch.codexa("init", "--yes", cwd=folder)
    policy = folder / "codexa.toml"
    text = policy.read_text(encoding="utf-8")
    asked = '[gate.results]\nrole = "pm"\n'
    text = text.replace(asked, f'{asked}when = "unless-all-pass"\n')
    pages = ", ".join(f'"{page}"' for page in PAGES if page != PROGRESS)
    text += f"\n[free]\npaths = [{pages}]\n"
    policy.write_text(text, encoding="utf-8")
    scratch.declare_tests(folder, "cp tests/report.xml {report}")
    scratch.codexa("enforce", "--demo", "--yes", cwd=folder)


def _open(scratch: Scratch, folder: Path) -> None:
    words = ["--context", "The ledger has to go on.", "--scope", "One entry more."]
    words += ["--out-of-scope", "Everything else."]
    words += ["--criterion", "`cat src/ledger.txt` prints n000001"]
    scratch.codexa("open", "an entry more", *words, cwd=folder)
    _write(folder, "changes/CH-001/recipes.toml", _RECIPES)
    _write(folder, "changes/CH-001/patches/T-01.patch", _PATCH)
    scratch.commit(folder, "how it is done")
    scratch.codexa("advance", cwd=folder)


def _write(folder: Path, path: str, text: str) -> None:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
