"""The yes at once: what it imports, what it leaves to the whole gate, and that it is right."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hooks.conftest import At, Hooked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.errors import RefusedError
from codexa_git.hooks import quick
from codexa_git.hooks.committing import before_commit
from codexa_git.hooks.handed import handed
from codexa_git.hooks.table import guarded_table, window
from codexa_git.policy.rules import GUARDED, Policy, is_guarded
from codexa_git.policy.signers import AllowedSigners, Signer
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import policy_at

ROOT = Path(__file__).parents[2]
NOON = 1767268800
LOOK = """\
import sys
before = set(sys.modules)
sys.path.append(sys.argv.pop(1))
from codexa_git.cli import hooked
said = hooked.decides("pre-commit", [])
from_files = [m for m in set(sys.modules) - before if getattr(sys.modules[m], "__file__", None)]
import json
print(json.dumps([said, sorted(from_files)]))
"""
MINE = [
    *("codexa_git", "codexa_git.cli", "codexa_git.cli.hooked", "codexa_git.hooks"),
    *("codexa_git.hooks.message", "codexa_git.hooks.quick"),
    *("codexa_git.repository", "codexa_git.repository.swift"),
]


def looked(clone: Hooked, code: str = LOOK) -> tuple[bool, list[str]]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "utf8", "-c", code, str(ROOT)],
        cwd=clone.folder,
        check=True,
        capture_output=True,
        text=True,
    )
    said, modules = json.loads(done.stdout)
    return said, modules


@pytest.fixture
def clone(hooked: At) -> Hooked:
    """A change in Execute whose last commit left a table, and work that is staged."""
    return hooked("a table")


def test_what_it_imports_is_ours_or_built_into_the_interpreter(clone: Hooked) -> None:
    said, modules = looked(clone)
    assert said
    extensions = {m for m in modules if m not in MINE}
    assert sorted(set(modules) - extensions) == sorted(MINE)
    assert extensions <= {"binascii"}


def is_quick(clone: Hooked) -> bool:
    return looked(clone)[0]


UNDECIDED: dict[str, Callable[[Hooked], object]] = {
    "there is no table": lambda c: (c.folder / ".git/codexa-hooks").unlink(),
    "the table is cut short": lambda c: os.truncate(c.folder / ".git/codexa-hooks", 100),
    "the table is empty": lambda c: os.truncate(c.folder / ".git/codexa-hooks", 0),
    "records differ": lambda c: c.write("audit/CH-001/handoff.jsonl", "x\n"),
    "somebody else's file": lambda c: c.write("changes/CH-002/brief.md", "x\n"),
    "a generated file": lambda c: c.write("changes/CH-001/status.md", "x\n"),
    "the report that the tool writes": lambda c: c.write(
        "changes/CH-001/pages/QA_REPORT.md", "x\n"
    ),
    "a shared page": lambda c: c.write("PROGRESS.md", "x\n"),
    "results": lambda c: c.write("tests/results/x.py", "x\n"),
    "a guarded file": lambda c: c.write("codexa.toml", "x\n"),
    "a guarded folder": lambda c: c.write(".github/x", "x\n"),
    "a guarded name": lambda c: c.write("src/.gitattributes", "x\n"),
    "a guarded pattern": lambda c: c.write("Jenkinsfile.x", "x\n"),
    "a name beyond ASCII": lambda c: c.write("src/ü.py", "x\n"),
    "a name with a control character": lambda c: c.write("src/a\x07.py", "x\n"),
    "a new folder": lambda c: c.write("lib/x.py", "x\n"),
    "a name in another case": lambda c: c.write("src/A.py", "x\n"),
    "a link": lambda c: (c.folder / "src/link").symlink_to("a.py"),
    "the base moved in": lambda c: c.git("update-ref", "refs/heads/main", "HEAD"),
    "HEAD on the base's tip": lambda c: c.git("reset", "-q", "--soft", "main"),
    "records that HEAD alone has": lambda c: c.git(
        "update-ref",
        "HEAD",
        c.git("commit-tree", "-p", "HEAD", "-m", "x", c.git("rev-parse", "HEAD~3^{tree}")),
    ),
    "a merge is under way": lambda c: c.write(".git/MERGE_HEAD", c.tip() + "\n"),
}


@pytest.mark.parametrize("what", UNDECIDED)
def test_whatever_else_there_is_the_whole_gate_is_asked(clone: Hooked, what: str) -> None:
    assert is_quick(clone)
    UNDECIDED[what](clone)
    clone.git("add", "-A")
    assert not is_quick(clone)


def test_a_new_file_beside_a_name_beyond_ascii_is_for_the_whole_gate(hooked: At) -> None:
    found = hooked("approved by hand")
    found.write("src/\u017f.txt", "a long s, which folds to an s\n")
    found.git("add", "-A")
    found.commits("-m", "one")
    found.write("src/s.txt", "x\n")
    found.git("add", "-A")
    assert not is_quick(found)


DECIDED: dict[str, Callable[[Hooked], object]] = {
    "a file edited": lambda c: c.write("src/a.py", "2\n"),
    "a file more in a folder": lambda c: c.write("src/b.py", "2\n"),
    "a file less": lambda c: c.git("rm", "-q", "src/a.py"),
    "a file made a program": lambda c: (c.folder / "src/a.py").chmod(0o755),
    "a paper": lambda c: c.write("changes/CH-001/design.md", "# Design\n"),
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("what", DECIDED)
def test_ordinary_work_is_answered_at_once(clone: Hooked, what: str) -> None:
    DECIDED[what](clone)
    clone.git("add", "-A")
    assert is_quick(clone)


PATHS = st.sampled_from(
    [
        *("README.md", "readme.md", "src/a.py", "src/A.py", "src/b.py", "SRC/b.py", "lib/x"),
        *(
            "codexa.toml",
            "Codexa.toml",
            ".codexa/x",
            "x/.gitmodules",
            ".GitHub/x",
            "azure-pipelines.yml",
        ),
        *("audit/CH-001/handoff.jsonl", "audit/x", "Audit/x", "changes/CH-001/brief.md"),
        *("changes/CH-001/status.md", "changes/ch-001/x", "changes/backlog.toml", "PROGRESS.md"),
        *("tests/results/CH-001.json", "tests/results.py", "tests/x", "artifacts/work/x", "docs/x"),
    ]
)


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(PATHS, st.sampled_from(["write", "remove"])), min_size=1, max_size=3))
def test_a_yes_at_once_is_one_of_the_whole_gate_too(
    clone: Hooked, monkeypatch: pytest.MonkeyPatch, moves: list[tuple[str, str]]
) -> None:
    monkeypatch.chdir(clone.folder)
    index = {"GIT_INDEX_FILE": str(clone.folder / ".git/trial")}
    base = clone.git("rev-parse", "HEAD")
    clone.tries("read-tree", base, **index)
    blob = clone.git("hash-object", "-w", "README.md")
    for path, what in moves:
        words = ("--add", "--replace", "--cacheinfo", f"100644,{blob},{path}")
        clone.tries(
            "update-index", *(words if what == "write" else ("--force-remove", path)), **index
        )
    for name, value in index.items():
        monkeypatch.setenv(name, value)
    if quick.decides("pre-commit", []):
        table = (clone.folder / ".git/codexa-hooks").read_bytes()
        with Store.open(clone.folder, handed(os.environ, clone.folder)) as store:
            assert before_commit(store, NOON, {"GIT_EDITOR": ":"}, None) == ()
        (clone.folder / ".git/codexa-hooks").write_bytes(table)


def test_the_property_above_meets_both_answers(
    clone: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clone.folder)
    assert quick.decides("pre-commit", [])
    clone.write("codexa.toml", "x\n")
    clone.git("add", "-A")
    assert not quick.decides("pre-commit", [])
    with Store.open(clone.folder) as store, pytest.raises(RefusedError):
        before_commit(store, NOON, {"GIT_EDITOR": ":"}, None)


@pytest.mark.parametrize("path", [*GUARDED, "payments/x.py", "a/b/secret.txt", "x.SECRET"])
def test_no_guarded_path_is_taken_for_a_plain_one(clone: Hooked, path: str) -> None:
    with Store.open(clone.folder) as store:
        policy = policy_at(store, store.tree_of(clone.tip()))
    policy = policy._replace(guarded=("payments/**", "a/*/secret.txt", "*.SECRET"))
    path = path.replace("**", "x").replace("*", "y")
    assert is_guarded(policy, path)
    lowered = path.lower().encode()
    assert quick._may_be_guarded(lowered, lowered.split(b"/"), guarded_table(policy))


def signer(after: int | None, before: int | None) -> Signer:
    return Signer("a@demo.invalid", "ssh-ed25519", b"", after, before)


@pytest.mark.parametrize(
    ("signers", "at", "found"),
    [
        ([], 50, (0, 1 << 60)),
        ([signer(10, 90)], 50, (10, 90)),
        ([signer(10, 90)], 5, (0, 9)),
        ([signer(10, 90)], 91, (91, 1 << 60)),
        ([signer(10, 90), signer(None, 60), signer(40, None)], 50, (40, 60)),
        ([signer(10, 90)], 90, (10, 90)),
        ([signer(10, 90)], 10, (10, 90)),
    ],
)
def test_a_table_ends_where_a_key_begins_or_ceases_to_be_valid(
    clone: Hooked, signers: list[Signer], at: int, found: tuple[int, int]
) -> None:
    with Store.open(clone.folder) as store:
        policy: Policy = policy_at(store, store.tree_of(clone.tip()))
    policy = policy._replace(signers=AllowedSigners(tuple(signers)))
    assert window(policy, at) == found
    latest = window(policy, at, 86_400 + at)
    assert latest == (at, found[1])


def test_a_table_out_of_its_time_is_not_used(
    clone: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = clone.folder / ".git/codexa-hooks"
    table = quick.recall(os.fsencode(file))
    assert table is not None
    file.write_bytes(quick.keep(table | {"window": (0, NOON)}))
    assert is_quick(clone)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON + 1))
    assert not is_quick(clone)
