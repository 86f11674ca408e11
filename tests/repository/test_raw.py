import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.errors import RepositoryError
from codexa_git.repository import raw
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
    st.integers(0, raw.LAST_SECOND),
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
    body = raw.format_commit(OID, parents, author, committer, message)
    found = raw.parse_commit(OID, body, "sha1")
    assert (found.tree, found.parents, found.message) == (OID, tuple(parents), message)
    assert (found.author, found.committer) == (author, committer)


WHO = b"author A <a@demo.invalid> 1 +0000\ncommitter A <a@demo.invalid> 1 +0000\n"
TREE = b"tree " + OID.encode() + b"\n"


def test_headers_that_git_adds_are_passed_over() -> None:
    more = b"encoding latin-1\ngpgsig -----BEGIN\n tree x\n \n -----END\n"
    found = raw.parse_commit(OID, TREE + WHO + more + b"\nsubject\n\nbody\n", "sha1")
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
        raw.parse_commit(OID, body, "sha1")


@pytest.mark.parametrize("at", [raw.LAST_SECOND + 1, 253_402_300_799, 10**17])
def test_a_commit_of_no_calendar_is_refused(at: int) -> None:
    body = TREE + WHO.replace(b" 1 ", f" {at} ".encode()) + b"\nx"
    with pytest.raises(RepositoryError, match="a time that no calendar reaches"):
        raw.parse_commit(OID, body, "sha1")


@pytest.mark.parametrize("name", ["A <b>", "A\nparent x", "A\0"])
def test_a_name_cannot_add_lines_to_a_commit(name: str) -> None:
    bad = Stamp(Identity(name, "a@demo.invalid"), 1)
    good = Stamp(Identity("A", "a@demo.invalid"), 1)
    with pytest.raises(RepositoryError, match="git cannot store the name"):
        raw.format_commit(OID, [], good, bad, b"x")
    with pytest.raises(RepositoryError, match="NUL"):
        raw.format_commit(OID, [], good, good, b"x\0")


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "a/../b", ".git/x", "a/.Git", "a\0"])
def test_a_path_that_no_tree_may_hold_is_refused(path: str) -> None:
    with pytest.raises(RepositoryError, match="cannot hold the path"):
        raw.require_path(path)


def test_a_path_has_a_depth() -> None:
    raw.require_path("/".join("d" * 256))
    with pytest.raises(RepositoryError, match="more than 256 folders deep"):
        raw.require_path("/".join("d" * 257))
