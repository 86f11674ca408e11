from pathlib import Path

import pytest

from codexa_git.repository.cached import keep, recall

VALUE = ("a", 1, None, True, b"x", ("deep", ("er",)))


def test_what_was_kept_is_recalled_for_the_same_matter_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "file"
    keep(file, "this", VALUE)
    assert recall(file, "this") == VALUE
    assert recall(file, "that") is None
    assert [path.name for path in file.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("cut", [0, 5, 31, 32, 40])
def test_a_file_cut_short_was_never_kept(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "file"
    keep(file, "this", VALUE)
    file.write_bytes(file.read_bytes()[:cut])
    assert recall(file, "this") is None


def test_any_flipped_bit_means_never_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    keep(file, "this", VALUE)
    whole = file.read_bytes()
    for position in range(len(whole)):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert recall(file, "this") is None


def test_a_place_that_cannot_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"here")
    keep(tmp_path / "file" / "below", "this", VALUE)
    (tmp_path / "folder").mkdir()
    keep(tmp_path / "folder", "this", VALUE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert recall(tmp_path / "folder", "this") is None
