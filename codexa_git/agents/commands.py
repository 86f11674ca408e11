"""Commands as policy and tasks write them: split into words, filled in, run in a box, masked."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from codexa_git.agents import box
from codexa_git.agents.masks import log_text, mask
from codexa_git.errors import AgentError


class CommandRun(NamedTuple):
    """One command as policy writes it, how it ended, and its output: masked, safe, valid UTF-8."""

    command: str
    exit_code: int | None
    status: box.Status
    output: bytes
    reason: str

    @property
    def ok(self) -> bool:
        """True where the command ended by itself with 0."""
        return self.status is box.Status.EXITED and self.exit_code == 0


class Place(NamedTuple):
    """Where commands run, with what, and how their output is masked."""

    tree: Path
    home: Path
    environment: Mapping[str, str]
    limits: box.Limits
    seed: int | None = None
    env: Path | None = None
    patterns: Sequence[str] = ()

    def clean(self, output: bytes) -> bytes:
        """`output` without this place's folders, durations, addresses and control characters."""
        others = {"home": self.home} | ({"env": self.env} if self.env else {})
        return log_text(mask(output, self.tree, self.patterns, places=others)).encode()

    def clean_text(self, text: str) -> str:
        """The same for a text."""
        return self.clean(text.encode("utf-8", "replace")).decode()


def run_command(
    command: str, place: Place, report: Path | None = None, coverage: Path | None = None
) -> CommandRun:
    """How one command ended, as policy or a task writes it; no shell stands between."""
    words = _expanded(command, place, report, coverage)
    outcome = box.run(
        words,
        folder=place.tree,
        home=place.home,
        environment=place.environment,
        limits=place.limits,
    )
    return CommandRun(
        command, outcome.exit_code, outcome.status, place.clean(outcome.output), outcome.reason
    )


def _expanded(command: str, place: Place, report: Path | None, coverage: Path | None) -> list[str]:
    """The command's words; placeholders are filled in after the splitting, so they add no word."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise AgentError(f"the command {command!r} cannot be split: {error}") from error
    if not words:
        raise AgentError("a command is empty")
    for name, value in (
        ("{seed}", str(place.seed or 0)),
        ("{env}", None if place.env is None else str(place.env)),
        ("{report}", None if report is None else str(report)),
        ("{coverage}", None if coverage is None else str(coverage)),
    ):
        if value is None and any(name in word for word in words):
            raise AgentError(f"the command {command!r} names {name}, but policy has set none up")
        words = [word.replace(name, value or "") for word in words]
    return words
