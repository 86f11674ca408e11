"""The light path attacked: grown past its limits, marked by hand, and made to run something."""

from pathlib import Path

import pytest
from scenarios.clone import At, Clone
from scenarios.light import LIGHT, basis, enforced, landed, quick, verdict

from codexa_git.audit.logger import parse_log
from codexa_git.audit.record import Record, format_record, make
from codexa_git.audit.words import RecordType, Stage

HANDOFF = "audit/CH-001/handoff.jsonl"
GROWN = {"README.md": "# Greetings\n" + "line\n" * 9}
OTHER = {"check.sh": "true\n"}


@pytest.mark.parametrize("work", [GROWN, OTHER], ids=["more lines", "another path"])
def test_grown_past_the_rule_it_is_judged_as_any_other(
    work: dict[str, str | bytes | None], at: At
) -> None:
    clone = quick(at)
    clone.commit(work, "and more")
    assert basis(clone, "plan-before-product")[0] is False
    met, _, now = basis(clone, "plan-approved")
    assert met is False
    assert "0 of 1 approvals by a pm; no light change any more: " in now
    told = clone.until().err
    assert "CH-001 cannot advance: its plan is not approved" in told
    assert "no light change any more" in told
    signed = clone.did("approve")
    assert "signed the plan" in signed
    assert "signed the package" not in signed
    assert "results-approved" in clone.until().err
    assert "signed the results" in clone.did("approve")
    assert "package-approved" in clone.until().err
    landed(clone)


def test_grown_after_the_signature_its_results_are_looked_at_and_its_package_again(
    at: At,
) -> None:
    clone = quick(at)
    clone.did("approve")
    clone.commit(GROWN, "and more")
    assert basis(clone, "plan-approved")[:2] == (True, "proved")
    assert "results-approved" in clone.until().err
    assert "signed the results" in clone.did("approve")
    assert "package-approved" in clone.until().err
    landed(clone)


def test_grown_after_closing_it_does_not_land(at: At) -> None:
    clone = quick(at)
    clone.did("approve")
    assert clone.until().status == 0
    clone.commit(GROWN, "and more")
    before = clone.tip("main")
    clone.refused("land", "CH-001")
    assert clone.tip("main") == before


def records(clone: Clone) -> list[Record]:
    return list(parse_log((clone.folder / HANDOFF).read_bytes(), HANDOFF, "CH-001"))


def rewritten(clone: Clone, found: list[Record]) -> None:
    clone.commit({HANDOFF: b"".join(map(format_record, found))}, "by hand")


def mark(clone: Clone) -> Record:
    opened = records(clone)[0]
    data = {"tree": clone.git("rev-parse", "HEAD^{tree}"), "reverts": None}
    return make(
        RecordType.LIGHTENED,
        data,
        change="CH-001",
        stage=Stage.FRAME,
        round=1,
        actor=opened.actor,
        at=opened.seconds,
    )


def test_a_mark_put_in_later_takes_every_signature_away(at: At) -> None:
    clone = at("package approved")
    first, *rest = records(clone)
    rewritten(clone, [first, mark(clone), *rest])
    why = "signed before the change was marked light"
    for name in ("plan-approved", "package-approved"):
        met, _, now = basis(clone, name)
        assert met is False
        assert why in now
    assert why in basis(clone, "results-for-this-tree")[2]


def test_a_mark_anywhere_but_after_the_opening_is_no_possible_story(at: At) -> None:
    clone = at("opened")
    rewritten(clone, [*records(clone), mark(clone)])
    met, _, now = basis(clone, "records-sound")
    assert met is None
    assert "a light.marked that does not follow the opening" in now
    assert verdict(clone).undecided


def test_a_mark_taken_away_takes_every_signature_with_it(at: At) -> None:
    clone = quick(at)
    clone.did("approve")
    found = [r for r in records(clone) if r.type is not RecordType.LIGHTENED]
    rewritten(clone, found)
    assert "names records that this change does not hold" in basis(clone, "plan-approved")[2]


def test_a_mark_by_hand_gives_only_what_policy_gives_anyway(at: At) -> None:
    clone = at("opened")  # its policy lets nothing go the light way
    first, *rest = records(clone)
    rewritten(clone, [first, mark(clone), *rest])
    clone.commit({"README.md": "# Greetings\n"}, "work before its plan")
    met, _, now = basis(clone, "plan-before-product")
    assert met is False
    assert "policy lets no path go the light way" in now


def test_nothing_that_a_task_says_is_run_before_its_plan_is_signed(at: At, tmp_path: Path) -> None:
    clone = enforced(at)
    clone.git("switch", "-q", "-c", "typo")
    witness = tmp_path / "ran"
    clone.commit({"README.md": "# Greetings\n"}, "the title is wrong")
    clone.did("quick", "fix the title")
    recipe = (
        '[[task]]\ntitle = "run"\ncriteria = ["AC-1"]\n'
        f"""run = ["sh -c 'echo ran > {witness}'"]\n"""
    )
    clone.did("rework", "--to", "spec", "-m", "do it by command")
    clone.commit({"changes/CH-001/recipes.toml": recipe}, "say how")
    assert "plan-approved" in clone.until("--replan").err
    assert "its plan is not one that people do by hand alone" in basis(clone, "plan-approved")[2]
    assert not witness.exists()


def test_the_policy_of_the_base_decides_and_not_that_of_the_change(at: At) -> None:
    clone = enforced(at)
    clone.git("switch", "-q", "-c", "wider")
    policy = clone.read("codexa.toml").replace("lines = 6", "lines = 600")
    clone.commit({"codexa.toml": policy + "\n", **GROWN}, "a wider rule")
    assert "codexa.toml is guarded" in clone.refused("quick", "wider")
    assert LIGHT.strip() in clone.read("codexa.toml", "main")
