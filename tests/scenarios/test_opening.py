"""`open`: a number of one's own, a brief, and a branch to stand on."""

import os
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import BRIEF, At, Clone, Shelf


def with_remote(clone: Clone, tmp_path: Path, shelf: Shelf) -> tuple[Path, Clone]:
    """A remote of this clone, and a second clone of it."""
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    clone.git("remote", "add", "origin", str(remote))
    clone.git("push", "-qu", "origin", "main")
    git(tmp_path, "clone", "-q", str(remote), "second")
    second = Clone(tmp_path / "second").set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    return remote, second


def test_two_clones_that_open_at_once_get_different_numbers(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    first = at("enforced")
    remote, second = with_remote(first, tmp_path, shelf)
    assert "change/CH-001" in first.did("open", "one")
    assert "change/CH-002" in second.did("open", "two")
    assert git(remote, "for-each-ref", "--format=%(refname)", "refs/heads/change").split() == [
        "refs/heads/change/CH-001",
        "refs/heads/change/CH-002",
    ]
    assert second.git("rev-parse", "--abbrev-ref", "@{upstream}") == "origin/change/CH-002"


def test_offline_it_opens_all_the_same_and_says_that_nothing_is_claimed(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    clone = at("enforced")
    remote, _ = with_remote(clone, tmp_path, shelf)
    remote.rename(tmp_path / "away.git")
    answer = clone.codexa("open", "x")
    assert answer.status == 0
    assert "warning: the number is not claimed on origin" in answer.err
    assert "when you can: git codexa sync CH-001" in answer.err
    assert "1 commit not pushed: git codexa sync CH-001" in clone.did("status")


def test_a_number_that_a_branch_has_is_passed_over(at: At) -> None:
    clone = at("enforced")
    clone.git("branch", "change/CH-001")
    clone.git("branch", "change/CH-002/mine")
    assert "change/CH-003" in clone.did("open", "x")


def test_a_branch_that_leaves_no_room_for_changes_is_named(at: At) -> None:
    clone = at("enforced")
    clone.git("branch", "change")
    told = clone.refused("open", "x")
    assert "a branch named 'change' leaves no room for change/CH-### beside it" in told
    assert "git branch -m change another-name" in told


def test_a_branch_that_leaves_no_room_for_bookmarks_is_named(at: At) -> None:
    clone = at("planned")
    clone.git("branch", "-D", "-q", "codexa/CH-001/frame")
    clone.git("branch", "codexa")
    before = clone.tip()
    told = clone.refused("approve", status=3)
    assert "refs/heads/codexa leaves no room for refs/heads/codexa/CH-001/spec beside it" in told
    assert "git branch -m codexa another-name" in told
    assert clone.tip() == before
    clone.git("branch", "-m", "codexa", "mine")
    clone.did("approve")


@pytest.mark.parametrize(
    "title",
    [
        "<!-- codexa:CH-001 -->",
        "$(touch pwned); `touch pwned`",
        "Codexa-Stage: execute",
        "-x",
        "--",
        "# heading",
        "fix: a|b [x](y) **z**",
        "\u00fcn\u00ef",
        "x" * 72,
    ],
)
def test_a_title_stays_a_title(title: str, at: At) -> None:
    clone = at("enforced")
    clone.did("open", "--", title)
    assert clone.git("log", "-1", "--format=%s") == (
        f"CH-001 frame: {title}, criteria to be written"
    )
    trailers = clone.git("log", "-1", "--format=%(trailers:key=Codexa-Stage,valueonly)").strip()
    assert trailers == "frame"
    assert "brief-complete" in clone.refused("advance")
    assert not (clone.folder / "pwned").exists()
    assert clone.is_clean()


@pytest.mark.parametrize(
    "title",
    ["a\nCodexa-Stage: execute", "a\r", "", "  ", "x" * 73, "\u202egnp", "a\u200bb", "\x1b[1m"],
)
def test_what_is_no_title_is_refused_and_nothing_is_opened(title: str, at: At) -> None:
    clone = at("enforced")
    assert "a title " in clone.refused("open", "--", title, status=2)
    assert clone.git("for-each-ref", "refs/heads/change") == ""


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        ("# X\n\n## Acceptance criteria\n\n- no id\n", 5, "this criterion has no id"),
        ("no heading\n", 1, "a paper starts with its title"),
        (BRIEF.replace("AC-2", "AC-1"), 18, "AC-1 is used twice, first on line 17"),
        (BRIEF.replace("AC-2: `README.md` names `shout.sh`", "AC-2:"), 18, "AC-2 says nothing"),
        (BRIEF + "\n## Scope\n", 24, "the section 'Scope' is written twice"),
        (b"\xff\xfe", 1, "this is not UTF-8"),
        ("", 1, "a paper starts with its title"),
    ],
)
def test_a_malformed_brief_is_refused_by_file_and_line(
    content: str | bytes, line: int, why: str, at: At, tmp_path: Path
) -> None:
    clone = at("enforced")
    brief = tmp_path / "mine.md"
    brief.write_bytes(content.encode() if isinstance(content, str) else content)
    told = clone.refused("open", "x", "--brief", str(brief))
    assert told.startswith(f"error: {brief}:{line}: {why}")
    assert clone.git("for-each-ref", "refs/heads/change") == ""


@pytest.mark.parametrize("heading", ["# CH-001 Shouting", "# CH-077 Shouting", "# Shouting"])
def test_a_brief_gets_the_number_that_was_claimed(heading: str, at: At, tmp_path: Path) -> None:
    clone = at("enforced")
    clone.git("branch", "change/CH-001")
    brief = tmp_path / "mine.md"
    brief.write_text(BRIEF.replace("# CH-001 Shouting", heading))
    clone.did("open", "Shouting", "--brief", str(brief))
    assert clone.read("changes/CH-002/brief.md").startswith("# CH-002 Shouting\n\n## Context\n")


def test_a_malformed_brief_later_names_file_and_line_too(at: At) -> None:
    clone = at("opened")
    path = "changes/CH-001/brief.md"
    clone.commit({path: clone.read(path).replace("AC-2: ", "")}, "oops")
    told = clone.refused("advance")
    assert "changes/CH-001/brief.md:18: this criterion has no id" in told


def test_uncommitted_work_comes_along_where_it_is_not_in_the_way(at: At) -> None:
    clone = at("enforced")
    clone.write("greet.sh", "mine\n")
    clone.did("open", "x")
    assert clone.git("status", "-sb").split("\n") == ["## change/CH-001", " M greet.sh"]


def test_uncommitted_work_in_the_way_keeps_the_checkout_where_it_is(at: At) -> None:
    clone = at("enforced")
    clone.write("changes/CH-001/brief.md", "mine\n")
    answer = clone.codexa("open", "x")
    assert answer.status == 0
    assert "your checkout stays where it is" in answer.err
    assert clone.git("rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert (clone.folder / "changes/CH-001/brief.md").read_text() == "mine\n"


@pytest.mark.parametrize("value", ["x", "-1", "1e5", "", " 5", "\u0661", "9" * 12])
def test_a_clock_that_is_none_is_refused(
    value: str, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("enforced")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    assert "SOURCE_DATE_EPOCH is no number of seconds" in clone.refused("open", "x", status=2)


def test_a_clock_behind_the_last_record_does_not_turn_time_back(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("planned")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    clone.did("approve")
    times = clone.git("log", "-2", "--format=%ct").split("\n")
    assert times[0] == times[1]
    assert os.environ["SOURCE_DATE_EPOCH"] == "0"


def test_asked_again_by_the_same_words_the_one_that_is_open_is_meant(at: At) -> None:
    clone = at("enforced")
    words = ("open", "Shouting", "--criterion", "`true` exits 0")
    clone.did(*words)
    tip = clone.tip()
    clone.git("switch", "-q", "main")
    assert "CH-001 is open already, and nothing has happened to it since" in clone.did(*words)
    assert (clone.git("symbolic-ref", "--short", "HEAD"), clone.tip()) == ("change/CH-001", tip)
    assert "[change/CH-002 " in clone.did("open", "Shouting", "--criterion", "`false` exits 1")
    clone.git("switch", "-q", "change/CH-001")
    clone.commit({"changes/CH-001/notes.md": "more\n"}, "work on it")
    assert "[change/CH-003 " in clone.did(*words)


def test_what_comes_next_is_what_is_missing(at: At, tmp_path: Path) -> None:
    clone = at("enforced")
    assert "next: edit changes/CH-001/brief.md, commit, then" in clone.did("open", "Nothing yet")
    (tmp_path / "brief.md").write_text(BRIEF)
    told = clone.did("open", "Shouting", "--brief", str(tmp_path / "brief.md"))
    assert "next: git codexa advance CH-002\n" in told
    assert "edit" not in told


def test_no_hint_names_a_change_that_was_abandoned(at: At) -> None:
    clone = at("opened")
    clone.did("abandon", "-m", "not needed")
    clone.git("switch", "-q", "main")
    assert 'hint: git codexa open "what should change"' in clone.refused("advance", status=2)
    clone.did("open", "Another", "--no-switch")
    told = clone.refused("advance", status=2)
    assert "name one (CH-002), or git switch change/CH-002" in told


def test_a_remote_without_the_base_is_told_of(at: At, tmp_path: Path) -> None:
    clone = at("adopted")
    assert "on which the change stands" not in clone.codexa("open", "Alone").err
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    clone.git("switch", "-q", "main")
    clone.git("remote", "add", "origin", str(tmp_path / "bare.git"))
    told = clone.codexa("open", "Shared").err
    assert "warning: origin has no main that this clone knows of, on which the change" in told
    assert "hint: git push -u origin main\n" in told
    clone.git("push", "-q", "-u", "origin", "main")
    clone.git("switch", "-q", "main")
    assert "on which the change stands" not in clone.codexa("open", "Again").err


@pytest.mark.parametrize("said", [True, False])
def test_a_remote_that_takes_no_change_says_why_at_once(
    at: At, tmp_path: Path, *, said: bool
) -> None:
    clone = at("enforced")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "server.git")
    clone.git("remote", "add", "origin", str(tmp_path / "server.git"))
    clone.git("push", "-q", "-u", "origin", "main")
    hook = tmp_path / "server.git" / "hooks" / "pre-receive"
    words = "echo 'error: it carries CH-001' >&2\necho 'hint: git log' >&2\n" if said else ""
    hook.write_text(f"#!/bin/sh\necho once >> {tmp_path / 'asked'}\n{words}exit 1\n")
    hook.chmod(0o755)
    told = clone.refused("open", "Shouting")
    why = (
        "it carries CH-001\nhint: git log"
        if said
        else "[remote rejected] (pre-receive hook declined)"
    )
    assert told == f"error: origin does not take change/CH-001: {why}\n"
    assert (tmp_path / "asked").read_text() == "once\n"


def test_a_number_that_leaves_no_room_on_the_remote_is_passed_over(at: At, tmp_path: Path) -> None:
    clone = at("enforced")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "server.git")
    clone.git("remote", "add", "origin", str(tmp_path / "server.git"))
    clone.git("push", "-q", "-u", "origin", "main")
    server = tmp_path / "server.git"
    git(server, "branch", "change/CH-001/mine", "main")
    git(server, "branch", "change/CH-002", "main")
    assert "[change/CH-003 " in clone.did("open", "Shouting")


def test_what_a_brief_that_was_given_lacks_is_said_as_it_is_opened(at: At) -> None:
    words = ("--context", "c", "--scope", "s", "--out-of-scope", "o", "--criterion", "x")
    told = at("adopted").did("open", "Shouting", *words)
    assert "\nits brief is not enough yet: AC-1 " in told
    assert told.endswith("next: edit changes/CH-001/brief.md, commit, then: git codexa advance\n")
    assert "not enough" not in at("adopted").did("open", "Shouting")
