"""The base's first-parent line, judged commit by commit, each under its first parent's policy."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise

from codexa_git.errors import CodexaError, PolicyError
from codexa_git.gate.carried import new_changes
from codexa_git.gate.lineage import Lineage
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.values import NamedTuple
from codexa_git.verify.base import breaches, upon_unsigned
from codexa_git.verify.clocks import of_its_time
from codexa_git.verify.findings import Breach, Finding, Incident
from codexa_git.verify.grounds import Policies, Step
from codexa_git.verify.swallowing import suspects

_AT_ONCE = 25

Watch = Callable[[int, int], None]
"""Told how many commits are judged, and of how many."""


class Judged(NamedTuple):
    """How many commits were judged, how many were landings, what was found; incidents that hold."""

    commits: int
    landings: int
    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...] = ()


def enforced_line(store: Store, tip: str) -> tuple[Commit, list[str]]:
    """The commit that made the root, and the ids of all that follow it on the base, oldest first.

    Raises:
        PolicyError: no commit of the base enforces.
    """
    from codexa_git.gate.trusted import first_enforcing  # noqa: PLC0415

    line = store.first_parent_ids(tip)
    made = first_enforcing(store, line)
    return made, line[: line.index(made.oid)][::-1]


class Walk:
    """One walk along the base from a commit that is trusted; nothing of it stays in memory.

    `now` is the time by the clock of whoever asks; without it no time is held against one.
    """

    def __init__(
        self,
        store: Store,
        root: str,
        branch: str,
        *,
        story: bool = False,
        policies: Policies | None = None,
        now: int | None = None,
    ) -> None:
        self._store = store
        self._policies = policies or Policies(store)
        self._root = root
        self._branch = branch
        self._story = story
        self._now = now
        self._suspects: frozenset[str] = frozenset()

    def judge(self, start: str, line: Sequence[str], watch: Watch) -> Judged:
        """Every commit of the line judged, the first of which follows the commit `start`.

        After a change of policy that its owners did not sign, the policy before it judges.
        """
        lineage = self.lineage(start, lambda: line)
        if isinstance(lineage, Breach):
            return Judged(len(line), 0, tuple(Finding(oid, None, lineage) for oid in line[:1]))
        return self.along(lineage, start, line, watch)

    def along(self, lineage: Lineage, before: str, line: Sequence[str], watch: Watch) -> Judged:
        """The same, where the lineage has come as far as the commit `before`, and goes on here."""
        self._landings = 0
        self._incidents: list[Incident] = []
        found: list[Finding] = []
        for number, oid in enumerate(line):
            if number % _AT_ONCE == 0:
                if number:
                    self._store.forget(made=True)
                self._ahead(before, line[number : number + _AT_ONCE])
            watch(number, len(line))
            found += self._findings(lineage, before, oid)
            before = oid
        return Judged(len(line), self._landings, tuple(found), tuple(self._incidents))

    def lineage(self, start: str, line: Callable[[], Sequence[str]]) -> Lineage | Breach:
        """The policy at the start, and as it will be."""
        commit = self._store.headed(start)
        policy = self._policies.of(commit.tree)
        if isinstance(policy, Breach):
            return policy
        made = Lineage(self._store, self._root, self._branch, commit, policy)
        return made.along(line, self._whole)

    def _whole(self, tip: Commit) -> Lineage:
        """The policy followed up to this commit from the one that made the root."""
        from codexa_git.gate.tracing import traced  # noqa: PLC0415

        return traced(self._store, self._branch, tip)[1]

    def _ahead(self, before: str, oids: Sequence[str]) -> None:
        """What the next commits are asked is at hand; what cannot be read is told when judged."""
        self._suspects = frozenset(oids)
        try:
            self._read_ahead(before, oids)
        except CodexaError:
            return

    def _read_ahead(self, before: str, oids: Sequence[str]) -> None:
        self._store.load([before, *oids])
        commits = [self._store.headed(oid) for oid in (before, *oids)]
        trees = [commit.tree for commit in commits]
        merged = [oid for commit in commits for oid in commit.parents[1:2]]
        self._store.load([*trees, *merged])
        self._store.compare(list(pairwise(trees)))
        if self._story and oids:
            from codexa_git.verify import story  # noqa: PLC0415

            story.read_ahead(self._store, before, oids[-1])
        self._suspects = suspects(self._store, before, commits[1:], are_read=self._story)
        landings = [sides for sides in pairwise(trees) if new_changes(self._store, *sides)]
        if landings:
            from codexa_git.verify.landings import read_ahead  # noqa: PLC0415

            read_ahead(self._store, landings)

    def _findings(self, lineage: Lineage, before: str, oid: str) -> Iterator[Finding]:
        try:
            for breach in of_its_time(self._store, lineage, oid, self._now):
                yield Finding(oid, None, breach)
            yield from self._judged(lineage, before, oid)
        except PolicyError as error:
            yield Finding(oid, None, Breach("P2", error.message, undecided=True))
        except CodexaError as error:
            yield Finding(oid, None, undecided_for(error))

    def _judged(self, lineage: Lineage, before: str, oid: str) -> Iterator[Finding]:
        policy = lineage.policy
        try:
            parent, commit = self._store.headed(before), self._store.commit(oid)
            added = new_changes(self._store, parent.tree, commit.tree)
            deed = None if added else lineage.deed(parent, commit)
        except CodexaError:
            lineage.overlook(before, oid)
            raise
        unsigned = lineage.unsigned if added else ()
        lineage.take(parent, commit, deed)
        self._landings += bool(added)
        if deed is not None and deed.commits and deed.ruling.yes:
            self._incidents.append(Incident(commit.oid, deed.records, deed.commits))
        latest = lineage.latest if added else 0
        step = Step(self._store, self._root, self._branch, policy, parent, commit, latest)
        change = added[0] if len(added) == 1 else None
        # One after the other: what cannot be read takes nothing back that was found before it.
        wrong = breaches(step, added, deed, suspect=oid in self._suspects)
        for breach in chain(upon_unsigned(lineage, unsigned), wrong):
            yield Finding(oid, change, breach)
        if self._story and change is not None:
            from codexa_git.verify.story import story_findings  # noqa: PLC0415

            yield from story_findings(step, change)


def undecided_for(error: CodexaError) -> Breach:
    """L4: what cannot be read was not judged, and is no yes."""
    hint = error.hints[0] if error.hints else None
    return Breach("L4", error.message, hint=hint, undecided=True)
