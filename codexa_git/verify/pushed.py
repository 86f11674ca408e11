"""What a push would bring to the base, judged as `verify` judges what came to it."""

from codexa_git.errors import PolicyError
from codexa_git.gate.carried import new_changes
from codexa_git.policy.rules import Mode
from codexa_git.repository.store import Store
from codexa_git.values import NamedTuple
from codexa_git.verify.findings import Breach, Finding
from codexa_git.verify.grounds import Policies, footing, unborne
from codexa_git.verify.walk import Judged, Walk, enforced_line

AHEAD = 300
"""So many seconds may a commit's time be ahead of the clock of whoever takes it."""


class Push(NamedTuple):
    """What would become of a base: its old tip (`None`: it is new here), and its new one.

    `now` is the clock's time, where times are held against it here: a server asks that itself (B7).
    """

    root: str | None
    branch: str
    old: str | None
    new: str
    now: int | None = None


def judge_push(store: Store, push: Push) -> Judged:
    """Everything that is wrong with the commits that the base would get.

    Where the old tip enforces, what stands there is taken as judged. Else the root has to be among
    what is new (`root` is the pinned one), and it and all that follows is judged.
    """
    if push.old is None:
        return _from_the_root(store, push)
    line = beyond(store, push.old, push.new)
    if line is None:
        return Judged(0, 0, (Finding(push.new, None, rewound(store, push.old)),))
    policies = Policies(store)
    if push.root is None or not _enforces(policies, store.tree_of(push.old)):
        return _from_the_root(store, push)
    walk = Walk(store, push.root, push.branch, policies=policies, now=push.now)
    return walk.judge(push.old, line, _quietly)


def beyond(store: Store, old: str, new: str) -> list[str] | None:
    """The first-parent commits after `old` up to `new`, oldest first; `None`: there is no such way.

    A base that goes on from elsewhere loses what it was, even where `old` is merged there.
    """
    line = list(store.first_parent_line(new, old))
    if line and store.first_parent(line[-1]) != old:
        return None
    return line[::-1]


def rewound(store: Store, old: str) -> Breach:
    """B1: the base would no longer stand on its old tip."""
    told = f"its first-parent line would no longer hold {old[:12]}, and it only moves forward"
    return Breach("B1", told, hint=f"git fetch; what is to be undone: {_undoing(store, old)}")


def _undoing(store: Store, oid: str) -> str:
    """The command that undoes this commit: git itself would refuse to revert a landing's merge."""
    parents = store.commit(oid).parents
    before = store.tree_of(parents[0]) if parents else store.empty_tree
    landed = new_changes(store, before, store.tree_of(oid))
    if len(landed) == 1:
        return f"git codexa revert {landed[0]}"
    return f"git revert {'-m 1 ' if len(parents) > 1 else ''}{oid[:12]}"


def _enforces(policies: Policies, tree: str) -> bool:
    """True where the policy enforces, and where it cannot be read: then nothing follows it."""
    policy = policies.of(tree)
    return isinstance(policy, Breach) or policy.mode is Mode.ENFORCE


def _from_the_root(store: Store, push: Push) -> Judged:
    try:
        made, line = enforced_line(store, push.new)
    except PolicyError:
        if push.root is None:
            return Judged(0, 0, ())
        return Judged(0, 0, (Finding(push.new, None, unborne(push.root)),))
    stands = footing(store, push.branch, made, push.root)
    if stands.breach is not None:
        return Judged(0, 0, (Finding(made.oid, None, stands.breach),))
    root = push.root if stands.trusted is None else stands.trusted.id
    return Walk(store, root or "", push.branch, now=push.now).judge(made.oid, line, _quietly)


def _quietly(number: int, of: int) -> None:
    del number, of
