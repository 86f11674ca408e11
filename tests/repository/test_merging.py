from pathlib import Path

import pytest
from builders import git
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.repository.merging import MergeResult
from codexa_git.repository.objects import Entry, Identity, Stamp
from codexa_git.repository.store import Store

STAMP = Stamp(Identity("Demo Dev", "dev@demo.invalid"), 1767225600)
LINES = st.lists(st.sampled_from("xyz"), max_size=5).map(
    lambda some: "".join(f"{n}\n" for n in some)
)
TEXT = "".join(f"{n}\n" for n in range(30))


def made(store: Store, files: dict[str, str]) -> str:
    blobs = {path: Entry("100644", store.write_blob(text.encode())) for path, text in files.items()}
    return store.write_commit(store.write_tree(None, blobs), [], STAMP, STAMP, b"x\n")


def test_two_sides_meet_and_the_tree_stays(bare: Store) -> None:
    base = made(bare, {"a": TEXT, "gone": "1\n", "d/x": "1\n"})
    ours = made(bare, {"a": TEXT.replace("2\n", "two\n", 1), "gone": "1\n", "d/x": "1\n"})
    theirs = made(bare, {"a": TEXT.replace("27\n", "x\n"), "d/x": "1\n", "d/y": "2\n"})
    merged = bare.merge(base, ours, theirs)
    both = TEXT.replace("2\n", "two\n", 1).replace("27\n", "x\n")
    assert merged == MergeResult(
        bare.tree_of(made(bare, {"a": both, "d/x": "1\n", "d/y": "2\n"})), ()
    )
    bare.git.run("fsck", "--strict")


def test_conflicts_are_named_and_leave_no_tree(bare: Store) -> None:
    base = made(bare, {"a\nb": "1\n", "c": "1\n", "same": "1\n"})
    ours = made(bare, {"a\nb": "2\n", "c": "2\n", "same": "2\n"})
    theirs = made(bare, {"a\nb": "3\n", "same": "2\n"})
    assert bare.merge(base, ours, theirs) == MergeResult(None, ("a\nb", "c"))


def test_the_given_base_counts_and_not_the_one_in_history(store: Store) -> None:
    old = made(store, {"a": "1\n"})
    ours, theirs = made(store, {"a": "2\n"}), made(store, {"a": "1\n"})
    assert store.merge(old, ours, theirs).tree == store.tree_of(ours)
    assert store.merge(ours, ours, theirs).tree == store.tree_of(theirs)


@pytest.mark.parametrize(
    ("ours", "theirs", "conflicts"),
    [
        ({"n": "1\n"}, {"n/x": "1\n"}, ("n",)),
        ({"n/x": "1\n"}, {"n": "1\n"}, ("n/x",)),
        ({"n": "1\n"}, {"n": "2\n"}, ("n",)),
        ({"n": "1\0"}, {"n": "2\n"}, ("n",)),
    ],
)
def test_what_cannot_stand_together_is_in_conflict(
    store: Store, ours: dict[str, str], theirs: dict[str, str], conflicts: tuple[str, ...]
) -> None:
    base = made(store, {"a": "1\n"})
    sides = [made(store, {"a": "1\n", **files}) for files in (ours, theirs)]
    assert store.merge(base, *sides) == MergeResult(None, conflicts)


def test_binary_files_changed_on_both_sides_are_in_conflict(store: Store) -> None:
    sides = [made(store, {"a": f"\0{TEXT.replace(f'{n}', 'x')}"}) for n in (40, 3, 25)]
    assert store.merge(sides[0], sides[1], sides[2]) == MergeResult(None, ("a",))
    assert store.merge(sides[0], sides[0], sides[2]).tree == store.tree_of(sides[2])


def test_a_mode_and_a_content_meet(store: Store) -> None:
    one, two = store.write_blobs([b"1\n", b"2\n"])
    entries = [Entry("100644", one), Entry("100755", one), Entry("100644", two)]
    trees = [store.write_tree(None, {"a": entry}) for entry in entries]
    base, ours, theirs = (store.write_commit(tree, [], STAMP, STAMP, b"x\n") for tree in trees)
    wanted = store.write_tree(None, {"a": Entry("100755", two)})
    assert store.merge(base, ours, theirs).tree == store.merge(base, theirs, ours).tree == wanted


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c/d"]), LINES), min_size=3, max_size=3))
def test_a_clean_merge_is_the_same_from_both_sides(
    store: Store, files: list[dict[str, str]]
) -> None:
    base, ours, theirs = (made(store, side) for side in files)
    merged = store.merge(base, ours, theirs)
    assert merged == store.merge(base, theirs, ours)
    assert bool(merged.tree) != bool(merged.conflicts)
    if ours == base:
        assert merged.tree == store.tree_of(theirs)


def test_a_moved_file_is_not_followed(store: Store) -> None:
    base = made(store, {"old/a": TEXT})
    ours = made(store, {"new/a": TEXT})
    theirs = made(store, {"old/a": TEXT.replace("5\n", "x\n"), "old/b": "1\n"})
    assert store.merge(base, ours, theirs) == MergeResult(None, ("old/a",))


@pytest.mark.parametrize(
    "rule", ["* merge=union\n", "* merge=evil\n", "* -merge\n", "* merge=ours\n"]
)
def test_neither_drivers_nor_attributes_nor_settings_take_part(
    repository: Path, store: Store, rule: str
) -> None:
    (repository / ".gitattributes").write_text(rule)
    (repository / ".git/info").mkdir(exist_ok=True)
    (repository / ".git/info/attributes").write_text(rule)
    for key, value in {
        "merge.evil.driver": "true",
        "merge.default": "union",
        "merge.renormalize": "true",
        "merge.renames": "true",
    }.items():
        git(repository, "config", key, value)
    base, ours, theirs = (made(store, {"a": text}) for text in ("1\n", "1\n2\n", "1\n3\n"))
    assert store.merge(base, ours, theirs) == MergeResult(None, ("a",))
