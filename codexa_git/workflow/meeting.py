"""Meeting: what others have pushed is fetched, and the change is brought together with it."""

from codexa_git.errors import CodexaError
from codexa_git.repository.remotes import fetch, remotes, upstream
from codexa_git.workflow.ground import Ground, stand
from codexa_git.workflow.joining import Joined, forget_apart, join
from codexa_git.workflow.moment import Moment
from codexa_git.workflow.sharing import same_change


def looked_around(ground: Ground) -> tuple[Ground, tuple[str, ...]]:
    """The ground as the remotes have it now, and why one of them could not be asked."""
    problems = []
    for remote in remotes(ground.store):
        try:
            fetch(ground.store, remote)
        except CodexaError as error:
            problems.append(error.message)
    return stand(ground.store, ground.at, ground.environment), tuple(problems)


def met(moment: Moment) -> Joined:
    """The change together with what the branch that it follows holds, as it was last fetched.

    Raises:
        RefusedError: a work tree has no room, or what people said cannot be put there.
    """
    follows = upstream(moment.store, moment.ref)
    there = None if follows is None else moment.store.ref(follows.tracking_ref)
    found = Joined(moment)
    if there is not None:
        found = join(moment, same_change(moment, there), apart=True)
    forget_apart(found.moment)
    return found
