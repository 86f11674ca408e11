"""Sweeping: letting go of what policy no longer wants of old changes.

A sweep is a commit on the base that records what goes, signed by an owner; the bodies go after. Of
an abandoned change the base holds nothing, so what goes of it is recorded on its own branch.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from codexa_git.audit.logger import AuditLogger
from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.words import RecordType
from codexa_git.change.text import counted
from codexa_git.errors import RefusedError
from codexa_git.gate.owners import counted_owners
from codexa_git.gate.sweeping import judge_sweep, landed_evidence
from codexa_git.policy.rules import OWNER, holders
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.basing import commit_on_base, hold_files
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.changes.moment import context_at, named
from codexa_git.workflow.decisions.deciding import Sign
from codexa_git.workflow.decisions.enrolling import an_owner
from codexa_git.workflow.decisions.vouching import require_counting
from codexa_git.workflow.owners.holding import Holding, holdings
from codexa_git.workflow.stages.closing import dropped
from codexa_git.workflow.together.publishing import Published, publish
from codexa_git.workflow.together.releasing import Released, gone_of, release_here, release_there
from codexa_git.workflow.together.sharing import share


class Swept(NamedTuple):
    """What one sweep came to: the commit on the base, if any, those on branches, and the bodies."""

    commit: Commit | None
    published: tuple[Published, ...]
    released: tuple[Released, ...]


def due(ground: Ground) -> tuple[Holding, ...]:
    """The changes whose outputs policy lets go now."""
    return tuple(holding for holding in holdings(ground) if holding.is_due(ground.at))


def sweep(ground: Ground, person: Actor, sign: Sign) -> Swept:
    """What policy lets go is recorded, and gone from here and from every remote that has it.

    Where nothing is due nothing is committed, and what an earlier sweep could not take away is
    tried again.

    Raises:
        RefusedError: something is due and the person is no owner.
    """
    found = due(ground)
    landed = [holding for holding in found if holding.place == "landed"]
    commit = _record(ground, person, sign, landed) if landed else None
    ground = ground if commit is None else ground._replace(tip=commit)
    published = tuple(_drop(ground, h) for h in found if h.place == "abandoned")
    unsaid = tuple(one for published_one in published for one in _shared(published_one))
    gone = {c: g for c, g in gone_of(ground).items() if c not in [one.change for one in unsaid]}
    here = release_here(ground.store, gone)
    there = release_there(ground.store, gone) if gone else ()
    return Swept(commit, published, (*unsaid, *here, *there))


def _shared(published: Published) -> tuple[Released, ...]:
    """Why the records of an abandoned change could not be shared, so that its bodies stay."""
    change = published.moment.change
    if published.waits:
        return (Released(change, "here", f"{published.waits[0]} has uncommitted changes"),)
    problem = share(published.moment).problem
    return () if problem is None else (Released(change, "its remote", problem),)


def _record(ground: Ground, person: Actor, sign: Sign, found: Sequence[Holding]) -> Commit:
    """The commit on the base that says what goes."""
    _refuse_others(ground, person)
    store, tip = ground.store, ground.tip
    logger = AuditLogger(partial(store.read, tip.tree), None)
    at = max(logger.time(ground.at), tip.committer.seconds)
    record = _signed(ground, person._replace(role=OWNER), sign, found, at)
    require_counting(counted_owners(ground.policy, (record,), at)[0])
    logger.append(record)
    _require_counting(ground, logger.files, at)
    return commit_on_base(
        ground,
        person,
        logger.files,
        f"codexa: {_told(found)} dropped, as policy says",
        at=at,
        trailers=[("Codexa-Record", f"{record.type} {record.id}")],
    )


def _require_counting(ground: Ground, files: Mapping[str, bytes], at: int) -> None:
    """Nothing: whoever judges the commit will find that it is a sweep.

    Raises:
        RefusedError: they would not.
    """
    store, tip = ground.store, ground.tip
    context = context_at(store, ground.branch, tip, ground.policy, at)
    tree = hold_files(store, tip.tree, files)
    ruling = judge_sweep(store, ground.policy, tip.tree, tree, context)
    if not ruling.yes:
        raise RefusedError(
            f"nothing is swept: {ruling.unmet[0].answer.now}",
            hint=ruling.unmet[0].answer.command or "git codexa people list",
        )


def _told(found: Sequence[Holding]) -> str:
    number = sum(len(holding.held) for holding in found)
    return f"{counted(number, 'output')} of {counted(len(found), 'change')}"


def _signed(ground: Ground, actor: Actor, sign: Sign, found: Sequence[Holding], at: int) -> Record:
    tree = ground.tip.tree
    seen = [i for h in found for i in landed_evidence(ground.store, tree, h.change).said]
    data: dict[str, Any] = {
        "root": ground.root,
        "branch": ground.branch,
        "gates": {},
        "seen": sorted(seen),
        "items": [{"change": h.change, **item} for h in found for item in h.held],
        "reason": "policy",
    }
    kind = RecordType.RETENTION_SWEPT
    signature = sign(payload(kind, data, change=None, actor=actor, at=at))
    return make(
        kind, data, change=None, stage=None, round=0, actor=actor, at=at, signature=signature
    )


def _refuse_others(ground: Ground, person: Actor) -> None:
    owners = holders(ground.policy, OWNER)
    if person.email in [owner.email for owner in owners]:
        return
    raise RefusedError(
        f"{person.email} is no owner in this policy, and an owner signs what goes",
        hint=an_owner(ground.policy, person),
    )


def _drop(ground: Ground, holding: Holding) -> Published:
    """The abandoned change's branch says that its outputs are dropped."""
    moment = named(ground, holding.change)
    return publish(moment, dropped(moment, list(holding.held), "abandoned"))
