"""All open changes on one screen."""

import json
from pathlib import Path

import pytest
from scenarios.clone import At, Clone
from workflow.reports.standings import AGENT, DEV, LAND, NOON, PM, POLICY, standing

from codexa_git.cli.board import HEADINGS, MOST, board
from codexa_git.cli.screen import cells
from codexa_git.workflow.reports.grouping import Group, grouped

SCREEN = """\
your move                                                                      1
  CH-001  Shouting                                                spec, just now
          read brief and plan: git codexa approve CH-001

next, by whoever runs it                                                       1
  CH-002  A second one with a title that takes more room th...  spec, 40 minutes
          PM (agent): make the plan: git codexa advance CH-002
"""

BRIEF = ("--context", "c", "--scope", "s", "--out-of-scope", "o", "--criterion", "`true` exits 0")


@pytest.fixture
def two(at: At, monkeypatch: pytest.MonkeyPatch) -> Clone:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON - 2400))
    clone.did("open", "A second one with a title that takes more room than there is", *BRIEF)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON))
    return clone


def test_the_board_shows_every_open_change_in_its_group(two: Clone) -> None:
    assert two.did("board") == SCREEN


def test_narrow_screens_have_the_command_on_a_line_of_its_own(
    two: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert two.did("board").splitlines()[:4] == [
        "your move                              1",
        "  CH-001  Shouting        spec, just now",
        "    read brief and plan",
        "    git codexa approve CH-001",
    ]


def test_json_names_the_groups_and_what_is_in_them(two: Clone) -> None:
    answer = json.loads(two.did("board", "--json"))
    assert (answer["format"], list(answer["groups"])) == (1, [str(group) for group in Group])
    (change,) = answer["groups"]["yours"]
    assert change == {
        "change": "CH-001",
        "title": "Shouting",
        "state": "open",
        "stage": "spec",
        "who": ["Demo PM"],
        "what": "read brief and plan",
        "command": "git codexa approve CH-001",
        "since": "2026-01-01T12:00:00Z",
    }
    page = Path(__file__).parents[2] / "docs" / "how-to" / "ask-from-a-script.md"
    described = page.read_text(encoding="utf-8")
    assert all(f"`{name}`" in described for name in (*answer, *answer["groups"], *change))


def test_without_open_changes_it_says_how_to_open_one(at: At) -> None:
    assert at("landed").did("board") == (
        'no change is open on main\nhint: git codexa open "what should change"\n'
    )


def test_abandoned_changes_are_counted(two: Clone) -> None:
    two.did("abandon", "CH-001", "-m", "no time")
    told = two.did("board")
    assert "CH-001" not in told
    assert told.endswith("\n1 change abandoned: git codexa status --all\n")


def test_a_change_that_cannot_be_read_is_stuck_and_no_yes(two: Clone) -> None:
    two.commit({"audit/CH-002/handoff.jsonl": "{}\n"}, "broken")
    answer = two.codexa("board")
    assert answer.status == 3
    assert "stuck" in answer.out
    assert "  CH-002  (it cannot be read)" in answer.out
    assert "CH-001  Shouting" in answer.out


def thousand(columns: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", columns)
    hostile = ("plain", "\x1b[31mred\x1b]0;x\x07", "\u202edlrow", "大" * 70, "x" * 72, "a\nb\tc")
    moves = (AGENT, standing().move, LAND)
    found = [
        standing(moves[n % 3], change=f"CH-{n:03}", title=hostile[n % len(hostile)],
                 problem="y" * 300 if n % 7 == 0 else None,
                 state="closed" if moves[n % 3] is LAND else "open")
        for n in range(1, 1001)
    ]  # fmt: skip
    groups = grouped(found, POLICY, DEV, NOON)
    told = "\n\n".join(board(groups, NOON, MOST))
    for group, placed in groups.items():
        assert f"and {len(placed) - MOST} more: git codexa board --all" in told or not placed
        assert (HEADINGS[group] in told) == bool(placed)
    return told.splitlines()


@pytest.mark.parametrize("columns", ["40", "80", "100"])
def test_a_thousand_changes_stay_readable_and_hostile_titles_are_text(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = thousand(columns, monkeypatch)
    assert len(lines) < 4 * (4 * MOST + 4)
    assert all(cells(line) <= int(columns) for line in lines)
    assert all(line.isprintable() for line in lines)


def test_all_of_a_group_are_shown_where_they_are_asked_for() -> None:
    found = [standing(change=f"CH-{n:03}") for n in range(1, 101)]
    told = "\n".join(board(grouped(found, POLICY, PM, NOON), NOON, None))
    assert all(f"  CH-{n:03}  Shouting" in told for n in range(1, 101))
    assert "more" not in told


def test_it_is_laid_out_by_what_is_remembered_alone(
    two: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    from codexa_git.workflow.reports import measuring  # noqa: PLC0415

    two.did("board")
    monkeypatch.setattr(measuring, "standing", None)
    assert two.did("board") == SCREEN
