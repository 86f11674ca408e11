"""The command, and the one boundary at which every error becomes a sentence and an exit status."""

import os
import sys
import traceback
from importlib import import_module

import click

from codexa_git import __version__
from codexa_git.errors import CodexaError, Exit

COMMANDS: dict[str, str] = {
    "init": "adopt",
    "enforce": "adopt",
    "root": "adopt",
    "backlog": "backlog",
    "open": "change",
    "status": "status",
    "log": "log",
    "advance": "change",
    "approve": "decide",
    "withdraw": "decide",
    "clarify": "decide",
    "concern": "decide",
    "waive": "decide",
    "rework": "change",
    "sync": "change",
    "land": "change",
    "abandon": "decide",
    "milestone": "milestone",
    "replay": "replay",
}
"""Each command and the module of this package that holds it."""


class Late(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of a change's life."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; `None` where there is none."""
        del ctx
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        found: click.Command = getattr(import_module(f"codexa_git.cli.{module}"), f"{cmd_name}_")
        return found


@click.group(cls=Late, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="codexa-git")
def codexa() -> None:
    """Plain git carries a gated, evidence-backed delivery process.

    A change moves frame, spec, execute, validate, package, cleanup; stages are branches and
    commits, approvals are signatures over exact content, and git log is the audit trail.
    """


def run() -> None:
    """Run the command line and end the process with the status that the answer has."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """The exit status of one command line (reference/exit-status)."""
    try:
        answer = codexa.main(arguments, prog_name="git codexa", standalone_mode=False)
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 (the boundary: a bug is told apart from a no)
        return _ended(error)
    except KeyboardInterrupt:
        return _told("interrupted", (), Exit.INTERRUPTED)
    return int(answer) if isinstance(answer, int) else Exit.YES


def _ended(error: Exception) -> int:
    match error:
        case CodexaError():
            return _told(error.message, error.hints, error.exit)
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort():
            return _told("interrupted", (), Exit.INTERRUPTED)
        case click.ClickException():
            return _usage(error)
        case BrokenPipeError():
            return _reader_gone()
        case _:
            return _bug()


def _told(message: str, hints: tuple[str, ...], status: Exit) -> int:
    lines = [f"error: {message}", *(f"hint: {hint}" for hint in hints)]
    click.echo("\n".join(lines), err=True)
    return status


def _usage(error: click.ClickException) -> int:
    message = error.format_message().rstrip(".")
    told = message[:1].lower() + message[1:]
    context = getattr(error, "ctx", None)
    command = "git codexa" if context is None else context.command_path
    return _told(told, (f"{command} --help",), Exit.USAGE)


def _reader_gone() -> int:
    """Whoever read our output stopped: that is no answer of ours, and nothing more is written."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return Exit.YES


def _bug() -> int:
    traceback.print_exc()
    hint = "please report it with the lines above: this is a bug in codexa-git"
    return _told("something went wrong that should not have", (hint,), Exit.BUG)
