"""Commands that start with everything imported, so that whoever kills one hits its work.

Run as a file it is the process that all of them are forked from: one line of JSON asks for a
command, the answer is its number, and after its end a second line says how it ended.
"""

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

ROOT = Path(__file__).parents[2]
_HEAVY = ("cryptography.hazmat.primitives.asymmetric.ed25519", "jinja2", "junitparser", "pydantic")


class Forked(NamedTuple):
    """A command that runs, first of a session and a process group of its own."""

    pid: int
    forks: "Forks"

    def ended(self) -> int:
        """The exit status once it has ended; negative where a signal ended it."""
        return int(self.forks.line())


class Forks:
    """The process that commands are forked from; one runs at a time."""

    def __init__(self) -> None:
        # What runs here runs elsewhere, too, to its end: nobody measures its coverage.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env=inherited | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(
        self, words: Sequence[str], folder: Path, said: Path, environment: Mapping[str, str]
    ) -> Forked:
        """The command, under way in this folder; what it says goes to the file `said`."""
        assert self._process.stdin
        asked = [list(words), str(folder), str(said), dict(environment)]
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Forked(int(self.line()), self)

    def line(self) -> str:
        """The next line of what the process answers."""
        assert self._process.stdout
        return self._process.stdout.readline()


def _serve() -> None:
    """Commands have been forked for as long as somebody asked."""
    _import_all()
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            _become(*json.loads(line))
        _answer(child)
        _, status = os.waitpid(child, 0)
        _answer(os.waitstatus_to_exitcode(status))


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _import_all() -> None:
    import codexa_git  # noqa: PLC0415

    for module in pkgutil.walk_packages(codexa_git.__path__, "codexa_git."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in _HEAVY:
        importlib.import_module(name)


def _become(words: list[str], folder: str, said: str, environment: dict[str, str]) -> None:
    from codexa_git.cli.main import run  # noqa: PLC0415

    os.setsid()
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for standard, source in enumerate((nothing, output, output)):
        os.dup2(source, standard)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    sys.argv = ["git-codexa", *words]
    run()


if __name__ == "__main__":
    _serve()
