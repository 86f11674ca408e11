"""Results that nobody may rest on: unsigned, of another tree, of another round, contradicting."""

from collections.abc import Callable
from typing import Any

import pytest
from gate.signing import PLACE, looks_unless_all_pass, recorded, results_of, with_results
from gate.world import DEV, PM, STRANGER, TESTER, World, replaced, unmet
from tampering.line import Line

from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.coverage import Coverage, Reach
from codexa_git.change.results import CustomOutcome, Outcome, Results, format_results
from codexa_git.gate.testing import SNAPSHOT_CONCERN
from codexa_git.policy.rules import CustomRequirement


def same(results: Results) -> Results:
    return results


def failing(results: Results) -> Results:
    return results._replace(
        outcomes=(
            *results.outcomes,
            Outcome("test_a", "failed", "no"),
        )
    )


def test_results_signed_again_land(world: World) -> None:
    assert world.judge(with_results(world, same)).lands


HANDS: dict[str, dict[str, Any]] = {
    "an approver with their own key": {"actor": PM},
    "an approver's key in the Tester's name": {"key": PM.email},
    "a developer's key": {"key": DEV.email},
    "a key that nobody enrolled": {"key": STRANGER.email},
    "an approver who calls himself tester": {"actor": PM._replace(role="tester")},
    "the Tester under another role": {"actor": TESTER._replace(role="pm")},
    "another address": {
        "actor": Actor("Tester", "tester@agents.invalid.demo.invalid", "tester"),
        "key": TESTER.email,
    },
    "another namespace": {"namespace": "git"},
}


@pytest.mark.parametrize("name", HANDS)
def test_results_by_the_wrong_hand_are_none(world: World, name: str) -> None:
    verdict = world.judge(with_results(world, same, **HANDS[name]))
    assert not verdict.lands
    assert {"results-for-this-tree", "tests-pass-or-waived", "regression-matches"} <= unmet(verdict)


RECORDS: dict[str, dict[str, Any]] = {
    "another tree": {"tree": "0" * 40},
    "another count": {"passed": 99},
    "another count of skipped tests": {"skipped": 99},
    "another failure": {"failed": ["test_x"]},
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_that_contradicts_its_file_is_refused(world: World, name: str) -> None:
    verdict = world.judge(with_results(world, same, said=RECORDS[name]))
    assert unmet(verdict) == {"results-for-this-tree"}


def test_results_of_another_tree_are_refused(world: World) -> None:
    verdict = world.judge(with_results(world, lambda r: r._replace(tree=world.base)))
    assert unmet(verdict) == {"results-for-this-tree"}


def test_results_of_another_round_are_refused(world: World) -> None:
    verdict = world.judge(with_results(world, lambda r: r._replace(round=1)))
    assert "results-for-this-tree" in unmet(verdict)


def test_results_of_another_change_are_refused(world: World) -> None:
    verdict = world.judge(with_results(world, lambda r: r._replace(change="CH-002")))
    assert "results-for-this-tree" in unmet(verdict)


def test_a_failing_test_does_not_land(world: World) -> None:
    verdict = world.judge(with_results(world, failing))
    assert "tests-pass-or-waived" in unmet(verdict)


def test_no_test_at_all_does_not_land(world: World) -> None:
    verdict = world.judge(with_results(world, lambda r: r._replace(outcomes=())))
    assert "tests-pass-or-waived" in unmet(verdict)


def test_only_skipped_tests_do_not_land(world: World) -> None:
    skipped = (Outcome("test_a", "skipped", ""),)
    verdict = world.judge(with_results(world, lambda r: r._replace(outcomes=skipped)))
    assert "tests-pass-or-waived" in unmet(verdict)


def test_a_renamed_test_in_the_file_is_not_what_was_signed(world: World) -> None:
    results = results_of(world)
    other = results._replace(outcomes=(Outcome("test_other", "passed", ""),))
    verdict = world.judge(
        world.remade(world.records(), world.edited({PLACE: format_results(other)}))
    )
    assert {"results-for-this-tree", "listed-as-recorded"} <= unmet(verdict)


def waiver(world: World, **other: Any) -> Any:  # noqa: ANN401
    number = other.pop("round_", 2)
    data = {
        "gates": {"results": {"round": number, "subject": None}},
        "tests": other.pop("tests", ["test_a"]),
        "reason": "known",
    }
    other = {"stage": Stage.VALIDATE, "round": number} | other
    return world.decision(RecordType.WAIVER_GRANTED, data, **other)


def test_a_waiver_by_the_right_person_lets_a_failure_land(world: World) -> None:
    assert world.judge(with_results(world, failing, extra=(waiver(world),))).lands


WAIVERS: dict[str, dict[str, Any]] = {
    "by a person without the role": {"actor": DEV},
    "by a person who claims the role": {"actor": DEV._replace(role="pm")},
    "by the Tester": {"actor": TESTER},
    "with another's key": {"key": DEV.email},
    "of another round": {"round_": 1},
    "of another test": {"tests": ["python3 check.py"]},
    "of a test by half its name": {"tests": ["test_"]},
    "of no test": {"tests": []},
}


@pytest.mark.parametrize("name", WAIVERS)
def test_a_waiver_that_does_not_count_lets_nothing_land(world: World, name: str) -> None:
    verdict = world.judge(with_results(world, failing, extra=(waiver(world, **WAIVERS[name]),)))
    assert unmet(verdict) == {"tests-pass-or-waived"}


FIRST = "test_a: passed then failed"
ABOUT = f"{SNAPSHOT_CONCERN}: {FIRST}"


def differs(results: Results) -> Results:
    snapshot = results.snapshot._replace(tests="different", differs=(FIRST,))
    return results._replace(snapshot=snapshot)


def raised(world: World, text: str = ABOUT, **other: Any) -> Record:  # noqa: ANN401
    data: dict[str, Any] = {"text": text, "tests": [], "by": "machine", "due": None}
    return world.record(
        RecordType.CONCERN_RAISED, data, **({"stage": Stage.VALIDATE, "round": 2} | other)
    )


def resolution(world: World, concern: Record, **other: Any) -> Record:  # noqa: ANN401
    data = {"concern": concern.id, "reason": "the clock"}
    seen = [concern.id, recorded(world, differs).id]
    return world.decision(RecordType.CONCERN_RESOLVED, data, **({"seen": seen} | other))


@pytest.mark.parametrize("round_", [1, 2, 9])
def test_a_difference_lands_once_a_person_resolved_its_concern(world: World, round_: int) -> None:
    concern = raised(world, round=round_)
    extra = (concern, resolution(world, concern))
    assert world.judge(with_results(world, differs, extra=extra)).lands


def test_a_difference_whose_concern_was_dropped_does_not_land(world: World) -> None:
    assert unmet(world.judge(with_results(world, differs))) == {"regression-matches"}


def test_a_difference_is_not_resolved_by_the_testers_key(world: World) -> None:
    concern = raised(world)
    extra = (concern, resolution(world, concern, actor=TESTER))
    verdict = world.judge(with_results(world, differs, extra=extra))
    assert unmet(verdict) == {"regression-matches", "concerns-clear"}


@pytest.mark.parametrize(
    "text",
    [
        "something else",
        f"{SNAPSHOT_CONCERN} in wording from what the manual calls one: is that all right?",
        f"{ABOUT}, and so it should",
        SNAPSHOT_CONCERN,
    ],
)
def test_a_difference_is_not_resolved_by_another_concerns_answer(world: World, text: str) -> None:
    concern = raised(world, text)
    extra = (concern, resolution(world, concern))
    assert unmet(world.judge(with_results(world, differs, extra=extra))) == {"regression-matches"}


def unseen(world: World) -> dict[str, Any]:
    return {"seen": [raised(world).id]}


OTHERS: dict[str, Callable[[World], dict[str, Any]]] = {
    "before these results": unseen,
    "by a developer": lambda _: {"actor": DEV},
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_difference_is_settled_only_by_who_may_approve_results_and_saw_them(
    world: World, line: Line, name: str
) -> None:
    concern = raised(world)
    tree = with_results(
        world, differs, extra=(concern, resolution(world, concern, **OTHERS[name](world)))
    )
    assert unmet(world.judge(tree)) == {"regression-matches", "concerns-clear"}
    assert line.rules(tree) == {"E7", "G11"}


def test_who_saw_the_results_settles_what_another_had_answered_before(world: World) -> None:
    concern = raised(world)
    early = resolution(world, concern, **unseen(world))
    extra = (concern, early, resolution(world, concern))
    assert world.judge(with_results(world, differs, extra=extra)).lands
    extra = (concern, resolution(world, concern), early)
    assert world.judge(with_results(world, differs, extra=extra)).lands


def test_an_approval_of_results_names_each_failure(world: World) -> None:
    """The pm approved results without failures; the Tester signs others afterwards."""
    old = world.state.results
    assert old is not None
    approvals = [
        r for r in world.state.of(RecordType.APPROVAL_GRANTED) if "results" in r.data["gates"]
    ]
    tree = with_results(world, failing, extra=(waiver(world),))
    kept = [r for r in world.records(tree) if r.type is not RecordType.APPROVAL_GRANTED]
    verdict = world.judge(world.remade([*kept, *approvals], tree))
    assert "results-approved" in unmet(verdict)


def test_policy_may_ask_nobody_where_every_test_passes(world: World) -> None:
    policy = world.policy._replace(gates=looks_unless_all_pass(world))
    approval = next(
        r for r in world.state.of(RecordType.APPROVAL_GRANTED) if "results" in r.data["gates"]
    )
    tree = world.remade(replaced(world.records(), approval))
    asked = world.judge(tree)
    assert "results-approved" in unmet(asked)
    assert "results-approved" not in unmet(world.judge(tree, policy=policy))


LINT = CustomRequirement(Stage.VALIDATE, "lint", "make lint")


@pytest.mark.parametrize(
    ("run", "outcome", "met"),
    [
        ("make lint", "passed", True),
        ("make lint", "failed", False),
        ("true", "passed", False),
        (None, "", False),
    ],
)
def test_a_requirement_of_policys_own_passed_by_the_testers_word(
    world: World, run: str | None, outcome: str, *, met: bool
) -> None:
    ran = () if run is None else (CustomOutcome("lint", run, outcome),)
    tree = with_results(world, lambda r: r._replace(requirements=ran))
    verdict = world.judge(tree, policy=world.policy._replace(requirements=(LINT,)))
    assert verdict.lands is met
    assert unmet(verdict) == (set() if met else {"lint"})


def test_the_world_measures_the_lines_that_it_touched(world: World) -> None:
    assert results_of(world).coverage == Coverage(5, 6, Reach(2, 2))


REACHED: dict[str, tuple[Coverage | None, str | None, bool]] = {
    "all of it": (Coverage(2, 2, Reach(2, 2)), None, True),
    "just the share": (Coverage(4, 9, Reach(4, 5)), None, True),
    "a line too few": (Coverage(79, 900, Reach(79, 100)), None, False),
    "a share that rounds up to it": (Coverage(799, 9000, Reach(799, 1000)), None, False),
    "none of it, though all else is": (Coverage(900, 901, Reach(0, 1)), None, False),
    "nothing touched": (Coverage(0, 9, Reach(0, 0)), None, True),
    "a file that no report names": (Coverage(2, 2, Reach(2, 2), ("b.py",)), None, False),
    "a report that is missing": (None, "no test command left a coverage report", False),
    "nothing said at all": (None, None, False),
}


def reaching(name: str) -> Callable[[Results], Results]:
    coverage, problem, _ = REACHED[name]
    return lambda results: results._replace(coverage=coverage, coverage_problem=problem)


@pytest.mark.parametrize("name", REACHED)
def test_too_few_touched_lines_do_not_land(world: World, name: str) -> None:
    *_, met = REACHED[name]
    verdict = world.judge(with_results(world, reaching(name)))
    assert unmet(verdict) == (set() if met else {"touched-lines-covered"})
    assert verdict.lands is met


@pytest.mark.parametrize("name", REACHED)
def test_without_a_threshold_no_share_is_asked(world: World, name: str) -> None:
    policy = world.policy._replace(tests=world.policy.tests._replace(touched=None))
    assert world.judge(with_results(world, reaching(name)), policy=policy).lands


def test_a_better_figure_in_the_file_is_not_what_was_signed(world: World) -> None:
    better = results_of(world)._replace(coverage=Coverage(6, 6, Reach(2, 2)))
    verdict = world.judge(world.edited({PLACE: format_results(better)}))
    assert {"results-for-this-tree", "touched-lines-covered"} <= unmet(verdict)
