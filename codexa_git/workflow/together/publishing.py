"""Publishing a change's commit: its branch, the stage's bookmark, its evidence, the remote.

All refs move in one compare-and-set transaction, and a checkout follows. Where uncommitted work is
in the way, the result waits at `refs/codexa/waiting/CH-###`, and nothing that was made is lost.
"""

from typing import NamedTuple

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.publication import BlockedError, carry
from codexa_git.repository.store import Store
from codexa_git.workflow.changes.bodies import added, evidence_ref
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.moment import Moment, moment_at
from codexa_git.workflow.together.releasing import Gone, gone_from, release_here


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
    # Imported late: it can make any commit again, and most branches have not moved.
    from codexa_git.workflow.together.replanting import replanted  # noqa: PLC0415

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
        from codexa_git.workflow.together.outbox import tell_of  # noqa: PLC0415

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
    release_here(moment.store, gone_of_change(moment))


def gone_of_change(moment: Moment) -> dict[str, Gone]:
    """What of the change's outputs its records let go; empty where that is nothing."""
    gone = gone_from(moment)
    return {moment.change: gone} if gone.digests else {}


def start(store: Store, ref: str, built: Built) -> None:
    """A new branch holds the opening commit.

    Raises:
        RefusedError: a branch of that name is there already.
    """
    if store.ref(ref) is not None:
        raise RefusedError(
            f"the branch {ref.removeprefix('refs/heads/')} is there already",
            hint="git codexa status lists the changes that are here",
        )
    carry(store, openings(store, ref, built), f"codexa: {built.commit.subject}")


def openings(store: Store, ref: str, built: Built) -> tuple[RefUpdate, ...]:
    """The refs that an opening commit makes: its branch, and the mark of a stage it closed."""
    branch = RefUpdate(ref, built.commit.oid, None)
    if built.closed is None:
        return (branch,)
    mark = bookmark(ref.rsplit("/", 1)[-1], built.closed)
    return branch, RefUpdate(mark, built.commit.oid, store.ref(mark))
