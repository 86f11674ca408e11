"""Publishing a change's commit: its branch, the stage's bookmark, its evidence, the remote.

All refs move in one compare-and-set transaction, and a checkout follows. Where uncommitted work is
in the way, the result waits at `refs/codexa/waiting/CH-###`, and nothing that was made is lost.
"""

from typing import NamedTuple

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository.objects import Commit, Entry, Mode, RefUpdate, Stamp
from codexa_git.repository.publication import BlockedError, carry
from codexa_git.repository.remotes import Push, push, upstream
from codexa_git.repository.store import Store
from codexa_git.workflow.draft import Built
from codexa_git.workflow.moment import Moment, moment_at


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


def evidence_ref(change: str) -> str:
    """Where the full outputs lie that the tree keeps only digests of."""
    return f"refs/codexa/evidence/{change}"


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
        updates.append(_evidence(moment, built.commit, bodies, there.get(evidence)))
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
    name, evidence = waiting_ref(moment.change), evidence_ref(moment.change)
    there = moment.store.named([name, evidence])
    updates = [RefUpdate(name, built.commit.oid, there.get(name))]
    if bodies:
        updates.append(_evidence(moment, built.commit, bodies, there.get(evidence)))
    carry(moment.store, updates, f"codexa: waits: {built.commit.subject}")
    return Published(moment, paths)


def _evidence(
    moment: Moment, commit: Commit, bodies: dict[str, bytes], old: str | None
) -> RefUpdate:
    store, change = moment.store, moment.change
    names = sorted(bodies)
    oids = store.hold_blobs([bodies[path] for path in names])
    entries = {path: Entry(Mode.FILE, oid) for path, oid in zip(names, oids, strict=True)}
    tree = store.hold_tree(None if old is None else store.tree_of(old), entries)
    stamp = Stamp(commit.author.who, commit.author.seconds)
    parents = () if old is None else (old,)
    message = f"outputs of {change}\n".encode()
    oid = store.write_commit(tree, parents, stamp, stamp, message)
    return RefUpdate(evidence_ref(change), oid, old)


def forget_outputs(moment: Moment) -> None:
    """The full outputs are gone from here, as their retention records say that they are.

    What a remote was given before is the remote's; nothing new is pushed.
    """
    name = evidence_ref(moment.change)
    old = moment.store.named([name]).get(name)
    if old is not None:
        moment.store.move([RefUpdate(name, None, old)], "codexa: outputs dropped")


def start(store: Store, ref: str, built: Built) -> None:
    """A new branch holds the opening commit.

    Raises:
        RefusedError: a branch of that name is there already.
    """
    if store.ref(ref) is not None:
        raise RefusedError(f"the branch {ref.removeprefix('refs/heads/')} is there already")
    updates = [RefUpdate(ref, built.commit.oid, None)]
    if built.closed is not None:
        change = ref.rsplit("/", 1)[-1]
        mark = bookmark(change, built.closed)
        updates.append(RefUpdate(mark, built.commit.oid, store.ref(mark)))
    carry(store, updates, f"codexa: {built.commit.subject}")


def share(moment: Moment) -> str | None:
    """The branch is pushed where it has an upstream; why it could not be, if it could not."""
    store = moment.store
    follows = upstream(store, moment.ref)
    if follows is None:
        return None
    updates = [Push(moment.tip.oid, follows.remote_ref)]
    evidence = store.ref(evidence_ref(moment.change))
    if evidence is not None:
        updates.append(Push(evidence, evidence_ref(moment.change)))
    try:
        refused = push(store, follows.remote, updates)
    except RepositoryError as error:
        return error.message
    return f"{refused[0].ref}: {refused[0].why}" if refused else None
