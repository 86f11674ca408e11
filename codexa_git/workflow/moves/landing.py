"""Landing: the merge on the base that brings one closed change, judged from two trees alone."""

from shlex import quote
from typing import NamedTuple

from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import Stage
from codexa_git.errors import RefusedError, RepositoryError, rule_of
from codexa_git.gate.vanished import lines_of, vanished_from
from codexa_git.gate.verdict import Verdict
from codexa_git.repository.crossing import Crossing, cross
from codexa_git.repository.objects import Commit, Identity, RefUpdate, Stamp
from codexa_git.repository.publication import carry, require_room
from codexa_git.repository.remotes import Push, Upstream, points_at
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.base.following import followed
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, unpinned
from codexa_git.workflow.base.tracing import require_signed_policy
from codexa_git.workflow.changes.afar import fetched
from codexa_git.workflow.changes.astray import require_alone
from codexa_git.workflow.changes.moment import Moment, moment_at
from codexa_git.workflow.decisions.refusing import refused
from codexa_git.workflow.stages.syncing import is_behind

PINNED = "P10"
"""The rule that an unpinned clone would break."""


class Landed(NamedTuple):
    """The landing, and the verdict that it was given (while observing perhaps not a yes)."""

    commit: Commit
    verdict: Verdict


class OvertakenError(RefusedError):
    """Others have pushed of the change what the landing does not hold; nothing moved."""


def landed_tag(change: str) -> str:
    """The tag that marks a landing. Nothing depends on it."""
    return f"refs/tags/landed/{change}"


def judge_landing(moment: Moment) -> Verdict:
    """The verdict on landing the change's tip on the base's tip now.

    Raises:
        RefusedError: the base has moved since the change was closed.
    """
    if moment.state.closed is not None and is_behind(moment):
        raise RefusedError(
            f"{moment.ground.branch} has moved since {moment.change} was closed",
            hint=moment.case.advance,
        )
    return moment.verdict(Stage.CLEANUP)


def land(moment: Moment, person: Actor) -> Landed:
    """The base holds the change: a merge whose tree is the closed change's, and its tag.

    Raises:
        OvertakenError: the remote's branch of the change has more than what would land.
        RefusedError: the policy enforces, and the verdict is not a landing's yes, or a record that
            its story once held is gone, or it merges another change, or policy was changed without
            its owners; or the remote has its tag on what never landed.
        RepositoryError: the base moved meanwhile, or its remote refused.
    """
    _require_pinned(moment.ground)
    require_signed_policy(moment.ground)
    require_alone(moment.ground, moment.change, moment.tip)
    moment = at_landing(moment)
    verdict = judge_landing(moment)
    if moment.ground.enforces and (gone := vanished(moment)):
        raise _told_once(moment, gone)
    if moment.ground.enforces and not verdict.lands:
        raise _refused(moment, verdict, person)
    commit = landing_commit(moment, person)
    _publish(moment.ground, moment, commit)
    if moment.ground.policy.notifications:
        from codexa_git.workflow.together.outbox import tell_of_landing  # noqa: PLC0415

        tell_of_landing(moment, commit, person)
    return Landed(commit, verdict)


def at_landing(moment: Moment) -> Moment:
    """The moment as its landing will be judged: at the landing's own time, for key windows."""
    at = max(moment.ground.at, moment.ground.tip.committer.seconds)
    ground = moment.ground._replace(at=at)
    return moment_at(ground, moment.ref, moment.tip, moment.held)


def _refused(moment: Moment, verdict: Verdict, person: Actor) -> RefusedError:
    if verdict.unmet:
        return refused(moment, "land", verdict.unmet, person)
    claimed = next(ask for ask in verdict.asks if ask.answer.basis == "claimed")
    return RefusedError(
        f"{moment.change} cannot land: {claimed.name} is only claimed, and nobody signed for it",
        hint=f"git codexa advance {moment.change}",
    )


def vanished(moment: Moment) -> tuple[Record, ...]:
    """The records that the change's story once held and its tip does not, oldest first.

    The story is every commit that the tip, or a remote's branch of this change, has beyond the
    base. Two trees cannot show what is no longer in them; this can only turn a yes into a no.
    """
    store = moment.store
    starts = [moment.tip.oid, *fetched(store, moment.change)]
    commits = store.touching(starts, moment.places.audit)
    return vanished_from(store, moment.change, commits[::-1], lines_of(moment.state.records))


def takes_back(moment: Moment) -> tuple[str, ...]:
    """What merges within the change throw away of the base's work, a sentence a merge.

    The gates let it land, for people have approved those bytes; `verify --story` will tell of it.
    """
    from codexa_git.verify.story import thrown_away  # noqa: PLC0415

    store, base = moment.store, moment.ground.tip.oid
    return tuple(
        f"{commit.oid[:12]}: {breach.says}"
        for commit in store.beyond(moment.held.oid, moment.tip.oid)
        for breach in thrown_away(store, base, moment.change, commit)
    )


def _told_once(moment: Moment, gone: tuple[Record, ...]) -> RefusedError:
    first, more = gone[0], len(gone) - 1
    also = f", and {more} more" if more else ""
    return RefusedError(
        f"{moment.change} cannot land: a record that was in its story is gone: {first.type} by"
        f" {first.actor}, {first.at}{also}",
        hint=(
            f"git log --all -p -- {moment.places.log(first.log)}",
            f"git codexa sync {moment.change} brings in what a remote has; or put the line back",
        ),
    )


def landing_commit(moment: Moment, person: Actor) -> Commit:
    """The merge commit, in the object store: two parents, the second one's tree.

    Its time is the one that keys were judged at. The tip's has no say in it: whoever writes the
    change's branch chooses that, and could choose when a key is valid.
    """
    store, base, tip = moment.store, moment.ground.tip, moment.tip
    stamp = Stamp(Identity(person.name, person.email), moment.ground.at)
    subject = f"Merge {moment.change}: {moment.state.title}"
    message = format_message(subject, "", [("Codexa-Change", moment.change)])
    return store.commit(store.write_commit(tip.tree, (base.oid, tip.oid), stamp, stamp, message))


def _require_pinned(ground: Ground) -> None:
    """P10: where policy enforces, whoever lands has pinned the root that judges it."""
    if ground.enforces and not ground.pinned:
        raise unpinned(ground, "no landing of its making could be trusted", rule_of(PINNED))


def _publish(ground: Ground, moment: Moment, commit: Commit) -> None:
    store = ground.store
    tag = landed_tag(moment.change)
    follows = followed(ground)
    updates_here = [RefUpdate(tag, commit.oid, store.ref(tag))]
    local = store.ref(ground.local_ref)
    if local is not None and (local == ground.tip.oid or store.is_ancestor(local, commit.oid)):
        updates_here.append(RefUpdate(ground.local_ref, commit.oid, local))
    elif follows is None:
        raise RepositoryError(
            f"{ground.branch} moved meanwhile", hint=f"git codexa advance {moment.change}"
        )
    reason = f"codexa: land {moment.change}"
    if follows is None:
        carry(store, updates_here, reason)
        return
    tracking = store.ref(follows.tracking_ref)
    require_room(store, updates_here)
    if tracking is not None:
        updates_here.append(RefUpdate(follows.tracking_ref, commit.oid, tracking))
    sent = [Push(commit.oid, follows.remote_ref), Push(commit.oid, tag, None)]
    branch = f"{CHANGE_PREFIX}{moment.change}"
    if points_at(store, follows.remote, branch) is not None:
        # All or nothing: what others push of it in this moment is not passed over either.
        sent.append(Push(moment.tip.oid, branch))
    refused = cross(store, Crossing(follows.remote, tuple(sent), tuple(updates_here), reason))
    if any(each.ref == branch and each.is_overtaken for each in refused):
        raise OvertakenError(
            f"{moment.change} cannot land: others have pushed of it what is not here",
            hint=f"git codexa sync {moment.change} brings it in",
        )
    if any(each.ref == tag for each in refused):
        _require_no_stray(moment, follows, tag)
    if refused:
        raise RepositoryError(
            f"{follows.remote} refused the landing: {refused[0].why}",
            hint=f"git fetch, then git codexa advance {moment.change}",
        )


def _require_no_stray(moment: Moment, follows: Upstream, tag: str) -> None:
    """Nothing: the remote's tag of this landing is not there, or perhaps where it should be.

    Raises:
        RefusedError: its base is where the change has not landed, and the tag is there already.
    """
    store, remote = moment.store, follows.remote
    stands = points_at(store, remote, tag)
    if stands is None or points_at(store, remote, follows.remote_ref) != moment.ground.tip.oid:
        return
    name = tag.removeprefix("refs/tags/")
    raise RefusedError(
        f"{moment.change} cannot land: {remote} has {name} already, at {stands[:12]}, which never"
        f" came to {moment.ground.branch}",
        hint=(
            f"it can go, for it says what is not so: git push {quote(remote)} :{tag}",
            f"and then: git codexa land {moment.change}",
        ),
    )
