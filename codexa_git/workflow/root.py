"""The trust root of a base: which commit made it, and who signed it."""

from typing import NamedTuple

from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import PaperError, PolicyError
from codexa_git.gate.owners import judge_root
from codexa_git.gate.root import recorded_root, root_records
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import Mode, Policy
from codexa_git.policy.signers import Signer
from codexa_git.policy.sshsig import parse_signature
from codexa_git.repository.objects import Commit, Entry
from codexa_git.repository.store import Store


class Trusted(NamedTuple):
    """A root that its owners signed: its id, the commit that made it, and who signed with what."""

    id: str
    commit: str
    signers: tuple[Signer, ...]


def verified_root(store: Store, tip: Commit) -> Trusted:
    """The trust root of this base, its signatures checked against the policy that it made.

    It is the first first-parent commit whose policy enforces, signed by as many of the owners that
    this policy names as it asks for.

    Raises:
        PolicyError: no commit made one, or it is not signed as it should be.
    """
    made = first_enforcing(store, tip)
    ruling = judge_root(store, made.tree, made.committer.seconds)
    if not ruling.yes:
        raise PolicyError(
            f"the trust root at {made.oid[:12]} is none: {ruling.unmet[0].answer.now}",
            hint="do not trust this base before its owners have explained it",
        )
    policy = load_policy(store, made.tree, None)
    signers = () if policy is None else _signers(store, made, policy)
    return Trusted(recorded_root(store, made.tree), made.oid, signers)


def _signers(store: Store, made: Commit, policy: Policy) -> tuple[Signer, ...]:
    """The lines of the keys that signed, once it is clear that they did."""
    keys = [
        policy.signers.of_key(parse_signature(record.signature or "").public_key)
        for record in root_records(store, made.tree)
    ]
    return tuple(key for key in keys if key is not None)


def first_enforcing(store: Store, tip: Commit) -> Commit:
    """The oldest first-parent commit whose policy enforces: later ones cannot make a new root.

    Raises:
        PolicyError: none does.
    """
    known: dict[tuple[Entry | None, ...], bool] = {}
    found = None
    for commit in store.line_touching(tip.oid, (POLICY, SIGNERS)):
        files = tuple(store.entry(commit.tree, path) for path in (POLICY, SIGNERS))
        if files not in known:
            known[files] = _enforces(store, commit.tree)
        found = commit if known[files] else found
    if found is None:
        raise PolicyError("the base does not enforce, so it has no trust root")
    return found


def _enforces(store: Store, tree: str) -> bool:
    """True where this tree's policy is one, and enforces: what cannot be read made no root."""
    try:
        policy = load_policy(store, tree, None)
    except (PaperError, PolicyError):
        return False
    return policy is not None and policy.mode is Mode.ENFORCE
