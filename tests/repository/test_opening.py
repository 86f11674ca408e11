"""What git told a server's hook is what it would answer; told anything else, it is asked."""

from pathlib import Path

import pytest
from builders import git

from codexa_git.repository.command import Git
from codexa_git.repository.opening import opening, served
from codexa_git.repository.store import Store


def given(bare: Store) -> tuple[str, dict[str, str], str]:
    folder = str(bare.git_dir)
    return folder, {"GIT_DIR": folder}, bare.empty_tree


def test_what_git_told_is_what_it_would_answer(bare: Store) -> None:
    told = served(*given(bare)).places()
    assert told == opening(bare.git_dir, {}).places()
    assert told.object_format == bare.object_format
    (bare.git_dir / "shallow").write_text("")
    assert served(*given(bare)).places().is_shallow


@pytest.mark.parametrize("oid", ["", "ab" * 19, "x" * 41])
def test_an_id_of_another_length_tells_nothing(bare: Store, oid: str) -> None:
    folder, environment, _ = given(bare)
    assert served(folder, environment, oid).places().object_format == bare.object_format


def test_a_hook_that_stands_elsewhere_asks_git(bare: Store, repository: Path) -> None:
    folder, environment, oid = given(bare)
    assert served(str(repository), environment, oid).places().git_dir == folder
    assert served(folder, {}, oid).places().git_dir == folder
    assert served(str(repository), {}, oid).places().work_tree == str(repository)


def test_the_folder_of_a_linked_work_tree_is_asked_about(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    folder = str(repository / ".git" / "worktrees" / "linked")
    places = served(folder, {"GIT_DIR": folder}, "ab" * 20).places()
    assert places.common_dir == str(repository / ".git")


def test_settings_that_were_asked_for_are_those_of_the_repository(bare: Store) -> None:
    bare.set_config("codexa.branch", "trunk")
    asked = served(*given(bare))
    with Store.opened(asked) as store:
        assert store.config("codexa.branch") == "trunk"
        store.set_config("codexa.branch", "main")
        assert store.config("codexa.branch") == "main"
        assert isinstance(store.git, Git)
        assert store.git_dir == store.common_dir == bare.git_dir
        assert store.work_tree is None
