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
from codexa_git.repository.remotes import remotes, upstream, usual_remote
from codexa_git.repository.store import Store
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING

_USUAL_BASES = ("main", "master", "trunk", "develop")
_HEADS, _REMOTES = "refs/heads/", "refs/remotes/"


def tip_of_base(store: Store, branch: str) -> tuple[str, str | None]:
    """The ref whose tip is the base, the remote-tracking branch where there is one; and its tip."""
    follows = upstream(store, branch)
    local = f"refs/heads/{branch}"
    tracking = local if follows is None else follows.tracking_ref
    here = store.tips([tracking, local])
    for ref in (tracking, local):
        if ref in here:
            return ref, here[ref]
    remote = f"refs/remotes/{usual_remote(store) or 'origin'}/{branch}"
    oid = store.ref(remote)
    return local if oid is None else remote, oid


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
        found = next((name for name in _usual(store) if tip_of_base(store, name)[1]), None)
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
    usual = (tip_of_base(store, name)[1] for name in _usual(store))
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

    for name in _usual(store):
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
    remote, begins = _remote_and_head(store)
    waiting = _candidates(store, begins)
    for branch in waiting:
        oid = heads.get(f"{_HEADS}{branch}") or store.ref(f"{_REMOTES}{remote}/{branch}")
        named = _base_in_policy(store, oid)
        if named == branch:
            return branch
        if named is not None and named not in waiting:
            waiting.append(named)
    if not heads and not store.refs("refs/remotes"):
        raise RepositoryError("this repository has no commit yet", hint="git codexa init")
    raise PolicyError(
        "no base branch here has adopted codexa-git",
        hint=("git codexa init adopts the branch that you stand on", *_fetched(store)),
    )


def _fetched(store: Store) -> tuple[str, ...]:
    return tuple(f"or git fetch {name} brings one that has" for name in remotes(store)[:1])


def _base_in_policy(store: Store, oid: str | None) -> str | None:
    """The base that the policy of this commit names; `None` where it has no policy.

    A change's branch holds its base's policy too, so what it names is only where to look next.
    """
    if oid is None or store.entry(store.tree_of(oid), POLICY) is None:
        return None
    policy = load_policy(store, store.tree_of(oid), store.common_dir / "codexa" / "policy")
    return None if policy is None else policy.branch


def _usual(store: Store) -> list[str]:
    return _candidates(store, _remote_and_head(store)[1])


def _remote_and_head(store: Store) -> tuple[str, str | None]:
    """The remote that people share, and the branch that it begins on, where it has told that."""
    named = _head_of(store, "origin")
    remote = "origin" if named else usual_remote(store) or "origin"
    return remote, named or _head_of(store, remote)


def _head_of(store: Store, remote: str) -> str | None:
    prefix = f"refs/remotes/{remote}/"
    status, out = store.git.answer("symbolic-ref", "-q", f"{prefix}HEAD")
    named = out.decode("utf-8", "surrogateescape").strip().removeprefix(prefix)
    return named if status == 0 and named else None


def _candidates(store: Store, begins: str | None) -> list[str]:
    head, _ = store.head()
    here = (head or "").removeprefix("refs/heads/")
    found = [] if begins is None else [begins]
    return list(dict.fromkeys([*found, *_USUAL_BASES, *([here] if here else [])]))


def tip_of(store: Store, branch: str) -> tuple[str, Commit]:
    """The ref whose tip is the base, and that tip.

    Raises:
        RepositoryError: it is not in this clone, or malformed.
    """
    ref, oid = _found(store, branch)
    return ref, store.headed(oid)


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
            f"the base branch {branch} is not here",
            hint=("git fetch", f"git config {BRANCH_SETTING} is what names it"),
        )
    return ref, oid
