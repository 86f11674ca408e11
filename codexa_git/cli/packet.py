"""`packet`: the review packet of a change as it is now."""

import os
import stat
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from codexa_git.cli.desk import sat_down
from codexa_git.cli.telling import say
from codexa_git.errors import Exit, RefusedError, UsageError


@click.command("packet", epilog="Example: git codexa packet CH-001 -o packet.html")
@click.argument("change", required=False)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="Write it to FILE, which only an earlier packet gives way to; `-` for standard output.",
)
def packet_(change: str | None, output: str | None) -> int:
    """Write the review packet of a change as it is now.

    One HTML file that needs nothing else: what is asked of whom, what changed since the last
    approval, criteria, tests, diffs, and what would be signed. At any stage; nothing of the
    repository is run, and nothing in the work tree is touched. Without -o it lies in .git/codexa;
    its place is printed.
    """
    from codexa_git.workflow.reports.presenting import present

    with sat_down(writes=False) as desk:
        found = present(desk.ground, change)
        if output == "-":
            sys.stdout.buffer.write(found.page)
            sys.stdout.buffer.flush()
            return Exit.YES
        place = _place(desk.ground.cache, found.change) if output is None else Path(output)
    _put(place, found.page)
    say(str(place))
    return Exit.YES


def _place(cache: Path, change: str) -> Path:
    """Where the packet lies unasked: no commit can take it up by mistake there."""
    folder = cache / "packets"
    folder.mkdir(parents=True, exist_ok=True)
    near = os.path.relpath(folder)
    return Path(near if len(near) < len(str(folder)) else folder) / f"{change}.html"


def _put(place: Path, page: bytes) -> None:
    """The file holds the page; nothing but an earlier packet was replaced.

    Raises:
        RefusedError: something else lies there.
        UsageError: it cannot be written there.
    """
    try:
        if not _gives_way(place):
            raise RefusedError(
                f"{place} is there already, and is no packet",
                hint="name another file, or move that one away",
            )
        _write(place, page)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise UsageError(
            f"cannot write {place}: {(error.strerror or 'no such folder').lower()}",
            hint="-o packet.html writes it here, -o - prints it",
        ) from error


def _gives_way(place: Path) -> bool:
    """True where nothing lies there, or an earlier packet; a link is not followed."""
    from codexa_git.pages.packet import GENERATOR

    if not os.path.lexists(place):
        return True
    if not stat.S_ISREG(place.lstat().st_mode):
        return False
    with place.open("rb") as found:
        return GENERATOR in found.read(2000)


def _write(place: Path, page: bytes) -> None:
    """The whole page, or what was there before."""
    with NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False) as made:
        made.write(page)
        os.fchmod(made.fileno(), 0o644)
    Path(made.name).replace(place)
