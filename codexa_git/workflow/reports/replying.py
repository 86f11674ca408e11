"""What a slash command is answered: how things stand after it, and whose move it is."""

from shlex import quote
from typing import assert_never

from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.change.asking import asked_of, day_and_time
from codexa_git.change.slash import Slash, Word
from codexa_git.change.text import among, code_span
from codexa_git.gate.decisions import can_meet, needs
from codexa_git.pages.comment import (
    AskLine,
    StatusFacts,
    help_comment,
    list_comment,
    next_line,
    plain,
    status_comment,
)
from codexa_git.policy.rules import gate_rule
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.wording import APPROVALS
from codexa_git.workflow.reports.measuring import standing
from codexa_git.workflow.reports.standing import Asked, Refs, Standing
from codexa_git.workflow.reports.surveying import survey

_NO_REFS = Refs("", 0, None, None)


def reply(moment: Moment, slash: Slash, *, signed: bool = False) -> str:
    """The answer, in Markdown; `signed` where a key was at hand."""
    facts = status_facts(standing(moment, _NO_REFS), moment)
    match slash.word:
        case Word.STATUS | Word.ADVANCE:
            return status_comment(facts)
        case Word.HELP:
            return help_comment()
        case Word.CONCERN:
            label = moment.state.concerns[-1].label
            return f"{label} raised: it blocks closing until a person resolves it.\n"
        case Word.CLARIFY if slash.label is None:
            return f"{moment.state.clarifications[-1].label} asked. {next_line(facts)}\n"
        case Word.CLARIFY | Word.APPROVE | Word.WAIVE:
            said = _signed(moment, slash) if signed else None
            return f"{said} {next_line(facts)}\n" if said else _asked_for(moment, slash)
        case _:
            assert_never(slash.word)


def _signed(moment: Moment, slash: Slash) -> str:
    if slash.word is not Word.APPROVE:
        return "Signed, and on record."
    return f"Approved by {plain(str(moment.state.of(RecordType.APPROVAL_GRANTED)[-1].actor))}."


def _asked_for(moment: Moment, slash: Slash) -> str:
    return _requested(moment) if slash.word is Word.APPROVE else _needs_key(moment, slash)


def _requested(moment: Moment) -> str:
    lines = [f"- {gate}: {asked}" for gate, asked in _asked(moment).items()]
    command = code_span(f"git codexa approve {moment.change}")
    return "\n".join(["Asked for, not given: no key is at hand here.", "", *lines, "", ""]) + (
        f"Their own key gives it, with {command}.\n"
    )


def _asked(moment: Moment) -> dict[Gate, str]:
    """What was asked of whom and still waits, by gate."""
    asked = {}
    unmet = {ask.name for ask in moment.verdict().unmet}
    for gate in (asking.gate for asking in moment.state.requests):
        if APPROVALS[gate] in unmet:
            need = needs(moment.case, gate, gate_rule(moment.policy, gate))
            first = next((n for n in need if n.missing), need[0])
            names = can_meet(moment.case, first)
            whom = among(names, every=first.missing >= len(names))
            told = asked_of(moment.state, gate, whom, moment.ground.at)
            asked[gate] = plain(told or f"there is nobody to ask: an owner names a {need[0].role}")
    return asked


def _needs_key(moment: Moment, slash: Slash) -> str:
    """How whoever has the key does what was asked for here."""
    at = day_and_time(moment.state.records[-1].seconds, moment.ground.at)
    if slash.word is Word.WAIVE:
        command = f'git codexa waive {moment.change} --test {quote(slash.test)} -m "..."'
    else:
        command = f'git codexa clarify {moment.change} --answer {slash.label} "..."'
    return (
        f"On record as asked for ({at}), and not done: it takes a signature."
        f" With a key at hand: {code_span(command)}.\n"
    )


def status_facts(found: Standing, moment: Moment | None = None) -> StatusFacts:
    """What an answer tells of a change that stands so."""
    asked = {} if moment is None else _asked(moment)
    gates = {APPROVALS[gate]: told for gate, told in asked.items()}
    return StatusFacts(
        change=found.change,
        title=found.title,
        standing=_standing(found),
        stage=Stage(found.stage),
        passed=found.passed,
        asks=tuple(
            _line(a, gates) for a in found.asks if a.asked and a.stage in (None, found.stage)
        ),
        who=found.move.who,
        do=found.move.do,
        command=found.move.command,
        every=found.move.every,
    )


def _standing(found: Standing) -> str:
    if found.problem is not None:
        return plain(found.problem)
    word = found.stage if found.state == "open" else found.state
    return f"{word}, round {found.round}"


def _line(ask: Asked, asked: dict[str, str]) -> AskLine:
    since = f"; {asked[ask.name]}" if ask.name in asked and not ask.met else ""
    return AskLine(ask.name, ask.met is True, f"{ask.now}{since}")


def answered_without_change(ground: Ground, slash: Slash) -> str | None:
    """The answer to `/help` and `/status` where no change is at hand, which no record can tell."""
    if slash.change is not None:
        return None
    match slash.word:
        case Word.HELP:
            return help_comment()
        case Word.STATUS:
            return list_comment(tuple(status_facts(found) for found in survey(ground)))
        case _:
            return None
