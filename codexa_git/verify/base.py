"""The base's first-parent line, judged commit by commit, each under its first parent's policy."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from codexa_git.audit.logger import log_path
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.errors import CodexaError, PolicyError
from codexa_git.gate.carried import new_changes
from codexa_git.gate.root import first_enforcing
from codexa_git.policy.rules import is_free, is_guarded
from codexa_git.repository.objects import Commit, Difference
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Breach, Finding
from codexa_git.verify.grounds import Policies
from codexa_git.verify.landings import Step, landing_breaches
from codexa_git.verify.story import story_findings

_AT_ONCE = 200
_MOST_PATHS = 20
_LOGS = frozenset(log_path(None, name) for name in LOG_NAMES)

Watch = Callable[[int, int], None]
"""Told how many commits are judged, and of how many."""


class Sort(StrEnum):
    """What a commit of the base is, as its two trees tell."""

    LANDING = "landing"
    GOVERNING = "governing"
    FREE = "free"
    OTHER = "other"


class Judged(NamedTuple):
    """How many commits were judged, how many of them were landings, and what was found."""

    commits: int
    landings: int
    findings: tuple[Finding, ...]


def sort_of(step: Step, added: Sequence[str], differences: Sequence[Difference]) -> Sort:
    """What the commit is: by the audit folders that it adds, else by the paths that it changes."""
    if added:
        return Sort.LANDING
    paths = [difference.path for difference in differences]
    if any(path in _LOGS or is_guarded(step.policy, path) for path in paths):
        return Sort.GOVERNING
    return Sort.FREE if all(is_free(step.policy, path) for path in paths) else Sort.OTHER


def breaches(step: Step, added: Sequence[str]) -> Iterator[Breach]:
    """Everything that is wrong with one commit of the base, whatever sort of commit it is."""
    differences = () if added else step.store.difference(step.parent.tree, step.commit.tree)
    match sort_of(step, added, differences):
        case Sort.LANDING if len(added) > 1:
            yield two_at_once(added)
        case Sort.LANDING:
            yield from landing_breaches(step)
        case Sort.GOVERNING:
            yield from governing(step, differences)
        case Sort.FREE:
            pass
        case Sort.OTHER:
            yield from not_free(step, differences)


def two_at_once(added: Sequence[str]) -> Breach:
    """L2: a landing adds exactly one change's audit folder."""
    told = f"{len(added)} changes at once: {', '.join(added[:5])}"
    return Breach("L2", told, f"audit/{added[0]}", hint="one landing, one change")


def governing(step: Step, differences: Sequence[Difference]) -> Iterator[Breach]:
    """P9: guarded paths and the repository's own records change only as the owners signed.

    This is the one place where policy commits, bypasses, incidents and sweeps are told apart, once
    there is something to judge them by; until then none of them is known.
    """
    named = [d.path for d in differences if d.path in _LOGS or is_guarded(step.policy, d.path)]
    for path in named[:_MOST_PATHS]:
        yield Breach("P9", f"{path} changed, and no signature of the owners says so", path)
    rest = [difference for difference in differences if difference.path not in named]
    yield from not_free(step, rest)


def not_free(step: Step, differences: Sequence[Difference]) -> Iterator[Breach]:
    """L13: what comes to the base by itself touches only paths that are free."""
    paths = [d.path for d in differences if not is_free(step.policy, d.path)]
    for path in paths[:_MOST_PATHS]:
        told = f"{path} came to {step.branch} without a landing, and is not free"
        yield Breach("L13", told, path, hint="bring it as a change: git codexa open")
    if len(paths) > _MOST_PATHS:
        more = len(paths) - _MOST_PATHS
        yield Breach("L13", f"{more} more paths came with it, and are not free")


def enforced_line(store: Store, tip: Commit) -> tuple[Commit, list[str]]:
    """The commit that made the root, and the ids of all that follow it on the base, oldest first.

    Raises:
        PolicyError: no commit of the base enforces.
    """
    line = store.first_parent_ids(tip.oid)
    made = first_enforcing(store, line)
    return made, line[: line.index(made.oid)][::-1]


class Walk:
    """One walk along the base from a commit that is trusted; nothing of it stays in memory."""

    def __init__(self, store: Store, root: str, branch: str, *, story: bool = False) -> None:
        self._store = store
        self._root = root
        self._branch = branch
        self._story = story
        self._policies = Policies(store)
        self._landings = 0

    def judge(self, start: str, line: Sequence[str], watch: Watch) -> Judged:
        """Every commit of the line judged, the first of which follows the commit `start`."""
        found: list[Finding] = []
        before = start
        for number, oid in enumerate(line):
            if number % _AT_ONCE == 0:
                self._ahead(line[number : number + _AT_ONCE])
            watch(number, len(line))
            found += self._findings(before, oid)
            before = oid
        return Judged(len(line), self._landings, tuple(found))

    def _ahead(self, oids: Sequence[str]) -> None:
        """What was read is forgotten, and the next commits with their top folders are at hand."""
        self._store.forget(made=True)
        self._store.load(oids)
        self._store.load(self._store.tree_of(oid) for oid in oids)

    def _findings(self, before: str, oid: str) -> Iterator[Finding]:
        try:
            yield from self._judged(before, oid)
        except PolicyError as error:
            yield Finding(oid, None, Breach("P2", error.message, undecided=True))
        except CodexaError as error:
            yield Finding(oid, None, undecided_for(error))

    def _judged(self, before: str, oid: str) -> Iterator[Finding]:
        parent, commit = self._store.commit(before), self._store.commit(oid)
        policy = self._policies.of(parent.tree)
        if isinstance(policy, Breach):
            yield Finding(oid, None, policy)
            return
        step = Step(self._store, self._root, self._branch, policy, parent, commit)
        added = new_changes(self._store, parent.tree, commit.tree)
        self._landings += bool(added)
        change = added[0] if len(added) == 1 else None
        for breach in breaches(step, added):
            yield Finding(oid, change, breach)
        if self._story and change is not None:
            yield from story_findings(step, change)


def undecided_for(error: CodexaError) -> Breach:
    """L4: what cannot be read was not judged, and is no yes."""
    hint = error.hints[0] if error.hints else None
    return Breach("L4", error.message, hint=hint, undecided=True)
