"""The Tester's machinery: commands run in a box, and what counts as a passed test.

A pass is never assumed. A report that is missing, empty or malformed is a failure; so is a command
that ends in anything but 0 though its report names no failure; so is a suite in which nothing
passed. Such a failure is recorded as a test that is named by its command, so that whoever reads
the outcomes alone comes to the same answer.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from codexa_git.agents import box, descent
from codexa_git.agents.commands import CommandRun, Place, run_command
from codexa_git.agents.junit import MOST, TestCase, TestOutcome, read_report, unique
from codexa_git.agents.masks import one_line
from codexa_git.errors import AgentError

_LONGEST = 300


class SuiteRun(NamedTuple):
    """What the tests said: sorted unique (test, outcome), one line on each that did not pass."""

    outcomes: tuple[tuple[str, TestOutcome], ...]
    messages: tuple[tuple[str, str], ...]
    commands: tuple[CommandRun, ...]
    passed: bool


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


class _Judged(NamedTuple):
    run: CommandRun
    cases: tuple[TestCase, ...]
    reported: bool


def _judge(command: str, place: Place, junit: bool | str) -> _Judged:  # noqa: FBT001 - a setting
    """One command and the tests that it stands for."""
    if junit is False or (junit is True and "{report}" not in command):
        run = run_command(command, place)
        return _Judged(run, (_by_status(run),), reported=False)
    root, parts = (
        (place.home, ("report.xml",)) if junit is True else (place.tree, descent.parts_of(junit))
    )
    descent.take_away(root, parts)
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


def _report(root: Path, parts: tuple[str, ...]) -> bytes | None:
    found = descent.read(root, parts, MOST + 1)
    return None if found is None else found.content
