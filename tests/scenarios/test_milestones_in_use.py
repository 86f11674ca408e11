"""Milestones and their demos, as changes land."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import BRIEF, Clone, States, recipes

At = Callable[[str], Clone]

MILESTONE = "\n[milestone.MS-01]\nstart = {start}\n"
DEMO = "artifacts/phase1/demo"


@pytest.fixture
def adopted(at: At) -> Clone:
    """A repository that enforces, with a milestone that started eight days ago."""
    return at("adopted, with a milestone")


def starting(at: At, start: str) -> Clone:
    return start_milestone(at("adopted"), start)


def start_milestone(clone: Clone, start: str) -> Clone:
    policy = clone.read("codexa.toml") + MILESTONE.format(start=start)
    clone.commit({"codexa.toml": policy}, "a milestone")
    clone.did("enforce", "--demo", "--yes")
    return clone


def package(clone: Clone) -> None:
    """CH-001, at hand, taken up to its package."""
    papers = {"changes/CH-001/brief.md": BRIEF, "changes/CH-001/recipes.toml": recipes()}
    clone.commit(papers, "say what and how")
    for _ in range(2):
        clone.codexa("advance", "--until-blocked")
        clone.did("approve")
    clone.codexa("advance", "--until-blocked")


def _start_last_week(clone: Clone) -> None:
    start_milestone(clone, "2025-12-24")


def _open_and_package(clone: Clone) -> None:
    clone.did("open", "Shouting", "--milestone", "MS-01")
    package(clone)


OWN_STATES: States = {
    "adopted, with a milestone": ("adopted", _start_last_week),
    "packaged for a milestone": ("adopted, with a milestone", _open_and_package),
}


def close(clone: Clone) -> None:
    clone.did("approve")
    clone.did("advance", "--until-blocked")


def shown(clone: Clone, *names: str) -> dict[str, str]:
    folder = f"{DEMO}/Week-02/CH-001"
    return {name: clone.read(f"{folder}/{name}") for name in names}


def test_a_package_holds_the_files_of_the_weeks_demo(at: At) -> None:
    clone = at("packaged for a milestone")
    assert clone.log()[-1] == "CH-001 package: impact, demo, packet"
    assert clone.git("ls-tree", "-r", "--name-only", "HEAD", DEMO).split("\n") == [
        f"{DEMO}/Week-02/CH-001/{name}"
        for name in ("figures.json", "log.txt", "packet.md", "screen.svg")
    ]
    files = shown(clone, "figures.json", "log.txt", "packet.md", "screen.svg")
    figures = json.loads(files["figures.json"])
    assert figures["change"] == "CH-001"
    assert figures["week"] == "Week-02"
    assert (figures["criteria"], figures["covered"], figures["passed"]) == (2, 2, 1)
    assert "Demo PM (pm)" in files["log.txt"]
    assert "- AC-1, sh shout.sh prints HELLO: T-01" in files["packet.md"]
    assert "$ cat log.txt" in files["screen.svg"]
    replayed = clone.did("replay", "CH-001")
    assert "CH-001 replays" in replayed


def test_a_demo_is_approved_with_the_package_and_lands(at: At) -> None:
    clone = at("packaged for a milestone")
    assert f"{DEMO}/Week-02/CH-001/log.txt" in clone.did("approve", "--dry-run")
    close(clone)
    clone.did("land")
    assert "CH-001 replays" in clone.did("replay", "CH-001")
    assert clone.read(f"{DEMO}/Week-02/CH-001/log.txt", "main")


def test_a_changed_byte_in_a_demo_voids_the_approval(at: At) -> None:
    clone = at("packaged for a milestone")
    clone.did("approve")
    clone.commit({f"{DEMO}/Week-02/CH-001/log.txt": "all went well\n"}, "nicer")
    assert "package-approved" in clone.refused("land")


def test_a_package_made_again_in_another_week_replaces_the_demo(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("packaged for a milestone")
    clone.commit({f"{DEMO}/Week-02/CH-001/mine.txt": "mine\n"}, "my own")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1767268800 + 7 * 86400))
    clone.did("rework", "--to", "package", "-m", "again")
    clone.codexa("advance", "--until-blocked")
    found = clone.git("ls-tree", "-r", "--name-only", "HEAD", DEMO).split("\n")
    assert [name for name in found if "Week-02" in name] == [f"{DEMO}/Week-02/CH-001/mine.txt"]
    assert len([name for name in found if "Week-03" in name]) == 4
    assert "CH-001 replays" in clone.did("replay", "CH-001")


@pytest.mark.parametrize(
    ("start", "words", "why"),
    [
        ("2025-12-24", (), "the change belongs to no milestone"),
        ("2025-12-24", ("--milestone", "MS-02"), "policy says no day that MS-02 starts on"),
        (
            "2026-01-02",
            ("--milestone", "MS-01"),
            "MS-01 starts on 2026-01-02, and 2026-01-01 is before that",
        ),
    ],
)
def test_without_a_week_there_is_no_demo_and_the_commit_says_why(
    at: At, start: str, words: tuple[str, ...], why: str
) -> None:
    clone = starting(at, start)
    clone.did("open", "Shouting", *words)
    package(clone)
    assert clone.log()[-1] == "CH-001 package: impact and packet"
    assert clone.git("log", "-1", "--format=%b").startswith(f"No files for a demo: {why}.")
    assert not clone.git("ls-tree", "-r", "--name-only", "HEAD", DEMO)


def test_the_last_landing_of_a_milestone_is_tagged_with_its_figures(adopted: Clone) -> None:
    clone = adopted
    clone.did("backlog", "add", "shout", "--milestone", "MS-01")
    clone.did("open")
    package(clone)
    close(clone)
    out = clone.did("land")
    assert "tag milestone/MS-01: changes 1 landed, criteria 2 of 2 covered" in out
    assert clone.git("rev-parse", "milestone/MS-01^{commit}") == clone.tip("main")
    assert clone.git("cat-file", "-t", "milestone/MS-01") == "tag"
    told = clone.git("for-each-ref", "--format=%(contents)%(taggername)", "refs/tags/milestone")
    assert told == (
        "MS-01: its last change has landed\n\nchanges 1 landed\ncriteria 2 of 2 covered\n"
        "tests 1 passed, on the last\nreproduced 1 of 1 with the same seed\n\n"
        "CH-001 shout\nDemo PM"
    )
    assert clone.is_sound()


@pytest.mark.parametrize(
    "more", [("backlog", "add", "sing"), ("open", "Singing", "--no-switch")], ids=" ".join
)
def test_a_milestone_with_more_to_do_is_not_tagged(at: At, more: tuple[str, ...]) -> None:
    clone = at("packaged for a milestone")
    close(clone)
    if more[0] == "open":
        clone.git("config", "user.email", "dev@demo.invalid")
        clone.did(*more, "--milestone", "MS-01")
        clone.did("land", "CH-001")
    else:
        clone.did(*more, "--milestone", "MS-01")
        clone.did("advance", "--until-blocked")
        clone.did("land")
    assert not clone.git("tag", "-l", "milestone/*")
    (found,) = json.loads(clone.did("milestone", "MS-01", "--json"))
    assert not found["complete"]
    assert [one["change"] for one in found["landed"]] == ["CH-001"]


def test_the_tag_goes_where_the_base_goes(adopted: Clone, tmp_path: Path) -> None:
    clone = adopted
    bare = tmp_path / "origin.git"
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), str(bare))
    clone.git("remote", "add", "origin", str(bare))
    clone.git("fetch", "-q", "origin")
    clone.git("branch", "-q", "--set-upstream-to=origin/main", "main")
    clone.did("open", "Shouting", "--milestone", "MS-01")
    package(clone)
    close(clone)
    clone.did("land")
    assert git(bare, "rev-parse", "milestone/MS-01^{commit}") == clone.tip("main")


def test_a_landing_stands_where_the_milestone_cannot_be_told(at: At) -> None:
    clone = at("packaged for a milestone")
    close(clone)
    clone.git("switch", "-q", "main")
    clone.commit({"changes/backlog.toml": "[[item]]\n"}, "half an item")
    clone.did("advance", "CH-001", "--until-blocked")
    answer = clone.codexa("land", "CH-001")
    assert answer.status == 0
    assert "MS-01 was not looked at: changes/backlog.toml:1: None is no id" in answer.err
    assert clone.git("rev-parse", "landed/CH-001^{commit}") == clone.tip("main")


def test_nothing_is_pushed_where_the_checkout_has_no_room_to_land(
    adopted: Clone, tmp_path: Path
) -> None:
    clone = adopted
    bare = tmp_path / "origin.git"
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), str(bare))
    clone.git("remote", "add", "origin", str(bare))
    clone.git("fetch", "-q", "origin")
    clone.git("branch", "-q", "--set-upstream-to=origin/main", "main")
    clone.did("open", "Shouting")
    package(clone)
    close(clone)
    clone.git("switch", "-q", "main")
    clone.write("shout.sh", "mine\n")
    before = git(bare, "rev-parse", "main")
    assert "work that is not committed" in clone.refused("land", "CH-001")
    assert git(bare, "rev-parse", "main") == before


def test_milestone_shows_what_is_landed_open_and_waiting(adopted: Clone) -> None:
    clone = adopted
    clone.did("backlog", "add", "shout", "--milestone", "MS-01")
    clone.did("backlog", "add", "sing", "--milestone", "MS-01")
    clone.did("backlog", "add", "hum", "--milestone", "MS-02")
    clone.did("open", "--no-switch")
    assert clone.did("milestone", "MS-01") == (
        "MS-01  from 2025-12-24, Week-02\n  frame    CH-001  shout\n  backlog  BL-002  sing\n"
    )
    assert clone.did("milestone") == (
        "MS-01  from 2025-12-24, Week-02\n"
        "  frame    CH-001  shout\n"
        "  backlog  BL-002  sing\n"
        "\n"
        "MS-02  policy says no day that it starts on\n"
        "  backlog  BL-003  hum\n"
    )
    error = clone.refused("milestone", "MS-09", status=2)
    assert "nothing here belongs to MS-09" in error
    assert "hint: known: MS-01, MS-02" in error


def test_a_milestone_that_has_not_begun_says_when_it_does(
    adopted: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1766404800")
    adopted.did("open", "shout", "--milestone", "MS-01", "--no-switch")
    assert adopted.did("milestone", "MS-01") == (
        "MS-01  starts on 2025-12-24, and 2025-12-22 is before that\n  frame    CH-001  shout\n"
    )


def test_without_any_milestone_it_says_how_to_make_one(at: At) -> None:
    assert "there is no milestone yet" in at("enforced").did("milestone")


def test_a_concern_has_a_due_day(at: At) -> None:
    clone = at("opened")
    clone.did("concern", "raise", "too loud", "--due", "2026-01-03")
    (found,) = json.loads(clone.did("concern", "list", "--json"))
    assert found["due"] == "2026-01-03"
    assert "CN-1  open    too loud (Demo PM, due 2026-01-03)" in clone.did("concern", "list")
    assert "CH-001 replays" in clone.did("replay", "CH-001")


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2025-12-31", "a concern cannot be due on 2025-12-31: today is 2026-01-01"),
        ("2026-02-30", "'2026-02-30' is no day"),
        ("soon", "'soon' is no day: one looks like 2026-11-30"),
    ],
)
def test_what_is_no_day_to_come_is_refused(at: At, due: str, said: str) -> None:
    clone = at("opened")
    before = clone.tip()
    assert said in clone.refused("concern", "raise", "too loud", "--due", due, status=2)
    assert clone.tip() == before


def test_to_land_again_sets_the_tag_that_a_killed_landing_did_not(at: At) -> None:
    clone = at("packaged for a milestone")
    close(clone)
    clone.did("land")
    tag = clone.git("rev-parse", "milestone/MS-01")
    clone.git("tag", "-d", "milestone/MS-01")
    for words in (("land", "CH-001"), ("land",)):
        answer = clone.codexa(*words)
        assert answer.status == 1
        assert "CH-001 has landed on main" in answer.err
        assert clone.git("rev-parse", "milestone/MS-01") == tag
        assert ("tag milestone/MS-01" in answer.out) == (len(words) == 2)
