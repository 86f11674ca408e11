"""What `init` proposes for testing, by what a repository holds."""

import subprocess
import sys
from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.policy.rules import Tests
from codexa_git.repository.store import Store
from codexa_git.workflow.owners.suggesting import one_test_each, proposed_tests

CASE = """\
import unittest

from greeting import greet


class Greeting(unittest.TestCase):
    def test_greets(self):
        self.assertEqual(greet(), "hello")
"""
PLAIN = "def test_greets():\n    assert True\n"
PRODUCT = {"greeting.py": "def greet():\n    return 'hello'\n"}
DISCOVER = "python3 -m unittest discover"


def proposed(repository: Path, files: dict[str, str]) -> Tests:
    commit(repository, files, "files")
    with Store.open(repository) as store:
        return proposed_tests(store, store.tree_of(git(repository, "rev-parse", "HEAD")))


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        ({"tests/test_a.py": CASE}, (f"{DISCOVER} -s tests",)),
        ({"tests/test_a.py": CASE, "pyproject.toml": "[project]\n"}, (f"{DISCOVER} -s tests",)),
        ({"tests/__init__.py": "", "tests/test_a.py": CASE}, (f"{DISCOVER} -s tests -t .",)),
        ({"test/test_a.py": CASE}, (f"{DISCOVER} -s test",)),
        ({"test_a.py": CASE}, (DISCOVER,)),
        ({"test_a.py": CASE, "tests/test_b.py": CASE}, (DISCOVER, f"{DISCOVER} -s tests")),
    ],
)
def test_files_for_unittest_are_run_by_it(
    repository: Path, files: dict[str, str], commands: tuple[str, ...]
) -> None:
    assert proposed(repository, PRODUCT | files) == Tests(run=commands)
    for command in commands:
        words = [sys.executable, *command.split()[1:]]
        done = subprocess.run(words, cwd=repository, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "Ran 1 test" in done.stderr


@pytest.mark.parametrize(
    "files",
    [
        {"tests/test_a.py": CASE, "tests/test_b.py": PLAIN},
        {"tests/test_a.py": f"import pytest\n{CASE}"},
        {"tests/test_a.py": CASE, "tests/conftest.py": ""},
        {"tests/test_a.py": CASE, "tests/b_test.py": CASE},
        {"tests/test_a.py": CASE, "pyproject.toml": "[tool.pytest.ini_options]\n"},
        {"tests/test_a.py": PLAIN},
        {"README.md": "import unittest\n"},
    ],
)
def test_what_unittest_would_miss_is_not_left_to_it(
    repository: Path, files: dict[str, str]
) -> None:
    assert not any("unittest" in each for each in proposed(repository, PRODUCT | files).run)


def test_of_a_command_without_a_report_it_is_told_what_that_means() -> None:
    assert one_test_each(Tests(run=("x {report}",))) is None
    assert one_test_each(Tests()) is None
    told = one_test_each(Tests(run=(DISCOVER,)))
    assert told is not None
    assert told[0] == f"{DISCOVER} writes no JUnit report, and is one test as a whole"
    assert 'run = ["python3 -m pytest -q --junitxml={report}"]' in told[1]
    told = one_test_each(Tests(run=("cargo test",)))
    assert told is not None
    assert "{report}" in told[1]
