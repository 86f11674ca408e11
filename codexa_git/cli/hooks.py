"""`hooks`: git's own hooks, put in, taken out, looked at, and run."""

import os
import sys
from pathlib import Path

import click

from codexa_git.cli.clock import now
from codexa_git.cli.desk import opened
from codexa_git.cli.telling import say, warn
from codexa_git.errors import Exit, RefusedError
from codexa_git.hooks.installing import (
    Found,
    Place,
    hooks_folder,
    install,
    places,
    rewritten_by,
    uninstall,
)
from codexa_git.hooks.running import Hook, run_hook
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand


@click.group("hooks", epilog="Example: git codexa hooks install")
def hooks_() -> None:
    """Let git ask the gate at every commit and push.

    Or through the pre-commit framework: see docs/how-to/hooks.md.
    """


@hooks_.command("install", epilog="Example: git codexa hooks install")
@click.option(
    "--from-work-tree",
    is_flag=True,
    help="Also where this program lies in the work tree, so that any branch may change it.",
)
def install_(*, from_work_tree: bool) -> int:
    """Put the hooks in; what stands there is kept and runs first."""
    with opened() as store:
        ground = stand(store, now())
        found = install(store, ground.ref, from_work_tree=from_work_tree)
        _say_where(store)
        _say(found)
        if program := rewritten_by(hooks_folder(store)):
            warn(
                f"{program} writes this folder anew at its every install, and our hooks go then",
                "git codexa hooks status tells; git codexa hooks install puts them back",
                'or, for good: add git codexa hooks run commit-msg "$1" to .husky/commit-msg',
            )
    return Exit.YES


@hooks_.command("uninstall", epilog="Example: git codexa hooks uninstall")
def uninstall_() -> int:
    """Take the hooks out, and put back what stood there."""
    with opened() as store:
        gone = [place for place in uninstall(store) if place.found is Found.OURS]
        if not gone:
            say("no hook of codexa-git was there")
        for place in gone:
            back = ", and what stood there before is back" if place.keeps else ""
            say(f"{place.hook} is out{back}")
    return Exit.YES


@hooks_.command("status", epilog="Example: git codexa hooks status")
def status_() -> int:
    """Show what stands in each hook's place; 1 where one of ours is missing."""
    with opened(writes=False) as store:
        found = places(store, stand(store, now()).ref)
        _say_where(store)
        _say(found)
    if all(place.found is Found.OURS for place in found):
        return Exit.YES
    say("git codexa hooks install puts them in")
    return Exit.NO


def _say_where(store: Store) -> None:
    folder = hooks_folder(store)
    top = store.work_tree
    inside = top is not None and folder.is_relative_to(top)
    say(f"hooks in {folder.relative_to(top) if top and inside else folder}")


def _say(found: tuple[Place, ...]) -> None:
    for place in found:
        also = f", after {place.hook}.codexa-kept" if place.keeps else ""
        say(f"  {place.hook:<16}  {place.found}{also}")


@hooks_.command("run", epilog='Example: git codexa hooks run commit-msg "$1"')
@click.argument("hook", type=click.Choice([str(hook) for hook in Hook]))
@click.argument("arguments", nargs=-1)
def run_(hook: str, arguments: tuple[str, ...]) -> int:
    """Answer as this hook, for a framework or a script of your own."""
    from codexa_git.hooks.handed import handed

    environment, here = dict(os.environ), Path.cwd()
    with Store.open(here, handed(environment, here)) as store:
        told = run_hook(
            store,
            Hook(hook),
            arguments,
            now(),
            environment=environment,
            given=lambda: b"" if sys.stdin.isatty() else sys.stdin.buffer.read(),
        )
    for error in told:
        _observed(error)
    return Exit.YES


def _observed(error: RefusedError) -> None:
    """A no that is only reported."""
    warn(f"{error.message} (observing: not refused)", *error.hints)
