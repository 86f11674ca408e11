"""Refusing: the rule, how things stand, whose move it is, and the exact next command."""

import shlex

from codexa_git.audit.record import Actor, seconds_of
from codexa_git.audit.words import RecordType
from codexa_git.change.state import State
from codexa_git.change.text import among
from codexa_git.errors import RefusedError
from codexa_git.gate.answers import Ask
from codexa_git.gate.testing import waived
from codexa_git.policy.rules import person_of
from codexa_git.repository.worktrees import is_edited
from codexa_git.workflow.changes.bodies import evidence_ref
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.wording import APPROVALS, is_spent, is_taken_back, when, wording

_MOST = 3
_LOST = "nothing is lost: what was made is committed"


def refused(
    moment: Moment, cannot: str, unmet: tuple[Ask, ...], person: Actor | None = None
) -> RefusedError:
    """The error that says why a change cannot do something, from what is not met, in its order.

    `cannot` completes "CH-001 cannot": `leave spec yet`, `land`. `person` is who asked, so that
    they are spoken to where the move is theirs.
    """
    first = unmet[0]
    return RefusedError(
        f"{moment.change} cannot {cannot}: {wording(first).because}",
        details=(
            ("rule", f"{first.name}: {_lowered(first.asks)}"),
            ("now", _now(moment, first)),
            *_also(unmet),
        ),
        hint=_of_newer_policy(moment, first, person)
        or (*_hints(moment, first, person), *_besides(moment, first)),
    )


def _of_newer_policy(moment: Moment, ask: Ask, person: Actor | None) -> tuple[str, ...]:
    """The way on where the base's policy is newer, and whoever asks can do nothing as it is."""
    if _is_asked(moment, ask, person):
        return ()
    # Imported where something is refused alone: `status` asks this module, too, and signs nothing.
    from codexa_git.workflow.decisions.overtaken import judged_otherwise  # noqa: PLC0415

    return judged_otherwise(moment, ask)


def _is_asked(moment: Moment, ask: Ask, person: Actor | None) -> bool:
    known = None if person is None else person_of(moment.policy, person.email)
    return known is not None and known.name in ask.answer.who


def _besides(moment: Moment, ask: Ask) -> tuple[str, ...]:
    """What helps to see why: an edit that nobody committed, or where a failed test said all."""
    if ask.name == "tests-pass-or-waived":
        return _of_failed_tests(moment)
    if is_spent(ask):
        return unsigned_ways(moment)
    if is_taken_back(ask):
        return (f'or end it: git codexa abandon {moment.change} -m "..."',)
    papers = [path for path in ask.answer.where if path == moment.places.brief]
    if papers and is_edited(moment.store, moment.ref, *papers):
        return (f"{papers[0]} has uncommitted changes, and only what is committed is read",)
    return ()


def unsigned_ways(moment: Moment) -> tuple[str, ...]:
    """What follows the rework after which two approve, and what may be done instead."""
    advance = f"git codexa advance {moment.change}"
    return (
        f"then without --sign: git config codexa.sign false; {advance}; and two approve it",
        "or an owner names one more who may: git codexa people add NAME EMAIL --role ...",
    )


def _of_failed_tests(moment: Moment) -> tuple[str, ...]:
    results = moment.case.results
    failing = () if results is None else set(results.failed) - waived(moment.case)
    if results is None or not failing:
        return ()
    run, ref = len(moment.state.of(RecordType.RESULTS_RECORDED)), evidence_ref(moment.change)
    ended = enumerate(results.commands, 1)
    bad = next((number for number, command in ended if command.exit != 0), 1)
    waive = f"git codexa waive {moment.change} --test {shlex.quote(min(failing))}"
    # Where no test passes, no waiver stands for them.
    told = (f'or where it may fail for now: {waive} -m "why"',) if results.passed else ()
    if moment.store.ref(ref) is None:
        return told
    return (f"all it printed: git show {ref}:tests-{run:03d}/{bad}.log", *told)


def _also(unmet: tuple[Ask, ...]) -> list[tuple[str, str]]:
    """What else the same gate lacks; all that later gates lack follows from it."""
    others = [ask for ask in unmet[1:] if ask.stage is unmet[0].stage]
    told = [("also", f"{ask.name}: {ask.answer.now}") for ask in others[:_MOST]]
    return [*told, ("also", f"{len(others) - _MOST} more")] if len(others) > _MOST else told


def asked_since(state: State) -> str:
    """When what now waits was made: the last word that neither approves nor tells of waiting."""
    told = (RecordType.APPROVAL_GRANTED, RecordType.CONCERN_STALLED)
    return max(r.at for r in state.records if r.type not in told)


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _now(moment: Moment, ask: Ask) -> str:
    if ask.name not in APPROVALS.values() or not ask.answer.who:
        return ask.answer.now
    since = when(seconds_of(asked_since(moment.state)), moment.ground.at)
    whom = among(ask.answer.who, every=ask.answer.every)
    return f"{ask.answer.now}; asked of {whom} since {since}"


def way_on(moment: Moment, ask: Ask) -> str:
    """The command that meets what is asked, and who types it where it is not for all to type.

    Whoever a doubted ending does not wait for would take back their own approvals by it.
    """
    command = ask.answer.command or f"git codexa status {moment.change}"
    named = ask.name == "not-abandoned" and ask.answer.who
    return f"{' or '.join(ask.answer.who)} types: {command}" if named else command


def _hints(moment: Moment, ask: Ask, person: Actor | None) -> tuple[str, ...]:
    command = ask.answer.command or f"git codexa status {moment.change}"
    people = [name for name in ask.answer.who if not name.endswith("(agent)")]
    if not people or _is_asked(moment, ask, person):
        return (command,)
    if ask.name == "not-abandoned":
        return (way_on(moment, ask), f"if not, {_LOST}")
    if person is None or person_of(moment.policy, person.email) is None:
        return (f"if that is you: {command}", f"if not, {_LOST}")
    whose = among(people, every=ask.answer.every)
    return (f"{whose} {'type' if ask.answer.every else 'types'}: {command}", _LOST)
