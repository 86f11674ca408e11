"""What is installed on this machine: git, OpenSSH, Python, this program, and what it may use."""

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from codexa_git import __version__
from codexa_git.errors import CodexaError
from codexa_git.repository.command import OLDEST, Git, version
from codexa_git.repository.ssh import ssh_version
from codexa_git.workflow.checkup import Finding, failed, note, problem, well

OLDEST_SSH = (8, 9)


def installed(folder: Path) -> Iterator[Finding]:
    """Which programs there are, and where."""
    yield _git(folder)
    yield _ssh()
    yield well("python", f"{'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}")
    yield _program()


def _git(folder: Path) -> Finding:
    try:
        found = version(Git(folder))
    except CodexaError as error:
        return failed("git", error)
    told = f"{_dotted(found)} at {shutil.which('git')}"
    if found < OLDEST:
        return problem("git", f"{told}, older than {_dotted(OLDEST)}", "install a newer git")
    return well("git", told)


def _ssh() -> Finding:
    place, found = shutil.which("ssh-keygen"), ssh_version()
    if place is None:
        return problem("ssh-keygen", "not installed, so nothing can be signed", "install OpenSSH")
    if found is None:
        return note("ssh-keygen", f"at {place}; its version cannot be told")
    told = f"OpenSSH {_dotted(found)} at {place}"
    if found < OLDEST_SSH:
        newer = f"install OpenSSH {_dotted(OLDEST_SSH)} or later"
        return problem("ssh-keygen", f"{told}, older than {_dotted(OLDEST_SSH)}", newer)
    return well("ssh-keygen", told)


def _program() -> Finding:
    own = f"{__version__} at {Path(__file__).parents[1]}"
    place = shutil.which("git-codexa")
    if place is None:
        told = f"{own}; git does not find it, so `git codexa` is no command"
        return note("codexa-git", told, f"put {Path(sys.executable).parent} on PATH")
    return well("codexa-git", f"{own}, which git calls as {place}")


def notifier(*, asked: bool) -> Finding:
    """Whether notices can be sent, which matters where policy asks for them."""
    if find_spec("apprise") is not None:
        return well("notices", "apprise is installed")
    if not asked:
        return note("notices", "apprise is not installed, and policy sends nobody anything")
    install = "pip install '.[notify]', in a clone of codexa-git"
    return problem("notices", "policy sends notices, and apprise is not installed", install)


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
