"""What a slash command is answered: Markdown fit for a pull-request comment.

Everything that strangers wrote is text here: it can forge no heading, link, mention or marker.
"""

from typing import NamedTuple

from codexa_git.audit.words import ORDER, Stage
from codexa_git.change.slash import USAGE
from codexa_git.change.text import among, clipped, code_span, escaped, one_line, visible

LONGEST = 300
_UNSEEN = "\u200b"


class AskLine(NamedTuple):
    """One requirement of the gate that is next: its name, whether it is met, how things stand."""

    name: str
    met: bool
    now: str


class StatusFacts(NamedTuple):
    """What an answer tells of where a change stands; `who` and `command` make the next move.

    `every` is true where it takes all of them.
    """

    change: str
    title: str
    standing: str
    stage: Stage
    passed: tuple[str, ...]
    asks: tuple[AskLine, ...]
    who: tuple[str, ...]
    do: str
    command: str | None
    every: bool = False


def plain(text: str, longest: int = LONGEST) -> str:
    """Any text as one line of Markdown that reads as this text and mentions nobody."""
    line = clipped(one_line(visible(text)), longest)
    return escaped(line).replace("@", f"@{_UNSEEN}").replace("://", f":{_UNSEEN}//")


def status_comment(facts: StatusFacts) -> str:
    """Where a change stands, what its gate asks, and whose move it is."""
    met = sum(ask.met for ask in facts.asks)
    lines = [f"**{facts.change}** {plain(facts.title)}: {facts.standing}", "", _stages(facts)]
    if facts.asks:
        lines += ["", f"To leave {facts.stage}, {met} of {len(facts.asks)}:", ""]
        lines += [_ask(ask) for ask in facts.asks]
    return "\n".join([*lines, "", next_line(facts)]) + "\n"


def _stages(facts: StatusFacts) -> str:
    words = []
    for stage in ORDER:
        if stage in facts.passed:
            words.append(f"{stage} ✓")
        else:
            words.append(f"**{stage}**" if stage is facts.stage else f"{stage}")
    return " · ".join(words)


def _ask(ask: AskLine) -> str:
    return f"- [{'x' if ask.met else ' '}] {ask.name.replace('-', ' ')}: {plain(ask.now)}"


def next_line(facts: StatusFacts) -> str:
    """Whose move it is, what they do, and the command."""
    who = among((plain(name) for name in facts.who), every=facts.every)
    move = f"Next{f', {who}' if who else ''}: {plain(facts.do)}"
    return f"{move}, with {code_span(facts.command)}." if facts.command else f"{move}."


def list_comment(found: tuple[StatusFacts, ...]) -> str:
    """Every open change in a line, for who named none."""
    if not found:
        return "No change is open.\n"
    return "".join(
        f"- **{one.change}** {plain(one.title)}: {one.standing}. {next_line(one)}\n"
        for one in found
    )


def help_comment() -> str:
    """How each command is written, and what it does."""
    rows = [f"| {code_span(usage)} | {does} |" for usage, does in USAGE.values()]
    return "\n".join(["| command | does |", "| --- | --- |", *rows]) + "\n"


def refused_comment(message: str, hints: tuple[str, ...]) -> str:
    """Why nothing was done."""
    lines = [f"Not done: {plain(message)}.", *(f"- {plain(hint)}" for hint in hints)]
    return "\n\n".join([lines[0], "\n".join(lines[1:])]).rstrip("\n") + "\n"
