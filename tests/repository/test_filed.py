"""Refs read from files say what git says, or nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RepositoryError
from codexa_git.repository import filed
from codexa_git.repository.store import Store

MAIN, SIDE = "refs/heads/main", "refs/heads/side"
ABSENT = "refs/heads/absent"
NAMES = (MAIN, SIDE, ABSENT, "refs/heads/deep", "refs/heads/main/below", "refs/tags/v1")


@pytest.fixture
def kept(repository: Path) -> Path:
    """Two branches, a folder of branches and a tag that is an object."""
    for name in ("side", "deep/er"):
        git(repository, "branch", name)
    git(repository, "tag", "-a", "-m", "x", "v1")
    return repository / ".git"


def as_git_says(kept: Path) -> dict[str, str]:
    rows = git(kept, "for-each-ref", "--format=%(refname) %(objectname)").split("\n")
    return {name: oid for name, oid in (row.split(" ") for row in rows) if name in NAMES}


def loose(kept: Path) -> None:
    assert not (kept / "packed-refs").exists()


def packed(kept: Path) -> None:
    git(kept, "pack-refs", "--all", "--no-prune")


def packed_and_pruned(kept: Path) -> None:
    git(kept, "pack-refs", "--all")


def packed_and_moved(kept: Path) -> None:
    packed_and_pruned(kept)
    made = git(kept, "commit-tree", "-m", "later", "HEAD^{tree}")
    git(kept, "update-ref", SIDE, made)


def packed_and_deleted(kept: Path) -> None:
    packed_and_pruned(kept)
    git(kept, "update-ref", "-d", SIDE)


def with_a_folder_left_behind(kept: Path) -> None:
    (kept / ABSENT).mkdir()


@pytest.mark.parametrize(
    "arrange",
    [
        *(packed, packed_and_pruned, packed_and_moved, packed_and_deleted),
        *(with_a_folder_left_behind, loose),
    ],
)
def test_files_say_what_git_says(kept: Path, arrange: Callable[[Path], None]) -> None:
    arrange(kept)
    assert filed.read(str(kept), NAMES, 40) == as_git_says(kept)


def test_packed_refs_are_read_after_all_others(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a ref that somebody packs between the two is told to be where it was, or not at all."""
    packed_and_moved(kept)
    git(kept, "branch", "new", SIDE)
    as_it_is = as_git_says(kept)
    read = filed._packed

    def and_then_somebody_packs(folder: str) -> bytes | None:
        found = read(folder)
        packed_and_pruned(kept)
        return found

    monkeypatch.setattr(filed, "_packed", and_then_somebody_packs)
    names = ("refs/tags/v1", SIDE, "refs/heads/new")
    found = filed.read(str(kept), names, 40)
    assert found == {name: git(kept, "rev-parse", name) for name in names}
    assert found[SIDE] == as_it_is[SIDE]


def a_symbolic_ref(kept: Path) -> None:
    git(kept, "symbolic-ref", SIDE, MAIN)


def a_link(kept: Path) -> None:
    (kept / SIDE).unlink()
    (kept / SIDE).symlink_to(MAIN)


def nothing_in_it(kept: Path) -> None:
    (kept / SIDE).write_bytes(b"")


def no_line_end(kept: Path) -> None:
    (kept / SIDE).write_text((kept / MAIN).read_text().strip())


def more_than_an_id(kept: Path) -> None:
    (kept / SIDE).write_text((kept / MAIN).read_text() + "more")


def an_id_that_is_none(kept: Path) -> None:
    (kept / SIDE).write_text("0" * 40 + "\n")


def capitals(kept: Path) -> None:
    (kept / SIDE).write_text((kept / MAIN).read_text().upper())


def refs_in_a_table(kept: Path) -> None:
    (kept / "reftable").mkdir()


def branches_in_no_folder(kept: Path) -> None:
    for name in ("side", "main", "deep/er"):
        (kept / "refs/heads" / name).unlink()
    (kept / "refs/heads/deep").rmdir()
    (kept / "refs/heads").rmdir()
    (kept / "refs/heads").write_text("this repository uses the reftable format")


def names_that_two_cases_have(kept: Path) -> None:
    (kept / "hEAD").touch()


def a_pipe(kept: Path) -> None:
    (kept / SIDE).unlink()
    os.mkfifo(kept / SIDE)


def packed_halfway(kept: Path) -> None:
    packed_and_pruned(kept)
    place = kept / "packed-refs"
    place.write_bytes(place.read_bytes()[:-1])


def packed_with_a_short_id(kept: Path) -> None:
    packed_and_pruned(kept)
    place = kept / "packed-refs"
    oid = git(kept, "rev-parse", "HEAD")
    place.write_text(place.read_text().replace(f"{oid} {SIDE}", f"{oid[1:]} {SIDE}"))


@pytest.mark.parametrize(
    "arrange",
    [
        *(a_symbolic_ref, a_link, nothing_in_it, no_line_end, more_than_an_id, an_id_that_is_none),
        *(capitals, refs_in_a_table, branches_in_no_folder, names_that_two_cases_have, a_pipe),
        *(packed_halfway, packed_with_a_short_id),
    ],
)
def test_in_doubt_they_say_nothing(kept: Path, arrange: Callable[[Path], None]) -> None:
    arrange(kept)
    assert filed.read(str(kept), NAMES, 40) is None


@pytest.mark.parametrize("name", ["refs/bisect/bad", "refs/worktree/x", "refs/heads/\u00e9"])
def test_what_one_worktree_may_have_of_its_own_is_asked_of_git(kept: Path, name: str) -> None:
    assert filed.read(str(kept), (name,), 40) is None


def test_whoever_asks_a_store_is_told_what_git_would_say(kept: Path) -> None:
    a_symbolic_ref(kept)
    at = git(kept, "rev-parse", "HEAD")
    with Store.open(kept.parent) as store:
        assert store.named([MAIN, SIDE, ABSENT]) == {MAIN: at, SIDE: at}
        assert store.tips([SIDE, "refs/tags/v1"]) == {SIDE: at, "refs/tags/v1": at}


def test_a_ref_whose_object_is_missing_is_no_ref_that_is_missing(kept: Path) -> None:
    (kept / SIDE).write_text("1" * 40 + "\n")
    with Store.open(kept.parent) as store, pytest.raises(RepositoryError, match="missing object"):
        store.ref(SIDE)


def test_nothing_is_remembered(kept: Path) -> None:
    with Store.open(kept.parent) as store:
        before = store.ref(MAIN)
        after = commit(kept.parent, {"a": "1"}, "more")
        assert (before, store.ref(MAIN)) == (git(kept, "rev-parse", "HEAD^"), after)
        packed_and_pruned(kept)
        assert store.ref(MAIN) == after


def test_head_is_read_where_it_stands_on_a_branch(kept: Path) -> None:
    assert filed.head(str(kept)) == MAIN
    git(kept.parent, "checkout", "-q", "--detach")
    assert filed.head(str(kept)) is None
    (kept / "HEAD").unlink()
    (kept / "HEAD").symlink_to(MAIN)
    assert filed.head(str(kept)) is None
    with Store.open(kept.parent) as store:
        assert store.head() == (MAIN, git(kept, "rev-parse", MAIN))


def test_head_of_a_worktree_is_its_own(kept: Path, tmp_path: Path) -> None:
    git(kept.parent, "worktree", "add", "-q", str(tmp_path / "beside"), "side")
    with Store.open(tmp_path / "beside") as store:
        assert store.head() == (SIDE, git(kept, "rev-parse", SIDE))
    with Store.open(kept.parent) as store:
        assert store.head()[0] == MAIN
