"""Measuring: where a change stands, asked of its gates, its records and its files."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from codexa_git.audit.words import ORDER, Gate, RecordType, Stage
from codexa_git.change.governance import dues, retention
from codexa_git.change.results import Results
from codexa_git.errors import CodexaError, PaperError, RecordError
from codexa_git.gate.answers import Ask
from codexa_git.gate.case import Case
from codexa_git.gate.closing import is_open
from codexa_git.gate.decisions import approvals, tester_signed
from codexa_git.gate.signed import Decision
from codexa_git.gate.verdict import Verdict
from codexa_git.workflow.changes.ending import is_abandoned
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.wording import APPROVALS, count, wording
from codexa_git.workflow.decisions.refusing import asked_since
from codexa_git.workflow.reports.sizing import NOTHING_DONE, work_of
from codexa_git.workflow.reports.standing import Approved, Asked, Move, Refs, Standing
from codexa_git.workflow.stages.syncing import is_behind

if TYPE_CHECKING:
    from codexa_git.workflow.stages.handwork import Handwork


def standing(moment: Moment, refs: Refs) -> Standing:
    """Where this change stands.

    Raises:
        RecordError: its records are not sound, so that nothing can be said of it.
    """
    state, verdict = moment.state, moment.verdict()
    stage = stage_of(moment)
    without = gone_without(moment)
    shown = [
        ask
        for ask in verdict.asks
        if ask.stage is stage or (not ask.met and (_early(ask) or ask.name in without))
    ]
    is_open_now = [concern for concern in state.concerns if is_open(moment.case, concern)]
    waiting = [concern for concern in is_open_now if not concern.stalled]
    results = _fitting(moment.case)
    by_hand = _by_hand(moment, stage)
    return Standing(
        change=moment.change,
        title=state.title,
        milestone=state.opened.data["milestone"],
        requirements=tuple(state.opened.data["requirements"]),
        branch=moment.ref.removeprefix("refs/heads/"),
        tip=moment.tip.oid,
        state=_word(moment),
        stage=stage,
        handed=state.stage,
        round=state.round(stage),
        passed=tuple(s for s in ORDER if s.number <= stage.number and verdict.passes(s)),
        asks=tuple(_asked(ask) for ask in shown),
        move=_joining(moment, refs) or _taking_up(moment, by_hand) or _move(moment, verdict, stage),
        since=asked_since(state),
        approvals=tuple(a for gate in Gate for a in _approvals(moment.case, gate)),
        work=work_of(moment.case),
        concerns=len(waiting),
        base=refs.base,
        behind=refs.behind,
        unpushed=refs.unpushed,
        waiting=refs.waiting,
        incoming=refs.incoming,
        apart=refs.apart,
        amended=refs.amended,
        policy_moved=refs.policy_moved,
        due=dues(waiting),
        retention=retention(state),
        coverage=None if results is None else results.coverage,
        coverage_problem=None if results is None else results.coverage_problem,
        policy_problem=_policy_problem(moment, stage),
        stalled=next((f"{c.label}, {c.text}" for c in is_open_now if c.stalled), None),
        by_hand=tuple(dict.fromkeys(oid for work in by_hand.values() for oid in work.commits)),
    )


def _by_hand(moment: Moment, stage: Stage) -> "dict[str, Handwork]":
    """What people have committed of the tasks and no `advance` has taken up, by task."""
    if stage is not Stage.EXECUTE or is_abandoned(moment):
        return {}
    from codexa_git.workflow.stages.handwork import not_taken_up  # noqa: PLC0415

    try:
        return not_taken_up(moment)
    except (PaperError, RecordError):
        return {}  # the gate tells of papers that cannot be read


def _joining(moment: Moment, refs: Refs) -> Move | None:
    """The move where others have pushed more than is here, which comes before any other."""
    if not refs.incoming or is_abandoned(moment):
        return None
    do = f"bring in {count(refs.incoming, 'commit')} that others pushed"
    return Move((), person=False, do=do, command=f"git codexa sync {moment.change}")


def _taking_up(moment: Moment, by_hand: "Mapping[str, Handwork]") -> Move | None:
    """The move where a task that can be done now was done by people's commits; else `None`."""
    done = moment.state.done.keys()
    early = [ask for ask in moment.verdict().unmet if ask.stage is None]
    if early or not by_hand:
        return None
    tasks = [task for task in moment.case.plan.tasks if task.id in by_hand]
    if not any(set(task.after) <= done for task in tasks):
        return None
    advance = f"git codexa advance {moment.change}"
    do = "take up what people did"
    return Move(("Implementer (agent)",), person=False, do=do, command=advance)


def _policy_problem(moment: Moment, stage: Stage) -> str | None:
    """What keeps everything from landing; asked where landing is next, since all of it is read."""
    if stage is not Stage.CLEANUP or is_abandoned(moment):
        return None
    from codexa_git.workflow.base.tracing import policy_problem  # noqa: PLC0415

    error = policy_problem(moment.ground)
    return None if error is None else error.message


def unreadable(change: str, tip: str, refs: Refs, error: CodexaError) -> Standing:
    """A change of which nothing can be said but why."""
    hint = error.hints[0] if error.hints else None
    return Standing(
        change=change,
        title="",
        milestone=None,
        requirements=(),
        branch=f"change/{change}",
        tip=tip,
        state="unreadable",
        stage=Stage.FRAME,
        handed=Stage.FRAME,
        round=1,
        passed=(),
        asks=(),
        move=Move((), person=True, do="mend it", command=hint),
        since="",
        approvals=(),
        work=NOTHING_DONE,
        concerns=0,
        base=refs.base,
        behind=refs.behind,
        unpushed=refs.unpushed,
        waiting=refs.waiting,
        problem=error.message,
    )


def _fitting(case: Case) -> Results | None:
    """The results, where a tester signed them and they are of the tree as it stands."""
    signed = tester_signed(case)
    if signed is None or not signed.counts:
        return None
    try:
        results = case.results
    except RecordError:
        return None
    return results if results is not None and results.tree == case.tested_tree else None


def _early(ask: Ask) -> bool:
    return ask.stage is None


def _word(moment: Moment) -> str:
    if is_abandoned(moment):
        return "abandoned"
    return "open" if moment.state.closed is None else "closed"


def _asked(ask: Ask) -> Asked:
    answer = ask.answer
    return Asked(
        ask.name,
        None if ask.stage is None else str(ask.stage),
        answer.met,
        str(answer.basis),
        ask.asks,
        answer.now,
        answer.who,
        answer.command,
        answer.every,
    )


def move(moment: Moment) -> Move:
    """Whose move it is, and what they do."""
    return _move(moment, moment.verdict(), stage_of(moment))


def stage_of(moment: Moment) -> Stage:
    """The stage that has the move: the first whose gate is shut, of those that were reached.

    Nobody goes back for an approval without which the change went on while observing.
    """
    unmet, without = moment.verdict().unmet, gone_without(moment)
    shut = [ask.stage for ask in unmet if ask.stage is not None and ask.name not in without]
    return min([*shut, moment.state.stage], key=lambda stage: stage.number)


def gone_without(moment: Moment) -> frozenset[str]:
    """The approvals of earlier stages that a handoff while observing says were not there."""
    if moment.ground.enforces:
        return frozenset()
    handed = moment.state.of(RecordType.HANDOFF)
    said = {name for record in handed for name in record.data["unmet"]}
    here = moment.state.stage.number
    return frozenset(said & {APPROVALS[gate] for gate in Gate if gate.stage.number < here})


def _move(moment: Moment, verdict: Verdict, stage: Stage) -> Move:
    change = moment.change
    if is_abandoned(moment):
        return Move((), person=True, do="nothing: it was abandoned", command=None)
    unmet = [ask for ask in verdict.unmet if ask.stage in (None, stage)]
    if unmet:
        return _move_for(moment, unmet[0])
    advance = f"git codexa advance {change}"
    if stage is not Stage.CLEANUP:
        return Move((), person=False, do=f"hand it on to {stage.following}", command=advance)
    if is_behind(moment):
        return Move((), person=False, do="close it again on the base's tip", command=advance)
    return Move((), person=False, do="land it", command=f"git codexa land {change}")


def _move_for(moment: Moment, ask: Ask) -> Move:
    who, command = ask.answer.who, ask.answer.command
    if ask.name in APPROVALS.values() and not who:
        return _for_nobody(moment, ask)
    agent = bool(who) and all(name.endswith("(agent)") for name in who)
    return Move(who, not agent, wording(ask).do, command, ask.answer.every)


def _for_nobody(moment: Moment, ask: Ask) -> Move:
    """The move where the policy that judges knows nobody who could approve, and had not."""
    # Imported where it is needed: it knows of keys, and whoever asks for status signs nothing.
    from codexa_git.workflow.decisions.overtaken import judged_otherwise  # noqa: PLC0415

    if judged_otherwise(moment, ask):
        do = f"bring in the newer policy of {moment.ground.base}, which says who approves"
        return Move((), person=False, do=do, command=f"git codexa sync {moment.change}")
    do = "an owner names somebody who may approve it, for nobody else is left"
    return Move((), person=True, do=do, command=ask.answer.command)


def _approvals(case: Case, gate: Gate) -> tuple[Approved, ...]:
    return tuple(_approved(gate, decision) for decision in approvals(case, gate))


def _approved(gate: Gate, decision: Decision) -> Approved:
    record = decision.record
    return Approved(
        str(gate),
        record.actor.name,
        record.actor.email,
        record.at,
        len(record.data["gates"][gate]["paths"]),
        decision.counts,
        decision.problem,
        decision.fallen,
    )
