"""Holding: what there is of every change's full outputs, by the records, and until when."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from codexa_git.audit.logger import read_records
from codexa_git.audit.record import Record
from codexa_git.change.retention import OUTPUT, Item, evidence_of, swept
from codexa_git.errors import CodexaError, RepositoryError
from codexa_git.gate.carried import changes_in
from codexa_git.gate.guarding import abandonment
from codexa_git.gate.sweeping import landed_evidence
from codexa_git.policy.keeping import goes_at
from codexa_git.repository.remotes import advertised, remotes
from codexa_git.workflow.base.ground import Ground, open_branches
from codexa_git.workflow.changes.bodies import EVIDENCE, evidence_ref
from codexa_git.workflow.changes.moment import named
from codexa_git.workflow.stages.closing import evidence


class Holding(NamedTuple):
    """What there is of one change's full outputs.

    `place` is `landed`, `abandoned`, `open` or `unreadable`, which `problem` then explains. `held`
    are those that no record has dropped; `goes` is the time from which on policy lets them go,
    `None` where it keeps them or the change is open. `dropped` are gone by the records, the last of
    them at `when`, which is `by` somebody.
    """

    change: str
    place: str
    held: tuple[Item, ...] = ()
    goes: int | None = None
    dropped: tuple[Item, ...] = ()
    when: str | None = None
    by: str | None = None
    problem: str | None = None

    def is_due(self, at: int) -> bool:
        """True where policy lets what is held go at this time."""
        return bool(self.held) and self.goes is not None and self.goes <= at


def holdings(ground: Ground) -> tuple[Holding, ...]:
    """Every change that left an output: those landed, then those on a branch; by number."""
    store, tree = ground.store, ground.tip.tree
    sweeps = swept(read_records(partial(store.read, tree), None))
    landed = [_told(c, partial(_landed, ground, c, sweeps)) for c in changes_in(store, tree)]
    others = [_told(c, partial(_on_branch, ground, c)) for c in open_branches(ground)]
    return tuple(one for one in (*landed, *others) if one.held or one.dropped or one.problem)


def _told(change: str, tell: Callable[[], Holding]) -> Holding:
    """What cannot be read is told as such, and hides no other change."""
    try:
        return tell()
    except CodexaError as error:
        return Holding(change, "unreadable", problem=error.message)


def _landed(ground: Ground, change: str, sweeps: dict[tuple[str, str], Record]) -> Holding:
    found = landed_evidence(ground.store, ground.tip.tree, change)
    gone = [record for (of, _), record in sweeps.items() if of == change]
    held = tuple(item for item in found.outputs if (change, item["digest"]) not in sweeps)
    away = tuple(item for item in found.outputs if (change, item["digest"]) in sweeps)
    goes = goes_at(ground.policy.retention, OUTPUT, found.last)
    last = gone[-1] if gone else None
    return Holding(
        change,
        "landed",
        held,
        goes,
        (*found.dropped, *away),
        None if last is None else last.at,
        None if last is None else str(last.actor),
    )


def _on_branch(ground: Ground, change: str) -> Holding:
    """An open change's outputs go nowhere; an abandoned one's as a landed one's would."""
    moment = named(ground, change)
    found, record = evidence_of(moment.state.records), abandonment(moment.case)
    gone = {item["digest"] for item in found.dropped}
    items = {i["digest"]: i for i in evidence(moment.case) if i["kind"] == OUTPUT}
    held = tuple(item for name, item in items.items() if name not in gone)
    if record is None:
        return Holding(change, "open", held, None, found.dropped)
    goes = goes_at(moment.policy.retention, OUTPUT, record.seconds)
    return Holding(change, "abandoned", held, goes, found.dropped)


class Kept(NamedTuple):
    """Where bodies lie: for each change the places that have an evidence ref of it.

    `unasked` are the remotes that did not answer, each with why.
    """

    places: dict[str, tuple[str, ...]]
    unasked: tuple[tuple[str, str], ...]


def kept_where(ground: Ground) -> Kept:
    """Which of this clone (`here`) and its remotes hold outputs of which change."""
    store = ground.store
    found = {"here": set(store.refs(EVIDENCE))}
    unasked = []
    for remote in remotes(store):
        try:
            found[remote] = set(advertised(store, remote, EVIDENCE))
        except RepositoryError as error:
            unasked.append((remote, error.message))
    changes = {ref.removeprefix(f"{EVIDENCE}/") for refs in found.values() for ref in refs}
    places = {
        change: tuple(place for place, refs in found.items() if evidence_ref(change) in refs)
        for change in changes
    }
    return Kept(places, tuple(unasked))
