from pathlib import Path

import pytest
from builders import git
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.errors import RepositoryError
from codexa_git.repository import reading
from codexa_git.repository.objects import Difference, Entry, Identity, Stamp
from codexa_git.repository.store import Store

STAMP = Stamp(Identity("Demo Dev", "dev@demo.invalid"), 1767225600)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=300), max_size=5))
def test_blobs_are_stored_under_gits_own_ids(bare: Store, contents: list[bytes]) -> None:
    ids = bare.write_blobs(contents)
    stored = [bare.git.run("cat-file", "blob", oid) for oid in ids]
    assert stored == contents
    assert ids == [bare.git.run("hash-object", "--stdin", input=c).decode()[:-1] for c in contents]


def test_neither_filters_nor_line_ends_have_a_say(repository: Path, store: Store) -> None:
    (repository / ".gitattributes").write_text("* text eol=crlf filter=evil\n")
    git(repository, "config", "filter.evil.clean", "false")
    git(repository, "config", "core.autocrlf", "true")
    oid = store.write_blob(b"a\r\nb\n")
    assert store.git.run("cat-file", "blob", oid) == b"a\r\nb\n"


def test_a_tree_changes_at_its_paths_alone(bare: Store) -> None:
    one, two = (Entry("100644", oid) for oid in bare.write_blobs([b"1", b"2"]))
    run = Entry("100755", one.oid)
    base = bare.write_tree(None, {"a/b/c": one, "a/d": one, "e": one, "f/g": one})
    cases: list[tuple[dict[str, Entry | None], dict[str, Entry]]] = [
        ({}, {"a/b/c": one, "a/d": one, "e": one, "f/g": one}),
        ({"e": run, "a/b/c": two}, {"a/b/c": two, "a/d": one, "e": run, "f/g": one}),
        ({"a/b/c": None}, {"a/d": one, "e": one, "f/g": one}),
        ({"a": None}, {"e": one, "f/g": one}),
        ({"a": two}, {"a": two, "e": one, "f/g": one}),
        ({"a": None, "a/x": two}, {"a/x": two, "e": one, "f/g": one}),
        ({"e/x/y": two}, {"a/b/c": one, "a/d": one, "e/x/y": two, "f/g": one}),
        ({"e": None, "e/x": two}, {"a/b/c": one, "a/d": one, "e/x": two, "f/g": one}),
        ({"e/x": None, "none": None}, {"a/b/c": one, "a/d": one, "e": one, "f/g": one}),
        ({"f/g": None, "f/h/i": None}, {"a/b/c": one, "a/d": one, "e": one}),
        ({"a": two, "a/b/c": None}, {"a": two, "e": one, "f/g": one}),
        ({"a": None, "e": None, "f": None}, {}),
    ]
    for changes, wanted in cases:
        assert bare.entries(bare.write_tree(base, changes)) == wanted
    bare.git.run("fsck", "--strict")


def test_an_emptied_tree_is_the_empty_tree(bare: Store) -> None:
    tree = bare.write_tree(None, {})
    assert tree == bare.empty_tree
    assert bare.git.line("cat-file", "-t", tree) == "tree"


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a//b", "a/", ".git/config", "a/.GIT/x", ".", "", "a\0b"]
)
def test_a_hostile_path_is_not_written(store: Store, path: str) -> None:
    entry = Entry("100644", store.write_blob(b"x"))
    with pytest.raises(RepositoryError, match="cannot hold the path"):
        store.write_tree(None, {path: entry})


def test_an_entry_git_could_not_hold_is_refused(store: Store) -> None:
    good = Entry("100644", store.write_blob(b"x"))
    for bad in (good._replace(mode="100664"), good._replace(oid="HEAD")):
        with pytest.raises(RepositoryError, match="a tree cannot hold"):
            store.write_tree(None, {"a": bad})
    with pytest.raises(RepositoryError, match="a file and a folder"):
        store.write_tree(None, {"a": good, "a/b": good})


def test_a_commit_has_exactly_these_bytes_whatever_is_configured(
    repository: Path, store: Store
) -> None:
    for key, value in (
        *(("commit.gpgSign", "true"), ("user.signingKey", "none"), ("user.name", "Else")),
        *(("i18n.commitEncoding", "latin-1"), ("commit.cleanup", "strip")),
    ):
        git(repository, "config", key, value)
    message = "subject é\n\n# kept\n\n\n".encode()
    args = (store.empty_tree, [git(repository, "rev-parse", "HEAD")], STAMP, STAMP, message)
    store.write_tree(None, {})
    written = store.write_commit(*args)
    who = "Demo Dev <dev@demo.invalid> 1767225600 +0000"
    head = f"tree {args[0]}\nparent {args[1][0]}\nauthor {who}\ncommitter {who}\n\n"
    assert store.git.run("cat-file", "commit", written) == head.encode() + message


def test_a_commit_stands_on_what_is_there(store: Store) -> None:
    for tree, parents in (("ab" * 20, []), (store.empty_tree, ["ab" * 20])):
        with pytest.raises(RepositoryError, match="not in this clone"):
            store.write_commit(tree, parents, STAMP, STAMP, b"x\n")


def test_what_is_held_can_be_read_and_compared_and_comes_with_the_commit(
    repository: Path, store: Store
) -> None:
    (old,) = store.write_blobs([b"one\n"])
    (new,) = store.hold_blobs([b"two\n"])
    tree = store.hold_tree(None, {"folder/file": Entry("100644", new)})
    pair = Difference("file", Entry("100644", old), Entry("100644", new))
    assert store.read(tree, "folder/file") == b"two\n"
    assert store.patches([pair]) == {"file": b"@@\n-one\n+two\n"}
    with Store.open(repository) as other:
        assert not other.exists(new)
        assert not other.exists(tree)
    store.write_commit(tree, [], STAMP, STAMP, b"both\n")
    assert git(repository, "cat-file", "blob", f"{tree}:folder/file") == "two"


def test_a_held_tree_has_the_id_that_a_written_one_has(store: Store) -> None:
    (blob,) = store.hold_blobs([b"one\n"])
    changes = {"a/b": Entry("100644", blob), "c": Entry("100755", blob)}
    assert store.hold_tree(None, changes) == store.tree_id(None, changes)
    assert store.hold_tree(None, {}) == store.empty_tree


PATHS = st.lists(st.sampled_from(["a", "b", "b.c"]), min_size=1, max_size=3).map("/".join)
PLACED = st.dictionaries(PATHS, st.sampled_from(["1", "2", "folder", "none"]), max_size=6)


@pytest.mark.parametrize("narrow", [1, 4096])
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=PLACED, edits=PLACED, others=PLACED, undone=st.sets(PATHS))
def test_a_tree_that_goes_back_to_another_has_the_id_that_it_has_made_anew(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    narrow: int,
    old: dict[str, str],
    edits: dict[str, str],
    others: dict[str, str],
    undone: set[str],
) -> None:
    monkeypatch.setattr(reading, "NARROW", narrow)
    one, two = store.hold_blobs([b"1", b"2"])
    # A tree that somebody made may hold an empty folder, which git itself never writes.
    kinds = {"1": Entry("100644", one), "2": Entry("100755", two), "none": None}
    kinds["folder"] = Entry("040000", store.hold_tree(None, {}))

    def placed(base: str | None, places: dict[str, str]) -> str:
        for path, kind in places.items():
            base = store.hold_tree(base, {path: kinds[kind]})
        return base or store.empty_tree

    like = placed(None, old)
    tree = placed(like, edits)
    changes = {d.path: d.old for d in store.difference(like, tree) if d.path not in undone}
    for more in ({}, {path: kinds[kind] for path, kind in others.items() if path not in changes}):
        asked = changes | more
        try:
            wanted = store.hold_tree(tree, asked)
        except RepositoryError:
            with pytest.raises(RepositoryError):
                store.tree_id(tree, asked, like)
        else:
            assert store.tree_id(tree, asked, like) == wanted
