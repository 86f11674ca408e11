"""One git process: how it is started, what it may see, and how its failure is told.

Git changes its answers with its environment, so a child gets an environment that is built here.
Nothing that a caller's git hands on (`GIT_DIR`, `GIT_INDEX_FILE`, `GIT_DIFF_OPTS` ...) reaches it
unless it is asked for by name.
"""

import os
from collections.abc import Callable, Mapping

from codexa_git.errors import RepositoryError
from codexa_git.repository import children
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from subprocess import Popen

OLDEST = (2, 38, 0)

# What git, its transports and its credential helpers need to work for this user.
_INHERITED = frozenset(
    {
        *("HOME", "PATH", "TMPDIR", "USER", "LOGNAME", "TERM", "TZ"),
        *("SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER", "GNUPGHOME"),
        *("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "KRB5CCNAME"),
        *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"),
        # These say where the user's own configuration lies and how remotes are reached; none of
        # them points at a repository, an index or objects.
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
        *("GIT_SSH_COMMAND", "GIT_SSH", "GIT_SSH_VARIANT", "GIT_ASKPASS"),
    }
)
_INHERITED_PREFIXES = ("XDG_", "GIT_SSL_")

_FIXED = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_FLUSH": "0",
    "LC_ALL": "C",
}


class Finished(NamedTuple):
    """A process that ended: its status, what it said, and what it complained of."""

    status: int
    out: bytes
    err: bytes


class Git(NamedTuple):
    """Git in one folder: settings go as `-c`, the environment beside the built one."""

    folder: str | os.PathLike[str]
    settings: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    def run(
        self,
        *args: str,
        input: bytes = b"",  # noqa: A002
        ok: tuple[int, ...] = (0,),
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        """What git printed; `RepositoryError` in git's own words for a status not in `ok`."""
        return said(args[0], self.finish(*args, input=input, environment=environment), ok)

    def answer(self, *args: str) -> tuple[int, bytes]:
        """The status and what git printed, whatever the status is."""
        finished = self.finish(*args)
        return finished.status, finished.out

    def line(self, *args: str) -> str:
        """What git printed as one line of text, without its line end."""
        return self.run(*args).decode("utf-8", "surrogateescape").removesuffix("\n")

    def finish(
        self,
        *args: str,
        input: bytes = b"",  # noqa: A002
        environment: Mapping[str, str] | None = None,
    ) -> Finished:
        """The ended process; a child is killed if the wait for it is interrupted."""
        told = self._environment(environment)
        try:
            if not input and children.is_here(self.folder):
                return Finished(*children.begin(self._command(args), told).end())
            import subprocess  # noqa: PLC0415

            done = subprocess.run(
                self._command(args),
                cwd=self.folder,
                env=told,
                input=input,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise self._not_started(error) from error
        return Finished(done.returncode, done.stdout, done.stderr)

    def begin(self, *args: str) -> Callable[[], Finished]:
        """What gives the ended process, which runs from now on where that can be."""
        if not children.is_here(self.folder):
            return lambda: self.finish(*args)
        try:
            begun = children.begin(self._command(args), self._environment(None))
        except OSError as error:
            raise self._not_started(error) from error
        return lambda: Finished(*begun.end())

    def start(self, *args: str) -> "children.Child | Popen[bytes]":
        """A child with pipes for input and output; the caller must close it."""
        told = self._environment(None)
        try:
            if children.is_here(self.folder):
                return children.start(self._command(args), told)
            import subprocess  # noqa: PLC0415

            return subprocess.Popen(
                self._command(args),
                cwd=self.folder,
                env=told,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise self._not_started(error) from error

    def beside(self, environment: Mapping[str, str]) -> "Git":
        """The same git with more in its environment."""
        return self._replace(environment=(*self.environment, *environment.items()))

    def _command(self, args: tuple[str, ...]) -> list[bytes]:
        settings = [part for key, value in self.settings for part in ("-c", f"{key}={value}")]
        # Git's paths and names are UTF-8 here, whatever the locale would make of them.
        return [part.encode("utf-8", "surrogateescape") for part in ("git", *settings, *args)]

    def _environment(self, more: Mapping[str, str] | None) -> dict[str, str]:
        return inherited() | _FIXED | dict(self.environment) | dict(more or {})

    def _not_started(self, error: OSError) -> RepositoryError:
        if isinstance(error, FileNotFoundError) and os.path.isdir(self.folder):  # noqa: PTH112
            return RepositoryError(
                "git is not installed", hint="install git 2.38 or later and put it on PATH"
            )
        return RepositoryError(f"git cannot start in {self.folder}: {error.strerror}")


def inherited() -> dict[str, str]:
    """The part of this process's environment that a child may see."""
    names = [
        name for name in os.environ if name in _INHERITED or name.startswith(_INHERITED_PREFIXES)
    ]
    return {name: os.environ[name] for name in names}  # a value costs more to look at than a name


def said(command: str, finished: Finished, ok: tuple[int, ...] = (0,)) -> bytes:
    """What a process printed; `RepositoryError` in git's own words for a status not in `ok`."""
    if finished.status not in ok:
        raise RepositoryError(f"git {command}: {complaint(finished)}")
    return finished.out


def complaint(finished: Finished) -> str:
    """The last sentence of a failed process, one line and safe to print.

    Git may go on with advice after it said what is wrong, so a line marked as that comes first.
    """
    lines = finished.err.decode("utf-8", "replace").splitlines()
    said = [line for line in lines if line.strip() and not line.startswith("hint:")]
    if not said:
        return f"ended with status {finished.status} and said nothing"
    marked = [line for line in said if line.startswith(("fatal: ", "error: "))]
    sentence = (marked or said)[-1].strip().removeprefix("fatal: ").removeprefix("error: ")
    return "".join(char if char.isprintable() else "?" for char in sentence)[:400]


def version(git: Git) -> tuple[int, int, int]:
    """The version of the git on PATH."""
    words = git.line("version").split()
    numbers = [int(part) for part in words[2].split(".")[:3] if part.isdecimal()]
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch


def require_version(git: Git) -> None:
    """Return if git is new enough, else raise one sentence that says which is needed."""
    found = version(git)
    if found < OLDEST:
        raise RepositoryError(
            f"git {'.'.join(map(str, found))} is too old: 2.38 or later is needed",
            hint="install a newer git and put it first on PATH",
        )
