"""What this clone's branch of the base has, and the base does not: it was never pushed.

Where the base follows a remote's branch, that is the base, and whatever was committed here judges
nothing and lands nowhere until it is pushed. No remote is asked: this is what was last fetched.
"""

from itertools import islice
from shlex import quote
from typing import NamedTuple

from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.change.text import counted
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.following import push_of
from codexa_git.workflow.base.ground import Ground, open_branches
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
    return any(
        store.entry(before, path) != store.entry(commit.tree, path) for path in (POLICY, SIGNERS)
    )


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
    return (f"on {branch}: git rebase {base}", f"then: {pushes}") if behind else (pushes,)
