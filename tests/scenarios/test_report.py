"""Totals and weeks: written on the base, between markers, and people's text kept to the byte."""

from collections.abc import Callable

import pytest
from builders import git
from scenarios.clone import Clone
from scenarios.several import observing

from codexa_git.change.blocks import without
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.moves.replaying import Apart, Replayed, replay
from codexa_git.workflow.reports import counting

At = Callable[[str], Clone]
NOON = 1_767_268_800
DAY = 86_400
MILESTONE = "\n[milestone.MS-01]\nstart = 2025-12-25\n"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    return lambda at: monkeypatch.setenv("SOURCE_DATE_EPOCH", str(at))


def with_milestone(clone: Clone, more: str = MILESTONE) -> Clone:
    """The same clone, observing, with a milestone in its policy."""
    clone.git("switch", "-q", "main")
    policy = clone.read("codexa.toml")
    clone.commit({"codexa.toml": policy + more}, "name a milestone")
    return clone


def test_the_totals_stand_in_progress(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    before = clone.read("PROGRESS.md", "main").encode()
    assert "] codexa: totals of all changes" in clone.did("report")
    page = clone.read("PROGRESS.md", "main")
    assert "| changes by stage | 1 landed |" in page
    assert "| criteria covered by completed tasks | 100 % (2 of 2) |" in page
    assert "| lines covered by tests | not measured |" in page
    assert "| landed changes that replay the same | 100 % (1 of 1) |" in page
    assert "| open concerns | 0 |" in page
    assert without(page.encode() + b"\n", "totals") == before + b"\n"
    assert clone.is_clean()
    assert clone.did("digest", "--write").endswith("PROGRESS.md says so already\n")


def test_open_changes_are_counted_where_they_stand(at: At) -> None:
    clone = at("planned")
    clone.did("concern", "raise", "slow")
    clone.git("switch", "-q", "main")
    clone.did("digest", "--write")
    page = clone.read("PROGRESS.md", "main")
    assert "| changes by stage | 1 spec |" in page
    assert "| CH-001 | Shouting | none | spec | 0 of 2 | 1 | 2026-01-01 |" in page
    assert "| criteria covered by completed tasks | 0 % (0 of 2) |" in page
    assert "| landed changes that replay the same | none yet |" in page
    assert "| open concerns | 1 |" in page


def test_a_change_lands_after_the_totals_moved_the_base(at: At) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    clone.did("report")
    clone.git("switch", "-q", "change/CH-001")
    clone.refused("land")
    assert clone.until().status == 0
    clone.did("land")
    page = clone.read("PROGRESS.md", "main")
    assert "codexa:begin totals" in page
    assert "codexa:begin CH-001" in page
    assert "replays" in clone.did("replay", "CH-001")


def test_a_week_is_appended_and_written_once(at: At, clock: Callable[[int], None]) -> None:
    clone = with_milestone(at("adopted"))
    clone.commit({"docs/STATUS_REPORT.md": "# Ours\n\nPeople's own words.\n"}, "begin")
    clone.did("open", "A <b>title</b>", "--milestone", "MS-01", "--no-switch")
    clone.did("open", "Of no milestone", "--no-switch")
    assert "codexa: MS-01 Week-02" in clone.did("report", "--week")
    page = clone.read("docs/STATUS_REPORT.md", "main")
    assert page.startswith("# Ours\n\nPeople's own words.\n")
    assert "## MS-01, Week-02: 2026-01-01 to 2026-01-07" in page
    assert "- CH-001 A &lt;b>title&lt;/b>: frame" in page
    assert "Of no milestone" not in page
    before = clone.tip("main")
    assert "is as it was" in clone.did("report", "--week", "2")
    assert clone.tip("main") == before
    clock(NOON + 7 * DAY)
    clone.did("report", "--week", "2")
    assert clone.read("docs/STATUS_REPORT.md", "main") == page
    clone.did("report", "--week")
    later = clone.read("docs/STATUS_REPORT.md", "main")
    assert later.startswith(page)
    assert "## MS-01, Week-03: 2026-01-08 to 2026-01-14" in later


def test_what_landed_is_told_in_its_week(at: At) -> None:
    clone = observing(at("enforced"), MILESTONE)
    clone.did("report", "--week", "1")
    page = clone.read("docs/STATUS_REPORT.md", "main")
    assert "Landed: none yet of the changes." in page
    assert "Landed this week:\n\n- nothing" in page


@pytest.mark.parametrize(
    ("more", "words", "why"),
    [
        ("", ("--week",), "names no milestone, so no week can be told"),
        (MILESTONE, ("--milestone", "MS-09"), "names no milestone 'MS-09'"),
        (MILESTONE, ("--week", "3"), "Week-03 of MS-01 has not begun: it is Week-02"),
        (
            MILESTONE.replace("2025-12-25", "2026-02-01"),
            ("--week",),
            "MS-01 starts on 2026-02-01, and 2026-01-01 is before that",
        ),
    ],
)
def test_a_week_that_is_none_is_one_sentence(
    at: At, more: str, words: tuple[str, ...], why: str
) -> None:
    clone = at("adopted")
    clone = with_milestone(clone, more) if more else clone
    before = clone.tip("main")
    assert why in clone.refused("report", *words, status=2)
    assert clone.tip("main") == before


@pytest.mark.parametrize(
    "page",
    [
        "# P\n<!-- codexa:begin totals -->\n",
        "<!-- codexa:end totals -->\n",
        "<!-- codexa:begin totals -->\n<!-- codexa:begin totals -->\n<!-- codexa:end totals -->\n",
        "<!-- codexa:begin Totals -->\n<!-- codexa:end Totals -->\n",
    ],
)
def test_a_damaged_page_is_reported_with_its_line(at: At, page: str) -> None:
    clone = at("adopted")
    clone.commit({"PROGRESS.md": page}, "by hand")
    before = clone.tip()
    assert "error: PROGRESS.md:" in clone.refused("report")
    assert clone.tip() == before


def test_a_page_with_crlf_keeps_it(at: At) -> None:
    clone = at("adopted")
    clone.commit({"PROGRESS.md": b"# P\r\n\r\nours\r\n"}, "by hand")
    clone.did("report")
    page = clone.git("cat-file", "blob", "main:PROGRESS.md")
    assert page.startswith("# P\r\n\r\nours\r\n<!-- codexa:begin totals -->\r\n")
    assert page.count("\n") == page.count("\r\n")


def test_a_page_that_is_a_link_is_left_alone(at: At) -> None:
    clone = at("adopted")
    (clone.folder / "PROGRESS.md").symlink_to("README.md")
    clone.git("add", "PROGRESS.md")
    clone.git("commit", "-qm", "a link")
    assert "PROGRESS.md: this is no plain file" in clone.refused("report")


def test_where_the_base_has_a_remote_the_commit_goes_there(at: At) -> None:
    clone = at("adopted")
    folder = clone.folder.parent
    git(folder, "init", "-q", "--bare", "remote.git")
    clone.git("remote", "add", "origin", str(folder / "remote.git"))
    clone.git("push", "-q", "-u", "origin", "main")
    assert clone.did("report").endswith("] codexa: totals of all changes\npushed to origin/main\n")
    assert git(folder / "remote.git", "rev-parse", "main") == clone.tip("main")
    assert clone.tip("origin/main") == clone.tip("main")
    assert clone.is_clean()


def test_open_changes_are_named_and_milestones_counted_apart(
    at: At, clock: Callable[[int], None]
) -> None:
    clone = with_milestone(at("adopted"))
    clone.did(
        "open", "A <b>|title", "--milestone", "MS-02", "--criterion", "it | is", "--no-switch"
    )
    clock(NOON + DAY)
    clone.did("open", "Of no milestone", "--no-switch")
    clone.did("open", "Also", "--milestone", "MS-02", "--no-switch")
    clone.did("open", "Not wanted", "--milestone", "MS-01", "--no-switch")
    clone.did("abandon", "CH-004", "-m", "not wanted")
    clock(NOON + 9 * DAY)
    clone.did("report")
    page = clone.read("PROGRESS.md", "main")
    assert page.partition("## Totals\n\n")[2].partition("\n\n| all")[0].split("\n") == [
        "| change | title | milestone | stage | criteria covered | open concerns | since |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| CH-001 | A &lt;b>\\|title | MS-02 | frame | 0 of 1 | 0 | 2026-01-01 |",
        "| CH-002 | Of no milestone | none | frame | 0 of 0 | 0 | 2026-01-02 |",
        "| CH-003 | Also | MS-02 | frame | 0 of 0 | 0 | 2026-01-02 |",
    ]
    assert "| changes by stage | 3 frame, 1 abandoned |" in page
    rows = page.partition("| milestone | changes by stage |")[2].split("\n")[2:4]
    assert rows == [
        "| MS-01 | 1 abandoned | none yet | not measured | none yet | 0 |",
        "| MS-02 | 2 frame | 0 % (0 of 1) | not measured | none yet | 0 |",
    ]
    clock(NOON + 30 * DAY)
    assert clone.did("report").endswith("PROGRESS.md says so already\n")


def test_a_change_that_waits_to_land_is_still_open(at: At) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    clone.did("report")
    page = clone.read("PROGRESS.md", "main")
    assert "| CH-001 | Shouting | none | closed | 2 of 2 | 0 | 2026-01-01 |" in page


def test_what_replays_is_made_again_once_for_a_landing(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    made: list[str] = []

    def counted(ground: Ground, change: str) -> Replayed:
        made.append(change)
        return replay(ground, change)

    monkeypatch.setattr(counting, "replay", counted)
    clone.did("report")
    assert made == ["CH-001"]
    assert "says so already" in clone.did("report")
    assert made == ["CH-001"]
    kept = clone.folder / ".git" / "codexa" / "replayed" / "CH-001"
    kept.write_bytes(kept.read_bytes()[:-1])
    clone.did("report")
    monkeypatch.setattr(counting, "__version__", "another")
    clone.did("report")
    assert made == ["CH-001"] * 3


def test_what_does_not_replay_is_tried_each_time(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")

    def fails(ground: Ground, change: str) -> Replayed:
        return replay(ground, change)._replace(apart=Apart(ground.tip, "brief.md", 1, "other"))

    monkeypatch.setattr(counting, "replay", fails)
    clone.did("report")
    assert "replay the same | 0 % (0 of 1) |" in clone.read("PROGRESS.md", "main")
    monkeypatch.setattr(counting, "replay", replay)
    clone.did("report")
    assert "replay the same | 100 % (1 of 1) |" in clone.read("PROGRESS.md", "main")
