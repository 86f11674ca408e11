"""What `doctor` finds, as plain values: one finding a matter, and what it comes to."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from codexa_git.errors import CodexaError, Exit


class Word(StrEnum):
    """How a matter stands; the values are what `doctor --json` says.

    A note is worth knowing and is nobody's mistake; what is unknown should be known, and is not.
    """

    WELL = "well"
    NOTE = "note"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


class Finding(NamedTuple):
    """One matter: how it stands, in a clause, and what there is to do, in the order of trying."""

    about: str
    word: Word
    now: str
    do: tuple[str, ...] = ()


def well(about: str, now: str) -> Finding:
    """It is as it should be."""
    return Finding(about, Word.WELL, now)


def note(about: str, now: str, *do: str) -> Finding:
    """It is worth knowing."""
    return Finding(about, Word.NOTE, now, do)


def problem(about: str, now: str, *do: str) -> Finding:
    """It should be mended, and `do` says how."""
    return Finding(about, Word.PROBLEM, now, do)


def failed(about: str, error: CodexaError) -> Finding:
    """What an error says of a matter: a no is a problem, no answer leaves it unknown."""
    word = Word.PROBLEM if error.exit is Exit.NO else Word.UNKNOWN
    return Finding(about, word, error.message, error.hints)


def verdict(findings: Iterable[Finding]) -> Exit:
    """No where there is a problem, no answer where something is unknown, else yes."""
    words = {finding.word for finding in findings}
    if Word.PROBLEM in words:
        return Exit.NO
    return Exit.NO_ANSWER if Word.UNKNOWN in words else Exit.YES
