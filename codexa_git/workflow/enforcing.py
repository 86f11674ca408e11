"""Enforcing: the owner signs the trust root, and this clone pins it."""

import re
from typing import Any

from codexa_git.audit.canonical import digest
from codexa_git.audit.logger import AuditLogger
from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, make
from codexa_git.audit.words import RecordType
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import RefusedError, UsageError
from codexa_git.gate.root import id_of
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import has_demo_people, holders
from codexa_git.repository.objects import Commit
from codexa_git.workflow.basing import commit_on_base
from codexa_git.workflow.deciding import Sign
from codexa_git.workflow.ground import BRANCH_SETTING, ROOT_SETTING, Ground, policy_at

_OBSERVES = re.compile(rb'^(mode[ \t]*=[ \t]*)"observe"', re.MULTILINE)


def enforce(ground: Ground, person: Actor, sign: Sign, *, demo: bool = False) -> tuple[Commit, str]:
    """The base enforces from here on: the commit, and the trust root, which this clone pins.

    Raises:
        RefusedError: it does already, the person is no owner, a demo's people are in the policy, or
            more than one owner has to sign.
    """
    _refuse_enforcing(ground, person, demo=demo)
    store, tip = ground.store, ground.tip
    toml, signers = (store.read(tip.tree, path) or b"" for path in (POLICY, SIGNERS))
    text, count = _OBSERVES.subn(rb'\1"enforce"', toml)
    if count != 1:
        raise UsageError('codexa.toml says no plain mode = "observe"', hint="write it on one line")
    parse_policy(text, signers)
    logger = AuditLogger(lambda path: store.read(tip.tree, path), None)
    actor = person._replace(role="owner")
    at = max(logger.time(ground.at), tip.committer.seconds)
    data: dict[str, Any] = {
        "root": None,
        "branch": ground.branch,
        "gates": {},
        "seen": [],
        "parent": tip.oid,
        "policy": digest(text),
        "signers": digest(signers),
    }
    signature = sign(payload(RecordType.ROOT_MADE, data, change=None, actor=actor, at=at))
    record = make(
        RecordType.ROOT_MADE,
        data,
        change=None,
        stage=None,
        round=0,
        actor=actor,
        at=at,
        signature=signature,
    )
    logger.append(record)
    # Pinned first: whoever is killed in between asks again, and comes to the same root.
    store.set_config(BRANCH_SETTING, ground.branch)
    store.set_config(ROOT_SETTING, id_of(record))
    commit = commit_on_base(
        ground,
        actor,
        {POLICY: text, **logger.files},
        f"codexa: enforce, trust root signed by {actor.name}",
        at=at,
        trailers=[("Codexa-Record", f"{RecordType.ROOT_MADE} {record.id}")],
    )
    # What is needed to read a policy is loaded here, so the next command finds this one read.
    policy_at(store, commit.tree)
    return commit, id_of(record)


def _refuse_enforcing(ground: Ground, person: Actor, *, demo: bool) -> None:
    if ground.enforces:
        raise RefusedError(f"{ground.branch} enforces already", hint="git codexa root shows it")
    owners = holders(ground.policy, "owner")
    if person.email not in [owner.email for owner in owners]:
        names = " or ".join(owner.name for owner in owners) or "an owner"
        raise RefusedError(
            f"{person.email} is no owner in this policy, and an owner signs the root",
            hint=f"ask {names}",
        )
    if has_demo_people(ground.policy) and not demo:
        raise RefusedError(
            "the policy names people of demo.invalid, whose keys anyone can make",
            hint="name real people in codexa.toml and .codexa/allowed_signers",
        )
    if ground.policy.owner_count > 1:
        raise RefusedError(
            f"{ground.policy.owner_count} owners would have to sign the root, and one can for now",
            hint="begin with [owner] count = 1",
        )
