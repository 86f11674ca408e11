"""A commit on the base that belongs to no change: policy, or paths that are free to change there.

It is pushed where the base follows a remote's branch, and only then do the refs here move: what
the remote refused never stands here as if it were the base.
"""

from collections.abc import Mapping, Sequence

from codexa_git.audit.record import Actor
from codexa_git.errors import RepositoryError
from codexa_git.repository.crossing import Crossing, cross
from codexa_git.repository.objects import Commit, Entry, Identity, Mode, RefUpdate, Stamp
from codexa_git.repository.publication import carry, require_room
from codexa_git.repository.remotes import Push, where_it_is
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.base.following import followed
from codexa_git.workflow.base.ground import Ground


def commit_on_base(
    ground: Ground,
    person: Actor,
    files: Mapping[str, bytes | Entry | None],
    subject: str,
    *,
    at: int | None = None,
    body: str = "",
    trailers: Sequence[tuple[str, str]] = (),
    merged: str | None = None,
) -> Commit:
    """The base's tip is a commit by this person with these files in it, here and on its remote.

    A file is bytes, or an entry that is here already, or `None`, which takes it away. `merged` is
    the commit of a branch that this one brings, as its second parent.

    Raises:
        RefusedError: uncommitted work stands where the commit would write.
        RepositoryError: the base moved meanwhile, or its remote refused.
    """
    store, tip = ground.store, ground.tip
    seconds = max(ground.at if at is None else at, tip.committer.seconds)
    stamp = Stamp(Identity(person.name, person.email), seconds)
    message = format_message(subject, body, trailers)
    tree = hold_files(store, tip.tree, files)
    parents = (tip.oid,) if merged is None else (tip.oid, merged)
    commit = store.commit(store.write_commit(tree, parents, stamp, stamp, message))
    _publish(ground, commit, subject)
    return commit


def hold_files(store: Store, base: str, files: Mapping[str, bytes | Entry | None]) -> str:
    """The id of `base` with these files, here to be read and stored with the next commit."""
    made = {path: content for path, content in files.items() if isinstance(content, bytes)}
    oids = store.hold_blobs(list(made.values()))
    entries: dict[str, Entry | None] = {
        path: content for path, content in files.items() if not isinstance(content, bytes)
    }
    entries |= {path: Entry(Mode.FILE, oid) for path, oid in zip(made, oids, strict=True)}
    return store.hold_tree(base, entries)


def _publish(ground: Ground, commit: Commit, reason: str) -> None:
    store, tip = ground.store, ground.tip
    updates = [RefUpdate(ground.ref, commit.oid, tip.oid)]
    follows = followed(ground)
    if follows is None or ground.ref != follows.tracking_ref:
        carry(store, updates, reason)
        return
    if store.ref(ground.local_ref) == tip.oid:
        updates.append(RefUpdate(ground.local_ref, commit.oid, tip.oid))
    require_room(store, updates)
    sent = Push(commit.oid, follows.remote_ref)
    try:
        refused = cross(store, Crossing(follows.remote, (sent,), tuple(updates), reason))
    except RepositoryError as error:
        error.hints = error.hints or (where_it_is(follows.remote),)
        raise
    if refused:
        raise RepositoryError(
            f"{follows.remote} refused it: {refused[0].why}",
            hint=f"git fetch {follows.remote}, and ask again",
        )
