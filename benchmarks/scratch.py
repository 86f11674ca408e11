"""Where a case works: a folder that is gone afterwards, and an environment with nothing of ours."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.rounds import NotMeasuredError

SOURCES = Path(__file__).resolve().parent.parent
# What the installed script does.
CODEXA = (sys.executable, "-c", "from codexa_git.cli.main import run; run()")
# What installing peers needs; a measured command sees it too, as a person's would.
_PASSED = ("PATH", "LANG", "TMPDIR", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
_PASSED_PREFIXES = ("PIP_", "npm_config_", "NPM_CONFIG_", "SSL_CERT_", "NODE_EXTRA_CA_")
_QUIET = {
    "CI": "true",
    "DO_NOT_TRACK": "1",
    "NO_COLOR": "1",
    "OPENSPEC_TELEMETRY": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "TZ": "UTC",
}


class Scratch(NamedTuple):
    """A folder to work in, and the environment that every command in it gets.

    In `histories` generated repositories are looked for, and kept.
    """

    folder: Path
    environment: dict[str, str]
    histories: Path | None = None

    def run(
        self,
        *command: str,
        cwd: Path | None = None,
        ok: Sequence[int] = (0,),
        given: str = "",
    ) -> str:
        """What a command printed that prepares a measurement; it is not measured itself.

        `given` is what it reads from its standard input.

        Raises:
            NotMeasuredError: it cannot start, or ends with a status that is not `ok`.
        """
        try:
            done = subprocess.run(
                command,
                cwd=cwd or self.folder,
                env=self.environment,
                input=given.encode(),
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise NotMeasuredError(f"{command[0]} is not here: {error.strerror}") from error
        if done.returncode not in ok:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().split("\n")
            name = Path(command[0]).name
            raise NotMeasuredError(f"{name} {' '.join(command[1:3])}: {said[0]}")
        return done.stdout.decode("utf-8", "replace").strip()

    def codexa(self, *words: str, cwd: Path, ok: Sequence[int] = (0,)) -> str:
        """What this tree's command printed."""
        return self.run(*CODEXA, *words, cwd=cwd, ok=ok)

    def declare_tests(self, repository: Path, command: str) -> None:
        """The policy says how the small program is tested, and it is committed."""
        policy = repository / "codexa.toml"
        lines = policy.read_text(encoding="utf-8").splitlines()
        told = {"setup": "setup = []", "run": f'run = ["{command}"]'}
        lines = [told.get(line.partition(" = ")[0], line) for line in lines]
        policy.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.commit(repository, "how it is tested")

    def commit(self, repository: Path, message: str) -> str:
        """The id of a person's commit of all that lies there."""
        self.run("git", "add", "--all", cwd=repository)
        self.run("git", "commit", "-q", "-m", message, cwd=repository)
        return self.run("git", "rev-parse", "HEAD", cwd=repository)

    def identity(self) -> None:
        """Git knows a person here, who has a key."""
        home = Path(self.environment["HOME"])
        (home / ".ssh").mkdir(parents=True, mode=0o700)
        key = home / ".ssh" / "id_ed25519"
        self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
        for name, value in (
            ("user.name", "Demo PM"),
            ("user.email", "pm@demo.invalid"),
            ("init.defaultBranch", "main"),
            ("gc.auto", "0"),
        ):
            self.run("git", "config", "--global", name, value)


def scratch(folder: Path, histories: Path | None = None) -> Scratch:
    """A scratch in a folder that is there and empty."""
    home = folder / "home"
    home.mkdir()
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED or name.startswith(_PASSED_PREFIXES)
    }
    own = {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "PYTHONPATH": str(SOURCES),
    }
    return Scratch(folder, passed | _QUIET | own, histories)


def require(program: str) -> str:
    """Where a program lies.

    Raises:
        NotMeasuredError: it is not on PATH.
    """
    found = shutil.which(program)
    if found is None:
        raise NotMeasuredError(f"{program} is not installed")
    return found
