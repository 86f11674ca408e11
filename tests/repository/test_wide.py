from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.errors import RepositoryError
from codexa_git.repository import raw
from codexa_git.repository import wide as trees
from codexa_git.repository.objects import Entry, Mode
from codexa_git.repository.wide import ROWS, Wide, changed, widened

OIDS = st.integers(0, 3).map(lambda number: f"{number:040x}")
# Few names, which are each other's beginnings: a folder is ordered otherwise than a file.
NAMES = st.sampled_from(["a", "a-", "a.b", "a0", "aa", "b", "B", "b ", "x 40000 b", "é", "CH-1"])
ENTRIES = st.builds(Entry, st.sampled_from([Mode.FILE.value, Mode.TREE.value]), OIDS)
TREES = st.dictionaries(NAMES, ENTRIES)
EDITS = st.dictionaries(NAMES, st.none() | ENTRIES)


FEW = 2


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    """So few names are in several blocks, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "ROWS", FEW)
        yield


def wide(entries: dict[str, Entry], like: Wide | None = None) -> Wide:
    return widened("0" * 40, raw.format_tree(entries), "sha1", like)


@given(TREES, TREES)
def test_a_tree_that_is_read_beside_another_is_the_tree_that_it_is_alone(
    old: dict[str, Entry], new: dict[str, Entry]
) -> None:
    made = wide(new, wide(old))
    assert_is(made, new)
    assert made.plain <= all(map(str.isascii, new))
    for name in {*old, *new, "none"}:
        assert made.get(name) == new.get(name)


def assert_is(tree: Wide, entries: dict[str, Entry]) -> None:
    """It holds these entries, in blocks of a size that they may have."""
    assert tree.body == raw.format_tree(entries)
    for block in tree.blocks:
        rows = raw.parse_rows("", block.body, "sha1")
        assert block.keys == [row.key for row in rows]
        assert block.starts == [row.at for row in rows]
        assert 0 < len(rows) <= 2 * FEW


@given(TREES, st.lists(EDITS, min_size=1))
def test_however_often_it_is_changed_it_is_the_tree_that_it_is_alone(
    entries: dict[str, Entry], edits: list[dict[str, Entry | None]]
) -> None:
    tree = wide(entries)
    for edit in edits:
        changed_ones = (entries | edit).items()
        entries = {name: entry for name, entry in changed_ones if entry is not None}
        tree = wide(entries, tree)
        assert_is(tree, entries)


def test_what_both_trees_have_they_share_but_for_a_block() -> None:
    names = [f"CH-{number:05}" for number in range(5_000)]
    entries = {name: Entry(Mode.TREE.value, "1" * 40) for name in names}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "ROWS", ROWS)
        one = wide(entries)
        two = wide(entries | {"CH-02500": Entry(Mode.TREE.value, "2" * 40)}, one)
        three = wide(entries | {"CH-05000": Entry(Mode.TREE.value, "2" * 40)}, one)
    assert one.own == len(one.body)
    for tree in (two, three):
        new = [block for block in tree.blocks if not any(block is each for each in one.blocks)]
        assert len(new) == 1
        assert len(tree.blocks) == len(one.blocks)
        assert tree.own == len(new[0].body) < len(tree.body) / 20


@given(TREES, TREES)
def test_what_two_trees_do_not_share_is_among_what_is_told(
    old: dict[str, Entry], new: dict[str, Entry]
) -> None:
    before, after = changed(wide(old), wide(new, wide(old)))
    assert before.items() <= old.items()
    assert after.items() <= new.items()
    assert old.items() - before.items() == new.items() - after.items()


@given(TREES, EDITS)
def test_entries_are_put_in_where_git_puts_them(
    old: dict[str, Entry], edits: dict[str, Entry | None]
) -> None:
    new = {name: entry for name, entry in (old | edits).items() if entry is not None}
    assert wide(old).with_entries(edits) == raw.format_tree(new)


@given(TREES, NAMES)
def test_a_name_is_alone_only_where_no_other_folds_to_it(
    entries: dict[str, Entry], name: str
) -> None:
    if wide(entries).is_alone(name):
        assert not [n for n in entries if n != name and n.lower() == name.lower()]


@given(TREES, st.binary(max_size=3), st.integers(0, 400), st.integers(0, 3))
def test_bytes_that_are_refused_alone_are_refused_beside_another_tree(
    old: dict[str, Entry], written: bytes, at: int, dropped: int
) -> None:
    body = raw.format_tree(old)
    spoilt = body[:at] + written + body[at + dropped :]

    def names(read: Callable[[], object]) -> object:
        try:
            return read()
        except RepositoryError:
            return "refused"

    alone = names(lambda: list(raw.parse_tree("0" * 40, spoilt, "sha1").items()))
    beside = names(lambda: _all(widened("0" * 40, spoilt, "sha1", wide(old))))
    assert alone == beside


def _all(tree: Wide) -> list[tuple[str, Entry]]:
    everything, nothing = changed(widened("0" * 40, b"", "sha1", None), tree)[::-1]
    assert nothing == {}
    return list(everything.items())


def test_a_name_that_looks_like_an_entry_beside_it_is_no_entry() -> None:
    old = {"b": Entry(Mode.TREE.value, "2" * 40)}
    new = {"x 40000 b": Entry(Mode.FILE.value, "2" * 40)}
    made = wide(new, wide(old))
    assert made.get("x 40000 b") == new["x 40000 b"]
    assert made.get("b") is None
    assert changed(wide(old), made) == (old, new)


ONE = "1" * 40


def row(mode: bytes, name: bytes) -> bytes:
    return mode + b" " + name + b"\0" + bytes.fromhex(ONE)


@pytest.mark.parametrize(
    "body",
    [
        row(b"100644", b"a") + row(b"100644", b"a.b") + row(b"40000", b"a"),
        row(b"100644", b"b") + row(b"100644", b"a.b"),
        row(b"100644", b"a.b") + row(b"100644", b".git"),
        row(b"100644", b"a.b") + row(b"100644", b"b")[:-1],
    ],
    ids=["file and folder", "out of order", "unsafe", "cut short"],
)
def test_an_entry_beside_sound_ones_is_refused_as_in_any_tree(body: bytes) -> None:
    like = widened("0" * 40, row(b"100644", b"a.b"), "sha1", None)
    with pytest.raises(RepositoryError):
        widened("0" * 40, body, "sha1", like)
    with pytest.raises(RepositoryError):
        raw.parse_tree("0" * 40, body, "sha1")
