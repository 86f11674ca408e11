"""Each way in which an approval that is carried over a sync could come to cover other bytes."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from codexa_git.gate.subjects import bound, fallen
from codexa_git.repository.objects import Entry, Mode
from codexa_git.repository.store import Store

LINES = [b"line %d\n" % n for n in range(1, 41)]
BLOCK = [b"begin\n", b"one\n", b"two\n", b"call()\n", b"three\n", b"four\n", b"end\n"]
TWICE = b"".join([*LINES[:10], *BLOCK, *LINES[10:20], *BLOCK, *LINES[20:]])
FIRST = TWICE.replace(b"call()\n", b"call(safely)\n", 1)
SECOND = TWICE[: TWICE.rindex(b"call()")] + b"call(safely)" + TWICE[TWICE.rindex(b"call()") + 6 :]
OLD = b"".join(LINES)

Content = bytes | Entry | None


class Carried(NamedTuple):
    """What was read, and what it became: the base's side and the change's, before and after."""

    old: Content
    new: Content
    old_now: Content
    new_now: Content


def edit(content: bytes, **lines: bytes) -> bytes:
    """The content with other lines, each by its number: `_5=b"five"`."""
    for number, line in lines.items():
        content = content.replace(b"line %d\n" % int(number[1:]), line, 1)
    return content


def above(content: bytes) -> bytes:
    return b"more\nabove\n" + content


FALLS: dict[str, Carried] = {
    "the change edits another line, too": Carried(
        OLD, edit(OLD, _5=b"five\n"), above(OLD), above(edit(OLD, _5=b"five\n", _30=b"thirty\n"))
    ),
    "the change takes an edit of the base back": Carried(
        OLD, edit(OLD, _5=b"five\n"), edit(OLD, _30=b"thirty\n"), edit(OLD, _5=b"five\n")
    ),
    "what was edited is not any more": Carried(
        OLD, edit(OLD, _5=b"five\n", _30=b"x\n"), above(OLD), above(edit(OLD, _5=b"five\n"))
    ),
    "two hunks changed places": Carried(
        TWICE,
        FIRST.replace(b"line 25\n", b"x\n"),
        TWICE,
        SECOND.replace(b"line 3\n", b"x\n"),
    ),
    "a hunk stands there twice": Carried(
        TWICE, FIRST, TWICE, TWICE.replace(b"call()", b"call(safely)")
    ),
    "lines between two hunks went, and they became one": Carried(
        OLD,
        edit(OLD, _5=b"five\n", _13=b"x\n"),
        edit(OLD, _9=b""),
        edit(OLD, _5=b"five\n", _13=b"x\n", _9=b""),
    ),
    "a hunk at the beginning is now further below": Carried(
        OLD, edit(OLD, _1=b"first\n"), above(OLD), above(edit(OLD, _1=b"first\n"))
    ),
    "a hunk at the end is now further above": Carried(
        OLD, edit(OLD, _40=b"last\n"), OLD + b"more\n", edit(OLD, _40=b"last\n") + b"more\n"
    ),
    "the last line has no end any more": Carried(
        OLD, edit(OLD, _40=b"last\n"), OLD, edit(OLD, _40=b"last\n")[:-1]
    ),
    "git's words for a missing end are text now": Carried(
        OLD[:-1],
        OLD[:-1] + b"x",
        OLD,
        OLD + b"x\n\\ No newline at end of file\n",
    ),
    "line ends of the context are others": Carried(
        OLD,
        edit(OLD, _5=b"five\n"),
        edit(OLD, _4=b"line 4\r\n"),
        edit(OLD, _4=b"line 4\r\n", _5=b"five\n"),
    ),
    "white space of the context is other": Carried(
        OLD, edit(OLD, _5=b"x\n"), edit(OLD, _7=b"line  7\n"), edit(OLD, _7=b"line  7\n", _5=b"x\n")
    ),
    "bytes that are no text are others": Carried(
        OLD, edit(OLD, _5=b"\xff\xfe\n"), above(OLD), above(edit(OLD, _5=b"\xff\xfd\n"))
    ),
    "a line that looks like a hunk's head says another place": Carried(
        OLD,
        edit(OLD, _5=b"@@ -1 +1 @@\n"),
        above(OLD),
        above(edit(OLD, _5=b"@@ -2 +2 @@\n")),
    ),
    "a line that looks like the next file's head": Carried(
        OLD,
        edit(OLD, _5=b"five\n"),
        above(OLD),
        above(edit(OLD, _5=b"five\ndiff --git a/f0000001 b/f0000001\n@@ -1 +1 @@\n")),
    ),
    "the file that is taken out holds something else": Carried(OLD, None, above(OLD), None),
    "the file that is new holds something else": Carried(None, OLD, None, above(OLD)),
    "the file that is new is there already": Carried(None, OLD, b"", OLD),
    "an empty file that is new is not empty": Carried(None, b"", None, b"x"),
    "it is binary on both sides": Carried(b"\0a", b"\0b", b"\0more a", b"\0more b"),
    "it became binary": Carried(OLD, edit(OLD, _5=b"x\n"), OLD, edit(OLD, _5=b"x\n") + b"\0"),
}


@pytest.fixture
def store(repository: Path) -> Iterator[Store]:
    with Store.open(repository) as opened:
        yield opened


def side(store: Store, content: Content, more: dict[str, Content] | None = None) -> str:
    """A tree with this at `f`, or without it."""
    files = {"f": content, **(more or {})}
    entries = {
        path: Entry(Mode.FILE, store.write_blob(found)) if isinstance(found, bytes) else found
        for path, found in files.items()
    }
    return store.write_tree(None, entries)


def stands(store: Store, carried: Carried, *, patch: bool = True, attributes: str = "") -> bool:
    """True where an approval of what was read stands for what it became."""
    more: dict[str, Content] = {".gitattributes": attributes.encode()} if attributes else {}
    old, new, old_now, new_now = (side(store, content, more) for content in carried)
    recorded = bound(store, store.difference(old, new))
    return not fallen(store, recorded, store.difference(old_now, new_now), lambda _: patch)


@pytest.mark.parametrize("name", FALLS)
def test_it_falls_where(store: Store, name: str) -> None:
    assert not stands(store, FALLS[name])
    assert stands(store, FALLS[name]._replace(old_now=FALLS[name].old, new_now=FALLS[name].new))


@pytest.mark.parametrize(
    "attributes", ["* -diff\n", "* binary\n", "* -text eol=crlf\n", "* diff=x\n"]
)
@pytest.mark.parametrize("name", list(FALLS)[:3])
def test_attributes_of_the_tree_hide_nothing(store: Store, name: str, attributes: str) -> None:
    assert not stands(store, FALLS[name], attributes=attributes)


@pytest.mark.parametrize("mode", [Mode.EXECUTABLE, Mode.SYMLINK])
def test_the_same_text_in_another_mode_falls(store: Store, mode: Mode) -> None:
    new = edit(OLD, _5=b"five\n")
    other = Entry(mode, store.write_blob(above(new)))
    assert not stands(store, Carried(OLD, new, above(OLD), other))


def test_the_same_text_at_another_path_falls(store: Store) -> None:
    new = edit(OLD, _5=b"five\n")
    recorded = bound(store, store.difference(side(store, OLD), side(store, new)))
    moved = [side(store, None, {"g": content}) for content in (OLD, new)]
    assert fallen(store, recorded, store.difference(*moved), lambda _: True) == ("f", "g")


def test_a_submodule_is_carried_by_its_commit_alone(store: Store) -> None:
    one, other = (Entry(Mode.GITLINK, letter * 40) for letter in "ab")
    assert not stands(store, Carried(None, one, None, other))


GIVEN_UP: dict[str, Carried] = {
    "a hunk moved to another place with the same context": Carried(TWICE, FIRST, TWICE, SECOND),
    "the base edited the file elsewhere": Carried(
        OLD,
        edit(OLD, _5=b"five\n"),
        edit(above(OLD), _30=b"x\n"),
        edit(above(OLD), _30=b"x\n", _5=b"five\n"),
    ),
}


@pytest.mark.parametrize("name", GIVEN_UP)
def test_what_carrying_gives_up_is_held_by_carrying_nothing(store: Store, name: str) -> None:
    """As the threat model says of both; tests run on the new bytes all the same."""
    assert stands(store, GIVEN_UP[name])
    assert not stands(store, GIVEN_UP[name], patch=False)


def test_a_mode_that_alone_changed_is_carried_over_an_edit_of_the_base(store: Store) -> None:
    def executable(content: bytes) -> Entry:
        return Entry(Mode.EXECUTABLE, store.write_blob(content))

    carried = Carried(OLD, executable(OLD), above(OLD), executable(above(OLD)))
    assert stands(store, carried)
    assert not stands(store, carried, patch=False)
    assert not stands(store, carried._replace(new_now=executable(OLD)))
