"""What a requirement answers: yes, no or no answer; on what basis; and who can do what about it."""

from enum import StrEnum

from codexa_git.audit.words import Stage
from codexa_git.values import NamedTuple


class Basis(StrEnum):
    """What a yes rests on, strongest first. No landing rests on what is only claimed."""

    PROVED = "proved"
    ATTESTED = "attested"
    CLAIMED = "claimed"


class Answer(NamedTuple):
    """The answer to one requirement.

    `met` is `None` where the question could not be decided, which is never a yes. `who` can meet it
    (`Demo PM`, `Implementer (agent)`), with `command`, and `every` is true where it takes all of
    them; `now` says how things stand; `where` is the path it is about, and `line` the line of the
    first, where one is known.
    """

    met: bool | None
    now: str
    basis: Basis = Basis.PROVED
    who: tuple[str, ...] = ()
    command: str | None = None
    where: tuple[str, ...] = ()
    line: int | None = None
    every: bool = False


class Ask(NamedTuple):
    """One requirement as a gate asked it; `stage` is `None` for what is refused in any stage."""

    name: str
    stage: Stage | None
    asks: str
    answer: Answer

    @property
    def met(self) -> bool:
        """True only for a yes."""
        return self.answer.met is True


NOT_ASKED = "not asked"
"""How a requirement stands that policy does not ask: it holds, and takes no room on a screen."""


def yes(now: str, basis: Basis = Basis.PROVED) -> Answer:
    """It holds."""
    return Answer(met=True, now=now, basis=basis)


def no(
    now: str,
    *,
    who: tuple[str, ...] = (),
    command: str | None = None,
    where: tuple[str, ...] = (),
    line: int | None = None,
    every: bool = False,
) -> Answer:
    """It does not hold."""
    return Answer(met=False, now=now, who=who, command=command, where=where, line=line, every=every)


def quoted(word: str) -> str:
    """The word as a command in an answer has it."""
    from shlex import quote  # noqa: PLC0415

    return quote(word)


def undecided(now: str) -> Answer:
    """It could not be decided."""
    return Answer(met=None, now=now)
