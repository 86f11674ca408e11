"""What lies before the trust root: it locks nobody out, or is told before anyone signs."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone

Rows = list[tuple[str, str, str]]


def rows_of(clone: Clone, tree: str) -> Rows:
    """The mode, name and id of each entry of a tree."""
    lines = [line.partition("\t") for line in clone.git("ls-tree", tree).splitlines()]
    return [(head.split()[0].lstrip("0"), name, head.split()[2]) for head, _, name in lines]


def written(clone: Clone, rows: Rows) -> str:
    """The id of a tree of these entries, whatever git would say of them."""
    body = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(oid) for mode, name, oid in rows)
    words = ("hash-object", "-t", "tree", "-w", "--stdin", "--literally")
    return git(clone.folder, *words, input=body)


def old_modes(clone: Clone) -> Rows:
    """As git itself wrote trees once, and as importers still do."""
    return [("100664" if m == "100644" else m, n, o) for m, n, o in rows_of(clone, "main")]


def a_name_twice(clone: Clone) -> Rows:
    return [row for row in rows_of(clone, "main") for _ in range(2)]


def out_of_order(clone: Clone) -> Rows:
    return rows_of(clone, "main")[::-1]


def an_unsafe_name(clone: Clone) -> Rows:
    return [*rows_of(clone, "main"), ("100644", "~/../x", clone.git("rev-parse", "main:README.md"))]


def a_folder_of_the_policy(clone: Clone) -> Rows:
    (name, oid) = next(row[1:] for row in rows_of(clone, "main:.codexa"))
    below = written(clone, [("100664", name, oid)])
    return [(m, n, below if n == ".codexa" else o) for m, n, o in rows_of(clone, "main")]


def one_that_says_enforce(clone: Clone) -> Rows:
    text = clone.read("codexa.toml").replace('mode = "observe"', 'mode = "enforce"')
    blob = git(clone.folder, "hash-object", "-w", "--stdin", input=f"{text}\n".encode())
    return [(m, n, blob if n == "codexa.toml" else o) for m, n, o in old_modes(clone)]


def before(clone: Clone, tree: str) -> str:
    """The id of a commit with this tree, which the base has from now on before its tip."""
    tip = clone.tip("main")
    came = clone.git("commit-tree", tree, "-p", tip, "-m", "from elsewhere")
    clone.git(
        "reset", "-q", "--hard", clone.git("commit-tree", f"{tip}^{{tree}}", "-p", came, "-m", "x")
    )
    return came


@pytest.mark.parametrize(
    "rows",
    [
        old_modes,
        a_name_twice,
        out_of_order,
        an_unsafe_name,
        a_folder_of_the_policy,
        one_that_says_enforce,
    ],
)
def test_a_tree_of_another_form_is_in_nobodys_way(
    at: At, tmp_path: Path, rows: Callable[[Clone], Rows]
) -> None:
    clone = at("adopted")
    before(clone, written(clone, rows(clone)))
    clone.did("enforce", "--demo", "--yes")
    made, root = clone.tip("main"), clone.git("config", "codexa.root")
    assert "no findings" in clone.did("verify", "--root", root, "--story")
    assert made[:7] in clone.did("root")
    clone.did("status")
    clone.did("open", "shout", "--context", "So.", "--criterion", "`tool` prints 1")
    bare = tmp_path / "server.git"
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), bare.name)
    clone.did("server", "install", str(bare), "--root", root, "--branch", "main")


def test_after_the_root_such_a_tree_is_no_yes(at: At) -> None:
    clone = at("enforced")
    before(clone, written(clone, old_modes(clone)))
    told = clone.codexa("verify")
    assert (told.status, "?L4" in told.out) == (3, True)


def test_what_cannot_be_read_is_told_before_anyone_signs(at: At) -> None:
    clone = at("adopted")
    (clone.folder / "gone").write_text("gone\n")
    clone.git("add", "gone")
    tree = clone.git("write-tree")
    clone.git("reset", "-q", "--hard")
    before(clone, tree)
    (clone.folder / ".git/objects" / tree[:2] / tree[2:]).unlink()
    tip = clone.tip("main")
    told = clone.refused("enforce", "--demo", "--yes", status=3)
    assert f"error: behind this history nobody would find a trust root: the tree {tree}" in told
    assert "hint: git fsck" in told
    assert clone.tip("main") == tip
    assert clone.git("config", "--default", "", "codexa.root") == ""


def test_a_commit_that_says_enforce_and_that_nobody_signed_is_told_before_anyone_signs(
    at: At,
) -> None:
    clone = at("adopted")
    text = clone.read("codexa.toml")
    wrong = clone.commit({"codexa.toml": text.replace('"observe"', '"enforce"') + "\n"}, "enforce")
    tip = clone.commit({"codexa.toml": f"{text}\n"}, "not yet")
    told = clone.refused("enforce", "--demo", "--yes")
    assert f"error: {wrong[:12]} says enforce and is signed by nobody" in told
    assert clone.tip("main") == tip
    (way,) = [line for line in told.splitlines() if "git reset" in line]
    for command in way.partition(", git ")[2].split(" && git "):
        clone.git(*command.split())
    clone.did("enforce", "--demo", "--yes")
    assert "no findings" in clone.did("verify", "--root", clone.git("config", "codexa.root"))


@pytest.mark.parametrize("shared", [False, True])
def test_where_the_first_commit_says_enforce_the_base_begins_anew(
    at: At, tmp_path: Path, *, shared: bool
) -> None:
    clone = at("adopted")
    text, tree = clone.read("codexa.toml"), clone.git("rev-parse", "HEAD^{tree}")
    wrong = clone.commit({"codexa.toml": text.replace('"observe"', '"enforce"') + "\n"}, "x")
    first = clone.git("commit-tree", f"{wrong}^{{tree}}", "-m", "from the template")
    tip = clone.git("commit-tree", tree, "-p", first, "-m", "observe")
    clone.git("reset", "-q", "--hard", tip)
    if shared:
        git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
        clone.git("remote", "add", "origin", str(tmp_path / "remote.git"))
        clone.git("push", "-qu", "origin", "main")
    clone.git("branch", "kept", "main~1")
    told = clone.refused("enforce", "--demo", "--yes")
    (way,) = [line for line in told.splitlines() if "git reset" in line]
    subprocess.run(["sh", "-c", way.partition(", ")[2]], cwd=clone.folder, check=True)
    assert clone.git("rev-parse", "main^{tree}") == tree
    assert clone.git("symbolic-ref", "--short", "HEAD") == "main"
    assert tip in clone.git("rev-list", "main").split()
    if shared:
        clone.git("push", "-q")
    clone.did("enforce", "--demo", "--yes")
    assert "no findings" in clone.did("verify", "--root", clone.git("config", "codexa.root"))
