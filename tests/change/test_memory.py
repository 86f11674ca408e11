from pathlib import Path

import pytest

from codexa_git.change.memory import lending, recalled, tell
from codexa_git.change.outline import Outline, read_outline
from codexa_git.errors import PaperError
from codexa_git.repository.cached import Cached

PATH = "changes/CH-001/brief.md"
PAPER = b"""# CH-001 Totals

<!-- unseen -->

## Context

*Not written yet*

## Scope

- one
  - below `one`
- two

## Criteria

1. first

### Lower

A sentence.
"""


def read_afresh(content: bytes) -> Outline:
    """The outline, whatever this process has read before."""
    read_outline.cache_clear()
    return read_outline(content, PATH)


def no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(f"read again: {text[:20]}")

    monkeypatch.setattr("codexa_git.change.outline._blocks", refuse)


def test_a_remembered_outline_is_the_one_that_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = read_afresh(PAPER)
    with lending(Cached(tmp_path)):
        assert read_afresh(PAPER) == without
        no_parser(monkeypatch)
        again = read_afresh(PAPER)
    assert again == without
    assert [type(block) for block in again.section("scope").blocks] == [
        type(block) for block in without.section("scope").blocks
    ]
    assert again.section("scope").blocks[0].items[0].items[0].text == "below one"
    assert again.section("context").written == ()


def test_one_changed_byte_is_read(tmp_path: Path) -> None:
    with lending(Cached(tmp_path)):
        read_afresh(PAPER)
        assert read_afresh(PAPER.replace(b"Totals", b"Totalt")).title == "CH-001 Totalt"
        assert read_afresh(PAPER).title == "CH-001 Totals"


@pytest.mark.parametrize("at", [0, 31, 32, 40, -1])
def test_an_altered_memory_is_not_believed(at: int, tmp_path: Path) -> None:
    with lending(Cached(tmp_path)):
        before = read_afresh(PAPER)
        (file,) = tmp_path.iterdir()
        content = bytearray(file.read_bytes())
        content[at] ^= 1
        file.write_bytes(content)
        assert read_afresh(PAPER) == before


def test_a_memory_of_another_paper_is_not_believed(tmp_path: Path) -> None:
    other = PAPER.replace(b"CH-001", b"CH-002")
    with lending(Cached(tmp_path)):
        read_afresh(PAPER)
        (file,) = tmp_path.iterdir()
        kept = file.read_bytes()
        read_afresh(other)
        file.write_bytes(kept)
        assert read_afresh(other).title == "CH-002 Totals"


def test_a_paper_that_is_refused_is_refused_each_time(tmp_path: Path) -> None:
    with lending(Cached(tmp_path)):
        for _ in range(2):
            with pytest.raises(PaperError, match="starts with its title"):
                read_afresh(b"no title")
    assert list(tmp_path.iterdir()) == []


def test_without_a_memory_nothing_is_kept(tmp_path: Path) -> None:
    with lending(Cached(tmp_path)):
        tell("a name", "this", (1, "x"))
        assert recalled("a name", "this") == (1, "x")
        assert recalled("a name", "that") is None
        assert recalled("another", "this") is None
    tell("a name", "this", 2)
    assert recalled("a name", "this") is None


def test_the_memory_lent_last_is_asked(tmp_path: Path) -> None:
    with lending(Cached(tmp_path / "a")):
        tell("x", "y", 1)
        with lending(Cached(tmp_path / "b")):
            assert recalled("x", "y") is None
        assert recalled("x", "y") == 1
