"""Meeting: what others have pushed is fetched, and the change is brought together with it."""

from functools import partial

from codexa_git.audit.logger import read_records
from codexa_git.change.folding import fold
from codexa_git.errors import CodexaError, RefusedError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.remotes import fetch, remotes, upstream
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground, stand
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.together.aside import forget_apart
from codexa_git.workflow.together.joining import Joined, join
from codexa_git.workflow.together.renumbering import renumbered


def looked_around(ground: Ground) -> tuple[Ground, tuple[str, ...]]:
    """The ground as the remotes have it now, and why one of them could not be asked."""
    problems = []
    for remote in remotes(ground.store):
        try:
            fetch(ground.store, remote)
        except CodexaError as error:
            problems.append(error.message)
    return stand(ground.store, ground.at, ground.environment), tuple(problems)


def meet(moment: Moment, *, apart: bool = False) -> Joined:
    """The change together with what the branch that it follows holds, as it was last fetched.

    Where that is another change of the same number, this one has the next that is free. `apart` is
    whether commits of people that conflict are left out, to be put by hand.

    Raises:
        RefusedError: a work tree has no room, what people said cannot be put there, or the number
            can no longer be changed.
    """
    follows = upstream(moment.store, moment.ref)
    there = None if follows is None else moment.store.ref(follows.tracking_ref)
    found = Joined(moment)
    if there is not None:
        theirs = moment.store.commit(there)
        opened = _opened(moment.store, moment.change, theirs.tree)
        if opened is None and not moment.store.is_ancestor(there, moment.tip.oid):
            name = moment.ref.removeprefix("refs/heads/")
            raise RefusedError(
                f"the branch that {moment.change} follows carries no such change",
                hint=f"git branch --unset-upstream {name}, and git codexa sync {moment.change}",
            )
        if opened not in (None, moment.state.opened.id):
            return Joined(renumbered(moment))
        found = join(moment, theirs, apart=apart)
    forget_apart(found.moment)
    return found


def _opened(store: Store, change: str, tree: str) -> str | None:
    """The id of the record that opened the change in this tree."""
    if change not in changes_in(store, tree):
        return None
    return fold(change, read_records(partial(store.read, tree), change)).opened.id
