import os
from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RepositoryError
from codexa_git.repository.store import Store


def test_a_repository_is_found_from_any_folder_of_it(repository: Path, tmp_path: Path) -> None:
    (repository / "a/b").mkdir(parents=True)
    for start in (repository, repository / "a/b", repository / ".git", repository / ".git/refs"):
        with Store.open(start) as store:
            assert store.work_tree == Path(store.git.folder) == repository
            assert store.git_dir == store.common_dir == repository / ".git"
    linked = tmp_path / "linked"
    git(repository, "worktree", "add", "-q", "--detach", str(linked))
    with Store.open(linked) as store:
        assert store.work_tree == linked
        assert store.git_dir == repository / ".git/worktrees/linked"
        assert store.common_dir == repository / ".git"
        assert store.exists(git(repository, "rev-parse", "HEAD"))


def test_a_bare_repository_has_no_work_tree(bare: Store) -> None:
    assert bare.work_tree is None
    assert bare.git_dir == bare.common_dir == Path(bare.git.folder)
    assert bare.empty_tree == bare.git.line("hash-object", "-t", "tree", os.devnull)
    assert bare.object_format == {40: "sha1", 64: "sha256"}[len(bare.empty_tree)]


def test_outside_of_a_repository_the_way_in_is_named(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not in a git repository") as caught:
        Store.open(tmp_path)
    assert caught.value.hints
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/main\n")
    for part in ("objects", "refs"):
        (tmp_path / ".git" / part).mkdir()
    (tmp_path / ".git/config").write_text("[core]\n\trepositoryformatversion = 9\n")
    with pytest.raises(RepositoryError, match="git cannot open the repository at"):
        Store.open(tmp_path)


@pytest.mark.parametrize("name", ["line\nbreak", "é ü", "-flag", "a'b\"c"])
def test_a_folder_may_have_any_name_but_one_of_two_lines(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    git(tmp_path, "init", "-q", f"./{name}")
    if "\n" in name:
        with pytest.raises(RepositoryError, match="git cannot open"):
            Store.open(folder)
        return
    with Store.open(folder) as store:
        assert store.work_tree == folder
        assert store.blob(store.write_blob(b"x")) == b"x"


def test_opening_and_reading_cost_two_processes(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = commit(repository, {f"d{n}/f": f"{n}\n" for n in range(20)}, "files")
    real = git(repository, "--exec-path")
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/asked\nexec {real}/git "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:/usr/bin:/bin")
    with Store.open(repository) as store:
        tree = store.tree_of(tip)
        assert [store.read(tree, f"d{n}/f") for n in range(20)] == [b"%d\n" % n for n in range(20)]
        assert len(store.difference(store.empty_tree, tree)) == len(store.entries(tree)) == 21
    assert (tmp_path / "asked").read_text().split() == ["rev-parse", "cat-file"]


def test_a_clone_says_what_it_cannot_show(repository: Path, tmp_path: Path) -> None:
    tip = commit(repository, {"a": "1"}, "second")
    git(repository, "config", "uploadpack.allowFilter", "true")
    with Store.open(repository) as store:
        assert store.incomplete() is None
        assert not store.is_shallow()
        (repository / ".git/info").mkdir(exist_ok=True)
        (repository / ".git/info/grafts").write_text(f"{tip}\n")
        assert "grafts" in (store.incomplete() or "")
        (repository / ".git/info/grafts").unlink()
    url = repository.as_uri()
    git(tmp_path, "clone", "-q", "--depth=1", url, "shallow")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", url, "partial")
    with Store.open(tmp_path / "shallow") as store:
        assert store.is_shallow()
        assert "shallow" in (store.incomplete() or "")
        with pytest.raises(RepositoryError, match="not in this clone"):
            store.first_parents(tip)
    with Store.open(tmp_path / "partial") as store:
        assert "partial" in (store.incomplete() or "")


def test_configuration_is_read_as_git_reads_it_and_written_here(
    repository: Path, store: Store
) -> None:
    store.set_config("demo.key", "-- a\nvalue é")
    git(repository, "config", "demo.path", "~/keys")
    git(repository, "config", "demo.empty", "")
    assert store.config("demo.key") == git(repository, "config", "demo.key") == "-- a\nvalue é"
    assert store.config("demo.none") is None
    assert store.config("demo.empty") == ""
    assert store.config_path("demo.path") == f"{os.environ['HOME']}/keys"
    for key in ("--list", "nodot", "-z.x"):
        with pytest.raises(RepositoryError, match="is not a configuration key"):
            store.config(key)


def test_a_repositorys_own_configuration_is_told_from_its_users(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings").write_text("[demo]\n\tkey = theirs\n\tboth = theirs\n")
    (repository / ".git" / "more").write_text("[demo]\n\tmore = included\n")
    git(repository, "config", "include.path", "more")
    git(repository, "config", "demo.both", "own")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "settings"))
    with Store.open(repository) as store:
        assert (store.config("demo.key"), store.own_config("demo.key")) == ("theirs", None)
        assert store.config("demo.both") == store.own_config("demo.Both") == "own"
        assert store.own_config("demo.more") == "included"


def test_from_whom_objects_are_borrowed_is_told(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--shared", str(repository), "borrower")
    with Store.open(repository) as store:
        assert store.borrows() == ()
    with Store.open(tmp_path / "borrower") as store:
        assert store.borrows() == (str(repository / ".git" / "objects"),)
        assert store.incomplete() is None


def test_the_index_is_the_one_that_a_hook_was_handed(repository: Path, tmp_path: Path) -> None:
    (repository / "a").write_text("1\n")
    git(repository, "add", "a")
    with Store.open(repository) as store:
        assert store.entries(store.index_tree()).keys() == {"README.md", "a"}
    environment = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    with Store.open(repository, environment) as store:
        assert store.index_tree() == store.empty_tree


def test_a_closed_store_may_be_asked_again(store: Store) -> None:
    oid = store.write_blob(b"x")
    store._kept.clear()
    assert store.blob(oid) == b"x"
    store.close()
    store.close()
    store._kept.clear()
    assert store.blob(oid) == b"x"
