"""`reference/cli.md`: every command, as the command line itself describes it."""

import inspect
import re
from collections.abc import Iterator
from typing import NamedTuple

import click

from codexa_git.cli.commands import codexa
from docs.writers.text import code, fenced, page, table


class Told(NamedTuple):
    """One command and how it is called: `concern raise`."""

    name: str
    command: click.Command


def commands() -> Iterator[Told]:
    """Every command that can be run, in the order of a change's life; groups by what they hold."""
    context = click.Context(codexa, info_name="codexa-git")
    for name in codexa.list_commands(context):
        found = codexa.get_command(context, name)
        if found is None:
            raise LookupError(f"{name} is listed among the commands and is none")
        yield from _below(name, found)


def _below(name: str, command: click.Command) -> Iterator[Told]:
    if not isinstance(command, click.Group):
        yield Told(name, command)
        return
    context = click.Context(command, info_name=name)
    for inner in command.list_commands(context):
        found = command.get_command(context, inner)
        if found is not None:
            yield from _below(f"{name} {inner}", found)


def reference() -> str:
    """The page."""
    told = list(commands())
    return page(
        "Commands",
        "`codexa-git NAME` and `git codexa NAME` are the same. Every command takes `-h` and"
        " `--help`, and ends in one of [six exit statuses](exit-status.md).",
        _help(codexa),
        table(
            ("command", "does"),
            [(f"[`{name}`](#{name.replace(' ', '-')})", _first(c)) for name, c in told],
        ),
        *(part for each in told for part in _section(each)),
    )


def _section(told: Told) -> Iterator[str]:
    name, command = told
    yield f"## {name}"
    yield _help(command)
    context = click.Context(command, info_name=f"git codexa {name}")
    yield fenced(" ".join([context.info_name or "", *command.collect_usage_pieces(context)]))
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        rows = [(_written(option, context), _told(option)) for option in options]
        yield table(("option", "means"), rows)
    if command.epilog:
        yield _plain(command.epilog)


def _help(command: click.Command) -> str:
    return _plain(command.help or "")


def _plain(text: str) -> str:
    """A text as click has it, without the mark that keeps it from wrapping; examples as code."""
    told = inspect.cleandoc(text).replace("\b\n", "")
    return re.sub(r"\b((?:git codexa|codexa-git) [^\n`]+)", r"`\1`", told)


def _first(command: click.Command) -> str:
    return " ".join(_help(command).split("\n\n", 1)[0].split())


def _written(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    return code(", ".join(option.opts) + value)


def _told(option: click.Option) -> str:
    parts = [option.help or ""]
    if option.required:
        parts.append("Required.")
    if option.multiple and "again" not in parts[0]:
        parts.append("May be given again.")
    if isinstance(option.default, str | int) and not option.is_flag and option.default != "":
        parts.append(f"Default: `{option.default}`.")
    return " ".join(part for part in parts if part)
