"""Acts of the owners: signing what a branch proposes, and bringing it to the base.

With the last signature that is missing the act is a commit of the base, and until then it waits on
its branch for the others.
"""

from shlex import quote
from typing import NamedTuple

from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, format_record, make
from codexa_git.audit.words import ACT_LOG, RecordType
from codexa_git.errors import RefusedError
from codexa_git.gate.answers import Ask
from codexa_git.gate.context import Context
from codexa_git.gate.governing import Act, judge_act
from codexa_git.gate.owners import Ruling, counted_owners
from codexa_git.policy.compiled import POLICY, load_policy
from codexa_git.policy.rules import OWNER, Policy, holders, is_guarded
from codexa_git.policy.spelling import require_spelt
from codexa_git.repository.objects import Commit
from codexa_git.repository.worktrees import uncommitted
from codexa_git.workflow.base.basing import commit_on_base, hold_files
from codexa_git.workflow.base.ground import Ground, short, unpinned
from codexa_git.workflow.base.tracing import require_restored
from codexa_git.workflow.decisions.deciding import Sign
from codexa_git.workflow.decisions.enrolling import an_owner
from codexa_git.workflow.decisions.vouching import require_counting
from codexa_git.workflow.owners.collecting import (
    in_words,
    places_of,
    put_on_branch,
    record_trailers,
    said_commits,
    share,
)
from codexa_git.workflow.owners.proposing import (
    NAMES,
    Files,
    Proposal,
    require_newest,
    time_of_act,
    wanted,
)


class Acted(NamedTuple):
    """What signing came to: the act on the base, or a commit on the branch where it waits.

    `problem` says why the branch could not be pushed.
    """

    proposal: Proposal
    ruling: Ruling
    commit: Commit | None
    done: bool
    problem: str | None = None


def rule(ground: Ground, proposal: Proposal) -> Ruling:
    """What would be answered of the act, were it done with the signatures that it has."""
    files = _with_records(ground, proposal)
    tree = hold_files(ground.store, ground.tip.tree, files)
    at = time_of_act(ground, proposal.signed)
    context = Context(ground.root, ground.branch, at, ground.tip.committer.seconds)
    act = Act(ground.store, proposal.policy, ground.tip.tree, tree, context)
    return judge_act(act, proposal.kind)


def _with_records(ground: Ground, proposal: Proposal) -> Files:
    before = ground.store.read(ground.tip.tree, ACT_LOG) or b""
    lines = b"".join(format_record(record) for record in proposal.signed)
    return {**proposal.files, ACT_LOG: before + lines} if lines else dict(proposal.files)


SIGNATURES = ("records-appended", "commits-named", "owners-signed")
"""What an act lacks only because nobody, or not everybody, has signed it yet."""


def signed_by(ground: Ground, proposal: Proposal, person: Actor, sign: Sign) -> Proposal:
    """The proposal with this person's signature; as it was, where it has that already.

    Raises:
        RefusedError: they are no owner, or it would be refused whoever signed it.
    """
    require_possible(ground, proposal)
    if person.email in [record.actor.email for record in proposal.signed]:
        return proposal
    if not is_owner(proposal.policy, person):
        raise RefusedError(
            f"{person.email} is no owner in the policy that judges this, and only owners sign it",
            hint=an_owner(proposal.policy, person),
        )
    actor, at = person._replace(role=OWNER), time_of_act(ground, proposal.signed)
    data = wanted(ground, proposal)
    signature = sign(payload(proposal.kind, data, change=None, actor=actor, at=at))
    record = make(
        proposal.kind,
        data,
        change=None,
        stage=None,
        round=0,
        actor=actor,
        at=at,
        signature=signature,
    )
    signed = proposal._replace(signed=(*proposal.signed, record))
    _require_counting(ground, signed)
    return signed


def _require_counting(ground: Ground, proposal: Proposal) -> None:
    """Nothing: the newest signature counts, and only those of other owners can be missing.

    Raises:
        RefusedError: it does not (the key is out of its time, or was not touched), or what was
            signed is no act.
    """
    at = time_of_act(ground, proposal.signed)
    (own,) = counted_owners(proposal.policy, proposal.signed[-1:], at)
    require_counting(own)
    for ask in rule(ground, proposal).unmet:
        if ask.name != "owners-signed":
            raise _impossible(ground, proposal, ask)


def is_owner(policy: Policy, person: Actor) -> bool:
    """True where the policy lets this person sign acts."""
    return person.email in [owner.email for owner in holders(policy, OWNER)]


def require_possible(ground: Ground, proposal: Proposal) -> None:
    """Nothing: signatures are all that the act can lack.

    Raises:
        RefusedError: the base only observes, this clone trusts nothing yet, or something else of it
            would be refused; or the remote's branch holds what this clone's does not.
    """
    if not ground.enforces:
        raise RefusedError(
            f"{ground.branch} only observes: nothing has to be signed",
            hint=f"commit to {ground.branch} as you like, until git codexa enforce",
        )
    if not ground.pinned:
        raise unpinned(ground, "it cannot tell who the owners are")
    require_newest(ground, proposal.branch)
    if not proposal.files and proposal.kind is not RecordType.INCIDENT_DECLARED:
        raise _nothing_changes(ground, proposal)
    if proposal.kind is not RecordType.BYPASS_GRANTED:
        tree = hold_files(ground.store, ground.tip.tree, proposal.files)
        require_restored(ground, proposal.kind, tree, proposal.commits)
    for ask in rule(ground, proposal).unmet:
        if ask.name not in SIGNATURES:
            raise _impossible(ground, proposal, ask)
    _require_spelt(ground, proposal)


def _nothing_changes(ground: Ground, proposal: Proposal) -> RefusedError:
    """Why nothing is signed of a branch that holds nothing new: perhaps nobody committed it."""
    hint = f"commit on {proposal.branch} what it is to bring, and ask again"
    if proposal.branch == ground.branch:
        name = f"{NAMES[proposal.kind]}/next"
        hint = f"commit it on a branch of its own: git switch -c {name}, git commit, and ask again"
    elif edited := _edited(ground, proposal):
        more = f" and {len(edited) - 1} more" if len(edited) > 1 else ""
        has = "have" if more else "has"
        told = f"{edited[0]}{more} {has} uncommitted changes, and only what is committed is read"
        paths = " ".join(map(quote, edited))
        hint = f"{told}: git add -- {paths} && git commit, and ask again"
    return RefusedError(f"{proposal.branch} changes nothing on {ground.branch}", hint=hint)


def _edited(ground: Ground, proposal: Proposal) -> list[str]:
    """What nobody has committed on the branch, where it stands in this checkout."""
    store = ground.store
    if store.work_tree is None or store.head()[0] != f"refs/heads/{proposal.branch}":
        return []
    found = uncommitted(store, store.work_tree)
    is_policy = proposal.kind is RecordType.POLICY_CHANGED
    return [path for path in found if not is_policy or is_guarded(proposal.policy, path)]


def _require_spelt(ground: Ground, proposal: Proposal) -> None:
    """Nothing: no command that this brings holds a word that stands for nothing.

    It is asked of who writes a policy and of nobody who reads one, so no gate asks it.
    """
    if POLICY not in proposal.files:
        return
    tree = hold_files(ground.store, ground.tip.tree, proposal.files)
    policy = load_policy(ground.store, tree, None)
    if policy is not None:
        require_spelt(ground.store.read(tree, POLICY) or b"", policy, proposal.policy)


def _impossible(ground: Ground, proposal: Proposal, ask: Ask) -> RefusedError:
    return RefusedError(
        f"this {NAMES[proposal.kind]} cannot come to {ground.branch}: {ask.answer.now}",
        details=(("rule", f"{ask.name}: {ask.asks[:1].lower()}{ask.asks[1:]}"),),
        hint=ask.answer.command or f"what it would do: {diff_of(ground, proposal)}",
    )


def diff_of(ground: Ground, proposal: Proposal) -> str:
    """The command that shows what the branch would bring to the base, each where its tip is.

    Either may be on the remote alone, and a branch here may be older than what was fetched.
    """
    tip = proposal.tips[0].oid if proposal.tips else None
    places = places_of(ground, proposal.branch)
    name = next((short(ref) for ref, oid in places if oid == tip), proposal.branch)
    return f"git diff {quote(f'{ground.base}...{name}')}"


def conclude(ground: Ground, proposal: Proposal, person: Actor) -> Acted:
    """The act is on the base where enough owners signed it; else it waits on its branch."""
    ruling = rule(ground, proposal)
    if ruling.yes:
        return Acted(proposal, ruling, _on_base(ground, proposal, person), done=True)
    commit = _on_branch(ground, proposal, person)
    return Acted(proposal, ruling, commit, done=False, problem=share(ground, proposal.branch))


def subject_of_act(proposal: Proposal) -> str:
    """The subject of the commit on the base: what it is called, and why it was done."""
    return f"{NAMES[proposal.kind]}: {' '.join(proposal.reason.split())[:120]}"


def _on_base(ground: Ground, proposal: Proposal, person: Actor) -> Commit:
    tips = proposal.tips
    return commit_on_base(
        ground,
        person,
        _with_records(ground, proposal),
        subject_of_act(proposal),
        at=time_of_act(ground, proposal.signed),
        body=f"Signed by {in_words([str(record.actor) for record in proposal.signed])}.",
        trailers=record_trailers(proposal.signed),
        merged=tips[0].oid if tips else None,
    )


def _on_branch(ground: Ground, proposal: Proposal, person: Actor) -> Commit | None:
    """The branch holds what was proposed and the signatures; `None` where it did already."""
    last = proposal.signed[-1:]
    # A new branch begins as one of a person's does: its first subject is the reason.
    subject = proposal.reason if not proposal.tips else f"{NAMES[proposal.kind]}: proposed"
    if proposal.tips and last:
        subject = f"{NAMES[proposal.kind]}: signed by {last[0].actor}"
    return put_on_branch(
        ground,
        proposal.branch,
        _tree_on_branch(ground, proposal),
        proposal.tips,
        person,
        time_of_act(ground, proposal.signed),
        (subject, "", [*_said(proposal), *record_trailers(last)]),
    )


def _said(proposal: Proposal) -> list[tuple[str, str]]:
    """What a new branch says of itself that no file does, for whoever signs it first."""
    return [] if proposal.tips else said_commits(proposal.commits)


def _tree_on_branch(ground: Ground, proposal: Proposal) -> str:
    files = _with_records(ground, proposal)
    if not proposal.tips:
        return hold_files(ground.store, ground.tip.tree, files)
    tip = proposal.tips[0]
    return hold_files(ground.store, tip.tree, {ACT_LOG: files[ACT_LOG]} if ACT_LOG in files else {})
