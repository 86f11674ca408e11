"""Commits of the tool that somebody amended, or rebased in place, and that nobody else has yet.

Such a commit no longer says truly whose it is and what it records, which a story tells for ever
(S1, S4). Until it is pushed, what was put into it can go on top, as a commit of theirs; what was
pushed without it is put together by `joining`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from codexa_git.errors import CodexaError
from codexa_git.repository.objects import Commit
from codexa_git.verify.story import brought, misnamed
from codexa_git.workflow.changes.afar import fetched
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.pushed import tracked
from codexa_git.workflow.together.amending import Part, TakenOutError, require_whole
from codexa_git.workflow.together.joining import Joined, move, put_together

_MOST = 500


class Amended(NamedTuple):
    """The oldest such commit, and as the tool made it."""

    commit: Commit
    original: Commit


def amended(moment: Moment) -> Amended | None:
    """What of the change somebody amended and no remote has; `None`: every commit is the tool's."""
    return amended_since(moment, tracked(moment))


def amended_since(moment: Moment, there: str | None) -> Amended | None:
    """The same, of what the commit `there` lacks, which a remote has; nothing where none has any.

    What was put elsewhere by a rebase stands on other parents, and is no amendment; an original
    that the remote has is joined with what is here like all that was pushed.
    """
    return next(_amended(moment, there), None)


def _amended(moment: Moment, there: str | None) -> Iterator[Amended]:
    """Every one of them, oldest first."""
    store, change = moment.store, moment.change
    since = there or moment.held.oid
    found = store.touching([moment.tip.oid], moment.places.audit, beyond=since)
    commits = [store.commit(commit.oid) for commit in reversed(found)]
    odd = [commit for commit in commits if misnamed(store, change, commit)]
    if odd:
        # A branch may follow nothing, and have been pushed all the same.
        theirs = fetched(store, change)
        odd = [c for c in odd if not any(store.is_ancestor(c.oid, tip) for tip in theirs)]
    if not odd:
        return
    before = [
        one
        for one in _earlier(moment)
        if not misnamed(store, change, one) and not (there and store.is_ancestor(one.oid, there))
    ]
    for commit in odd:
        wanted = commit.parents, _records(moment, commit)
        for one in before:
            if (one.parents, _records(moment, one)) == wanted:
                yield Amended(commit, one)
                break


def _earlier(moment: Moment) -> list[Commit]:
    """The commits of the change that its branch has been at here, and is not now."""
    store = moment.store
    words = ("log", "-g", f"-{_MOST}", "--format=%H", "--end-of-options", moment.ref)
    status, out = store.git.answer(*words)
    names = dict.fromkeys(out.decode("ascii").split() if status == 0 else ())
    known = (_readable(moment, oid) for oid in names if store.exists(oid))
    return [one for one in known if one is not None]


def _readable(moment: Moment, oid: str) -> Commit | None:
    """The commit, if it brings records of the change.

    `None` as well for one that cannot be read: that is on no branch any more, and not the tool's.
    """
    try:
        one = moment.store.commit(oid)
        return one if one.parents and _records(moment, one) else None
    except CodexaError:
        return None


def _records(moment: Moment, commit: Commit) -> list[str]:
    before = moment.store.tree_of(commit.parents[0])
    return [r.id for r in brought(moment.store, moment.change, before, commit.tree)]


def put_on_top(moment: Moment, found: Amended) -> Joined | None:
    """The change with its commit as the tool made it, and on top of it what was amended.

    `None` where that cannot be, and nothing has moved: both changed the same lines, say, or what
    stands on it does not fit there.

    Raises:
        TakenOutError: the original would bring back what somebody took out.
    """
    for commit, original in _amended(moment, tracked(moment)):
        require_whole(moment, commit, Part(original.tree, commit.tree))
    try:
        joined = put_together(moment, found.original)
        if joined.dropped or joined.apart:
            return None
        move(moment, joined)
    except TakenOutError:
        raise
    except CodexaError:
        return None
    return joined
