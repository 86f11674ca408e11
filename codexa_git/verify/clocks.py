"""What time a commit of the base says that it is of, and whether it can be so."""

from collections.abc import Iterator

from codexa_git.audit.words import AHEAD, NO_TIME
from codexa_git.errors import CodexaError
from codexa_git.gate.lineage import Lineage
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Breach


def of_its_time(store: Store, lineage: Lineage, oid: str, now: int | None) -> Iterator[Breach]:
    """What is wrong with the time of the commit that comes next to the base.

    One that cannot be read says none that counts, and is told of where it is judged.
    """
    try:
        commit = store.headed(oid)
    except CodexaError:
        return
    yield from _of_no_time(commit)
    yield from _to_come(lineage, commit, now)


def _of_no_time(commit: Commit) -> Iterator[Breach]:
    """L4: keys are judged at a commit's time, and at this one nobody could have signed anything."""
    if commit.committer.seconds >= NO_TIME:
        from codexa_git.audit.record import time_of  # noqa: PLC0415

        told = f"it is of {time_of(commit.committer.seconds)}, a time that no record can be of"
        yield Breach("L4", told, undecided=True)


def _to_come(lineage: Lineage, commit: Commit, now: int | None) -> Iterator[Breach]:
    """L16: a commit is of a time that has not come, by which keys are over from there on.

    One that follows such a commit and is of no later time has done nothing by it: what the tool
    makes is never of an earlier time than what it stands on.
    """
    at = commit.committer.seconds
    if now is not None and at > now + AHEAD and at > lineage.latest:
        from codexa_git.audit.record import time_of  # noqa: PLC0415

        told = f"it is of {time_of(at)}, and the clock here says {time_of(now)}:"
        told += " a key that ends before then has ended for all that follows"
        hint = f'where that clock is right: git codexa incident {commit.oid[:12]} -m "..."'
        yield Breach("L16", told, hint=hint)
