"""A plan that two approve: what the product does before the second has."""

import subprocess

import pytest
from scenarios.clone import BRIEF, At, Clone, States, recipes
from scenarios.test_signed_work import APART, DEV, dev, keys, pm

SHOUTED = {"shout.sh": "echo HELLO\n"}


def _half(clone: Clone) -> None:
    """Two are asked, everything is done by hand, and one has approved the plan."""
    key = f"{keys(clone) / 'dev'}.pub"
    clone.did("people", "add", *DEV, "--role", "pm", "--key", key)
    policy = clone.read("codexa.toml").replace(*APART)
    clone.commit({"codexa.toml": f"{policy}\n"}, "nobody approves their own")
    clone.did("enforce", "--demo", "--yes")
    place = clone.folder.with_name(f"{clone.folder.name} brief.md")
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))
    clone.commit({"changes/CH-001/recipes.toml": recipes("", "")}, "say how")
    clone.did("advance")
    clone.did("approve")


OWN_STATES: States = {"half approved": ("adopted", _half)}


def line(told: str, name: str) -> str:
    """What a screen says of one requirement."""
    return next(row for row in told.splitlines() if name in row)


def test_no_screen_says_that_a_plan_was_approved_first_by_one_of_two(at: At) -> None:
    clone = at("half approved")
    clone.commit(SHOUTED, "T-01 shout")
    told = clone.codexa("check").out
    assert "✗" in line(told, "plan before product")
    assert "before the plan is approved (1 of 2 so far)" in " ".join(told.split())
    assert "✗" in line(told, "plan approved")
    dev(clone).did("approve")
    assert "✓" in line(clone.codexa("check").out, "plan before product")


def test_a_hook_refuses_the_product_until_both_have_approved(at: At) -> None:
    clone = at("half approved")
    clone.did("hooks", "install")
    clone.write("shout.sh", "echo HELLO\n")
    clone.git("add", "-A")
    words = ["git", "commit", "-qm", "T-01 shout"]
    answer = subprocess.run(words, cwd=clone.folder, capture_output=True, check=False, text=True)
    assert answer.returncode == 1
    assert "  rule  plan-before-product: " in answer.stderr
    assert "  now   1 of 2 approvals by a pm; asked of Demo Dev since " in answer.stderr
    dev(clone).did("approve")
    clone.git(*words[1:])
    assert "T-01 shout" in clone.codexa("advance").out


def test_work_of_before_the_second_approval_does_its_task_after_it(at: At) -> None:
    clone = at("half approved")
    clone.commit(SHOUTED, "T-01 shout")
    clone.commit({}, "T-02 nothing yet")
    assert "hint: git codexa approve CH-001" in dev(clone).refused("advance")
    clone.did("approve")
    told = clone.codexa("advance", "--until-blocked")
    assert "CH-001 execute: T-01 shout" in told.out
    assert "T-02 waits for a person" in told.err, "an empty commit does nothing before its time"


@pytest.mark.parametrize("both", [False, True])
def test_who_withdrew_before_the_other_approved_is_not_one_of_two(at: At, *, both: bool) -> None:
    clone = at("half approved")
    clone.commit(SHOUTED, "T-01 shout")
    if both:
        dev(clone).did("approve")
    pm(clone).did("withdraw", "-m", "not so fast")
    if not both:
        dev(clone).did("approve")
    told = line(clone.codexa("check").out, "plan before product")
    assert ("✓" if both else "✗") in told, "approved by both at one time, or never"
