"""The digest: what it tells, and how it reaches people once, over real HTTP on loopback."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import Clone
from scenarios.several import observing
from scenarios.webhook import Webhook, webhook

# What apprise imports on its own account is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

At = Callable[[str], Clone]
NOON = 1_767_268_800
DAY = 86_400
SECRET = "s3cret-" + "t" * 60
POLICY = """
[notify.build-status]
url_from = "BUILD_STATUS"
events = ["digest"]
"""


@pytest.fixture
def hook() -> Iterator[Webhook]:
    pytest.importorskip("apprise")
    with webhook() as found:
        yield found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda at: monkeypatch.setenv("SOURCE_DATE_EPOCH", str(at))


def notifying(clone: Clone, more: str = "") -> Clone:
    """The same clone, with a policy (still observing) that notifies."""
    clone.git("switch", "-q", "main")
    policy = clone.read("codexa.toml") + POLICY + more
    clone.commit({"codexa.toml": policy}, "tell people")
    return clone


def shared(clone: Clone, folder: Path) -> Clone:
    """The same clone, whose base is on a remote in this folder."""
    git(folder, "init", "-q", "--bare", "remote.git")
    clone.git("remote", "add", "origin", str(folder / "remote.git"))
    clone.git("push", "-q", "-u", "origin", "main")
    return clone


def test_the_digest_tells_what_moved_and_what_waits(at: At) -> None:
    out = at("planned").did("digest")
    assert "# Build status, 2026-01-01" in out
    assert "No cycle was completed today." in out
    assert "- CH-001 Shouting: opened, handed on to spec" in out
    assert "- CH-001 Shouting: Demo PM: read brief and plan (`git codexa approve CH-001`)" in out
    assert "- CH-001: open for less than a day, in spec for less than a day" in out


def test_a_landing_is_a_completed_cycle(at: At) -> None:
    out = at("landed").did("digest", "--weekly")
    assert "# Build status, 2026-W01" in out
    assert "1 change went through all six stages." in out
    steps = (
        "opened, handed on to spec, approved: plan, handed on to execute, handed on to validate,"
        " approved: results, handed on to package, approved: package, handed on to cleanup,"
        " closed, landed"
    )
    assert f"- CH-001 Shouting: {steps}" in out
    assert "## Waiting" not in out


def test_what_is_in_the_way_is_told(at: At, clock: Callable[[int], None]) -> None:
    clone = at("planned")
    clone.did("concern", "raise", "what of\n# the deaf?")
    clone.git("config", "--unset", "user.signingkey")
    clone.did("say", "/approve CH-001")
    clone.did("clarify", "how loud?")
    clock(NOON + 4 * DAY)
    out = clone.did("digest")
    assert "- CH-001: CN-1 by Demo PM, 4 days ago: what of # the deaf?" in out
    assert "- CH-001: approval of plan asked for on 2026-01-01, and still waits" in out
    assert "- CH-001: Q-1 asked on 2026-01-01, and not answered" in out
    assert (
        "- CH-001: stalled, and not on record: nothing has moved for 4 days: a question is open ("
    ) in out
    assert "(`git codexa advance CH-001`)" in out
    assert "## Moved" not in out


def test_the_command_that_the_digest_proposes_puts_a_standstill_on_record(
    at: At, clock: Callable[[int], None]
) -> None:
    clone = at("approved by hand")
    clone.refused("advance")
    clock(NOON + 3 * DAY)
    [blocker] = json.loads(clone.did("digest", "--json"))["blockers"]
    assert blocker["what"].startswith("stalled, and not on record: nothing has moved for 3")
    clone.refused(*blocker["command"].removeprefix("git codexa ").split())
    [blocker] = json.loads(clone.did("digest", "--json"))["blockers"]
    assert blocker["what"].startswith("CN-1 by PM (agent): nothing has moved for 3 days: not every")
    assert blocker["command"] is None
    assert "do the tasks" in clone.did("digest")
    assert ", for 3 days" in clone.did("digest")
    assert "it stands still: CN-1, nothing has moved for 3 days" in clone.did("status")
    assert "closing waits for that" not in clone.did("status")
    [change] = json.loads(clone.did("status", "--json"))["changes"]
    assert change["stalled"].startswith("CN-1, nothing has moved for 3 days")


def test_what_waits_long_for_an_approval_is_told_with_its_command(
    at: At, clock: Callable[[int], None]
) -> None:
    clone = at("planned")
    clock(NOON + 3 * DAY)
    out = clone.did("digest")
    stalled = "stalled: nothing has moved for 3 days; Demo PM: read brief and plan"
    assert f"- CH-001: {stalled} (`git codexa approve CH-001`)" in out


def test_days_without_a_completed_cycle_are_listed(at: At, clock: Callable[[int], None]) -> None:
    clone = at("landed")
    clock(NOON + 4 * DAY)
    out = clone.did("digest", "--weekly")
    assert (
        "1 change went through all six stages."
        " None on Fri 2026-01-02, Sat 2026-01-03, Sun 2026-01-04 and Mon 2026-01-05." in out
    )
    assert "No cycle was completed today." in clone.did("digest")


def test_governance_has_lines_of_its_own(at: At, clock: Callable[[int], None]) -> None:
    clone = at("closed")
    assert "## Governance\n\n- CH-001: evidence: " in clone.did("digest")
    clone = at("planned")
    clone.did("concern", "raise", "who pays?", "--due", "2026-01-02")
    clock(NOON + 4 * DAY)
    late = "## Governance\n\n- CH-001: CN-1 was due 3 days ago, on 2026-01-02: who pays?\n"
    assert late in clone.did("digest")


def test_a_change_that_cannot_be_read_hides_no_other(at: At) -> None:
    clone = at("planned")
    clone.git("branch", "change/CH-009", "main")
    out = clone.did("digest")
    assert "CH-001 Shouting" in out
    assert "- CH-009: cannot be read: " in out


def test_json_is_for_scripts(at: At) -> None:
    facts = json.loads(at("planned").did("digest", "--json"))
    assert facts["format"] == 1
    assert facts["cycles"] == 0
    assert facts["waits"][0]["who"] == ["Demo PM"]
    assert facts["sent"] is None
    assert facts["idle"] == ["Thu 2026-01-01"]
    assert facts["blockers"] == facts["governance"] == []


def test_it_is_sent_once_a_day_however_often_it_runs(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch, clock: Callable[[int], None]
) -> None:
    clone = notifying(at("adopted"))
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/{SECRET}")
    assert clone.did("digest", "--notify") == "sent to build-status\n"
    assert clone.did("digest", "--notify") == "sent already\n"
    [call] = hook.calls
    assert call.path == f"/{SECRET}"
    assert call.kind == "application/json"
    assert call.body["title"] == "Build status, 2026-01-01"
    assert "No cycle was completed today." in call.body["message"]
    assert clone.git("for-each-ref", "--format=%(refname)", "refs/codexa") == (
        "refs/codexa/digest/daily-2026-01-01"
    )
    assert clone.did("digest", "--weekly", "--notify") == "sent to build-status\n"
    clock(NOON + DAY)
    assert clone.did("digest", "--notify") == "sent to build-status\n"
    assert "Since 2026-01-01T12:00:00Z" in hook.calls[2].body["message"]


def test_a_discord_webhook_gets_what_discord_takes(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins.discord import NotifyDiscord  # noqa: PLC0415

    monkeypatch.setattr(NotifyDiscord, "notify_url", f"http://{hook.host}/api/webhooks")
    clone = at("enforced")
    clone.did("open", "@everyone **now** [x](http://x.invalid)", "--criterion", "`sh a` prints b")
    clone.git("switch", "-q", "main")
    for number in range(2, 14):
        clone.did("open", f"<@!123> number {number} " + "w" * 40, "--no-switch")
    observing(clone, POLICY)
    monkeypatch.setenv("BUILD_STATUS", f"discord://{'1' * 18}/{SECRET}")
    assert clone.did("digest", "--notify") == "sent to build-status\n"
    [call] = hook.calls
    assert call.path == f"/api/webhooks/{'1' * 18}/{SECRET}"
    assert call.kind == "application/json"
    content = call.body["content"]
    assert content.startswith("Build status, 2026-01-01")
    assert len(content) <= 2000
    assert "more" in content
    assert "@everyone" not in content
    assert not re.search("<@!?[0-9]", content)
    assert "**now**" not in content
    assert "[x](" not in content
    assert "://" not in content


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_webhook_that_refuses_is_a_warning_and_tried_again(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    clone = notifying(at("adopted"))
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/{SECRET}")
    hook.status = status
    answer = clone.codexa("digest", "--notify")
    assert answer.status == 0
    assert f"did not reach build-status: it answered {status}" in answer.err
    assert SECRET not in answer.err + answer.out
    assert str(hook.port) not in answer.err + answer.out
    assert clone.git("for-each-ref", "refs/codexa") == ""
    hook.status = 200
    assert clone.did("digest", "--notify") == "sent to build-status\n"


def test_a_webhook_that_cannot_be_reached_is_a_warning(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    del hook
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    clone = notifying(at("adopted"))
    monkeypatch.setenv("BUILD_STATUS", f"json://127.0.0.1:{port}/{SECRET}")
    answer = clone.codexa("digest", "--notify")
    assert answer.status == 0
    assert "it could not be reached" in answer.err
    assert SECRET not in answer.err + answer.out


def test_a_slow_webhook_is_left_behind(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = notifying(at("adopted"))
    monkeypatch.setattr("codexa_git.workflow.together.sending.LONGEST_WAIT", 0.2)
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/{SECRET}")
    hook.delay = 1.0
    answer = clone.codexa("digest", "--notify")
    assert answer.status == 0
    assert "no answer within" in answer.err
    assert clone.git("for-each-ref", "refs/codexa") == ""


@pytest.mark.parametrize(
    ("value", "why"),
    [(None, "BUILD_STATUS is not set"), ("", "is not set"), ("nonsense", "none that apprise")],
)
def test_an_address_that_is_none_is_a_warning(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch, value: str | None, why: str
) -> None:
    clone = notifying(at("adopted"))
    if value is not None:
        monkeypatch.setenv("BUILD_STATUS", value)
    answer = clone.codexa("digest", "--notify")
    assert answer.status == 0
    assert why in answer.err
    assert hook.calls == []


def test_only_who_has_not_got_it_is_sent_it_again(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = POLICY.replace("build-status", "second").replace("BUILD_STATUS", "SECOND")
    clone = notifying(at("adopted"), other)
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/first")
    answer = clone.codexa("digest", "--notify")
    assert answer.out == "sent to build-status\n"
    assert "did not reach second: SECOND is not set" in answer.err
    monkeypatch.setenv("SECOND", f"json://{hook.host}/second")
    assert clone.did("digest", "--notify") == "sent to second\n"
    assert [call.path for call in hook.calls] == ["/first", "/second"]
    assert clone.did("digest", "--notify") == "sent already\n"


def test_where_nobody_is_named_it_says_so(at: At) -> None:
    answer = at("adopted").codexa("digest", "--notify")
    assert answer.status == 0
    assert "no [notify.NAME] of codexa.toml" in answer.err


def test_without_apprise_it_says_how_to_get_it(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = notifying(at("adopted"))
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    monkeypatch.setenv("BUILD_STATUS", f"json://127.0.0.1:9/{SECRET}")
    answer = clone.codexa("digest", "--notify")
    assert answer.status == 0
    assert "pip install '.[notify]'" in answer.err
    assert SECRET not in answer.err


def test_two_machines_with_one_remote_send_it_once(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = shared(notifying(at("adopted")), tmp_path)
    git(tmp_path, "clone", "-q", "remote.git", "second")
    second = Clone(tmp_path / "second").set_up("Demo Dev", "dev@demo.invalid", Path("none"))
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/x")
    assert first.did("digest", "--notify") == "sent to build-status\n"
    assert second.did("digest", "--notify") == "sent already\n"
    assert len(hook.calls) == 1
    (tmp_path / "remote.git").rename(tmp_path / "gone.git")
    answer = second.codexa("digest", "--weekly", "--notify")
    assert answer.status == 0
    assert "another machine may have sent it already" in answer.err
    assert answer.out == "sent to build-status\n"


def test_who_was_killed_once_everybody_had_it_sends_nothing_again(
    at: At, hook: Webhook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = shared(notifying(at("adopted")), tmp_path)
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/x")
    assert first.did("digest", "--notify") == "sent to build-status\n"
    [(ref, oid)] = [line.split() for line in digests(first)]
    here = ref.replace("/digest/", "/digest-here/", 1)
    # Before the remote was told, and after that but before it was put down here.
    for remote_knows in (False, True):
        first.git("update-ref", f"{here}/build-status", oid)
        first.git("update-ref", "-d", ref)
        if not remote_knows:
            git(tmp_path / "remote.git", "update-ref", "-d", ref)
        assert first.did("digest", "--notify") == "sent already\n"
        assert digests(first) == [f"{ref} {oid}"]
        assert git(tmp_path / "remote.git", "rev-parse", ref) == oid
    assert len(hook.calls) == 1


def digests(clone: Clone) -> list[str]:
    """The refs that say who was sent which digest."""
    form = "--format=%(refname) %(objectname)"
    return clone.git("for-each-ref", form, "refs/codexa/").splitlines()
