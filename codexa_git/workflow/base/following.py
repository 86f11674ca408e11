"""What the base follows: the remote that people share, and the branch that is the base there.

A clone may have named its remote anything, may follow a branch of another name, and need not have a
branch of the base itself (`git clone --branch`). Whoever asks where the base is pushed asks here.
"""

from codexa_git.repository.remotes import Upstream, upstream, usual_remote
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground, push_of_base


def followed(ground: Ground) -> Upstream | None:
    """What the base follows on a remote; `None` if nothing.

    `git clone --branch` makes no local branch of the base: there it is the remote's all the same.
    """
    found = upstream(ground.store, ground.local_ref)
    if found is None and ground.ref != ground.local_ref:
        remote = ground.ref.removeprefix("refs/remotes/").removesuffix(f"/{ground.branch}")
        return Upstream(remote, ground.local_ref, ground.ref)
    return found


def shared_remote(ground: Ground) -> str | None:
    """The remote that holds the base, else the usual one; `None` if there is none."""
    follows = followed(ground)
    return usual_remote(ground.store) if follows is None else follows.remote


def remote_of_changes(ground: Ground) -> str | None:
    """The remote that a new change is pushed to; `None` if none is.

    Whoever works through a fork follows the base elsewhere, and calls the fork `origin`.
    """
    return usual_remote(ground.store) or shared_remote(ground)


def push_of(store: Store, branch: str) -> str | None:
    """The command that pushes this branch where people share it; `None` where that is nowhere."""
    follows = upstream(store, branch)
    if follows is not None:
        return push_of_base(branch, follows)
    remote = usual_remote(store)
    return None if remote is None else f"git push -u {remote} {branch}"
