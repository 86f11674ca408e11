"""Which policy judges each commit of a base: the last one that its owners left.

A change of policy that they did not sign decides nothing. What follows it is judged by the policy
before it, until the owners of that one have named it in an incident. So nobody who came in by such
a change can say that all is well. Every act, an incident too, is judged by what the owners signed
last: nobody whom they have taken out can name his way back to the policy of before.
"""

from collections.abc import Callable, Sequence

from codexa_git.audit.words import ACT_LOG, RecordType, log_path
from codexa_git.errors import CodexaError, PolicyError, RecordError
from codexa_git.policy.compiled import PolicyFiles, load_policy, policy_files
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from codexa_git.gate.answers import Ask
    from codexa_git.gate.governing import Act
    from codexa_git.gate.owners import Ruling
else:
    # As text they would be compiled, which takes a server's hook as long as reading the policy.
    Act = Ruling = object

_SWEPT = log_path(None, "retention")


class Deed(NamedTuple):
    """An act of the owners on the base, and what is answered of it.

    `commits` are those that an incident names, `records` the ids of what was signed.
    """

    ruling: Ruling
    act: Act
    commits: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


class Reached(NamedTuple):
    """All that a lineage carries from one commit to the next, by the ids of what it follows from.

    `standing` is the commit whose policy judges now; `files` is what its policy was read from, and
    `unsigned` are the changes of policy that nobody has signed or named. `latest` is the latest
    time that a commit has said since the root.
    """

    standing: str
    files: PolicyFiles
    unsigned: tuple[str, ...]
    latest: int


class Lineage:
    """The base's policy, followed commit by commit from one whose policy is trusted."""

    def __init__(self, store: Store, root: str, branch: str, start: Commit, policy: Policy) -> None:
        self._store = store
        self._root = root
        self._branch = branch
        self._files = policy_files(store, start.tree)
        self._standing = start.oid
        self._policies = {start.oid: policy}
        self._line: Callable[[], Sequence[str]] = list
        self._whole: Callable[[Commit], Lineage] | None = None
        self._begun = start.oid
        self._latest: int | None = None
        self.unsigned: tuple[Commit, ...] = ()
        # What the owners have named in incidents, as far as commits were taken here.
        self.named: frozenset[str] = frozenset()

    def along(
        self,
        line: Callable[[], Sequence[str]],
        whole: "Callable[[Commit], Lineage] | None" = None,
    ) -> "Lineage":
        """This lineage, told which commits follow its start, oldest first.

        Where it does not start at the commit that made the root, `whole` gives the one that does,
        up to a commit. Both are asked only for what an incident names.
        """
        self._line, self._whole = line, whole
        return self

    @property
    def policy(self) -> Policy:
        """The policy that judges the next commit: the last one that the owners signed."""
        return self._policy_at(self._standing)

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Every policy that judged or judges, oldest first, of what was followed here."""
        return tuple(self._policies.values())

    def _policy_at(self, oid: str) -> Policy:
        if oid not in self._policies:
            self._policies[oid] = self._loaded(self._store.commit(oid))
        return self._policies[oid]

    def _loaded(self, commit: Commit) -> Policy:
        policy = load_policy(self._store, commit.tree, None)
        if policy is None:
            raise PolicyError("the policy is gone")
        return policy

    @property
    def reached(self) -> Reached:
        """What follows from the commits that were taken so far."""
        unsigned = tuple(one.oid for one in self.unsigned)
        return Reached(self._standing, self._files, unsigned, self.latest)

    @property
    def latest(self) -> int:
        """The latest time that a commit has said since the root, in seconds since 1970.

        Nothing that follows is judged by an earlier one: a key whose time is over stays over,
        whatever time a commit that comes says of itself.
        """
        if self._latest is None:
            self._latest = _latest_up_to(self._store, self._begun)
        return self._latest

    def saw(self, seconds: int) -> None:
        """A commit of this time has come to the base, whatever it did."""
        if self._latest is None or seconds > self._latest:
            self._latest = max(self.latest, seconds)

    def resume(self, reached: Reached) -> "Lineage":
        """This lineage, told to go on from there, whatever it has taken itself."""
        self._standing, self._files = reached.standing, reached.files
        self._latest = reached.latest
        self.unsigned = tuple(self._store.headed(oid).brief for oid in reached.unsigned)
        return self

    @property
    def standing(self) -> str:
        """The commit of the base whose policy is the one that judges."""
        return self._standing

    def missing(self, commits: Sequence[str]) -> tuple[str, ...]:
        """Those of these that never came to the base after its root."""
        known = set(self._line())
        return tuple(oid for oid in commits if oid not in known)

    def is_back(self, tree: str) -> bool:
        """True where a tree's policy files are those that the owners signed last."""
        return policy_files(self._store, tree) == self._files

    def asks(
        self, kind: RecordType, before: str, after: str, commits: Sequence[str]
    ) -> "tuple[Ask, ...]":
        """What is asked of an act that makes `after` of `before`, for where it stands."""
        from codexa_git.gate.restoring import Restoring  # noqa: PLC0415

        unsigned = frozenset(one.oid for one in self.unsigned)
        act = Restoring(self._store, self._files, unsigned, before, after)
        return act.asks(kind, commits, self.missing)

    def _knowing(self, parent: Commit, commits: Sequence[str]) -> "Lineage":
        """This lineage, or the whole one where commits from before its start are named."""
        if self._whole is None or not self.missing(commits):
            return self
        return self._whole(parent)

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
        lineage = self._knowing(parent, commits)
        act = self._act(parent, commit, lineage.policy)
        ruling, asks = judge_act(act, kind), lineage.asks(kind, parent.tree, commit.tree, commits)
        return Deed(ruling._replace(asks=(*ruling.asks, *asks)), act, commits, _ids(act))

    def _records(self, parent: Commit, commit: Commit) -> bool:
        """True where a file differs that every act of the owners is recorded in."""
        sides = (
            [self._store.entry(side.tree, path) for path in (ACT_LOG, _SWEPT)]
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
        from codexa_git.gate.context import Context  # noqa: PLC0415
        from codexa_git.gate.governing import Act  # noqa: PLC0415

        at = commit.committer.seconds
        context = Context(self._root, self._branch, at, self.latest)
        return Act(self._store, policy, parent.tree, commit.tree, context)

    def take(self, parent: Commit, commit: Commit, deed: Deed | None) -> None:
        """This commit has come to the base, and what follows is judged by the policy then."""
        signed = deed is not None and deed.ruling.yes
        if deed is not None and signed:
            self.unsigned = tuple(one for one in self.unsigned if one.oid not in deed.commits)
            self.named |= frozenset(deed.commits)
        if self._latest is None:
            self._begun = commit.oid  # the times up to it are asked for only if need be
        else:
            self.saw(commit.committer.seconds)
        self._follow(parent.oid, commit.oid, signed=signed)

    def overlook(self, before: str, oid: str) -> None:
        """This commit has come to the base, and it cannot be read what it did: nobody signed it.

        Its time counts, if only that can be read.
        """
        if self._latest is None:
            self._begun = oid
        elif (seconds := self._store.time_of(oid)) is not None:
            self.saw(seconds)
        self._follow(before, oid, signed=False)

    def can_tell(self, commit: Commit) -> bool:
        """True where it can be read what this commit, which changed policy, did."""
        try:
            self.deed(self._store.headed(commit.parents[0]), self._store.commit(commit.oid))
        except CodexaError:
            return False
        return True

    def _follow(self, before: str, oid: str, *, signed: bool) -> None:
        """What follows is held against what can be read: a commit between changes nothing of it."""
        files = self._readable(oid)
        if files is None:
            return
        is_new = not self.unsigned and files != self._files
        if not signed and (is_new or files != (self._readable(before) or self._files)):
            self.unsigned = (*self.unsigned, self._store.headed(oid).brief)
        elif is_new:
            self._stands(self._store.commit(oid), files)

    def _readable(self, oid: str) -> PolicyFiles | None:
        try:
            return policy_files(self._store, self._store.tree_of(oid))
        except CodexaError:
            return None

    def _stands(self, commit: Commit, files: PolicyFiles) -> None:
        self._policies[commit.oid] = self._loaded(commit)
        self._standing = commit.oid
        self._files = files


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


def _latest_up_to(store: Store, tip: str) -> int:
    """The latest time of the base's commits from the one that made the root up to this one."""
    from codexa_git.gate.trusted import first_enforcing  # noqa: PLC0415

    times = store.line_times(tip)
    line = list(times)
    made = first_enforcing(store, line)
    return max(times[oid] or 0 for oid in line[: line.index(made.oid) + 1])
