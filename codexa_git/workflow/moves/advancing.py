"""Advance: the stage's agent does its work, the gate is asked, and the change is handed on.

A step does the work of one stage, so each stage's own modules are imported when it is reached.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, assert_never

from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType, Stage
from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.gate.answers import Ask
from codexa_git.gate.testing import NOT_MEASURED, NOT_RUN
from codexa_git.gate.verdict import Verdict
from codexa_git.workflow.base.ground import unpinned
from codexa_git.workflow.changes.astray import require_alone
from codexa_git.workflow.changes.draft import Built, hand_on
from codexa_git.workflow.changes.losing import require_whole
from codexa_git.workflow.changes.moment import Moment, moment_at, require_open
from codexa_git.workflow.changes.wording import APPROVALS
from codexa_git.workflow.decisions.avowing import Avowal
from codexa_git.workflow.decisions.deciding import Sign
from codexa_git.workflow.decisions.refusing import refused
from codexa_git.workflow.stages.planning import DEFAULT_SEED, is_planned, make_plan
from codexa_git.workflow.stages.stalling import stalled, stop_of
from codexa_git.workflow.stages.syncing import is_behind, sync
from codexa_git.workflow.together.publishing import Published, forget_outputs, publish


class How(NamedTuple):
    """How to advance: who is at the keyboard, who signs for the Tester, and what was asked for.

    `ready` raises where the Tester could not sign, before anything is run for nothing, and `tell`
    hears what is being done that takes its time. `avows` says who signs the work, where somebody
    does, and raises where they could not.
    """

    person: Actor
    tester: Sign
    ready: Callable[[], object]
    tell: Callable[[str], None]
    seed: int = DEFAULT_SEED
    replan: bool = False
    unapproved: bool = False
    retry: bool = False
    avows: Callable[[], Avowal] | None = None


class Ended(StrEnum):
    """How an advance ended."""

    MOVED = "moved"
    BLOCKED = "blocked"
    WAITING = "waiting"


class Advanced(NamedTuple):
    """The moment after, how it ended, and in which stage the work was done.

    Blocked: `why` is what is not met. Waiting: `paths` stand in the way of the checkout.
    """

    moment: Moment
    ended: Ended
    stage: Stage
    why: tuple[Ask, ...] = ()
    paths: tuple[str, ...] = ()


def advance(moment: Moment, how: How) -> Advanced:
    """One step: the work of the stage that the change is in, as one command makes it.

    Where it stops, and nothing has moved the change for long, a concern says so.

    Raises:
        RefusedError: the change was abandoned, or lost records, or commands may not run here.
    """
    require_open(moment)
    require_whole(moment)
    require_alone(moment.ground, moment.change, moment.tip)
    verdict = moment.verdict()
    _refuse_guarded(verdict, moment, how)
    stage = _stage(moment, verdict, how)
    is_done = verdict.passes(stage) and not (how.replan and stage is Stage.SPEC)
    if is_done and stage is moment.state.stage and stage is not Stage.CLEANUP:
        without = _without(moment, stage) if _excused(moment, how) else ()
        return _done(publish(moment, hand_on(moment, stage, without)), moment, stage)
    step = _work(moment, stage, verdict, how)
    if step.ended is Ended.BLOCKED and step.why:
        return step._replace(moment=_note_stall(step.moment))
    return step


def _note_stall(moment: Moment) -> Moment:
    """The moment after: where the change stands still, a concern says so and why.

    Where another command was quicker, there is nothing left to say.
    """
    if stop_of(moment) is None:
        return moment
    try:
        return publish(moment, stalled(moment)).moment
    except RepositoryError:
        tip = moment.store.ref(moment.ref)
        if tip is None or tip == moment.tip.oid:
            raise
        return moment_at(moment.ground, moment.ref, moment.store.commit(tip))


def _stage(moment: Moment, verdict: Verdict, how: How) -> Stage:
    """The stage to work in: the first whose gate is not passed, and none that is still to come.

    While observing, `--unapproved` does not go back for an approval that it went on without.
    """
    excused = _excused(moment, how)
    missing = (a.stage for a in verdict.unmet if a.stage is not None and a.name not in excused)
    return min([*missing, moment.state.stage], key=lambda stage: stage.number)


def _excused(moment: Moment, how: How) -> frozenset[str]:
    goes_on = how.unapproved and not moment.ground.enforces
    return frozenset(APPROVALS.values()) if goes_on else frozenset()


def _refuse_guarded(verdict: Verdict, moment: Moment, how: How) -> None:
    """What is refused in any stage comes first; while observing it may be reported only."""
    wrong = [ask for ask in verdict.of(None) if not ask.met]
    if not wrong or (how.unapproved and not moment.ground.enforces):
        return
    raise refused(moment, "advance", tuple(wrong), how.person)


def _work(moment: Moment, stage: Stage, verdict: Verdict, how: How) -> Advanced:
    match stage:
        case Stage.FRAME:
            made = None
        case Stage.SPEC:
            again = how.replan or not is_planned(moment.case)
            made = make_plan(moment, how.seed) if again else None
        case Stage.EXECUTE:
            return _execute(moment, how)
        case Stage.VALIDATE:
            return _validate(moment, verdict, how)
        case Stage.PACKAGE:
            from codexa_git.workflow.stages.packaging import make_missing  # noqa: PLC0415

            made = make_missing(moment, verdict)
        case Stage.CLEANUP:
            made = _closed(moment, verdict, how)
        case _:
            assert_never(stage)
    if made is None:
        return _blocked(moment, stage, how)
    from codexa_git.workflow.stages.closing import archived_files  # noqa: PLC0415

    published = publish(moment, made, archived_files(made, moment))
    if published.moment.state.of(RecordType.RETENTION_DROPPED):
        forget_outputs(published.moment)
    return _done(published, moment, stage)


def _unmet(verdict: Verdict, *names: str) -> bool:
    return any(ask.name in names for ask in verdict.unmet)


def _done(published: Published, before: Moment, stage: Stage) -> Advanced:
    if published.waits:
        return Advanced(before, Ended.WAITING, stage, paths=published.waits)
    return Advanced(published.moment, Ended.MOVED, stage)


def _blocked(moment: Moment, stage: Stage, how: How) -> Advanced:
    """A person's move; while observing, `--unapproved` hands on all the same, on the record."""
    unmet = moment.verdict(stage).unmet
    names = {ask.name for ask in unmet if ask.stage is stage}
    excused = _excused(moment, how)
    if names and names <= excused and stage is moment.state.stage:
        without = _without(moment, stage)
        return _done(publish(moment, hand_on(moment, stage, without)), moment, stage)
    why = tuple(ask for ask in unmet if ask.name not in excused)
    # Closing would see to the rest of its gate; only what holds it up is worth telling.
    holding = tuple(ask for ask in why if ask.stage is not Stage.CLEANUP or ask.name == _HOLDS)
    return Advanced(moment, Ended.BLOCKED, stage, why=holding or why)


_HOLDS = "concerns-clear"
"""The requirement of Cleanup that the closing commit itself does not meet."""


def _without(moment: Moment, stage: Stage) -> tuple[str, ...]:
    """What is not met through this stage's gate, which a handoff while observing records."""
    return tuple(ask.name for ask in moment.verdict(stage).unmet)


def may_run(moment: Moment, how: How) -> None:
    """Nothing: the plan's commands and policy's tests may run here.

    Raises:
        RefusedError: no root is pinned, or while observing nobody said `--unapproved`.
    """
    if moment.ground.enforces:
        if not moment.ground.pinned:
            raise unpinned(moment.ground, "nothing of the repository runs here")
        if moment.case.context.root != moment.ground.root:
            raise RefusedError(
                f"{moment.change} stands on a {moment.ground.branch} of before the trust root",
                hint=f"git codexa sync {moment.change}",
            )
        return
    if not how.unapproved:
        raise RefusedError(
            "while observing, no approval is trusted, so nothing of the repository runs unasked",
            hint=f"git codexa advance {moment.change} --unapproved runs it, and says so on record",
        )


def _execute(moment: Moment, how: How) -> Advanced:
    from codexa_git.workflow.moves.executing import execute  # noqa: PLC0415

    may_run(moment, how)
    avowal = None if how.avows is None else how.avows()
    executed = execute(moment, how.tell, unapproved=how.unapproved, retry=how.retry, avowal=avowal)
    after = executed.moment
    if executed.waits_for_room:
        return Advanced(after, Ended.WAITING, Stage.EXECUTE, paths=executed.waits_for_room)
    if executed.blocked:
        unmet, excused = after.verdict(Stage.EXECUTE).unmet, _excused(after, how)
        why = tuple(ask for ask in unmet if ask.name not in excused)
        return Advanced(after, Ended.BLOCKED, Stage.EXECUTE, why=why or unmet)
    return Advanced(after, Ended.MOVED, Stage.EXECUTE)


def _validate(moment: Moment, verdict: Verdict, how: How) -> Advanced:
    """Results are made once for a tree and a round: asking again would only ask for luck."""
    customs = {requirement.name for requirement in moment.policy.requirements}
    if not _unmet(verdict, "results-for-this-tree") and not _not_run(verdict, customs):
        return _blocked(moment, Stage.VALIDATE, how)
    from codexa_git.workflow.stages.looking import look  # noqa: PLC0415
    from codexa_git.workflow.stages.validating import record_results  # noqa: PLC0415

    may_run(moment, how)
    how.ready()
    seen = look(moment, moment.case.planner.seed, how.tell)
    validated = record_results(moment, seen, how.tester, unapproved=how.unapproved)
    return _done(publish(moment, validated.built, validated.bodies), moment, Stage.VALIDATE)


def _not_run(verdict: Verdict, customs: set[str]) -> bool:
    now = {(ask.name, ask.answer.now) for ask in verdict.unmet}
    asked = {("touched-lines-covered", NOT_MEASURED), *((name, NOT_RUN) for name in customs)}
    return bool(now & asked)


def _closed(moment: Moment, verdict: Verdict, how: How) -> Built | None:
    """What Cleanup makes of what could land: the base brought in first, then the closing commit."""
    if not is_behind(moment) and (verdict.passes(Stage.CLEANUP) or _unmet(verdict, _HOLDS)):
        return None
    from codexa_git.workflow.base.tracing import require_signed_policy  # noqa: PLC0415
    from codexa_git.workflow.stages.closing import close  # noqa: PLC0415

    require_signed_policy(moment.ground)
    return sync(moment, how.person) if is_behind(moment) else close(moment)


def until_blocked(moment: Moment, how: How, told: Callable[[Advanced], None]) -> Advanced:
    """Step after step until a person is needed, or the change is closed."""
    while True:
        step = advance(moment, how)
        told(step)
        if step.ended is not Ended.MOVED or step.moment.tip.oid == moment.tip.oid:
            return step
        if step.stage is Stage.SPEC:
            how = how._replace(replan=False)  # once is what was asked for
        moment = step.moment
