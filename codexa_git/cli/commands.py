"""Every command by its name, and the group that imports one only when it is asked for."""

from importlib import import_module
from typing import NamedTuple

import click

from codexa_git import __version__


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
