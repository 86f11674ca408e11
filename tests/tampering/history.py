"""One rich history, made by the commands that people type, which every forgery spoils in one place.

Two changes under way at once, a rework, a waiver, an approval that went stale and was given again,
policy commits, a key that was rotated and then taken out, a forge's squash, a light change and its
revert, a bypass, a sweep, and a commit that the owners named in an incident. `verify` finds nothing
in it but that commit, and nothing at all for whoever accepts the incident.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from builders import git
from scenarios.clone import Clone, make_key

BEGAN = 1_767_225_600
DAY = 86_400
PM, DEV = ("Demo PM", "pm@demo.invalid"), ("Demo Dev", "dev@demo.invalid")
QA = ("Demo QA", "qa@demo.invalid")

CHECK = """\
told() { test "$1" = "$2" && echo '/>' || echo '><failure/></testcase>'; }
{
    echo '<testsuite>'
    echo "<testcase classname='greet' name='hello'$(told "$(sh greet.sh)" hello)"
    if test -e shout.sh
    then
        echo "<testcase classname='shout' name='loud'$(told "$(sh shout.sh)" HELLO)"
        echo "<testcase classname='shout' name='twice'$(told "$(sh shout.sh 2)" 'HELLO HELLO')"
    fi
    echo '</testsuite>'
} > "$1"
"""
NOTES = "".join(f"Note {n}.\n" for n in range(1, 20))
PRODUCT = {"greet.sh": "echo hello\n", "check.sh": CHECK, "README.md": "# Greet\n", "NOTES": NOTES}
POLICY = {
    "run = []": 'run = ["sh check.sh {report}"]',
    "tries = 3": "tries = 1",
    'logs = "archive"': 'logs = "drop"',
    "separate = false": "separate = true",
    "drop_after = 0": "drop_after = 3",
    '[gate.package]\nrole = "pm"\ncount = 1': '[gate.package]\nrole = "pm"\ncount = 2',
}
LOUD = '\n[[path]]\npaths = ["shout.sh"]\nrole = "loud"\n'
LIGHT = '\n[light]\npaths = ["**/*.md"]\nlines = 6\n'
RECIPES = """\
[[task]]
title = "shout"
criteria = ["AC-1"]
run = ["sh -c 'echo echo HELLO > shout.sh; seq 1 4000'"]

[[task]]
title = "say so"
criteria = ["AC-2"]
after = ["T-01"]
"""
BRIEF = (
    *("--context", "Some do not hear well.", "--scope", "`shout.sh`", "--out-of-scope", "`greet`"),
    *("--criterion", "`sh shout.sh` prints `HELLO`", "--criterion", "`README.md` names `shout.sh`"),
)
NOTED = (
    *("--context", "Notes want a title.", "--scope", "`NOTES`", "--out-of-scope", "`README.md`"),
    *("--criterion", "`NOTES` begins with `# Notes`"),
)


class Keys(NamedTuple):
    """The files of the private keys that sign in the history, and of two that never do."""

    pm: Path
    dev: Path
    new: Path
    stranger: Path
    qa: Path


class History:
    """The clone in which it happened; `marks` names the commits of the base that came by each act.

    `tester` is the private key that the Tester of this clone signs with.
    """

    def __init__(self, folder: Path) -> None:
        places = ((name, number) for number, name in enumerate(Keys._fields, 21))
        self.keys = Keys(*(make_key(folder, name, number) for name, number in places))
        self.old_key = self.keys.pm
        self.folder = folder / "clone"
        self.folder.mkdir()
        self.at = BEGAN
        self.marks: dict[str, str] = {}
        git(self.folder, "init", "-q")
        self.clone = Clone(self.folder).set_up(*PM, self.keys.pm)
        self._tell()
        self.clone.git("switch", "-q", "main")
        self.root = self.clone.git("config", "codexa.root")
        self.line = self.clone.git("rev-list", "--first-parent", "--reverse", "main").split()

    @property
    def tester(self) -> Path:
        return self.folder / ".git" / "codexa" / "tester_ed25519"

    def _tell(self) -> None:
        self._begins()
        self._opens_two()
        self._lands_the_first()
        self._rotates_a_key()
        self._squashes_the_second()
        self._takes_the_old_key_out()
        self._lands_a_light_one_and_takes_it_back()
        self._bypasses()
        self._sweeps()
        self._declares()

    def did(self, *words: str) -> str:
        """What a command printed that has to succeed, a minute after the last."""
        self._later(60)
        return self.clone.did(*words)

    def blocked(self, why: str = "") -> None:
        """The change at hand goes on until a person is needed."""
        self._later(60)
        answer = self.clone.until()
        assert answer.status == 1, answer
        assert why in answer.err, answer.err

    def committed(self, files: Mapping[str, str | bytes | None], message: str) -> str:
        """The id of a person's commit, a minute after the last thing that happened."""
        self._later(60)
        return self.clone.commit(files, message)

    def _later(self, seconds: int) -> None:
        self.at += seconds
        os.environ["SOURCE_DATE_EPOCH"] = str(self.at)
        for who in ("AUTHOR", "COMMITTER"):
            os.environ[f"GIT_{who}_DATE"] = f"{self.at} +0000"

    def _closed(self) -> None:
        self._later(60)
        answer = self.clone.until()
        assert "can land" in answer.out, answer

    def _mark(self, name: str) -> None:
        self.marks[name] = self.clone.tip("main")

    def _as_dev(self, *words: str) -> None:
        self.clone.set_up(*DEV, self.keys.dev)
        self.did(*words)
        self.clone.set_up(*PM, self.keys.pm)

    def _both_approve(self, *change: str) -> None:
        self.did("approve", *change)
        self._as_dev("approve", *change)

    def _begins(self) -> None:
        self.committed(PRODUCT, "begin")
        self.did("init", "--yes")
        text = self.clone.read("codexa.toml")
        for old, new in POLICY.items():
            assert old in text, old
            text = text.replace(old, new)
        for who, key in ((DEV, self.keys.dev), (QA, self.keys.qa)):
            self.did("people", "add", *who, "--role", "pm", "--key", f"{key}.pub")
        for who in (PM, DEV):
            self.did("people", "add", *who, "--role", "loud")
        text = self.clone.read("codexa.toml")
        for old, new in POLICY.items():
            assert old in text, old
            text = text.replace(old, new)
        self.committed({"codexa.toml": text + LOUD + LIGHT}, "how we work")
        self.did("enforce", "--demo", "--yes")
        self._mark("root")

    def _opens_two(self) -> None:
        self.did("open", "Shouting", *BRIEF)
        self.committed({"changes/CH-001/recipes.toml": RECIPES}, "say how")
        self.clone.git("switch", "-q", "main")
        self.did("open", "A title for the notes", *NOTED)
        self.did("advance", "CH-002")
        self._both_approve("CH-002")
        self.clone.git("switch", "-q", "change/CH-001")
        self.did("advance")

    def _lands_the_first(self) -> None:
        """By a question, a rework of the plan, a waiver, a concern, and approvals given again."""
        self._as_dev("clarify", "CH-001", "How loud?")
        self.did("clarify", "CH-001", "--answer", "Q-1", "Very.")
        self._both_approve()
        self.did("rework", "--to", "spec", "-m", "the plan says too little")
        self._both_approve()
        self.blocked("T-02 waits for a person")
        self.committed({"README.md": "# Greet\n\nSee `shout.sh`.\n"}, "T-02: say so")
        self.blocked()
        self.did("waive", "--test", "shout::twice", "-m", "once is enough")
        self._as_dev("concern", "raise", "CH-001", "is it loud enough?")
        self.did("concern", "resolve", "CH-001", "CN-2", "it is")
        self.did("concern", "resolve", "CH-001", "CN-1", "it was waived")
        self._both_approve()
        self.blocked()
        self._both_approve()
        self.committed({"README.md": "# Greet\n\nSee also `shout.sh`.\n"}, "T-02: say it better")
        self.blocked()
        self._both_approve()
        self.blocked()
        self._both_approve()
        self._closed()
        self.did("land")
        self._mark("merge")

    def _rotates_a_key(self) -> None:
        self.clone.git("switch", "-q", "main")
        self.did("people", "rotate", PM[1], "--key", str(self.keys.new), "--overlap", "1")
        self._mark("rotation")
        self.keys = self.keys._replace(pm=self.keys.new)
        self.clone.set_up(*PM, self.keys.pm)

    def _squashes_the_second(self) -> None:
        self.clone.git("switch", "-q", "change/CH-002")
        self.did("sync")
        work = {"NOTES": f"# Notes\n{NOTES}", "shout.sh": "echo HELLO${1:+ HELLO}\n"}
        self.committed(work, "T-01: a title, and twice")
        self.blocked()
        self._both_approve()
        self.blocked("package is not approved")
        self._both_approve("CH-002")
        self._closed()
        self._later(60)
        self.clone.git("switch", "-q", "main")
        self.clone.git("merge", "-q", "--squash", "change/CH-002")
        self.clone.git("commit", "-q", "-m", "A title for the notes (#2)")
        self._mark("squash")

    def _takes_the_old_key_out(self) -> None:
        """Once its time is over: what it signed before has landed, and stays."""
        self._later(DAY)
        listed = json.loads(self.clone.did("people", "list", "--json"))
        old = listed["people"][0]["keys"][0]["fingerprint"]
        self.did("people", "revoke", PM[1], "--key", old)
        self._mark("revocation")

    def _lands_a_light_one_and_takes_it_back(self) -> None:
        self.clone.git("switch", "-q", "-c", "typo")
        self.committed({"README.md": "# Greetings\n\nSee also `shout.sh`.\n"}, "the title is wrong")
        self.did("quick", "fix the title")
        self._both_approve("CH-003")
        self._closed()
        self.did("land", "CH-003")
        self._mark("light")
        self.clone.git("switch", "-q", "main")
        self.did("revert", "CH-003")
        self._both_approve("CH-004")
        self._closed()
        self.did("land", "CH-004")
        self._mark("revert")

    def _bypasses(self) -> None:
        self.clone.git("switch", "-q", "-c", "bypass/mode", "main")
        self.committed({"greet.sh": "echo  hello\n"}, "greet at once")
        self.did("bypass", "-m", "nobody was greeted")
        self._mark("bypass")

    def _sweeps(self) -> None:
        self.clone.git("switch", "-q", "main")
        self._later(4 * DAY)
        self.did("retention", "sweep")
        self._mark("sweep")

    def _declares(self) -> None:
        """A commit that came past the gates, named by the owners; and a free one after it."""
        self.committed({"check.sh": f"{CHECK}# mine\n"}, "quick, before anybody looks")
        self._mark("spoilt")
        self.did("incident", "HEAD", "-m", "pushed past the gates")
        self._mark("incident")
        self.committed({"docs/STATUS_REPORT.md": "# Weeks\n"}, "the week")
        self._mark("free")
