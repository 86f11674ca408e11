"""Commits that came to the base past the process, as their two trees tell at a glance.

Whether what looks like a landing or an act of the owners is one, `verify` judges, and so does
nobody here: this is for whoever did not ask, and would not learn of it otherwise.
"""

from collections.abc import Iterator
from functools import partial
from itertools import islice

from codexa_git.audit.logger import read_records
from codexa_git.audit.words import RecordType, log_path
from codexa_git.errors import CodexaError
from codexa_git.gate.carried import new_changes
from codexa_git.gate.root import id_of, root_records
from codexa_git.policy.rules import Policy, is_free
from codexa_git.repository.cached import keep, recall
from codexa_git.repository.objects import Commit
from codexa_git.repository.reading import REGULAR
from codexa_git.workflow.base.ground import Ground

_MOST = 200
"""How many commits are looked at where none was before: a long history is for `verify`."""

_ACTS = frozenset(log_path(None, name) for name in ("commands", "retention"))


def unlanded(ground: Ground) -> tuple[Commit, ...]:
    """The latest commits of the base that nothing explains, newest first; none while observing.

    They bring no change, record no act of the owners and touch more than free paths, and no
    incident names them. What was looked at before is remembered.
    """
    if not ground.enforces:
        return ()
    file, about = ground.cache / "unlanded", f"{ground.branch} {ground.root}"
    known = recall(file, about)
    tip, before = known if isinstance(known, tuple) and len(known) == 2 else (None, ())
    if tip == ground.tip.oid:
        found = before
    else:
        found = _found(ground, tip, before)
        keep(file, about, (ground.tip.oid, found))
    if not found:
        return ()
    named = _named(ground)
    return tuple(ground.store.commit(oid) for oid in found if oid not in named)


def ways_of_work(policy: Policy | None, branch: str) -> str:
    """How what is committed on a branch becomes a change: a light one only where policy has any."""
    opens = 'git codexa open "what should change"'
    if policy is not None and policy.light.paths:
        return f'git codexa quick "what it does", or {opens}'
    return f"{opens}; once its plan is approved: git merge {branch}"


def _found(ground: Ground, tip: str | None, before: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of those since `tip`, and those `before` if the base still stands on it."""
    new: list[str] = []
    for commit in islice(_since_the_root(ground), _MOST):
        if commit.oid == tip:
            return (*new, *before)
        if not is_explained(ground, commit):
            new.append(commit.oid)
    return tuple(new)


def _since_the_root(ground: Ground) -> Iterator[Commit]:
    store = ground.store
    made = (r for r in root_records(store, ground.tip.tree) if id_of(r) == ground.root)
    begun = {record.data["parent"] for record in made}
    for commit in store.walked(ground.tip.oid):
        if not commit.parents or commit.parents[0] in begun:
            return
        yield commit


def is_explained(ground: Ground, commit: Commit) -> bool:
    """True where it looks like a landing, an act or a commit of free paths, or cannot be read."""
    store, policy = ground.store, ground.policy
    if not commit.parents:
        return False
    try:
        parent = store.tree_of(commit.parents[0])
        if new_changes(store, parent, commit.tree):
            return True
        differences = store.difference(parent, commit.tree)
    except CodexaError:
        return True
    if not _ACTS.isdisjoint(difference.path for difference in differences):
        return True
    return all(
        is_free(policy, d.path) and (d.new is None or d.new.mode in REGULAR) for d in differences
    )


def _named(ground: Ground) -> frozenset[str]:
    """The commits that owners have named in incidents, as the base's records tell."""
    records = read_records(partial(ground.store.read, ground.tip.tree), None)
    incidents = (r for r in records if r.type is RecordType.INCIDENT_DECLARED)
    return frozenset(oid for record in incidents for oid in record.data["commits"])
