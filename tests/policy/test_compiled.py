import marshal
import os
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
from policy.authenticator import SecurityKey
from policy.fresh import said
from policy.papers import FULL, SMALL

from codexa_git.errors import PolicyError
from codexa_git.policy import compiled
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.parsing import parse_policy
from codexa_git.repository.objects import Entry

OPTIONS = 'namespaces="codexa",valid-after="20260101Z"'
SIGNERS = f"pm@demo.invalid {OPTIONS} {SecurityKey('sk-ecdsa').public}\n"


class Trees(NamedTuple):
    """A real repository, asked by real git, that counts the blobs it hands out."""

    folder: Path
    read: list[str]

    def git(self, *arguments: str, given: bytes = b"") -> bytes:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C"}
        ran = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            input=given,
            capture_output=True,
            check=True,
            env=environment,
        )
        return ran.stdout

    def tree(self, files: dict[str, tuple[str, str]]) -> str:
        self.git("read-tree", "--empty")
        for path, (mode, content) in files.items():
            oid = self.git("hash-object", "-w", "--stdin", given=content.encode()).decode().strip()
            self.git("update-index", "--add", "--cacheinfo", f"{mode},{oid},{path}")
        return self.git("write-tree").decode().strip()

    def entry(self, tree: str, path: str) -> Entry | None:
        found = self.git("ls-tree", "-z", tree, "--", path).decode()
        mode, _, rest = found.partition(" ")
        return Entry(mode, rest.split(" ")[1].split("\t")[0]) if found else None

    def blob(self, oid: str) -> bytes:
        self.read.append(oid)
        return self.git("cat-file", "blob", oid)


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    folder = tmp_path / "repository"
    folder.mkdir()
    made = Trees(folder, [])
    made.git("init", "-q")
    return made


def both(toml: str = FULL, signers: str = SIGNERS) -> dict[str, tuple[str, str]]:
    return {"codexa.toml": ("100644", toml), ".codexa/allowed_signers": ("100644", signers)}


EXPECTED = parse_policy(FULL.encode(), SIGNERS.encode())


def only_file(cache: Path) -> Path:
    (file,) = cache.iterdir()
    return file


def test_a_tree_without_a_policy_has_none(trees: Trees, tmp_path: Path) -> None:
    tree = trees.tree({"README.md": ("100644", "hello"), "docs/codexa.toml": ("100644", FULL)})
    assert load_policy(trees, tree, tmp_path / "cache") is None


def test_a_policy_without_signers_has_nobody_who_can_sign(trees: Trees) -> None:
    policy = load_policy(trees, trees.tree({"codexa.toml": ("100644", SMALL)}), None)
    assert policy == parse_policy(SMALL.encode(), b"")


def test_the_second_answer_is_the_first_and_reads_no_blob(trees: Trees, tmp_path: Path) -> None:
    tree, cache = trees.tree(both()), tmp_path / "not" / "yet" / "there"
    assert load_policy(trees, tree, cache) == EXPECTED
    assert len(trees.read) == 2
    again = load_policy(trees, tree, cache)
    assert again == EXPECTED
    assert repr(again) == repr(EXPECTED)  # words are words again, and not only equal text
    assert len(trees.read) == 2
    assert load_policy(trees, tree, None) == EXPECTED
    assert len(trees.read) == 4


@pytest.mark.parametrize("part", [0, 1], ids=["policy", "signers"])
def test_a_change_of_either_file_is_seen(part: int, trees: Trees, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    load_policy(trees, trees.tree(both()), cache)
    changed = both(FULL.replace("tries = 5", "tries = 6")) if part == 0 else both(signers="")
    policy = load_policy(trees, trees.tree(changed), cache)
    assert policy is not None
    assert policy != EXPECTED
    assert len(list(cache.iterdir())) == 2


def spoilt(file: Path, how: str) -> None:
    content = file.read_bytes()
    other = marshal.dumps(("surprise",))
    valid = sha256(file.name.encode() + other).digest() + other
    match how:
        case "gone":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "cut short":
            file.write_bytes(content[:-1])
        case "longer":
            file.write_bytes(content + b"\0")
        case "one bit":
            file.write_bytes(content[:-5] + bytes([content[-5] ^ 1]) + content[-4:])
        case "another's":
            file.write_bytes(sha256(b"policy-0" + other).digest() + other)
        case "another shape":
            file.write_bytes(valid)
        case "a folder":
            file.unlink()
            file.mkdir()
        case _:
            file.unlink()
            file.symlink_to("nowhere")


@pytest.mark.parametrize(
    "how",
    [
        *("gone", "empty", "cut short", "longer", "one bit", "another's", "another shape"),
        *("a folder", "a link to nowhere"),
    ],
)
def test_an_odd_cache_is_the_slow_path_with_the_same_answer(
    how: str, trees: Trees, tmp_path: Path
) -> None:
    tree, cache = trees.tree(both()), tmp_path / "cache"
    load_policy(trees, tree, cache)
    spoilt(only_file(cache), how)
    trees.read.clear()
    assert load_policy(trees, tree, cache) == EXPECTED
    assert len(trees.read) == 2
    if how != "a folder":  # which is left where it is
        assert load_policy(trees, tree, cache) == EXPECTED
        assert len(trees.read) == 2
    assert [path.name for path in cache.iterdir()] == [only_file(cache).name]


def test_every_cut_of_the_cache_is_noticed(trees: Trees, tmp_path: Path) -> None:
    tree, cache = trees.tree(both(SMALL)), tmp_path / "cache"
    load_policy(trees, tree, cache)
    file = only_file(cache)
    content = file.read_bytes()
    for length in range(0, len(content), 7):
        file.write_bytes(content[:length])
        assert compiled._cached(file) is None
    file.write_bytes(content)
    assert compiled._cached(file) == parse_policy(SMALL.encode(), SIGNERS.encode())


def test_another_version_of_the_program_reads_for_itself(
    trees: Trees, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, cache = trees.tree(both()), tmp_path / "cache"
    load_policy(trees, tree, cache)
    monkeypatch.setattr(compiled, "__version__", "99.0")
    trees.read.clear()
    assert load_policy(trees, tree, cache) == EXPECTED
    assert len(trees.read) == 2


def test_a_cache_that_cannot_be_written_is_only_slower(trees: Trees, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the folder's place")
    assert load_policy(trees, trees.tree(both()), tmp_path / "cache") == EXPECTED


@pytest.mark.parametrize("mode", ["120000", "100755"])
@pytest.mark.parametrize("path", ["codexa.toml", ".codexa/allowed_signers"])
def test_a_policy_that_is_no_ordinary_file_is_no_answer(path: str, mode: str, trees: Trees) -> None:
    files = both()
    files[path] = (mode, files[path][1])
    with pytest.raises(PolicyError, match="is not an ordinary file"):
        load_policy(trees, trees.tree(files), None)


def test_a_policy_with_a_mistake_is_no_answer_and_is_not_kept(trees: Trees, tmp_path: Path) -> None:
    tree = trees.tree(both(FULL.replace("tries = 5", "tries = 0")))
    with pytest.raises(PolicyError, match=r"cannot be read: codexa\.toml:\d+: execute\.tries is 0"):
        load_policy(trees, tree, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


PROGRAM = """
import sys
from pathlib import Path
from codexa_git.policy.compiled import load_policy
from codexa_git.repository.objects import Entry

class Store:
    def entry(self, tree, path):
        return Entry("100644", tree + path)
    def blob(self, oid):
        return Path(sys.argv[2]).read_bytes() if oid.endswith("toml") else b""

print(load_policy(Store(), "t", Path(sys.argv[1])).branch)
heavy = {"pydantic", "cryptography", "tomllib", "json", "datetime", "subprocess"}
print(sorted(heavy & set(sys.modules)))
"""


def test_a_hit_reads_no_toml(tmp_path: Path) -> None:
    paper = tmp_path / "paper.toml"
    paper.write_text(FULL)
    first = said(PROGRAM, str(tmp_path / "cache"), str(paper))
    second = said(PROGRAM, str(tmp_path / "cache"), str(paper))
    assert first.split("\n")[0] == second.split("\n")[0] == "trunk"
    assert "tomllib" in first
    assert second.split("\n")[1] == "[]"
