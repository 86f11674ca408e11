"""`audit`: all records as one stream, ordered, filtered, followed."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from builders import git
from scenarios.clone import BRIEF, NOON, At, Clone

from codexa_git.audit.record import Actor, format_record, make, parse_record
from codexa_git.audit.schema import KINDS, LOG_NAMES
from codexa_git.audit.words import RecordType

pytestmark = pytest.mark.slow


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def with_two(at: At) -> Clone:
    """One change has landed, and a second is open."""
    clone = at("landed")
    clone.git("switch", "-q", "main")
    place = clone.folder.parent / "second.md"
    place.write_text(BRIEF.replace("CH-001", "CH-002"))
    clone.did("open", "Whispering", "--brief", str(place))
    return clone


def test_every_record_there_is_stands_in_the_stream_as_its_own_line(at: At) -> None:
    clone = with_two(at)
    printed = clone.did("audit", "--json").splitlines()
    stored = []
    for tip, folder in (("main", ""), ("main", "CH-001/"), ("change/CH-002", "CH-002/")):
        here = clone.git("ls-tree", "-r", "--name-only", tip, f"audit/{folder}").split("\n")
        for name in LOG_NAMES:
            if f"audit/{folder}{name}.jsonl" in here:
                stored += clone.read(f"audit/{folder}{name}.jsonl", tip).split("\n")
    assert sorted(printed) == sorted(stored)
    assert all(parse_record(line.encode()) for line in printed)


def test_the_stream_goes_by_time_then_by_change(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767268900")
    clone.did("open", "x")
    found = lines(clone.did("audit", "--json"))
    places = [(r["at"], r["change"] or "") for r in found]
    assert places == sorted(places)
    assert found[0]["type"] == "root.made"
    assert found[-1]["change"] == "CH-002"


@pytest.mark.parametrize("log", LOG_NAMES)
def test_one_log_is_printed_alone(at: At, log: str) -> None:
    clone = at("landed")
    kinds = {r["type"] for r in lines(clone.did("audit", log, "--json"))}
    assert all(KINDS[kind].log == log for kind in kinds)
    assert bool(kinds) == (log != "concerns")


def test_one_change_is_printed_alone_in_either_order_of_words(at: At) -> None:
    clone = with_two(at)
    found = clone.did("audit", "handoff", "CH-002", "--json")
    assert found == clone.did("audit", "CH-002", "handoff", "--json")
    assert {r["change"] for r in lines(found)} == {"CH-002"}


def test_a_line_for_people_is_aligned_and_says_what(at: At) -> None:
    clone = at("landed")
    told = clone.did("audit", "handoff", "CH-001").splitlines()
    done = [line for line in told if "task.completed" in line]
    assert done[0] == (
        "2026-01-01T12:00:00Z  CH-001   task.completed          Implementer (agent)       "
        "T-01, 1 file touched"
    )
    assert {line.index("CH-001") for line in told} == {22}


def test_a_strangers_words_neither_move_the_cursor_nor_begin_a_line(at: At) -> None:
    clone = at("planned")
    text = "first\nsecond \u200b third"
    forged = make(
        RecordType.CONCERN_RAISED,
        {"text": text, "tests": [], "by": "person", "due": None},
        change="CH-001",
        stage=None,
        round=1,
        actor=Actor("Demo\u200b PM", "pm@demo.invalid", "pm"),
        at=int(NOON),
    )
    clone.commit({"audit/CH-001/concerns.jsonl": format_record(forged)}, "by hand")
    (line,) = clone.did("audit", "concerns").splitlines()
    assert line.endswith(r"Demo\u200b PM (pm)        first second \u200b third")


def test_a_file_that_cannot_be_read_is_told_and_hides_no_other(at: At) -> None:
    clone = at("planned")
    clone.commit({"audit/CH-001/concerns.jsonl": "nonsense\n"}, "by hand")
    answer = clone.codexa("audit")
    assert answer.status == 3
    assert "audit/CH-001/concerns.jsonl:1: not JSON" in answer.err
    assert "plan.made" in answer.out


@pytest.mark.parametrize(
    ("words", "status"),
    [(("handoff", "concerns"), 2), (("CH-1",), 2), (("CH-009",), 2), (("CH-001", "CH-002"), 2)],
)
def test_what_is_no_log_and_no_change_is_refused(
    at: At, words: tuple[str, ...], status: int
) -> None:
    at("planned").refused("audit", *words, status=status)


def read_until(descriptor: int, text: bytes) -> bytes:
    """What came from a pipe until it held `text`."""
    found, deadline = b"", time.monotonic() + 30
    os.set_blocking(descriptor, False)
    while text not in found:
        assert time.monotonic() < deadline, found
        try:
            found += os.read(descriptor, 65536)
        except BlockingIOError:
            time.sleep(0.05)
    return found


@pytest.mark.usefixtures("unmeasured")
def test_who_follows_sees_what_comes_and_ends_it_by_ctrl_c(at: At) -> None:
    clone = at("planned")
    child = clone.start("audit", "--follow", "--json")
    assert child.stdout is not None
    before = read_until(child.stdout.fileno(), b'"type":"plan.made"')
    assert b"concern.raised" not in before
    clone.did("concern", "raise", "is it loud enough?")
    after = read_until(child.stdout.fileno(), b"is it loud enough?")
    assert b"plan.made" not in after
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=30)
    assert child.returncode == 130
    assert b"Traceback" not in said


def test_who_stops_reading_ends_it_quietly(at: At) -> None:
    clone = at("planned")
    child = clone.start("audit", "--follow", "--json")
    assert child.stdout is not None
    assert child.stderr is not None
    read_until(child.stdout.fileno(), b'"type":"plan.made"')
    child.stdout.close()
    clone.did("concern", "raise", "is it loud enough?")
    assert child.wait(timeout=30) == 0
    assert child.stderr.read() == b""
    child.stderr.close()


@pytest.mark.usefixtures("unmeasured")
def test_who_follows_sees_what_another_clone_pushed_and_later_landed(
    at: At, tmp_path: Path
) -> None:
    clone, other = at("results approved"), at("results approved")
    git(tmp_path, "init", "-q", "--bare", "server.git")
    for each in (clone, other):
        each.git("remote", "add", "origin", str(tmp_path / "server.git"))
    other.git("push", "-q", "-u", "origin", "main", "change/CH-001")
    clone.git("fetch", "-q", "origin")
    clone.git("branch", "-q", "--set-upstream-to=origin/main", "main")
    child = clone.start("audit", "--follow", "--json")
    assert child.stdout is not None
    seen = read_until(child.stdout.fileno(), b'"type":"results.recorded"')
    other.did("concern", "raise", "is it loud enough?")
    clone.git("fetch", "-q", "origin")
    seen += read_until(child.stdout.fileno(), b"is it loud enough?")
    other.did("concern", "resolve", "CN-1", "loud enough")
    other.until()
    other.did("approve")
    assert "can land" in other.until().out
    other.did("land")
    clone.git("fetch", "-q", "origin")
    seen += read_until(child.stdout.fileno(), b'"type":"closed"')
    child.send_signal(signal.SIGINT)
    rest, said = child.communicate(timeout=30)
    assert child.returncode == 130
    assert said == b"error: interrupted\n"
    told = (seen + rest).splitlines()
    assert len(told) == len(set(told)), "each record once"
    assert sorted(told) == sorted(clone.did("audit", "--json").encode().splitlines())


def test_records_that_only_a_remote_has_are_in_the_stream(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    git(tmp_path, "clone", "-q", str(clone.folder), "second")
    second = Clone(tmp_path / "second")
    second.git("switch", "-q", "main")
    for name in ("user.name", "user.email", "codexa.root"):
        second.git("config", name, clone.git("config", name))
    assert second.did("audit", "--json") == clone.did("audit", "--json")
    assert '"type":"plan.made"' in second.did("audit", "handoff", "CH-001", "--json")


def test_within_a_second_records_come_as_the_change_went(at: At) -> None:
    lines = at("landed").did("audit", "CH-001").splitlines()
    kinds = [line.split()[2] for line in lines]
    assert kinds.index("plan.made") < kinds.index("approval.granted") < kinds.index("run.started")
    assert kinds.index("package.made") < len(kinds) - 1 - kinds[::-1].index("approval.granted")
