"""The ground that a verb stands on: the repository, its base, its policy, its root, and the time.

Nothing here writes. The clock and the environment come in as arguments.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from codexa_git.audit.ids import is_change_id
from codexa_git.audit.record import Actor
from codexa_git.audit.words import Stage
from codexa_git.change.paths import POLICY
from codexa_git.errors import PolicyError, RefusedError, RepositoryError, UsageError
from codexa_git.gate.carried import changes_in
from codexa_git.gate.root import recorded_root
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import Mode, Policy, person_of
from codexa_git.repository.objects import Commit
from codexa_git.repository.remotes import Upstream, remotes, upstream
from codexa_git.repository.store import Store
from codexa_git.workflow.base.locating import base_branch, branch_of_root, tip_of
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING

CHANGE_PREFIX = "refs/heads/change/"


class Ground(NamedTuple):
    """The base as it stands, and who judges by it.

    `ref` is the ref whose tip is the base: the remote-tracking branch where one is configured, else
    the local branch. `root` is the pinned trust root, or in an unpinned clone the recorded one
    (`pinned` tells), and `None` while observing. `at` is the time of what is written now, and
    `environment` the user's, of which only names that policy lists are ever handed on. `again` is
    true where what is made was made before: then it bears just the time `at`, not a later one.
    """

    store: Store
    branch: str
    ref: str
    tip: Commit
    policy: Policy
    root: str | None
    pinned: bool
    at: int
    environment: Mapping[str, str] = MappingProxyType({})
    again: bool = False

    def passing(self, names: tuple[str, ...]) -> dict[str, str]:
        """What the user's environment says for the names that policy lets the tests' setup see."""
        return {name: self.environment[name] for name in names if name in self.environment}

    @property
    def enforces(self) -> bool:
        """True where the policy refuses rather than reports."""
        return self.policy.mode is Mode.ENFORCE

    @property
    def local_ref(self) -> str:
        """The base's local branch."""
        return f"refs/heads/{self.branch}"

    @property
    def base(self) -> str:
        """What a command names the base by: the branch whose tip it is, here or on its remote."""
        return short(self.ref)

    @property
    def cache(self) -> Path:
        """Where this clone keeps what it can make again."""
        return self.store.common_dir / "codexa"


def short(ref: str) -> str:
    """A branch as people name it: `main` of one here, `origin/main` of one on a remote."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def stand(store: Store, at: int, environment: Mapping[str, str] = MappingProxyType({})) -> Ground:
    """The ground of this repository now.

    Raises:
        RepositoryError: it has no commit, or no base that adopted codexa-git.
        PolicyError: the policy is missing or unreadable, so no gate can answer.
        RefusedError: the recorded root is not the one that this clone pinned.
    """
    branch, ref, tip = base_at(store)
    _require_pushed(store, branch, ref, tip)
    policy = _policy(store, branch, tip)
    root, pinned = _root(store, tip, policy)
    return Ground(store, branch, ref, tip, policy, root, pinned, at, environment)


def _policy(store: Store, branch: str, tip: Commit) -> Policy:
    """The policy that stands on the base, and is that of this branch.

    Where a root is pinned, whatever else stands there was put there past the gates.
    """
    asks = () if store.config(ROOT_SETTING) is None else ("git codexa verify tells since when",)
    policy = load_policy(store, tip.tree, store.common_dir / "codexa" / "policy")
    if policy is None and asks:
        raise PolicyError(f"there is no policy on {branch} any more", hint=asks)
    if policy is not None and policy.branch != branch:
        raise PolicyError(
            f"the policy on {branch} is that of the base {policy.branch}",
            hint=asks or f"git config {BRANCH_SETTING} {policy.branch}",
        )
    return policy or policy_at(store, tip.tree)


def _require_pushed(store: Store, branch: str, ref: str, tip: Commit) -> None:
    """Nothing: it is not that only this clone's own branch has adopted what its remote has not."""
    local = f"refs/heads/{branch}"
    if ref == local or store.entry(tip.tree, POLICY) is not None:
        return
    here = store.ref(local)
    if here is not None and store.entry(store.tree_of(here), POLICY) is not None:
        follows = upstream(store, branch)
        there = ref.removeprefix("refs/remotes/")
        raise PolicyError(
            f"{branch} has adopted codexa-git here, but {there} has not yet",
            hint="git push" if follows is None else push_of_base(branch, follows),
        )


def push_of_base(branch: str, follows: Upstream) -> str:
    """The command that pushes the base's local branch to what it follows."""
    there = follows.remote_ref.removeprefix("refs/heads/")
    return f"git push {follows.remote} {branch if there == branch else f'{branch}:{there}'}"


def base_at(store: Store) -> tuple[str, str, Commit]:
    """The base branch's name, the ref whose tip is the base, and that tip.

    Raises:
        RepositoryError: it is not in this clone.
        PolicyError: no branch here has adopted codexa-git.
    """
    branch = base_branch(store)
    return branch, *tip_of(store, branch)


def policy_at(store: Store, tree: str) -> Policy:
    """The policy that this tree of the base holds.

    Raises:
        PolicyError: there is none, or it cannot be read.
    """
    policy = load_policy(store, tree, store.common_dir / "codexa" / "policy")
    if policy is None:
        raise PolicyError(
            "this repository has not adopted codexa-git", hint="git codexa init adopts it"
        )
    return policy


def _root(store: Store, tip: Commit, policy: Policy) -> tuple[str | None, bool]:
    pinned = store.config(ROOT_SETTING)
    if policy.mode is not Mode.ENFORCE:
        # Whoever was killed while enforcing has pinned what the base is only going to bear.
        if pinned is not None and branch_of_root(store, pinned, tip.oid) is not None:
            raise RefusedError(
                f"{policy.branch} no longer enforces, and this clone has pinned its trust root",
                hint="git codexa verify tells since when",
            )
        return None, False
    found = recorded_root(store, tip.tree)
    if pinned is not None and found != pinned:
        raise RefusedError(
            f"the trust root recorded on {policy.branch} is not the one that this clone pinned",
            hint=f"pinned: {pinned}",
        )
    return found, pinned is not None


def unpinned(ground: Ground, so: str, *details: tuple[str, str]) -> RefusedError:
    """Why this waits for a trust root that a person has looked at, and how the clone gets one.

    A root that the very command has pinned is none yet: nobody can have read who signed it.
    """
    if ground.store.config(ROOT_SETTING) is not None:
        return RefusedError(
            f"nobody has looked yet at the trust root that this clone has just pinned, so {so}",
            details=details,
            hint="once you are sure of who signed it, ask again",
        )
    return RefusedError(
        f"this clone has not pinned a trust root, so {so}",
        details=details,
        hint=(
            "git codexa root shows it and who signed",
            f"once you are sure: git codexa root --pin {ground.root}",
        ),
    )


def user(store: Store, policy: Policy | None) -> Actor:
    """The person at the keyboard: whom git knows by address, by policy's name and first role.

    Who is nobody in the policy goes by the name that git has for them.

    Raises:
        RepositoryError: git has no name and address for them.
    """
    found = reader(store, policy)
    if found is None:
        raise RepositoryError(
            "git does not know who you are",
            hint='git config user.name "Your Name" && git config user.email you@example.org',
        )
    return found


def reader(store: Store, policy: Policy | None) -> Actor | None:
    """The same person; `None` where git has no name and address for them."""
    name, email = store.config("user.name"), store.config("user.email")
    if not name or not email:
        return None
    person = None if policy is None else person_of(policy, email)
    role = person.roles[0] if person is not None and person.roles else "contributor"
    called = " ".join(name.split()) if person is None else person.name
    return Actor(called, email, role)


def not_here(store: Store, change: str) -> UsageError:
    """Why this clone has no change of this id, and how to get one that a remote has."""
    branches = store.refs("refs/remotes")
    there = next((ref for ref in branches if ref.endswith(f"/change/{change}")), None)
    if there is None:
        return _nowhere(store, change)
    remote = there.removeprefix("refs/remotes/")
    return UsageError(
        f"{change} is not in this clone yet, but {remote} is", hint=f"git switch --track {remote}"
    )


def unknown_here(store: Store, change: str) -> UsageError:
    """What is said where this clone knows nothing of the change, which a remote may have."""
    listed = "git codexa status lists them"
    hints = ("git fetch, where others opened it", listed) if remotes(store) else listed
    return UsageError(f"there is no change {change} here", hint=hints)


def _nowhere(store: Store, change: str) -> UsageError:
    """The same where no branch has its name: another may carry it, or its bookmarks are left."""
    told = f"there is no change {change} here"
    for ref, oid in store.refs("refs/heads").items():
        name = ref.removeprefix("refs/heads/")
        others = (CHANGE_PREFIX, "refs/heads/codexa/")
        if not ref.startswith(others) and store.entry(store.tree_of(oid), f"audit/{change}"):
            return UsageError(
                f"{told}, but the branch {name} carries it",
                hint=f"git branch -m {name} change/{change}",
            )
    marks = {
        stage.number: str(stage)
        for stage in Stage
        if store.ref(f"refs/heads/codexa/{change}/{stage}") is not None
    }
    if not marks:
        return unknown_here(store, change)
    last = marks[max(marks)]
    return UsageError(
        told,
        hint=(
            f"git branch change/{change} codexa/{change}/{last} is where it left {last}",
            "what it had after that, git reflog may know",
        ),
    )


def open_branches(ground: Ground) -> dict[str, str]:
    """Every `change/CH-###` branch whose change has not landed, with its tip."""
    landed = set(changes_in(ground.store, ground.tip.tree))
    found = ground.store.refs(CHANGE_PREFIX)
    names = {ref.removeprefix(CHANGE_PREFIX): oid for ref, oid in found.items()}
    return {n: o for n, o in sorted(names.items()) if is_change_id(n) and n not in landed}
