"""A server, two clones with a person at each, and a forge with buttons: made once, then copied."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from builders import git
from scenarios.clone import Clone, make_key
from sealing import SEAL

NOON = 1767268800

CHECK = """\
out=$1 bad=0
{
    echo '<testsuite><testcase name="always"/>'
    for part in parts/*; do
        if grep -q broken "$part"; then
            bad=1
            echo "<testcase name=\\"$part\\"><failure/></testcase>"
        else
            echo "<testcase name=\\"$part\\"/>"
        fi
    done
    echo '</testsuite>'
} >"$out"
exit $bad
"""
"""Every file of `parts` is a test, which passes unless the file says that it is broken."""

PRODUCT = {"check.sh": CHECK, "parts/a": "a\n", "parts/b": "b\n", "README.md": "# Parts\n"}
LIGHT = '\n[light]\npaths = ["**/*.md"]\nlines = 6\n'
MILESTONE = "\n[milestone.MS-01]\nstart = 2025-12-25\n"
KEPT = '\n[retention]\nlogs = "drop"\ndrop_after = 1\n'
ROLES = ("--role", "owner", "--role", "pm")


@contextmanager
def surroundings(folder: Path) -> Iterator[None]:
    """Nothing of this machine's user reaches what is done here, and people are who git says."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("GIT_"):
                patch.delenv(name)
        patch.setenv("HOME", str(folder))
        patch.setenv("CODEXA_TESTER_KEY", str(folder / "tester"))
        patch.setenv("SOURCE_DATE_EPOCH", str(NOON))
        for name in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{name}_DATE", f"{NOON} +0000")
        for name, value in SEAL.items():
            patch.setenv(name, value)
        yield


class Team:
    """The four repositories in one folder: `server.git`, `first`, `second`, `forge`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = folder / "server.git"
        self.people = (Clone(folder / "first"), Clone(folder / "second"))
        self.forge = Clone(folder / "forge")

    @property
    def clones(self) -> tuple[Clone, ...]:
        """The clones that somebody works in."""
        return self.people

    def branches(self) -> dict[str, str]:
        """The tip of every branch of the server."""
        told = git(self.server, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)")
        rows = (line.split(" ") for line in told.splitlines())
        return {name: oid for name, oid in rows if not name.startswith("codexa/")}

    def copied(self, folder: Path) -> "Team":
        """The same, in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True)
        for name in ("first", "second", "forge"):
            place = folder / name / ".git" / "config"
            place.write_text(place.read_text().replace(str(self.folder), str(folder)))
            git(folder / name, "update-index", "-q", "--refresh")
        return Team(folder)


class Variant(NamedTuple):
    """What is in place around the people."""

    refusing: bool = False
    hooks: bool = False


def founded(folder: Path, variant: Variant) -> Team:
    """A team on an enforcing base, which both clones have and have pinned."""
    folder.mkdir()
    team = Team(folder)
    home = folder.parent
    keys = [make_key(home, name, number) for number, name in enumerate(("pm", "dev"), 1)]
    make_key(home, "tester", 3)
    first, second = team.people
    _adopt(first, keys)
    git(folder, "clone", "-q", "--bare", "--template=", "first", "server.git")
    first.git("remote", "add", "origin", str(team.server))
    first.git("fetch", "-q")
    first.git("branch", "-q", "-u", "origin/main", "main")
    for other in (second, team.forge):
        git(folder, "clone", "-q", "--template=", str(team.server), str(other.folder))
    second.set_up("Demo Dev", "dev@demo.invalid", keys[1])
    second.did("root", "--pin", first.git("config", "codexa.root"))
    team.forge.set_up("Forge", "forge@demo.invalid", keys[0])
    _defend(team, variant)
    return team


def _adopt(clone: Clone, keys: list[Path]) -> None:
    clone.folder.mkdir()
    clone.git("init", "-q", "--template=")
    clone.set_up("Demo PM", "pm@demo.invalid", keys[0])
    clone.commit(PRODUCT, "begin")
    clone.did("init", "--yes")
    policy = clone.read("codexa.toml").replace("run = []", 'run = ["sh check.sh {report}"]')
    assert "{report}" in policy
    clone.commit({"codexa.toml": policy + LIGHT + MILESTONE + "\n"}, "how to test, what is light")
    clone.did("people", "add", "Demo Dev", "dev@demo.invalid", *ROLES, "--key", f"{keys[1]}.pub")
    clone.did("enforce", "--demo", "--yes")


def _defend(team: Team, variant: Variant) -> None:
    git(team.server, "config", "receive.denyNonFastForwards", "true")
    git(team.server, "config", "receive.denyDeletes", "true")
    first = team.people[0]
    if variant.refusing:
        root = first.git("config", "codexa.root")
        first.did("server", "install", str(team.server), "--root", root)
    for clone in team.people if variant.hooks else ():
        clone.did("hooks", "install")
