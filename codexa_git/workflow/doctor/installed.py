"""What is installed on this machine: git, OpenSSH, Python, this program, and what it may use."""

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from codexa_git import __version__
from codexa_git.errors import CodexaError
from codexa_git.repository.command import OLDEST, Git, version
from codexa_git.repository.ssh import ssh_version
from codexa_git.workflow.doctor.checkup import Finding, failed, note, problem, well

OLDEST_SSH = (8, 9)
_CALLED = ("git-codexa", "codexa-git", "git", "ssh-keygen")


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
    own = f"{__version__} at {Path(__file__).parents[2]}"
    place = shutil.which("git-codexa")
    if place is None:
        told = f"{own}; git does not find it, so `git codexa` is no command"
        return note("codexa-git", told, f"put {Path(sys.executable).parent} on PATH")
    return well("codexa-git", f"{own}, which git calls as {place}")


def within(top: Path, path: str) -> Iterator[Finding]:
    """Programs, and entries of `path`, in the work tree `top`: whoever writes a branch brings them.

    Git replaces even files that it ignores, where the branch that one switches to has them.
    """
    for name in _CALLED:
        place = shutil.which(name, path=path)
        if place is not None and _is_below(place, top):
            yield problem(
                name,
                f"found at {place}, in the work tree: a branch that brings that file is run",
                f"install it outside of {top}, and put that place first on PATH",
            )
    for entry in dict.fromkeys(path.split(os.pathsep)):
        if not Path(entry).is_absolute():
            told = f"{entry or 'an empty entry'} is looked up in whatever folder one stands in"
            yield problem("PATH", told, "take it off PATH, or name the whole path")
        elif _is_below(entry, top):
            yield _entry(entry, top)


def _entry(entry: str, top: Path) -> Finding:
    told = f"{entry} lies in the work tree: a branch that brings files there brings programs"
    if (Path(entry).parent / "pyvenv.cfg").is_file():
        return note("PATH", told, f"a virtual environment is as good outside of {top}")
    return problem("PATH", told, "take it off PATH")


def _is_below(place: str, top: Path) -> bool:
    """True where the place, or what it links to, lies in the folder."""
    found = Path(os.path.abspath(place)), Path(os.path.realpath(place))  # noqa: PTH100
    return any(one.is_relative_to(folder) for one in found for folder in (top, top.resolve()))


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
