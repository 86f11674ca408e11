"""A repository with as many landings and commits as one likes, in which `verify` finds nothing.

The first landing is a real one: the tool's own commands make it. Every further one is the same
change told again, with its own number, words, times, records, approvals and trees: the records go
through the tool's own writers, the first landing's keys sign them, and every digest is that of the
bytes that it names. Git's `fast-import` takes it all in.

The shared pages would grow with every landing, and each landing holds them whole. So the policy
lets them be changed on the base, and a commit now and then takes the old blocks out.
"""

from collections.abc import Callable
from pathlib import Path

from benchmarks.generator.again import Again
from benchmarks.generator.importing import Importing, Made
from benchmarks.generator.specimen import Specimen, read_specimen
from benchmarks.generator.start import BEGAN, LANDING, first_landing
from benchmarks.generator.trees import Trees
from benchmarks.scratch import Scratch
from codexa_git.change.pages import PAGES, skeleton

Watch = Callable[[int, int], None]
"""Told how many landings are made, and of how many."""

BLOCKS = 50
"""So many landings' blocks stand in the shared pages before a commit takes them out."""


def generate(
    scratch: Scratch, folder: Path, commits: int, landings: int, watch: Watch = lambda *_: None
) -> Path:
    """The repository `folder`, which is made: so many landings in so many commits on `main`.

    Where the landings alone need more commits than that, there are more.

    Raises:
        NotMeasuredError: a command that makes the first landing does not do so.
    """
    first_landing(scratch, folder)
    specimen = read_specimen(folder, Path(scratch.environment["HOME"]) / ".ssh" / "id_ed25519")
    with specimen.store:
        _more(specimen, folder, commits, landings, watch)
    scratch.run("git", "commit-graph", "write", "--reachable", cwd=folder)
    scratch.run("git", "reset", "-q", "--hard", cwd=folder)
    # Whoever judges it looks at a clock that all of its times are behind.
    scratch.environment["SOURCE_DATE_EPOCH"] = str(BEGAN + landings * LANDING)
    return folder


def _more(specimen: Specimen, folder: Path, commits: int, landings: int, watch: Watch) -> None:
    store, tree = specimen.store, specimen.landed.tree
    trees = Trees(store, tree)
    pages = {page: store.read(tree, page) or b"" for page in PAGES}
    drafts = _drafts(specimen, commits, landings)
    with Importing(folder, specimen.landed.oid) as importing:
        for number in range(2, landings + 1):
            watch(number, landings)
            if number % BLOCKS == 1:
                pages = {page: skeleton(page) for page in PAGES}
                importing.straight(_emptied(specimen, number, pages))
                trees.take({page: store.blob_id(pages[page]) for page in PAGES})
            again = Again(specimen, number, trees, pages)
            importing.story(again.story(drafts[number - 2]))
            importing.land(*again.landing())
            pages = {page: again.files[page] for page in PAGES}


def _emptied(specimen: Specimen, number: int, pages: dict[str, bytes]) -> Made:
    """The commit of a person that takes all blocks out of the shared pages."""
    landed = specimen.landed
    at = landed.committer._replace(seconds=landed.committer.seconds + (number - 2) * LANDING)
    return Made(at, at, b"pages: begin anew, git has the old ones\n", pages)


def _drafts(specimen: Specimen, commits: int, landings: int) -> list[int]:
    """How many drafts each further landing has, so that all commits together are as many."""
    before = int(specimen.store.git.line("rev-list", "--count", specimen.landed.oid))
    emptied = sum(number % BLOCKS == 1 for number in range(2, landings + 1))
    wanted = commits - before - emptied - (landings - 1) * (len(specimen.story) + 1)
    each, more = divmod(max(0, wanted), max(1, landings - 1))
    return [each + (number < more) for number in range(landings - 1)]
