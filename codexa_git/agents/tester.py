"""The Tester's machinery: commands run in a box, and what counts as a passed test.

A pass is never assumed. A report that is missing, empty or malformed is a failure; so is a command
that ends in anything but 0 though its report names no failure; so is a suite in which nothing
passed. Such a failure is recorded as a test that is named by its command, so that whoever reads
the outcomes alone comes to the same answer.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from codexa_git.agents import box, cobertura, descent
from codexa_git.agents.cobertura import Reported, read_coverage
from codexa_git.agents.commands import CommandRun, Place, run_command
from codexa_git.agents.junit import MOST, TestCase, TestOutcome, read_report, unique
from codexa_git.agents.masks import one_line
from codexa_git.errors import AgentError

_LONGEST = 300


class SuiteRun(NamedTuple):
    """What the tests said: sorted unique (test, outcome), one line on each that did not pass.

    `reported` are the coverage reports that they left; `unreported` says why one that was asked for
    is not among them, and is empty where nothing is missing.
    """

    outcomes: tuple[tuple[str, TestOutcome], ...]
    messages: tuple[tuple[str, str], ...]
    commands: tuple[CommandRun, ...]
    passed: bool
    reported: tuple[Reported, ...] = ()
    unreported: str = ""


def run_tests(
    commands: Sequence[str],
    *,
    tree: Path,
    home: Path,
    environment: Mapping[str, str],
    limits: box.Limits,
    seed: int | None,
    junit: bool | str = False,
    coverage: bool | str = False,
    env: Path | None = None,
    patterns: Sequence[str] = (),
) -> SuiteRun:
    """What policy's test commands say of `tree`.

    A command may hold `{seed}`, `{env}` (the folder of the prepared environment), `{report}` and
    `{coverage}`. With `junit` true, a command that holds `{report}` must write one there; with a
    path in the tree, a command's report is looked for at that path, and one command at least must
    have left it. `coverage` and `{coverage}` are the same for a Cobertura report, on which no test
    depends: what is wrong with one is only told.
    """
    place = Place(tree, home, environment, limits, seed, env, patterns)
    judged = [_judge(command, place, junit, coverage) for command in commands]
    runs = tuple(each.run for each in judged)
    cases = [case for each in judged for case in each.cases]
    if isinstance(junit, str) and runs and not any(each.reported for each in judged):
        cases.append(_failure(runs[-1].command, "left no test report"))
    return _suite(runs, cases)._replace(
        reported=tuple(each.lines for each in judged if isinstance(each.lines, Reported)),
        unreported=_unreported(judged) if coverage else "",
    )


def _unreported(judged: Sequence["_Judged"]) -> str:
    wrong = [each.lines for each in judged if isinstance(each.lines, str)]
    if wrong or any(each.lines for each in judged):
        return one_line(next(iter(wrong), ""), _LONGEST)
    return "no test command left a coverage report"


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


class _Judged(NamedTuple):
    """One command; of its coverage, what it reported, why it did not, or `None`: not asked."""

    run: CommandRun
    cases: tuple[TestCase, ...]
    reported: bool
    lines: Reported | str | None


class _Left(NamedTuple):
    """Where a command leaves a report: below the tree, or outside of it."""

    root: Path
    parts: tuple[str, ...]

    @property
    def path(self) -> Path:
        return self.root.joinpath(*self.parts)


def _judge(
    command: str,
    place: Place,
    junit: bool | str,  # noqa: FBT001 - a setting
    coverage: bool | str,  # noqa: FBT001 - the same
) -> _Judged:
    """One command and the tests that it stands for."""
    report = _left(junit, "{report}", command, place)
    lines = _left(coverage, "{coverage}", command, place)
    for left in (report, lines):
        if left is not None:
            descent.take_away(left.root, left.parts)
    run = run_command(command, place, report and report.path, lines and lines.path)
    cases, reported = _cases(run, place, junit, report)
    return _Judged(run, cases, reported, _lines(lines, command, coverage))


def _left(
    setting: bool | str,  # noqa: FBT001 - a setting
    word: str,
    command: str,
    place: Place,
) -> _Left | None:
    """Where this command leaves such a report; `None` where it is not asked for one."""
    if isinstance(setting, str):
        return _Left(place.tree, descent.parts_of(setting))
    asked = setting and word in command
    return _Left(place.home, (f"{word.strip('{}')}.xml",)) if asked else None


def _cases(
    run: CommandRun,
    place: Place,
    junit: bool | str,  # noqa: FBT001 - a setting
    report: _Left | None,
) -> tuple[tuple[TestCase, ...], bool]:
    """The tests that a command stands for, and whether it left a report of them."""
    if report is None:
        return (_by_status(run),), False
    try:
        xml = _content(report, MOST)
        if xml is None and (isinstance(junit, str) or not run.ok):
            return (_by_status(run),), False
        if xml is None:
            return (_failure(run.command, "left no test report"),), False
        return _by_report(run, read_report(xml, place.clean_text)), True
    except AgentError as error:
        return (_failure(run.command, error.message),), True


def _lines(left: _Left | None, command: str, coverage: bool | str) -> Reported | str | None:  # noqa: FBT001 - a setting
    """The coverage that a command reported, or why there is none where there should be one."""
    if left is None:
        return None
    try:
        xml = _content(left, cobertura.MOST)
        if xml is not None:
            return read_coverage(xml)
    except AgentError as error:
        return error.message
    return None if isinstance(coverage, str) else f"{command} left no coverage report"


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


def _content(left: _Left, most: int) -> bytes | None:
    found = descent.read(left.root, left.parts, most + 1)
    return None if found is None else found.content
