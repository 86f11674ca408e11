"""The property: whatever single thing is changed in the judged bytes, the change does not land.

The judged bytes are those of every path in which the landed tree differs from its first parent's.
Bytes of the base are no part of it: a landing brings none of them.
"""

import os
from collections.abc import Iterator

import pytest
from gate.world import World
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.errors import CodexaError
from codexa_git.repository.objects import Entry, Mode

pytestmark = pytest.mark.slow

DEEP = int(os.environ.get("MUTATIONS") or examples(30))
QUIET = settings(
    max_examples=DEEP,
    derandomize="MUTATIONS" not in os.environ,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8
).filter(lambda name: name not in (".", "..") and name.lower() != ".git")


def lands(world: World, tree: str) -> bool:
    """True for a yes; a sentence of ours is a refusal, and any other error fails the test."""
    try:
        return world.judge(tree).lands
    except CodexaError:
        return False


def judged(world: World) -> dict[str, Entry]:
    found = {d.path: d.new for d in world.moment.case.differences}
    return {path: entry for path, entry in found.items() if entry is not None}


def mutations(content: bytes, at: int, byte: int) -> Iterator[bytes]:
    """What one byte less, another, or one more at this place makes of the content."""
    yield content[:at] + bytes([byte]) + content[at:]
    if at < len(content):
        yield content[:at] + content[at + 1 :]
        yield content[:at] + bytes([byte]) + content[at + 1 :]
        yield content[:at] + bytes([content[at] ^ 0x20]) + content[at + 1 :]


@QUIET
@given(st.data())
def test_no_byte_can_be_flipped_put_in_or_taken_out(world: World, data: st.DataObject) -> None:
    files = judged(world)
    path = data.draw(st.sampled_from(sorted(files)))
    content = world.read(path)
    at = data.draw(st.integers(0, len(content)))
    byte = data.draw(st.sampled_from([0, 9, 10, 13, 32, 65, 255]) | st.integers(0, 255))
    for mutated in mutations(content, at, byte):
        if mutated != content:
            assert not lands(world, world.edited({path: mutated}, mode=files[path].mode)), path


@QUIET
@given(st.data())
def test_no_line_can_be_dropped_doubled_or_moved(world: World, data: st.DataObject) -> None:
    files = judged(world)
    path = data.draw(st.sampled_from(sorted(files)))
    lines = world.read(path).splitlines(keepends=True)
    if not lines:
        return
    places = st.integers(0, len(lines) - 1)
    one, other = data.draw(places), data.draw(places)
    without = [*lines[:one], *lines[one + 1 :]]
    moved = [*without[:other], lines[one], *without[other:]]
    for made in (without, [*lines[:one], lines[one], *lines[one:]], moved):
        if made != lines:
            tree = world.edited({path: b"".join(made)}, mode=files[path].mode)
            assert not lands(world, tree), path


def test_no_file_can_be_dropped_or_put_back_as_it_was(world: World) -> None:
    for difference in world.moment.case.differences:
        assert not lands(world, world.edited({difference.path: None})), difference.path
        assert not lands(world, world.edited({difference.path: difference.old})), difference.path


@pytest.mark.parametrize("mode", [m for m in Mode if m is not Mode.TREE])
def test_no_mode_can_be_changed(world: World, mode: Mode) -> None:
    for path, entry in judged(world).items():
        if entry.mode != mode:
            oid = world.moment.tip.oid if mode is Mode.GITLINK else entry.oid
            assert not lands(world, world.edited({path: Entry(mode, oid)})), path


@QUIET
@given(st.data())
def test_no_file_can_be_added(world: World, data: st.DataObject) -> None:
    folders = {path.rpartition("/")[0] for path in world.store.entries(world.tree)}
    folder = data.draw(st.sampled_from(sorted(folders)))
    path = "/".join([*([folder] if folder else []), data.draw(NAMES)])
    if world.store.entry(world.tree, path) is None:
        content = data.draw(st.binary(max_size=4))
        mode = data.draw(st.sampled_from([Mode.FILE, Mode.EXECUTABLE, Mode.SYMLINK]))
        assert not lands(world, world.edited({path: content}, mode=mode)), path


@QUIET
@given(st.data())
def test_no_two_files_can_change_places(world: World, data: st.DataObject) -> None:
    files = judged(world)
    one, other = (
        data.draw(st.sampled_from(sorted(files))),
        data.draw(st.sampled_from(sorted(files))),
    )
    if files[one] != files[other]:
        assert not lands(world, world.edited({one: files[other], other: files[one]}))


def test_a_file_of_the_base_cannot_be_touched_either(world: World) -> None:
    for path in world.store.entries(world.base):
        assert not lands(world, world.edited({path: world.read(path) + b"\n"})), path
        assert not lands(world, world.edited({path: None})), path
