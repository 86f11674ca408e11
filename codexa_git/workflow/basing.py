"""A commit on the base that belongs to no change: policy, or paths that are free to change there.

It is pushed where the base follows a remote's branch, and only then do the refs here move: what
the remote refused never stands here as if it were the base.
"""

from collections.abc import Mapping, Sequence

from codexa_git.audit.record import Actor
from codexa_git.errors import RepositoryError
from codexa_git.repository.objects import Commit, Entry, Identity, Mode, RefUpdate, Stamp
from codexa_git.repository.publication import carry, require_room
from codexa_git.repository.remotes import Push, push, upstream
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.ground import Ground


def commit_on_base(
    ground: Ground,
    person: Actor,
    files: Mapping[str, bytes],
    subject: str,
    *,
    at: int | None = None,
    body: str = "",
    trailers: Sequence[tuple[str, str]] = (),
) -> Commit:
    """The base's tip is a commit by this person with these files in it, here and on its remote.

    Raises:
        RefusedError: uncommitted work stands where the commit would write.
        RepositoryError: the base moved meanwhile, or its remote refused.
    """
    store, tip = ground.store, ground.tip
    seconds = max(ground.at if at is None else at, tip.committer.seconds)
    stamp = Stamp(Identity(person.name, person.email), seconds)
    message = format_message(subject, body, trailers)
    tree = _tree(store, tip.tree, files)
    commit = store.commit(store.write_commit(tree, (tip.oid,), stamp, stamp, message))
    _publish(ground, commit, subject)
    return commit


def _tree(store: Store, base: str, files: Mapping[str, bytes]) -> str:
    oids = store.hold_blobs(list(files.values()))
    entries = {path: Entry(Mode.FILE, oid) for path, oid in zip(files, oids, strict=True)}
    return store.hold_tree(base, entries)


def _publish(ground: Ground, commit: Commit, reason: str) -> None:
    store, tip = ground.store, ground.tip
    updates = [RefUpdate(ground.ref, commit.oid, tip.oid)]
    follows = upstream(store, ground.local_ref)
    if follows is not None and ground.ref == follows.tracking_ref:
        if store.ref(ground.local_ref) == tip.oid:
            updates.append(RefUpdate(ground.local_ref, commit.oid, tip.oid))
        require_room(store, updates)
        _push(store, follows.remote, Push(commit.oid, follows.remote_ref))
    # A push may have moved the remote-tracking branch already.
    moving = [update for update in updates if store.ref(update.name) != commit.oid]
    carry(store, moving, reason)


def _push(store: Store, remote: str, update: Push) -> None:
    refused = push(store, remote, [update])
    if refused:
        raise RepositoryError(
            f"{remote} refused it: {refused[0].why}", hint=f"git fetch {remote}, and ask again"
        )
