"""Records that a commit of the change itself took away: `git revert` of a commit of the tool.

Git asks no hook when it reverts. The landing would be refused for it, after everybody had decided;
so whatever works long or asks a person looks first.
"""

from collections.abc import Collection
from typing import NamedTuple

from codexa_git.errors import RefusedError
from codexa_git.gate.vanished import Line, lines_of, vanished_from
from codexa_git.repository.objects import Commit
from codexa_git.workflow.changes.moment import Moment


class Lost(NamedTuple):
    """The newest commit of the change that took records away, and how many are gone."""

    commit: Commit
    records: int


def lost(moment: Moment) -> Lost | None:
    """What commits of the change's own story took away of its records; `None` if nothing."""
    store, held = moment.store, lines_of(moment.state.records)
    commits = store.touching([moment.tip.oid], moment.places.audit, beyond=moment.held.oid)
    gone = lines_of(vanished_from(store, moment.change, commits[::-1], held))
    if not gone:
        return None
    by = next((commit for commit in commits if _takes(moment, commit, gone)), moment.tip)
    return Lost(by, len(gone))


def _takes(moment: Moment, commit: Commit, gone: Collection[Line]) -> bool:
    """True where a parent still holds one of these records and the commit does not."""
    parents = [moment.store.commit(oid) for oid in commit.parents]
    kept = lines_of(vanished_from(moment.store, moment.change, [commit], ()))
    before = lines_of(vanished_from(moment.store, moment.change, parents, ()))
    return not (before - kept).isdisjoint(gone)


def require_whole(moment: Moment) -> None:
    """Nothing: what the change's commits recorded is still there, or the policy only observes.

    Raises:
        RefusedError: it is not, and the hint brings it back.
    """
    found = lost(moment) if moment.ground.enforces else None
    if found is not None:
        by = found.commit.oid[:12]
        records = "a record" if found.records == 1 else f"{found.records} records"
        raise RefusedError(
            f"{moment.change} stops here: {by} took {records} of it away, and so it cannot land",
            hint=(
                f"git revert {by} brings back what it took",
                f'to have work done anew, on record: git codexa rework {moment.change} -m "why"',
            ),
        )
