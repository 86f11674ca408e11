import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.errors import RepositoryError
from codexa_git.repository import commits, raw
from codexa_git.repository.objects import Entry, Identity, Mode, Stamp

OID = "ab" * 20
NAMES = st.binary(min_size=1, max_size=12).map(lambda name: name.decode("utf-8", "surrogateescape"))
ENTRIES = st.dictionaries(
    NAMES.filter(raw.is_safe_name),
    st.builds(Entry, st.sampled_from([mode.value for mode in Mode]), st.just(OID)),
)
TEXT = st.text(st.characters(blacklist_characters="<>\n\0", codec="utf-8"), max_size=12)
STAMPS = st.builds(
    Stamp,
    st.builds(Identity, TEXT.map(str.strip), TEXT),
    st.integers(0, commits.LAST_SECOND),
    st.sampled_from(["+0000", "-0730", "+1400"]),
)


@given(ENTRIES)
def test_every_tree_is_read_as_it_was_written(entries: dict[str, Entry]) -> None:
    assert raw.parse_tree(OID, raw.format_tree(entries), "sha1") == entries


@given(st.binary(max_size=80))
def test_a_tree_of_any_bytes_is_read_exactly_or_refused(body: bytes) -> None:
    try:
        entries = raw.parse_tree(OID, body, "sha1")
    except RepositoryError:
        return
    assert raw.format_tree(entries) == body


def entry(mode: bytes, name: bytes) -> bytes:
    return mode + b" " + name + b"\0" + bytes(20)


@pytest.mark.parametrize(
    "body",
    [
        entry(b"100644", b"b") + entry(b"100644", b"a"),
        entry(b"100644", b"a") + entry(b"100644", b"a"),
        entry(b"100644", b"a") + entry(b"100644", b"a.b") + entry(b"40000", b"a"),
        entry(b"100664", b"a"),
        entry(b"040000", b"a"),
        entry(b"100644", b""),
        entry(b"100644", b"a/b"),
        entry(b"40000", b".git"),
        entry(b"40000", b".GIT"),
        entry(b"40000", b".."),
        entry(b"40000", b"."),
        entry(b"100644", b"a")[:-1],
        b"100644 a",
        b"100644",
    ],
)
def test_a_tree_that_git_would_not_write_is_refused(body: bytes) -> None:
    with pytest.raises(RepositoryError, match="tree"):
        raw.parse_tree(OID, body, "sha1")


@given(st.lists(st.just("cd" * 20), max_size=3), STAMPS, STAMPS, st.binary(max_size=40))
def test_every_commit_is_read_as_it_was_written(
    parents: list[str], author: Stamp, committer: Stamp, message: bytes
) -> None:
    message = message.replace(b"\0", b"")
    body = commits.format_commit(OID, parents, author, committer, message)
    found = commits.parse_commit(OID, body, "sha1")
    assert (found.tree, found.parents, found.message) == (OID, tuple(parents), message)
    assert (found.author, found.committer) == (author, committer)


WHO = b"author A <a@demo.invalid> 1 +0000\ncommitter A <a@demo.invalid> 1 +0000\n"
TREE = b"tree " + OID.encode() + b"\n"


def test_headers_that_git_adds_are_passed_over() -> None:
    more = b"encoding latin-1\ngpgsig -----BEGIN\n tree x\n \n -----END\n"
    found = commits.parse_commit(OID, TREE + WHO + more + b"\nsubject\n\nbody\n", "sha1")
    assert found.message == b"subject\n\nbody\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        TREE,
        WHO + b"\nx",
        TREE + WHO + TREE + b"\nx",
        TREE + WHO + b"author B <b@demo.invalid> 1 +0000\n\nx",
        TREE + WHO + b"parent " + OID.encode() + b"\n\nx",
        TREE + b"parent zz\n" + WHO + b"\nx",
        b"tree HEAD\n" + WHO + b"\nx",
        TREE + WHO.replace(b" 1 ", b" -1 ") + b"\nx",
        TREE + WHO.replace(b" 1 ", b" 1e3 ") + b"\nx",
        TREE + WHO.replace(b"+0000", b"UTC") + b"\nx",
        TREE + WHO.replace(b"<", b"") + b"\nx",
        TREE + WHO.rstrip(b"\n"),
    ],
)
def test_a_commit_that_git_would_not_write_is_refused(body: bytes) -> None:
    with pytest.raises(RepositoryError, match="malformed"):
        commits.parse_commit(OID, body, "sha1")


@pytest.mark.parametrize("at", [commits.LAST_SECOND + 1, 253_402_300_799, 10**17])
def test_a_commit_of_no_calendar_is_refused(at: int) -> None:
    body = TREE + WHO.replace(b" 1 ", f" {at} ".encode()) + b"\nx"
    with pytest.raises(RepositoryError, match="a time that no calendar reaches"):
        commits.parse_commit(OID, body, "sha1")


@pytest.mark.parametrize("name", ["A <b>", "A\nparent x", "A\0"])
def test_a_name_cannot_add_lines_to_a_commit(name: str) -> None:
    bad = Stamp(Identity(name, "a@demo.invalid"), 1)
    good = Stamp(Identity("A", "a@demo.invalid"), 1)
    with pytest.raises(RepositoryError, match="git cannot store the name"):
        commits.format_commit(OID, [], good, bad, b"x")
    with pytest.raises(RepositoryError, match="NUL"):
        commits.format_commit(OID, [], good, good, b"x\0")


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "a/../b", ".git/x", "a/.Git", "a\0"])
def test_a_path_that_no_tree_may_hold_is_refused(path: str) -> None:
    with pytest.raises(RepositoryError, match="cannot hold the path"):
        raw.require_path(path)


def test_a_path_has_a_depth() -> None:
    raw.require_path("/".join("d" * 256))
    with pytest.raises(RepositoryError, match="more than 256 folders deep"):
        raw.require_path("/".join("d" * 257))


def row_by_row(body: bytes, object_format: str) -> dict[str, Entry] | None:
    """What the strict reader says, row by row; `None` where it refuses."""
    try:
        rows = raw.parse_rows(OID, body, object_format)
    except RepositoryError:
        return None
    entries = {row.name: row.entry for row in rows}
    return entries if len(entries) == len(rows) else None


ROWS = st.lists(
    st.tuples(
        st.sampled_from(
            [b"100644", b"40000", b"040000", b"100755", b"120000", b"160000", b"1", b""]
        ),
        st.sampled_from(
            [b"a", b"a.b", b"a-", b"", b".", b"..", b".git", b".GiT", b"a/b", b"\xff", b"z 1"]
        ),
        st.sampled_from([bytes(20), b"\x0040000 a\0" + bytes(11), b"a" * 20, b"b" * 32, b"c" * 19]),
    ).map(lambda parts: b"%s %s\0%s" % parts),
    max_size=5,
)


def in_order(rows: list[bytes]) -> list[bytes]:
    return sorted(rows, key=lambda row: row.partition(b" ")[2])


@given(ROWS | ROWS.map(in_order), st.integers(0, 40), st.sampled_from(["sha1", "sha256"]))
def test_a_tree_read_at_once_is_what_it_is_row_by_row(
    rows: list[bytes], cut: int, object_format: str
) -> None:
    body = b"".join(rows)[:-cut] if cut else b"".join(rows)
    try:
        found = raw.parse_tree(OID, body, object_format)
    except RepositoryError:
        assert row_by_row(body, object_format) is None
    else:
        assert list(found.items()) == list((row_by_row(body, object_format) or {}).items())


KEYS = st.sampled_from(["a", "a.b", "a-", "b", "x100644 a", "100644 a", "a 40000 b", "\udcff"])
OIDS = st.sampled_from([OID, "cd" * 20, b"100644 a\0100644 a\0ab".hex()])
SMALL = st.dictionaries(
    KEYS, st.builds(Entry, st.sampled_from([mode.value for mode in Mode]), OIDS), max_size=6
)


@given(SMALL, st.dictionaries(KEYS, st.none() | SMALL.map(lambda e: next(iter(e.values()), None))))
def test_a_tree_changed_in_its_bytes_is_the_one_written_anew(
    entries: dict[str, Entry], changes: dict[str, Entry | None]
) -> None:
    after = {name: entry for name, entry in (entries | changes).items() if entry is not None}
    found = raw.spliced(raw.format_tree(entries), entries, changes)
    assert found is None or found == raw.format_tree(after)


def test_a_row_within_a_name_is_not_taken_for_the_row() -> None:
    entries = {"a": Entry("100644", OID), "z100644 a": Entry("100644", OID)}
    assert raw.spliced(raw.format_tree(entries), entries, {"a": None}) is None
    assert raw.spliced(raw.format_tree(entries), entries, {"none": None}) is not None
