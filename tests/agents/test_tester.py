import shlex
import sys
from pathlib import Path

import pytest
from agents.conftest import LIMITS, Boxed

from codexa_git.agents.bench import explicit_environment, workbench
from codexa_git.agents.box import Status
from codexa_git.agents.cobertura import Reported
from codexa_git.agents.commands import CommandRun
from codexa_git.agents.junit import TestOutcome
from codexa_git.agents.tester import SuiteRun, run_requirement, run_tests
from codexa_git.errors import AgentError

PASSED, FAILED = TestOutcome.PASSED, TestOutcome.FAILED
SKIPPED = TestOutcome.SKIPPED
GOOD = "<testsuite><testcase name='a'/></testsuite>"
BAD = "<testsuite><testcase name='a'><failure message='no'/></testcase></testsuite>"


def suite_of(
    boxed: Boxed,
    *commands: str,
    junit: bool | str = False,
    coverage: bool | str = False,
    env: Path | None = None,
) -> SuiteRun:
    return run_tests(
        commands,
        tree=boxed.tree,
        home=boxed.home,
        environment=boxed.environment,
        limits=LIMITS,
        seed=7,
        junit=junit,
        coverage=coverage,
        env=env,
    )


def writes(report: str, status: int = 0) -> str:
    """A command that writes `report` and exits with `status`."""
    script = f"printf %s {shlex.quote(report)} > $1; exit {status}"
    return f"sh -c {shlex.quote(script)} - {{report}}"


def test_without_a_report_each_command_is_one_test(boxed: Boxed) -> None:
    suite = suite_of(boxed, "sh -c 'echo in $PWD; exit 4'", "true")

    assert suite.outcomes == (("sh -c 'echo in $PWD; exit 4'", FAILED), ("true", PASSED))
    assert suite.messages == (("sh -c 'echo in $PWD; exit 4'", "exited with 4"),)
    assert suite.commands[0] == CommandRun(
        "sh -c 'echo in $PWD; exit 4'", 4, Status.EXITED, b"in <run>\n", "exited with 4"
    )
    assert not suite.passed
    assert suite_of(boxed, "true").passed


def test_no_command_is_no_pass(boxed: Boxed) -> None:
    assert suite_of(boxed) == SuiteRun((), (), (), passed=False)


def test_a_report_names_the_tests(boxed: Boxed) -> None:
    suite = suite_of(boxed, writes(GOOD), "true", junit=True)

    assert suite.outcomes == (("a", PASSED), ("true", PASSED))
    assert suite.passed


@pytest.mark.parametrize(
    ("report", "status", "message"),
    [
        (GOOD, 1, "exited with 1 though its report names no failure"),
        ("<testsuite/>", 0, "exited with 0 and its report names no test"),
        ("<testsuite/>", 5, "exited with 5 and its report names no test"),
        ("", 0, "the test report is not XML: line 1"),
        ("<testsuite>", 0, "the test report is not XML: line 1"),
        ("<testsuite><testcase name='a'><skipped/></testcase></testsuite>", 0, "every test was"),
    ],
)
def test_a_report_that_proves_nothing_fails_its_command(
    boxed: Boxed, report: str, status: int, message: str
) -> None:
    command = writes(report, status)

    suite = suite_of(boxed, command, junit=True)

    assert not suite.passed
    assert dict(suite.outcomes)[command] is FAILED
    assert dict(suite.messages)[command].startswith(message)


def test_a_failure_in_the_report_is_one_whatever_the_status(boxed: Boxed) -> None:
    suite = suite_of(boxed, writes(BAD), junit=True)

    assert (suite.outcomes, suite.messages) == ((("a", FAILED),), (("a", "no"),))
    assert not suite.passed
    assert suite_of(boxed, writes(BAD, 1), junit=True).outcomes == (("a", FAILED),)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("true {report}", "left no test report"),
        ("false {report}", "exited with 1"),
        ("sh -c 'kill -SEGV $$' {report}", "was ended by SIGSEGV"),
        ("ln -s /etc/passwd {report}", "report.xml cannot be read, or only through a link"),
        ("mkfifo {report}", "report.xml is not a regular file"),
        ("mkdir {report}", "report.xml is not a regular file"),
    ],
)
def test_a_report_that_is_not_there_is_a_failure(boxed: Boxed, command: str, message: str) -> None:
    suite = suite_of(boxed, command, junit=True)

    assert suite.outcomes == ((command, FAILED),)
    assert suite.messages == ((command, message),)


def test_a_command_that_runs_too_long_fails_though_its_report_is_good(boxed: Boxed) -> None:
    command = writes(GOOD).replace("; exit 0", "; sleep 60")

    suite = run_tests(
        [command],
        tree=boxed.tree,
        home=boxed.home,
        environment=boxed.environment,
        limits=LIMITS._replace(seconds=0.5),
        seed=7,
        junit=True,
    )

    assert suite.outcomes == (("a", PASSED), (command, FAILED))
    assert suite.commands[0].status is Status.TIMED_OUT
    assert not suite.passed


def test_skipped_tests_are_neither_passes_nor_failures(boxed: Boxed) -> None:
    report = "<testsuite><testcase name='a'/><testcase name='b'><skipped/></testcase></testsuite>"

    suite = suite_of(boxed, writes(report), junit=True)

    assert suite.outcomes == (("a", PASSED), ("b", SKIPPED))
    assert suite.passed


def test_a_test_that_two_commands_name_is_kept_twice(boxed: Boxed) -> None:
    suite = suite_of(boxed, writes(GOOD), writes(BAD), junit=True)

    assert suite.outcomes == (("a", FAILED), ("a #2", PASSED))


def test_a_report_in_the_tree_is_only_this_runs(boxed: Boxed) -> None:
    (boxed.tree / "out").mkdir()
    (boxed.tree / "out" / "report.xml").write_text(GOOD)

    suite = suite_of(boxed, "true", "true", junit="out/report.xml")

    assert suite.outcomes == (("true", FAILED), ("true #2", PASSED), ("true #3", PASSED))
    assert dict(suite.messages) == {"true": "left no test report"}

    suite = suite_of(boxed, "true", writes(GOOD), junit="out/report.xml")
    assert suite.outcomes == (("a", PASSED), ("true", PASSED))


def test_a_report_is_not_read_through_a_linked_folder(boxed: Boxed, tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(GOOD)
    (boxed.tree / "out").symlink_to(tmp_path)

    suite = suite_of(boxed, "true", junit="out/report.xml")

    assert not suite.passed
    assert (tmp_path / "report.xml").exists()


@pytest.mark.parametrize("path", ["../report.xml", "/report.xml", "a//b", ".git/x", ""])
def test_a_report_lies_inside_the_tree(boxed: Boxed, path: str) -> None:
    with pytest.raises(AgentError, match="is no path inside the tree"):
        suite_of(boxed, "true", junit=path)


def test_placeholders_are_filled_in_and_add_no_word(boxed: Boxed, tmp_path: Path) -> None:
    env = tmp_path / "a b"
    suite = suite_of(boxed, "printf '[%s]' {seed} {env}/bin '{other}'", env=env)

    assert suite.commands[0].output == b"[7][<env>/bin][{other}]"
    assert suite.commands[0].command == "printf '[%s]' {seed} {env}/bin '{other}'"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("echo 'open", "cannot be split"),
        ("  ", "a command is empty"),
        ("pytest {env}", "names {env}"),
        ("pytest {report}", "names {report}"),
    ],
)
def test_a_command_that_cannot_be_meant_is_an_error(
    boxed: Boxed, command: str, sentence: str
) -> None:
    with pytest.raises(AgentError, match=sentence):
        suite_of(boxed, command)


def test_no_shell_stands_between(boxed: Boxed) -> None:
    suite = suite_of(boxed, "echo $HOME; touch *")

    assert suite.commands[0].output == b"$HOME; touch *\n"
    assert list(boxed.tree.iterdir()) == []


def test_two_runs_of_pytest_in_two_places_are_equal_to_the_byte() -> None:
    command = f"{sys.executable} -m pytest -p no:cacheprovider -p no:randomly --junitxml={{report}}"
    runs = []
    for _ in range(2):
        with workbench() as bench:
            (bench.tree / "test_it.py").write_text(
                "import os, time\n"
                "def test_good(): time.sleep(0.01)\n"
                "def test_bad(): assert os.getcwd() == object()\n"
            )
            environment = explicit_environment(bench.tree, bench.home, 7, 0, bench.root)
            runs.append(suite_of(Boxed(bench, environment), command, junit=True))

    assert runs[0] == runs[1]
    assert runs[0].outcomes == (("test_it::test_bad", FAILED), ("test_it::test_good", PASSED))
    assert b"<run>" in runs[0].commands[0].output


def test_a_requirement_is_how_its_command_ended(boxed: Boxed) -> None:
    run = run_requirement(
        "sh -c 'echo lint; exit 2'",
        tree=boxed.tree,
        home=boxed.home,
        environment=boxed.environment,
        limits=LIMITS,
        seed=None,
    )

    assert (run.ok, run.exit_code, run.output) == (False, 2, b"lint\n")


LINES = '<coverage><class filename="a.py"><line number="1" hits="2"/></class></coverage>'
MEASURED = Reported((), {"a.py": {1: True}})


def leaves(content: str, at: str = "{coverage}") -> str:
    return f"sh -c {shlex.quote(f'printf %s {shlex.quote(content)} > $1')} - {at}"


def test_a_coverage_report_is_read_beside_the_test_report(boxed: Boxed) -> None:
    both = f'sh -c \'printf %s "$1" > $2; printf %s "$3" > $4\' - {shlex.quote(GOOD)}'
    command = f"{both} {{report}} {shlex.quote(LINES)} {{coverage}}"
    suite = suite_of(boxed, command, "true", junit=True, coverage=True)

    assert suite.passed
    assert (suite.reported, suite.unreported) == ((MEASURED,), "")


def test_every_command_may_leave_its_coverage_at_a_path(boxed: Boxed) -> None:
    commands = (leaves(LINES, "c.xml"), "true", leaves(LINES, "c.xml"))
    suite = suite_of(boxed, *commands, coverage="c.xml")

    assert suite.reported == (MEASURED, MEASURED)


@pytest.mark.parametrize(
    ("commands", "coverage", "why"),
    [
        (("true {coverage}",), True, "true {coverage} left no coverage report"),
        (("true",), True, "no test command left a coverage report"),
        (("true",), "c.xml", "no test command left a coverage report"),
        ((), "c.xml", "no test command left a coverage report"),
        ((leaves("<a/>"),), True, "the coverage report is not a Cobertura report"),
        ((leaves(LINES), leaves("")), True, "the coverage report is not XML: line 1"),
        (("ln -s a c.xml",), "c.xml", "c.xml cannot be read, or only through a link"),
        (("mkdir c.xml",), "c.xml", "c.xml is not a regular file"),
    ],
)
def test_a_report_that_is_missing_or_none_is_told_and_fails_no_test(
    boxed: Boxed, *, commands: tuple[str, ...], coverage: bool | str, why: str
) -> None:
    suite = suite_of(boxed, *commands, coverage=coverage)

    assert suite.unreported == why
    assert suite.passed is bool(commands)


def test_a_coverage_report_from_before_is_not_read(boxed: Boxed) -> None:
    (boxed.tree / "c.xml").write_text(LINES)
    suite = suite_of(boxed, "true", coverage="c.xml")

    assert suite.unreported == "no test command left a coverage report"


def test_coverage_is_only_looked_for_where_it_is_asked_for(boxed: Boxed) -> None:
    suite = suite_of(boxed, leaves(LINES, "c.xml"))

    assert (suite.reported, suite.unreported) == ((), "")
    with pytest.raises(AgentError, match="policy has set none up"):
        suite_of(boxed, "true {coverage}")
