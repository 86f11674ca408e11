"""The packet of a change as it is now, at any stage: for whoever is asked next, and whoever looks.

It is made for one reader and kept nowhere, so it may tell what only this clone knows: whose move it
is, and what changed in each file since somebody approved it. The packet that lands tells neither.
"""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from codexa_git.audit.ids import parse_change_id
from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate
from codexa_git.errors import RefusedError
from codexa_git.gate.carried import changes_in
from codexa_git.gate.subjects import exact_digest, subject_of
from codexa_git.pages.facts import Asked
from codexa_git.pages.packet import packet
from codexa_git.repository.objects import Difference
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.changes.ending import is_abandoned
from codexa_git.workflow.changes.moment import Moment, at_hand, moment_at
from codexa_git.workflow.changes.story import landed_moment, named_by_head
from codexa_git.workflow.decisions.approving import awaited
from codexa_git.workflow.decisions.reviewing import brought_by
from codexa_git.workflow.decisions.telling import Besides, packet_facts
from codexa_git.workflow.reports.measuring import move, stage_of


class Presented(NamedTuple):
    """One change's packet: the page's bytes."""

    change: str
    page: bytes


def present(ground: Ground, change: str | None) -> Presented:
    """The packet of the change that was named, or is at hand, be it open or landed.

    Nothing is written, and nothing of the repository is run.

    Raises:
        UsageError: there is no such change, or none is at hand.
        RecordError: its records are not sound, so that nothing can be told of it.
    """
    name = named_by_head(ground) if change is None else parse_change_id(change)
    if name in changes_in(ground.store, ground.tip.tree):
        moment, besides = _landed(ground, name)
    else:
        moment = at_hand(ground, change)
        besides = _open(moment)
    besides = besides._replace(then=partial(_as_approved, moment))
    return Presented(moment.change, packet(packet_facts(moment.case, besides)))


def _landed(ground: Ground, change: str) -> tuple[Moment, Besides]:
    moment = landed_moment(ground, change)
    return moment, Besides((), "landed", f"on {ground.branch} as {moment.tip.oid[:12]}")


def _open(moment: Moment) -> Besides:
    standing = f"as it is at {moment.tip.oid[:12]}"
    if is_abandoned(moment):
        return Besides((), "abandoned", standing)
    stage, gates = stage_of(moment), awaited(moment)
    if gates:
        return Besides(gates, stage, standing)
    found = move(moment)
    sentence = f"{found.do[:1].upper()}{found.do[1:]}."
    asked = Asked(", ".join(found.who), sentence, found.command or "")
    return Besides((), stage, standing, asked)


def _as_approved(moment: Moment, record: Record, gate: Gate) -> Mapping[str, Difference]:
    """Each approved path whose very blobs the commit that brought the record still shows."""
    oid = brought_by(moment, record)
    if oid is None:
        return {}
    commit = moment.store.commit(oid)
    try:
        then = moment_at(moment.ground, moment.ref, commit)
    except RefusedError:
        # A commit that somebody made anew may carry something else: then files are only named.
        return {}
    exact = {p.path: p.exact for p in subject_of(record.data["gates"][gate]).paths}
    scope = then.case.scope(gate)
    return {d.path: d for d in scope if exact.get(d.path) == exact_digest(d)}
