"""`pre-rebase`: what was pushed of a change is not rewritten; `sync` brings the base in instead."""

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository.remotes import upstream
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, stand
from codexa_git.workflow.changes.moment import Moment, carried, moment_at

_ROOT = "--root"


def before_rebase(
    store: Store, at: int, onto: str | None, branch: str | None
) -> tuple[RefusedError, ...]:
    """What is told and not refused, because the policy observes.

    `onto` is the upstream that git names to the hook (`--root` where everything is rewritten);
    where nobody names one, nothing can be told.

    Raises:
        RefusedError: the policy enforces, and commits that were pushed would be made anew.
    """
    ref, tip = _rebased(store, branch)
    if onto is None or ref is None or tip is None:
        return ()
    ground = stand(store, at)
    if ref == ground.local_ref or not carried(ground, store.commit(tip)):
        return ()
    moment = moment_at(ground, ref, store.commit(tip))
    pushed = _pushed(ground, moment)
    kept = None if onto == _ROOT else _commit(store, onto)
    count = 0 if pushed is None else _rewritten(store, pushed, tip, kept)
    if not count:
        return ()
    error = _refusal(moment, count)
    if ground.enforces:
        raise error
    return (error,)


def _rebased(store: Store, branch: str | None) -> tuple[str | None, str | None]:
    if branch is None:
        return store.head()
    name = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
    return name, store.ref(name)


def _pushed(ground: Ground, moment: Moment) -> str | None:
    """What the remote had of this branch when it was last seen."""
    store = ground.store
    follows = upstream(store, moment.ref)
    if follows is not None and follows.remote_ref.startswith(CHANGE_PREFIX):
        return store.ref(follows.tracking_ref)
    ending = f"/change/{moment.change}"
    refs = store.refs("refs/remotes")
    return next((oid for name, oid in sorted(refs.items()) if name.endswith(ending)), None)


def _commit(store: Store, name: str) -> str:
    out = store.git.line(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    if not store.exists(out):
        raise RepositoryError(f"{name} is not in this clone")
    return out


def _rewritten(store: Store, pushed: str, tip: str, kept: str | None) -> int:
    """How many commits of the branch were pushed and would not stay as they are."""
    if kept is not None and store.is_ancestor(pushed, kept):
        return 0
    shared = store.merge_base(pushed, tip)
    if shared is None or (kept is not None and store.is_ancestor(shared, kept)):
        return 0
    return len(store.beyond(kept, shared)) if kept is not None else len(store.first_parents(shared))


def _refusal(moment: Moment, count: int) -> RefusedError:
    change = moment.change
    commits = "a commit that was" if count == 1 else f"{count} commits that were"
    return RefusedError(
        f"this would make {commits} pushed of {change} anew, and what is pushed only moves forward",
        details=(("rule", "what is not pushed is its author's to amend, squash, drop or rebase"),),
        hint=(
            f"to bring {moment.ground.branch} in: git codexa sync {change}",
            "to put in order what is not pushed: git rebase -i @{upstream}",
        ),
    )
