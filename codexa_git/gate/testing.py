"""What the gate of Validate asks: signed results for exactly this tree, and a look at them."""

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.coverage import unreported_in_short
from codexa_git.change.paths import POLICY
from codexa_git.change.results import Results
from codexa_git.change.state import Concern
from codexa_git.change.totals import share
from codexa_git.gate.answers import NOT_ASKED, Answer, Basis, no, yes
from codexa_git.gate.approving import approved
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import tester_signed
from codexa_git.gate.judging import judged
from codexa_git.policy.rules import OWNER, CustomRequirement, When, gate_rule, holders

_TESTER = ("Tester (agent)",)


def results_for_this_tree(case: Case) -> Answer:
    """Results are signed by a tester, in this round, for this tree, after the last run."""
    signed = tester_signed(case)
    if signed is None:
        return _again(case, "not tested yet")
    if not signed.counts:
        return _again(case, signed.problem or "")
    if problem := _unfit(case, signed.record):
        return _again(case, problem)
    return yes(f"{case.tested_tree[:7]}, signed by {signed.record.actor.name}", Basis.ATTESTED)


_RUNS = (
    RecordType.RUN_STARTED,
    RecordType.TASK_COMPLETED,
    RecordType.TASK_FAILED,
    RecordType.RUN_FINISHED,
)


def _unfit(case: Case, record: Record) -> str | None:
    """Why the signed results are not of what stands here; `None` where they are."""
    results = case.results
    if results is None or results.change != case.change:
        return f"{case.places.results} is missing"
    if not _agree(record, results):
        return f"{case.places.results} and its record say different things"
    if results.tree != case.tested_tree:
        return "the tree has changed since it was tested"
    late = [r for r in case.state.of(*_RUNS) if r.id not in record.data["seen"]]
    return f"{late[0].data['run']} went on after it was tested" if late else None


def _agree(record: Record, results: Results) -> bool:
    """The signed record and the file whose digest it signs tell of the same results."""
    data = record.data
    said = (data["tree"], data["gates"]["results"]["round"], data["passed"], data["skipped"])
    counted = (results.tree, results.round, len(results.passed), len(results.skipped))
    return said == counted and tuple(data["failed"]) == results.failed


def _again(case: Case, now: str) -> Answer:
    return no(now, who=_TESTER, command=case.advance)


def _signed_results(case: Case) -> Results | None:
    signed = tester_signed(case)
    return case.results if signed is not None and signed.counts else None


def waivers(case: Case) -> tuple[Record, ...]:
    """The waivers of this round that count: each signed by a person of the results' role."""
    role = gate_rule(case.policy, Gate.RESULTS).role
    return tuple(
        record
        for record in case.state.waivers
        if (decision := judged(case, record)).counts and role in decision.roles
    )


def waived(case: Case) -> set[str]:
    """The tests that a person of the results' role waived in this round."""
    return {test for record in waivers(case) for test in record.data["tests"]}


def tests_pass_or_waived(case: Case) -> Answer:
    """Every test passes or is waived by name, at least one passes, and every command ended."""
    results = _signed_results(case)
    if results is None:
        return _again(case, "no signed results")
    let_off = waived(case)
    failing = [test for test in results.failed if test not in let_off]
    if failing:
        more = "" if len(failing) == 1 else f" and {len(failing) - 1} more"
        fails = "fails" if len(failing) == 1 else "fail"
        return no(
            f"{failing[0]}{more} {fails}: {_why(results, failing[0])}",
            who=_people(case),
            command=_mend(case),
        )
    if not results.passed and not case.policy.tests.run:
        return no(
            "policy names no test command: [tests] run in codexa.toml is empty",
            who=tuple(person.name for person in holders(case.policy, OWNER)),
            command=f"an owner says how to test in codexa.toml on {case.context.branch}",
            where=(POLICY,),
        )
    if not results.passed:
        return no("no test passed", who=_people(case), command=_mend(case))
    waivers = f", {len(results.failed)} waived" if results.failed else ""
    return yes(f"{len(results.passed)} passed{waivers}", Basis.ATTESTED)


def _why(results: Results, test: str) -> str:
    """What the test said, and where the rest of it can be read."""
    said = next((o.message for o in results.outcomes if o.test == test), "")
    return f"{said or 'it said nothing'} (tests/results/{results.change}.json)"


def _mend(case: Case) -> str:
    """What helps where signed results say no: other work, or a person's word, never luck."""
    return f"commit what mends it, then: {case.advance}"


def _people(case: Case) -> tuple[str, ...]:
    return tuple(person.name for person in case.policy.people)


def regression_matches(case: Case) -> Answer:
    """Doing it again with the same seed gives the same, or a person resolved the difference."""
    results = _signed_results(case)
    if results is None:
        return _again(case, "no signed results")
    snapshot = results.snapshot
    if snapshot.matches:
        return yes(f"tasks {snapshot.tasks}, tests {snapshot.tests}", Basis.ATTESTED)
    if difference_settled(case):
        return yes("it differs; a person resolved the concern", Basis.ATTESTED)
    role = gate_rule(case.policy, Gate.RESULTS).role
    return no(
        f"{snapshot.differs[0] if snapshot.differs else 'something'} differs when done again",
        who=tuple(person.name for person in holders(case.policy, role)),
        command=f"git codexa concern list {case.change}",
    )


def difference(results: Results) -> str:
    """What the concern says that results raise whose second run was another."""
    first = results.snapshot.differs[0] if results.snapshot.differs else "no detail"
    return f"{SNAPSHOT_CONCERN}: {first}"


def tells_difference(case: Case, concern: Concern) -> bool:
    """True where the concern says, word for word, what the results in force differ in."""
    results = _signed_results(case)
    if results is None or results.snapshot.matches or concern.stalled:
        return False
    return concern.text == difference(results)


def difference_settled(case: Case) -> bool:
    """True where whoever may approve the results resolved such a concern, and had seen these.

    The round on a concern's line is signed by nobody; what its resolver had seen is.
    """
    recorded, role = case.state.results, gate_rule(case.policy, Gate.RESULTS).role
    return recorded is not None and any(
        recorded.id in answer.data["seen"]
        and (decision := judged(case, answer)).counts
        and role in decision.roles
        for concern in case.state.concerns
        if tells_difference(case, concern)
        for answer in concern.answers
        if answer.type is RecordType.CONCERN_RESOLVED
    )


NOT_RUN = "not run yet"
"""How a requirement of policy's own stands that the results do not tell of."""

SNAPSHOT_CONCERN = "the regression snapshot differs"
"""How the concern begins that a difference raises."""


def custom(case: Case, requirement: CustomRequirement) -> Answer:
    """A command of policy's own passes, by the Tester's signed word."""
    results = _signed_results(case)
    if results is None:
        return _again(case, "no signed results")
    for outcome in results.requirements:
        if (outcome.name, outcome.run) == (requirement.name, requirement.run):
            if outcome.outcome == "passed":
                return yes(f"{requirement.run} passed", Basis.ATTESTED)
            return no(f"{requirement.run} failed", who=_people(case), command=_mend(case))
    return _again(case, NOT_RUN)


_MOST_NAMED = 20

NOT_MEASURED = "not measured yet"
"""How the lines that a change touched stand where the results tell of no attempt to measure."""


def touched_lines_covered(case: Case) -> Answer:
    """Tests run as many of the lines that the change touched as policy asks for."""
    wanted = case.policy.tests.touched
    if wanted is None:
        return yes(NOT_ASKED)
    results = _signed_results(case)
    if results is None:
        return _again(case, "no signed results")
    if results.coverage is None and results.coverage_problem is None:
        return _again(case, NOT_MEASURED)
    if results.coverage is None:
        now = f"not measured: {results.coverage_problem}"
        return no(now, who=_people(case), command=_mend(case))
    touched, unreported = results.coverage.touched, results.coverage.unreported
    if unreported:
        now = f"{unreported_in_short(unreported)}, so whether tests run it is not known"
        return no(now, who=_people(case), command=_mend(case), where=unreported[:_MOST_NAMED])
    if not touched.lines:
        return yes("it touched no line that tests could run", Basis.ATTESTED)
    told = share(*touched)
    if touched.covered * 100 >= touched.lines * wanted:
        return yes(told, Basis.ATTESTED)
    return no(f"{told}, and policy asks for {wanted} %", who=_people(case), command=_mend(case))


def results_approved(case: Case) -> Answer:
    """Package starts after a person has looked at the results, unless policy does not ask."""
    results = _signed_results(case)
    if results is None:
        return _again(case, "no signed results")
    rule = gate_rule(case.policy, Gate.RESULTS)
    if rule.when is When.UNLESS_ALL_PASS and not results.failed and results.snapshot.matches:
        return yes("not asked: every test passes", Basis.ATTESTED)
    if not results.failed and results.snapshot.matches and case.is_light:
        return yes("not asked: a light change, and every test passes", Basis.ATTESTED)
    return approved(case, Gate.RESULTS)
