import json
import os
import re
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone, make_key

from codexa_git.workflow.reports import measuring, surveying
from codexa_git.workflow.reports.sizing import covering

DAY = 86_400
NOON = 1767268800

VALIDATED = """\
CH-001  Shouting                                                   change/CH-001
frame ✓   spec ✓   execute ✓   validate ●   package ·   cleanup ·

your move, Demo PM: look at the results, then
    git codexa approve CH-001

to leave validate                                                         3 of 4
  ✓ results for this tree  #######, signed by Tester (agent)
  ✓ tests pass or waived   1 passed
  ✓ regression matches     tasks same, tests same
  ✗ results approved       0 of 1 approvals by a pm

since you approved the plan (today 12:00, still stands: 5 files unchanged)
  2 of 2 tasks done, 2 files, +2 -0
    git diff main...change/CH-001 -- README.md shout.sh
"""

OPENED = """\
CH-001  Shouting                                                   change/CH-001
frame ✓   spec ●   execute ·   validate ·   package ·   cleanup ·

next, PM (agent): make the plan
    git codexa advance CH-001

to leave spec                                                             0 of 4
  ✗ plan covers criteria  changes/CH-001/tasks.md is not written yet
  ✗ plan seeded           changes/CH-001/tasks.md is not written yet
  ✗ design recorded       not written yet
  ✗ plan approved         0 of 1 approvals by a pm
"""

CLOSED = """\
CH-001  Shouting                                                   change/CH-001
frame ✓   spec ✓   execute ✓   validate ✓   package ✓   cleanup ✓

next: land it
    git codexa land CH-001

to leave cleanup                                                          6 of 6
"""


def shown(clone: Clone, *words: str) -> str:
    """The screen, with ids that differ from run to run as `#######`."""
    return re.sub(r"\b[0-9a-f]{7}\b", "#######", clone.did("status", *words))


def change_of(clone: Clone, *words: str) -> dict[str, object]:
    (found,) = json.loads(clone.did("status", "--json", *words))["changes"]
    assert isinstance(found, dict)
    return found


def forget(clone: Clone) -> list[Path]:
    kept = sorted((clone.folder / ".git" / "codexa" / "status").iterdir())
    for file in kept:
        file.unlink()
    return kept


@pytest.mark.parametrize(("state", "screen"), [("validated", VALIDATED), ("opened", OPENED)])
def test_the_screen_of_a_change(at: At, state: str, screen: str) -> None:
    assert shown(at(state)) == screen
    assert all(len(line) <= 80 for line in screen.splitlines())


def test_a_closed_change_waits_to_be_landed(at: At) -> None:
    assert shown(at("closed")).startswith(CLOSED)


def test_without_a_change_at_hand_each_open_one_has_a_line(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    clone.did("open", "A second change with a title that is quite long", "--no-switch")
    assert clone.did("status") == (
        "CH-001  Shouting                           spec   your move: read brief and plan\n"
        "CH-002  A second change with a title t...  frame  your move: complete the brief\n"
    )


def test_all_lists_changes_although_one_is_at_hand(at: At) -> None:
    clone = at("planned")
    assert (
        clone.did("status", "--all") == "CH-001  Shouting  spec  your move: read brief and plan\n"
    )


def test_no_open_change_says_how_to_open_one(at: At) -> None:
    assert at("landed").did("status") == (
        'no change is open on main\nhint: git codexa open "what should change"\n'
    )


def test_what_was_abandoned_is_counted_and_shown_where_all_is_asked_for(at: At) -> None:
    clone = at("planned")
    clone.did("open", "Second", "--no-switch")
    clone.did("abandon", "-m", "no time")
    clone.git("switch", "-q", "main")
    assert clone.did("status") == (
        "CH-002  Second  frame  your move: complete the brief\n"
        "1 change abandoned: git codexa status --all\n"
    )
    assert clone.did("status", "--all") == (
        "CH-001  Shouting  abandoned  its record stays on its branch\n"
        "CH-002  Second    frame      your move: complete the brief\n"
    )
    states = [c["state"] for c in json.loads(clone.did("status", "--json"))["changes"]]
    assert states == ["abandoned", "open"]
    clone.did("abandon", "CH-002", "-m", "nor for that")
    assert clone.did("status") == (
        'no change is open on main\nhint: git codexa open "what should change"\n'
        "2 changes abandoned: git codexa status --all\n"
    )


def test_the_move_of_others_is_theirs(at: At) -> None:
    clone = at("planned")
    clone.git("config", "user.email", "dev@demo.invalid")
    clone.git("config", "user.name", "Demo Dev")
    assert "the move is Demo PM's: read brief and plan, then\n" in clone.did("status")
    assert change_of(clone)["move"] == {
        "who": ["Demo PM"],
        "person": True,
        "do": "read brief and plan",
        "command": "git codexa approve CH-001",
        "every": False,
        "yours": False,
    }


def test_an_approval_that_fell_names_the_file(at: At) -> None:
    clone = at("approved")
    brief = clone.read("changes/CH-001/brief.md")
    clone.commit({"changes/CH-001/brief.md": brief.replace("hear well", "hear")}, "shorter")
    told = clone.did("status")
    assert "since you approved the plan (today 12:00, no longer stands:" in told
    assert "changes/CH-001/brief.md changed)" in " ".join(told.split())
    assert "spec ●" in told


def test_a_base_that_moved_is_said(at: At) -> None:
    clone = at("approved")
    clone.git("switch", "-q", "main")
    clone.commit({"PROGRESS.md": "more\n"}, "progress")
    clone.git("switch", "-q", "change/CH-001")
    assert "main is 1 commit ahead; nothing to do before closing\n" in clone.did("status")


def test_a_base_that_moved_under_a_closed_change_is_what_closing_brings_in(at: At) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "progress")
    clone.git("switch", "-q", "change/CH-001")
    told = clone.did("status")
    assert "close it again on the base's tip" in told
    assert "main is 1 commit ahead, which closing brings in\n" in told
    assert change_of(clone)["behind"] == 1


def test_what_could_not_be_pushed_is_said(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    bare = tmp_path / "bare.git"
    git(clone.folder, "init", "-q", "--bare", str(bare))
    clone.git("remote", "add", "origin", str(bare))
    clone.git("push", "-q", "-u", "origin", "main", "change/CH-001")
    assert change_of(clone)["unpushed"] == 0
    clone.commit({"changes/CH-001/notes.md": "more\n"}, "notes")
    assert "1 commit not pushed: git codexa sync CH-001\n" in clone.did("status")
    assert change_of(clone)["unpushed"] == 1


def test_a_result_that_waits_is_said_as_soon_as_it_waits(at: At) -> None:
    clone = at("approved")
    assert change_of(clone)["waiting"] is None
    tip = clone.tip()
    clone.git("update-ref", "refs/codexa/waiting/CH-001", tip)
    assert "a result waits at refs/codexa/waiting/CH-001" in clone.did("status")
    assert change_of(clone)["waiting"] == tip


def test_an_abandoned_change_has_no_move(at: At) -> None:
    clone = at("planned")
    clone.did("abandon", "-m", "no time")
    assert "it was abandoned; its record stays on its branch\n" in clone.did("status")
    assert change_of(clone)["state"] == "abandoned"
    assert "●" not in clone.did("status")


def test_one_change_that_cannot_be_read_hides_no_other(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    clone.did("open", "Second")
    clone.commit({"audit/CH-002/handoff.jsonl": "{}\n"}, "broken")
    clone.git("switch", "-q", "main")
    answer = clone.codexa("status")
    assert answer.status == 3
    first, second = answer.out.splitlines()
    assert first.startswith("CH-001  Shouting")
    assert second.startswith("CH-002")
    assert "unreadable  audit/CH-002/handoff.jsonl:1: " in second


EMPTY = "nobody opened CH-999: change/CH-999 holds nothing that main has not"


def test_a_branch_with_the_name_of_a_change_alone_is_said_to_be_that(at: At) -> None:
    clone = at("enforced")
    clone.git("branch", "change/CH-999")
    told = clone.did("status")
    assert f"{EMPTY}\n    git branch -D change/CH-999\n" in told
    assert "no change is open on main" in told
    assert '"state": "unopened"' in clone.did("status", "--json")
    assert EMPTY in " ".join(clone.did("board").split())
    assert f"error: {EMPTY}" in clone.refused("status", "CH-999")
    clone.git("switch", "-q", "change/CH-999")
    assert EMPTY in clone.did("status")
    clone.commit({"notes.md": "x\n"}, "work of somebody")
    told = clone.did("status")
    assert "nobody opened CH-999: change/CH-999 holds no record of it\n    git branch -m" in told
    assert "-D" not in told


def test_a_hostile_name_in_git_is_not_shown_where_policy_has_one(at: At) -> None:
    clone = at("planned")
    clone.git("config", "user.name", "Demo \x1b[31mPM\u202e")
    told = clone.did("status")
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "your move, Demo PM: " in told


@pytest.mark.parametrize("columns", ["80", "100"])
def test_no_line_but_a_command_is_wider_than_the_screen(
    at: At, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    clone = at("package approved")
    monkeypatch.setenv("COLUMNS", columns)
    wide = [line for line in clone.did("status").splitlines() if len(line) > int(columns)]
    assert all(line.startswith("    git ") for line in wide), wide


def test_another_day_is_named(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("validated")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON + DAY))
    assert "since you approved the plan (Thu 12:00, still stands" in clone.did("status")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON + 30 * DAY))
    assert "since you approved the plan (2026-01-01, still stands" in clone.did("status")


def test_an_unknown_change_is_wrong_usage_and_a_landed_one_is_a_no(at: At) -> None:
    clone = at("landed")
    assert "there is no change CH-009 here" in clone.refused("status", "CH-009", status=2)
    assert "'ch-001' is not a change id" in clone.refused("status", "ch-001", status=2)
    told = clone.refused("status", "CH-001")
    assert "CH-001 has landed" in told
    assert "hint: git codexa log CH-001" in told


def test_json_has_the_names_that_are_promised(at: At) -> None:
    answer = json.loads(at("validated").did("status", "--json"))
    assert list(answer) == ["format", "base", "person", "changes", "elsewhere"]
    assert list(answer["base"]) == ["branch", "tip", "mode", "root", "pinned", "newer"]
    (change,) = answer["changes"]
    page = Path(__file__).parents[2] / "docs" / "how-to" / "ask-from-a-script.md"
    described = page.read_text(encoding="utf-8")
    for name in (*answer, *answer["base"], *change, *change["move"], *change["work"]):
        assert f"`{name}`" in described, name
    for item in (*change["asks"], *change["approvals"]):
        assert all(f"`{name}`" in described for name in item), item


class TestRemembering:
    def test_what_is_remembered_is_what_is_measured(self, at: At) -> None:
        for state in ("opened", "validated", "closed"):
            clone = at(state)
            measured = clone.did("status", "--json")
            assert clone.did("status", "--json") == measured
            forget(clone)
            assert clone.did("status", "--json") == measured

    def test_where_nothing_moved_no_gate_is_asked(
        self, at: At, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone = at("validated")
        before = clone.did("status", "--json")
        monkeypatch.setattr(measuring, "standing", None)
        assert clone.did("status", "--json") == before

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda file: file.unlink(),
            lambda file: file.write_bytes(b""),
            lambda file: file.write_bytes(file.read_bytes()[:-1]),
            lambda file: file.write_bytes(file.read_bytes().replace(b"Shouting", b"Whisper!")),
            lambda file: file.write_bytes(os.urandom(200)),
        ],
        ids=["gone", "empty", "cut short", "altered", "noise"],
    )
    def test_an_odd_memory_means_the_slow_way_and_the_same_answer(
        self, at: At, spoil: object
    ) -> None:
        clone = at("validated")
        before = clone.did("status", "--json")
        assert callable(spoil)
        spoil(clone.folder / ".git" / "codexa" / "status" / "CH-001")
        assert clone.did("status", "--json") == before

    def test_a_memory_of_another_tip_is_not_believed(self, at: At) -> None:
        clone = at("planned")
        assert "plan approved         0 of 1" in clone.did("status")
        clone.did("approve")
        assert "execute ●" in clone.did("status")

    def test_a_key_that_ended_is_noticed_although_nothing_moved(
        self, at: At, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone = at("adopted")
        ended = clone.read(".codexa/allowed_signers").replace(
            'pm@demo.invalid namespaces="codexa"',
            'pm@demo.invalid namespaces="codexa",valid-before="20260102000000Z"',
        )
        clone.commit({".codexa/allowed_signers": ended}, "a key with an end")
        clone.did("enforce", "--demo", "--yes")
        clone.did("open", "Ends", "--context", "c", "--scope", "s", "--out-of-scope", "o",
                  "--criterion", "`true` exits 0")  # fmt: skip
        clone.did("advance")
        clone.did("approve")
        assert "execute ●" in clone.did("status")
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON + DAY))
        assert "spec ●" in clone.did("status")
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON))
        assert "execute ●" in clone.did("status")

    def test_a_clone_whose_memory_cannot_be_kept_answers_all_the_same(self, at: At) -> None:
        clone = at("validated")
        place = clone.folder / ".git" / "codexa" / "status"
        place.write_bytes(b"in the way")
        assert shown(clone) == VALIDATED

    def test_no_verb_that_decides_reads_it(self) -> None:
        root = Path(surveying.__file__).parents[2]
        reads = re.compile(r"reports(\.| import .*)\b(remembering|surveying)\b")
        reading = {
            path.relative_to(root).as_posix()
            for path in root.rglob("*.py")
            if reads.search(path.read_text(encoding="utf-8"))
        }
        assert reading == {
            "cli/board.py",
            "cli/status.py",
            "workflow/reports/digesting.py",
            "workflow/reports/replying.py",
            "workflow/reports/surveying.py",
        }


@pytest.mark.parametrize(
    ("wanted", "differing", "expected"),
    [
        (["src/a.py", "src/b/c.py"], [], ("src",)),
        (["src/a.py", "tests/t.py"], ["tests/results/CH-001.json"], ("src", "tests/t.py")),
        (["a.py"], ["a.pyc/x"], ("a.py",)),
        ([], ["x"], ()),
    ],
)
def test_the_fewest_paths_that_hold_just_the_work(
    wanted: list[str], differing: list[str], expected: tuple[str, ...]
) -> None:
    assert covering(wanted, wanted + differing) == expected


def test_a_clone_that_cannot_sign_results_says_so(at: At) -> None:
    clone = at("executed")
    assert "not from here" not in clone.did("status")
    (clone.folder / ".git/codexa/tester_ed25519").unlink()
    told = " ".join(clone.did("status").split())
    assert "not from here: this clone has no Tester's key, so it cannot sign results" in told
    assert "git codexa people tester" in told


def test_a_key_to_be_copied_is_on_one_line(at: At, tmp_path: Path) -> None:
    clone, other = at("executed"), make_key(tmp_path, "other", 9)
    line = other.with_name("other.pub").read_text()
    (clone.folder / ".git/codexa/tester_ed25519").write_bytes(other.read_bytes())
    (clone.folder / ".git/codexa/tester_ed25519.pub").write_text(line)
    key = " ".join(line.split()[:2])
    told = clone.did("status")
    assert f"enrols this clone's:\n        git codexa people tester --key '{key}'\n" in told


def test_what_others_pushed_comes_before_any_other_move(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), "bare.git")
    clone.git("remote", "add", "origin", str(tmp_path / "bare.git"))
    clone.git("fetch", "-q")
    clone.git("branch", "-q", "-u", "origin/change/CH-001")
    clone.did("approve")
    clone.git("reset", "-q", "--keep", "HEAD~1")
    told = clone.did("status")
    assert "next: bring in 1 commit that others pushed\n    git codexa sync CH-001\n" in told
    assert "your move" not in told
    move = change_of(clone)["move"]
    assert isinstance(move, dict)
    assert move["command"] == "git codexa sync CH-001"


def test_a_commit_past_the_process_is_told(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    clone.commit({"PROGRESS.md": clone.read("PROGRESS.md") + "\n\nMore.\n"}, "free")
    clone.did("people", "add", "Demo QA", "qa@demo.invalid", "--role", "qa")
    assert "without a landing" not in clone.did("status")
    rogue = clone.commit({"greet.sh": "echo hi\n"}, "just this once")
    told = " ".join(clone.did("status").split())
    seen = f"1 commit came to main without a landing, {rogue[:12]} (just this once, by Demo Dev):"
    assert f"{seen} git codexa verify" in told
    assert seen.rstrip(":") in clone.codexa("report").err
    more = clone.commit({"codexa.toml": clone.read("codexa.toml") + "\n\n"}, "and this")
    told = " ".join(clone.did("status").split())
    assert f"2 commits came to main without a landing, the latest {more[:12]}" in told
    clone.git("reset", "-q", "--hard", f"{rogue}~1")
    assert "without a landing" not in clone.did("status")
    clone.git("reset", "-q", "--hard", rogue)
    clone.did("incident", "HEAD", "-m", "pushed past")
    assert "without a landing" not in clone.did("status")
