"""`check`: the change at hand, judged as its landing on the base would be if it were merged now.

1. The base is the branch that the asker names: what a change says of it decides nothing.
2. Its policy is traced to the trust root, commit by commit, and no cache is asked.
3. Which change is at hand is read from the trees. Where the base's tip is not in it, the two are
   merged here, in memory, as a forge's test merge would.
4. The gates answer for those two trees. What its story lost, and what came later than its closing,
   can only turn a yes into a no.

Nothing is written, and nothing of the repository is run.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from codexa_git.audit.words import Stage
from codexa_git.change.paths import Places
from codexa_git.change.text import counted
from codexa_git.errors import CodexaError, RecordError, RefusedError, RepositoryError
from codexa_git.gate.carried import changes_in, merged_besides, new_changes
from codexa_git.gate.case import Case
from codexa_git.gate.context import Context
from codexa_git.gate.vanished import lines_of, vanished_from
from codexa_git.gate.verdict import Verdict, judge
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import Policy, is_free
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Answer, Breach, Finding, answer_to
from codexa_git.verify.landings import unmet
from codexa_git.workflow.base.ground import (
    CHANGE_PREFIX,
    Ground,
    not_here,
)
from codexa_git.workflow.changes.moment import held_base
from codexa_git.workflow.stages.syncing import merged_with_base

_REMOTES = "refs/remotes/"


class Absent(NamedTuple):
    """No change is at hand, though what is at hand is not the base: why, and the way on."""

    says: str
    hints: tuple[str, ...]


class Checked(NamedTuple):
    """What merging the change at hand would come to.

    `head` is the commit that was judged, `behind` how many commits the base has that it does not
    hold. `findings` say what is in the way; while the base observes they refuse nothing.
    """

    change: str
    title: str
    ground: Ground
    head: Commit
    behind: int
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def answer(self) -> Answer:
        """Yes where nothing is in the way; undecided where nothing is known to be."""
        return answer_to(finding.breach for finding in self.findings)


def check(ground: Ground, change: str | None, through: Stage = Stage.CLEANUP) -> Checked | Absent:
    """What merging the change at hand (or the one named) would come to.

    Raises:
        RepositoryError: there is nothing here that the base does not hold, or no common history.
        RefusedError: two changes are at hand at once, or what landed would be taken away.
        UsageError: the change that was named is not here.
    """
    store = ground.store
    head = _head(ground, change)
    held = held_base(ground, head)
    if held.oid == head.oid:
        raise RepositoryError(
            f"no change to judge: {ground.branch} holds {head.oid[:12]} already",
            hint="git codexa verify judges what landed; git codexa check, what is to land",
        )
    tree, conflicts = _merged(ground, held, head)
    if absent := _absent(ground, head, tree, conflicts):
        return absent
    base = ground.tip
    context = Context(
        ground.root,
        ground.branch,
        max(ground.at, base.committer.seconds),
        base.committer.seconds,
        base.oid,
    )
    # What conflicts has no merged tree: then it is judged beside what it holds of the base.
    before = held.tree if conflicts else base.tree
    case = Case(store, ground.policy, before, tree, context)
    if change is not None and case.change != change:
        raise RefusedError(
            f"what is at hand is {case.change}, and not {change}",
            hint=f"git switch change/{change}, or: git codexa check {case.change}",
        )
    verdict = judge(case, through)
    behind = store.count_beyond(held.oid, base.oid)
    breaches = (
        *_in_the_way(ground, case, conflicts, behind, through),
        *unmet(case, through),
        *_vanished(store, case, head),
        *_besides(ground, case, head),
    )
    settled = _as_held(ground, case, held, breaches)
    findings = tuple(Finding(head.oid, case.change, breach) for breach in settled)
    return Checked(case.change, _title(case), ground, head, behind, verdict, findings)


def _head(ground: Ground, change: str | None) -> Commit:
    """HEAD; of a change that is named and not at HEAD, its branch here or on a remote."""
    store = ground.store
    _, oid = store.head()
    if oid is None:
        raise RepositoryError("this branch has no commit yet")
    head = store.commit(oid)
    if change is None or new_changes(store, ground.tip.tree, head.tree) == (change,):
        return head
    if change in changes_in(store, ground.tip.tree):
        raise RepositoryError(f"no change to judge: {change} has landed on {ground.branch}")
    here = store.ref(f"{CHANGE_PREFIX}{change}")
    ends = f"/change/{change}"
    there = [tip for ref, tip in store.refs(_REMOTES).items() if ref.endswith(ends)]
    found = [oid for oid in (here, *there) if oid is not None]
    if found:
        return store.commit(found[0])
    raise not_here(store, change)


def _merged(ground: Ground, held: Commit, head: Commit) -> tuple[str, tuple[str, ...]]:
    """The tree that merging gives; where people's work is in conflict, HEAD's, and the paths."""
    base = ground.tip
    if held.oid == base.oid:
        return head.tree, ()
    result = ground.store.merge(held.oid, head.oid, base.oid)
    carried = new_changes(ground.store, held.tree, head.tree)
    if result.conflicts and len(carried) == 1:
        # Blocks in shared pages are made again at closing, and are nobody's conflict.
        result = merged_with_base(ground.store, carried[0], held, head, base)
    return (head.tree, result.conflicts) if result.tree is None else (result.tree, ())


def _absent(ground: Ground, head: Commit, tree: str, conflicts: tuple[str, ...]) -> Absent | None:
    """Why no change is at hand; `None` where one is.

    Raises:
        RefusedError: the records of a change that landed would go.
    """
    store, base = ground.store, ground.tip
    gone = sorted(set(changes_in(store, base.tree)) - set(changes_in(store, tree)))
    if gone and not conflicts:
        raise RefusedError(
            f"merging {head.oid[:12]} would take the records of {gone[0]} away, and"
            f" {ground.branch} keeps what landed",
            hint=f"a change takes the work back and keeps the records: git codexa revert {gone[0]}",
        )
    if new_changes(store, base.tree, tree):
        return None
    paths = [d.path for d in store.difference(base.tree, tree)]
    other = [path for path in paths if not is_free(ground.policy, path)]
    told = f"{other[0]} is not free on {ground.branch}" if other else "only free paths differ"
    return Absent(
        f"no change to judge: {head.oid[:12]} brings no new folder below audit/, and {told}",
        ('git codexa open "what should change", and bring the work there',),
    )


def _in_the_way(
    ground: Ground, case: Case, conflicts: tuple[str, ...], behind: int, through: Stage
) -> Iterator[Breach]:
    """L3: what would land is not what was closed, for the base has moved meanwhile."""
    if through is not Stage.CLEANUP:
        return
    for path in conflicts:
        told = f"{ground.branch} and {case.change} both change {path}"
        mend = f"git merge {ground.branch}, resolve, commit; then git codexa advance {case.change}"
        yield Breach("L3", told, path, hint=mend)
    if behind and not conflicts and _is_closed(case):
        told = (
            f"{ground.branch} moved by {counted(behind, 'commit')} since {case.change} was closed"
        )
        yield Breach("L3", told, hint=f"git codexa advance {case.change}")


def _as_held(
    ground: Ground, case: Case, held: Commit, breaches: Iterable[Breach]
) -> Iterator[Breach]:
    """The same; beside a policy of the base that the change does not hold yet, with a sync first.

    Until then an approval is judged by the one that it holds.
    """
    approves = f"git codexa approve {case.change}"
    sync = f"{ground.base} has a newer policy: git codexa sync {case.change}, then {approves}"
    newer = _policy_of(held, ground) != case.policy
    for breach in breaches:
        yield breach._replace(hint=sync) if newer and breach.hint == approves else breach


def _policy_of(held: Commit, ground: Ground) -> Policy | None:
    try:
        return load_policy(ground.store, held.tree, None)
    except CodexaError:
        return None


def _is_closed(case: Case) -> bool:
    try:
        return case.state.closed is not None
    except RecordError:
        return False  # `unmet` tells of records that cannot be read


def _vanished(store: Store, case: Case, head: Commit) -> Iterator[Breach]:
    """L15: a record that the story of the change once had is not in its tree."""
    places = Places(case.change)
    ends = f"/change/{case.change}"
    remote = [oid for ref, oid in store.refs(_REMOTES).items() if ref.endswith(ends)]
    try:
        held = lines_of(case.state.records)
    except RecordError:
        return
    commits = store.touching([head.oid, *remote], places.audit)
    for record in vanished_from(store, case.change, commits[::-1], held):
        path = places.log(record.log)
        told = f"{record.type} by {record.actor}, {record.at}, was in its story and is gone"
        yield Breach("L15", told, path, hint=f"git log --all -p -- {path}")


def _besides(ground: Ground, case: Case, head: Commit) -> Iterator[Breach]:
    """L13: it would make commits of another open change the base's."""
    found = merged_besides(ground.store, ground.tip, [head.oid], case.change)
    if found is not None:
        told = f"it merges {found.commit.oid[:12]} of {found.change}, and does not land that"
        mend = f"git log --merges {ground.branch}..{head.oid[:12]}; git rebase takes one out"
        yield Breach("L13", told, hint=mend)


def _title(case: Case) -> str:
    try:
        return case.state.title
    except RecordError:
        return "its records cannot be read"
