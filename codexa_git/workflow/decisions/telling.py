"""The facts that impact and packet tell, gathered from one case.

They follow from the change's trees and records alone, so that the packet of the tree can be made
again anywhere. What a caller knows beyond that (whose move it is, older blobs) is in `Besides`.
"""

from typing import NamedTuple

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.change.brief import Brief
from codexa_git.change.coverage import coverage_told
from codexa_git.change.note import STORY, in_story_order, told
from codexa_git.change.plan import Plan
from codexa_git.change.results import Results
from codexa_git.change.state import Clarification, Concern
from codexa_git.change.tracing import found_tests
from codexa_git.errors import PaperError, RecordError
from codexa_git.gate.answering import answer_of
from codexa_git.gate.case import Case
from codexa_git.gate.closing import is_open
from codexa_git.gate.heard import not_theirs
from codexa_git.gate.judging import judged
from codexa_git.gate.testing import results_for_this_tree, waived
from codexa_git.pages.facts import (
    Asked,
    ConcernFacts,
    CriterionFacts,
    Event,
    ImpactFacts,
    PacketFacts,
    QuestionFacts,
    ResultsFacts,
    Tested,
    WaiverFacts,
)
from codexa_git.policy.rules import gate_rule
from codexa_git.workflow.decisions.binding import asked_for, binding
from codexa_git.workflow.decisions.recalling import Then, only_digests, since
from codexa_git.workflow.decisions.touching import files, task_facts


class Besides(NamedTuple):
    """What the facts hold besides what the trees and records of the change tell by themselves.

    `gates` are those whose approval is asked for; where there is none, `asked` says what is.
    `stage` is the one that has the move.
    """

    gates: tuple[Gate, ...]
    stage: str
    standing: str
    asked: Asked | None = None
    then: Then = only_digests


AS_PACKAGED = Besides((Gate.PACKAGE,), Stage.PACKAGE, "as it was packaged")
"""What the packet in the tree holds besides: nothing that only one clone knows."""


class _Papers(NamedTuple):
    """The papers that can be read, and what is wrong with the others."""

    brief: Brief | None
    plan: Plan | None
    results: Results | None
    unread: tuple[str, ...]


def _papers(case: Case) -> _Papers:
    unread: list[str] = []
    brief: Brief | None = None
    plan: Plan | None = None
    results: Results | None = None
    try:
        brief = case.brief
    except PaperError as error:
        unread.append(str(error))
    try:
        if case.read(case.places.tasks) is not None:
            plan = case.plan
    except PaperError as error:
        unread.append(str(error))
    try:
        results = case.results
    except RecordError as error:
        unread.append(str(error))
    return _Papers(brief, plan, results, tuple(unread))


def impact_facts(case: Case) -> ImpactFacts:
    """What `impact.md` tells of this case."""
    papers = _papers(case)
    found = files(case, papers.plan)
    return ImpactFacts(
        change=case.change,
        title=case.state.title,
        scope=case.brief.scope,
        out_of_scope=case.brief.out_of_scope,
        criteria=_criteria(case, papers),
        tasks=task_facts(case, papers.plan, found),
        others=found.others,
        results=_results(case, papers),
        concerns=_concerns(case),
        waivers=_waivers(case),
    )


def packet_facts(case: Case, besides: Besides = AS_PACKAGED) -> PacketFacts:
    """What the review packet tells of this case."""
    papers, state = _papers(case), case.state
    found = files(case, papers.plan)
    return PacketFacts(
        change=case.change,
        title=state.title,
        milestone=state.opened.data["milestone"] or "",
        stage=besides.stage,
        standing=besides.standing,
        base=case.context.branch,
        context="" if papers.brief is None else papers.brief.context,
        asked=asked_for(case, besides.gates) if besides.gates else besides.asked,
        criteria=_criteria(case, papers),
        tasks=task_facts(case, papers.plan, found),
        others=found.others,
        papers=found.papers,
        bindings=tuple(binding(case, gate) for gate in besides.gates),
        since=since(case, besides.then),
        results=_results(case, papers),
        concerns=_concerns(case),
        waivers=_waivers(case),
        questions=tuple(_question(case, question) for question in state.clarifications),
        timeline=_timeline(case),
        unread=papers.unread,
    )


def _criteria(case: Case, papers: _Papers) -> tuple[CriterionFacts, ...]:
    if papers.brief is None:
        return ()
    tasks = () if papers.plan is None else papers.plan.tasks
    by = {c.id: tuple(t.id for t in tasks if c.id in t.criteria) for c in papers.brief.criteria}
    return tuple(
        CriterionFacts(
            criterion.id,
            criterion.text,
            by[criterion.id],
            found_tests(case.state, papers.results, by[criterion.id]),
        )
        for criterion in papers.brief.criteria
    )


def _results(case: Case, papers: _Papers) -> ResultsFacts | None:
    results = papers.results
    if results is None:
        return None
    let_off = waived(case)
    record = case.state.results
    answer = results_for_this_tree(case)
    return ResultsFacts(
        results.tree,
        tuple((c.run, _ended(c.exit, c.status)) for c in results.commands),
        tuple(_tested(results, index, let_off) for index in range(len(results.outcomes))),
        f"tasks {results.snapshot.tasks}, tests {results.snapshot.tests}",
        "" if record is None else f"{record.actor.name}, {record.at}",
        coverage_told(results.coverage, results.coverage_problem),
        "" if answer.met else answer.now,
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
            None if is_open(case, concern) else _answered(concern, answer_of(case, concern)),
        )
        for concern in case.state.concerns
    )


def _answered(concern: Concern, answer: Record | None) -> str:
    """How a concern that is no longer open was answered, `answer` being the one that counts."""
    if answer is not None and answer.signature is not None:
        return f"{answer.actor.name}: {answer.data['reason']}"
    return "the change has moved since" if concern.stalled else "what it was about passes now"


def _waivers(case: Case) -> tuple[WaiverFacts, ...]:
    return tuple(
        WaiverFacts(
            tuple(record.data["tests"]),
            record.data["reason"],
            str(record.actor),
            _not_counted(case, record),
        )
        for record in case.state.waivers
    )


def _not_counted(case: Case, record: Record) -> str:
    decision, role = judged(case, record), gate_rule(case.policy, Gate.RESULTS).role
    if not decision.counts:
        return decision.problem or ""
    return "" if role in decision.roles else f"a {role} waives tests, and nobody else"


def _question(case: Case, question: Clarification) -> QuestionFacts:
    answer, asked = answer_of(case, question), question.record
    return QuestionFacts(
        question.label,
        asked.data["question"],
        str(asked.actor),
        None if answer is None else answer.data["answer"],
        "" if answer is None else str(answer.actor),
    )


def _timeline(case: Case) -> tuple[Event, ...]:
    return tuple(_event(case, record) for record in in_story_order(case.state.of(*STORY)))


def _event(case: Case, record: Record) -> Event:
    """What happened; of a word that is not its actor's, only that the line is there, and why."""
    stage, problem = str(record.stage), not_theirs(case, record)
    if problem is None:
        return Event(record.at, stage, _who(record), told(record), _said(record))
    who = f"in the name of {_who(record)}"
    return Event(record.at, stage, who, f"not theirs: {told(record)}", problem)


def _who(record: Record) -> str:
    """The actor, with the role unless the name tells it already."""
    actor = record.actor
    return actor.name if actor.name.endswith(" (agent)") else str(actor)


def _said(record: Record) -> str:
    """What somebody gave as their reason or comment, where the event alone does not tell it."""
    match record.type:
        case RecordType.APPROVAL_GRANTED:
            return str(record.data["comment"])
        case RecordType.REWORK | RecordType.APPROVAL_WITHDRAWN | RecordType.ABANDONED:
            return str(record.data["reason"])
        case RecordType.TASK_FAILED | RecordType.WAIVER_GRANTED | RecordType.CONCERN_RESOLVED:
            return str(record.data["reason"])
        case RecordType.CONCERN_RAISED:
            return str(record.data["text"])
        case _:
            return ""
