"""What can stand at the cursor: commands, options, their values, and the ids of changes.

A shell's script (`completion`) asks with `_CODEXA_COMPLETE` set and the words up to the cursor, the
last of them being the one that is typed. Where nothing but a change can stand there, no command is
imported, and git is asked once, for the names of refs: no gate, no policy, no text of a stranger.
"""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import click

from codexa_git.cli.commands import COMMANDS, codexa
from codexa_git.repository.command import Git

_OPEN = "refs/heads/change"
_LANDED = "refs/tags/landed"
_ID = re.compile(r"CH-[0-9]{3,}")


class Kind(StrEnum):
    """What a script does with a line: offer the word, or names of files."""

    WORD = "word"
    FILE = "file"


class Candidate(NamedTuple):
    """One line of the answer; `about` is for shells that show more than the word."""

    kind: Kind
    word: str = ""
    about: str = ""


FIRST: dict[str, bool] = {
    **dict.fromkeys(
        ("status", "advance", "approve", "withdraw", "waive", "rework", "sync", "check"), False
    ),
    **dict.fromkeys(("land", "abandon", "clarify"), False),
    **dict.fromkeys(("log", "replay"), True),
}
"""Commands whose first word may be a change, and whether that may have landed.

Any other is imported and looked at.
"""


def answer(words: Sequence[str]) -> str:
    """The candidates for the last word, one line each: kind, word and what it is about."""
    return "".join(f"{kind}\t{word}\t{about}\n" for kind, word, about in candidates(words))


def candidates(words: Sequence[str]) -> list[Candidate]:
    """What can stand in the place of the last word, given those before it."""
    # bash hands `--to=ex` over as three words.
    *before, typed = [word for word in words[:-1] if word != "="] + [*words[-1:]] or [""]
    typed = "" if typed == "=" else typed
    if not before and not typed.startswith("-"):
        return _words(((name, command.does) for name, command in COMMANDS.items()), typed)
    if len(before) == 1 and before[0] in FIRST and not typed.startswith("-"):
        return _words(((name, "") for name in changes(landed=FIRST[before[0]])), typed)
    return _asked(codexa, click.Context(codexa, info_name="git codexa"), before, typed)


def changes(*, landed: bool) -> list[str]:
    """The open changes here, by number, and before them those that landed, if they are wanted."""
    out = Git(Path.cwd()).run("for-each-ref", "--format=%(refname)", "--", _OPEN, _LANDED)
    names = out.decode("utf-8", "replace").split("\n")
    done, begun = (
        {id_ for id_ in (n.removeprefix(f"{prefix}/") for n in names) if _ID.fullmatch(id_)}
        for prefix in (_LANDED, _OPEN)
    )
    return [*(sorted(done, key=_number) if landed else ()), *sorted(begun - done, key=_number)]


def _number(change: str) -> int:
    return int(change.removeprefix("CH-"))


def _words(offered: Iterable[tuple[str, str]], typed: str) -> list[Candidate]:
    return [Candidate(Kind.WORD, word, about) for word, about in offered if word.startswith(typed)]


def _asked(
    command: click.Command, context: click.Context, before: list[str], typed: str
) -> list[Candidate]:
    """What a command takes after these words of its own."""
    given, awaiting = _given(command, before)
    if isinstance(command, click.Group) and given:
        return _below(command, context, given[0], before[before.index(given[0]) + 1 :], typed)
    if awaiting is not None:
        return _values(awaiting, context, typed)
    option, is_joined, value = typed.partition("=")
    if is_joined and (named := _option(command, option)) is not None:
        found = _values(named, context, value)
        return [each._replace(word=f"{option}={each.word}") for each in found]
    if typed.startswith("-"):
        return _words(_options(command, context), typed)
    if isinstance(command, click.Group):
        return _words(_held(command, context), typed)
    return _argument(command, context, len(given), typed)


def _given(command: click.Command, before: list[str]) -> tuple[list[str], click.Option | None]:
    """The words that are no options, and the option whose value comes next, if one does."""
    given: list[str] = []
    awaiting: click.Option | None = None
    for word in before:
        if awaiting is not None:
            awaiting = None
        elif word.startswith("-"):
            option = None if "=" in word else _option(command, word)
            awaiting = option if option is not None and not option.is_flag else None
        else:
            given.append(word)
            if isinstance(command, click.Group):
                break
    return given, awaiting


def _option(command: click.Command, word: str) -> click.Option | None:
    options = (param for param in command.params if isinstance(param, click.Option))
    return next((option for option in options if word in option.opts), None)


def _options(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    return [
        (max(param.opts, key=len), param.help or "")
        for param in command.get_params(context)
        if isinstance(param, click.Option) and not param.hidden
    ]


def _held(group: click.Group, context: click.Context) -> list[tuple[str, str]]:
    inner = ((name, group.get_command(context, name)) for name in group.list_commands(context))
    return [(name, command.get_short_help_str(200)) for name, command in inner if command]


def _below(
    group: click.Group, context: click.Context, name: str, before: list[str], typed: str
) -> list[Candidate]:
    command = group.get_command(context, name)
    if command is None:
        return []
    return _asked(command, click.Context(command, context, info_name=name), before, typed)


def _argument(
    command: click.Command, context: click.Context, number: int, typed: str
) -> list[Candidate]:
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    if number == 0 and takes_change(command):
        landed = FIRST.get(context.info_name or "", False)
        return _words(((name, "") for name in changes(landed=landed)), typed)
    found = arguments[number : number + 1] or [last for last in arguments[-1:] if last.nargs == -1]
    return _values(found[0], context, typed) if found else []


def takes_change(command: click.Command) -> bool:
    """True where a command's first word may be a change."""
    first = next((param for param in command.params if isinstance(param, click.Argument)), None)
    return first is not None and (first.name == "change" or "[CHANGE]" in (first.metavar or ""))


def _values(param: click.Parameter, context: click.Context, typed: str) -> list[Candidate]:
    """What the type of a parameter offers: the words of a choice, or files."""
    found = param.type.shell_complete(context, param, typed)
    return [
        Candidate(Kind.WORD, str(item.value), item.help or "")
        if item.type == "plain"
        else Candidate(Kind.FILE)
        for item in found
    ]
