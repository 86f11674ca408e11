"""The trust root as a base tells it: what the owners signed when enforcing began."""

from collections.abc import Iterable
from functools import partial

from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.logger import read_records
from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.errors import PolicyError
from codexa_git.repository.store import Store


def root_id(branch: str, parent: str | None, policy: str, signers: str) -> str:
    """The trust root's id: the digest of what the owners signed.

    `policy` and `signers` are the digests of the two policy files as they began to be enforced,
    `parent` is the base's commit before, so that no two repositories share a root.
    """
    return digest(
        canonical({"branch": branch, "parent": parent, "policy": policy, "signers": signers})
    )


def id_of(record: Record) -> str:
    """The root that this `root.made` record made."""
    data = record.data
    return root_id(data["branch"], data["parent"], data["policy"], data["signers"])


def branch_of(records: Iterable[Record], root: str) -> str | None:
    """The branch that this trust root names; `None` where none of these records made it.

    Its id is a digest of that name, so it takes no signature to believe the record that has it.
    """
    return next((str(r.data["branch"]) for r in records if id_of(r) == root), None)


def root_records(store: Store, tree: str) -> tuple[Record, ...]:
    """The `root.made` records that a tree of the base holds, one an owner."""
    records = read_records(partial(store.read, tree), None)
    return tuple(record for record in records if record.type is RecordType.ROOT_MADE)


def recorded_root(store: Store, tree: str) -> str:
    """The trust root that a tree of the base records.

    Raises:
        PolicyError: it enforces without one.
    """
    records = root_records(store, tree)
    if not records:
        raise PolicyError("the policy enforces, but no trust root is recorded in audit/")
    return id_of(records[0])
