"""The trust root held against the signatures that made it, and against the commit before it.

Owners sign the policy files, the base and the commit before. What else the commit of the root has
is signed by nobody, so it has nothing else: all that follows stands on its tree.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.logger import parse_log
from codexa_git.audit.record import Record, time_of
from codexa_git.audit.words import AHEAD
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import MalformedError, PaperError, PolicyError, TooLargeError
from codexa_git.gate.begun import RECORDED, besides_root, foreign_beside_root
from codexa_git.gate.carried import merged_besides
from codexa_git.gate.root import id_of, root_records
from codexa_git.gate.signed import signature_problem
from codexa_git.policy.compiled import load_policy, policy_files
from codexa_git.policy.rules import OWNER, Policy, holders
from codexa_git.policy.rules import Mode as PolicyMode
from codexa_git.policy.signers import Signer
from codexa_git.policy.sshsig import parse_signature
from codexa_git.repository.objects import Commit, Entry
from codexa_git.repository.store import Store


class Trusted(NamedTuple):
    """A root that its owners signed: its id, the commit that made it, and who signed with what."""

    id: str
    commit: str
    signers: tuple[Signer, ...]


def verified_root(store: Store, branch: str, tip: Commit) -> Trusted:
    """The trust root of this base `branch`, its signatures checked against the policy it made.

    It is the first first-parent commit whose policy enforces, signed by as many of the owners that
    this policy names as it asks for, each for these policy files upon the commit before it.

    Raises:
        PolicyError: no commit made one, or it is not signed as it should be.
    """
    made = first_enforcing(store, store.first_parent_ids(tip.oid))
    return trusted_at(store, branch, made)


def trusted_at(store: Store, branch: str, made: Commit) -> Trusted:
    """The trust root that this commit made on the base `branch`, being the first that enforces.

    Raises:
        PolicyError: it is another branch's, or is not signed as it should be.
    """
    policy = load_policy(store, made.tree, None)
    if policy is None:
        raise PolicyError("the commit that began to enforce has no policy")
    if policy.branch != branch:
        raise PolicyError(
            f"the trust root at {made.oid[:12]} is that of the branch {policy.branch}, and what is"
            f" looked at is {branch}",
            hint="a branch that was copied is no base: ask the owners which one is",
        )
    found: dict[str, dict[str, Signer]] = {}
    counted: list[Record] = []
    for record in root_records(store, made.tree):
        signer = _root_signer(store, made, policy, record)
        if signer is not None:
            found.setdefault(id_of(record), {})[signer.principal] = signer
            counted.append(record)
    # What stands beside it unsigned, or signed for another, lends the root neither name nor number.
    root, signers = max(found.items(), key=lambda item: len(item[1]), default=("", {}))
    if len(signers) < policy.owner_count:
        raise PolicyError(
            f"the trust root at {made.oid[:12]} is signed by {len(signers)} of"
            f" {policy.owner_count} owners",
            hint="do not trust this base before its owners have explained it",
        )
    if (more := _beside(store, made, counted)) is not None:
        raise PolicyError(
            f"the trust root at {made.oid[:12]} {more}, which its owners did not sign",
            hint="do not trust this base before its owners have explained it",
        )
    return Trusted(root, made.oid, tuple(signers.values()))


def first_enforcing(store: Store, line: Sequence[str]) -> Commit:
    """The oldest commit of a first-parent line (newest first) whose policy enforces.

    Later ones cannot make a new root. What else those before it say is nobody's claim: of them the
    tree alone is read, whatever the rest is of, and however long. A tree of another form than git
    writes, or too large, made no root: nobody reads a policy or a signature from it. So nobody can
    hide one either, for the form of a tree follows from its bytes, and its id from them.

    Raises:
        PolicyError: there is none.
        RepositoryError: something of these trees is missing, so that it may be there.
    """
    known: dict[tuple[Entry | None, ...], bool] = {}
    for oid in reversed(line):
        tree = store.tree_as_git(oid)
        try:
            files = policy_files(store, tree)
        except (MalformedError, TooLargeError):
            continue
        if files not in known:
            known[files] = _enforces(store, tree)
        if known[files]:
            return store.commit(oid)
    raise PolicyError(
        "the base does not enforce, so it has no trust root",
        hint="an owner signs one: git codexa enforce",
    )


def _enforces(store: Store, tree: str) -> bool:
    """True where this tree's policy is one, and enforces: what cannot be read made no root."""
    try:
        policy = load_policy(store, tree, None)
    except (PaperError, PolicyError):
        return False
    return policy is not None and policy.mode is PolicyMode.ENFORCE


def _root_signer(store: Store, made: Commit, policy: Policy, record: Record) -> Signer | None:
    """The owner's key that signed this root for exactly these policy files, upon this parent."""
    files = [digest(store.read(made.tree, path) or b"") for path in (POLICY, SIGNERS)]
    said = [record.data[name] for name in ("policy", "signers", "branch", "parent")]
    if said != [*files, policy.branch, made.parents[0] if made.parents else None]:
        return None
    owners = [owner.email for owner in holders(policy, OWNER)]
    if record.actor.email not in owners or record.actor.role != OWNER:
        return None
    before = [store.headed(oid).committer.seconds for oid in made.parents[:1]]
    if signature_problem(policy, record, max(made.committer.seconds, *before, 0)) is not None:
        return None
    return policy.signers.of_key(parse_signature(record.signature or "").public_key)


def _beside(store: Store, made: Commit, counted: Collection[Record]) -> str | None:
    """What the commit that made the root has beside what these records sign; `None`: nothing."""
    if len(made.parents) not in (1, 2):
        return f"has {len(made.parents)} parents"
    parent = store.headed(made.parents[0])
    if (more := besides_root(store, parent.tree, made.tree)) is not None:
        return more
    ids = {record.id for record in counted}
    if any(record not in ids for record in _appended(store, parent.tree, made.tree)):
        return f"brings other records in {RECORDED}"
    begun = max(parent.committer.seconds, *(record.seconds for record in counted))
    if not begun <= made.committer.seconds <= begun + AHEAD:
        told, signed_at = time_of(made.committer.seconds), time_of(begun)
        return f"is of {told}, and not of {signed_at} or the day after"
    brought = merged_besides(store, parent, made.parents[1:])
    if brought is not None:
        return f"merges {brought.commit.oid[:12]} of {brought.change}"
    foreign = [foreign_beside_root(store, parent, tip) for tip in made.parents[1:]]
    return next((f"merges {oid[:12]}" for oid in foreign if oid is not None), None)


def _appended(store: Store, before: str, after: str) -> tuple[str, ...]:
    """The ids of the records that came to the repository's own; ids of none where some went."""
    old, new = ((store.read(tree, RECORDED) or b"") for tree in (before, after))
    if not new.startswith(old):
        return ("",)
    records = parse_log(new, RECORDED, None)
    return tuple(record.id for record in records[len(parse_log(old, RECORDED, None)) :])
