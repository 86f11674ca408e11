"""What this clone's branch of the base has, and the base does not: it was never pushed.

Where the base follows a remote's branch, that is the base, and whatever was committed here judges
nothing and lands nowhere until it is pushed. No remote is asked: this is what was last fetched.
"""

from itertools import islice
from shlex import quote
from typing import NamedTuple

from codexa_git.change.paths import POLICY
from codexa_git.change.text import counted
from codexa_git.errors import CodexaError
from codexa_git.gate.carried import changes_in, new_changes
from codexa_git.gate.root import root_records
from codexa_git.policy.compiled import policy_files
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.following import push_of
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, open_branches
from codexa_git.workflow.base.unlanded import is_explained, ways_of_work

_MOST = 200


class Unpushed(NamedTuple):
    """How many commits of the branch here the base lacks, and how many of it the branch lacks.

    `policy` is true where the policy would be another with them; `ways` are what to do, in the
    order of trying.
    """

    branch: str
    base: str
    commits: int
    behind: int
    policy: bool
    ways: tuple[str, ...]

    @property
    def told(self) -> str:
        """The same in a clause."""
        commits = counted(self.commits, "commit")
        if self.behind:
            apart = f"{commits} only here, {self.behind} only there"
            return f"{self.branch} here and {self.base} have gone apart, {apart}"
        return f"{self.branch} here has {commits} that {self.base} has not"


def unpushed(ground: Ground) -> Unpushed | None:
    """What the base's local branch has of its own; `None` where nothing, or where it is the base.

    What an open change carries, as `quick` has it do, comes to the base by that change.
    """
    store = ground.store
    here = None if ground.ref == ground.local_ref else store.ref(ground.local_ref)
    if here is None or here == ground.tip.oid:
        return None
    ours, behind = store.apart(here, ground.tip.oid)
    if not ours:
        return None
    own = _own(ground, here)
    policy = any(_changes_policy(ground, commit) for commit in own)
    if not policy and any(store.is_ancestor(here, at) for at in open_branches(ground).values()):
        return None
    ways = _ways(ground, own, behind=behind, policy=policy)
    return Unpushed(ground.branch, ground.base, ours, behind, policy, ways)


def _own(ground: Ground, here: str) -> list[Commit]:
    """The commits of the branch's own line, newest first; of very many the latest."""
    start = ground.store.merge_base(ground.tip.oid, here)
    return list(islice(ground.store.walked(here, start), _MOST))


def _changes_policy(ground: Ground, commit: Commit) -> bool:
    store = ground.store
    if not commit.parents:
        return False
    before = store.tree_of(commit.parents[0])
    return policy_files(store, before) != policy_files(store, commit.tree)


def _ways(ground: Ground, own: list[Commit], *, behind: int, policy: bool) -> tuple[str, ...]:
    """Pushing what the base takes; what it would not take goes to a branch, and on from there."""
    branch, base = ground.branch, quote(ground.base)
    if ground.enforces and not all(is_explained(ground, commit) for commit in own):
        kept = ground.store.spare_branch("policy/keep" if policy else "keep")
        then = (
            f"then, to bring it: git codexa policy sign {kept} -m ...; to leave it, nothing"
            if policy
            else f"then, to bring it: git switch {kept}; {ways_of_work(ground.policy, kept)}"
        )
        return f"on {branch}: git branch {kept} && git reset --keep {base}", then
    pushes = push_of(ground.store, branch) or "git push"
    if not behind:
        return (pushes,)
    if all(_is_moved_by_rebase(ground, commit) for commit in own):
        return f"on {branch}: git rebase {base}", f"then: {pushes}"
    kept = ground.store.spare_branch("keep")
    taken_off = f"on {branch}: git branch {kept} && git reset --keep {base}"
    return taken_off, *(f"then: {way}" for way in _made_anew(ground, own[::-1], pushes))


def _is_moved_by_rebase(ground: Ground, commit: Commit) -> bool:
    """True where it says the same on another parent: a merge, a landing or the root does not."""
    if not commit.parents or _is_of_base(ground, commit):
        return True
    return not (commit.parents[1:] or _lands(ground, commit) or _begins(ground, commit))


def _is_of_base(ground: Ground, commit: Commit) -> bool:
    """True for a merge of the base itself, as `git pull` makes one, which a rebase leaves out."""
    merged = commit.parents[1:]
    return bool(merged) and all(ground.store.is_ancestor(one, ground.tip.oid) for one in merged)


def _lands(ground: Ground, commit: Commit) -> tuple[str, ...]:
    """The changes that it brings to the base, which has them not."""
    store, there = ground.store, changes_in(ground.store, ground.tip.tree)
    found = new_changes(store, store.tree_of(commit.parents[0]), commit.tree)
    return tuple(change for change in found if change not in there)


def _begins(ground: Ground, commit: Commit) -> bool:
    """True where it makes the trust root, which names the commit that it stands on."""
    store, before = ground.store, ground.store.tree_of(commit.parents[0])
    if ground.enforces or store.entry(before, POLICY) == store.entry(commit.tree, POLICY):
        return False
    try:
        return len(root_records(store, commit.tree)) > len(root_records(store, before))
    except CodexaError:
        return False


def _made_anew(ground: Ground, own: list[Commit], pushes: str) -> list[str]:
    """How each of these, oldest first, comes to a base that has moved on.

    What anybody may put there is put and pushed first. A change closes and lands again.
    """
    put, last = [], []
    for commit in own:
        if not commit.parents or _is_of_base(ground, commit):
            continue
        if _begins(ground, commit):
            last.append("git codexa enforce")
        elif landing := _lands(ground, commit):
            last += [_landed_anew(ground, change, commit) for change in landing]
        else:
            merged = " -m 1" if commit.parents[1:] else ""
            put.append(f"git cherry-pick{merged} {commit.oid[:12]}")
    return [" && ".join((*put, pushes)), *last] if put else last


def _landed_anew(ground: Ground, change: str, commit: Commit) -> str:
    """What lands the change from its branch, which is made again where it is gone."""
    lands = f"git codexa land {change} --wait"
    if ground.store.ref(f"{CHANGE_PREFIX}{change}") is not None:
        return lands
    holds = commit.parents[1] if commit.parents[1:] else commit.oid
    return f"git branch change/{change} {holds[:12]} && {lands}"
