"""Where a change stands: what `status` shows of it, as plain values that depend on no reader.

Everything follows from the change's tip, the base's tip, the policy, the root, the refs named here
and which keys are in their time, so that it may be remembered (`workflow.remembering`).
"""

from typing import NamedTuple

from codexa_git.audit.record import Record
from codexa_git.audit.words import ORDER, Gate, RecordType, Stage
from codexa_git.change.paths import Kind
from codexa_git.errors import CodexaError, PaperError, RecordError
from codexa_git.gate.answers import Ask
from codexa_git.gate.case import Case
from codexa_git.gate.closing import is_open
from codexa_git.gate.decisions import Decision, approvals
from codexa_git.gate.verdict import Verdict
from codexa_git.workflow.moment import Moment
from codexa_git.workflow.syncing import is_behind
from codexa_git.workflow.wording import wording


class Asked(NamedTuple):
    """One requirement and its answer; `met` is `None` where it could not be decided."""

    name: str
    stage: str | None
    met: bool | None
    basis: str
    rule: str
    now: str
    who: tuple[str, ...]
    command: str | None


class Move(NamedTuple):
    """Whose move it is, what they do, and the command that does it.

    `person` is true where only people can make the move; an agent's is made by whoever runs the
    command. `who` is empty where nobody in particular is asked.
    """

    who: tuple[str, ...]
    person: bool
    do: str
    command: str | None


class Approved(NamedTuple):
    """One approval of a gate's present round: whose, when, over what, and whether it counts."""

    gate: str
    name: str
    email: str
    at: str
    files: int
    counts: bool
    problem: str | None
    changed: tuple[str, ...]


class Work(NamedTuple):
    """How much was done: tasks, and the product's files and lines; `paths` hold just those."""

    tasks_done: int
    tasks: int
    files: int
    added: int
    removed: int
    paths: tuple[str, ...]


class Standing(NamedTuple):
    """One open change.

    `state` is `open`, `closed`, `abandoned`, or `unreadable`, which `problem` then explains.
    `stage` is the one that has the move, `handed` the one that its handoffs led to. `unpushed`
    counts commits that its upstream lacks (`None`: it follows nothing); `waiting` is the commit
    that waits for room in a checkout.
    """

    change: str
    title: str
    milestone: str | None
    requirements: tuple[str, ...]
    branch: str
    tip: str
    state: str
    stage: str
    handed: str
    round: int
    passed: tuple[str, ...]
    asks: tuple[Asked, ...]
    move: Move
    since: str
    approvals: tuple[Approved, ...]
    work: Work
    concerns: int
    base: str
    behind: int
    unpushed: int | None
    waiting: str | None
    problem: str | None = None


class Refs(NamedTuple):
    """What the refs say beside the change's tip."""

    base: str
    behind: int
    unpushed: int | None
    waiting: str | None


NOTHING_DONE = Work(0, 0, 0, 0, 0, ())


def standing(moment: Moment, refs: Refs) -> Standing:
    """Where this change stands.

    Raises:
        RecordError: its records are not sound, so that nothing can be said of it.
    """
    state, verdict = moment.state, moment.verdict()
    stage = min(verdict.stage, state.stage, key=lambda stage: stage.number)
    shown = [ask for ask in verdict.asks if ask.stage is stage or (not ask.met and _early(ask))]
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
        passed=tuple(s for s in ORDER if s.number < stage.number and verdict.passes(s)),
        asks=tuple(_asked(ask) for ask in shown),
        move=_move(moment, verdict, stage),
        since=_since(state.records),
        approvals=tuple(a for gate in Gate for a in _approvals(moment.case, gate)),
        work=_work(moment.case),
        concerns=sum(is_open(moment.case, concern) for concern in state.concerns),
        base=refs.base,
        behind=refs.behind,
        unpushed=refs.unpushed,
        waiting=refs.waiting,
    )


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


def _early(ask: Ask) -> bool:
    return ask.stage is None


def _word(moment: Moment) -> str:
    if moment.state.abandoned is not None:
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
    )


def _move(moment: Moment, verdict: Verdict, stage: Stage) -> Move:
    change = moment.change
    if moment.state.abandoned is not None:
        return Move((), person=True, do="nothing: it was abandoned", command=None)
    unmet = [ask for ask in verdict.unmet if ask.stage in (None, stage)]
    if unmet:
        return _move_for(unmet[0])
    advance = f"git codexa advance {change}"
    if stage is not Stage.CLEANUP:
        return Move((), person=False, do=f"hand it on to {stage.following}", command=advance)
    if is_behind(moment):
        return Move((), person=False, do="close it again on the base's tip", command=advance)
    return Move((), person=False, do="land it", command=f"git codexa land {change}")


def _move_for(ask: Ask) -> Move:
    who, command = ask.answer.who, ask.answer.command
    agent = bool(who) and all(name.endswith("(agent)") for name in who)
    return Move(who, person=not agent, do=wording(ask.name).do, command=command)


def _since(records: tuple[Record, ...]) -> str:
    """When what now waits was made: the last word that is no approval."""
    return max((r.at for r in records if r.type is not RecordType.APPROVAL_GRANTED), default="")


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


def _work(case: Case) -> Work:
    product = case.of_kind(Kind.PRODUCT)
    patches = case.store.patches(product)
    lines = [line for patch in patches.values() if patch for line in patch.split(b"\n")]
    planned = _planned(case)
    return Work(
        len(planned & case.state.done.keys()),
        len(planned),
        len(product),
        sum(line.startswith(b"+") for line in lines),
        sum(line.startswith(b"-") for line in lines),
        covering([d.path for d in product], [d.path for d in case.differences]),
    )


def _planned(case: Case) -> set[str]:
    try:
        return {task.id for task in case.plan.tasks}
    except (PaperError, RecordError):
        return set()


def covering(wanted: list[str], differing: list[str]) -> tuple[str, ...]:
    """The fewest folders and files below which all the wanted paths differ, and no others do."""
    others = set(differing) - set(wanted)
    found: dict[str, None] = {}
    for path in wanted:
        found.setdefault(_widest(path, others))
    return tuple(sorted(found))


def _widest(path: str, others: set[str]) -> str:
    at = path.find("/")
    while at != -1:
        folder = path[:at]
        if not any(other.startswith(f"{folder}/") for other in others):
            return folder
        at = path.find("/", at + 1)
    return path
