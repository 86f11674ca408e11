"""That the base which is looked at is older than what was fetched, as commands tell of it."""

from codexa_git.cli.desk import Desk, say
from codexa_git.cli.screen import shown, wrapped
from codexa_git.workflow.newer import Newer, newer_base


def say_newer(desk: Desk) -> None:
    """Whoever reads is told what to do; nothing is said where nothing newer was fetched."""
    found = _newer(desk)
    if found is not None:
        say(wrapped(f"{shown(found.told)}, and judged so:", "", "  "))
        say(f"    {shown(found.command)}")


def newer_of(desk: Desk) -> dict[str, object] | None:
    """The same for a script."""
    found = _newer(desk)
    if found is None:
        return None
    return {"branch": found.branch, "commits": found.commits, "command": found.command}


def _newer(desk: Desk) -> Newer | None:
    ground = desk.ground
    return newer_base(ground.store, ground.branch, ground.ref, ground.tip.oid)
