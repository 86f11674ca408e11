"""The trust root that this clone is held to: pinned by whoever has it from a person, and shown."""

from typing import NamedTuple

from codexa_git.errors import PolicyError, RefusedError
from codexa_git.gate.trusted import Trusted, first_enforcing, trusted_at
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.workflow.base.locating import find_root, judged_base
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING


class RootedBase(NamedTuple):
    """A base, and the root that it begins at, its signatures checked; `None` while it observes."""

    branch: str
    root: Trusted | None
    pinned: bool


def pin_root(store: Store, root: str) -> None:
    """This clone trusts this root, and looks at the branch that it names.

    Raises:
        RefusedError: no branch here bears it, and nothing is pinned.
    """
    branch = find_root(store, root)
    if branch is None:
        raise RefusedError(
            f"no branch here bears the trust root {root}, so it is not pinned",
            hint="git fetch; or ask whoever told you: this may be another project",
        )
    store.set_config(BRANCH_SETTING, branch)
    store.set_config(ROOT_SETTING, root)


def rooted_base(store: Store) -> RootedBase:
    """The base that is judged here, and its root.

    Raises:
        PolicyError: the root is not signed as it should be, or nothing here is a base.
        RefusedError: it is not the root that this clone pinned.
    """
    pinned = store.config(ROOT_SETTING)
    branch, tip = judged_base(store, pinned)
    made = _made(store, tip)
    if made is None and pinned is None:
        return RootedBase(branch, None, pinned=False)
    root = None if made is None else trusted_at(store, branch, made)
    if pinned is not None and (root is None or root.id != pinned):
        raise RefusedError(
            f"{branch} does not begin at the trust root that this clone pinned",
            hint=f"pinned: {pinned}",
        )
    return RootedBase(branch, root, pinned is not None)


def _made(store: Store, tip: str) -> Commit | None:
    """The commit that began to enforce; `None` where none has."""
    try:
        return first_enforcing(store, store.first_parent_ids(tip))
    except PolicyError:
        return None
