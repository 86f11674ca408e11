"""A commit that is larger than any that is read: it locks nobody out, and no yes rests on it.

Before the root it says nothing to anybody. After it `verify` has no answer for it, until the owners
have named it; what stands on it is judged by its trees.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone

CHANGE = "change/CH-001"
TOO_LARGE = "larger than 1 MiB"


def large(clone: Clone, *parents: str, tree: str = "") -> str:
    """The id of a commit of more than a megabyte, which nobody has pushed anywhere."""
    words = [word for parent in parents for word in ("-p", parent)]
    said = b"a long message\n" * 80_000
    tree = tree or f"{parents[0]}^{{tree}}"
    return git(clone.folder, "commit-tree", tree, *words, "-F", "-", input=said)


def malformed(clone: Clone, parent: str) -> str:
    """The id of a commit as an old program wrote it: its author has no address."""
    tree, who = clone.git("rev-parse", f"{parent}^{{tree}}"), "nobody 1 +0000"
    head = f"tree {tree}\nparent {clone.tip(parent)}\nauthor {who}\ncommitter {who}\n"
    words = ("hash-object", "-t", "commit", "-w", "--stdin", "--literally")
    return git(clone.folder, *words, input=f"{head}\nold\n".encode())


@pytest.mark.parametrize("make", [large, malformed])
@pytest.mark.parametrize("on_top", [True, False])
def test_before_the_root_it_is_in_nobodys_way(
    at: At, tmp_path: Path, make: Callable[[Clone, str], str], *, on_top: bool
) -> None:
    clone = at("adopted")
    clone.git("reset", "-q", "--hard", make(clone, "main"))
    if not on_top:
        clone.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "on top")
    elif make is malformed:
        told = clone.refused("enforce", "--demo", "--yes", status=3)
        assert "is malformed" in told
        return
    clone.did("enforce", "--demo", "--yes")
    root = clone.git("config", "codexa.root")
    assert "no findings" in clone.did("verify", "--root", root)
    bare = tmp_path / "server.git"
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), bare.name)
    clone.did("server", "install", str(bare), "--root", root)


@pytest.mark.rule("L4")
@pytest.mark.parametrize("is_tip", [True, False])
def test_after_the_root_owners_name_it_and_all_goes_on(
    at: At, tmp_path: Path, *, is_tip: bool
) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    bad = large(clone, "main")
    clone.git("reset", "-q", "--hard", bad)
    if not is_tip:
        clone.commit({"docs/STATUS_REPORT.md": "# Week\n"}, "a week")
    told = clone.codexa("verify")
    assert (told.status, "1 finding at 1 commit, 1 undecided" in told.out) == (3, True)
    assert f"the commit {bad}: {TOO_LARGE}" in " ".join(told.out.split())
    assert f"hint: git codexa incident {bad[:12]} -m ..." in told.out
    clone.did("incident", bad[:12], "-m", "nobody reads so much")
    (ids,) = [w for w in clone.codexa("verify").out.split() if w.startswith("sha256:")][1:]
    clone.did("verify", "--accept", ids)
    clone.git("switch", "-q", CHANGE)
    for words in (("status",), ("sync",)):
        clone.did(*words)
    clone.until()
    clone.did("land")
    assert clone.codexa("verify", "--story").status == 3
    assert "no findings" in clone.did("verify", "--story", "--accept", ids)
    bare, root = tmp_path / "server.git", clone.git("config", "codexa.root")
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), bare.name)
    refused = clone.refused(
        "server", "install", str(bare), "--root", root, "--branch", "main", status=3
    )
    assert TOO_LARGE in refused
    clone.did("server", "install", str(bare), "--root", root, "--branch", "main", "--accept", ids)


@pytest.mark.rule("L4")
@pytest.mark.parametrize("of", ["base", "second parent"])
def test_no_landing_rests_on_it_unread(at: At, of: str) -> None:
    clone = at("closed")
    tip, tree = clone.tip(CHANGE), f"{CHANGE}^{{tree}}"
    if of == "base":
        made = large(clone, "main", tip, tree=tree)
    else:
        made = clone.git(
            "commit-tree", tree, "-p", "main", "-p", large(clone, tip), "-m", "Merge CH-001"
        )
    clone.git("update-ref", "refs/heads/main", made)
    told = clone.codexa("verify")
    assert (told.status, "?L4" in told.out) == (3, True)


def test_deep_within_a_change_it_is_the_storys_alone(at: At, tmp_path: Path) -> None:
    """A landing is judged from two trees; who asks for the story hears that it was not read."""
    clone = at("closed")
    tree = f"{CHANGE}^{{tree}}"
    deep = large(clone, clone.tip(CHANGE))
    tip = clone.git("commit-tree", tree, "-p", deep, "-m", "and on")
    made = clone.git("commit-tree", tree, "-p", "main", "-p", tip, "-m", "Merge CH-001")
    bare, root = tmp_path / "server.git", clone.git("config", "codexa.root")
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), bare.name)
    clone.did("server", "install", str(bare), "--root", root, "--branch", "main")
    # Whoever goes on with a change needs to read it.
    words = ["git", "push", "-q", str(bare), f"{tip}:refs/heads/{CHANGE}"]
    refused = subprocess.run(words, cwd=clone.folder, capture_output=True, check=False)
    assert (refused.returncode, TOO_LARGE in refused.stderr.decode()) == (1, True)
    git(clone.folder, "push", "-q", str(bare), f"{made}:refs/heads/main")
    clone.git("update-ref", "refs/heads/main", made)
    assert "no findings" in clone.did("verify")
    assert clone.codexa("verify", "--story").status == 3


@pytest.mark.rule("P17")
def test_a_policy_that_came_with_it_is_nobodys(at: At) -> None:
    clone = at("enforced")
    clone.git("switch", "-q", "main")
    text = clone.read("codexa.toml")
    clone.commit({"codexa.toml": f"{text}\n# another\n"}, "another policy")
    bad = large(clone, "main~1", tree="main^{tree}")
    clone.git("reset", "-q", "--hard", bad)
    before = clone.tip("main")
    told = clone.refused("incident", bad[:12], "-m", "it is long")
    assert "a policy that its owners did not sign" in told
    assert clone.tip("main") == before
