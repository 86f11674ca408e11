"""Objects that no git would write, on the base: told of at their commit, and nothing is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import git
from scenarios.clone import At, Clone
from verify.test_forms import SARIF, check

FILE, FOLDER = "100644", "40000"


def facts(clone: Clone, *words: str, status: int) -> Any:  # noqa: ANN401
    answer = clone.codexa("verify", "--json", *words)
    assert answer.status == status, answer
    return json.loads(answer.out)


def found(clone: Clone, status: int = 1) -> list[tuple[str, str, bool]]:
    told = facts(clone, status=status)["findings"]
    return [(one["rule"], one["commit"], one["undecided"]) for one in told]


def raw(clone: Clone, kind: str, content: bytes) -> str:
    words = ("hash-object", "-t", kind, "-w", "--stdin", "--literally")
    return git(clone.folder, *words, input=content)


def tree(clone: Clone, *rows: tuple[str, str, str]) -> str:
    """The id of a tree of just these rows, in their order: mode, name, id."""
    content = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(oid) for mode, name, oid in rows)
    return raw(clone, "tree", content)


def rows(clone: Clone) -> list[tuple[str, str, str]]:
    """The rows of the tree at the tip of the base."""
    listed = clone.git("ls-tree", "main").splitlines()
    split = [line.split(maxsplit=3) for line in listed]
    return [(mode.lstrip("0"), name, oid) for mode, _, oid, name in split]


def spoilt(clone: Clone, kind: str) -> list[tuple[str, str, str]]:
    """The rows of the base's tip, with some of the kind besides."""
    blob = clone.git("rev-parse", "main:greet.sh")
    more = {
        "a name twice": [(FILE, "zz", blob), (FILE, "zz", blob)],
        "a name twice, apart": [
            (FILE, "zz", blob),
            (FOLDER, "zz", clone.git("rev-parse", "main:audit")),
        ],
        "out of order": [(FILE, "zz", blob), (FILE, "aa", blob)],
        "a mode of old": [("100664", "zz", blob)],
        "a mode with a zero": [("0100644", "zz", blob)],
        "no mode": [("", "zz", blob)],
        "a path for a name": [(FILE, "zz/y", blob)],
        "dots for a name": [(FILE, "..", blob)],
        "git's own name": [(FILE, ".git", blob)],
    }
    return [*rows(clone), *more[kind]]


KINDS = (
    *("a name twice", "a name twice, apart", "out of order", "a mode of old"),
    *("a mode with a zero", "no mode", "a path for a name", "dots for a name", "git's own name"),
)


def put(clone: Clone, tree: str, message: str) -> str:
    """The base's new tip: a commit with this tree, which no git looked at."""
    made = clone.git("commit-tree", tree, "-p", "main", "-m", message)
    clone.git("update-ref", "refs/heads/main", made)
    return made


@pytest.fixture
def base(at: At) -> Clone:
    clone = at("landed")
    clone.git("switch", "-q", "--detach", "main")
    return clone


@pytest.mark.parametrize("kind", KINDS)
def test_a_tree_that_cannot_be_read_is_undecided_at_its_commit(base: Clone, kind: str) -> None:
    bad = put(base, tree(base, *spoilt(base, kind)), "bad")
    assert found(base, status=3) == [("L4", bad, True)]


@pytest.mark.parametrize("kind", ["a name twice", "a mode of old", "a path for a name"])
def test_all_else_is_judged_before_it_and_after(base: Clone, kind: str) -> None:
    before = evil(base, "aa")
    good = base.git("rev-parse", "main^{tree}")
    bad = put(base, tree(base, *spoilt(base, kind)), "bad")
    back = put(base, good, "back")
    after = evil(base, "bb")
    assert found(base) == [
        ("L13", before, False),
        ("L4", bad, True),
        ("L4", back, True),
        ("L13", after, False),
    ]


def evil(clone: Clone, name: str) -> str:
    """A commit of product that came to the base by itself."""
    blob = clone.git("rev-parse", "main:greet.sh")
    made = git(
        clone.folder,
        "mktree",
        input=(
            "\n".join([clone.git("ls-tree", "main"), f"100644 blob {blob}\t{name}"]) + "\n"
        ).encode(),
    )
    return put(clone, made, name)


def test_a_folder_that_cannot_be_read_is_undecided_at_its_commit(base: Clone) -> None:
    blob = base.git("rev-parse", "main:greet.sh")
    folder = tree(base, (FILE, "b", blob), (FILE, "a", blob))
    bad = put(base, tree(base, *rows(base), (FOLDER, "zz", folder)), "bad")
    after = evil(base, "aa")
    assert found(base) == [("L4", bad, True), ("L13", after, False)]


@pytest.mark.parametrize("place", ["", ".codexa"])
def test_a_policy_that_comes_behind_what_cannot_be_read_judges_nothing(
    base: Clone, place: str
) -> None:
    blob = base.git("rev-parse", "main:greet.sh")
    text = base.read("codexa.toml", "main").replace("mode", "# mine\nmode", 1)
    mine = raw(base, "blob", text.encode())
    twice = [(FILE, "a", blob), (FILE, "a", blob)]
    old = {name: (mode, name, oid) for mode, name, oid in rows(base)}
    taken = {**old, "codexa.toml": (FILE, "codexa.toml", mine)}
    spoilt = {**taken, place: (FOLDER, place, tree(base, *twice))} if place else taken
    bad = put(base, tree(base, *spoilt.values(), *([] if place else twice)), "bad")
    over = put(base, tree(base, *taken.values()), "policy of mine")
    folder = base.git("rev-parse", "main:audit/CH-001")
    audit = tree(base, (FOLDER, "CH-001", folder), (FOLDER, "CH-002", folder))
    landed = {**taken, "audit": (FOLDER, "audit", audit)}
    landing = put(base, tree(base, *landed.values()), "landing")
    told = facts(base, status=1)["findings"]
    assert [(one["rule"], one["commit"]) for one in told][:2] == [("L4", bad), ("L4", over)]
    upon = [one for one in told if one["rule"] == "P17"]
    # Where the records can be read, no owner signed anything; else nobody can tell.
    assert [(one["commit"], one["undecided"]) for one in upon] == [(landing, not place)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b" +0000\n", b" UTC\n"),
        (b"author ", b"autor "),
        (b"\nauthor", b"\nauthor x <x> 1 +0000\nauthor"),
    ],
    ids=["a zone by name", "no author", "two authors"],
)
def test_a_commit_that_cannot_be_read_is_undecided_and_no_end(
    base: Clone, old: bytes, new: bytes
) -> None:
    before = evil(base, "aa")
    true = base.git("cat-file", "commit", "main").encode() + b"\n"
    content = true.replace(base.git("rev-parse", "main~1").encode(), before.encode(), 1)
    assert old in content
    bad = raw(base, "commit", content.replace(old, new, 1))
    base.git("update-ref", "refs/heads/main", bad)
    assert found(base)[-1] == ("L4", bad, True)
    after = base.git("commit-tree", f"{before}^{{tree}}", "-p", bad, "-m", "after")
    base.git("update-ref", "refs/heads/main", after)
    assert found(base) == [("L13", before, False), ("L4", bad, True), ("L4", after, True)]


def shallow(clone: Clone, folder: Path) -> Clone:
    git(folder.parent, "clone", "-q", "--depth=1", f"file://{clone.folder}", str(folder))
    return Clone(folder)


def test_a_machine_has_its_document_where_there_is_no_answer(at: At, tmp_path: Path) -> None:
    clone = shallow(at("landed"), tmp_path / "clone")
    told = facts(clone, status=3)
    assert told["reason"].startswith("undecided: this clone ")
    assert (told["format"], told["answer"], told["findings"]) == (1, "undecided", [])
    answer = clone.codexa("verify", "--format", "sarif")
    log = json.loads(answer.out)
    check(log, SARIF)
    (invocation,) = log["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"].startswith(told["reason"])
    answer = clone.codexa("verify", "--format", "github")
    assert answer.out.startswith(f"::error title=codexa-git::{told['reason'][:20]}")
    assert answer.status == 3
    assert answer.err.startswith("error: undecided: ")
    assert clone.codexa("verify").out == ""


def test_a_machine_has_it_in_a_folder_that_is_no_repository_too(tmp_path: Path) -> None:
    told = facts(Clone(tmp_path), status=3)
    assert told["findings"] == []
    assert told["reason"]


def test_records_that_cannot_be_read_have_their_document_too(at: At) -> None:
    clone = at("landed")
    clone.write("cut.tar", clone.raw("greet.sh") * 99)
    big = clone.folder / "audit" / "CH-001" / "handoff.jsonl"
    big.unlink()
    with big.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    told = facts(clone, "--records", str(clone.folder), status=3)
    assert "64 MiB" in told["reason"]


def test_a_check_has_its_document_too(at: At, tmp_path: Path) -> None:
    clone = shallow(at("closed"), tmp_path / "clone")
    answer = clone.codexa("check", "--json")
    assert (answer.status, json.loads(answer.out)["answer"]) == (3, "undecided")
    answer = clone.codexa("check", "--format", "sarif")
    check(json.loads(answer.out), SARIF)
    assert json.loads(answer.out)["runs"][0]["invocations"][0]["executionSuccessful"] is False
