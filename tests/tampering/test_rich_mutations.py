"""The property, upon the rich history: any single thing that is another in judged bytes is found.

Judged bytes are those of each path in which a commit differs from its first parent: of the four
landings, and of everything that the owners did. `MUTATIONS=5000` looks for survivors for longer.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tampering.rich import Place, Rich
from tampering.test_mutations import NAMES, mutations

from codexa_git.repository.objects import Difference, Entry, Mode
from codexa_git.repository.reading import REGULAR

pytestmark = pytest.mark.slow

QUIET = settings(
    max_examples=int(os.environ.get("MUTATIONS", "12")),
    derandomize="MUTATIONS" not in os.environ,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LANDINGS = ("merge", "squash", "light", "revert")
JUDGED = (*LANDINGS, "rotation", "revocation", "bypass", "sweep", "incident")

Files = dict[str, Entry | None]


def places(data: st.DataObject, rich: Rich) -> Place:
    return rich.place(data.draw(st.sampled_from(JUDGED)))


def judged(place: Place) -> list[Difference]:
    return [*place.store.difference(place.parent.tree, place.commit.tree)]


def texts(place: Place) -> list[tuple[str, Entry]]:
    found = ((d.path, d.new) for d in judged(place))
    return [(path, new) for path, new in found if new is not None and new.mode in REGULAR]


def survives(place: Place, files: Files) -> bool:
    """True where a server and `verify` would find nothing wrong with the commit made so."""
    tree = place.store.write_tree(place.commit.tree, files)
    if tree == place.commit.tree:
        return False
    if tree == place.parent.tree:
        return False  # it brings nothing any more, and there is nothing to judge
    return not place.rich.pushed(place.put(tree))


def rewritten(place: Place, path: str, old: Entry, content: bytes) -> Files:
    return {path: Entry(old.mode, place.store.write_blob(content))}


@QUIET
@given(st.data())
def test_no_byte_can_be_flipped_put_in_or_taken_out(rich: Rich, data: st.DataObject) -> None:
    place = places(data, rich)
    path, old = data.draw(st.sampled_from(texts(place)))
    content = place.store.blob(old.oid)
    at = data.draw(st.integers(0, len(content)))
    byte = data.draw(st.sampled_from([0, 9, 10, 13, 32, 65, 255]) | st.integers(0, 255))
    for made in mutations(content, at, byte):
        if made != content:
            assert not survives(place, rewritten(place, path, old, made)), (path, at, byte)


def moved(lines: list[bytes], one: int, other: int) -> Iterator[bytes]:
    """One line less, one line twice, one line elsewhere, two that changed places."""
    rest = [*lines[:one], *lines[one + 1 :]]
    yield b"".join(rest)
    yield b"".join([*lines[:one], lines[one], *lines[one:]])
    yield b"".join([*rest[:other], lines[one], *rest[other:]])
    swapped = [*lines]
    swapped[one], swapped[other] = lines[other], lines[one]
    yield b"".join(swapped)


@QUIET
@given(st.data())
def test_no_line_can_be_dropped_doubled_moved_or_swapped(rich: Rich, data: st.DataObject) -> None:
    place = places(data, rich)
    path, old = data.draw(st.sampled_from(texts(place)))
    lines = place.store.blob(old.oid).splitlines(keepends=True)
    if not lines:
        return
    numbers = st.integers(0, len(lines) - 1)
    for made in moved(lines, data.draw(numbers), data.draw(numbers)):
        assert not survives(place, rewritten(place, path, old, made)), path


@pytest.mark.parametrize("mark", JUDGED)
def test_no_file_can_be_left_out_or_put_back_as_it_was(rich: Rich, mark: str) -> None:
    place = rich.place(mark)
    for difference in judged(place):
        assert not survives(place, {difference.path: None}), difference.path
        assert not survives(place, {difference.path: difference.old}), difference.path


@pytest.mark.parametrize("mark", JUDGED)
def test_no_mode_can_be_changed(rich: Rich, mark: str) -> None:
    place = rich.place(mark)
    for path, entry in texts(place):
        for mode in (Mode.FILE, Mode.EXECUTABLE, Mode.SYMLINK, Mode.GITLINK):
            oid = place.commit.oid if mode is Mode.GITLINK else entry.oid
            assert not survives(place, {path: Entry(mode, oid)}), (path, mode)


@QUIET
@given(st.data())
def test_no_file_can_be_added(rich: Rich, data: st.DataObject) -> None:
    place = places(data, rich)
    entries = place.store.entries(place.commit.tree)
    folders = sorted({path.rpartition("/")[0] for path in entries})
    folder = data.draw(st.sampled_from(folders))
    path = "/".join([*([folder] if folder else []), data.draw(NAMES)])
    if place.store.entry(place.commit.tree, path) is None:
        mode = data.draw(st.sampled_from([Mode.FILE, Mode.EXECUTABLE, Mode.SYMLINK]))
        oid = place.store.write_blob(data.draw(st.binary(max_size=4)))
        assert not survives(place, {path: Entry(mode, oid)}), path


@pytest.mark.parametrize("mark", JUDGED)
def test_no_file_of_the_base_can_be_touched_along(rich: Rich, mark: str) -> None:
    place = rich.place(mark)
    for path, entry in place.store.entries(place.parent.tree).items():
        content = place.store.blob(entry.oid)
        assert not survives(place, rewritten(place, path, entry, content + b"\n")), path
        assert not survives(place, {path: None}), path


@QUIET
@given(st.data())
def test_no_two_files_can_change_places(rich: Rich, data: st.DataObject) -> None:
    place = places(data, rich)
    one, other = (data.draw(st.sampled_from(texts(place))) for _ in range(2))
    if one[1] != other[1]:
        assert not survives(place, {one[0]: other[1], other[0]: one[1]})
