from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.errors import RepositoryError
from codexa_git.repository import raw
from codexa_git.repository.objects import Entry, Mode
from codexa_git.repository.wide import Wide, changed, widened

OIDS = st.integers(0, 3).map(lambda number: f"{number:040x}")
# Few names, which are each other's beginnings: a folder is ordered otherwise than a file.
NAMES = st.sampled_from(["a", "a-", "a.b", "a0", "aa", "b", "B", "b ", "x 40000 b", "é", "CH-1"])
ENTRIES = st.builds(Entry, st.sampled_from([Mode.FILE.value, Mode.TREE.value]), OIDS)
TREES = st.dictionaries(NAMES, ENTRIES)
EDITS = st.dictionaries(NAMES, st.none() | ENTRIES)


def wide(entries: dict[str, Entry], like: Wide | None = None) -> Wide:
    return widened("0" * 40, raw.format_tree(entries), "sha1", like)


@given(TREES, TREES)
def test_a_tree_that_is_read_beside_another_is_the_tree_that_it_is_alone(
    old: dict[str, Entry], new: dict[str, Entry]
) -> None:
    made = wide(new, wide(old))
    assert made == wide(new)._replace(plain=made.plain)
    assert made.plain <= all(map(str.isascii, new))
    for name in {*old, *new, "none"}:
        assert made.get(name) == new.get(name)


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
