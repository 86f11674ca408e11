"""Notices: who is told what when a change moves, over real HTTP on loopback, and what if not."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scenarios.clone import At, Clone, recipes
from scenarios.webhook import Webhook, webhook

# What apprise imports on its own account is not ours to mend.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]

NOON = 1_767_268_800
DAY = 86_400
SECRET = "s3cret-" + "t" * 60
POLICY = """
[notify.build-status]
url_from = "BUILD_STATUS"
events = ["handoff", "approval", "concern", "landing"]
"""
BRIEF = """\
# CH-001 {title}

## Context

Some do not hear well.

## Scope

- A second script, `shout.sh`.

## Out of scope

- How `greet.sh` greets.

## Acceptance criteria

- AC-1: `sh shout.sh` prints `HELLO`
- AC-2: `README.md` names `shout.sh`

## Clarifications

None.
"""


@pytest.fixture
def hook() -> Iterator[Webhook]:
    pytest.importorskip("apprise")
    with webhook() as found:
        yield found


@pytest.fixture
def told(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[tuple[str, str]]]:
    """Title and message of whatever arrived since it was asked last."""
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/{SECRET}")
    seen = [0]

    def arrived() -> list[tuple[str, str]]:
        new, seen[0] = hook.calls[seen[0] :], len(hook.calls)
        return [(call.body["title"], call.body["message"]) for call in new]

    return arrived


Told = Callable[[], list[tuple[str, str]]]


def opened(at: At, policy: str = POLICY, title: str = "Shouting") -> Clone:
    """An enforcing repository whose policy names where to tell people, and its first change."""
    clone = at("adopted")
    clone.commit({"codexa.toml": clone.read("codexa.toml") + policy}, "tell people")
    clone.did("enforce", "--demo", "--yes")
    brief = clone.folder.parent / "brief.md"
    brief.write_text(BRIEF.format(title=title))
    clone.did("open", title, "--brief", str(brief))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    return clone


def outbox(clone: Clone) -> int:
    """How many notices wait."""
    return len(list((clone.folder / ".git" / "codexa" / "outbox").glob("*.notice")))


def test_whoever_is_named_is_told_as_a_change_moves(at: At, told: Told) -> None:
    clone = opened(at)
    handed = "**Shouting**\n\nNext, PM (agent), Designer (agent): `git codexa advance CH-001`"
    assert told() == [("CH-001: handed on to spec", handed)]
    clone.until()
    assert [title for title, _ in told()] == ["CH-001: approval of the plan wanted"]
    clone.did("approve")
    assert told() == [
        (
            "CH-001: handed on to execute",
            "**Shouting**\n\nNext, Implementer (agent): `git codexa advance CH-001`",
        )
    ]
    clone.until()
    assert [title for title, _ in told()] == [
        "CH-001: handed on to validate",
        "CH-001: approval of the results wanted",
    ]
    clone.did("approve")
    clone.until()
    arrived = told()
    assert [title for title, _ in arrived] == [
        "CH-001: handed on to package",
        "CH-001: approval of the package wanted",
    ]
    assert (
        "CH-001: approval of the package wanted",
        "**Shouting**\n\nNext, Demo PM: `git codexa approve CH-001`",
    ) in arrived
    clone.did("approve")
    clone.until()
    told()
    clone.did("land")
    assert told() == [("CH-001: landed", "**Shouting**\n\non main, by Demo PM")]
    assert outbox(clone) == 0


def test_a_concern_is_told_in_its_own_words(at: At, told: Told) -> None:
    clone = opened(at)
    told()
    clone.did("concern", "raise", "@here who **pays**?\n# now")
    [(title, message)] = told()
    assert title == "CH-001: concern CN-1 raised"
    assert "Demo PM: @\u200bhere who \\*\\*pays\\*\\*? # now" in message
    assert message.endswith("Next: `git codexa concern list CH-001`")


def test_asking_for_an_approval_asks_whoever_can_give_it(at: At, told: Told) -> None:
    clone = opened(at)
    clone.until()
    told()
    clone.git("config", "--unset", "user.signingkey")
    clone.did("say", "/approve CH-001")
    assert [title for title, _ in told()] == ["CH-001: approval of the plan wanted"]
    clone.refused("advance")
    assert told() == []


def test_nothing_is_said_of_events_that_policy_does_not_list(at: At, told: Told) -> None:
    clone = opened(at, POLICY.replace('"handoff", "approval", ', ""))
    assert told() == []
    clone.until()
    clone.did("approve")
    assert told() == []


@pytest.mark.parametrize("policy", ["", POLICY])
def test_without_a_policy_or_an_address_nothing_is_kept_or_said(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    if not policy:
        monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/x")
    clone = opened(at, policy)
    answer = clone.until()
    assert "warning" not in answer.err
    assert not (clone.folder / ".git" / "codexa" / "outbox").exists()
    assert hook.calls == []


def test_a_discord_webhook_gets_what_discord_takes(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins.discord import NotifyDiscord  # noqa: PLC0415

    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{hook.host}/api/webhooks")
    monkeypatch.setenv("BUILD_STATUS", f"discord://{'1' * 18}/{SECRET}")
    clone = opened(at, title="@everyone **now** [x](http://x.invalid) <@!123>")
    clone.did("concern", "raise", "w" * 5000)
    _, call = hook.calls
    assert (call.path, call.kind) == (f"/api/webhooks/{'1' * 18}/{SECRET}", "application/json")
    content = call.body["content"]
    assert content.startswith("CH-001: concern CN-1 raised")
    assert len(content) <= 2000
    assert "@everyone" not in content
    assert "<@!123" not in content
    assert "**now**" not in content
    assert "://" not in content


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_what_is_refused_is_kept_and_sent_once_by_the_next_command(
    at: At, hook: Webhook, told: Told, status: int
) -> None:
    clone = opened(at)
    hook.status = status
    answer = clone.codexa("concern", "raise", "who pays?")
    assert answer.status == 0
    assert f"1 notice did not reach build-status: it answered {status}" in answer.err
    assert SECRET not in answer.err + answer.out
    assert outbox(clone) == 1
    hook.status = 204
    told()
    clone.did("clarify", "how loud?")
    assert [title for title, _ in told()] == ["CH-001: concern CN-1 raised"]
    clone.did("clarify", "how long?")
    assert told() == []
    assert outbox(clone) == 0


def test_what_cannot_be_reached_is_kept_for_the_digest(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    monkeypatch.setenv("BUILD_STATUS", f"json://127.0.0.1:{port}/{SECRET}")
    clone = opened(at)
    answer = clone.until()
    assert "not approved" in answer.err
    assert "did not reach build-status: it could not be reached" in answer.err
    assert SECRET not in answer.err + answer.out
    assert outbox(clone) > 0
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/{SECRET}")
    clone.did("digest", "--notify")
    assert "CH-001: approval of the plan wanted" in [call.body["title"] for call in hook.calls]
    assert outbox(clone) == 0


def test_a_slow_webhook_holds_no_command_for_long(
    at: At, hook: Webhook, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codexa_git.workflow.together.outbox.PATIENCE", 0.3)
    clone = opened(at)
    hook.delay = 30.0
    began = time.monotonic()
    answer = clone.codexa("advance", "--until-blocked")
    assert time.monotonic() - began < 15
    assert "did not reach build-status: no answer within 1 second" in answer.err
    assert answer.err.count("warning: ") == 1
    assert outbox(clone) > 0
    hook.delay = 0.0
    told()
    monkeypatch.setattr("codexa_git.workflow.together.outbox.PATIENCE", 10.0)
    clone.did("clarify", "how loud?")
    assert "CH-001: approval of the plan wanted" in [title for title, _ in told()]
    assert outbox(clone) == 0


def test_old_news_is_dropped(
    at: At, hook: Webhook, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = opened(at)
    hook.status = 500
    clone.did("concern", "raise", "who pays?")
    assert outbox(clone) == 1
    told()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON + 8 * DAY))
    clone.did("clarify", "how loud?")
    assert told() == []
    assert outbox(clone) == 0


def test_news_for_a_destination_that_policy_no_longer_has_is_dropped(
    at: At, hook: Webhook, told: Told
) -> None:
    clone = at("adopted")
    before = clone.read("codexa.toml") + "\n"
    clone.commit({"codexa.toml": before + POLICY}, "tell people")
    clone.did("open", "Shouting", "--no-switch")
    hook.status = 500
    clone.did("concern", "raise", "CH-001", "who pays?")
    assert outbox(clone) == 1
    clone.commit({"codexa.toml": before}, "tell nobody")
    told()
    clone.did("clarify", "CH-001", "how loud?")
    assert told() == []
    assert outbox(clone) == 0


def test_an_odd_file_in_the_outbox_is_no_notice(at: At, told: Told) -> None:
    clone = opened(at)
    folder = clone.folder / ".git" / "codexa" / "outbox"
    folder.mkdir(exist_ok=True)
    told()
    (folder / "x.notice").write_bytes(b"nothing whole")
    clone.did("clarify", "how loud?")
    assert told() == []
    assert outbox(clone) == 0


def test_commands_that_only_read_send_nothing(at: At, hook: Webhook, told: Told) -> None:
    clone = opened(at)
    hook.status = 500
    clone.did("concern", "raise", "who pays?")
    hook.status = 204
    told()
    clone.did("status")
    clone.did("replay", "CH-001")
    clone.did("digest")
    assert told() == []
    assert outbox(clone) == 1


def test_without_apprise_it_says_how_to_get_it(
    at: At, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = opened(at)
    told()
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    answer = clone.codexa("concern", "raise", "who pays?")
    assert answer.status == 0
    assert "pip install '.[notify]'" in answer.err
    assert told() == []


def test_two_commands_at_once_send_each_notice_once(at: At, hook: Webhook, tmp_path: Path) -> None:
    clone = opened(at)
    url = f"json://{hook.host}/{SECRET}"
    hook.status = 500
    clone.process("concern", "raise", "who pays?", BUILD_STATUS=url)
    assert outbox(clone) == 1
    hook.status, before = 204, len(hook.calls)
    children = [clone.start("digest", "--notify", BUILD_STATUS=url) for _ in range(4)]
    for child in children:
        child.communicate(timeout=60)
    titles = [call.body["title"] for call in hook.calls[before:]]
    assert titles.count("CH-001: concern CN-1 raised") == 1
    assert outbox(clone) == 0
    assert tmp_path.exists()
