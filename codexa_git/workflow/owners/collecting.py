"""Collecting signatures: a branch on which what several owners have to sign waits for all of them.

It is pushed where the base follows a remote, so that the others find it in their own clones.
"""

from collections.abc import Sequence

from codexa_git.audit.record import Actor, Record
from codexa_git.errors import RepositoryError
from codexa_git.repository.objects import Commit, Identity, RefUpdate, Stamp
from codexa_git.repository.publication import carry
from codexa_git.repository.remotes import Push, push
from codexa_git.repository.trailers import format_message, parse_trailers
from codexa_git.workflow.base.following import followed
from codexa_git.workflow.base.ground import Ground

_NAMES = "Codexa-Names"


def places_of(ground: Ground, branch: str) -> tuple[tuple[str, str], ...]:
    """The branch here and on the base's remote, where it is there: each ref with its tip."""
    names = [f"refs/heads/{branch}"]
    follows = followed(ground)
    if follows is not None:
        names.append(f"refs/remotes/{follows.remote}/{branch}")
    there = ground.store.tips(names)
    return tuple((name, there[name]) for name in names if name in there)


def tips_of(ground: Ground, branch: str) -> tuple[Commit, ...]:
    """The commits of a branch here and on the base's remote; one, where the other is behind it."""
    store = ground.store
    oids = list(dict.fromkeys(oid for _, oid in places_of(ground, branch)))
    if len(oids) == 2 and store.is_ancestor(oids[0], oids[1]):
        oids = oids[1:]
    elif len(oids) == 2 and store.is_ancestor(oids[1], oids[0]):
        oids = oids[:1]
    return tuple(store.commit(oid) for oid in oids)


def put_on_branch(
    ground: Ground,
    branch: str,
    tree: str,
    tips: Sequence[Commit],
    person: Actor,
    at: int,
    message: tuple[str, str, Sequence[tuple[str, str]]],
) -> Commit | None:
    """The branch holds this tree, on the tips that it had; `None` where it did already.

    `message` is the commit's subject, body and trailers.
    """
    store = ground.store
    if len(tips) == 1 and tips[0].tree == tree:
        return None
    parents = [tip.oid for tip in tips] or [ground.tip.oid]
    seconds = max(at, *(store.commit(parent).committer.seconds for parent in parents))
    stamp = Stamp(Identity(person.name, person.email), seconds)
    oid = store.write_commit(tree, parents, stamp, stamp, format_message(*message))
    commit, ref = store.commit(oid), f"refs/heads/{branch}"
    carry(store, [RefUpdate(ref, oid, store.ref(ref))], f"codexa: {commit.subject}")
    return commit


def share(ground: Ground, branch: str) -> str | None:
    """The branch is pushed where the base follows a remote; why not, if it could not be."""
    store, name = ground.store, f"refs/heads/{branch}"
    follows = followed(ground)
    here = store.ref(name)
    if follows is None or here is None:
        return None
    if store.ref(f"refs/remotes/{follows.remote}/{branch}") == here:
        return None
    try:
        refused = push(store, follows.remote, [Push(here, name)])
    except RepositoryError as error:
        return error.message
    return f"{follows.remote} refused it: {refused[0].why}" if refused else None


def record_trailers(records: Sequence[Record]) -> list[tuple[str, str]]:
    """The trailers that name these records."""
    return [("Codexa-Record", f"{record.type} {record.id}") for record in records]


def said_commits(commits: Sequence[str]) -> list[tuple[str, str]]:
    """The trailers by which a branch says which commits are to be named, before anybody signs."""
    return [(_NAMES, oid) for oid in commits]


def commits_said(message: bytes) -> tuple[str, ...]:
    """The commits that such trailers say, each once; none where there are none."""
    return tuple(dict.fromkeys(oid for key, oid in parse_trailers(message) if key == _NAMES))


def in_words(names: Sequence[str]) -> str:
    """The names in a sentence: `a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
