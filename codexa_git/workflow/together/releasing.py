"""Releasing: bodies that records say are dropped are taken away, here and from remotes.

The records come first, the bodies go after: killed in between, or where a remote is out of reach,
the records still say what has to go, and the next sweep sees to it.
"""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from codexa_git.audit.ids import is_change_id
from codexa_git.audit.logger import read_records
from codexa_git.audit.record import Record
from codexa_git.audit.words import Stage
from codexa_git.change.folding import fold
from codexa_git.change.retention import OUTPUT, evidence_of, swept
from codexa_git.change.state import State
from codexa_git.errors import CodexaError, RepositoryError
from codexa_git.gate.carried import changes_in
from codexa_git.gate.guarding import abandonment
from codexa_git.policy.keeping import goes_at
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.remotes import Push, advertised, fetch, push, remotes
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground, open_branches
from codexa_git.workflow.changes.bodies import EVIDENCE, evidence_ref, left_of
from codexa_git.workflow.changes.moment import Moment, named


class Gone(NamedTuple):
    """The digests of a change's dropped bodies, and what `keeps` its place at the ref.

    Nothing more is made of a change that is over, so what no record holds (outputs of an earlier
    round, say) goes with the rest.
    """

    digests: frozenset[str]
    keeps: frozenset[str]

    def stays(self, name: str) -> bool:
        """True for the digest of a body that keeps its place."""
        return name in self.keeps


_NOTHING = Gone(frozenset(), frozenset())


class Released(NamedTuple):
    """What was taken away from one place: a remote, or `here`; `problem` says why it was not."""

    change: str
    place: str
    problem: str | None = None


def gone_of(ground: Ground) -> dict[str, Gone]:
    """What the records say is dropped, of every change, landed or on its branch."""
    store, tree = ground.store, ground.tip.tree
    sweeps = swept(read_records(partial(store.read, tree), None))
    found = {}
    for change in changes_in(store, tree):
        found[change] = _gone(store, tree, change, sweeps)
    for change in open_branches(ground):
        found[change] = _gone_on_branch(ground, change)
    return {change: gone for change, gone in found.items() if gone.digests}


def _gone(store: Store, tree: str, change: str, sweeps: dict[tuple[str, str], Record]) -> Gone:
    try:
        state = fold(change, read_records(partial(store.read, tree), change))
    except CodexaError:
        # Records that cannot be read let nothing go.
        return _NOTHING
    return _gone_by(state, frozenset(name for of, name in sweeps if of == change))


def _gone_on_branch(ground: Ground, change: str) -> Gone:
    try:
        return gone_from(named(ground, change))
    except CodexaError:
        return _NOTHING


def gone_from(moment: Moment) -> Gone:
    """What the records of a change on its branch say is dropped, where that counts.

    Nobody signs those records, and whoever pushes to the branch can add one: they are followed only
    once the change is over by a signed word or by every gate, and policy drops outputs by then.
    """
    over = _over_since(moment)
    goes = None if over is None else goes_at(moment.ground.policy.retention, OUTPUT, over)
    return _NOTHING if goes is None or goes > moment.ground.at else _gone_by(moment.state)


def _over_since(moment: Moment) -> int | None:
    """When the change was abandoned or closed; `None` where it was not, as gates judge it."""
    abandoned, closed = abandonment(moment.case), moment.state.closed
    if abandoned is not None:
        return abandoned.seconds
    if closed is not None and moment.verdict(Stage.CLEANUP).yes:
        return closed.seconds
    return None


def _gone_by(state: State, swept_away: frozenset[str] = frozenset()) -> Gone:
    """What the records of a change that is over, and of sweeps of it, say is dropped."""
    evidence = evidence_of(state.records)
    dropped = frozenset({item["digest"] for item in evidence.dropped} | swept_away)
    lies_there = {item["digest"] for item in evidence.outputs} | evidence.archived
    return Gone(dropped, frozenset(lies_there - dropped))


def release_here(store: Store, gone: dict[str, Gone]) -> tuple[Released, ...]:
    """No ref of this clone leads to a dropped body any more."""
    tips = store.named([evidence_ref(change) for change in gone])
    found = []
    for change, what in gone.items():
        old = tips.get(evidence_ref(change))
        try:
            new = None if old is None else left_of(store, [old], what.stays)
        except CodexaError as error:
            # What cannot be read of one change keeps no other from being let go.
            found.append(Released(change, "here", error.message))
            continue
        if old is None or old == new:
            continue
        store.move([RefUpdate(evidence_ref(change), new, old)], "codexa: outputs dropped")
        if new is not None:
            store.git.answer("reflog", "expire", "--expire=all", evidence_ref(change))
        found.append(Released(change, "here"))
    return tuple(found)


def release_there(
    store: Store, gone: dict[str, Gone], names: Iterable[str] | None = None
) -> tuple[Released, ...]:
    """No ref of a remote leads to a dropped body any more; what could not be done says why."""
    found: list[Released] = []
    for remote in remotes(store) if names is None else names:
        try:
            there = advertised(store, remote, EVIDENCE)
        except RepositoryError as error:
            found.append(Released("", remote, error.message))
            continue
        for ref, oid in sorted(there.items()):
            change = ref.removeprefix(f"{EVIDENCE}/")
            if is_change_id(change) and change in gone:
                found += _release_there(store, remote, change, oid, gone[change])
    return tuple(found)


def _release_there(
    store: Store, remote: str, change: str, oid: str, gone: Gone
) -> tuple[Released, ...]:
    ref = evidence_ref(change)
    try:
        new = _left_there(store, remote, ref, oid, gone) if gone.keeps != frozenset() else None
        if new == oid:
            return ()
        refused = push(store, remote, [Push(new, ref, oid, rewrites=True)])
    except CodexaError as error:
        return (Released(change, remote, error.message),)
    return (Released(change, remote, refused[0].why if refused else None),)


def _left_there(store: Store, remote: str, ref: str, oid: str, gone: Gone) -> str | None:
    if not store.exists(oid):
        fetch(store, remote, [ref])
    return left_of(store, [oid], gone.stays)
