"""A place of its own for one run of the demo: home, keys, git's configuration, clock, repository.

Nothing of the user's reaches the commands but a PATH, so two rooms differ in their folder alone.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from codexa_git.policy.keys import ed25519_from_seed

ROOT = Path(__file__).resolve().parents[2]
BEGIN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SEED = "codexa-git demo"
CONFIGURATION = """\
[user]
\tname = Demo PM
\temail = pm@demo.invalid
\tsigningkey = ~/.ssh/id_ed25519.pub
[gpg]
\tformat = ssh
[init]
\tdefaultBranch = main
[core]
\tabbrev = 7
\tpager = cat
"""


class DemoError(Exception):
    """The demo cannot go on; the message is for whoever runs it."""


class Said(NamedTuple):
    """How a command ended, and everything that it printed, errors where they came."""

    status: int
    output: str


class Room(NamedTuple):
    """One run's folder, and where its tests find their wheels."""

    folder: Path
    wheels: Path

    @property
    def repository(self) -> Path:
        """The repository of the small program that is changed."""
        return self.folder / "totals"

    @property
    def home(self) -> Path:
        """The demo's person's home."""
        return self.folder / "home"

    @property
    def tools(self) -> Path:
        """The first folder of PATH: the command, and the Python that its environment stands on."""
        return self.folder / "bin"

    def run(
        self, command: list[str], minute: int = 0, heard: Callable[[str], None] | None = None
    ) -> Said:
        """What a command says in the repository, so many minutes after the demo began.

        Each line is `heard` as soon as it is said.
        """
        lines: list[str] = []
        with subprocess.Popen(
            command,
            cwd=self.repository,
            env=self._environment(minute),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        ) as process:
            for line in process.stdout or ():
                lines.append(line)
                if heard is not None:
                    heard(line.rstrip("\n"))
        return Said(process.returncode, "".join(lines))

    def _environment(self, minute: int) -> dict[str, str]:
        seconds = str(int((BEGIN + timedelta(minutes=minute)).timestamp()))
        return {
            "PATH": f"{self.tools}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "GIT_CONFIG_GLOBAL": str(self.home / ".gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": f"{seconds} +0000",
            "GIT_COMMITTER_DATE": f"{seconds} +0000",
            "SOURCE_DATE_EPOCH": seconds,
            "CODEXA_TESTER_KEY": str(self.home / ".ssh" / "tester"),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }


def furnish(room: Room) -> None:
    """The room is as new: commands, two keys from the demo's seed, the program, the papers.

    Raises:
        DemoError: its folder holds something that no demo made, or the command is not installed.
    """
    _clear(room.folder)
    _link(room)
    keys = room.home / ".ssh"
    keys.mkdir(parents=True)
    keys.chmod(0o700)
    _put_key(keys / "id_ed25519", "pm@demo.invalid")
    _put_key(keys / "tester", "tester@agents.invalid")
    (room.home / ".gitconfig").write_text(CONFIGURATION, encoding="utf-8")
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(ROOT / "examples" / "totals", room.repository, ignore=ignored)
    shutil.copytree(ROOT / "examples" / "change", room.folder / "change", ignore=ignored)


def _clear(folder: Path) -> None:
    mark = folder / "made-by-the-demo"
    if folder.exists() and not mark.exists():
        raise DemoError(f"{folder} is there and no demo made it: name another with --into")
    if mark.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    mark.touch()


def _link(room: Room) -> None:
    """The command as installed; and this Python, since another `python3` may be too old."""
    room.tools.mkdir()
    beside = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    for name in ("codexa-git", "git-codexa", "pip"):
        command = shutil.which(name, path=beside)
        if command is None:
            raise DemoError(f"{name} is not installed: make demo installs it")
        (room.tools / name).symlink_to(Path(command).absolute())
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    (room.tools / "python3").symlink_to(python)


def _put_key(path: Path, principal: str) -> None:
    """A real key, and no secret: whoever has this file can make it."""
    private, public = ed25519_from_seed(sha256(f"{SEED}: {principal}".encode()).digest())
    path.touch(mode=0o600)
    path.write_bytes(private)
    path.with_name(f"{path.name}.pub").write_text(f"{public} {principal}\n", encoding="utf-8")
