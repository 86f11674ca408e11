"""`server`: a bare repository that refuses what `verify` would find wrong."""

import os
import time
from pathlib import Path
from shlex import quote

import click

from codexa_git.audit.canonical import is_digest
from codexa_git.cli.clock import now
from codexa_git.cli.telling import say
from codexa_git.errors import Exit, UsageError
from codexa_git.hooks.installing import Found
from codexa_git.hooks.serving import Installed, Serving, serve, serving, stop_serving
from codexa_git.policy.signers import fingerprint
from codexa_git.repository.command import require_version
from codexa_git.repository.store import Store
from codexa_git.workflow.base.settings import ROOT_SETTING

_PLACE = click.argument("place", metavar="REPOSITORY", default=".")


@click.group("server", epilog="Example: git codexa server install /srv/git/project.git")
def server_() -> None:
    """Let a server refuse what verify would find wrong.

    Forges have ways of their own: see docs/how-to/server.md.
    """


@server_.command("install", epilog="Example: git codexa server install /srv/git/project.git")
@_PLACE
@click.option("--root", metavar="DIGEST", help="The trust root, as its owners told you.")
@click.option("--branch", metavar="NAME", help="The base; else as configured, or HEAD's.")
@click.option("--accept", metavar="ID", multiple=True, help="Take what an incident names as it is.")
def install_(place: str, root: str | None, branch: str | None, accept: tuple[str, ...]) -> int:
    """Judge all that is there, then every push; what stood in a hook's place runs first.

    The root is pinned in the repository's configuration, which no push can change.
    """
    if root is not None and not is_digest(root):
        raise UsageError(
            f"{root[:80]!a} is not a trust root: one looks like sha256:9f2c...",
            hint="git codexa root shows the one of this clone",
        )
    with Store.open(Path(place)) as store:
        require_version(store.git)
        known = root or store.config(ROOT_SETTING)
        done = serve(store, now(), branch=branch, root=root, accept=accept)
    _say_installed(done, named=known is not None)
    return Exit.YES


def _say_installed(done: Installed, *, named: bool) -> None:
    say(f"{done.serving.branch} takes what holds under the trust root")
    say(f"  {done.root}")
    for signer in () if done.trusted is None else done.trusted.signers:
        say(f"  signed by {signer.principal} {fingerprint(signer.key)}")
    if done.trusted is None:
        say(f"{done.serving.branch} is not here yet: its first push has to bring that root")
    elif not named:
        say("hint: that is what the base says of itself: compare it with what its owners tell you")
    for put in done.serving.hooks:
        if put.keeps:
            say(f"{put.hook}.codexa-kept, which stood there before, runs first")


@server_.command("status", epilog="Example: git codexa server status /srv/git/project.git")
@_PLACE
def status_(place: str) -> int:
    """Show what a repository was told; 1 where a hook or a setting is missing.

    So it is where the repository does not show all of history, and takes nothing.
    """
    with Store.open(Path(place)) as store:
        found = serving(store)
    _say_serving(found)
    if found.whole:
        return Exit.YES
    if found.hides is None and not found.unasked:
        where = "" if place == "." else f" {quote(place)}"
        say(f"git codexa server install{where} puts it in")
    return Exit.NO


def _say_serving(found: Serving) -> None:
    for label, put in zip(("pre-receive  ", "ref moves    "), found.hooks, strict=True):
        older = "installed by another version or place"
        state = older if put.found is Found.OLDER else str(put.found)
        name = "" if label.startswith(put.hook) else f"{put.hook} "
        say(f"{label}{name}{state}{f', after {put.hook}.codexa-kept' if put.keeps else ''}")
    say(f"base         {found.branch or 'not told'}")
    say(f"trust root   {found.root or 'not told'}")
    for key in found.loose:
        say(f"not set      {key}")
    for name in found.unasked:
        say(f"not asked    at worktrees/{name}: git worktree list; git worktree remove")
    if found.hides is not None:
        say(f"takes none   {found.hides}")
    for folder in found.borrows:
        say(f"borrows      {folder}")


@server_.command("uninstall", epilog="Example: git codexa server uninstall /srv/git/project.git")
@_PLACE
def uninstall_(place: str) -> int:
    """Take the hooks out, and put back what stood there; from then on anything is taken."""
    with Store.open(Path(place)) as store:
        gone = stop_serving(store)
    told = f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} out"
    say(told if gone else "no hook of codexa-git was there")
    return Exit.YES


@server_.command("receive", epilog="Example: git codexa server receive")
def receive_() -> int:
    """Answer as pre-receive, for a forge's own folder of hooks; it hands on what git told it."""
    from codexa_git.cli.received import received

    return received(dict(os.environ), str(Path.cwd()), int(time.time()))
