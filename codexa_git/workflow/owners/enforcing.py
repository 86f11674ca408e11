"""Enforcing: the owners sign the trust root, and this clone pins it."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.logger import AuditLogger
from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.words import RecordType
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import PaperError, PolicyError, RefusedError, RepositoryError, UsageError
from codexa_git.gate.begun import foreign_beside_root
from codexa_git.gate.owners import counted_owners, judge_root
from codexa_git.gate.root import id_of, root_records
from codexa_git.gate.trusted import first_enforcing
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import OWNER, Policy, has_demo_people, holders
from codexa_git.policy.spelling import require_spelt
from codexa_git.repository.objects import Commit, Entry
from codexa_git.repository.worktrees import is_edited
from codexa_git.workflow.base.basing import commit_on_base, hold_files
from codexa_git.workflow.base.ground import Ground, policy_at
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING
from codexa_git.workflow.base.unpushed import unpushed
from codexa_git.workflow.decisions.deciding import Sign
from codexa_git.workflow.decisions.enrolling import an_owner
from codexa_git.workflow.decisions.vouching import require_counting
from codexa_git.workflow.owners.collecting import (
    in_words,
    put_on_branch,
    record_trailers,
    share,
    tips_of,
)
from codexa_git.workflow.owners.proposing import ENFORCE

_OBSERVES = re.compile(rb'^(mode[ \t]*=[ \t]*)"observe"', re.MULTILINE)


class Enforced(NamedTuple):
    """What signing the root came to.

    `root` is the trust root, which this clone pins once `done`; until then `commit` is on the
    branch where it waits (`None`: nothing new there), and `problem` says why that was not pushed.
    """

    commit: Commit | None
    root: str
    done: bool
    signed: tuple[str, ...]
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody asks here
    problem: str | None = None


class _Root(NamedTuple):
    """What is being signed: the two policy files, the policy that they are, and the record's data.

    `tips` are those of the branch where it waits, `records` the signatures that count so far.
    """

    text: bytes
    policy: Policy
    data: dict[str, Any]
    at: int
    tips: tuple[Commit, ...]
    records: tuple[Record, ...] = ()


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
    _refuse_enforcing(ground, person, demo=demo)
    _require_found(ground)
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
    made = Enforced(None, id_of(root.records[0]), ruling.yes, names, root.policy.owner_count)
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
    records = {r.id: r for one in tips for r in root_records(store, one.tree) if r.data == data}
    at = max(logger.time(ground.at), tip.committer.seconds, *(r.seconds for r in records.values()))
    return _Root(text, policy, data, at, tips, _counting(policy, tuple(records.values()), at))


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
    return foreign_beside_root(ground.store, ground.tip, tip.oid) is None


def _refuse_enforcing(ground: Ground, person: Actor, *, demo: bool) -> None:
    if ground.enforces:
        raise RefusedError(f"{ground.branch} enforces already", hint="git codexa root shows it")
    owners = holders(ground.policy, OWNER)
    if person.email not in [owner.email for owner in owners]:
        raise RefusedError(
            f"{person.email} is no owner in this policy, and an owner signs the root",
            hint=an_owner(ground.policy, person),
        )
    # What a person has just committed is what they mean to sign, and the base has it not yet.
    if (own := unpushed(ground)) is not None:
        raise RefusedError(
            f"{own.told}, and what {own.base} has is what would be signed", hint=own.ways
        )
    if has_demo_people(ground.policy) and not demo:
        raise RefusedError(
            "the policy names people of demo.invalid, whose keys anyone can make",
            hint=(
                "name real people in codexa.toml and .codexa/allowed_signers",
                "or, to try it where nothing is at stake: git codexa enforce --demo",
            ),
        )


def _require_found(ground: Ground) -> None:
    """Nothing: whoever looks for the root along this base comes as far as its tip, and finds none.

    Raises:
        RefusedError: a commit before enforces, unsigned, and would be taken for it.
        RepositoryError: one cannot be read, and nobody could ever tell.
    """
    try:
        made = first_enforcing(ground.store, ground.store.first_parent_ids(ground.tip.oid))
    except PolicyError:
        return
    except RepositoryError as error:
        raise RepositoryError(
            f"behind this history nobody would find a trust root: {error.message}",
            hint="git fsck tells what is missing, or cannot be read",
        ) from error
    first, on = made.oid[:12], f"beside its own line it counts for nothing: on {ground.branch},"
    kept = ground.store.spare_branch("kept")
    raise RefusedError(
        f"{first} says enforce and is signed by nobody, and whoever verifies would begin there",
        hint=(
            f"git show --first-parent {first}",
            f"{on} git branch {kept} && git reset --keep {first}~1 && git merge --no-ff {kept}",
        ),
    )
