"""Where the base is: which branch of this clone, by whose word.

Whoever pushes writes the policy at a tip, so it may not say which branch is looked at. In this
order it is said by this clone's own configuration, by the trust root (whose id is a digest of the
branch's name, among others), and only where neither is known by the policy of a tip. Who may rest
on that last word is in docs/adr/0039-the-root-names-the-branch.md.
"""

from collections.abc import Iterator

from codexa_git.change.paths import POLICY
from codexa_git.errors import CodexaError, PolicyError, RepositoryError
from codexa_git.gate.root import branch_of, root_records
from codexa_git.policy.compiled import load_policy
from codexa_git.repository.objects import Commit
from codexa_git.repository.remotes import upstream
from codexa_git.repository.store import Store
from codexa_git.workflow.settings import BRANCH_SETTING, ROOT_SETTING

_USUAL_BASES = ("main", "master", "trunk", "develop")
_HEADS, _REMOTES = "refs/heads/", "refs/remotes/"


def base_branch(store: Store) -> str:
    """The base branch of who works here: as configured, as the pinned root says, or as a tip does.

    Raises:
        PolicyError: a root is pinned and no branch here bears it, or none has adopted codexa-git.
        RepositoryError: there is no commit yet.
    """
    configured, pinned = store.config(BRANCH_SETTING), store.config(ROOT_SETTING)
    if configured is not None:
        return configured
    return _as_tips_say(store) if pinned is None else _borne(store, pinned)


def judged_branch(store: Store, root: str | None) -> str:
    """The base branch of who judges: what the policy of a tip says of it is never believed.

    With no `root` to hold it to, the first branch that has enforced is taken, and of which branch
    its root is. A branch that bears another root is still to be judged, and found to.

    Raises:
        PolicyError: nothing here bears the root, enforces or has adopted codexa-git.
        RepositoryError: there is no commit yet.
    """
    configured = store.config(BRANCH_SETTING)
    if configured is not None:
        return configured
    found = None if root is None else find_root(store, root)
    found = found or next(_enforcing(store), None)
    if found is None and root is not None:
        found = next((name for name in _candidates(store) if tip_of_base(store, name)[1]), None)
    return found or (_as_tips_say(store) if root is None else _borne(store, root))


def find_root(store: Store, root: str) -> str | None:
    """The branch that this trust root is the root of; `None` where nothing here bears it."""
    for tip in _tips(store):
        if (branch := branch_of_root(store, root, tip)) is not None:
            return branch
    return None


def branch_of_root(store: Store, root: str, tip: str) -> str | None:
    """The branch that this root names, where a commit of the first-parent line bears it.

    Its record stands at the tip, unless somebody took it out. What cannot be read bears nothing.
    """
    try:
        for oid in store.first_parent_line(tip):
            if (branch := _named(store, root, oid)) is not None:
                return branch
    except CodexaError:
        return None
    return None


def _named(store: Store, root: str, oid: str) -> str | None:
    try:
        return branch_of(root_records(store, store.tree_of(oid)), root)
    except CodexaError:
        return None


def _borne(store: Store, root: str) -> str:
    found = find_root(store, root)
    if found is None:
        raise PolicyError(
            f"no branch here bears the trust root {root}",
            hint="git fetch; where that is another project's: git codexa root --pin DIGEST",
        )
    return found


def _tips(store: Store) -> Iterator[str]:
    """The tips of all branches, each once, the likeliest bases first."""
    usual = (tip_of_base(store, name)[1] for name in _candidates(store))
    seen: set[str] = set()
    for oid in usual:
        if oid is not None and oid not in seen:
            seen.add(oid)
            yield oid
    for prefix in (_HEADS, _REMOTES):
        for oid in store.refs(prefix).values():
            if oid not in seen:
                seen.add(oid)
                yield oid


def _enforcing(store: Store) -> Iterator[str]:
    """The branches of which the first enforcing commits of the usual ones are, by their policy."""
    from codexa_git.gate.trusted import first_enforcing  # noqa: PLC0415

    for name in _candidates(store):
        _, oid = tip_of_base(store, name)
        if oid is None:
            continue
        try:
            made = first_enforcing(store, store.first_parent_ids(oid))
            policy = load_policy(store, made.tree, None)
        except CodexaError:
            continue
        if policy is not None:
            yield policy.branch


def _as_tips_say(store: Store) -> str:
    heads = store.refs("refs/heads")
    waiting = _candidates(store)
    for branch in waiting:
        named = _branch_of_policy(store, branch, heads)
        if named == branch:
            return branch
        if named is not None and named not in waiting:
            waiting.append(named)
    if not heads and not store.refs("refs/remotes"):
        raise RepositoryError("this repository has no commit yet", hint="git codexa init")
    raise PolicyError(
        "no base branch here has adopted codexa-git",
        hint=f"git codexa init adopts it; or: git config {BRANCH_SETTING} <branch>",
    )


def _branch_of_policy(store: Store, branch: str, heads: dict[str, str]) -> str | None:
    """The base that the policy on this branch names; `None` where it has no policy.

    A change's branch holds its base's policy too, so what it names is only where to look next.
    """
    oid = heads.get(f"{_HEADS}{branch}") or store.ref(f"{_REMOTES}origin/{branch}")
    if oid is None or store.entry(store.tree_of(oid), POLICY) is None:
        return None
    policy = load_policy(store, store.tree_of(oid), store.common_dir / "codexa" / "policy")
    return None if policy is None else policy.branch


def _candidates(store: Store) -> list[str]:
    status, out = store.git.answer("symbolic-ref", "-q", "refs/remotes/origin/HEAD")
    named = out.decode("utf-8", "surrogateescape").strip().removeprefix("refs/remotes/origin/")
    head, _ = store.head()
    here = (head or "").removeprefix(_HEADS)
    found = [named] if status == 0 and named else []
    return list(dict.fromkeys([*found, *_USUAL_BASES, *([here] if here else [])]))


def tip_of_base(store: Store, branch: str) -> tuple[str, str | None]:
    """The ref whose tip is the base, the remote-tracking branch where there is one; and its tip."""
    follows = upstream(store, branch)
    local = f"{_HEADS}{branch}"
    remote = f"{_REMOTES}origin/{branch}"
    tracking = local if follows is None else follows.tracking_ref
    here = store.tips([tracking, local, remote])
    if tracking not in here:
        tracking = remote if local not in here and remote in here else local
    return tracking, here.get(tracking)


def tip_of(store: Store, branch: str) -> tuple[str, Commit]:
    """The ref whose tip is the base, and that tip.

    Raises:
        RepositoryError: it is not in this clone, or malformed.
    """
    ref, oid = _found(store, branch)
    return ref, store.commit(oid)


def judged_base(store: Store, root: str | None) -> tuple[str, str]:
    """The base of who judges, as `judged_branch` says, and the id of its tip, of whatever form.

    Raises:
        PolicyError: nothing here bears the root, enforces or has adopted codexa-git.
        RepositoryError: there is no commit yet, or the base is not in this clone.
    """
    branch = judged_branch(store, root)
    return branch, _found(store, branch)[1]


def _found(store: Store, branch: str) -> tuple[str, str]:
    ref, oid = tip_of_base(store, branch)
    if oid is None:
        raise RepositoryError(
            f"the base branch {branch} is not here", hint=f"git fetch, or git branch {branch} ..."
        )
    return ref, oid
