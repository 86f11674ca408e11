"""The block of `TRACEABILITY.md`: from milestone to approval, and text stays text."""

import pytest
from change.test_note import HOSTILE, opened, shape
from gate.world import World

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate
from codexa_git.change.brief import Criterion
from codexa_git.change.results import Outcome
from codexa_git.change.tracing import found_tests, touched, trace_block
from codexa_git.gate.pages import standing_approvals

NOBODY: dict[Gate, tuple[Record, ...]] = dict.fromkeys(Gate, ())


def test_every_pair_of_criterion_and_task_has_a_row(world: World) -> None:
    told = world.read("TRACEABILITY.md").decode()
    case = world.case(world.tree)
    pairs = [
        (c.id, t.id) for c in case.brief.criteria for t in case.plan.tasks if c.id in t.criteria
    ]
    rows = [line.split(" | ") for line in told.split("\n") if line.startswith("| AC-")]
    assert [(row[0].removeprefix("| "), row[2]) for row in rows] == pairs
    assert "| none | none | CH-001 | Say it in words | 2 of 2 | 1 passed |" in told
    assert "| plan 1, results 1, package 1 | 2026-01-01 |" in told
    for gate, records in standing_approvals(case).items():
        for record in records:
            subject = record.data["gates"][gate]["subject"]
            assert f"| {gate} | {record.actor} | {record.at} | `{subject}` |" in told


def test_milestone_and_requirements_are_told(world: World) -> None:
    case = world.case(world.tree)
    data = case.state.opened.data | {"milestone": "MS-01", "requirements": ["FR-29", "FR-30"]}
    state = case.state._replace(opened=case.state.opened._replace(data=data))
    told = trace_block(state, case.brief, case.plan, case.results, NOBODY).decode()
    assert "| MS-01 | FR-29, FR-30 | CH-001 | Say it in words |" in told
    assert "| plan 0, results 0, package 0 | 2026-01-01 |" in told, "no approval counts"
    for gate in ("plan", "results", "package"):
        assert f"\n| {gate} | nobody |  |  |\n" in told


def test_without_results_and_closing_it_says_so(world: World) -> None:
    case = world.case(world.tree)
    state = case.state._replace(records=case.state.records[:1])
    told = trace_block(state, case.brief, case.plan, None, NOBODY).decode()
    assert "| 2 of 2 | none | plan 0, results 0, package 0 | no |" in told


def test_the_tests_of_a_task_lie_in_files_that_it_touched(world: World) -> None:
    case = world.case(world.tree)
    assert case.results is not None
    assert touched(case.state, "T-01") == ["totals.py"]
    names = ("totals::test_a", "sub.totals::test_b", "totals2::test_c", "python3 check.py")
    results = case.results._replace(outcomes=tuple(Outcome(n, "passed", "") for n in names))
    assert found_tests(case.state, results, ["T-01"]) == ("totals::test_a",)
    assert found_tests(case.state, results, []) == ()
    assert found_tests(case.state, None, ["T-01"]) == ()


@pytest.mark.parametrize(
    ("place", "lies"),
    [
        ("tests.test_slug", True),
        ("tests.test_slug.SlugTest", True),
        ("tests.test_slug.SlugTest.Inner", True),
        ("test_slug.SlugTest", True),
        ("tests.test_slugs.SlugTest", False),
        ("tests.SlugTest", False),
        ("SlugTest", False),
        ("tests", False),
        ("other.tests.test_slug.SlugTest", False),
        ("tests.test_slug.more.SlugTest", False),
    ],
)
def test_a_test_in_a_class_lies_in_the_file_of_the_class(
    world: World, place: str, *, lies: bool
) -> None:
    case = world.case(world.tree)
    assert case.results is not None
    done = case.state.done["T-01"]
    file = {"path": "tests/test_slug.py", "mode": "100644", "blob": "0" * 40}
    told = done._replace(data=done.data | {"files_touched": [file]})
    state = case.state._replace(records=(told,))
    results = case.results._replace(outcomes=(Outcome(f"{place}::test_it", "passed", ""),))
    assert found_tests(state, results, ["T-01"]) == ((f"{place}::test_it",) if lies else ())


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_forges_a_row(world: World, text: str) -> None:
    made = []
    for said in (text, "plain"):
        case = world.case(world.tree)
        state = case.state._replace(opened=opened(said, said))
        brief = case.brief._replace(criteria=(Criterion("AC-1", said, 1),))
        tasks = tuple(task._replace(title=said) for task in case.plan.tasks)
        assert case.results is not None
        results = case.results._replace(outcomes=(Outcome(f"totals::{said}", "passed", ""),))
        plan = case.plan._replace(tasks=tasks)
        made.append(trace_block(state, brief, plan, results, standing_approvals(case)))
    assert shape(made[0]) == shape(made[1])
    assert len(made[0].split(b"\n")) == len(made[1].split(b"\n"))
