"""Publishing a change's commit: its branch, the stage's bookmark, its evidence, the remote.

All refs move in one compare-and-set transaction, and a checkout follows. Where uncommitted work is
in the way, the result waits at `refs/codexa/waiting/CH-###`, and nothing that was made is lost.
"""

from typing import NamedTuple

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.publication import BlockedError, carry
from codexa_git.repository.remotes import (
    Push,
    Refusal,
    Upstream,
    advertised,
    fetch,
    push,
    upstream,
)
from codexa_git.repository.store import Store
from codexa_git.workflow.bodies import EVIDENCE, added, evidence_ref, joined, left_of
from codexa_git.workflow.draft import Built
from codexa_git.workflow.moment import Moment, moment_at
from codexa_git.workflow.releasing import Gone, gone_from, release_here, release_there


class Published(NamedTuple):
    """Where a commit went: `waits` names the paths that it waits for, if it does."""

    moment: Moment
    waits: tuple[str, ...] = ()


def bookmark(change: str, stage: str) -> str:
    """The branch that marks the commit which closed a stage."""
    return f"refs/heads/codexa/{change}/{stage}"


def waiting_ref(change: str) -> str:
    """Where a commit waits that a checkout has no room for."""
    return f"refs/codexa/waiting/{change}"


def publish(moment: Moment, built: Built, bodies: dict[str, bytes] | None = None) -> Published:
    """The change's branch holds the commit, and every ref that goes with it; or it waits.

    Where the branch moved meanwhile, what was made is put on its new tip, if it has a place there.

    Raises:
        RepositoryError: it has none, or the branch is gone.
        RefusedError: git is in the middle of something in the checkout; what was made waits.
    """
    for _ in range(MOST_TRIES):
        try:
            return _publish(moment, built, bodies)
        except RepositoryError:
            found = _on_new_tip(moment, built)
            if found is None:
                raise
            moment, built = found
    return _publish(moment, built, bodies)


def _on_new_tip(moment: Moment, built: Built) -> tuple[Moment, Built] | None:
    """The moment at the branch's tip as it is now, and what was made, put there.

    `None` where the branch did not move or is gone, or where this has no place on its tip.
    """
    # Imported late: putting work somewhere else stands on all the verbs, and they publish.
    from codexa_git.workflow.replanting import replanted  # noqa: PLC0415

    tip = moment.store.ref(moment.ref)
    if tip is None or tip == moment.tip.oid:
        return None
    now = moment_at(moment.ground, moment.ref, moment.store.commit(tip))
    again = replanted(now, built.commit)
    return None if again is None else (now, again)


MOST_TRIES = 5
"""How often a branch may move away under one command before it gives up."""


def _publish(moment: Moment, built: Built, bodies: dict[str, bytes] | None) -> Published:
    store, change = moment.store, moment.change
    waiting, mark = waiting_ref(change), bookmark(change, built.closed or moment.state.stage)
    evidence = evidence_ref(change)
    there = store.named([waiting, mark, evidence])
    updates = [RefUpdate(moment.ref, built.commit.oid, moment.tip.oid)]
    if built.closed is not None:
        updates.append(RefUpdate(mark, built.commit.oid, there.get(mark)))
    if bodies:
        updates.append(added(store, change, built.commit, bodies, there.get(evidence)))
    if waiting in there:
        updates.append(RefUpdate(waiting, None, there[waiting]))
    try:
        carry(store, updates, f"codexa: {built.commit.subject}")
    except BlockedError as blocked:
        if blocked.ref != moment.ref:
            raise
        return _wait(moment, built, bodies, blocked.paths)
    except RefusedError as error:
        _wait(moment, built, bodies, ())
        raise RefusedError(
            error.message,
            hint=(*error.hints, f"nothing is lost: what was made waits at {waiting}"),
        ) from error
    # A commit that brings the base in holds another commit of it than the moment before did.
    held = moment.held if len(built.commit.parents) == 1 else None
    after = moment_at(moment.ground, moment.ref, built.commit, held)
    if moment.ground.policy.notifications:
        from codexa_git.workflow.outbox import tell_of  # noqa: PLC0415

        tell_of(moment, after)
    return Published(after)


def _wait(
    moment: Moment, built: Built, bodies: dict[str, bytes] | None, paths: tuple[str, ...]
) -> Published:
    store, change = moment.store, moment.change
    name, evidence = waiting_ref(change), evidence_ref(change)
    there = store.named([name, evidence])
    updates = [RefUpdate(name, built.commit.oid, there.get(name))]
    if bodies:
        updates.append(
            added(moment.store, moment.change, built.commit, bodies, there.get(evidence))
        )
    carry(moment.store, updates, f"codexa: waits: {built.commit.subject}")
    return Published(moment, paths)


def forget_outputs(moment: Moment) -> None:
    """The dropped outputs are gone from here, as their retention records say that they are."""
    release_here(moment.store, _gone(moment))


def _gone(moment: Moment) -> dict[str, Gone]:
    gone = gone_from(moment)
    return {moment.change: gone} if gone.digests else {}


def start(store: Store, ref: str, built: Built) -> None:
    """A new branch holds the opening commit.

    Raises:
        RefusedError: a branch of that name is there already.
    """
    if store.ref(ref) is not None:
        raise RefusedError(f"the branch {ref.removeprefix('refs/heads/')} is there already")
    carry(store, openings(store, ref, built), f"codexa: {built.commit.subject}")


def openings(store: Store, ref: str, built: Built) -> tuple[RefUpdate, ...]:
    """The refs that an opening commit makes: its branch, and the mark of a stage it closed."""
    branch = RefUpdate(ref, built.commit.oid, None)
    if built.closed is None:
        return (branch,)
    mark = bookmark(ref.rsplit("/", 1)[-1], built.closed)
    return branch, RefUpdate(mark, built.commit.oid, store.ref(mark))


def share(moment: Moment) -> str | None:
    """The branch is pushed where it has an upstream, and its evidence; why not, if it could not.

    Dropped outputs that the remote was given before are taken from it, after the records that say
    so are there.
    """
    follows = upstream(moment.store, moment.ref)
    if follows is None:
        return None
    try:
        refused = _shared(moment, follows)
    except RepositoryError as error:
        return error.message
    return f"{refused[0].ref}: {refused[0].why}" if refused else None


def _shared(moment: Moment, follows: Upstream) -> list[Refusal]:
    store, name, gone = moment.store, evidence_ref(moment.change), _gone(moment)
    branch = Push(moment.tip.oid, follows.remote_ref)
    ours = store.ref(name)
    if gone:
        return push(store, follows.remote, [branch]) or _drop_there(moment, follows.remote, gone)
    if ours is None:
        return push(store, follows.remote, [branch])
    refused = push(store, follows.remote, [branch, Push(ours, name)])
    if name not in [one.ref for one in refused]:
        return refused
    # Another clone has put its outputs there: they are joined, for neither has the other's names.
    fetch(store, follows.remote, [name])
    theirs = advertised(store, follows.remote, EVIDENCE).get(name)
    both = ours if theirs is None else joined(store, ours, theirs)
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
