"""Test commands that the files of a repository suggest, and what their results will tell."""

import re
from collections.abc import Iterator

from codexa_git.policy.rules import Tests
from codexa_git.repository.objects import Mode
from codexa_git.repository.store import Store

PIP_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_CERT",
    "PIP_CONFIG_FILE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
)
"""What pip may need to know of the user's surroundings to reach an index."""

_PACKAGING = ("pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini")
_OTHERS = (
    ("Cargo.toml", "cargo test"),
    ("go.mod", "go test ./..."),
    ("package.json", "npm test"),
    ("Makefile", "make test"),
)
_FOLDERS = ("", "tests", "test")
_TEST_FILE = re.compile(r"test.*\.py|.*_test\.py|conftest\.py")
_FOUND_BY_UNITTEST = re.compile(r"test.*\.py")
_UNITTEST = re.compile(rb"^[ \t]*(?:import|from)[ \t]+unittest\b", re.MULTILINE)
_MOST = 500
_REPORT = "{report}"
_BY_NAME = 'run = ["python3 -m pytest -q --junitxml={report}"]'


def proposed_tests(store: Store, tree: str | None) -> Tests:
    """The test commands that the files at hand suggest; none where they suggest nothing.

    What needs nothing installed comes first: files for unittest alone are run by it.
    """
    names = set() if tree is None else set(store.children(tree))
    if tree is not None and (commands := _unittest(store, tree)):
        return Tests(run=commands)
    if names & set(_PACKAGING):
        return Tests(
            setup=("python3 -m venv {env}", "{env}/bin/python -m pip install --quiet pytest"),
            run=("{env}/bin/python -m pytest -q --junitxml={report}",),
            environment=PIP_VARIABLES,
        )
    return Tests(run=tuple(command for name, command in _OTHERS if name in names)[:1])


def one_test_each(tests: Tests) -> tuple[str, str] | None:
    """What is said of commands that write no JUnit report, and the way to one; `None` if all do."""
    silent = [command for command in tests.run if _REPORT not in command]
    if not silent:
        return None
    way = "a command that writes a JUnit report to {report} has each of its tests by name"
    if silent[0].startswith("python3 -m unittest"):
        way = f"each by its name: pytest runs the same files, once it is there: {_BY_NAME}"
    return f"{silent[0]} writes no JUnit report, and is one test as a whole", way


def _unittest(store: Store, tree: str) -> tuple[str, ...]:
    """How unittest runs all tests there are; empty where it would miss one, or pytest is named."""
    if any(b"pytest" in (store.read(tree, name) or b"") for name in _PACKAGING):
        return ()
    commands = list[str]()
    for folder in _FOLDERS:
        found = dict(_test_files(store, tree, folder))
        if not all(_is_for_unittest(name, content) for name, content in found.items()):
            return ()
        if found:
            commands.append(_discovery(store, tree, folder))
    return tuple(commands)


def _test_files(store: Store, tree: str, folder: str) -> Iterator[tuple[str, bytes]]:
    entry = store.entry(tree, folder) if folder else None
    if folder and (entry is None or entry.mode != Mode.TREE):
        return
    files = store.children(tree if entry is None else entry.oid)
    for name in [name for name in files if _TEST_FILE.fullmatch(name)][:_MOST]:
        path = f"{folder}/{name}" if folder else name
        yield name, store.read(tree, path) or b""


def _is_for_unittest(name: str, content: bytes) -> bool:
    discovered = _FOUND_BY_UNITTEST.fullmatch(name) is not None
    return discovered and _UNITTEST.search(content) is not None and b"pytest" not in content


def _discovery(store: Store, tree: str, folder: str) -> str:
    command = "python3 -m unittest discover"
    if not folder:
        return command
    is_package = store.entry(tree, f"{folder}/__init__.py") is not None
    return f"{command} -s {folder}{' -t .' if is_package else ''}"
