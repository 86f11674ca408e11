"""`git rebase` on a change: what was pushed is not made anew."""

import pytest
from builders import git
from hooks.conftest import At, Hooked

CHANGE = "change/CH-001"


@pytest.fixture
def clone(hooked: At) -> Hooked:
    """A change that was pushed, two commits that were not, and a base that moved."""
    found = hooked("approved by hand")
    git(found.folder.parent, "init", "-q", "--bare", "remote.git")
    found.git("remote", "add", "origin", str(found.folder.with_name("remote.git")))
    found.git("push", "-q", "-u", "origin", CHANGE)
    for number in (1, 2):
        found.write("README.md", f"# Greet\n{number}\n")
        found.commits("-am", f"line {number}")
    found.git("switch", "-q", "main")
    found.commit({"docs/STATUS_REPORT.md": "x\n"}, "the base moves")
    found.git("switch", "-q", CHANGE)
    return found


@pytest.mark.parametrize(
    "words",
    [("main",), ("main", CHANGE), ("--root",), ("-i", "HEAD~3"), ("--onto", "main", "HEAD~4")],
)
def test_what_was_pushed_is_not_made_anew(clone: Hooked, words: tuple[str, ...]) -> None:
    if words[-1] == CHANGE:
        clone.git("switch", "-q", "main")
    answer = clone.tries("rebase", "-q", *words, GIT_SEQUENCE_EDITOR=":")
    assert answer.status != 0
    assert "pushed of CH-001 anew, and what is pushed only moves forward" in answer.err
    assert "hint: to bring main in: git codexa sync CH-001\n" in answer.err
    assert clone.log("main..change/CH-001")[-1] == "line 2"


@pytest.mark.parametrize("words", [("-i", "HEAD~2"), ("-i", "@{upstream}"), ("HEAD",)])
def test_what_was_not_pushed_is_its_authors(clone: Hooked, words: tuple[str, ...]) -> None:
    answer = clone.tries("rebase", "-q", *words, GIT_SEQUENCE_EDITOR="sed -i '1s/pick/drop/;$!b'")
    assert answer.status in (0, 1), answer.err
    assert "only moves forward" not in answer.err


def test_pulling_with_rebase_puts_ones_own_behind_what_was_pushed(clone: Hooked) -> None:
    other = Hooked(clone.folder.with_name("other"))
    git(clone.folder.parent, "clone", "-q", "-b", CHANGE, "remote.git", "other")
    other.commit({"theirs.txt": "x\n"}, "theirs")
    other.git("push", "-q", "origin", CHANGE)
    answer = clone.tries("pull", "-q", "--rebase")
    assert answer.status == 0, answer.err
    assert clone.log()[-3:] == ["theirs", "line 1", "line 2"]


def test_a_change_that_was_never_pushed_is_rebased_freely(hooked: At) -> None:
    clone = hooked("planned")
    clone.git("switch", "-q", "main")
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "the base moves")
    clone.git("switch", "-q", CHANGE)
    answer = clone.tries("rebase", "-q", "main")
    assert answer.status == 0, answer.err
    assert clone.did("status", "CH-001")


def test_while_observing_it_is_only_told(hooked: At) -> None:
    clone = hooked("adopted")
    clone.did("open", "Shouting")
    clone.git("update-ref", "refs/remotes/origin/change/CH-001", "HEAD")
    answer = clone.tries("rebase", "-q", "--root")
    assert "warning: this would make" in answer.err
    assert answer.status == 0


def test_a_rebase_of_anything_else_starts_no_python(clone: Hooked) -> None:
    clone.git("switch", "-qc", "other", "main~1")
    clone.commit({"x": "x\n"}, "x")
    clone.counts_pythons()
    clone.git("rebase", "-q", "main")
    assert clone.python_started == 0
