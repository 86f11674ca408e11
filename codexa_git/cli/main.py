"""The command, and the one boundary at which every error becomes a sentence and an exit status."""

import errno
import os
import re
import sys

import click

from codexa_git.cli.commands import codexa
from codexa_git.cli.outlets import open_up, unwritten
from codexa_git.errors import CodexaError, Exit

COMPLETING = "_CODEXA_COMPLETE"
"""What a shell's script sets to ask what can stand at the cursor; nothing is done then."""

_GUESSES = re.compile(r" \(Did you mean [^()]*\)$")
"""What is guessed by the library that parses words, in words of its own; we guess below."""

_NO_COMMAND = re.compile(r"No such command '(.{1,40}?)'")

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""How the system says that nothing more can be written: that is no bug, and no answer either."""


def run() -> None:
    """Run the command line and end the process with the status that the answer has.

    Once all is said the process ends at once: to take the interpreter apart, module by module,
    costs as much as many a command, and everything that has to be closed was closed by then.
    """
    open_up()
    os._exit(_written(main(sys.argv[1:])))


def _written(status: int) -> int:
    """The same status; where it is a yes that could not be put in words, no answer."""
    why = unwritten()
    if why is None:
        return status
    again = ("send standard output where there is room, and ask again",)
    told = _told(f"not all of the answer could be written: {why}", again, Exit.NO_ANSWER)
    return told if status == Exit.YES else status


def main(arguments: list[str]) -> int:
    """The exit status of one command line (reference/exit-status)."""
    try:
        if COMPLETING in os.environ:
            from codexa_git.cli.completing import answer as candidates

            sys.stdout.write(candidates(arguments))
            sys.stdout.flush()
            return Exit.YES
        # Not `codexa.main`, which ends the process, and with statuses of its own.
        with codexa.make_context("git codexa", arguments) as context:
            answer = codexa.invoke(context)
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 (the boundary: a bug is told apart from a no)
        return _ended(error)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            # The terminal has shown ^C on this line.
            click.echo(err=True)
        return _told("interrupted", (), Exit.INTERRUPTED)
    return int(answer) if isinstance(answer, int) else Exit.YES


def _was_interrupted(error: BaseException | None) -> bool:
    """True where Ctrl-C is behind it: Python wraps what is raised while a class is being made."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _ended(error: Exception) -> int:
    if _was_interrupted(error):
        return _told("interrupted", (), Exit.INTERRUPTED)
    match error:
        case CodexaError():
            return _told(error.message, error.hints, error.exit, error.details)
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort():
            return _told("interrupted", (), Exit.INTERRUPTED)
        case click.exceptions.NoArgsIsHelpError():
            # Nothing was asked, so what can be asked is all there is to say.
            click.echo(error.format_message(), err=True)
            return Exit.USAGE
        case click.ClickException():
            return _usage(error)
        case BrokenPipeError():
            # Our own reader's leaving is no error (`outlets`): this was another program's.
            told = "a program that was asked ended before it had heard the question"
            return _told(told, ("ask again",), Exit.NO_ANSWER)
        case OSError() if error.errno in _NO_ROOM:
            place = "" if error.filename is None else f" {error.filename}"
            told = f"cannot write{place}: {(error.strerror or 'no room').lower()}"
            return _told(told, ("nothing is half done: make room and ask again",), Exit.NO_ANSWER)
        case _:
            return _bug()


def _told(
    message: str,
    hints: tuple[str, ...],
    status: Exit,
    details: tuple[tuple[str, str], ...] = (),
) -> int:
    from codexa_git.cli.refusals import told

    sys.stdout.flush()
    click.echo(told(message, details, hints), err=True)
    return status


def _usage(error: click.ClickException) -> int:
    message = _GUESSES.sub("", error.format_message()).rstrip(".")
    told = message[:1].lower() + message[1:]
    context = getattr(error, "ctx", None)
    command = "git codexa" if context is None else context.command_path
    return _told(told, (*_meant(error), f"{command} -h"), Exit.USAGE)


def _meant(error: click.ClickException) -> tuple[str, ...]:
    """The command whose name is nearest to one that there is not."""
    context = getattr(error, "ctx", None)
    match = _NO_COMMAND.match(error.format_message())
    if match is None or context is None or not isinstance(context.command, click.Group):
        return ()
    from difflib import get_close_matches

    names = get_close_matches(match[1].lower(), context.command.list_commands(context), 1)
    return tuple(f"did you mean {context.command_path} {name}?" for name in names)


def _bug() -> int:
    import traceback

    traceback.print_exc()
    hint = "please report it with the lines above: this is a bug in codexa-git"
    return _told("something went wrong that should not have", (hint,), Exit.BUG)
