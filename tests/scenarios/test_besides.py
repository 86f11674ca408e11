"""A change on whose branch somebody merged another one, and kept nothing of that."""

import shlex

import pytest
from scenarios.clone import At, Clone
from scenarios.several import ENOUGH
from server.conftest import bare_of, pushed

ONE, OTHER = "change/CH-001", "change/CH-002"


@pytest.fixture
def two(at: At) -> Clone:
    """On the branch of a change that only has to be closed; another is open."""
    clone = at("packaged")
    clone.git("switch", "-q", "main")
    clone.did("open", "Another", *ENOUGH)
    clone.did("concern", "raise", "CH-002", "this must not be forgotten")
    clone.git("switch", "-q", ONE)
    clone.did("approve", "CH-001")
    return clone


def swallowing(clone: Clone) -> str:
    """The merge that takes the other for merged."""
    clone.git("merge", "-q", "--no-verify", "-s", "ours", "-m", "tidy", OTHER)
    return clone.tip(ONE)


@pytest.mark.parametrize("words", ["land CH-001", "advance CH-001"])
def test_it_stops_with_the_merge_and_the_way_on(two: Clone, words: str) -> None:
    merge, first = swallowing(two), two.git("rev-list", "--reverse", f"main..{OTHER}").split()[0]
    told = two.refused(*words.split())
    assert f"change/CH-001 cannot land: since {merge[:12]} it holds {first[:12]} of CH-002" in told
    assert f"hint: on change/CH-001: git reset --keep {merge[:12]}~1 takes the merge out" in told


def test_the_way_on_leads_to_a_landing_and_the_other_stays_open(two: Clone) -> None:
    swallowing(two)
    (hint,) = (ln for ln in two.refused("advance").splitlines() if "reset --keep" in ln)
    two.git(*shlex.split(hint.partition(": git ")[2].partition(" takes ")[0]))
    assert "can land" in two.until("CH-001").out
    two.did("land", "CH-001")
    two.did("verify", "--story")
    assert "CH-002" in two.did("board")


def test_a_merge_with_work_upon_it_is_taken_out_by_the_rebase_that_is_named(two: Clone) -> None:
    merge = swallowing(two)
    two.commit({"note.md": "x\n"}, "a note")
    (hint,) = (ln for ln in two.refused("advance").splitlines() if "git rebase" in ln)
    assert f"--onto {merge[:12]}~1 {merge[:12]} {ONE}" in hint
    two.git(*shlex.split(hint.partition("git ")[2].partition(" takes ")[0]))
    assert "CH-002" not in two.refused("advance", "CH-001", "--until-blocked")


def test_a_check_tells_of_it(two: Clone) -> None:
    swallowing(two)
    told = two.codexa("check", "--base", "main")
    assert told.status == 1
    assert "L13  it merges " in " ".join(told.out.split(" ")).replace("\n", " ")


def test_neither_a_hook_nor_a_server_takes_its_branch(
    two: Clone, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("server") / "bare.git"
    refs = {f"refs/heads/{name}": two.tip(name) for name in ("main", ONE, OTHER)}
    bare = bare_of(two, refs, folder)
    two.did("server", "install", str(bare), "--root", two.git("config", "codexa.root"))
    two.git("remote", "add", "origin", str(bare))
    swallowing(two)
    two.did("hooks", "install")
    assert "cannot land: since " in pushed(two.folder, ONE).err
    told = pushed(two.folder, "--no-verify", ONE)
    assert told.status != 0
    assert "error: the branch change/CH-001 merges " in told.err
    assert "rule  B3" in told.err


def test_where_it_landed_all_the_same_the_other_is_told_of_with_the_landing(two: Clone) -> None:
    swallowing(two)
    two.git("switch", "-q", "main")
    two.git("merge", "-q", "--no-verify", "--no-ff", "-m", "Merge CH-001: in haste", ONE)
    landing = two.tip("main")[:12]
    told = " ".join(two.did("status").split())
    assert f"{landing} merged CH-002 into main and kept nothing of it: it has not landed" in told
    assert landing in two.did("board")
    answer = two.codexa("verify")
    assert answer.status == 1
    assert "of CH-002, and does not land CH-002" in " ".join(answer.out.split())


def test_where_the_other_has_landed_first_the_merge_is_none_of_an_open_change(two: Clone) -> None:
    swallowing(two)
    two.git("switch", "-q", "main")
    two.git("merge", "-q", "--no-verify", "--no-ff", "-m", "Merge CH-002: in haste", OTHER)
    two.git("switch", "-q", ONE)
    assert "of CH-002" not in two.codexa("advance", "CH-001").err
