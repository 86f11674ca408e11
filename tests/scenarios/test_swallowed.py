"""A change whose commits somebody merged into the base, which kept nothing of them."""

import shlex

import pytest
from scenarios.clone import At, Clone

CHANGE = "change/CH-001"
SAID = "{} merged CH-001 into main and kept nothing of it: it has not landed"


@pytest.fixture
def merged(at: At) -> Clone:
    """On the branch of a change that was merged so, under work."""
    clone = at("executed")
    clone.git("switch", "-q", "main")
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "a free page")
    clone.git("merge", "-q", "-s", "ours", "-m", "tidy", CHANGE)
    clone.git("switch", "-q", CHANGE)
    return clone


@pytest.mark.parametrize("words", ["status", "land", "sync", "advance CH-001", "status CH-001"])
def test_a_change_that_did_not_land_is_not_said_to_have_landed(merged: Clone, words: str) -> None:
    told = merged.refused(*words.split())
    assert f"error: {SAID.format(merged.tip('main')[:12])}" in told
    assert "its branch can go" not in told


def test_on_the_base_it_is_told_with_the_merge_and_the_way_on(merged: Clone) -> None:
    merge = merged.tip("main")[:12]
    merged.git("switch", "-q", "main")
    for number in range(3):
        merged.commit({"docs/STATUS_REPORT.md": f"{number}\n"}, "a free page")
    told = merged.did("status")
    on = 'git switch change/CH-001 && git commit --allow-empty -m "CH-001 goes on"'
    assert SAID.format(merge) in " ".join(told.split())
    assert f"    {on}\n" in told
    assert merge in merged.did("board")
    assert on in merged.did("board")
    assert '"state": "swallowed"' in merged.did("status", "--json")


def test_the_way_on_that_is_named_leads_to_a_landing(merged: Clone) -> None:
    told = merged.refused("advance")
    line = next(line for line in told.splitlines() if "--allow-empty" in line)
    for command in line.removeprefix("hint: ").split(" && "):
        merged.git(*shlex.split(command)[1:])
    for _ in range(2):
        assert "git codexa approve CH-001" in merged.until().err
        merged.did("approve")
    assert "can land" in merged.until().out
    merge = merged.tip("main")[:12]
    merged.did("land")
    answer = merged.codexa("verify", "--story")
    assert f"\n{merge}\n  L13  it merges " in answer.out
    assert "1 finding at 1 commit" in answer.out
