"""A policy that came to the base after a change began: what it refuses names the cure."""

from pathlib import Path
from shlex import split
from typing import NamedTuple

import pytest
from builders import git
from scenarios.clone import At, Clone, Shelf, make_key

DEV = ("Demo Dev", "dev@demo.invalid")
CURE = "hint: origin/main has a newer policy, which says otherwise: git codexa sync CH-001"


class Two(NamedTuple):
    """An owner's clone, and that of somebody whom the policy does not know yet."""

    owner: Clone
    dev: Clone


def two(clone: Clone, folder: Path, key: Path) -> Two:
    """The clone, a remote that has all of it, and another clone of that, on the change."""
    git(folder, "clone", "-q", "--bare", str(clone.folder), "bare.git")
    clone.git("remote", "add", "origin", str(folder / "bare.git"))
    clone.git("fetch", "-q")
    for branch in ("main", "change/CH-001"):
        clone.git("branch", "-q", "-u", f"origin/{branch}", branch)
    git(folder, "clone", "-q", str(folder / "bare.git"), "dev")
    dev = Clone(folder / "dev").set_up(*DEV, key)
    dev.git("switch", "-q", "change/CH-001")
    dev.did("root", "--pin", clone.git("config", "codexa.root"))
    return Two(clone, dev)


@pytest.fixture
def planned(at: At, tmp_path: Path, shelf: Shelf) -> Two:
    """A plan waits, and Demo Dev became a pm on the base since."""
    found = two(at("planned"), tmp_path, shelf.dev)
    found.owner.did("people", "add", *DEV, "--role", "pm", "--key", f"{shelf.dev}.pub")
    return found


def test_a_role_that_came_to_the_base_takes_a_sync(planned: Two) -> None:
    dev = planned.dev
    told = dev.refused("approve")
    assert "git codexa people add" in told
    assert "newer policy" not in told
    dev.git("fetch", "-q")
    told = dev.refused("approve")
    assert "dev@demo.invalid has no role yet in the policy that judges CH-001" in told
    assert CURE in told
    assert "people add" not in told
    dev.did("clarify", "--no-push", "how loud?")
    assert CURE in dev.refused("clarify", "--answer", "Q-1", "very")
    dev.did("sync")
    dev.did("clarify", "--answer", "Q-1", "very")
    dev.did("approve")


def test_what_the_newer_policy_asks_otherwise_takes_a_sync(planned: Two) -> None:
    planned.dev.git("fetch", "-q")
    told = planned.dev.refused("advance")
    assert "its plan is not approved" in told
    assert CURE in told
    assert "hint: git codexa approve CH-001" in planned.owner.refused("advance")


def test_a_role_of_the_newer_policy_alone_takes_a_sync(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    clone = at("enforced")
    clone.did("people", "add", *DEV, "--role", "dev", "--key", f"{shelf.dev}.pub")
    clone.did(
        "open",
        "Shouting",
        "--context",
        "c",
        "--scope",
        "s",
        "--out-of-scope",
        "o",
        "--criterion",
        "`a` is `b`",
    )
    clone.did("advance")
    owner, dev = two(clone, tmp_path, shelf.dev)
    assert "takes the role pm, which you do not hold" in dev.refused("approve")
    owner.did("people", "add", *DEV, "--role", "pm")
    dev.git("fetch", "-q")
    told = dev.refused("approve")
    assert "takes the role pm, which you do not hold" in told
    assert CURE in told


def test_a_key_that_came_to_the_base_takes_a_sync(at: At, tmp_path: Path, shelf: Shelf) -> None:
    owner, _ = two(at("planned"), tmp_path, shelf.dev)
    key = make_key(tmp_path, "new", 9)
    owner.did("people", "rotate", "pm@demo.invalid", "--key", f"{key}.pub", "--overlap", "0")
    owner.git("config", "user.signingkey", str(key))
    told = owner.refused("approve")
    assert "your signature would not count" in told
    assert CURE in told
    owner.did("sync")
    owner.did("approve")


def test_a_testers_key_that_came_to_the_base_takes_a_sync(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owner, dev = two(at("executed"), tmp_path, shelf.dev)
    told = dev.refused("advance", status=3)
    assert (
        "git codexa people tester; on main, git codexa init shows what they type elsewhere" in told
    )
    dev.git("switch", "-q", "main")
    line = split(dev.did("init").splitlines()[-1])[-1]
    dev.git("switch", "-q", "change/CH-001")
    _, _, enrols, fetches = dev.refused("advance", status=3).splitlines()
    owner.did(*split(enrols.partition("git codexa ")[2]))
    assert line in owner.read(".codexa/allowed_signers", "main")
    assert fetches == "hint: where an owner has done so since: git fetch, and ask again"
    dev.git("fetch", "-q")
    told = dev.refused("advance", status=3)
    assert "has a Tester's key that policy does not know" in told
    assert CURE in told
    dev.did("sync")
    dev.did("advance")


def test_init_again_reads_the_policy_that_was_fetched(planned: Two) -> None:
    dev = planned.dev
    dev.git("switch", "-q", "main")
    told = dev.codexa("init")
    assert "the policy names nobody dev@demo.invalid" in told.err
    dev.git("fetch", "-q")
    assert "the policy names nobody" not in dev.codexa("init").err


def test_a_second_approver_who_came_to_the_base_takes_a_sync_whoever_asks(
    at: At, shelf: Shelf
) -> None:
    clone = at("adopted")
    policy = clone.read("codexa.toml").replace("separate = false", "separate = true")
    clone.commit({"codexa.toml": f"{policy}\n"}, "nobody approves their own")
    clone.did("enforce", "--demo", "--yes")
    words = ("--context", "c", "--scope", "s", "--out-of-scope", "o", "--criterion", "`a` is `b`")
    clone.did("open", "Shouting", *words)
    clone.did("advance")
    clone.did("approve")
    names = "git codexa people add NAME EMAIL --role pm --key FILE"
    told = clone.did("status")
    assert "next: an owner names somebody who may approve it, for nobody else is left" in told
    assert names in told
    assert f"hint: {names}" in " ".join(clone.codexa("check").out.split())
    assert "hint: ask an owner to name a pm" in clone.refused("approve")
    clone.did("people", "add", *DEV, "--role", "pm", "--key", f"{shelf.dev}.pub")
    cure = CURE.replace("origin/", "")
    told = " ".join(clone.codexa("check").out.split())
    sync = "hint: main has a newer policy: git codexa sync CH-001, then git codexa approve CH-001"
    assert sync in told
    assert cure in clone.refused("approve")
    told = clone.did("status")
    assert "next: bring in the newer policy of main, which says who approves" in told
    assert "read brief and plan" not in told
    clone.did("sync")
    clone.set_up(*DEV, shelf.dev).did("approve")
