"""The ground of who judges: the base that the asker names, its policy traced to its trust root.

What a change says of its base decides nothing here, and no cache of the clone is asked.
"""

from shlex import quote

from codexa_git.errors import PolicyError, RefusedError, RepositoryError
from codexa_git.gate.tracing import traced
from codexa_git.gate.trusted import first_enforcing
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import Mode
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.base.locating import judged_branch, tip_of_base
from codexa_git.workflow.base.settings import ROOT_SETTING

_HEADS, _REMOTES = "refs/heads/", "refs/remotes/"


def base_to_check(store: Store, name: str | None, pinned: str | None, at: int) -> Ground:
    """The base as it stands, its policy traced to its root; nothing of the clone's cache is asked.

    Raises:
        RepositoryError: this clone cannot show all of history, or has no such base.
        PolicyError: its policy is missing or unreadable, or is another base's; or a root is pinned
            and no commit enforces.
        RefusedError: the root is another than the pinned one, or policy was changed without owners.
    """
    if (why := store.incomplete()) is not None:
        hint = (
            "in CI, check out with all of history: fetch-depth: 0 (GitHub), GIT_DEPTH: 0 (GitLab)"
        )
        raise RepositoryError(f"undecided: {why}", hint=hint)
    pinned = pinned or store.config(ROOT_SETTING)
    ref, branch, tip = _base(store, judged_branch(store, pinned) if name is None else name)
    policy = load_policy(store, tip.tree, None)
    if policy is None and pinned is not None:
        raise PolicyError(f"there is no policy on {name or ref}", hint="git codexa verify")
    if policy is None:
        raise PolicyError(f"{name or ref} has not adopted codexa-git", hint="git codexa init")
    if branch not in (None, policy.branch):
        raise PolicyError(
            f"the policy on {branch} is that of the base {policy.branch}",
            hint=f"git codexa check --base {policy.branch}",
        )
    root = _root(store, policy.branch, tip, pinned)
    enforces = policy.mode is Mode.ENFORCE
    is_pinned = pinned is not None and enforces
    return Ground(store, policy.branch, ref, tip, policy, root if enforces else None, is_pinned, at)


def _base(store: Store, wanted: str) -> tuple[str, str | None, Commit]:
    """The ref that leads to the base, the branch that it is (`None`: a bare commit), its tip."""
    for ref in (wanted, f"{_REMOTES}{wanted}"):
        if ref.startswith((_HEADS, _REMOTES)) and (oid := store.ref(ref)) is not None:
            return ref, _branch_of(ref), store.headed(oid)
    ref, oid = tip_of_base(store, wanted)
    if oid is not None:
        return ref, wanted, store.headed(oid)
    status, out = store.git.answer(
        "rev-parse", "--verify", "-q", "--end-of-options", f"{wanted}^{{commit}}"
    )
    if status != 0:
        raise RepositoryError(
            f"the base {wanted[:80]!a} is not in this clone",
            hint=(*_near(store, wanted), "git fetch"),
        )
    return wanted, None, store.headed(out.decode("ascii").strip())


def _near(store: Store, wanted: str) -> tuple[str, ...]:
    """The branch here, or of a remote, whose name is nearest to one that there is not."""
    from difflib import get_close_matches  # noqa: PLC0415

    refs = (*store.refs(_HEADS), *store.refs(_REMOTES))
    names = [ref.removeprefix(_HEADS).removeprefix(_REMOTES) for ref in refs]
    near = get_close_matches(wanted, names, 1)
    return tuple(f"did you mean {name}? git codexa check --base {quote(name)}" for name in near)


def _branch_of(ref: str) -> str:
    """The branch that a ref is: a remote's name is its first word."""
    if ref.startswith(_HEADS):
        return ref.removeprefix(_HEADS)
    return ref.removeprefix(_REMOTES).partition("/")[2]


def _root(store: Store, branch: str, tip: Commit, pinned: str | None) -> str | None:
    """The root that the base's policy is traced to; `None` where nothing ever enforced."""
    try:
        first_enforcing(store, store.first_parent_ids(tip.oid))
    except PolicyError:
        if pinned is not None:
            raise
        return None
    made, lineage = traced(store, branch, tip)
    if pinned is not None and made.id != pinned:
        raise RefusedError(
            f"the trust root of {branch} is {made.id}, and the pinned one is {pinned}",
            hint="this is another base, or its history was made anew: ask its owners",
        )
    if lineage.unsigned:
        first = lineage.unsigned[0].oid[:12]
        raise RefusedError(
            f"the policy of {branch} was changed at {first} without the owners' signatures",
            hint=f"git show {first}",
        )
    return made.id
