"""Settling: what waited for room in a checkout is put on the change's branch, or let go."""

from typing import NamedTuple

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType, Stage
from codexa_git.errors import RefusedError
from codexa_git.repository.objects import Commit, RefUpdate
from codexa_git.repository.publication import carry
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.together.publishing import publish, waiting_ref
from codexa_git.workflow.together.remaking import new_records
from codexa_git.workflow.together.replanting import replanted


class Settled(NamedTuple):
    """The moment after what waited was dealt with: `put` on the tip, or `dropped`; or neither."""

    moment: Moment
    put: Commit | None = None
    dropped: Commit | None = None


def settle(moment: Moment) -> Settled:
    """Nothing of this change waits any more.

    Raises:
        RefusedError: there is still no room for it in a checkout.
    """
    store, name = moment.store, waiting_ref(moment.change)
    waiting = store.ref(name)
    if waiting is None:
        return Settled(moment)
    commit = store.commit(waiting)
    built = _on_tip(moment, commit)
    if built is None:
        carry(store, [RefUpdate(name, None, waiting)], f"codexa: no longer fits: {commit.subject}")
        return Settled(moment, dropped=commit)
    published = publish(moment, built)
    if published.waits:
        raise RefusedError(
            f"a result of {moment.change} waits, and {published.waits[0]} still has uncommitted"
            " changes where it would write",
            hint="commit or stash them and ask again",
        )
    return Settled(published.moment, put=published.moment.tip)


def _on_tip(moment: Moment, commit: Commit) -> Built | None:
    if commit.parents[0] == moment.tip.oid:
        return Built(commit, _closed_by(new_records(moment.store, moment.change, commit)))
    return replanted(moment, commit)


def _closed_by(records: list[Record]) -> Stage | None:
    handoffs = [record for record in records if record.type is RecordType.HANDOFF]
    return Stage(handoffs[-1].data["from"]) if handoffs else None
