from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RepositoryError
from codexa_git.repository import holding, raw, reading
from codexa_git.repository.objects import Entry, Identity, Stamp
from codexa_git.repository.store import Store

FILES = {"a/b/c": "1\n", "a/b.txt": "2\n", "a.txt": "3\n", 'é \n\t"x': "4\n"}


def test_every_kind_of_entry_is_found_by_its_path(repository: Path, store: Store) -> None:
    (repository / "link").symlink_to("README.md")
    (repository / "run").write_text("#!/bin/sh\n")
    (repository / "run").chmod(0o755)
    git(repository, "add", "-A")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'ab' * 20},sub")
    tree = store.tree_of(commit(repository, FILES, "all kinds"))
    listed = git(repository, "ls-tree", "-r", "-z", tree).split("\0")[:-1]
    wanted = {
        path: Entry(about.split()[0], about.split()[2])
        for about, path in (line.split("\t", 1) for line in listed)
    }
    assert list(store.entries(tree).items()) == list(wanted.items())
    assert all(store.entry(tree, path) == entry for path, entry in wanted.items())
    assert store.entry(tree, "a") == store.entry(tree, "a/")
    assert store.entries(tree, "a/b") == {"a/b/c": wanted["a/b/c"]}
    assert store.entries(tree, "a/b/c") == store.entries(tree, "none") == {}
    assert (
        list(store.children(tree))
        == git(repository, "ls-tree", "-z", "--name-only", tree).split("\0")[:-1]
    )
    for path in ("none", "a/none", "a.txt/x", "link/x", "sub/x", ""):
        assert store.entry(tree, path) is None


def test_only_regular_files_are_read_by_path(repository: Path, store: Store) -> None:
    (repository / "link").symlink_to("README.md")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'ab' * 20},sub")
    git(repository, "add", "link")
    tree = store.tree_of(commit(repository, {"a/b": b"\0\xff"}, "some"))
    assert store.read(tree, "a/b") == b"\0\xff"
    assert [store.read(tree, path) for path in ("a", "link", "sub", "none")] == [None] * 4


def test_a_commit_is_read_from_its_own_bytes(repository: Path, store: Store) -> None:
    first = git(repository, "rev-parse", "HEAD")
    second = commit(repository, {"a": "1"}, "subject\n\nbody é\n\nKey: v")
    found = store.commit(second)
    who = Stamp(Identity("Demo Dev", "dev@demo.invalid"), 1767225600, "+0000")
    assert (found.author, found.committer, found.parents) == (who, who, (first,))
    assert found.message == "subject\n\nbody é\n\nKey: v\n".encode()
    assert found.subject == "subject"
    assert store.tree_of(second) == git(repository, "rev-parse", "HEAD^{tree}")


def test_a_missing_object_is_said_and_the_next_one_is_still_found(store: Store) -> None:
    assert not store.exists("ab" * 20)
    with pytest.raises(RepositoryError, match=r"the blob (ab){20} is not in this clone"):
        store.blob("ab" * 20)
    assert store.exists(store.write_blob(b"x"))


@pytest.mark.parametrize(
    "name", ["HEAD", "", "ab", "AB" * 20, "ab" * 20 + "\n", "-" * 40, "ab" * 32]
)
def test_nothing_but_a_full_id_is_asked_for(store: Store, name: str) -> None:
    with pytest.raises(RepositoryError, match="is not a full object id"):
        store.exists(name)


def test_an_object_of_another_kind_is_no_answer(repository: Path, store: Store) -> None:
    head = git(repository, "rev-parse", "HEAD")
    with pytest.raises(RepositoryError, match="is a commit and not a blob"):
        store.blob(head)
    with pytest.raises(RepositoryError, match="is a commit and not a tree"):
        store.children(head)


def test_bytes_that_do_not_fit_their_id_are_corrupt(repository: Path, store: Store) -> None:
    one = git(repository, "hash-object", "-w", "--stdin", input=b"one")
    two = git(repository, "hash-object", "-w", "--stdin", input=b"two")
    objects = repository / ".git/objects"
    (objects / one[:2] / one[2:]).chmod(0o644)
    (objects / two[:2] / two[2:]).replace(objects / one[:2] / one[2:])
    with pytest.raises(RepositoryError, match=f"{one} is corrupt"):
        store.blob(one)


def test_large_and_empty_objects_come_whole(store: Store) -> None:
    contents = [b"", b"x" * 3_000_000, b"\n" * 10]
    ids = store.write_blobs(contents)
    with Store.open(store.git_dir) as again:
        assert [again.blob(oid) for oid in ids] == contents


def test_what_is_kept_in_memory_has_a_bound(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "_MOST_KEPT", 100)
    ids = store.write_blobs([b"x" * 60, b"y" * 60, b"z" * 60])
    assert sum(len(body) for _, body in store._kept.values()) <= 100
    assert [store.blob(oid)[:1] for oid in ids] == [b"x", b"y", b"z"]


def crowded(store: Store, more: dict[str, Entry]) -> tuple[str, dict[str, Entry]]:
    """A stored tree of so many entries that they are not all parsed, and what it holds."""
    entry = Entry("100644", store.write_blob(b"x"))
    entries = {f"file-{number:03}": entry for number in range(200)} | more
    return store.write_tree(None, entries), entries


def test_a_tree_of_many_entries_is_kept_without_its_bytes_and_is_here_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, entries = crowded(store, {})
    two, others = crowded(store, {"file-999": Entry("100644", store.write_blob(b"y"))})
    with Store.open(store.git_dir) as again:
        again.load([one, two])
        assert not {one, two} & again._kept.keys()
        monkeypatch.setattr(again._stream, "read", None)  # nothing is asked for again
        again.load([one, two])
        assert again.kind(one) == again.kind(two) == "tree"
        assert (again.children(one), again.children(two)) == (entries, others)
        assert again.child(two, "file-999") == others["file-999"]
        assert again.difference(one, two)[0].path == "file-999"
        assert again.tree_id(one, {"file-999": others["file-999"]}) == two


def test_many_such_trees_have_a_bound_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry("100644", store.write_blob(b"x"))
    made = [crowded(store, {f"{number}-first": entry}) for number in range(9)]
    monkeypatch.setattr(holding, "_MOST_KEPT", 20_000)
    with Store.open(store.git_dir) as again:
        for tree, entries in made:
            again.load([tree])
            assert sum(w.own for w in again._wide.values() if w) <= 20_000
            assert again.children(tree) == entries


def test_a_tree_of_many_entries_that_is_malformed_is_told_of_when_it_is_asked(
    repository: Path, store: Store
) -> None:
    tree, entries = crowded(store, {})
    body = raw.format_tree(entries)
    spoilt = git(
        repository, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", input=body[:-1]
    )
    with Store.open(store.git_dir) as again:
        again.load([tree, spoilt])
        assert again.kind(spoilt) == "tree"
        for _ in range(2):
            with pytest.raises(RepositoryError, match=f"the tree {spoilt} is malformed"):
                again.child(spoilt, "file-000")
        assert again.children(tree) == entries


def test_a_small_tree_that_names_a_million_files_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ENTRIES", 5_000)
    entry = Entry("100644", store.write_blob(b"x"))
    for _ in range(6):
        tree = store.write_tree(None, {str(n): entry for n in range(10)})
        entry = Entry("040000", tree)
    with pytest.raises(RepositoryError, match="holds more than 5000 entries"):
        store.entries(entry.oid)


def test_a_deep_tree_is_walked_without_deep_calls(store: Store) -> None:
    entry = Entry("100644", store.write_blob(b"x"))
    for _ in range(1_500):
        entry = Entry("040000", store.write_tree(None, {"d": entry}))
    assert len(store.entries(entry.oid)) == 1
    (found,) = store.difference(store.empty_tree, entry.oid)
    assert found.path.count("/") == 1_499


def test_a_killed_child_is_said_and_replaced(store: Store) -> None:
    one, two = store.write_blobs([b"one", b"two"])
    with Store.open(store.git_dir) as again:
        assert again.blob(one) == b"one"
        child = again._stream._child
        assert child is not None
        child.kill()
        child.wait()
        with pytest.raises(RepositoryError, match="git c"):
            again.blob(two)
        assert again.blob(two) == b"two"
