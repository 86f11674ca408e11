"""The policy of a base, followed from the commit that made its trust root."""

from pathlib import Path

from codexa_git.audit.words import ACT_LOG
from codexa_git.errors import PolicyError
from codexa_git.gate.lineage import Lineage
from codexa_git.gate.trusted import Trusted, first_enforcing, trusted_at
from codexa_git.policy.compiled import POLICY, load_policy
from codexa_git.policy.signers import PATH as SIGNERS
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store


def traced(
    store: Store, branch: str, tip: Commit, cache: Path | None = None
) -> tuple[Trusted, Lineage]:
    """The trust root of a base, and its policy followed from there to `tip`.

    Raises:
        PolicyError: there is no root, or it is not signed as it should be.
    """
    times = store.line_times(tip.oid)
    line = list(times)
    made = first_enforcing(store, line)
    trusted = trusted_at(store, branch, made)
    policy = load_policy(store, made.tree, cache)
    if policy is None:
        raise PolicyError("the commit that began to enforce has no policy")
    rest = line[: line.index(made.oid)][::-1]
    lineage = Lineage(store, trusted.id, branch, made, policy).along(lambda: rest)
    touching = store.line_touching(tip.oid, (POLICY, SIGNERS, ACT_LOG))
    commits = {commit.oid: commit for commit in touching}
    for oid in rest:
        if (commit := commits.get(oid)) is not None:
            parent = store.headed(commit.parents[0])
            if store.is_large(oid):
                lineage.overlook(parent.oid, oid)
            else:
                lineage.take(parent, commit, lineage.deed(parent, commit))
        lineage.saw(times[oid] or 0)
    return trusted, lineage
