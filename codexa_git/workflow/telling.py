"""The facts that impact and packet tell, gathered from one case."""

from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.coverage import coverage_told
from codexa_git.change.note import STORY, in_story_order, told
from codexa_git.change.results import Results
from codexa_git.change.state import Concern
from codexa_git.gate.case import Case
from codexa_git.gate.closing import is_open
from codexa_git.gate.testing import waived
from codexa_git.pages.facts import (
    Asked,
    BoundFile,
    ConcernFacts,
    CriterionFacts,
    Event,
    FileFacts,
    ImpactFacts,
    PacketFacts,
    ResultsFacts,
    TaskFacts,
    Tested,
    WaiverFacts,
)
from codexa_git.policy.rules import gate_rule, holders
from codexa_git.repository.objects import Difference

_LARGEST_DIFF = 200_000


def impact_facts(case: Case) -> ImpactFacts:
    """What `impact.md` tells of this case."""
    return ImpactFacts(
        change=case.change,
        title=case.state.title,
        scope=case.brief.scope,
        out_of_scope=case.brief.out_of_scope,
        criteria=_criteria(case),
        tasks=_tasks(case, diffs=False),
        results=_results(case),
        concerns=_concerns(case),
        waivers=_waivers(case),
    )


def packet_facts(case: Case) -> PacketFacts:
    """What the review packet tells of this case, as the package's approver will see it."""
    return PacketFacts(
        change=case.change,
        title=case.state.title,
        milestone=case.state.opened.data["milestone"] or "",
        stage=str(case.state.stage),
        context=case.brief.context,
        asked=_asked(case),
        criteria=_criteria(case),
        tasks=_tasks(case, diffs=True),
        subject=case.subject(Gate.PACKAGE).digest,
        bound=tuple(_bound(difference) for difference in case.scope(Gate.PACKAGE)),
        results=_results(case),
        concerns=_concerns(case),
        waivers=_waivers(case),
        timeline=_timeline(case),
    )


def _asked(case: Case) -> Asked:
    rule = gate_rule(case.policy, Gate.PACKAGE)
    names = [person.name for person in holders(case.policy, rule.role)]
    return Asked(
        to=", ".join(names),
        sentence=f"Approve every file below as it is now, as {rule.role}, or send it back.",
        command=f"git codexa approve {case.change}",
    )


def _bound(difference: Difference) -> BoundFile:
    return BoundFile(
        difference.path,
        _what(difference),
        "" if difference.old is None else difference.old.oid,
        "" if difference.new is None else difference.new.oid,
    )


def _what(difference: Difference) -> str:
    if difference.old is None:
        return "added"
    if difference.new is None:
        return "deleted"
    return "changed" if difference.old.oid != difference.new.oid else "mode changed"


def _criteria(case: Case) -> tuple[CriterionFacts, ...]:
    return tuple(
        CriterionFacts(
            criterion.id,
            criterion.text,
            tuple(t.id for t in case.plan.tasks if criterion.id in t.criteria),
            _tests_of(case, criterion.id),
        )
        for criterion in case.brief.criteria
    )


def _tests_of(case: Case, criterion: str) -> tuple[str, ...]:
    """The tests that lie in files which the criterion's tasks touched."""
    modules = {
        path.removesuffix(".py").replace("/", ".")
        for task in case.plan.tasks
        if criterion in task.criteria
        for path in _touched(case, task.id)
    }
    if case.results is None:
        return ()
    found = [o.test for o in case.results.outcomes if _lies_in(o.test, modules)]
    return tuple(found)


def _lies_in(test: str, modules: set[str]) -> bool:
    place = test.partition("::")[0]
    return any(place == module or module.endswith(f".{place}") for module in modules)


def _tasks(case: Case, *, diffs: bool) -> tuple[TaskFacts, ...]:
    return tuple(
        TaskFacts(
            task.id,
            task.title,
            task.criteria,
            task.after,
            _done_by(case, task.id),
            _files(case, task.id, diffs=diffs),
        )
        for task in case.plan.tasks
    )


def _done_by(case: Case, task: str) -> str:
    record = case.state.done.get(task)
    if record is None:
        return "not done"
    return f"by {record.actor.name}, {record.data['run']}"


def _files(case: Case, task: str, *, diffs: bool) -> tuple[FileFacts, ...]:
    """The files that a task touched, each with its whole difference from the base."""
    now = {difference.path: difference for difference in case.differences}
    paths = _touched(case, task)
    return tuple(_file(case, now[path], diffs=diffs) for path in paths if path in now)


def _touched(case: Case, task: str) -> list[str]:
    """Every path that the task touched, each time it was done: a later time adds to an earlier."""
    done = case.state.of(RecordType.TASK_COMPLETED)
    own = [record for record in done if record.data["task_id"] == task]
    return sorted({file["path"] for record in own for file in record.data["files_touched"]})


def _file(case: Case, difference: Difference, *, diffs: bool) -> FileFacts:
    patch = case.store.patches([difference])[difference.path]
    if patch is None:
        return FileFacts(difference.path, _what(difference), None, None)
    lines = patch.split(b"\n")
    text = patch.decode("utf-8", "replace") if diffs and len(patch) <= _LARGEST_DIFF else ""
    return FileFacts(
        difference.path,
        _what(difference),
        sum(1 for line in lines if line.startswith(b"+")),
        sum(1 for line in lines if line.startswith(b"-")),
        text,
    )


def _results(case: Case) -> ResultsFacts | None:
    results = case.results
    if results is None:
        return None
    let_off = waived(case)
    record = case.state.results
    return ResultsFacts(
        results.tree,
        tuple((c.run, _ended(c.exit, c.status)) for c in results.commands),
        tuple(_tested(results, index, let_off) for index in range(len(results.outcomes))),
        f"tasks {results.snapshot.tasks}, tests {results.snapshot.tests}",
        "" if record is None else f"{record.actor.name}, {record.at}",
        coverage_told(results.coverage, results.coverage_problem),
    )


def _tested(results: Results, index: int, let_off: set[str]) -> Tested:
    outcome = results.outcomes[index]
    failed = outcome.outcome in ("failed", "error")
    word = "waived" if failed and outcome.test in let_off else outcome.outcome
    return Tested(outcome.test, word, outcome.message)


def _ended(code: int | None, status: str) -> str:
    return status if code is None else f"exit status {code}"


def _concerns(case: Case) -> tuple[ConcernFacts, ...]:
    return tuple(
        ConcernFacts(
            concern.label,
            concern.text,
            concern.record.actor.name,
            None if is_open(case, concern) else _answered(concern),
        )
        for concern in case.state.concerns
    )


def _answered(concern: Concern) -> str:
    """How a concern that is no longer open was answered."""
    if concern.stalled and (concern.answer is None or concern.answer.signature is None):
        return "the change has moved since"
    if concern.answer is None or concern.answer.signature is None:
        return "what it was about passes now"
    return f"{concern.answer.actor.name}: {concern.answer.data['reason']}"


def _waivers(case: Case) -> tuple[WaiverFacts, ...]:
    return tuple(
        WaiverFacts(tuple(r.data["tests"]), r.data["reason"], r.actor.name)
        for r in case.state.waivers
    )


def _timeline(case: Case) -> tuple[Event, ...]:
    return tuple(
        Event(record.at, str(record.stage), str(record.actor), told(record))
        for record in in_story_order(case.state.of(*STORY))
    )
