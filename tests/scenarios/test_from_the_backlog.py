"""The backlog, as people fill it, rank it, and open changes from it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import Clone, make_key

At = Callable[[str], Clone]

LEADING = "codexa: backlog: "


def stocked(clone: Clone) -> Clone:
    clone.did("backlog", "add", "shout", "--milestone", "MS-01", "--requirement", "FR-29")
    clone.did("backlog", "add", "whisper")
    return clone


def shared(clone: Clone, folder: Path) -> Path:
    """A bare repository that the clone's base follows."""
    bare = folder / "origin.git"
    git(folder, "clone", "-q", "--bare", str(clone.folder), str(bare))
    clone.git("remote", "add", "origin", str(bare))
    clone.git("fetch", "-q", "origin")
    clone.git("branch", "-q", "--set-upstream-to=origin/main", "main")
    return bare


def listed(clone: Clone) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(clone.did("backlog", "list", "--json"))
    return found


def opened(clone: Clone, change: str) -> dict[str, object]:
    line = clone.read(f"audit/{change}/handoff.jsonl", f"change/{change}").split("\n")[0]
    found: dict[str, object] = json.loads(line)["data"]
    return found


def test_each_item_is_one_commit_of_the_person_on_the_base(at: At) -> None:
    clone = at("enforced")
    before = clone.tip()
    out = clone.did("backlog", "add", "shout", "--milestone", "MS-01", "--requirement", "FR-29")
    assert clone.git("rev-parse", "HEAD^") == before
    assert f"{LEADING}BL-001 shout, priority 1" in out
    assert clone.git("log", "-1", "--format=%an <%ae> %s") == (
        f"Demo PM <pm@demo.invalid> {LEADING}BL-001 shout, priority 1"
    )
    assert clone.git("diff", "--name-only", "HEAD^", "HEAD") == "changes/backlog.toml"
    assert clone.is_clean()
    assert listed(clone) == [
        {
            "id": "BL-001",
            "title": "shout",
            "priority": 1,
            "milestone": "MS-01",
            "requirements": ["FR-29"],
            "change": None,
            "landed": False,
        }
    ]


def test_rank_moves_an_item_and_the_others_make_room(at: At) -> None:
    clone = stocked(at("enforced"))
    clone.did("backlog", "add", "sing", "--first")
    assert [i["id"] for i in listed(clone)] == ["BL-003", "BL-001", "BL-002"]
    clone.did("backlog", "rank", "BL-002", "1")
    assert [(i["id"], i["priority"]) for i in listed(clone)] == [
        ("BL-002", 1),
        ("BL-003", 2),
        ("BL-001", 3),
    ]
    error = clone.refused("backlog", "rank", "BL-002", "1")
    assert "BL-002 stands there already" in error
    assert "BL-001, BL-002" not in clone.refused("backlog", "rank", "BL-009", "1", status=2)


def test_open_takes_the_first_item_and_names_it_on_record(at: At) -> None:
    clone = stocked(at("enforced"))
    base = clone.tip("main")
    assert "BL-001 is next: shout" in clone.did("open")
    assert clone.tip("main") == base
    assert clone.log() == ["CH-001 frame: shout, criteria to be written"]
    data = opened(clone, "CH-001")
    assert data["title"] == "shout"
    assert data["item"] == "BL-001"
    assert data["milestone"] == "MS-01"
    assert data["requirements"] == ["FR-29"]
    brief = clone.read("changes/CH-001/brief.md")
    assert brief.endswith("## Backlog\n\n- Item: BL-001\n- Milestone: MS-01\n- Requirements: FR-29")
    assert [(i["id"], i["change"]) for i in listed(clone)] == [
        ("BL-001", "CH-001"),
        ("BL-002", None),
    ]
    assert "BL-001 is taken: it is CH-001 now" in clone.refused("backlog", "rank", "BL-001", "2")


def test_each_open_takes_the_next_until_all_are_taken(at: At) -> None:
    clone = stocked(at("enforced"))
    clone.did("open", "--no-switch")
    assert "BL-002 is next: whisper" in clone.did("open", "--no-switch")
    assert "every item of the backlog is taken" in clone.refused("open")
    assert "every item is taken" in clone.did("backlog", "list")


def test_open_without_a_title_or_a_backlog_says_what_to_do(at: At) -> None:
    error = at("enforced").refused("open")
    assert "error: the backlog is empty" in error
    assert 'hint: git codexa open "what should change"' in error


def test_a_title_opens_a_change_directly_and_takes_nothing(at: At) -> None:
    clone = stocked(at("enforced"))
    clone.did("open", "mumble", "--milestone", "MS-01")
    data = opened(clone, "CH-001")
    assert data["item"] is None
    assert data["milestone"] == "MS-01"
    assert {i["change"] for i in listed(clone)} == {None}


def test_what_an_abandoned_change_took_is_free_again(at: At) -> None:
    clone = stocked(at("enforced"))
    clone.did("open")
    clone.did("abandon", "CH-001", "-m", "no")
    assert listed(clone)[0]["change"] is None
    assert "BL-001 is next" in clone.did("open")


def test_another_clone_sees_what_was_taken(at: At, tmp_path: Path) -> None:
    clone = stocked(at("enforced"))
    bare = shared(clone, tmp_path)
    clone.did("open")
    git(tmp_path, "clone", "-q", str(bare), "other")
    other = Clone(tmp_path / "other").set_up(
        "Demo PM", "pm@demo.invalid", make_key(tmp_path, "k", 1)
    )
    assert listed(other)[0]["change"] == "CH-001"
    assert "BL-002 is next" in other.did("open")
    assert opened(other, "CH-002")["item"] == "BL-002"


def test_two_clones_never_take_one_item_at_once(at: At, tmp_path: Path) -> None:
    clone = stocked(at("enforced"))
    bare = shared(clone, tmp_path)
    git(tmp_path, "clone", "-q", str(bare), "other")
    key = make_key(tmp_path, "k", 2)
    other = Clone(tmp_path / "other").set_up("Demo Dev", "dev@demo.invalid", key)
    other.git("config", "codexa.root", clone.git("config", "codexa.root"))
    clone.did("open")
    error = other.refused("open")
    assert "CH-001 was opened elsewhere meanwhile, and may have taken BL-001" in error
    other.git("fetch", "-q")
    assert "BL-002 is next" in other.did("open")


def test_a_shared_base_is_pushed_with_each_item(at: At, tmp_path: Path) -> None:
    clone = at("enforced")
    bare = shared(clone, tmp_path)
    stocked(clone)
    assert git(bare, "rev-parse", "main") == clone.tip("main") == clone.tip("origin/main")
    assert clone.is_clean()


def test_a_shared_base_can_begin_to_enforce(at: At, tmp_path: Path) -> None:
    clone = at("adopted")
    bare = shared(clone, tmp_path)
    clone.did("enforce", "--demo", "--yes")
    assert git(bare, "rev-parse", "main") == clone.tip("main") == clone.tip("origin/main")
    assert clone.is_clean()


def test_a_base_that_moved_elsewhere_refuses_and_nothing_is_written(at: At, tmp_path: Path) -> None:
    clone = at("enforced")
    bare = shared(clone, tmp_path)
    git(tmp_path, "clone", "-q", str(bare), "other")
    key = make_key(tmp_path, "k", 1)
    other = Clone(tmp_path / "other").set_up("Demo PM", "pm@demo.invalid", key)
    stocked(other)
    before = clone.tip("main")
    error = clone.refused("backlog", "add", "sing", status=3)
    assert "origin refused it" in error
    assert "hint: git fetch origin, and ask again" in error
    assert clone.tip("main") == clone.tip("origin/main") == before
    clone.git("pull", "-q", "--ff-only")
    assert "BL-003 sing" in clone.did("backlog", "add", "sing")


def test_uncommitted_work_on_the_file_is_not_written_over(at: At, tmp_path: Path) -> None:
    clone = stocked(at("enforced"))
    bare = shared(clone, tmp_path)
    mine = clone.read("changes/backlog.toml") + "# mine\n"
    clone.write("changes/backlog.toml", mine)
    before = clone.tip("main")
    assert "work that is not committed" in clone.refused("backlog", "add", "sing")
    assert (clone.folder / "changes/backlog.toml").read_text() == mine
    assert clone.tip("main") == git(bare, "rev-parse", "main") == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", ""), "a title cannot be empty"),
        (("add", "two\nlines"), "a title is one line of plain text"),
        (("add", "\N{RIGHT-TO-LEFT OVERRIDE}desrever"), "a title is one line of plain text"),
        (("add", "x", "--milestone", "../x"), "'../x' is no milestone"),
        (("add", "x", "--requirement", "FR-1\n"), "'FR-1\\n' is no requirement"),
        (("add", "x", "--priority", "0"), "0 is not in the range"),
        (("rank", "BL-1", "1"), "'BL-1' is no item"),
    ],
)
def test_what_is_no_item_is_refused_and_nothing_is_written(
    at: At, words: tuple[str, ...], said: str
) -> None:
    clone = at("enforced")
    before = clone.tip()
    assert said in clone.refused("backlog", *words, status=2)
    assert clone.tip() == before


def test_a_broken_backlog_is_refused_with_its_line_by_every_command(at: At) -> None:
    clone = stocked(at("enforced"))
    content = clone.read("changes/backlog.toml").replace("BL-002", "BL-001")
    clone.commit({"changes/backlog.toml": content}, "a merge gone wrong")
    line = 1 + content[: content.rindex("[[item]]")].count("\n")
    for words in (("backlog", "list"), ("backlog", "add", "x"), ("open",)):
        assert f"changes/backlog.toml:{line}: BL-001 is used twice" in clone.refused(*words)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("BL-002", "XX-2", "'XX-2' is no id of an item"),
        ("MS-01", "ms one", "'ms one' is no milestone"),
        ("FR-29", "29", "these are no requirements, each once"),
        ("priority = 2", "priority = -2", "BL-002 has no priority"),
        ("priority = 2", 'owner = "x"', "BL-002 says 'owner', which no item has"),
    ],
)
def test_an_unknown_id_is_refused_with_its_line(at: At, old: str, new: str, said: str) -> None:
    clone = at("enforced")
    clone.did("backlog", "add", "one", "--milestone", "MS-01", "--requirement", "FR-29")
    clone.did("backlog", "add", "two")
    content = clone.read("changes/backlog.toml")
    assert old in content
    clone.commit({"changes/backlog.toml": content.replace(old, new) + "\n"}, "by hand")
    for words in (("backlog", "list"), ("backlog", "rank", "BL-001", "2"), ("open",)):
        error = clone.refused(*words)
        assert re.search(r"changes/backlog\.toml:[0-9]+: ", error)
        assert said in error


def test_a_backlog_that_is_not_pushed_is_told(at: At, tmp_path: Path) -> None:
    clone = stocked(at("enforced"))
    shared(clone, tmp_path)
    assert clone.codexa("backlog", "list").err == ""
    content = clone.read("changes/backlog.toml") + "\n"
    clone.commit({"changes/backlog.toml": content.replace("BL-001", "BL-051")}, "by hand")
    answer = clone.codexa("backlog", "list")
    assert "changes/backlog.toml on your main is not pushed" in answer.err
    assert "BL-051" not in answer.out
    clone.git("push", "-q")
    assert "BL-051" in clone.did("backlog", "list")
    assert clone.codexa("backlog", "list").err == ""


def test_a_change_that_only_a_remote_has_is_told_with_the_way_to_it(at: At, tmp_path: Path) -> None:
    clone = stocked(at("enforced"))
    bare = shared(clone, tmp_path)
    clone.did("open")
    git(tmp_path, "clone", "-q", str(bare), "other")
    other = Clone(tmp_path / "other").set_up(
        "Demo PM", "pm@demo.invalid", make_key(tmp_path, "k", 1)
    )
    other.git("config", "codexa.root", clone.git("config", "codexa.root"))
    for words in (("open", "CH-001"), ("status", "CH-001"), ("advance", "CH-001")):
        error = other.refused(*words, status=2)
        assert "CH-001 is not in this clone yet, but origin/change/CH-001 is" in error
        assert "hint: git switch --track origin/change/CH-001" in error
    other.git("switch", "-q", "--track", "origin/change/CH-001")
    assert "nothing is missing in CH-001" in other.did("open", "CH-001")


def test_a_change_in_cleanup_that_only_a_remote_has_counts_too(at: At, tmp_path: Path) -> None:
    clone = at("package approved")
    bare = shared(clone, tmp_path)
    clone.git("push", "-q", "origin", "change/CH-001")
    git(tmp_path, "clone", "-q", str(bare), "other")
    other = Clone(tmp_path / "other").set_up(
        "Demo PM", "pm@demo.invalid", make_key(tmp_path, "k", 1)
    )
    other.git("config", "codexa.root", clone.git("config", "codexa.root"))
    other.git("switch", "-q", "-C", "main", "origin/main")
    other.git("branch", "-q", "-D", "change/CH-001")
    told = other.refused("open", "the next")
    assert "CH-001 stands in cleanup" in told
    assert told.splitlines()[1:] == [
        "hint: git switch --track origin/change/CH-001",
        "hint: git codexa advance CH-001",
        'hint: or, to end it without: git codexa abandon CH-001 -m "why"',
    ]
    other.git("switch", "-q", "--track", "origin/change/CH-001")
    assert "hint: git codexa advance CH-001" in other.refused("open", "the next")
    other.did("abandon", "CH-001", "-m", "why")
    other.did("open", "the next")


def test_open_again_fills_in_what_the_brief_lacks(at: At) -> None:
    clone = stocked(at("enforced"))
    clone.did("open")
    mine = "# CH-001 shout\n\n## Context\n\nMine, \twith   odd spaces.\n\n## scope\n\n- this"
    clone.commit({"changes/CH-001/brief.md": mine}, "my own words")
    assert "CH-001 frame: the brief has every section" in clone.did("open", "CH-001")
    brief = clone.read("changes/CH-001/brief.md")
    assert brief.startswith(mine + "\n\n## Out of scope\n\n*Not written yet:")
    assert "\n## Acceptance criteria\n" in brief
    assert "## Backlog\n\n- Item: BL-001\n- Milestone: MS-01\n- Requirements: FR-29" in brief
    assert clone.is_clean()
    before = clone.tip()
    assert "nothing is missing in CH-001" in clone.did("open", "CH-001")
    assert clone.tip() == before
    assert "1 commits made again with the same ids\n2 of people" in clone.did("replay", "CH-001")


def test_open_again_writes_a_brief_that_is_gone(at: At) -> None:
    clone = stocked(at("enforced"))
    clone.did("open")
    brief = clone.read("changes/CH-001/brief.md")
    clone.commit({"changes/CH-001/brief.md": None}, "away with it")
    clone.did("open", "CH-001")
    assert clone.read("changes/CH-001/brief.md") == brief


def test_open_again_leaves_an_agreed_brief_alone(at: At) -> None:
    clone = at("approved")
    brief = clone.read("changes/CH-001/brief.md")
    lacking = brief.replace("## Clarifications\n\nNone.", "")
    assert lacking != brief
    clone.commit({"changes/CH-001/brief.md": lacking}, "less")
    error = clone.refused("open", "CH-001")
    assert "CH-001 is in execute: its brief is agreed on" in error


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("CH-009",), 2, "there is no change CH-009 here"),
        (("CH-1",), 2, "'CH-1' is not a change id"),
        (("CH-001", "--context", "x"), 2, "CH-001 is open already"),
    ],
)
def test_open_again_takes_an_open_change_alone(
    at: At, words: tuple[str, ...], status: int, said: str
) -> None:
    assert said in at("opened").refused("open", *words, status=status)


def test_nobody_opens_the_next_change_with_one_in_cleanup(at: At, tmp_path: Path) -> None:
    clone = at("package approved")
    clone.git("switch", "-q", "main")
    error = clone.refused("open", "the next")
    assert "CH-001 stands in cleanup" in error
    assert "hint: git codexa advance CH-001" in error
    clone.did("advance", "CH-001")
    assert "hint: git codexa land CH-001" in clone.refused("open", "the next")
    key = make_key(tmp_path, "dev", 2)
    clone.set_up("Demo Dev", "dev@demo.invalid", key).did("open", "another's", "--no-switch")
    clone.set_up("Demo PM", "pm@demo.invalid", make_key(tmp_path, "pm", 1)).did("land", "CH-001")
    clone.did("open", "the next")


def test_what_landed_leaves_the_backlog_with_the_next_commit(at: At) -> None:
    clone = stocked(at("enforced"))
    clone.did("open")
    land(clone)
    assert listed(clone)[0] | {"priority": 0} == {
        "id": "BL-001",
        "title": "shout",
        "priority": 0,
        "milestone": "MS-01",
        "requirements": ["FR-29"],
        "change": "CH-001",
        "landed": True,
    }
    out = clone.did("backlog", "add", "sing")
    assert "BL-001 has landed and left the backlog" in out
    assert [i["id"] for i in listed(clone)] == ["BL-002", "BL-003"]
    assert "BL-001 has landed with CH-001." in clone.git("log", "-1", "--format=%b", "main")


def test_an_id_is_never_used_again(at: At) -> None:
    clone = at("enforced")
    clone.did("backlog", "add", "shout")
    clone.did("open")
    land(clone)
    clone.did("backlog", "add", "sing")
    assert [i["id"] for i in listed(clone)] == ["BL-002"]


def land(clone: Clone) -> None:
    """The change at hand, taken all the way."""
    from scenarios.clone import BRIEF, recipes  # noqa: PLC0415

    papers = {"changes/CH-001/brief.md": BRIEF, "changes/CH-001/recipes.toml": recipes()}
    clone.commit(papers, "say what and how")
    for _ in range(2):
        clone.codexa("advance", "--until-blocked")
        clone.did("approve")
    clone.codexa("advance", "--until-blocked")
    clone.did("approve")
    clone.did("advance", "--until-blocked")
    clone.did("land")
    clone.git("switch", "-q", "main")


def test_an_item_that_is_named_is_taken_and_not_made_a_title(at: At) -> None:
    clone = stocked(at("enforced"))
    assert "BL-002 is taken: whisper" in clone.did("open", "BL-002", "--scope", "a quieter script")
    assert opened(clone, "CH-001")["title"] == "whisper"
    assert opened(clone, "CH-001")["item"] == "BL-002"
    assert "- a quieter script" in clone.read("changes/CH-001/brief.md", "change/CH-001")
    assert "BL-001 is next: shout" in clone.did("open")


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("BL-001", 1, "BL-001 is taken: it is CH-001 now"),
        ("BL-009", 2, "the backlog has no item 'BL-009'"),
        ("BL-9", 2, "BL-9 is no id of an item"),
        ("bl-002", 2, "bl-002 is no id of an item"),
        ("BL-", 2, "BL- is no id of an item"),
    ],
)
def test_an_item_that_cannot_be_taken_opens_nothing(
    at: At, name: str, status: int, said: str
) -> None:
    clone = stocked(at("enforced"))
    clone.did("open")
    before = clone.git("for-each-ref")
    assert said in clone.refused("open", name, status=status)
    assert clone.git("for-each-ref") == before
