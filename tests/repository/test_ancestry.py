"""Where histories meet: as git says it, whatever the clocks, and without what the commits say."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from builders import git

from codexa_git.errors import RepositoryError
from codexa_git.repository import ancestry
from codexa_git.repository.ancestry import meetings
from codexa_git.repository.store import Store

pytestmark = pytest.mark.slow

COMMITS = 40
LINES = 60
"""Commits of a megabyte each, in a line beside the other's."""


def grown(folder: Path, random: Random, *, honest: bool) -> list[str]:
    """The ids of commits that stand on each other anyhow, at times that are true or are not."""
    git(folder, "init", "-q", "--bare", "-b", "main")
    tree = git(folder, "hash-object", "-t", "tree", "-w", "--stdin")
    oids: list[str] = []
    for number in range(COMMITS):
        at = 1_000 + number if honest else random.randrange(1, 2_000)
        many = min(len(oids), random.choice((1, 1, 1, 2, 2, 3)) if number else 0)
        parents = random.sample(oids[-5:], min(many, len(oids[-5:])))
        lines = [f"tree {tree}", *(f"parent {oid}" for oid in parents)]
        lines += [f"{who} A <a@demo.invalid> {at} +0000" for who in ("author", "committer")]
        text = "\n".join([*lines, "", f"{number}", ""]).encode()
        oids.append(git(folder, "hash-object", "-t", "commit", "-w", "--stdin", input=text))
    return oids


def asked(folder: Path, *words: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        ["git", "merge-base", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize("near", [3, 50])
@pytest.mark.parametrize("honest", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_git_agrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, near: int, *, honest: bool
) -> None:
    random = Random(seed)
    oids = grown(tmp_path, random, honest=honest)
    monkeypatch.setattr(ancestry, "_NEAR", near)
    monkeypatch.setattr(ancestry, "_SHORT", 1)
    with Store.open(tmp_path) as store:
        for _ in range(40):
            a, b = random.choice(oids), random.choice(oids)
            best = asked(tmp_path, a, b)[1]
            assert store.merge_base(a, b) == (best[0] if best else None)
            assert store.is_ancestor(a, b) == (asked(tmp_path, "--is-ancestor", a, b)[0] == 0)


def test_a_graph_that_ends_too_early_tells_nothing() -> None:
    whole = {"d": ("b",), "e": ("c",), "b": ("a",), "c": ("a",), "a": ()}
    assert meetings(whole, "d", "e") == ["a"]
    assert meetings({"d": ("b",), "e": ("c",)}, "d", "e") is None
    assert meetings({oid: whole[oid] for oid in "debc"}, "d", "e") == ["a"]
    assert meetings({"d": ("b",)}, "d", "b") == ["b"]
    assert meetings(whole | {"f": ()}, "d", "f") == []
    assert meetings(whole, "b", "b") == ["b"]


def test_of_several_places_none_is_chosen_where_git_would_hold_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "main")
    tree = git(tmp_path, "hash-object", "-t", "tree", "-w", "--stdin")

    def made(text: str, *parents: str) -> str:
        words = [word for parent in parents for word in ("-p", parent)]
        return git(tmp_path, "commit-tree", tree, *words, "-m", text)

    left, right = made("left"), made("right")
    ours, theirs = made("ours", left, right), made("theirs", right, left)
    with Store.open(tmp_path) as store:
        assert store.merge_base(ours, theirs) in (left, right)
        monkeypatch.setattr(ancestry, "_MOST", 100)
        with pytest.raises(RepositoryError, match="meet in several places"):
            store.merge_base(ours, theirs)
        assert not store.is_ancestor(ours, theirs)
        assert store.is_ancestor(right, theirs)


ASKS = """
import resource, sys
from pathlib import Path
from codexa_git.repository import ancestry
from codexa_git.repository.store import Store
ancestry._SHORT = 1  # or it holds on to some itself
with Store.open(Path(sys.argv[1])) as store:
    line = store.graph(sys.argv[3], sys.argv[2])
    held = store.held_at((oid, "audit") for oid in line)
    print(store.merge_base(sys.argv[2], sys.argv[3]), len(held), any(held.values()))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_what_commits_say_is_not_in_memory_where_histories_meet_or_many_are_asked(
    tmp_path: Path,
) -> None:
    """Somebody pushed six hundred commits of a megabyte, and git held all of them."""
    git(tmp_path, "init", "-q", "--bare", "-b", "main")
    tree = git(tmp_path, "hash-object", "-t", "tree", "-w", "--stdin")
    first = git(tmp_path, "commit-tree", tree, "-m", "first")
    other, tip = git(tmp_path, "commit-tree", tree, "-p", first, "-m", "other"), first
    for number in range(LINES):
        text = f"{number}\n".encode() * 300_000
        tip = git(tmp_path, "commit-tree", tree, "-p", tip, "-F", "-", input=text[: 1 << 20])
    done = subprocess.run(
        [sys.executable, "-c", ASKS, str(tmp_path), other, tip],
        capture_output=True,
        text=True,
        check=True,
    )
    found, many, held, kilobytes = done.stdout.split()
    assert (found, many, held) == (first, str(LINES), "False")
    assert int(kilobytes) < LINES * 1024 // 2
