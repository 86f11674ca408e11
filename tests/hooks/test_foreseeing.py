"""What is asked of git before it is needed changes no answer: it is a guess, and says so itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import git

from codexa_git.hooks.foreseeing import foreseen
from codexa_git.repository.opening import Foreseen, ends_of, served
from codexa_git.repository.store import Store

OLD, NEW, NONE = "ab" * 20, "cd" * 20, "0" * 40


@pytest.fixture
def bare(repository: Path, tmp_path: Path) -> Iterator[Store]:
    """A server's repository with one commit on its base."""
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
    with Store.open(tmp_path / "bare.git") as opened:
        yield opened


def pushed(*refs: str, new: str = NEW) -> bytes:
    return "".join(f"{OLD} {new} {ref}\n" for ref in refs).encode()


def test_the_pushed_refs_and_the_base_are_asked_about_at_once(bare: Store) -> None:
    told = foreseen(str(bare.git_dir), pushed("refs/heads/change/CH-001"))
    assert told.questions == (
        ends_of("refs/heads/change/CH-001", "refs/heads/main", "refs/replace"),
    )
    assert {OLD, NEW, f"{NEW}:audit/CH-001/handoff.jsonl", "refs/heads/main:codexa.toml"} <= set(
        told.objects
    )


def test_of_a_branch_that_goes_on_the_way_to_the_base_is_asked_for(bare: Store) -> None:
    branch = b"refs/heads/change/CH-001\n"
    told = foreseen(str(bare.git_dir), f"{OLD} {NEW} ".encode() + branch)
    assert {f"{OLD}~1", f"{OLD}~12"} <= set(told.objects)
    assert sum(len(name) + 1 for name in told.objects) < 4096  # what a pipe has room for
    told = foreseen(str(bare.git_dir), f"{NONE} {NEW} ".encode() + branch)
    assert not [name for name in told.objects if "~" in name]


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"\xff\n",
        b"one\n",
        pushed("refs/heads/a*"),
        pushed("refs/heads/a:b"),
        pushed("-n"),
        pushed("refs/heads/\0"),
        pushed("refs/heads/m\u00e4rz"),
        pushed(*(f"refs/heads/{n}" for n in range(9))),
    ],
)
def test_nothing_is_foreseen_of_what_is_odd(bare: Store, odd: bytes) -> None:
    told = foreseen(str(bare.git_dir), odd)
    assert all(name.startswith("refs/heads/main") for name in told.objects)
    assert told.questions in ((), (ends_of("refs/heads/main", "refs/replace"),))


def test_what_names_no_object_is_not_asked_for(bare: Store) -> None:
    told = foreseen(str(bare.git_dir), pushed("refs/heads/main", new=NONE))
    assert not [name for name in told.objects if NONE in name]
    told = foreseen(str(bare.git_dir), pushed("refs/heads/main", new="HEAD@{1}:" + "x" * 31))
    assert not [name for name in told.objects if "HEAD" in name]


@pytest.mark.parametrize("head", ["", "ref: refs/tags/v1\n", "ab" * 20 + "\n", "ref: refs/heads/a"])
def test_a_head_that_names_no_branch_tells_of_no_base(tmp_path: Path, head: str) -> None:
    assert foreseen(str(tmp_path), pushed("refs/heads/main")) == Foreseen()
    (tmp_path / "HEAD").write_text(head)
    assert foreseen(str(tmp_path), pushed("refs/heads/main")) == Foreseen()


def test_what_was_foreseen_answers_the_same_and_is_not_asked_again(bare: Store) -> None:
    tip = git(bare.git_dir, "rev-parse", "main")
    folder = str(bare.git_dir)
    told = foreseen(folder, pushed("refs/heads/main", new=tip))
    asked = served(folder, {"GIT_DIR": folder}, tip, told)
    names = ["refs/heads/main"]
    with Store.opened(asked) as store:
        assert store.commit(tip) == bare.commit(tip)
        assert not store._stream.has_foreseen
        assert store.ends(names, "refs/replace") == bare.ends(names, "refs/replace")
        assert not store._begun.keys() & set(told.questions)
        git(bare.git_dir, "branch", "other", tip)
        names.append("refs/heads/other")
        assert store.ends(names) == bare.ends(names) | {"refs/heads/other": (names[1], tip)}


def test_a_question_that_was_never_put_is_heard_out(bare: Store) -> None:
    folder = str(bare.git_dir)
    told = foreseen(folder, pushed("refs/heads/main"))
    store = Store.opened(served(folder, {"GIT_DIR": folder}, OLD, told))
    store.close()
    assert not store._begun
    assert store.kind(OLD) is None
    store.close()
