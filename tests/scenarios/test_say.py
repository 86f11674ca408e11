"""Slash commands, said at a terminal and in a comment: each answered, and each on the record."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scenarios.clone import Answer, Clone

At = Callable[[str], Clone]


def records(clone: Clone, kind: str) -> list[dict[str, Any]]:
    lines = clone.read("audit/CH-001/commands.jsonl", "change/CH-001").splitlines()
    return [r for r in map(json.loads, lines) if r["type"] == kind]


def comment(clone: Clone, text: str, author: str = "octo-cat", *more: str) -> Answer:
    place = clone.folder.parent / "comment.md"
    place.write_bytes(text.encode())
    words = ("--comment-file", str(place), "--author", author, "--pull-request", "12", *more)
    return clone.codexa("say", *words)


def replays(clone: Clone) -> None:
    assert "replays" in clone.did("replay", "CH-001")


def test_status_is_answered_and_on_record(at: At) -> None:
    clone = at("planned")
    out = clone.did("say", "/status")
    assert "**CH-001** Shouting: spec, round 1" in out
    assert "- [ ] plan approved: 0 of 1 approvals by a pm" in out
    assert "with `git codexa approve CH-001`." in out
    [said] = records(clone, "command.said")
    assert said["data"] == {
        "command": "status",
        "text": "/status",
        "from": "local",
        "asker": "Demo PM",
        "pull_request": None,
    }
    assert "signature" not in said
    assert clone.log()[-1] == "CH-001 spec: /status said by Demo PM (owner)"
    replays(clone)


def test_approve_signs_where_the_key_is_at_hand(at: At) -> None:
    clone = at("planned")
    out = clone.did("say", "/approve CH-001")
    assert out.startswith("Approved by Demo PM (pm). Next")
    assert len(records(clone, "command.said")) == 1
    assert records(clone, "approval.granted")[0]["signature"]
    assert clone.log()[-1] == "CH-001 spec: approved by Demo PM (pm), brief and plan"
    assert clone.did("say", "/status").startswith("**CH-001** Shouting: execute")
    replays(clone)


def test_approve_without_a_key_asks_and_the_key_then_signs(at: At) -> None:
    clone = at("planned")
    key = clone.git("config", "user.signingkey")
    clone.git("config", "--unset", "user.signingkey")
    out = clone.did("say", "/approve CH-001")
    assert out.startswith("Asked for, not given")
    assert "- plan: asked of Demo PM since Thu 12:00" in out
    assert records(clone, "approval.granted") == []
    [request] = records(clone, "approval.requested")
    assert request["data"] == {"gates": {"plan": 1}, "asker": "Demo PM"}
    clone.did("say", "/approve CH-001")
    assert len(records(clone, "approval.requested")) == 1
    clone.git("config", "user.signingkey", key)
    assert "asked of Demo PM since Thu 12:00" in clone.did("say", "/status")
    clone.did("approve")
    assert "asked of" not in clone.did("say", "/status")
    replays(clone)


def test_a_comment_approves_nothing_although_a_key_lies_there(at: At) -> None:
    clone = at("planned")
    answer = comment(clone, "Fine by me.\r\n\r\n/approve CH-001\r\n")
    assert answer.status == 0
    assert "Asked for, not given" in answer.out
    assert records(clone, "approval.granted") == []
    [said] = records(clone, "command.said")
    assert said["actor"] == {
        "name": "octo-cat",
        "email": "octo-cat@comments.invalid",
        "role": "commenter",
    }
    assert said["data"]["from"] == "comment"
    assert said["data"]["pull_request"] == 12
    assert clone.codexa("advance").status == 1
    replays(clone)


def test_a_comment_by_somebody_named_as_the_pm_decides_nothing(at: At) -> None:
    clone = at("planned")
    for author in ("Demo PM", "pm@demo.invalid", "", "-x", "a\nb", "helper[bot]", "a" * 65):
        answer = comment(clone, "/approve CH-001", author)
        assert answer.status == 2, author
        assert "no login of a person" in answer.err
        assert answer.out.startswith("Not done: ")
    assert clone.log()[-1] == "CH-001 spec: 2 tasks for 2 criteria, seed 7"


def test_questions_and_answers(at: At) -> None:
    clone = at("opened")
    out = clone.did("say", "/clarify Is `HELLO` loud enough, @everyone?")
    assert out.startswith("Q-1 asked. Next")
    assert records(clone, "clarification.asked")[0]["data"]["question"].endswith("@everyone?")
    answer = comment(clone, "/clarify CH-001 --answer Q-1 yes")
    assert "takes a signature" in answer.out
    assert records(clone, "clarification.answered") == []
    out = clone.did("say", "/clarify CH-001 --answer Q-1 yes")
    assert out.startswith("Signed, and on record.")
    assert records(clone, "clarification.answered")[0]["data"]["answer"] == "yes"
    replays(clone)


def test_a_concern_is_raised_from_a_comment(at: At) -> None:
    clone = at("planned")
    assert comment(clone, "/concern what of the deaf?").out.startswith("CN-1 raised")
    lines = clone.read("audit/CH-001/concerns.jsonl").splitlines()
    assert json.loads(lines[0])["data"]["text"] == "what of the deaf?"
    replays(clone)


def test_advance_from_a_comment_starts_no_command(at: At) -> None:
    clone = at("approved")
    before = clone.tip()
    answer = comment(clone, "/advance")
    assert "A comment starts no commands" in answer.out
    assert clone.tip("HEAD~1") == before
    assert not (clone.folder / "shout.sh").exists()
    out = clone.did("say", "/advance")
    assert out.startswith("**CH-001** Shouting: validate")
    assert (clone.folder / "shout.sh").exists()
    replays(clone)


def test_a_waiver_needs_a_key(at: At) -> None:
    clone = at("validated")
    assert "takes a signature" in comment(clone, "/waive CH-001 sh check.sh -- later").out
    assert "is not a failing test" in clone.refused(
        "say", "/waive CH-001 sh check.sh -- later", status=2
    )
    replays(clone)


@pytest.mark.parametrize(
    "text", ["/status\n/approve CH-001", "no command", "> /approve CH-001", "```\n/status\n```"]
)
def test_an_unclear_comment_does_nothing(at: At, text: str) -> None:
    clone = at("planned")
    before = clone.tip()
    answer = comment(clone, text)
    assert answer.status == 2
    assert answer.out.startswith("Not done: ")
    assert answer.err.startswith("error: ")
    assert clone.tip() == before


def test_nothing_waits_where_something_comes_first(at: At) -> None:
    clone = at("opened")
    answer = comment(clone, "/approve CH-001")
    assert answer.status == 1
    assert "comes first" in answer.out
    assert clone.log() == ["CH-001 frame: Shouting, 2 criteria"]


def test_a_closed_change_tells_without_a_record(at: At) -> None:
    clone = at("closed")
    before = clone.tip()
    out = clone.did("say", "/status")
    assert "is closed, so that this was asked is not put on its record" in out
    assert clone.tip() == before
    clone.did("land")


def test_advance_leaves_a_closed_change_as_it_is(at: At) -> None:
    clone = at("closed")
    before = clone.tip()
    assert "is closed and can land" in clone.did("advance", "--until-blocked")
    assert "has no next step" in clone.refused("say", "/advance")
    assert clone.tip() == before


def test_on_the_base_status_lists_and_help_helps(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    assert clone.did("say", "/status").startswith("- **CH-001** Shouting: spec, round 1. Next")
    assert "| `/approve CH-###` |" in clone.did("say", "/help")
    assert "no change is at hand" in clone.refused("say", "/concern slow", status=2)
    assert clone.did("say", "/status CH-001").startswith("**CH-001**")


def test_a_comment_takes_all_three_options(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    place = tmp_path / "comment.md"
    place.write_text("/status")
    clone.refused("say", "--comment-file", str(place), status=2)
    clone.refused("say", "/status", "--author", "x", status=2)


def test_standard_input_is_read(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("planned")
    with (clone.folder.parent / "in.md").open("w+b") as file:
        file.write(b"/help\n")
        file.seek(0)

        class Input:
            buffer = file

        monkeypatch.setattr("sys.stdin", Input())
        assert "| command | does |" in clone.did("say")


def test_a_hostile_title_is_text_in_the_answer(at: At) -> None:
    clone = at("enforced")
    clone.did("open", "@everyone <b>x</b> [l](http://x) | *y*", "--criterion", "it `echo` works")
    out = clone.did("say", "/status")
    assert "@everyone" not in out
    assert "<b>" not in out
    assert "\\[l\\](http:\u200b//x) \\| \\*y\\*" in out
