"""Files that are nothing packed and hundreds of megabytes unpacked: refused, and never taken in.

Memory is that of a real process and of every git that it starts, at its highest.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from builders import git
from tampering.forged_landings import COMMANDS, HANDOFF
from tampering.rich import MAIN, Forged, Rich
from tampering.test_rules import rule

from codexa_git.audit.record import LONGEST_LINE, Actor, format_record, make
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.pages import PROGRESS, QA_REPORT
from codexa_git.change.paths import POLICY
from codexa_git.gate.lineage import Lineage
from codexa_git.repository.objects import Entry
from codexa_git.verify.findings import Finding
from codexa_git.verify.walk import Walk

pytestmark = pytest.mark.slow

SIZE = 300 * 1024 * 1024
MOST = 220 * 1024
"""So many KiB may a process take that judges; for what is true it takes a third of that."""

MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, stdin=sys.stdin)
sys.stdout.buffer.write(done.stdout)
sys.stderr.buffer.write(done.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, done.returncode, file=sys.stderr)
"""


class Measured(NamedTuple):
    """What a command said, its status, and the most memory that it took, in KiB."""

    out: str
    err: str
    status: int
    peak: int


def measured(folder: Path, *words: str, said: bytes = b"") -> Measured:
    """The real command in a process of its own, beside all that it starts."""
    command = (sys.executable, "-c", MEASURE, sys.executable, "-m", "codexa_git", *words)
    place = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": place},
        input=said,
        capture_output=True,
        check=True,
    )
    *err, last = done.stderr.decode().splitlines()
    peak, status = map(int, last.split())
    return Measured(done.stdout.decode(), "\n".join(err), status, peak)


@pytest.fixture(scope="module")
def huge(rich: Rich) -> Entry:
    """A file of one line, 300 MB long."""
    asked = ["git", "-C", str(rich.bare), "hash-object", "-w", "--stdin"]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        for _ in range(SIZE >> 20):
            child.stdin.write(b"x" * (1 << 20))
        child.stdin.close()
        return Entry("100644", child.stdout.read().decode().strip())


def told(findings: Iterable[Finding]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in findings:
        found.setdefault(one.commit, set()).add(one.breach.rule)
    return found


def verified(rich: Rich, forged: Forged, *words: str, most: int = MOST) -> dict[str, set[str]]:
    """The rules that a real `verify` finds broken, commit by commit, in little memory."""
    git(rich.bare, "update-ref", MAIN, forged.tip)
    told = measured(rich.bare, "verify", "--json", "--root", rich.root, *words)
    assert told.peak < most, told.peak
    found: dict[str, set[str]] = {}
    for one in json.loads(told.out)["findings"]:
        found.setdefault(one["commit"], set()).add(one["rule"])
    return found


def received(rich: Rich, forged: Forged, ref: str = MAIN) -> str:
    """What a real server's hook says of a push, in little memory."""
    assert forged.old
    git(rich.bare, "update-ref", MAIN, forged.old)
    was = forged.old if ref == MAIN else "0" * 40
    pushed = f"{was} {forged.tip} {ref}\n".encode()
    told = measured(rich.bare, "server", "receive", said=pushed)
    assert told.peak < MOST, told.peak
    assert told.status != 0, told
    assert "nothing was decided" not in told.err
    return told.err


def landed(rich: Rich, files: Mapping[str, Any]) -> Forged:
    world = rich.landing()
    return world.put(world.edited(dict(files)))


def test_what_is_true_takes_little_memory(rich: Rich) -> None:
    place = rich.place("merge")
    assert verified(rich, place.put(place.commit.tree)) == {}


PLACES = {
    HANDOFF: "R1",
    COMMANDS: "R1",
    "changes/CH-001/brief.md": "G1",
    "changes/CH-001/tasks.md": "G4",
    "changes/CH-001/planner_config.json": "G6",
    "changes/CH-001/design.md": "G7",
    "changes/CH-001/impact.md": "G8",
    "changes/CH-001/packet.html": "G9",
    "changes/CH-001/pages/PROJECT_OVERVIEW.md": "G16",
    "tests/results/CH-001.json": "E5",
    "artifacts/work/CH-001/run-001/run.json": "L9",
    "changes/CH-001/status.md": "L9",
    PROGRESS: "G13",
    QA_REPORT: "G13",
    POLICY: "L7",
    "greet.sh": "A3",
}


@rule("R1")
@pytest.mark.parametrize("path", PLACES)
def test_a_file_of_hundreds_of_megabytes_breaks_its_own_rule(
    rich: Rich, huge: Entry, path: str
) -> None:
    forged = landed(rich, {path: huge})
    assert set(told(rich.found(forged.tip))) == {forged.bad}
    for found in (told(rich.found(forged.tip)), told(rich.pushed(forged))):
        assert PLACES[path] in found[forged.bad], found


@pytest.mark.parametrize("path", [HANDOFF, "changes/CH-001/brief.md", PROGRESS, "greet.sh"])
def test_a_file_of_hundreds_of_megabytes_is_not_taken_in(
    rich: Rich, huge: Entry, path: str
) -> None:
    forged = landed(rich, {path: huge})
    assert PLACES[path] in verified(rich, forged)[forged.bad]
    assert "of codexa-git's docs/specification.md" in received(rich, forged)


@pytest.mark.parametrize("path", [HANDOFF, "changes/CH-001/brief.md", "greet.sh"])
def test_nor_is_it_on_the_branch_of_a_change(rich: Rich, huge: Entry, path: str) -> None:
    landing = landed(rich, {path: huge, POLICY: huge})
    closed = rich.store.commit(landing.tip).parents[1]
    received(rich, landing._replace(tip=closed), "refs/heads/change/CH-001")


def test_all_of_them_at_once(rich: Rich, huge: Entry) -> None:
    forged = landed(rich, dict.fromkeys(PLACES, huge))
    assert "R1" in verified(rich, forged, "--story")[forged.bad]
    assert "of codexa-git's docs/specification.md" in received(rich, forged)


@rule("P2")
@pytest.mark.parametrize(
    ("path", "rules"),
    [
        (POLICY, {"P9", "P2"}),
        (".codexa/allowed_signers", {"P9"}),
        ("audit/handoff.jsonl", {"P9"}),
        ("audit/retention.jsonl", {"P18"}),
        ("PROGRESS.md", {"L6"}),
    ],
)
def test_such_a_file_that_comes_by_itself(
    rich: Rich, huge: Entry, path: str, rules: set[str]
) -> None:
    forged = rich.after("free", {path: huge})
    found = verified(rich, forged) if path == POLICY else told(rich.found(forged.tip))
    assert found[forged.bad] & rules, found
    received(rich, forged)


def test_a_story_that_held_such_a_file_once(rich: Rich, huge: Entry) -> None:
    world, place = rich.landing(), rich.place("merge")
    bad = place.made(world.edited({HANDOFF: huge}), place.commit.parents[1])
    back = place.made(world.tree, bad)
    forged = rich.forged(place.made(world.tree, place.parent.oid, back), place.parent.oid)
    assert verified(rich, forged) == {}
    assert "S2" in verified(rich, forged, "--story")[bad]


@rule("P9")
def test_a_policy_folder_too_large_to_be_read_hides_no_change_of_policy(rich: Rich) -> None:
    """What nobody signed stays so, however little of it could be read where it came."""
    place = rich.place("free")
    keys = rich.store.write_blob(b"# nobody's\n")
    row = b"100644 %s\0" + bytes.fromhex(keys)
    few = row % b"allowed_signers"
    many = few + b"".join(row % (b"z%07d" % number + b"x" * 240) for number in range(260_000))
    base, line = place.parent.tree, [place.parent.oid]
    for folder in (many, few, few):
        oid = git(
            rich.bare, *["hash-object", "-w", "--literally", "-t", "tree", "--stdin"], input=folder
        )
        tree = rich.store.write_tree(base, {".codexa": None})
        rows = [*git(rich.bare, "ls-tree", tree).splitlines(), f"040000 tree {oid}\t.codexa"]
        made = git(rich.bare, "mktree", input=("\n".join(rows) + "\n").encode())
        line.append(place.made(made, line[-1]))
    walk = Walk(rich.store, rich.root, "main")
    lineage = walk.lineage(line[0], lambda: line[1:])
    assert isinstance(lineage, Lineage)
    standing = lineage.standing
    walk.along(lineage, line[0], line[1:], lambda _, __: None)
    assert lineage.standing == standing
    assert [commit.oid for commit in lineage.unsigned] == [line[2]]


LENGTHY = 1000 * 1000
"""So long may a message be that is still read: a commit has at most 1 MiB."""

MANY = 300


def lengthy(rich: Rich, trees: Sequence[str], size: int) -> list[str]:
    """One commit upon the other after the free one, each with a message of this size."""
    stamp, line = rich.place("free").commit.committer, [rich.history.marks["free"]]
    for tree in trees:
        line.append(rich.store.write_commit(tree, line[-1:], stamp, stamp, b"a" * size))
    rich.store.forget(made=True)
    return line


@rule("L4")
def test_a_commit_with_a_message_of_megabytes_is_not_read(rich: Rich) -> None:
    old, *line = lengthy(rich, [rich.place("free").commit.tree] * 5, 60 * 1024 * 1024)
    forged = Forged(line[0], line[-1], old)
    found = verified(rich, forged)
    assert {oid: found[oid] for oid in line} == {oid: {"L4"} for oid in line}
    assert "larger than 1 MiB, and is not read" in received(rich, forged)
    assert told(rich.pushed(forged._replace(tip=line[0]))) == {line[0]: {"L4"}}


def test_many_long_messages_take_no_more_memory_than_one(rich: Rich) -> None:
    old, *line = lengthy(rich, [rich.place("free").commit.tree] * MANY, LENGTHY)
    assert verified(rich, Forged(line[0], line[-1], old)).keys().isdisjoint(line)
    git(rich.bare, "update-ref", MAIN, old)
    pushed = f"{old} {line[-1]} {MAIN}\n".encode()
    taken = measured(rich.bare, "server", "receive", said=pushed)
    assert taken.status == 0, taken
    assert taken.peak < MOST, taken.peak


@rule("P9")
def test_nor_where_each_changes_policy_and_nobody_signed(rich: Rich) -> None:
    tree = rich.place("free").commit.tree
    policy = rich.store.read(tree, POLICY) or b""
    blobs = [rich.store.write_blob(policy + b"# %d\n" % number) for number in range(2)]
    trees = [rich.store.write_tree(tree, {POLICY: Entry("100644", blob)}) for blob in blobs]
    old, *line = lengthy(rich, [trees[number % 2] for number in range(MANY)], LENGTHY)
    forged = Forged(line[0], line[-1], old)
    found = verified(rich, forged)
    assert all("P9" in found[oid] for oid in line)
    received(rich, forged)


def test_nor_where_they_are_commits_of_a_change(rich: Rich) -> None:
    """Git itself holds on to some hundreds of messages, and never to more."""
    place = rich.place("merge")
    stamp, tip = place.commit.committer, place.commit.parents[1]
    for _ in range(2 * MANY):
        tip = rich.store.write_commit(place.commit.tree, (tip,), stamp, stamp, b"a" * LENGTHY)
    rich.store.forget(made=True)
    forged = rich.forged(place.made(place.commit.tree, place.parent.oid, tip), place.parent.oid)
    assert verified(rich, forged, "--story", most=2 * MOST) == {}


def test_branches_full_of_long_records_take_no_more_memory_than_one(rich: Rich) -> None:
    place, pushed = rich.place("free"), b""
    actor = Actor("Demo PM", "pm@demo.invalid", "pm")
    for change in ("CH-901", "CH-902", "CH-903", "CH-904", "CH-905"):
        data: dict[str, Any] = {"tests": [], "by": "person", "due": None}
        log = b""
        for number in range(3):
            data |= {"text": f"{number}".ljust(LONGEST_LINE - 1000, "a")}
            log += format_record(
                make(
                    RecordType.CONCERN_RAISED,
                    data,
                    change=change,
                    stage=Stage.FRAME,
                    round=1,
                    actor=actor,
                    at=place.context.at,
                )
            )
        blob = Entry("100644", rich.store.write_blob(log))
        tree = rich.store.write_tree(place.parent.tree, {f"audit/{change}/concerns.jsonl": blob})
        tip = place.made(tree, place.parent.oid)
        pushed += f"{'0' * 40} {tip} refs/heads/change/{change}\n".encode()
    git(rich.bare, "update-ref", MAIN, place.parent.oid)
    refused = measured(rich.bare, "server", "receive", said=pushed)
    assert refused.err.count("rule  B3 of codexa-git's docs/specification.md") == 5, refused
    assert refused.peak < MOST, refused.peak
