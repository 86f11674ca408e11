"""`verify` by several processes, as people use it: the same words, and none of them left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from builders import git
from scenarios.clone import At, Clone

from codexa_git.gate.lineage import Lineage
from codexa_git.gate.tracing import traced
from codexa_git.repository.store import Place, Store
from codexa_git.verify import slices
from codexa_git.verify.verifying import Wish, verify
from codexa_git.verify.walk import Walk

pytestmark = pytest.mark.slow

LONG = slices.SHARE * 2 * 50
SERVED = (
    "import sys, codexa_git.hooks.receiving, codexa_git.hooks.serving, codexa_git.verify.landings\n"
    "print([name for name in sys.modules if name.endswith(('.crew', '.slices'))])"
)
IN_A_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "os.setsid()\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'codexa_git', 'verify', *sys.argv[1:]])\n"
)


def longer(clone: Clone, many: int, evil: dict[int, str] | None = None) -> list[str]:
    """The ids of so many commits more on the base; what is evil changes a path that is not free."""
    tip = clone.tip("main")
    at = int(clone.git("log", "-1", "--format=%ct", tip))
    told = []
    for number in range(many):
        path = (evil or {}).get(number, "docs/STATUS_REPORT.md")
        text = f"# Week {number}\n"
        told.append(
            f"commit refs/heads/main\ncommitter Demo PM <pm@demo.invalid> {at + number} +0000\n"
            f"data 2\nx\n{'' if number else f'from {tip}'}\n"
            f"M 100644 inline {path}\ndata {len(text)}\n{text}\n"
        )
    git(clone.folder, "fast-import", "--quiet", input="".join(told).encode())
    clone.git("reset", "-q", "--hard")
    return clone.git("rev-list", "--reverse", f"{tip}..main").split()


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any line is long enough to be shared, a few commits a slice."""
    monkeypatch.setattr(slices, "_weight", lambda *_: 1000)
    monkeypatch.setattr(slices, "SIZE", 7)


def watched(clone: Clone) -> list[int]:
    """How many commits are said to be judged, each time that two processes say it."""
    seen: list[tuple[int, int]] = []
    with Store.open(clone.folder) as store:
        wish = Wish(store.config("codexa.root"))
        report = verify(store, "main", clone.tip("main"), wish, lambda *told: seen.append(told), 2)
    assert {of for _, of in seen} == {report.commits}
    return [done for done, _ in seen]


@pytest.mark.usefixtures("many")
def test_it_says_the_same_in_every_form_by_any_number(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    evil = {4: "greet.sh", 6: "x", 7: "y", 20: "codexa.toml", 21: "z", 33: ".gitattributes"}
    oids = longer(clone, 40, evil)
    for words in (("--json",), ("--format", "sarif"), ("--format", "github"), ("--story",)):
        one, two, five = (clone.codexa("verify", *words, "--jobs", n) for n in ("1", "2", "5"))
        assert one == two == five
        assert one.status == 1
        assert one.err == ""
    found = json.loads(clone.codexa("verify", "--json", "--jobs", "3").out)
    assert found["commits"] == 41
    assert [f["commit"] for f in found["findings"]][:2] == [oids[4], oids[6]]


@pytest.mark.usefixtures("many")
def test_an_incident_and_what_it_settles_are_the_same(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    bad = longer(clone, 12, {3: "codexa.toml"})[3]
    clone.git("checkout", "-q", f"{bad}~1", "--", "codexa.toml")
    clone.git("commit", "-q", "-m", "put back")
    clone.did("incident", bad, clone.tip("main"), "-m", "nobody signed it")
    longer(clone, 9)
    one, two = (clone.codexa("verify", "--json", "--jobs", n) for n in ("1", "2"))
    assert one == two
    told = json.loads(one.out)
    (incident,) = told["incidents"]
    settled = ("--json", "--accept", incident["ids"][0])
    one, two = (clone.codexa("verify", *settled, "--jobs", n) for n in ("1", "2"))
    assert one == two
    assert json.loads(two.out)["accepted"] == told["findings"]
    assert watched(clone) == [*range(0, told["commits"], 7), told["commits"]]


@pytest.mark.usefixtures("many")
def test_it_goes_on_from_where_it_last_found_nothing(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    longer(clone, 10)
    clone.did("verify", "--jobs", "2")
    longer(clone, 30, {11: "evil"})
    one, two = (
        clone.codexa("verify", "--since-verified", "--json", "--jobs", n) for n in ("1", "2")
    )
    assert one == two
    assert json.loads(one.out)["commits"] == 30


@pytest.mark.usefixtures("many")
def test_who_watches_is_told_of_every_commit(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    longer(clone, 40)
    assert watched(clone) == [0, 7, 14, 21, 28, 35, 41]


@pytest.mark.usefixtures("many")
def test_where_git_cannot_name_the_policys_commits_one_process_does_the_rest(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    longer(clone, 40, {20: "codexa.toml", 30: "evil"})
    one = clone.codexa("verify", "--json", "--jobs", "1")
    monkeypatch.setattr(Store, "line_touching", lambda *_: [])
    # The slice that the policy changes in is judged as it should be, and the next was begun wrong.
    assert watched(clone) == [0, 7, 14, 21, 28, *range(28, 41)]
    assert clone.codexa("verify", "--json", "--jobs", "2") == one


def test_a_short_line_starts_no_process(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("landed")
    monkeypatch.setattr(slices, "Crew", lambda *_: pytest.fail("one process is enough"))
    assert clone.codexa("verify", "--jobs", "8").status == 0


@pytest.mark.usefixtures("many")
def test_one_job_is_one_process(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("landed")
    monkeypatch.setattr(slices, "Crew", lambda *_: pytest.fail("one was asked for"))
    assert clone.codexa("verify", "--jobs", "1").status == 0


def test_landings_weigh_more_than_what_lands_nothing(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    longer(clone, 100)
    line = clone.git("rev-list", "--first-parent", "--reverse", "main").split()
    with Store.open(clone.folder) as store:
        landed = line.index(clone.git("rev-parse", "main~100"))
        assert slices._weight(store, line[landed - 1], line[landed:]) == 1 + 2
        assert slices._weight(store, line[landed], line[landed + 1 :]) == 2
        assert slices._weight(store, line[landed], [*line[landed + 1 : -1], "0" * 40]) == 0


def test_what_a_process_read_for_a_slice_is_forgotten_at_the_next(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    start, line = clone.tip("main"), longer(clone, 60)
    stores: list[Store] = []

    def opened(place: Place) -> Store:
        stores.append(Store(place.git, place.places))
        return stores[-1]

    monkeypatch.setattr(Store, "at", opened)
    with Store.open(clone.folder) as store:
        task = slices.Task(store.place, "", "main", story=False, start=start, line="\n".join(line))
        walk = Walk(store, "", "main")
        lineage = walk.lineage(start, lambda: line)
        assert isinstance(lineage, Lineage)
        reached = lineage.reached
    with slices.judging(task, lambda: None) as judge:
        for first in range(0, 60, 5):
            assert judge(slices.Slice(first, first + 5, reached)).judged.findings == ()
    assert 5 <= len(stores[0]._commits) <= 7


def test_a_server_knows_nothing_of_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVED], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    "words", [("--jobs", "0"), ("--jobs", "x"), ("--records", ".", "--jobs", "2")]
)
def test_what_is_no_number_of_processes_is_refused(at: At, words: tuple[str, ...]) -> None:
    at("landed").refused("verify", *words, status=2)


class Shown(NamedTuple):
    """`verify` in a terminal of its own: the process, and the terminal's other end."""

    child: "subprocess.Popen[bytes]"
    end: int

    def said(self) -> str:
        """All that came to the terminal until everybody had let go of it."""
        parts: list[bytes] = []
        while True:
            try:
                part = os.read(self.end, 65536)
            except OSError:  # nobody is there any more
                part = b""
            if not part:
                os.close(self.end)
                return b"".join(parts).decode()
            parts.append(part)


def shown(clone: Clone, *words: str) -> Shown:
    end, terminal = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", IN_A_TERMINAL, *words],
        cwd=clone.folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    return Shown(child, end)


def session(leader: int) -> list[tuple[int, int, str]]:
    """The processes of a session that still run, each with its parent and what it does."""
    listed = subprocess.run(
        ["ps", "-ww", "-s", str(leader), "-o", "pid=,ppid=,stat=,args="],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    return [(int(r[0]), int(r[1]), r[3]) for r in rows if not r[2].startswith("Z")]


def judges(leader: int) -> list[int]:
    """The processes that judge, once each of them has git to ask."""
    listed = session(leader)
    crew = [pid for pid, parent, does in listed if parent == leader and "crew" in does]
    asking = {parent for _, parent, does in listed if "cat-file" in does}
    return [pid for pid in crew if pid in asking]


def until(what: Callable[[], object], seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.fixture
def under_way(at: At) -> Shown:
    """`verify` of a long line, which two processes have begun to judge."""
    clone = at("landed")
    clone.git("switch", "-q", "main")
    longer(clone, LONG + 2000)
    found = shown(clone, "--jobs", "2")
    try:
        until(lambda: len(judges(found.child.pid)) == 2 or found.child.poll() is not None)
        assert found.child.returncode is None, found.said()
    except AssertionError:
        found.child.kill()
        found.child.wait()
        raise
    return found


def test_ctrl_c_ends_all_of_them_at_once_with_one_sentence(under_way: Shown) -> None:
    os.write(under_way.end, b"\x03")
    said = under_way.said()
    assert under_way.child.wait(30) == 130
    until(lambda: not session(under_way.child.pid))
    assert said.endswith("error: interrupted\r\n")
    assert said.count("error") == 1
    assert "Traceback" not in said


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_one_that_is_killed_leaves_no_answer(under_way: Shown, how: signal.Signals) -> None:
    os.kill(judges(under_way.child.pid)[1], how)
    said = under_way.said()
    assert under_way.child.wait(30) == 3
    until(lambda: not session(under_way.child.pid))
    assert "error: undecided: a process that shared the work" in said
    assert "before it had" in said
    assert "no findings" not in said
    assert "Traceback" not in said


def test_where_python_cannot_be_started_there_is_no_answer(
    at: At, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clone = at("landed")
    monkeypatch.setattr(slices, "_weight", lambda *_: 1000)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    told = clone.refused("verify", "--jobs", "2", status=3)
    assert "no process can be started" in told
    assert "--jobs 1" in told


FAR = 4102444800
"""In the year 2100, when the key of `ending` has ended."""


@pytest.fixture
def ending(at: At) -> Clone:
    """A base whose owner's key ends in 2030."""
    clone = at("adopted")
    signers = clone.read(".codexa/allowed_signers")
    until = 'pm@demo.invalid namespaces="codexa",valid-before="20300101Z"'
    known = signers.replace('pm@demo.invalid namespaces="codexa"', until)
    clone.commit({".codexa/allowed_signers": f"{known}\n"}, "an end")
    clone.did("enforce", "--demo", "--yes")
    clone.git("switch", "-q", "main")
    return clone


def put(clone: Clone, kind: str, body: bytes) -> str:
    """The id of an object of any form."""
    words = ("hash-object", "-t", kind, "-w", "--stdin", "--literally")
    return git(clone.folder, *words, input=body)


def odd(clone: Clone, on: str, committer: str, tree: str | None = None) -> str:
    """A commit that says its time so, upon another."""
    tree = tree or clone.git("rev-parse", f"{on}^{{tree}}")
    head = f"tree {tree}\nparent {on}\nauthor x <x@y> 1767268800 +0000\ncommitter {committer}"
    return put(clone, "commit", f"{head}\n\nx\n".encode())


def ruled(clone: Clone, jobs: str) -> list[tuple[str, str]]:
    told = json.loads(clone.codexa("verify", "--json", "--jobs", jobs).out)
    return [(found["commit"], found["rule"]) for found in told["findings"]]


@pytest.mark.usefixtures("many")
def test_a_time_is_read_in_one_way_however_many_judge(ending: Clone) -> None:
    """Git before 2.41 takes the first number behind a `>` for it, and we the one at the end."""
    tip = ending.tip("main")
    at = ending.git("log", "-1", "--format=%ct", tip)
    ending.git("update-ref", "refs/heads/main", odd(ending, tip, f"x> {FAR} <x@y> {at} +0000"))
    ending.git("switch", "-q", "-c", "bypass/x")
    ending.commit({"greet.sh": "echo  hello\n"}, "hot")
    ending.did("bypass", "-m", "x")
    ending.git("switch", "-q", "main")
    longer(ending, 20)
    assert ruled(ending, "1") == ruled(ending, "2") == []
    with Store.open(ending.folder) as store:
        _, lineage = traced(store, "main", store.commit(ending.tip("main")))
        assert lineage.latest == max(store.commit(oid).committer.seconds for oid in since(ending))


def since(clone: Clone) -> list[str]:
    return clone.git("rev-list", "main").split()


@pytest.mark.usefixtures("many")
def test_a_time_counts_where_nothing_else_of_the_commit_can_be_read(ending: Clone) -> None:
    tip = ending.tip("main")
    ending.git("switch", "-q", "-c", "bypass/x")
    ending.commit({"greet.sh": "echo  hello\n"}, "hot")
    ending.did("bypass", "-m", "x")
    signed = ending.tip("main")
    at = int(ending.git("log", "-1", "--format=%ct", signed))
    bad = put(ending, "tree", b"100644 a\0short")
    unread = odd(ending, tip, f"x <x@y> {FAR} +0000", bad)
    back = odd(ending, unread, f"x <x@y> {at} +0000", ending.git("rev-parse", f"{tip}^{{tree}}"))
    last = odd(ending, back, f"x <x@y> {at} +0000", ending.git("rev-parse", f"{signed}^{{tree}}"))
    ending.git("update-ref", "refs/heads/main", last)
    ending.git("switch", "-q", "-f", "main")
    longer(ending, 20)
    assert ruled(ending, "1") == ruled(ending, "2")
    assert {(unread, "L16"), (last, "P13")} <= set(ruled(ending, "1"))
