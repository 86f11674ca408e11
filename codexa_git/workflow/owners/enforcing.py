"""Enforcing: the owners sign the trust root, and this clone pins it."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.logger import AuditLogger
from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.words import RecordType
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import (
    PaperError,
    RecordError,
    RefusedError,
    UsageError,
)
from codexa_git.gate.begun import foreign_beside_root
from codexa_git.gate.owners import counted_owners, judge_root
from codexa_git.gate.root import id_of, root_records
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import OWNER, Policy
from codexa_git.policy.spelling import require_spelt
from codexa_git.repository.objects import Commit, Entry
from codexa_git.repository.worktrees import is_edited
from codexa_git.workflow.base.basing import commit_on_base, hold_files
from codexa_git.workflow.base.ground import Ground, policy_at
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING
from codexa_git.workflow.decisions.deciding import Sign
from codexa_git.workflow.decisions.vouching import require_counting
from codexa_git.workflow.owners.beginning import require_found, require_ready
from codexa_git.workflow.owners.collecting import (
    in_words,
    put_on_branch,
    record_trailers,
    share,
    tips_of,
)
from codexa_git.workflow.owners.proposing import ENFORCE

_MOST = 200
"""How many commits of the branch where a root waits are read; the latest."""

_OBSERVES = re.compile(rb'^(mode[ \t]*=[ \t]*)"observe"', re.MULTILINE)


class Enforced(NamedTuple):
    """What signing the root came to.

    `root` is the trust root, which this clone pins once `done`; until then `commit` is on the
    branch where it waits (`None`: nothing new there), and `problem` says why that was not pushed.
    `unread` are commits of that branch that nobody can read a root from, each with the reason.
    """

    commit: Commit | None
    root: str
    done: bool
    signed: tuple[str, ...]
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks here
    problem: str | None = None
    unread: tuple[tuple[Commit, str], ...] = ()


class _Root(NamedTuple):
    """What is being signed: the two policy files, the policy that they are, and the record's data.

    `tips` are those of the branch where it waits, `records` the signatures that count so far, and
    `unread` what of that branch cannot be read.
    """

    text: bytes
    policy: Policy
    data: dict[str, Any]
    at: int
    tips: tuple[Commit, ...]
    records: tuple[Record, ...] = ()
    unread: tuple[tuple[Commit, str], ...] = ()


def enforce(
    ground: Ground,
    person: Actor,
    sign: Sign,
    *,
    looked_at: Callable[[Policy], None],
    demo: bool = False,
) -> Enforced:
    """The base enforces from here on, if this signature was the last that it took.

    `looked_at` shows the policy as it is going to be, with every key that it trusts, before
    anything is signed; it raises where the person does not want it so.

    Raises:
        RefusedError: it does already, the person is no owner, or a demo's people are in the policy;
            or a commit before would be taken for the root.
        RepositoryError: what lies before it cannot be read, and nobody would find it.
    """
    require_ready(ground, person, demo=demo)
    require_found(ground)
    begun = _begun(ground)
    looked_at(begun.policy)
    root = _signed(begun, person, sign)
    logger = AuditLogger(partial(ground.store.read, ground.tip.tree), None)
    for record in root.records:
        logger.append(record)
    files: dict[str, bytes | Entry | None] = {POLICY: root.text, **logger.files}
    tree = hold_files(ground.store, ground.tip.tree, files)
    ruling = judge_root(ground.store, tree, root.at)
    names = tuple(record.actor.name for record in root.records)
    count, unread = root.policy.owner_count, begun.unread
    made = Enforced(None, id_of(root.records[0]), ruling.yes, names, count, unread=unread)
    if ruling.yes:
        return made._replace(commit=_on_base(ground, root, files, made, person))
    if [ask.name for ask in ruling.unmet] != ["owners-signed"]:
        raise RefusedError(
            f"this would be no trust root: {ruling.unmet[0].answer.now}",
            hint=ruling.unmet[0].answer.command or "git codexa policy show",
        )
    said = (f"policy: trust root signed by {names[-1]}", "", record_trailers(root.records[-1:]))
    commit = put_on_branch(ground, ENFORCE, tree, root.tips, person, root.at, said)
    return made._replace(commit=commit, problem=share(ground, ENFORCE))


def waiting_root(ground: Ground) -> tuple[tuple[Record, ...], Policy]:
    """The signatures that the root has so far on the base as it is, and the policy it begins with.

    Raises:
        UsageError: the policy does not say in plain words that it observes.
        PolicyError: as an enforcing one it could not be read.
    """
    root = _begun(ground)
    return root.records, root.policy


def _begun(ground: Ground) -> _Root:
    """The root as it would be made on the base's tip, with what was signed for just that."""
    store, tip = ground.store, ground.tip
    toml, signers = (store.read(tip.tree, path) or b"" for path in (POLICY, SIGNERS))
    text, found = _OBSERVES.subn(rb'\1"enforce"', toml)
    if found != 1:
        raise UsageError('codexa.toml says no plain mode = "observe"', hint="write it on one line")
    policy = _parsed(ground, text, signers)
    logger = AuditLogger(partial(store.read, tip.tree), None)
    data: dict[str, Any] = {
        "root": None,
        "branch": ground.branch,
        "gates": {},
        "seen": [],
        "parent": tip.oid,
        "policy": digest(text),
        "signers": digest(signers),
    }
    tips = tips_of(ground, ENFORCE)
    waiting, unread = _waiting(ground, tips)
    records = {record.id: record for record in waiting if record.data == data}
    at = max(logger.time(ground.at), tip.committer.seconds, *(r.seconds for r in records.values()))
    counting = _counting(policy, tuple(records.values()), at)
    return _Root(text, policy, data, at, tips, counting, unread)


def _waiting(
    ground: Ground, tips: Sequence[Commit]
) -> tuple[list[Record], tuple[tuple[Commit, str], ...]]:
    """Every signature that the branch ever held, and what of it cannot be read.

    Anybody may push to it: what stands on top of a signature takes it from nobody's sight.
    """
    found: list[Record] = []
    unread: list[tuple[Commit, str]] = []
    for tip in tips:
        for commit in ground.store.beyond(ground.tip.oid, tip.oid)[:_MOST]:
            try:
                found += root_records(ground.store, commit.tree)
            except (PaperError, RecordError) as error:
                unread.append((commit, error.message))
    return found, tuple(unread)


def _parsed(ground: Ground, text: bytes, signers: bytes) -> Policy:
    try:
        policy = parse_policy(text, signers)
        require_spelt(text, policy)
    except PaperError as error:
        if is_edited(ground.store, ground.local_ref, POLICY, SIGNERS):
            told = f"the policy on {ground.branch} is meant: uncommitted changes are not read"
            error.hints = (*error.hints, told, f"git commit {POLICY} {SIGNERS}")
        raise
    return policy


def _counting(policy: Policy, records: tuple[Record, ...], at: int) -> tuple[Record, ...]:
    """Those of the records that are an owner's word, one of each."""
    found: dict[str, Record] = {}
    for decision in counted_owners(policy, records, at):
        if decision.counts:
            found.setdefault(decision.record.actor.email, decision.record)
    return tuple(found.values())


def _signed(root: _Root, person: Actor, sign: Sign) -> _Root:
    if person.email in [record.actor.email for record in root.records]:
        return root
    actor = person._replace(role=OWNER)
    kind, at = RecordType.ROOT_MADE, root.at
    record = make(
        kind,
        root.data,
        change=None,
        stage=None,
        round=0,
        actor=actor,
        at=at,
        signature=sign(payload(kind, root.data, change=None, actor=actor, at=at)),
    )
    require_counting(counted_owners(root.policy, (record,), at)[0])
    return root._replace(records=(*root.records, record))


def _on_base(
    ground: Ground,
    root: _Root,
    files: dict[str, bytes | Entry | None],
    made: Enforced,
    person: Actor,
) -> Commit:
    # Pinned first: whoever is killed in between asks again, and comes to the same root.
    ground.store.set_config(BRANCH_SETTING, ground.branch)
    ground.store.set_config(ROOT_SETTING, made.root)
    commit = commit_on_base(
        ground,
        person._replace(role=OWNER),
        files,
        f"codexa: enforce, trust root signed by {in_words(made.signed)}",
        # What is signed tells when it began, though the last to sign alike came upon it later.
        at=max(record.seconds for record in root.records),
        trailers=record_trailers(root.records),
        merged=next((tip.oid for tip in root.tips if _fits(ground, tip)), None),
    )
    # What is needed to read a policy is loaded here, so the next command finds this one read.
    policy_at(ground.store, commit.tree)
    return commit


def _fits(ground: Ground, tip: Commit) -> bool:
    """True where this tip brings what waited and nothing else: anyone may push to that branch."""
    try:
        return foreign_beside_root(ground.store, ground.tip, tip.oid) is None
    except RecordError:
        return False
