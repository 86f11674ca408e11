"""What is said at the edges: nothing was asked, no yes and no no, an id that is nearly one."""

import io
import shutil
from pathlib import Path

import pytest
from scenarios.clone import At, Shelf
from scenarios.pairs import BRANCH, Pair


@pytest.mark.parametrize("words", [(), ("backlog",)])
def test_who_asks_nothing_reads_what_can_be_asked_and_of_no_error(
    words: tuple[str, ...], at: At
) -> None:
    told = at("plain").codexa(*words)
    assert (told.status, told.out) == (2, "")
    assert told.err.startswith(
        f"Usage: git codexa {''.join(f'{word} ' for word in words)}[OPTIONS]"
    )
    assert "error:" not in told.err


@pytest.mark.parametrize(
    ("said", "status"), [("perhaps\ny\n", 0), ("perhaps\n\n", 0), ("perhaps\nNO\n", 1), ("", 1)]
)
def test_what_is_neither_yes_nor_no_is_asked_again_in_our_own_words(
    said: str, status: int, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(said))
    told = at("adopted").codexa("enforce", "--demo")
    assert told.status == status
    assert ("that is neither y nor n\n" in told.err) is bool(said)
    assert "Error:" not in told.err
    assert "[Y/n]: " in told.out


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("milestone", "MS-1"), "MS-01"),
        (("milestone", "ms-01"), "MS-01"),
        (("backlog", "rank", "bl7", "1"), "BL-007"),
    ],
)
def test_an_id_that_is_nearly_one_is_told(words: tuple[str, ...], meant: str, at: At) -> None:
    assert f": did you mean {meant}?" in at("enforced").refused(*words, status=2)


def test_an_id_that_is_like_none_is_shown_one(at: At) -> None:
    assert "one looks like MS-01" in at("enforced").refused("milestone", "beta", status=2)


def test_a_remote_that_is_gone_is_said_with_what_to_look_at(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    pair = Pair(at("closed"), tmp_path, shelf)
    shutil.rmtree(pair.remote)
    for words in (("land",), ("land", "--wait"), ("backlog", "add", "sing")):
        told = pair.first.refused(*words, status=3)
        assert told.endswith(
            "hint: git remote -v says where origin is; once it can be reached, ask again\n"
        )


def test_who_only_gets_what_others_pushed_is_not_told_that_it_was_pushed(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    pair = Pair(at("planned"), tmp_path, shelf)
    pair.first.did("approve")
    assert pair.second.did("sync") == "CH-001 has all that its remote has\n"
    assert pair.second.tip(BRANCH) == pair.pushed
    pair.second.commit({"changes/CH-001/note.md": "x\n"}, "a note")
    assert "CH-001 is pushed" in pair.second.did("sync")
