"""Words between braces in policy's commands that stand for nothing, and what may have been meant.

Whoever writes a policy is told. Reading one asks nothing of this: what has judged once is read by
every later version, whatever that would say of its spelling.
"""

from collections.abc import Iterator

from codexa_git.errors import PaperError
from codexa_git.policy.lines import Location, line_of
from codexa_git.policy.rules import Policy
from codexa_git.values import NamedTuple

PATH = "codexa.toml"
PLACEHOLDERS = ("seed", "env", "report", "coverage")
"""What a command may hold between braces, for the Tester to fill in."""

_THEIRS = ("$", "@", "%", "#", "\\")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_MORE = _LETTERS | frozenset("0123456789_-")
_LONGEST = 40


class Misspelt(NamedTuple):
    """One such word: the command that holds it, the key where that stands, and a sentence."""

    command: str
    location: Location
    says: str


def misspelt(policy: Policy) -> tuple[Misspelt, ...]:
    """The first such word of each command of this policy."""
    return tuple(
        Misspelt(
            command, location, f"{_shown(location)}: {{{odd}}} stands for nothing in a command"
        )
        for location, command in _commands(policy)
        if (odd := odd_placeholder(command)) is not None
    )


def require_spelt(toml: bytes, policy: Policy, before: Policy | None = None) -> None:
    """Nothing: no command of this policy, which `toml` says, holds such a word.

    What the policy `before` held already is not what is being written now.

    Raises:
        PaperError: the first that is new, at its line.
    """
    known = () if before is None else {one.command for one in misspelt(before)}
    for one in misspelt(policy):
        if one.command not in known:
            line = line_of(toml.decode("utf-8", "replace").replace("\r\n", "\n"), one.location)
            raise PaperError(PATH, line, one.says, hint=meant(one.command))


def _commands(policy: Policy) -> Iterator[tuple[Location, str]]:
    for name, commands in (("setup", policy.tests.setup), ("run", policy.tests.run)):
        for number, command in enumerate(commands):
            yield ("tests", name, number), command
    for number, asked in enumerate(policy.requirements):
        yield ("gate", "validate", "require", number, "run"), asked.run


def _shown(location: Location) -> str:
    parts = (f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in location)
    return "".join(parts).removeprefix(".")


def odd_placeholder(command: str) -> str | None:
    """What stands between braces as a placeholder would and is none; `None` if nothing does.

    Other programs have braces, too: those of `${name}`, `@{u}`, `%{name}`, `#{name}`, `{{name}}`,
    and those around more than one word, are left to them.
    """
    before, *pieces = command.split("{")
    for number, piece in enumerate(pieces):
        name, closed, after = piece.partition("}")
        doubled = (number > 0 and not before) or after.startswith("}")
        is_theirs = doubled or before.endswith(_THEIRS) or not closed
        if not is_theirs and name not in PLACEHOLDERS and _is_word(name):
            return name
        before = piece
    return None


def _is_word(name: str) -> bool:
    spelt = 0 < len(name) <= _LONGEST and name[0] in _LETTERS and _MORE.issuperset(name)
    return spelt or name.strip() in PLACEHOLDERS


def meant(command: str) -> str:
    """What may have been meant by it."""
    from difflib import get_close_matches  # noqa: PLC0415

    odd = odd_placeholder(command) or ""
    near = get_close_matches(odd.strip().lower(), PLACEHOLDERS, 1)
    if near:
        return f"did you mean {{{near[0]}}}?"
    *first, last = (f"{{{name}}}" for name in PLACEHOLDERS)
    known = f"{', '.join(first)} and {last} do"
    return f"{known}, and a program's own braces have a space in them: {{ {odd} }}"
