"""A stranger's commit from years to come, where no server refused it: told of by every command."""

import pytest
from scenarios.clone import NOON, At, Clone

FAR = 4102444800
"""In the year 2100."""


def led_ahead(clone: Clone, patch: pytest.MonkeyPatch, at: int = FAR) -> str:
    """The id of an empty commit of this time, which anybody could push to the base."""
    with patch.context() as far:
        for who in ("AUTHOR", "COMMITTER"):
            far.setenv(f"GIT_{who}_DATE", f"@{at} +0000")
        clone.git("switch", "-q", "main")
        clone.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "typo")
    return clone.tip("main")


@pytest.mark.rule("L16")
def test_verify_doctor_status_and_land_tell_of_a_time_that_has_not_come(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("closed")
    bad = led_ahead(clone, monkeypatch)
    clone.commit({"docs/STATUS_REPORT.md": "# Week\n"}, "a week")
    told = clone.codexa("verify")
    assert told.status == 1
    assert f"{bad[:12]}\n  L16  it is of 2100-01-01T00:00:00Z, and the clock here" in told.out
    assert "1 finding at 1 commit" in told.out
    saying = f"{bad[:12]} on main is of 2100-01-01T00:00:00Z, which has not come"
    refused = clone.refused("land", "CH-001")
    assert saying in refused
    assert "rule  L16 of codexa-git's docs/specification.md" in refused
    assert f'git codexa incident {bad[:12]} -m "..."' in refused
    assert saying in " ".join(clone.codexa("doctor").out.split())
    clone.git("switch", "-q", "change/CH-001")
    assert saying in clone.refused("advance")
    assert saying.partition(",")[0] in " ".join(clone.did("status").split())


@pytest.mark.rule("L16")
def test_what_owners_have_named_lets_work_go_on_as_far_as_keys_do(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("closed")
    bad = led_ahead(clone, monkeypatch)
    clone.did("incident", bad, "-m", "it is of 2100")
    clone.git("switch", "-q", "change/CH-001")
    clone.until()
    clone.did("land", "CH-001")
    told = clone.codexa("verify")
    assert told.status == 1
    (accept,) = [word for word in told.out.split() if word.startswith("sha256:")][1:]
    clone.did("verify", "--accept", accept)


def test_a_clock_that_is_a_day_behind_is_no_reason(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("closed")
    led_ahead(clone, monkeypatch, int(NOON) + 86_400)
    clone.did("verify")
    clone.git("switch", "-q", "change/CH-001")
    clone.until()
    clone.did("land", "CH-001")


def test_a_time_to_come_on_a_changes_branch_leads_no_clock(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records and landing are of the tool's own time, whatever a commit between them says."""
    clone = at("package approved")
    with monkeypatch.context() as far:
        for who in ("AUTHOR", "COMMITTER"):
            far.setenv(f"GIT_{who}_DATE", f"@{FAR} +0000")
        clone.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "typo")
    clone.until()
    clone.did("land")
    times = clone.git("log", "--format=%ct", "main").splitlines()
    assert [time for time in times if int(time) > int(NOON)] == [str(FAR)]
    assert clone.git("log", "-1", "--format=%ct", "main") == NOON
    clone.did("verify", "--story")
