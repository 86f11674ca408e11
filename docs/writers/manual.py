"""`docs/man/git-codexa.1`: the manual page, from the commands themselves.

Written here and not by a library: what man(7) needs of us is a dozen lines, and every dash, dot and
backslash of a text has to come out as it is.
"""

import inspect
import re
from collections.abc import Iterator

import click

from codexa_git.cli.commands import COMMANDS, codexa
from docs.writers.commands import Told, commands
from docs.writers.exits import MEANS

_STAMP = r".\" written by docs/generate.py from the commands: edit those, then `make docs`"


def manual() -> str:
    """The page, in the macros of man(7)."""
    return "\n".join([_STAMP, *_head(), *_listed(), *_told(), *_tail()]) + "\n"


def _head() -> Iterator[str]:
    yield '.TH GIT\\-CODEXA 1 "" "codexa\\-git" "Git Manual"'
    yield ".nh\n.ad l"
    yield ".SH NAME"
    yield f"git\\-codexa \\- {_escaped(_paragraphs(codexa)[0].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield ".B git codexa\n.I command\n[\\fIoptions\\fR] [\\fIarguments\\fR]"
    yield ".br\n.B codexa\\-git\n.I command\n[\\fIoptions\\fR] [\\fIarguments\\fR]"
    yield ".SH DESCRIPTION"
    yield _escaped(_paragraphs(codexa)[1])
    yield ".PP\nThe two ways to call it are the same. Every command takes"
    yield "\\fB\\-h\\fR; \\fBgit codexa \\-\\-help\\fR shows this page."


def _listed() -> Iterator[str]:
    """The commands at a glance."""
    yield ".SH COMMANDS"
    for name, command in COMMANDS.items():
        yield f".TP\n.B {_escaped(name)}\n{_escaped(command.does)}"


def _told() -> Iterator[str]:
    yield ".SH THE COMMANDS ONE BY ONE"
    for told in commands():
        yield from _section(told)


def _section(told: Told) -> Iterator[str]:
    name, command = told
    context = click.Context(command, info_name=f"git codexa {name}")
    yield f".SS {_escaped(' '.join(['git codexa', name, *command.collect_usage_pieces(context)]))}"
    for number, paragraph in enumerate(_paragraphs(command)):
        yield f".PP\n{_escaped(paragraph)}" if number else _escaped(paragraph)
    for param in command.params:
        if isinstance(param, click.Option) and not param.hidden:
            yield f".TP\n{_written(param, context)}\n{_escaped(_meaning(param))}"
    if command.epilog:
        yield f".PP\n{_escaped(command.epilog)}"


def _written(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in option.opts)
    return names if option.is_flag else f"{names} \\fI{_escaped(option.make_metavar(context))}\\fR"


def _meaning(option: click.Option) -> str:
    return " ".join(filter(None, (option.help, "Required." if option.required else "")))


def _tail() -> Iterator[str]:
    yield ".SH EXIT STATUS"
    for status, means in MEANS.items():
        yield f".TP\n.B {int(status)}\n{_escaped(means)}"
    yield ".SH ENVIRONMENT"
    for name, means in _VARIABLES.items():
        yield f".TP\n.B {name}\n{_escaped(means)}"
    yield ".SH FILES"
    for path, means in _FILES.items():
        yield f".TP\n.I {_escaped(path)}\n{_escaped(means)}"
    yield ".SH SEE ALSO\n.BR git (1),\n.BR gitworkflows (7),\n.BR ssh\\-keygen (1)"


_VARIABLES = {
    "SOURCE_DATE_EPOCH": "The time in seconds, instead of the clock's.",
    "CODEXA_TESTER_KEY": "The private key that signs results, instead of this clone's own.",
    "NO_COLOR": "No colour, whatever its value.",
    "COLUMNS": "The width to write in, from 40 to 100.",
}

_FILES = {
    "codexa.toml": "Policy: roles, gates, tests, retention. It is read from the base alone.",
    ".codexa/allowed_signers": "Which key signs as whom, in the format of ssh-keygen.",
    "changes/CH-###/": "The papers of a change: brief, tasks, design, impact, review packet.",
    "audit/": "The records, one line of JSON each.",
    ".git/codexa/": "What this clone keeps for itself: the Tester's key, caches, a journal.",
}


def _paragraphs(command: click.Command) -> list[str]:
    told = inspect.cleandoc(command.help or "").replace("\b\n", "")
    return [" ".join(paragraph.split()) for paragraph in told.split("\n\n")]


def _escaped(text: str) -> str:
    """Text that troff sets as it stands: no escape, no request, no hyphen made of a dash."""
    told = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return re.sub(r"^\.", r"\\&.", told, flags=re.MULTILINE)
