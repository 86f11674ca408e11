from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.repository.store import Store
from codexa_git.repository.worktrees import (
    UnderWay,
    Worktree,
    uncommitted,
    under_way,
    worktrees,
    would_overwrite,
)


def test_every_worktree_tells_its_branch_and_commit(
    repository: Path, tmp_path: Path, store: Store
) -> None:
    head = git(repository, "rev-parse", "HEAD")
    odd = tmp_path / "li\nnked é"
    git(repository, "worktree", "add", "-q", "-b", "side", str(odd))
    git(repository, "worktree", "add", "-q", "--detach", str(tmp_path / "detached"))
    git(repository, "worktree", "add", "-q", "--detach", str(tmp_path / "gone"))
    (tmp_path / "gone").rename(tmp_path / "moved")
    assert sorted(worktrees(store)) == sorted(
        [
            Worktree(repository, "refs/heads/main", head),
            Worktree(odd, "refs/heads/side", head),
            Worktree(tmp_path / "detached", None, head),
        ]
    )
    git(repository, "checkout", "-q", "--orphan", "new")
    assert Worktree(repository, "refs/heads/new", None) in worktrees(store)


def test_a_bare_repository_has_none_of_its_own(bare: Store) -> None:
    assert worktrees(bare) == []


def test_uncommitted_work_of_every_kind_is_named(repository: Path, store: Store) -> None:
    commit(repository, {"a": "1", "b": "1", "c": "1", ".gitignore": "ignored"}, "files")
    assert uncommitted(store, repository) == ()
    (repository / "a").write_text("2")
    (repository / "b").write_text("2")
    git(repository, "add", "b")
    git(repository, "mv", "c", "moved")
    (repository / "new").mkdir()
    (repository / "new/x\n é").write_text("1")
    (repository / "ignored").write_text("1")
    assert uncommitted(store, repository) == ("a", "b", "c", "moved", "new/x\n é")


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (["merge", "side"], "merge"),
        (["rebase", "side"], "rebase"),
        (["rebase", "--apply", "side"], "rebase"),
        (["cherry-pick", "side"], "cherry-pick"),
        (["revert", "--no-commit", "HEAD"], "revert"),
    ],
)
def test_what_git_is_in_the_middle_of_is_said(
    repository: Path, store: Store, start: list[str], what: str
) -> None:
    assert under_way(store, worktrees(store)[0]) is None
    git(repository, "checkout", "-q", "-b", "side")
    commit(repository, {"a": "side"}, "side")
    git(repository, "checkout", "-q", "main")
    commit(repository, {"a": "main"}, "main")
    store.git.answer("-c", "user.name=D", "-c", "user.email=d@demo.invalid", *start)
    assert under_way(store, worktrees(store)[0]) == UnderWay(what, "refs/heads/main")


def test_only_what_the_move_would_write_is_in_the_way(repository: Path, store: Store) -> None:
    old = store.tree_of(commit(repository, {"a": "1", "b": "1", "c": "1", "d": "1"}, "old"))
    new = store.tree_of(commit(repository, {"a": "2", "b": None, "c": "2", "e": "2"}, "new"))
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    (repository / "a").touch()
    assert would_overwrite(store, repository, old, new) == ()
    (repository / "a").write_text("mine")
    (repository / "b").write_text("mine")
    (repository / "c").unlink()
    (repository / "d").write_text("mine")
    (repository / "e").symlink_to("nowhere")
    (repository / "f").write_text("mine")
    assert would_overwrite(store, repository, old, new) == ("a", "b", "c", "e")
    assert would_overwrite(store, repository, old, old) == ()
