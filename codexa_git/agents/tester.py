"""The Tester's machinery: commands run in a box, and what counts as a passed test.

A pass is never assumed. A report that is missing, empty or malformed is a failure; so is a command
that ends in anything but 0 though its report names no failure; so is a suite in which nothing
passed. Such a failure is recorded as a test that is named by its command, so that whoever reads
the outcomes alone comes to the same answer.
"""

import contextlib
import errno
import os
import shlex
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from codexa_git.agents import box
from codexa_git.agents.junit import MOST, TestCase, TestOutcome, read_report, unique
from codexa_git.agents.masks import log_text, mask, one_line
from codexa_git.errors import AgentError

_LONGEST = 300


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


class SuiteRun(NamedTuple):
    """What the tests said: sorted unique (test, outcome), one line on each that did not pass."""

    outcomes: tuple[tuple[str, TestOutcome], ...]
    messages: tuple[tuple[str, str], ...]
    commands: tuple[CommandRun, ...]
    passed: bool


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


def run_tests(
    commands: Sequence[str],
    *,
    tree: Path,
    home: Path,
    environment: Mapping[str, str],
    limits: box.Limits,
    seed: int | None,
    junit: bool | str = False,
    env: Path | None = None,
    patterns: Sequence[str] = (),
) -> SuiteRun:
    """What policy's test commands say of `tree`.

    A command may hold `{seed}`, `{env}` (the folder of the prepared environment) and `{report}`.
    With `junit` true, a command that holds `{report}` must write one there; with a path in the
    tree, a command's report is looked for at that path, and one command at least must have left it.
    """
    place = Place(tree, home, environment, limits, seed, env, patterns)
    judged = [_judge(command, place, junit) for command in commands]
    runs = tuple(each.run for each in judged)
    cases = [case for each in judged for case in each.cases]
    if isinstance(junit, str) and runs and not any(each.reported for each in judged):
        cases.append(_failure(runs[-1].command, "left no test report"))
    return _suite(runs, cases)


def run_requirement(
    command: str,
    *,
    tree: Path,
    home: Path,
    environment: Mapping[str, str],
    limits: box.Limits,
    seed: int | None,
    env: Path | None = None,
    patterns: Sequence[str] = (),
) -> CommandRun:
    """How one command of policy ended in `tree`: what a custom requirement rests on."""
    return run_command(command, Place(tree, home, environment, limits, seed, env, patterns))


def run_command(command: str, place: Place, report: Path | None = None) -> CommandRun:
    """How one command ended, as policy or a task writes it; no shell stands between."""
    words = _expanded(command, place, report)
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


def _expanded(command: str, place: Place, report: Path | None) -> list[str]:
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
    ):
        if value is None and any(name in word for word in words):
            raise AgentError(f"the command {command!r} names {name}, but policy has set none up")
        words = [word.replace(name, value or "") for word in words]
    return words


class _Judged(NamedTuple):
    run: CommandRun
    cases: tuple[TestCase, ...]
    reported: bool


def _judge(command: str, place: Place, junit: bool | str) -> _Judged:  # noqa: FBT001 - a setting
    """One command and the tests that it stands for."""
    if junit is False or (junit is True and "{report}" not in command):
        run = run_command(command, place)
        return _Judged(run, (_by_status(run),), reported=False)
    root, parts = (place.home, ("report.xml",)) if junit is True else (place.tree, _parts(junit))
    _take_away(root, parts)
    run = run_command(command, place, root.joinpath(*parts))
    try:
        xml = _report(root, parts)
        if xml is None and (isinstance(junit, str) or not run.ok):
            return _Judged(run, (_by_status(run),), reported=False)
        if xml is None:
            return _Judged(run, (_failure(command, "left no test report"),), reported=False)
        return _Judged(run, _by_report(run, read_report(xml, place.clean_text)), reported=True)
    except AgentError as error:
        return _Judged(run, (_failure(command, error.message),), reported=True)


def _by_status(run: CommandRun) -> TestCase:
    if not run.ok:
        return _failure(run.command, run.reason)
    return TestCase(one_line(run.command, _LONGEST), TestOutcome.PASSED, "")


def _by_report(run: CommandRun, cases: tuple[TestCase, ...]) -> tuple[TestCase, ...]:
    """The report's cases, and the command itself where its end and its report do not agree."""
    if not cases:
        return (_failure(run.command, f"{run.reason} and its report names no test"),)
    if run.ok or any(_is_failure(case) for case in cases):
        return cases
    return (*cases, _failure(run.command, f"{run.reason} though its report names no failure"))


def _failure(command: str, message: str) -> TestCase:
    return TestCase(one_line(command, _LONGEST), TestOutcome.FAILED, message)


def _is_failure(case: TestCase) -> bool:
    return case.outcome in (TestOutcome.FAILED, TestOutcome.ERROR)


def _suite(runs: tuple[CommandRun, ...], cases: list[TestCase]) -> SuiteRun:
    if cases and all(case.outcome is TestOutcome.SKIPPED for case in cases):
        cases = [*cases, _failure(runs[-1].command, "every test was skipped")]
    named = unique(cases)
    return SuiteRun(
        outcomes=tuple((case.name, case.outcome) for case in named),
        messages=tuple((case.name, case.message) for case in named if case.message),
        commands=runs,
        passed=bool(named) and not any(_is_failure(case) for case in named),
    )


def _parts(path: str) -> tuple[str, ...]:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise AgentError(f"the report path {path!r} does not stay inside the tree")
    return parts


def _take_away(root: Path, parts: tuple[str, ...]) -> None:
    """No report is there, so that an old or committed one is not taken for this run's."""
    try:
        with _folder(root, parts[:-1]) as folder:
            os.unlink(parts[-1], dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP):
            raise AgentError("the test report of an earlier run cannot be removed") from error


def _report(root: Path, parts: tuple[str, ...]) -> bytes | None:
    """The report's bytes, read through no link; `None` where there is none."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with _folder(root, parts[:-1]) as folder:
            descriptor = os.open(parts[-1], flags, dir_fd=folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AgentError("its test report cannot be read, or only through a link") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AgentError("its test report is not a regular file")
        return file.read(MOST + 1)


@contextlib.contextmanager
def _folder(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """A descriptor of the folder `parts` below `root`; a link on the way is an error."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    folder = os.open(root, flags)
    try:
        for part in parts:
            below = os.open(part, flags, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)
