"""A landing taken back: as a light change where so little is light, else by its whole way."""

import pytest
from scenarios.clone import At, Clone
from scenarios.light import LIGHT, TYPO, basis, enforced, landed, quick

pytestmark = pytest.mark.slow


def taken_back(at: At) -> Clone:
    """A light change that landed, and its revert, up to the signature."""
    clone = quick(at)
    landed(clone)
    clone.git("switch", "-q", "main")
    clone.did("revert", "CH-001")
    return clone


def test_a_light_landing_is_taken_back_by_one_signature(at: At) -> None:
    clone = taken_back(at)
    assert clone.log()[:2] == [
        "Revert CH-001: fix the title",
        "CH-002 frame: revert CH-001: fix the title, 1 criterion",
    ]
    landed(clone, "CH-002")
    assert clone.read("README.md", "main") == "# Greet"
    assert clone.read("changes/CH-001/brief.md", "main")
    assert "same ids, the landing among them" in clone.did("replay", "CH-002")


def test_the_mark_says_which_change_is_taken_back(at: At) -> None:
    assert '"reverts":"CH-001"' in taken_back(at).read("audit/CH-002/handoff.jsonl")


def test_a_revert_can_be_taken_back_as_well(at: At) -> None:
    clone = taken_back(at)
    landed(clone, "CH-002")
    clone.did("revert", "CH-002")
    landed(clone, "CH-003")
    assert clone.read("README.md", "main") == "# Greetings"


def test_what_came_after_stays(at: At) -> None:
    clone = quick(at)
    landed(clone)
    clone.git("switch", "-q", "-c", "next", "main")
    clone.commit({"MORE.md": "More.\n"}, "more")
    clone.did("quick", "say more")
    landed(clone, "CH-002")
    clone.did("revert", "CH-001")
    landed(clone, "CH-003")
    assert clone.read("README.md", "main") == "# Greet"
    assert clone.read("MORE.md", "main") == "More."


def test_later_work_on_the_same_lines_is_a_conflict_and_opens_nothing(at: At) -> None:
    clone = quick(at)
    landed(clone)
    clone.git("switch", "-q", "-c", "next", "main")
    clone.commit({"README.md": "# Salutations\n"}, "another word")
    clone.did("quick", "another word")
    landed(clone, "CH-002")
    told = clone.refused("revert", "CH-001")
    assert "main has moved on where CH-001 was: README.md" in told
    assert "git switch -c undo-CH-001 main" in told
    assert clone.git("branch", "--list", "change/CH-003") == ""


def test_what_is_taken_back_already_has_nothing_left(at: At) -> None:
    clone = taken_back(at)
    landed(clone, "CH-002")
    told = clone.refused("revert", "CH-001")
    assert "nothing of CH-001 is left on main" in told
    assert told.endswith("\nhint: CH-002 took it back: git codexa log CH-002\n")


def test_what_was_undone_otherwise_is_told_by_what_came_after(at: At) -> None:
    clone = quick(at)
    landed(clone)
    clone.git("switch", "-q", "main")
    landing = clone.tip()
    clone.git("switch", "-q", "-c", "back")
    clone.git("checkout", "-q", "main~1", "--", "README.md")
    clone.git("commit", "-qm", "as it was")
    clone.did("quick", "as it was")
    landed(clone, "CH-002")
    told = clone.refused("revert", "CH-001")
    assert f"hint: what came after it: git log --first-parent {landing[:12]}..main\n" in told


def test_what_was_abandoned_is_not_ended_twice(at: At) -> None:
    clone = at("opened")
    clone.did("abandon", "CH-001", "-m", "no")
    told = clone.refused("revert", "CH-001")
    assert "CH-001 was abandoned and never came to main: there is nothing to take back" in told
    assert told.endswith("hint: git codexa log CH-001 tells its story\n")


@pytest.mark.parametrize(
    ("change", "status", "why"),
    [
        ("CH-001", 1, "CH-001 has not landed on main, so there is nothing to take back"),
        ("CH-007", 2, "there is no change CH-007 here"),
        ("CH-1", 2, "'CH-1' is not a change id"),
    ],
)
def test_only_what_landed_can_be_taken_back(change: str, status: int, why: str, at: At) -> None:
    assert why in quick(at).refused("revert", change, status=status)


def test_what_is_not_light_is_planned_first_with_the_inverse_as_its_patch(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    assert (clone.folder / "shout.sh").exists()
    told = clone.did("revert", "CH-001")
    assert "no light change: policy lets no path go the light way" in told
    assert told.splitlines()[-1] == "next: git codexa advance CH-002"
    assert "plan-approved" in clone.until().err
    assert "1 task for 1 criterion" in " ".join(clone.log())
    for _ in range(3):
        clone.did("approve", "CH-002")
        clone.until("CH-002")
    clone.did("land", "CH-002")
    assert not clone.git("ls-tree", "main", "shout.sh")
    assert clone.read("README.md", "main") == "# Greet"
    assert clone.read("audit/CH-001/handoff.jsonl", "main")
    assert clone.did("verify", "--story")
    assert "same ids, the landing among them" in clone.did("replay", "CH-002")


def test_what_no_patch_can_say_is_left_to_a_person(at: At) -> None:
    rule = LIGHT.replace("lines = 6", "lines = 0")
    clone = enforced(at, rule)
    policy = ["open", "a picture", "--context", "c", "--scope", "s", "--out-of-scope", "o"]
    clone.did(*policy, "--criterion", "the picture is there")
    clone.until()
    clone.did("approve")
    clone.commit({"p.png": b"\0png"}, "T-01 the picture")
    for _ in range(2):
        clone.until()
        clone.did("approve")
    clone.until()
    clone.did("land")
    told = clone.did("revert", "CH-001")
    assert "once its plan is approved: git cherry-pick " in told
    commit = told.partition("git cherry-pick ")[2].split()[0]
    clone.until()
    clone.did("approve")
    clone.git("cherry-pick", commit)
    for _ in range(2):
        clone.until()
        clone.did("approve")
    clone.until()
    clone.did("land")
    assert not clone.git("ls-tree", "main", "p.png")


def test_a_revert_grown_past_the_rule_is_judged_as_any_other(at: At) -> None:
    clone = taken_back(at)
    clone.commit({"check.sh": "true\n"}, "and more")
    assert basis(clone, "plan-before-product", "CH-002")[0] is False


def test_a_path_that_is_guarded_by_now_is_for_the_owners(at: At) -> None:
    clone = quick(at)
    landed(clone)
    clone.git("switch", "-q", "-c", "policy/readme", "main")
    policy = clone.read("codexa.toml") + '\n\n[guarded]\npaths = ["README.md"]\n'
    clone.commit({"codexa.toml": policy}, "the owners' page")
    clone.did("policy", "sign")
    told = clone.refused("revert", "CH-001")
    assert "CH-001 touched README.md, which is guarded by now" in told
    assert TYPO["README.md"].strip() == clone.read("README.md", "main")
