"""Saying: one slash command carried out as the command line would, put on record, and answered.

Whoever has a key at hand decides with it. Everybody else asks: their command is on record, the
answer says who can do it, and only that person's signature makes it so. A comment starts no process
of the repository's.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, assert_never

from codexa_git.audit.record import Actor
from codexa_git.audit.words import Stage
from codexa_git.change.slash import Said, Word
from codexa_git.change.text import code_span
from codexa_git.errors import RefusedError, UsageError
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.ending import is_abandoned
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.approving import approve, request
from codexa_git.workflow.decisions.deciding import Sign, answer, ask, noted, raise_concern, waive
from codexa_git.workflow.moves.advancing import Advanced, Ended
from codexa_git.workflow.reports.replying import reply
from codexa_git.workflow.together.publishing import publish

_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_RUNS = (Stage.EXECUTE, Stage.VALIDATE)


class Hand(NamedTuple):
    """Who says it, what signs for them (`None`: no key at hand), and how they would advance."""

    person: Actor
    sign: Sign | None
    step: Callable[[Moment], Advanced]


class Done(NamedTuple):
    """What came of a command: the moment after, the answer, and the paths that it waits for."""

    moment: Moment
    text: str
    waits: tuple[str, ...] = ()


def commenter(login: str) -> Actor:
    """The actor for whoever a forge says wrote a comment; no policy can give it a role by name.

    Raises:
        UsageError: no person's login looks like this, a bot's neither.
    """
    if not _LOGIN.fullmatch(login):
        raise UsageError(
            f"{login[:40]!a} is no login of a person",
            hint="an agent says nothing by comment: it has git codexa advance",
        )
    return Actor(login, f"{login}@comments.invalid", "commenter")


def carry_out(moment: Moment, said: Said, hand: Hand) -> Done:
    """The command done, or asked for, in one commit with its record; and what it is answered.

    Raises:
        CodexaError: as the command itself would; nothing is done then, and nothing is recorded.
    """
    slash = said.slash
    if slash.word in (Word.STATUS, Word.HELP) and _is_over(moment):
        return Done(moment, reply(moment, slash) + _unrecorded(moment))
    if slash.word is Word.ADVANCE:
        return _advanced(moment, said, hand)
    published = publish(moment, _built(moment, said, hand))
    after = published.moment
    return Done(after, reply(after, slash, signed=hand.sign is not None), published.waits)


def _is_over(moment: Moment) -> bool:
    return moment.state.closed is not None or is_abandoned(moment)


def _unrecorded(moment: Moment) -> str:
    over = "abandoned" if is_abandoned(moment) else "closed"
    return f"\n{moment.change} is {over}, so that this was asked is not put on its record.\n"


def _built(moment: Moment, said: Said, hand: Hand) -> Built:
    slash, person = said.slash, hand.person
    match slash.word:
        case Word.STATUS | Word.HELP | Word.ADVANCE:
            return noted(moment, person, said)
        case Word.CONCERN:
            return raise_concern(moment, person, slash.text, said=said)
        case Word.CLARIFY if slash.label is None:
            return ask(moment, person, slash.text, said)
        case Word.CLARIFY | Word.APPROVE | Word.WAIVE:
            return _decided(moment, said, hand)
        case _:
            assert_never(slash.word)


def _decided(moment: Moment, said: Said, hand: Hand) -> Built:
    """What only a signature makes so; without a key at hand it is asked for."""
    slash, person, sign = said.slash, hand.person, hand.sign
    if sign is None:
        approval = slash.word is Word.APPROVE
        return request(moment, person, said) if approval else noted(moment, person, said)
    if slash.word is Word.APPROVE:
        return approve(moment, person, sign, said=said)
    if slash.word is Word.WAIVE:
        return waive(moment, person, sign, (slash.test,), slash.text, said)
    return answer(moment, person, sign, slash.label or "", slash.text, said)


def _advanced(moment: Moment, said: Said, hand: Hand) -> Done:
    """The step, where it may be taken from here; that it was asked for is a commit before it."""
    stage = min(moment.verdict().stage, moment.state.stage, key=lambda stage: stage.number)
    if _is_over(moment):
        raise RefusedError(
            f"{moment.change} has no next step", hint=f"git codexa status {moment.change}"
        )
    asked = publish(moment, noted(moment, hand.person, said))
    if asked.waits or (said.source == "comment" and stage in _RUNS):
        text = f"A comment starts no commands, and {stage} runs some: "
        text += f"{code_span(f'git codexa advance {moment.change}')} does, in a clone.\n"
        return Done(asked.moment, text, asked.waits)
    step = hand.step(asked.moment)
    after = step.moment
    told = "" if step.ended is Ended.MOVED else "Nothing could move. "
    return Done(after, told + reply(after, said.slash), step.paths)
