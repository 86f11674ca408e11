"""Landings: each is judged from two trees, its first parent's and its own, as the gates judge."""

from collections.abc import Iterator, Sequence

from codexa_git.audit.words import Stage
from codexa_git.change.pages import PAGES
from codexa_git.change.paths import Kind, kind_of
from codexa_git.errors import RecordError
from codexa_git.gate.answers import Ask, Basis
from codexa_git.gate.carried import new_changes
from codexa_git.gate.case import Case
from codexa_git.gate.context import Context
from codexa_git.gate.verdict import judge
from codexa_git.repository.objects import Difference
from codexa_git.repository.reading import REGULAR
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Breach
from codexa_git.verify.grounds import Step
from codexa_git.verify.lines import unsound
from codexa_git.verify.rules import explained

_MOST_AHEAD = 2_500
"""Where so many files changed, each landing reads its own."""


def landing_breaches(step: Step) -> Iterator[Breach]:
    """Everything that is wrong with a commit that adds exactly one change."""
    yield from _other_parents(step)
    yield from unmet(case_of(step))


def _other_parents(step: Step) -> Iterator[Breach]:
    """L3: a landing that is a merge has the closed change as its one other parent, tree and all."""
    others = step.commit.parents[1:]
    if len(others) > 1:
        yield Breach("L3", f"the landing merges {len(others)} commits, where one change lands")
    for oid in others[:1]:
        if step.store.commit(oid).tree != step.commit.tree:
            yield Breach("L3", f"the landed tree is not that of {oid[:12]}, which it merges")


def case_of(step: Step) -> Case:
    """The landing as the gates see it: keys are judged at its time, or the latest before it."""
    at, not_before = step.commit.committer.seconds, max(step.latest, step.parent.committer.seconds)
    context = Context(step.root, step.branch, at, not_before, step.parent.oid)
    return Case(step.store, step.policy, step.parent.tree, step.commit.tree, context)


def unmet(case: Case, through: Stage = Stage.CLEANUP) -> Iterator[Breach]:
    """What of the stages' requirements the tree does not meet, under each one's rule."""
    _ahead(case)
    verdict = judge(case, through)
    if unsound_told := _unsound(case):
        # What rests on records that cannot be read is undecided for that one reason.
        yield from unsound_told
        asks = [ask for ask in verdict.unmet if ask.answer.met is False]
    else:
        asks = list(verdict.unmet)
    for ask in asks:
        yield from explained(case, ask)
    for ask in verdict.asks if through is Stage.CLEANUP else ():
        yield from _claimed(ask)


def _ahead(case: Case) -> None:
    """What the requirements read one by one is brought in at once: pages, the change's own files.

    What a path is to the change is asked after the pages are there, since that reads them.
    """
    _load(case.store, [d for d in case.differences if d.path in PAGES])
    _load(case.store, case.of_kind(Kind.LISTED, Kind.PAPER))


def _load(store: Store, differences: Sequence[Difference]) -> None:
    sides = (side for difference in differences for side in (difference.old, difference.new))
    store.load(side.oid for side in sides if side is not None and side.mode in REGULAR)


def read_ahead(store: Store, pairs: Sequence[tuple[str, str]]) -> None:
    """What judging these landings reads is at hand; each is two trees, which were compared.

    Git makes all their text diffs in one process. The shared pages are left out: they are large.
    """
    own: list[Difference] = []
    texts: list[Difference] = []
    for base, tree in pairs:
        for change in new_changes(store, base, tree)[:1]:
            its = [d for d in store.difference(base, tree) if d.path not in PAGES]
            own += its
            texts += [d for d in its if kind_of(d.path, change) in (Kind.PRODUCT, Kind.PAPER)]
    if len(own) <= _MOST_AHEAD:
        _load(store, own)
        store.patches(texts)


def _unsound(case: Case) -> tuple[Breach, ...]:
    try:
        _ = case.state
    except RecordError:
        return unsound(case.read, case.change)
    return ()


def _claimed(ask: Ask) -> Iterator[Breach]:
    """L10: a requirement is met by nothing more than a record that nobody signed for."""
    if ask.met and ask.answer.basis is Basis.CLAIMED:
        yield Breach("L10", f"{ask.name} is only claimed, and nobody signed for it")
