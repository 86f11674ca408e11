"""The digest: what moved, what waits on whom, what is in the way; as Markdown, and for a chat.

A chat takes two thousand characters and acts on mentions and links, so what strangers wrote goes
there as plain text, and what has no room is counted.
"""

from typing import NamedTuple

from codexa_git.change.text import among, code_span
from codexa_git.change.totals import AllFigures, rows
from codexa_git.pages.comment import LONGEST, plain

ROOM = 1900
"""The most characters of a chat's message: Discord takes 2000, its title included."""

_SHORT = 60


class Moved(NamedTuple):
    """What happened to one change since the last digest, in order."""

    change: str
    title: str
    what: tuple[str, ...]


class Waits(NamedTuple):
    """What one change waits for: who does what, with which command, and for how many days.

    `every` is true where it takes all of them.
    """

    change: str
    title: str
    who: tuple[str, ...]
    do: str
    command: str | None
    days: int
    every: bool = False


class Blocker(NamedTuple):
    """Something that is in the way of a change, and the command that sees to it."""

    change: str
    what: str
    command: str | None = None


class Age(NamedTuple):
    """How many days ago a change was opened, and how long it has been in its stage."""

    change: str
    stage: str
    opened: int
    in_stage: int


class DigestFacts(NamedTuple):
    """What one digest tells; `since` and `at` are times as records have them.

    `cycles` counts the changes that went through all six stages since the last digest, and `idle`
    are the days since then on which none did, as `Mon 2026-11-23`. `governance` is what Governance
    watches: a change, and a sentence on what is overdue or what became of its evidence.
    """

    kind: str
    name: str
    base: str
    since: str
    at: str
    cycles: int
    moved: tuple[Moved, ...]
    waits: tuple[Waits, ...]
    blockers: tuple[Blocker, ...]
    ageing: tuple[Age, ...]
    figures: AllFigures | None = None
    idle: tuple[str, ...] = ()
    governance: tuple[Blocker, ...] = ()


class _Section(NamedTuple):
    title: str
    lines: tuple[str, ...]


def title(facts: DigestFacts) -> str:
    """The digest's title: `Build status, 2026-11-23`."""
    return f"Build status, {facts.name}"


def digest_markdown(facts: DigestFacts) -> str:
    """The whole digest."""
    parts = [f"# {title(facts)}", "", f"Since {facts.since}, on {code_span(facts.base)}.", ""]
    parts += [_cycles(facts), ""]
    for section in _sections(facts, LONGEST):
        parts += [f"## {section.title}", "", *(f"- {line}" for line in section.lines), ""]
    return "\n".join(parts)


def digest_chat(facts: DigestFacts, room: int = ROOM) -> str:
    """The digest in at most `room` characters: what has none is counted, section by section.

    What is in the way comes first, for that is what somebody has to act on.
    """
    sections = sorted(_sections(facts, _SHORT), key=lambda s: _CHAT_ORDER.index(s.title))
    written = [_cycles(facts)]
    left = room - len(written[0])
    for number, section in enumerate(sections):
        # Every section that follows keeps enough room to say how much it leaves out.
        kept = (len(sections) - number - 1) * _FOOT
        lines = _fitted(section, left - kept)
        written += lines
        left -= sum(len(line) + 1 for line in lines)
    return "\n".join(written)


_FOOT = 60
_CHAT_ORDER = ("In the way", "Waiting", "Moved", "Governance", "Age", "Figures")


def _fitted(section: _Section, room: int) -> list[str]:
    """The section's lines that fit, and how many do not."""
    head = f"**{section.title}**"
    lines, left = [head], room - len(head) - 20
    for number, line in enumerate(section.lines):
        short = f"- {_for_chat(line)}"
        if len(short) + 1 > left:
            return [*lines, f"- and {len(section.lines) - number} more"]
        lines.append(short)
        left -= len(short) + 1
    return lines


def _for_chat(line: str) -> str:
    """The line for what knows backslashes and no entities."""
    return line.replace("&lt;", "\\<").replace("&amp;", "&")


def _sections(facts: DigestFacts, longest: int) -> list[_Section]:
    """What there is to tell; no text of people's is longer than `longest`."""
    moved = (f"{_named(m, longest)}: {', '.join(m.what)}" for m in facts.moved)
    blockers = (_blocker(blocker, longest) for blocker in facts.blockers)
    governance = (_blocker(watched, longest) for watched in facts.governance)
    found = [
        _Section("Moved", tuple(moved)),
        _Section("Waiting", tuple(_waits(waits, longest) for waits in facts.waits)),
        _Section("In the way", tuple(blockers)),
        _Section("Governance", tuple(governance)),
        _Section("Age", tuple(_age(age) for age in facts.ageing)),
        _Section("Figures", _figures(facts.figures)),
    ]
    return [section for section in found if section.lines]


def _cycles(facts: DigestFacts) -> str:
    """How many cycles were completed, and on which days none was."""
    idle = [*facts.idle[:_MOST_DAYS]]
    if len(facts.idle) > _MOST_DAYS:
        idle.append(f"{len(facts.idle) - _MOST_DAYS} days more")
    if facts.cycles:
        went = "1 change went" if facts.cycles == 1 else f"{facts.cycles} changes went"
        none = f" None on {_listed(idle)}." if idle else ""
        return f"{went} through all six stages.{none}"
    if len(facts.idle) > 1:
        return f"No cycle was completed on {_listed(idle)}."
    return f"No cycle was completed {'today' if facts.kind == 'daily' else 'this week'}."


_MOST_DAYS = 7


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _blocker(blocker: Blocker, longest: int) -> str:
    return f"{blocker.change}: {plain(blocker.what, longest)}{_command(blocker.command, longest)}"


def _command(command: str | None, longest: int) -> str:
    """A command is shown whole or not at all: half of one is worse than none."""
    return f" ({code_span(command)})" if command and len(command) <= longest else ""


def _named(item: Moved | Waits, longest: int) -> str:
    return f"{item.change} {plain(item.title, longest)}" if item.title else item.change


def _waits(waits: Waits, longest: int) -> str:
    who = among((plain(name, longest) for name in waits.who), every=waits.every)
    do = f"{who}: {plain(waits.do, longest)}" if who else plain(waits.do, longest)
    since = f", for {_days(waits.days)}" if waits.days else ""
    return f"{_named(waits, longest)}: {do}{_command(waits.command, longest)}{since}"


def _age(age: Age) -> str:
    opened = _lasted(age.opened)
    if age.stage == "closed":
        return f"{age.change}: open for {opened}, closed for {_lasted(age.in_stage)}, not landed"
    return f"{age.change}: open for {opened}, in {age.stage} for {_lasted(age.in_stage)}"


def _figures(figures: AllFigures | None) -> tuple[str, ...]:
    return () if figures is None else tuple(f"{name}: {value}" for name, value in rows(figures))


def _lasted(days: int) -> str:
    return _days(days) if days else "less than a day"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
