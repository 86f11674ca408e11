"""The trust root: whose word it is, and that nothing beside it can lend it another's name."""

from typing import Any

import pytest
from gate.world import STRANGER, World

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Actor, Record, format_record, time_of
from codexa_git.audit.words import RecordType
from codexa_git.errors import PolicyError
from codexa_git.gate.trusted import verified_root
from codexa_git.repository.objects import Commit, Identity, Stamp

LOG = "audit/handoff.jsonl"
THIEF = Actor(STRANGER.name, STRANGER.email, "owner")


def orphan(world: World, tree: str, *parents: str, earlier: int = 0) -> Commit:
    """A history of one commit with this tree, or of one upon others, so many seconds earlier."""
    stamp = Stamp(Identity(THIEF.name, THIEF.email), world.context.at - earlier)
    return world.store.commit(world.store.write_commit(tree, parents, stamp, stamp, b"begin\n"))


def taken_over(
    world: World, before: bytes, window: str = "", earlier: int = 0, *, is_first: bool = False
) -> Commit:
    """A history under a stranger's policy and signed root, these lines above the record of it.

    `window` is what bounds their key, and the root is made so many seconds before what it is upon.
    """
    first = orphan(world, world.edited({"codexa.toml": None, LOG: before}, world.base))
    toml = world.read("codexa.toml").replace(b"pm@demo.invalid", STRANGER.email.encode())
    key = world.keys.public[STRANGER.email]
    line = f'{STRANGER.email} namespaces="codexa"{window} {key}\n'.encode()
    kept = [
        ln
        for ln in world.read(".codexa/allowed_signers").splitlines(keepends=True)
        if b"tester" in ln
    ]
    signers = b"".join([line, *kept])
    data: dict[str, Any] = {
        "root": None,
        "parent": None if is_first else first.oid,
        "policy": digest(toml),
        "signers": digest(signers),
    }
    record: Record = world.decision(
        RecordType.ROOT_MADE, data, actor=THIEF, change=None, stage=None
    )
    files = {
        "codexa.toml": toml,
        ".codexa/allowed_signers": signers,
        LOG: before + format_record(record),
    }
    parents = () if is_first else (first.oid,)
    return orphan(world, world.edited(dict(files), world.base), *parents, earlier=earlier)


def test_the_root_is_that_of_the_base(world: World) -> None:
    trusted = verified_root(world.store, "main", world.moment.ground.tip)
    assert trusted.id == world.root
    assert [signer.principal for signer in trusted.signers] == ["pm@demo.invalid"]


def test_a_history_taken_over_does_not_bear_the_name_of_the_root_it_replaces(world: World) -> None:
    true = world.read(LOG, world.base)
    found = verified_root(world.store, "main", taken_over(world, true))
    assert [signer.principal for signer in found.signers] == [STRANGER.email]
    assert found.id != world.root


def test_a_root_stands_upon_the_commit_that_its_owners_named(world: World) -> None:
    trusted = verified_root(world.store, "main", world.moment.ground.tip)
    tree = world.store.tree_of(trusted.commit)
    for commit in (orphan(world, tree), grafted(world, tree)):
        with pytest.raises(PolicyError, match="signed by 0 of 1 owners"):
            verified_root(world.store, "main", commit)


def grafted(world: World, tree: str) -> Commit:
    """The same tree upon a history that the owners never saw."""
    before = orphan(world, world.edited({"codexa.toml": None}, tree))
    stamp = before.committer
    return world.store.commit(
        world.store.write_commit(tree, (before.oid,), stamp, stamp, b"enforce\n")
    )


def test_a_root_that_nobody_named_in_the_policy_signed_is_none(world: World) -> None:
    edited = world.read("codexa.toml").replace(b"Demo PM", b"Demo Pm")
    commit = orphan(world, world.edited({"codexa.toml": edited}, world.base))
    with pytest.raises(PolicyError, match="signed by 0 of 1 owners"):
        verified_root(world.store, "main", commit)


def test_a_root_is_never_of_an_earlier_time_than_what_it_stands_on(world: World) -> None:
    true = world.read(LOG, world.base)
    day = time_of(world.context.at)[:10].replace("-", "")
    window = f',valid-before="{day}000000Z"'
    with pytest.raises(PolicyError, match="or the day after"):
        verified_root(world.store, "main", taken_over(world, true, earlier=86_400))
    with pytest.raises(PolicyError, match="signed by 0 of 1 owners"):
        verified_root(world.store, "main", taken_over(world, true, window, earlier=86_400))


def test_a_root_upon_nothing_is_none(world: World) -> None:
    """Nobody signed any of what it holds beside its policy."""
    made = taken_over(world, b"", is_first=True)
    with pytest.raises(PolicyError, match="has 0 parents"):
        verified_root(world.store, "main", made)
