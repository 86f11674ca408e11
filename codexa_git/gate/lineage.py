"""Which policy judges each commit of a base: the last one that its owners left.

A change of policy that they did not sign decides nothing. What follows it is judged by the policy
before it, until the owners of that one have named it in an incident. So nobody who came in by such
a change can say that all is well.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codexa_git.audit.words import RecordType, log_path
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import PolicyError, RecordError
from codexa_git.gate.answers import Ask, no, yes
from codexa_git.gate.context import Context
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Commit, Entry
from codexa_git.repository.store import Store

if TYPE_CHECKING:
    from codexa_git.gate.governing import Act
    from codexa_git.gate.owners import Ruling
    from codexa_git.gate.trusted import Trusted

_RECORDED, _SWEPT = log_path(None, "commands"), log_path(None, "retention")
Files = tuple[Entry | None, ...]


class Deed(NamedTuple):
    """An act of the owners on the base, and what is answered of it.

    `commits` are those that an incident names, `records` the ids of what was signed.
    """

    ruling: "Ruling"
    act: "Act"
    commits: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


class Lineage:
    """The base's policy, followed commit by commit from one whose policy is trusted."""

    def __init__(self, store: Store, root: str, branch: str, start: Commit, policy: Policy) -> None:
        self._store = store
        self._root = root
        self._branch = branch
        self._start = start.oid
        self._files = policy_files(store, start.tree)
        self._past = [(start.oid, policy)]
        self._line: Callable[[], Sequence[str]] = list
        self._earlier: Callable[[], Lineage] | None = None
        self.unsigned: tuple[Commit, ...] = ()

    def along(
        self,
        line: Callable[[], Sequence[str]],
        earlier: "Callable[[], Lineage] | None" = None,
    ) -> "Lineage":
        """This lineage, told which commits follow its start, oldest first.

        `earlier` gives the one up to its start, where that is not the commit that made the root.
        Both are asked only for what an incident names.
        """
        self._line, self._earlier = line, earlier
        return self

    @property
    def policy(self) -> Policy:
        """The policy that judges the next commit."""
        return self._past[-1][1]

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy that judged or judges, oldest first."""
        return tuple(policy for _, policy in self._past)

    def policy_before(self, commits: Sequence[str]) -> Policy | None:
        """The policy before the earliest of these; `None` where one is no commit of the base."""
        line = [self._start, *self._line()]
        places = {oid: place for place, oid in enumerate(line)}
        before = [oid for oid in commits if places.get(oid, 0) == 0]
        if before:
            return None if self._earlier is None else self._earlier().policy_before(before)
        earliest = min(places[oid] for oid in commits)
        return [policy for since, policy in self._past if places[since] < earliest][-1]

    @property
    def standing(self) -> str:
        """The commit of the base whose policy is the one that judges."""
        return self._past[-1][0]

    def restores(self, before: str, after: str, commits: Sequence[str]) -> bool:
        """True unless an incident that makes `after` of `before` would take spoilt policy over.

        Where it names a change of policy that nobody signed, each policy file is the last signed
        one again, or the incident itself changes it, which its owners sign.
        """
        if not {one.oid for one in self.unsigned}.intersection(commits):
            return True
        sides = zip(*(policy_files(self._store, tree) for tree in (before, after)), strict=True)
        return all(
            new == good or new != old for good, (old, new) in zip(self._files, sides, strict=True)
        )

    def _restores(self, act: "Act", parent: Commit, commits: Sequence[str]) -> bool:
        """The same, of commits before the start too: then the whole line has to be followed."""
        known = set(self._line())
        if self._earlier is None or known.issuperset(commits):
            return self.restores(act.base_tree, act.tree, commits)
        _, lineage = traced(self._store, self._branch, parent)
        return lineage.restores(act.base_tree, act.tree, commits)

    def deed(self, parent: Commit, commit: Commit) -> Deed | None:
        """What is answered of this commit as an act of the owners; `None` where it is none."""
        if not self._records(parent, commit):
            return None
        from codexa_git.gate.governing import judge_act, kind_of_act  # noqa: PLC0415

        kind = kind_of_act(self._store, parent.tree, commit.tree)
        act = self._act(parent, commit, self.policy)
        if kind is None:
            return self._sweep(act)
        commits = _named(act) if kind is RecordType.INCIDENT_DECLARED else ()
        if not commits:
            return Deed(judge_act(act, kind), act, (), _ids(act))
        policy = self.policy_before(commits)
        act = self._act(parent, commit, policy or self.policy)
        ruling = judge_act(act, kind)
        placed = _placed(is_placed=policy is not None)
        restored = _restored(is_restored=policy is None or self._restores(act, parent, commits))
        return Deed(ruling._replace(asks=(*ruling.asks, placed, restored)), act, commits, _ids(act))

    def _records(self, parent: Commit, commit: Commit) -> bool:
        """True where a file differs that every act of the owners is recorded in."""
        sides = (
            [self._store.entry(side.tree, path) for path in (_RECORDED, _SWEPT)]
            for side in (parent, commit)
        )
        return next(sides) != next(sides)

    def _sweep(self, act: "Act") -> Deed | None:
        """What is answered where evidence is let go; `None` where nothing says that it is."""
        from codexa_git.gate.sweeping import judge_sweep  # noqa: PLC0415

        sides = [self._store.entry(tree, _SWEPT) for tree in (act.base_tree, act.tree)]
        if sides[0] == sides[1]:
            return None
        ruling = judge_sweep(act.store, act.policy, act.base_tree, act.tree, act.context)
        return Deed(ruling, act)

    def _act(self, parent: Commit, commit: Commit, policy: Policy) -> "Act":
        from codexa_git.gate.governing import Act  # noqa: PLC0415

        at, not_before = commit.committer.seconds, parent.committer.seconds
        context = Context(self._root, self._branch, at, not_before)
        return Act(self._store, policy, parent.tree, commit.tree, context)

    def take(self, parent: Commit, commit: Commit, deed: Deed | None) -> None:
        """This commit has come to the base, and what follows is judged by the policy then."""
        signed = deed is not None and deed.ruling.yes
        if deed is not None and signed:
            self.unsigned = tuple(one for one in self.unsigned if one.oid not in deed.commits)
        files = policy_files(self._store, commit.tree)
        if not signed and files != policy_files(self._store, parent.tree):
            self.unsigned = (*self.unsigned, commit)
        if not self.unsigned and files != self._files:
            self._stands(commit, files)

    def _stands(self, commit: Commit, files: Files) -> None:
        policy = load_policy(self._store, commit.tree, None)
        if policy is None:
            raise PolicyError("the policy is gone")
        self._past.append((commit.oid, policy))
        self._files = files


def policy_files(store: Store, tree: str) -> Files:
    """What a tree holds in the place of each policy file."""
    return tuple(store.entry(tree, path) for path in (POLICY, SIGNERS))


def _named(act: "Act") -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(oid for r in act.added for oid in r.data.get("commits", ())))
    except RecordError:
        return ()


def _ids(act: "Act") -> tuple[str, ...]:
    try:
        return tuple(record.id for record in act.added)
    except RecordError:
        return ()


def _placed(*, is_placed: bool) -> Ask:
    asks = "the commits that are named have come to this base, after its root"
    answer = yes("they have") if is_placed else no("one of those named is no commit of this base")
    return Ask("commits-placed", None, asks, answer)


def _restored(*, is_restored: bool) -> Ask:
    asks = "what an incident names of policy is put back, so that nobody's policy is taken over"
    answer = (
        yes("it is")
        if is_restored
        else no("a policy file is neither the last signed one nor changed by the incident")
    )
    return Ask("policy-restored", None, asks, answer)


def traced(
    store: Store, branch: str, tip: Commit, cache: Path | None = None
) -> "tuple[Trusted, Lineage]":
    """The trust root of a base, and its policy followed from there to `tip`.

    Raises:
        PolicyError: there is no root, or it is not signed as it should be.
    """
    from codexa_git.gate.trusted import first_enforcing, trusted_at  # noqa: PLC0415

    line = store.first_parent_ids(tip.oid)
    made = first_enforcing(store, line)
    trusted = trusted_at(store, made)
    policy = load_policy(store, made.tree, cache)
    if policy is None:
        raise PolicyError("the commit that began to enforce has no policy")
    rest = line[: line.index(made.oid)][::-1]
    lineage = Lineage(store, trusted.id, branch, made, policy).along(lambda: rest)
    later = set(rest)
    touching = store.line_touching(tip.oid, (POLICY, SIGNERS, _RECORDED))
    for commit in reversed([commit for commit in touching if commit.oid in later]):
        parent = store.commit(commit.parents[0])
        lineage.take(parent, commit, lineage.deed(parent, commit))
    return trusted, lineage
