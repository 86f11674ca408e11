"""Sharing: a change's branch and its evidence are pushed, and what others pushed is joined.

What is pushed only moves forward. Where the remote moved first, what only this clone has is put on
what is there now, and pushed again; nobody is asked twice, and nothing of either side is lost.
"""

from typing import NamedTuple

from codexa_git.errors import CodexaError, RefusedError, RepositoryError
from codexa_git.repository.objects import Commit, RefUpdate
from codexa_git.repository.remotes import (
    Push,
    Refusal,
    Upstream,
    advertised,
    fetch,
    push,
    upstream,
)
from codexa_git.workflow.changes.bodies import EVIDENCE, evidence_ref, joined, left_of
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.pushed import tracked
from codexa_git.workflow.together.publishing import MOST_TRIES, gone_of_change
from codexa_git.workflow.together.releasing import Gone, release_there


class Shared(NamedTuple):
    """The change after its branch was pushed; `problem` says why that could not be, if so.

    `put` and `dropped` tell what of ours went on top of what others had pushed.
    """

    moment: Moment
    put: tuple[Commit, ...] = ()
    dropped: tuple[Commit, ...] = ()
    problem: str | None = None
    hints: tuple[str, ...] = ()


def share(moment: Moment) -> Shared:
    """The branch is on the remote that it follows, if it follows one, and so is its evidence.

    Dropped outputs that the remote was given before are taken from it, after the records that say
    so are there.
    """
    shared = Shared(moment)
    refused: list[Refusal] = []
    try:
        for _ in range(MOST_TRIES):
            shared = _met(shared) if _has_news(shared.moment) else shared
            follows = upstream(moment.store, shared.moment.ref)
            refused = [] if follows is None else _pushed(shared.moment, follows)
            if follows is None or not refused or not _has_moved(shared.moment, follows):
                break
    except CodexaError as error:
        return shared._replace(problem=error.message, hints=error.hints)
    return shared._replace(problem=f"{refused[0].ref}: {refused[0].why}") if refused else shared


def with_number(moment: Moment) -> Moment:
    """The same, under a number that is still its own, where nothing of it was pushed or signed yet.

    Where the remote cannot be asked, whoever pushes is told.

    Raises:
        RefusedError: it has to get another number, and uncommitted work is in the way.
    """
    if tracked(moment) != "" or any(r.signature is not None for r in moment.state.records):
        return moment
    follows = upstream(moment.store, moment.ref)
    try:
        if follows is None or not _has_moved(moment, follows):
            return moment
    except RepositoryError:
        return moment
    return _met(Shared(moment)).moment


def _has_news(moment: Moment) -> bool:
    """True where the branch that this one follows was seen to hold what is not here."""
    there = tracked(moment)
    return bool(there) and not moment.store.is_ancestor(there or "", moment.tip.oid)


def _met(shared: Shared) -> Shared:
    """The same, brought together with what the remote is known to hold."""
    # Imported late: it can make any commit again, and most of what is pushed joins nothing.
    from codexa_git.workflow.together.meeting import meet  # noqa: PLC0415

    found = meet(shared.moment)
    return shared._replace(
        moment=found.moment,
        put=found.put or shared.put,
        dropped=(*shared.dropped, *found.dropped),
    )


def _has_moved(moment: Moment, follows: Upstream) -> bool:
    """True where the remote's branch is not where it was last seen; then it is here to be read.

    Raises:
        RefusedError: somebody has deleted it there.
    """
    store, seen = moment.store, moment.store.ref(follows.tracking_ref)
    there = advertised(store, follows.remote, _folder(follows)).get(follows.remote_ref)
    if there is None and seen is not None:
        raise _deleted(moment, follows)
    if there in (None, seen):
        return False
    fetch(store, follows.remote, [follows.remote_ref])
    return True


def _folder(follows: Upstream) -> str:
    return follows.remote_ref.rpartition("/")[0]


def _deleted(moment: Moment, follows: Upstream) -> RefusedError:
    name = follows.remote_ref.removeprefix("refs/heads/")
    return RefusedError(
        f"{name} was deleted on {follows.remote}",
        hint=(
            f"if {moment.change} has landed, git fetch shows it",
            f"if not, this puts it back: git push {follows.remote} {name}",
        ),
    )


def _branch(moment: Moment, follows: Upstream) -> Push:
    """The push of the branch, from just where it was last seen: what is deleted is not put back."""
    there = moment.store.ref(follows.tracking_ref)
    return Push(moment.tip.oid, follows.remote_ref, there, rewrites=there is not None)


def _pushed(moment: Moment, follows: Upstream) -> list[Refusal]:
    store, name, gone = moment.store, evidence_ref(moment.change), gone_of_change(moment)
    branch = _branch(moment, follows)
    ours = store.ref(name)
    if gone:
        return push(store, follows.remote, [branch]) or _drop_there(moment, follows.remote, gone)
    if ours is None:
        return push(store, follows.remote, [branch])
    refused = push(store, follows.remote, [branch, Push(ours, name)])
    if name not in [one.ref for one in refused]:
        return refused
    theirs = advertised(store, follows.remote, EVIDENCE).get(name)
    if theirs is None or (store.exists(theirs) and store.is_ancestor(theirs, ours)):
        return sorted(refused, key=lambda one: one.ref == name)
    # Another clone has put its outputs there: they are joined, for neither has the other's names.
    fetch(store, follows.remote, [name])
    both = joined(store, ours, theirs)
    store.move([RefUpdate(name, both, ours)], "codexa: outputs of another clone")
    return push(store, follows.remote, [branch, Push(both, name)])


def _drop_there(moment: Moment, remote: str, gone: dict[str, Gone]) -> list[Refusal]:
    """What the remote refused of dropping what is dropped, and of holding what is left."""
    store, name = moment.store, evidence_ref(moment.change)
    left = release_there(store, gone, [remote])
    problems = [one.problem for one in left if one.problem is not None]
    ours = store.ref(name)
    if problems or ours is None:
        return [Refusal(f"{name}, which holds dropped outputs", why) for why in problems]
    theirs = advertised(store, remote, EVIDENCE).get(name)
    if theirs is not None and not store.exists(theirs):
        fetch(store, remote, [name])
    both = left_of(store, [ours] if theirs is None else [theirs, ours], gone[moment.change].stays)
    if both in (None, theirs):
        return []
    return push(store, remote, [Push(both, name, theirs, rewrites=theirs is not None)])
