"""Where test commands leave their reports, as policy has it."""

from codexa_git.policy.rules import Tests

REPORT, COVERAGE = "{report}", "{coverage}"
"""The words of a command that stand for the files of its two reports, outside of the tree."""


def junit_at(tests: Tests) -> bool | str:
    """The path of the JUnit report; true for `{report}`, and false where there is none."""
    if tests.junit is not None:
        return tests.junit
    return any(REPORT in command for command in tests.run)


def coverage_at(tests: Tests) -> bool | str:
    """The same of the coverage report; policy may also say `{coverage}` where a path could be."""
    if tests.coverage not in (None, COVERAGE):
        return tests.coverage or False
    return tests.coverage is not None or any(COVERAGE in command for command in tests.run)
