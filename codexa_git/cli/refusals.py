"""How a refusal reads: the rule, how things stand, whose move it is, and the exact next command."""

from codexa_git.audit.words import Stage
from codexa_git.errors import RefusedError
from codexa_git.gate.answers import Ask
from codexa_git.workflow.moment import Moment


def refusal(moment: Moment, stage: Stage, unmet: tuple[Ask, ...]) -> RefusedError:
    """The error that says what a gate wants."""
    first, others = unmet[0], unmet[1:]
    lines = [
        f"{moment.change} cannot leave {stage} yet: {first.answer.now}",
        f"  rule  {first.name}: {_lowered(first.asks)}",
    ]
    lines += [f"  also  {ask.name}: {ask.answer.now}" for ask in others]
    if first.answer.who:
        lines.append(f"  move  {' or '.join(first.answer.who)}")
    hints = [ask.answer.command for ask in unmet if ask.answer.command is not None]
    return RefusedError("\n".join(lines), hint=tuple(dict.fromkeys(hints)))


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
