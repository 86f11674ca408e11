"""A colleague's clone that has fetched changes, and has no branch of them yet."""

import json
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone, Shelf
from scenarios.pairs import BRANCH, Pair

SWITCH = "git switch --track origin/change/CH-001"
NOTHING = 'no change is open on main\nhint: git codexa open "what should change"\n'


@pytest.fixture
def pair(at: At, tmp_path: Path, shelf: Shelf) -> Pair:
    """The plan waits for the Demo PM, whose second clone has fetched it and stands on main."""
    both = Pair(at("planned"), tmp_path, shelf).of_one_person(shelf)
    both.second.git("switch", "-q", "main")
    both.second.git("branch", "-qD", BRANCH)
    return both


@pytest.fixture
def ben(pair: Pair) -> Clone:
    """Who sits at that second clone."""
    return pair.second


@pytest.mark.parametrize("words", [("status",), ("status", "--all")])
def test_status_lists_what_was_fetched_with_the_way_there(
    ben: Clone, words: tuple[str, ...]
) -> None:
    line = "CH-001  Shouting  spec  your move: read brief and plan\n"
    assert ben.did(*words) == f"{line}    on origin: {SWITCH}\n"
    assert ben.did(*words) == f"{line}    on origin: {SWITCH}\n"
    ben.git(*SWITCH.split(" ")[1:])
    assert ben.did("status", "--all") == line
    ben.did("approve")


def test_a_script_finds_it_apart_from_what_has_a_branch_here(ben: Clone) -> None:
    answer = json.loads(ben.did("status", "--json"))
    assert answer["changes"] == []
    (change,) = answer["elsewhere"]
    assert (change["change"], change["branch"]) == ("CH-001", "origin/change/CH-001")
    assert (change["move"]["yours"], change["move"]["command"]) == (True, SWITCH)
    ben.git(*SWITCH.split(" ")[1:])
    answer = json.loads(ben.did("status", "--all", "--json"))
    assert ([c["change"] for c in answer["changes"]], answer["elsewhere"]) == (["CH-001"], [])


def test_the_board_has_it_in_its_group(ben: Clone) -> None:
    board = ben.did("board")
    assert board.startswith("your move ")
    assert f"read brief and plan; it is on origin {SWITCH}" in " ".join(board.split())


def test_the_digest_tells_what_it_waits_for_and_of_nothing_in_its_way(ben: Clone) -> None:
    digest = ben.did("digest")
    assert "## Waiting" in digest
    assert "read brief and plan; it is on origin" in digest
    assert SWITCH in digest
    assert "## In the way" not in digest


def test_a_verb_without_a_change_at_hand_names_the_way_there(ben: Clone) -> None:
    assert f"hint: {SWITCH}\n" in ben.refused("approve", status=2)


def test_a_branch_of_another_name_that_follows_it_is_here(ben: Clone) -> None:
    ben.git("branch", "-q", "--track", "mine", "origin/change/CH-001")
    assert ben.did("status") == NOTHING
    assert ben.did("board") == NOTHING


def test_what_landed_or_holds_nothing_new_is_not_listed(at: At, tmp_path: Path) -> None:
    ours = at("landed")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    ours.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    ours.git("push", "-q", "origin", "main", "main:change/CH-002", f"landed/CH-001^{{}}:{_OLD}")
    assert ours.git("for-each-ref", "refs/remotes/origin/change") != ""
    assert ours.did("status") == NOTHING


_OLD = "refs/heads/change/CH-001"


def test_a_branch_that_carries_another_change_or_none_says_so_and_hides_nothing(
    pair: Pair, ben: Clone
) -> None:
    tip = git(pair.remote, "rev-parse", BRANCH)
    ben.git("update-ref", "refs/remotes/origin/change/CH-007", tip)
    ben.git("update-ref", "refs/remotes/origin/change/nonsense", tip)
    ben.git("update-ref", "refs/remotes/origin/not/change/CH-008", tip)
    tree = ben.git("rev-parse", "main^{tree}")
    empty = ben.git("commit-tree", "-m", "none", "-p", "main", tree)
    ben.git("update-ref", "refs/remotes/origin/change/CH-009", empty)
    told = ben.did("status").splitlines()
    assert [line.split(" ")[0] for line in told if line[0] != " "] == ["CH-001", "CH-007", "CH-009"]
    assert "origin/change/CH-007 carries CH-001" in told[2]
    assert sum("git switch --track" in line for line in told) == 1


def test_of_very_many_the_latest_are_looked_at_and_all_are_counted(pair: Pair, ben: Clone) -> None:
    tip = git(pair.remote, "rev-parse", BRANCH)
    for number in range(2, 41):
        ben.git("update-ref", f"refs/remotes/origin/change/CH-{number:03d}", tip)
    told = ben.did("status")
    assert "CH-040" in told
    assert "CH-016 " not in told
    assert "and 16 more: git codexa status --all\n" in told
    assert f"    on origin: {SWITCH}\n" in ben.did("status", "--all")
    kept = ben.folder / ".git" / "codexa" / "status"
    assert {path.name for path in kept.iterdir()} <= {f"CH-{n:03d}" for n in range(1, 41)}


def test_of_two_remotes_the_usual_one_is_named(pair: Pair, ben: Clone) -> None:
    ben.git("remote", "add", "another", str(pair.remote))
    ben.git("fetch", "-q", "another")
    assert f"    on origin: {SWITCH}\n" in ben.did("status")
    assert ben.did("status").count("CH-001  ") == 1
