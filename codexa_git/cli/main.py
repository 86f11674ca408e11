"""The command, and the one boundary at which every error becomes a sentence and an exit status."""

import errno
import os
import re
import sys
from importlib import import_module
from typing import NamedTuple

import click

from codexa_git import __version__
from codexa_git.cli.outlets import open_up, unwritten
from codexa_git.errors import CodexaError, Exit


class Command(NamedTuple):
    """The module of this package that holds a command, and its line in the list of commands."""

    module: str
    does: str


COMMANDS: dict[str, Command] = {
    "init": Command("adopt", "Adopt this repository, observing: policy and folders."),
    "enforce": Command("adopt", "Enforce from here on: sign and pin the trust root."),
    "root": Command("adopt", "Show the trust root, or pin it in this clone."),
    "policy": Command("policy", "Show what governs the base, and sign what is to change in it."),
    "people": Command("people", "Show who may do what, and change it by the owners' signatures."),
    "backlog": Command("backlog", "Say what is to be done, in what order."),
    "open": Command("opening", "Open a change: its number, its branch, its brief."),
    "quick": Command("quick", "Open a light change over the commits at hand."),
    "revert": Command("quick", "Open a change that takes a landed one back."),
    "status": Command("status", "Show where changes stand, and whose move it is."),
    "board": Command("board", "Show all open changes, by whose turn it is."),
    "log": Command("log", "Show the story of a change, newest first."),
    "packet": Command("packet", "Write the review packet of a change as it is now."),
    "advance": Command("change", "Do the next step of a change, and hand it on."),
    "snapshot": Command("snapshot", "Do execute and validate again, and compare."),
    "approve": Command("decide", "Sign what waits for you, exactly as it is now."),
    "withdraw": Command("decide", "Take back every approval that you gave."),
    "say": Command("say", "Do what a slash command asks, and answer in Markdown."),
    "clarify": Command("decide", "Ask a question about a change, or answer one."),
    "concern": Command("decide", "Raise, resolve or list concerns."),
    "waive": Command("decide", "Waive failing tests by name, signed, for this round."),
    "rework": Command("change", "Send a change back to a stage, for a new round."),
    "sync": Command("change", "Bring in what others have pushed of a change, and the base."),
    "land": Command("land", "Land a closed change on the base."),
    "abandon": Command("decide", "End a change without landing it."),
    "bypass": Command(
        "bypass", "Bring a hotfix to the base without a change, signed by the owners."
    ),
    "incident": Command(
        "bypass", "Name commits of the base that should not be there, signed by the owners."
    ),
    "milestone": Command("milestone", "Show what of a milestone is landed, open, and waiting."),
    "retention": Command("retention", "Show what is held of outputs, and sweep what may go."),
    "audit": Command("audit", "Print the records of all changes as one stream."),
    "replay": Command("replay", "Make a change's commits again, and compare."),
    "hooks": Command("hooks", "Let git ask the gate at every commit and push."),
    "server": Command("server", "Let a server refuse what verify would find wrong."),
    "doctor": Command("doctor", "Say what is installed, what is missing, and what mends it."),
    "verify": Command("verify", "Judge all that ever landed again, from the trust root."),
    "check": Command("check", "Judge the change at hand as its landing would be; for CI."),
    "digest": Command("digest", "Tell what moved and what waits; send it once a day."),
    "report": Command("digest", "Write the totals, or a milestone's week."),
    "completion": Command("completion", "Print a script that lets bash, zsh or fish complete."),
}
"""Every command, in the order of a change's life.

What each does stands here too, so that the list of them is shown without importing any.
"""


COMPLETING = "_CODEXA_COMPLETE"
"""What a shell's script sets to ask what can stand at the cursor; nothing is done then."""

_NO_COMMAND = re.compile(r"No such command '(.{1,40})'")

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""How the system says that nothing more can be written: that is no bug, and no answer either."""


class Late(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of a change's life."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name; `None` where there is none."""
        del ctx
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        module = import_module(f"codexa_git.cli.{known.module}")
        found: click.Command = getattr(module, f"{cmd_name}_")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands is written, and none of them imported."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.does) for name, command in COMMANDS.items()])


@click.group(
    cls=Late,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="Example: git codexa status",
)
@click.version_option(__version__, prog_name="codexa-git")
def codexa() -> None:
    """Plain git carries a gated, evidence-backed delivery process.

    A change moves frame, spec, execute, validate, package, cleanup; stages are branches and
    commits, approvals are signatures over exact content, and git log is the audit trail.

    Every command ends with 0 for yes, 1 for no (refused), 2 for wrong usage, 3 for no answer
    (git, a file or an agent failed: never a yes), 70 for a bug, 130 when interrupted.
    """


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
    message = error.format_message().rstrip(".")
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
