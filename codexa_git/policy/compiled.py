"""The policy of a tree, and a cache of it that saves reading what was read before.

The cache is one small file, named after the two blobs it was made from, this version of the
program and the form of its values. A file that is missing, cut short, altered or of another
version is not believed: the texts are read again, with the same answer. Whoever must not trust
this clone (server, CI, `verify`) passes no cache.
"""

import sys

from codexa_git import __version__
from codexa_git.audit.words import AgentRole, Gate, Stage
from codexa_git.errors import PaperError, PolicyError
from codexa_git.policy import rules
from codexa_git.policy.signers import PATH as SIGNERS
from codexa_git.policy.signers import AllowedSigners, Signer
from codexa_git.repository.objects import Entry, Mode
from codexa_git.values import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

POLICY = "codexa.toml"

LEAVING = (
    "to leave codexa-git, first take its hooks out: git codexa server uninstall, in the server's"
    " repository, and git codexa hooks uninstall in each clone"
)
"""What whoever takes the policy out of a base that enforces does before, or nothing takes that."""

_VALUES: tuple[Any, ...] = (
    rules.Policy,
    rules.Person,
    rules.GateRule,
    rules.PathRule,
    rules.Tests,
    rules.CustomRequirement,
    rules.Agent,
    rules.Retention,
    rules.Light,
    rules.Notification,
    rules.Milestone,
    AllowedSigners,
    Signer,
)
_FORM = repr([(value.__name__, value._fields) for value in _VALUES])


class Blobs(Protocol):
    """What is asked of a store: what a tree holds at a path, and the bytes of a blob."""

    def entry(self, tree: str, path: str) -> Entry | None:
        """The entry at `path`; `None` where the tree has none."""

    def blob(self, oid: str) -> bytes:
        """The content of a blob."""


PolicyFiles = tuple[Entry | None, ...]
"""What a tree holds in the place of each policy file: `codexa.toml`, then the signers."""


def policy_files(store: Blobs, tree: str) -> PolicyFiles:
    """What this tree holds of them."""
    return tuple(store.entry(tree, path) for path in (POLICY, SIGNERS))


def load_policy(store: Blobs, tree: str, cache: "Path | None") -> rules.Policy | None:
    """The policy that `tree` holds; `None` where it has no `codexa.toml`.

    Raises:
        PolicyError: there is one and it cannot be read, so nothing can be judged by it.
    """
    entry = store.entry(tree, POLICY)
    if entry is None:
        return None
    signers = store.entry(tree, SIGNERS)
    for path, found in ((POLICY, entry), (SIGNERS, signers)):
        if found is not None and found.mode != Mode.FILE:
            raise PolicyError(f"{path} is not an ordinary file, so no policy can be read from it")
    key = "" if cache is None else _key(entry.oid, signers.oid if signers else "none")
    file = None if cache is None else cache / f"policy-{key}"
    if file is not None and (policy := _cached(file)) is not None:
        return policy
    policy = _parsed(store, entry.oid, signers.oid if signers else None)
    if file is not None:
        from codexa_git.repository.cached import keep  # noqa: PLC0415

        keep(file, file.name, policy)
    return policy


def _key(policy: str, signers: str) -> str:
    from hashlib import sha256  # noqa: PLC0415

    made_by = (policy, signers, __version__, str(sys.implementation.cache_tag), _FORM)
    return sha256("\n".join(made_by).encode("utf-8")).hexdigest()


_MENDING = (
    f"till it is mended on the base itself nobody can sign: git log -1 -- {POLICY} {SIGNERS}",
    "there: git revert that commit; and where the base has a remote: git push --no-verify",
    "where it enforces, its owners then name both commits: git codexa incident",
)
"""How people come out of it: no signature could, for whose counts is what cannot be read."""


def _parsed(store: Blobs, toml: str, signers: str | None) -> rules.Policy:
    from codexa_git.policy.parsing import parse_policy  # noqa: PLC0415

    try:
        return parse_policy(store.blob(toml), store.blob(signers) if signers else b"")
    except PaperError as error:
        raise PolicyError(f"the policy cannot be read: {error.message}", hint=_MENDING) from error


def _cached(file: "Path") -> rules.Policy | None:
    from codexa_git.repository.cached import recall  # noqa: PLC0415

    kept = recall(file, file.name)
    try:
        return None if kept is None else _restored(kept)
    except (ValueError, TypeError):
        return None


def _restored(kept: Any) -> rules.Policy:  # noqa: ANN401 (the same)
    """The policy that was kept as plain tuples."""
    flat = rules.Policy(*kept)
    return flat._replace(
        mode=rules.Mode(flat.mode),
        people=tuple(rules.Person(*person) for person in flat.people),
        gates=tuple(
            rules.GateRule(Gate(gate), role, count, rules.When(when))
            for gate, role, count, when in flat.gates
        ),
        signers=AllowedSigners(tuple(Signer(*signer) for signer in flat.signers[0])),
        paths=tuple(
            rules.PathRule(paths, role, count, rules.Carry(carry))
            for paths, role, count, carry in flat.paths
        ),
        tests=rules.Tests(*flat.tests),
        requirements=tuple(
            rules.CustomRequirement(Stage(stage), name, run)
            for stage, name, run in flat.requirements
        ),
        agents=tuple(
            rules.Agent(AgentRole(role), rules.Provider(provider), template)
            for role, provider, template in flat.agents
        ),
        retention=_retention(*flat.retention),
        light=rules.Light(*flat.light),
        notifications=tuple(
            rules.Notification(name, url_from, tuple(rules.Event(event) for event in events))
            for name, url_from, events in flat.notifications
        ),
        milestones=tuple(rules.Milestone(*milestone) for milestone in flat.milestones),
    )


def _retention(results: str, runs: str, logs: str, packet: str, drop_after: int) -> rules.Retention:
    keeping = rules.Keeping
    return rules.Retention(
        keeping(results), keeping(runs), keeping(logs), keeping(packet), drop_after
    )
