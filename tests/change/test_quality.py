"""The QA report: what it tells, and that nobody forges through it."""

import pytest
from change.test_note import HOSTILE, shape
from gate.world import CHANGE, World, again

from codexa_git.audit.canonical import digest
from codexa_git.audit.words import RecordType
from codexa_git.change.quality import live_report
from codexa_git.change.results import Outcome, Results, Snapshot, format_results
from codexa_git.gate.case import Case
from codexa_git.gate.pages import quality_of

PLACE = f"tests/results/{CHANGE}.json"


def retold(case: Case, results: Results) -> str:
    """The block as it would be with other results."""
    case.__dict__["results"] = results
    return quality_of(case).decode()


def test_the_report_tells_of_every_round(world: World) -> None:
    told = world.read("QA_REPORT.md").decode()
    assert "| round | 2 |" in told
    assert "### Commands\n\n- `python3 check.py`: exit status 0" in told
    assert "- Round 1 failed: `python3 check.py`; all pass now." in told
    assert "- As many tests as in the results before." in told
    assert "CN-2, a person's: is \\`mus\\` a word? (Demo PM (owner): not any more)" in told
    assert "- results: Demo PM (pm), 2026-01-01T" in told
    assert "- package: Demo PM (pm), 2026-01-01T" in told


def test_what_failed_was_skipped_or_differs_is_told(world: World) -> None:
    case = world.case(world.tree)
    assert case.results is not None
    skipped = tuple(Outcome(f"s{n:02}", "skipped", "") for n in range(60))
    told = retold(
        case,
        case.results._replace(
            outcomes=(Outcome("a", "error", "no | way"), *skipped),
            snapshot=Snapshot("same", "different", ("a: passed then failed",)),
            coverage=None,
            coverage_problem="it left | no report",
        ),
    )
    assert "- `a` error: no \\| way\n" in told
    assert "- `s49`: no reason given\n- and 10 more, in the results file\n" in told
    assert "it left \\| no report" in told
    assert "| differs | a: passed then failed |" in told
    assert "- Round 1 failed: `python3 check.py`; not passing now: `python3 check.py`." in told
    assert "- 60 tests more than in the results before." in told
    assert "- 60 tests were skipped, and show nothing." in told


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_a_test_says_forges_anything(world: World, text: str) -> None:
    made = []
    for said in (text, "plain"):
        case = world.case(world.tree)
        assert case.results is not None
        outcomes = (Outcome("a", "failed", said), Outcome("b", "skipped", said))
        snapshot = Snapshot("same", "different", (said,))
        results = case.results._replace(outcomes=outcomes, snapshot=snapshot)
        made.append(retold(case, results).encode())
    assert shape(made[0]) == shape(made[1])
    assert b"\n<!-- codexa" not in made[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_nor_does_a_tests_name(world: World, text: str) -> None:
    made = []
    for name in (text, "plain"):
        case = world.case(world.tree)
        assert case.results is not None
        outcomes = (Outcome(name, "failed", "x"), Outcome(f"{name}.", "skipped", ""))
        made.append(retold(case, case.results._replace(outcomes=outcomes)).encode())
    assert shape(made[0]) == shape(made[1])


def test_there_is_no_live_report_of_what_no_record_names(world: World) -> None:
    content = world.read(PLACE)
    assert live_report(world.state, content, PLACE) == world.read(
        f"changes/{CHANGE}/pages/QA_REPORT.md"
    )
    assert live_report(world.state, None, PLACE) is None
    assert live_report(world.state, content + b" ", PLACE) is None
    case = world.case(world.tree)
    assert case.results is not None
    other = format_results(case.results._replace(round=9))
    assert live_report(world.state, other, PLACE) is None


def test_results_that_nobody_can_read_are_not_reported(world: World) -> None:
    """Their record may be anyone's: no verb fails over it, and no gate is met by it."""
    last = world.state.of(RecordType.RESULTS_RECORDED)[-1]
    gates = {"results": {"round": 2, "subject": digest(b"no JSON")}}
    forged = again(last, data=last.data | {"gates": gates})
    state = world.state._replace(records=(*world.state.records, forged))
    assert live_report(state, b"no JSON", PLACE) is None
