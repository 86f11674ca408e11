"""What policy's rule for light changes covers, to the line and to the byte."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import commit, git
from policy.papers import small

from codexa_git.gate.light import WIDE, beyond
from codexa_git.policy.rules import Light, PathRule
from codexa_git.repository.store import Store

POLICY = small()._replace(light=Light(("docs/**", "*.md"), 4))
BEFORE = {"a.md": "1\n2\n3\n", "docs/b.txt": "x\n", "src.py": "x\n", "run.md": "go\n"}


@pytest.fixture
def store(repository: Path) -> Iterator[Store]:
    commit(repository, BEFORE, "before")
    git(repository, "update-index", "--chmod=+x", "run.md")
    git(repository, "commit", "-qm", "it runs")
    (repository / "run.md").chmod(0o755)
    with Store.open(repository) as opened:
        yield opened


def why(store: Store, files: dict[str, str | bytes | None]) -> str | None:
    folder = store.work_tree
    assert folder is not None
    before = git(folder, "rev-parse", "HEAD^{tree}")
    commit(folder, files, "after")
    after = git(folder, "rev-parse", "HEAD^{tree}")
    return beyond(store, POLICY, store.difference(before, after))


LIGHT: list[dict[str, str | bytes | None]] = [
    {"a.md": "1\n2\n3\n4\n5\n6\n7\n"},
    {"a.md": "one\n2\ntwo\n"},
    {"a.md": None, "docs/new/c.txt": "x\n"},
    {"run.md": "go on\n"},
    {"docs/empty": ""},
    {"a.md": "1\n2\n3\n" + "x" * (WIDE * 4 - 1) + "\n"},
]


@pytest.mark.parametrize("files", LIGHT)
def test_so_many_lines_of_text_in_these_paths_are_light(
    files: dict[str, str | bytes | None], store: Store
) -> None:
    assert why(store, files) is None


BEYOND: list[tuple[dict[str, str | bytes | None], str]] = [
    ({"a.md": "1\n2\n3\n4\n5\n6\n7\n8\n"}, "it changes 5 lines, and policy allows 4"),
    ({"a.md": "one\ntwo\nthree\n"}, "it changes 6 lines, and policy allows 4"),
    ({"a.md": None, "docs/b.txt": "y\n"}, "it changes 5 lines"),
    ({"a.md": "1\n2\n3\n" + "x" * (WIDE * 5) + "\n"}, "it changes 5 lines"),
    ({"src.py": "y\n"}, "src.py is no path that policy lets go the light way"),
    ({"a.md": b"1\0\n"}, "a.md is no text whose lines could be counted"),
    ({"run.md": None}, "run.md changes more than the text of a file"),
]


@pytest.mark.parametrize(("files", "sentence"), BEYOND)
def test_more_is_not_light_and_the_clause_says_why(
    files: dict[str, str | bytes | None], sentence: str, store: Store
) -> None:
    assert sentence in str(why(store, files))


def test_no_work_at_all_is_light(store: Store) -> None:
    assert beyond(store, POLICY, ()) is None


def test_a_policy_without_paths_lets_nothing_through(store: Store) -> None:
    assert "no path" in str(beyond(store, POLICY._replace(light=Light((), 9)), ()))


def test_guarded_paths_and_paths_with_a_rule_are_never_light(store: Store) -> None:
    everything = POLICY._replace(light=Light(("**",), 100))
    ruled = everything._replace(paths=(PathRule(("docs/**",), "pm"),))
    folder = store.work_tree
    assert folder is not None
    before = git(folder, "rev-parse", "HEAD^{tree}")
    commit(folder, {"docs/b.txt": "y\n", ".github/ci.yml": "x\n"}, "after")
    work = store.difference(before, git(folder, "rev-parse", "HEAD^{tree}"))
    guarded, plain = work
    assert beyond(store, everything, (guarded,)) == ".github/ci.yml is guarded"
    assert beyond(store, everything, (plain,)) is None
    assert beyond(store, ruled, (plain,)) == (
        "docs/b.txt is no path that policy lets go the light way"
    )
