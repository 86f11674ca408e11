from pathlib import Path

import pytest
from builders import commit, git
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.errors import RepositoryError
from codexa_git.repository.objects import Difference, Entry
from codexa_git.repository.store import Store

PATHS = st.lists(st.sampled_from(["a", "a.b", "a-", "b", "é"]), min_size=1, max_size=3).map(
    "/".join
)
FILES = st.dictionaries(PATHS, st.sampled_from(["1", "2"]), max_size=8).filter(
    lambda files: not any(p != q and q.startswith(f"{p}/") for p in files for q in files)
)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES, FILES)
def test_a_difference_is_what_git_says_and_leads_from_old_to_new(
    store: Store, before: dict[str, str], after: dict[str, str]
) -> None:
    blobs = dict(zip("12", store.write_blobs([b"1", b"2"]), strict=True))
    old, new = (
        store.write_tree(None, {path: Entry("100644", blobs[c]) for path, c in files.items()})
        for files in (before, after)
    )
    found = store.difference(old, new)
    names = store.git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
    assert "".join(f"{pair.path}\0" for pair in found).encode() == names
    assert store.write_tree(old, {pair.path: pair.new for pair in found}) == new
    assert [pair._replace(old=pair.new, new=pair.old) for pair in found] == list(
        store.difference(new, old)
    )
    under = [pair for pair in found if pair.path.startswith("a/")]
    assert list(store.difference(old, new, "a/")) == list(store.difference(old, new, "a")) == under


def test_modes_links_and_gitlinks_differ_plainly(repository: Path, store: Store) -> None:
    old = store.tree_of(commit(repository, {"run": "1", "swap": "2", "same": "3"}, "old"))
    (repository / "run").chmod(0o755)
    (repository / "swap").unlink()
    (repository / "swap").symlink_to("same")
    git(repository, "add", "-A")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{'ab' * 20},sub")
    (repository / ".git/info/attributes").write_text("* -diff\n")
    git(repository, "config", "diff.ignoreSubmodules", "all")
    new = store.tree_of(commit(repository, {}, "new"))
    one, two, link = (store.write_blob(content) for content in (b"1", b"2", b"same"))
    assert store.difference(old, new) == (
        Difference("run", Entry("100644", one), Entry("100755", one)),
        Difference("sub", None, Entry("160000", "ab" * 20)),
        Difference("swap", Entry("100644", two), Entry("120000", link)),
    )


def test_folders_that_are_equal_are_not_read(store: Store) -> None:
    blob = Entry("100644", store.write_blob(b"x"))
    old = store.write_tree(None, {"same/deep/x": blob, "y": blob})
    new = store.write_tree(old, {"y": None})
    with Store.open(store.git_dir) as again:
        again.difference(old, new)
        assert again._trees.keys() == {old, new}


def test_trees_that_differ_in_millions_of_files_are_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codexa_git.repository.comparing.MOST_ENTRIES", 500)
    entry = Entry("100644", store.write_blob(b"x"))
    for _ in range(6):
        tree = store.write_tree(None, {str(n): entry for n in range(10)})
        entry = Entry("040000", tree)
    with pytest.raises(RepositoryError, match="differ in more than 500 entries"):
        store.difference(store.empty_tree, entry.oid)
    assert store.difference(entry.oid, entry.oid) == ()


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FILES, min_size=2, max_size=5))
def test_trees_compared_side_by_side_differ_as_one_by_one(
    store: Store, versions: list[dict[str, str]]
) -> None:
    blobs = dict(zip("12", store.write_blobs([b"1", b"2"]), strict=True))
    trees = [
        store.write_tree(None, {path: Entry("100644", blobs[c]) for path, c in files.items()})
        for files in versions
    ]
    pairs = [(old, new) for old in trees for new in (*trees, store.empty_tree)]
    store.forget()
    alone = []
    for pair in pairs:
        store.forget()
        alone.append(store.difference(*pair))
    store.forget()
    store.compare(pairs)
    assert [store.difference(*pair) for pair in pairs] == alone


def test_one_tree_that_cannot_be_read_leaves_the_others_to_be_asked(
    repository: Path, store: Store
) -> None:
    tree = store.tree_of(commit(repository, {"a": "1"}, "first"))
    with pytest.raises(RepositoryError, match="is not in this clone"):
        store.compare([(store.empty_tree, tree), (tree, "ab" * 20)])
    assert [pair.path for pair in store.difference(store.empty_tree, tree)] == [
        "README.md",
        "a",
    ]
