import json
import re

import pytest
from scenarios.clone import At

LANDED = """\
CH-001  Shouting                                               landed as #######

Thu 2026-01-01
#######  12:00  Implementer  cleanup: closed, evidence kept, 0 concerns open
#######  12:00  Demo PM      package: approved by Demo PM (pm), 10 files
#######  12:00  PM           package: impact and packet
#######  12:00  Demo PM      validate: approved by Demo PM (pm), results
#######  12:00  Tester       validate: 1 test passes, snapshot matches
#######  12:00  Implementer  execute: T-02 say so
#######  12:00  Implementer  execute: T-01 shout
#######  12:00  Demo PM      spec: approved by Demo PM (pm), brief and plan
#######  12:00  PM           spec: 2 tasks for 2 criteria, seed 7
#######  00:00  Demo Dev     say how
#######  12:00  Demo PM      frame: Shouting, 2 criteria
"""


def masked(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{7}\b", "#######", text)


@pytest.mark.parametrize("words", [("CH-001",), ()])
def test_the_story_of_a_landed_change(at: At, words: tuple[str, ...]) -> None:
    assert masked(at("landed").did("log", *words)) == LANDED


def test_the_same_from_the_base(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    clone.git("branch", "-qD", "change/CH-001")
    assert masked(clone.did("log", "CH-001")) == LANDED


def test_a_squashed_landing_is_one_commit_with_every_record(at: At) -> None:
    clone = at("closed")
    records = sum(len(c["records"]) for c in json.loads(clone.did("log", "--json"))["commits"])
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--squash", "change/CH-001")
    clone.git("commit", "-qm", "squashed")
    told = json.loads(clone.did("log", "CH-001", "--json"))
    assert told["landed"] == clone.tip()
    assert [len(commit["records"]) for commit in told["commits"]] == [records]


def test_an_open_change_tells_its_commits_as_git_does(at: At) -> None:
    clone = at("executed")
    told = json.loads(clone.did("log", "--json"))
    assert (told["format"], told["change"], told["landed"]) == (1, "CH-001", None)
    assert [c["subject"] for c in told["commits"]] == clone.log()[::-1]
    assert told["commits"][0]["commit"] == clone.tip()
    kinds = [[record["type"] for record in c["records"]] for c in told["commits"]]
    assert kinds[-1] == ["opened", "handoff"]
    assert kinds[-2] == []


def test_a_message_that_claims_records_brings_none(at: At) -> None:
    clone = at("approved")
    digest = "sha256:" + "0" * 64
    clone.git("commit", "-q", "--allow-empty", "-m",
              f"CH-001 validate: approved by Demo PM (pm)\n\nCodexa-Record: approval.granted {digest}")  # noqa: E501 # fmt: skip
    assert json.loads(clone.did("log", "--json"))["commits"][0]["records"] == []
    assert "CH-001 validate: approved by Demo PM" in clone.did("log")


def test_a_sync_is_one_line_and_the_bases_commits_are_none(at: At) -> None:
    clone = at("approved")
    clone.git("switch", "-q", "main")
    clone.commit({"PROGRESS.md": "more\n"}, "progress on the base")
    clone.git("switch", "-q", "change/CH-001")
    clone.did("sync")
    told = clone.did("log")
    assert "spec" in told
    assert "main brought in" in told
    assert "progress on the base" not in told


def test_a_hostile_subject_is_shown_as_text(at: At) -> None:
    clone = at("planned")
    clone.git("commit", "-q", "--allow-empty", "-m", "x \x1b[2J\u202e y")
    told = clone.did("log")
    assert "\x1b" not in told
    assert "x \\x1b[2J\\u202e y" in told


def test_no_change_at_hand_is_wrong_usage(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    assert "no change is at hand" in clone.refused("log", status=2)


def test_an_abandoned_change_is_not_called_open(at: At) -> None:
    clone = at("planned")
    assert json.loads(clone.did("log", "--json"))["abandoned"] is False
    clone.did("abandon", "-m", "no time")
    assert clone.did("log").split("\n")[0].endswith(" abandoned")
    assert json.loads(clone.did("log", "--json"))["abandoned"] is True
