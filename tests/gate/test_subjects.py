"""Subjects: what an approval binds, when it falls, and what a sync may carry it over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gate.handwritten import Handwritten
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.gate.subjects import Subject, bound, fallen, subject_of
from codexa_git.repository.objects import Entry, Mode
from codexa_git.repository.store import Store

OLD = b"".join(b"line %d\n" % n for n in range(1, 31))
NEW = OLD.replace(b"line 5\n", b"line five\n")
BINARY = b"\0binary\n"


@pytest.fixture
def store(repository: Path) -> Iterator[Store]:
    with Handwritten.open(repository) as opened:
        yield opened


Files = dict[str, bytes | Entry | None]


def tree(store: Store, files: Files) -> str:
    entries = {
        path: Entry(Mode.FILE, store.write_blob(content)) if isinstance(content, bytes) else content
        for path, content in files.items()
    }
    return store.write_tree(None, entries)


def lost(
    store: Store, approved: tuple[Files, Files], now: tuple[Files, Files], *, patch: bool = True
) -> tuple[str, ...]:
    """The paths that an approval of the first pair of trees no longer stands for in the second."""
    recorded = bound(store, store.difference(*(tree(store, side) for side in approved)))
    differences = store.difference(*(tree(store, side) for side in now))
    return fallen(store, recorded, differences, lambda _: patch)


BEFORE: tuple[Files, Files] = ({"a": OLD, "b": OLD}, {"a": NEW, "b": OLD, "c": b"new\n"})


def test_an_approval_stands_for_what_it_was_given_for(store: Store) -> None:
    assert lost(store, BEFORE, BEFORE) == ()
    assert lost(store, BEFORE, BEFORE, patch=False) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(40))
@given(at=st.integers(0, len(NEW)), byte=st.integers(0, 255))
def test_one_byte_fells_it(store: Store, at: int, byte: int) -> None:
    inserted = NEW[:at] + bytes([byte]) + NEW[at:]
    assert lost(store, BEFORE, (BEFORE[0], BEFORE[1] | {"a": inserted})) == ("a",)
    if at < len(NEW) and NEW[at] != byte:
        flipped = NEW[:at] + bytes([byte]) + NEW[at + 1 :]
        expected = ("a",)
        assert lost(store, BEFORE, (BEFORE[0], BEFORE[1] | {"a": flipped})) == expected


@pytest.mark.parametrize(
    "content", [NEW[:-1], NEW + b"\n", NEW.replace(b"\n", b"\r\n"), NEW + b" ", b"", BINARY]
)
def test_white_space_and_line_ends_fell_it(store: Store, content: bytes) -> None:
    assert lost(store, BEFORE, (BEFORE[0], BEFORE[1] | {"a": content})) == ("a",)


@pytest.mark.parametrize("mode", [Mode.EXECUTABLE, Mode.SYMLINK, Mode.GITLINK])
def test_a_mode_fells_it(store: Store, mode: Mode) -> None:
    entry = Entry(mode, store.write_blob(NEW))
    assert lost(store, BEFORE, (BEFORE[0], BEFORE[1] | {"a": entry})) == ("a",)


def test_another_old_mode_fells_it(store: Store) -> None:
    entry = Entry(Mode.EXECUTABLE, store.write_blob(OLD))
    assert lost(store, BEFORE, (BEFORE[0] | {"a": entry}, BEFORE[1])) == ("a",)


def test_a_path_that_came_or_went_fells_it(store: Store) -> None:
    assert lost(store, BEFORE, (BEFORE[0], BEFORE[1] | {"d": b""})) == ("d",)
    assert lost(store, BEFORE, (BEFORE[0], {"a": NEW, "b": OLD})) == ("c",)
    assert lost(store, BEFORE, (BEFORE[0], BEFORE[1] | {"b": None})) == ("b",)
    assert lost(store, BEFORE, (BEFORE[0], BEFORE[0])) == ("a", "c")


def test_a_change_of_the_base_elsewhere_in_the_file_is_carried_over(store: Store) -> None:
    def elsewhere(content: bytes) -> bytes:
        return b"more\nabove\n" + content.replace(b"line 28\n", b"line 28, changed\n")

    now: tuple[Files, Files] = (
        {"a": elsewhere(OLD), "b": OLD},
        {"a": elsewhere(NEW), "b": OLD, "c": b"new\n"},
    )
    assert lost(store, BEFORE, now) == ()
    assert lost(store, BEFORE, now, patch=False) == ("a",)


@pytest.mark.parametrize("line", range(2, 9))
def test_a_change_of_the_base_in_the_context_fells_it(store: Store, line: int) -> None:
    old = b"line %d\n" % line
    now: tuple[Files, Files] = (
        {"a": OLD.replace(old, b"other\n"), "b": OLD},
        {"a": NEW.replace(old, b"other\n"), "b": OLD, "c": b"new\n"},
    )
    assert lost(store, BEFORE, now) == ("a",)


def test_binary_content_is_carried_by_its_bytes_alone(store: Store) -> None:
    approved: tuple[Files, Files] = ({"a": BINARY}, {"a": BINARY + b"x\n"})
    now: tuple[Files, Files] = ({"a": b"top\n" + BINARY}, {"a": b"top\n" + BINARY + b"x\n"})
    assert lost(store, approved, approved) == ()
    assert lost(store, approved, now) == ("a",)


def test_a_link_is_carried_by_its_bytes_alone(store: Store) -> None:
    def link(target: bytes) -> Entry:
        return Entry(Mode.SYMLINK, store.write_blob(target))

    approved: tuple[Files, Files] = ({}, {"a": link(b"here")})
    assert lost(store, approved, ({}, {"a": link(b"here")})) == ()
    assert lost(store, approved, ({}, {"a": link(b"there")})) == ("a",)


def test_a_file_that_comes_is_not_one_that_was_emptied_before(store: Store) -> None:
    assert lost(store, ({}, {"a": b"x\n"}), ({"a": b""}, {"a": b"x\n"})) == ("a",)
    assert lost(store, ({"a": b"x\n"}, {}), ({"a": b"x\n"}, {"a": b""})) == ("a",)


def test_a_subject_is_what_the_record_keeps(store: Store) -> None:
    paths = bound(store, store.difference(*(tree(store, side) for side in BEFORE)))
    subject = Subject(paths, "sha256:x", ("test_a",))
    assert subject_of(subject.data()) == subject
    assert [path.path for path in paths] == ["a", "c"]


def test_everything_in_a_subject_counts(store: Store) -> None:
    paths = bound(store, store.difference(*(tree(store, side) for side in BEFORE)))
    first, *rest = paths
    subjects = [
        Subject(paths),
        Subject(paths, "x"),
        Subject(paths, None, ("x",)),
        Subject(tuple(rest)),
        *(Subject((first._replace(**{name: "x"}), *rest)) for name in first._fields),
    ]
    assert len({subject.digest for subject in subjects}) == len(subjects)
