"""`packet`: what is asked of whom at every stage, what changed since, and where the page goes."""

import re
from html import unescape
from pathlib import Path

import pytest
from scenarios.clone import At, Clone

PLACE = ".git/codexa/packets/CH-001.html"
ASKED = {
    "opened": "PM (agent) : Make the plan. git codexa advance CH-001",
    "framed": "PM (agent) : Make the plan. git codexa advance CH-001",
    "planned": "Demo PM (pm) : Read what follows. If it is what was agreed, approve the plan,",
    "approved": "Implementer (agent) : Do the tasks. git codexa advance CH-001",
    "executed": "Tester (agent) : Run the tests. git codexa advance CH-001",
    "validated": "Demo PM (pm) : Read what follows. If it is what was agreed, approve the results,",
    "results approved": "PM (agent) : Write impact and packet. git codexa advance CH-001",
    "packaged": "Demo PM (pm) : Read what follows. If it is what was agreed, approve the package,",
    "package approved": "Implementer (agent) : Close the change. git codexa advance CH-001",
    "closed": "Land it. git codexa land CH-001",
    "landed": "Nothing waits for you. This is how the change stands.",
}


def read(page: str) -> str:
    """What a reader reads, with a hyphen for each minus sign."""
    body = page[page.index("<body>") :]
    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
    return text.replace("\N{MINUS SIGN}", "-")


def packet(clone: Clone, *words: str) -> str:
    """What a reader reads in the packet of the change as it is now."""
    return read((clone.folder / clone.did("packet", *words).strip()).read_text())


def held(clone: Clone) -> str:
    return "\n".join((clone.git("for-each-ref"), clone.git("count-objects", "-v"), clone.tip()))


@pytest.mark.parametrize("state", ASKED)
def test_every_stage_has_a_packet_that_says_what_is_asked(at: At, state: str) -> None:
    clone = at(state)
    text = packet(clone)
    assert ASKED[state] in text
    assert ("exactly the" in text) == ("Read what follows" in ASKED[state])


def test_a_packet_touches_nothing_and_lies_where_no_commit_takes_it(at: At) -> None:
    clone = at("packaged")
    before = held(clone)
    assert clone.did("packet") == f"{PLACE}\n"
    assert clone.is_clean()
    assert held(clone) == before


def test_it_is_as_the_change_is_now_each_time(at: At) -> None:
    clone = at("validated")
    assert "approve the results" in packet(clone)
    clone.did("approve")
    assert "approve the results" not in packet(clone)


def test_any_change_can_be_named_from_anywhere(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    assert "approve the plan" in packet(clone, "CH-001")
    assert "no change is at hand" in clone.refused("packet", status=2)
    assert "there is no change CH-009" in clone.refused("packet", "CH-009", status=2)


def test_it_is_printed_where_that_is_asked(at: At) -> None:
    clone = at("planned")
    clone.did("packet")
    answer = clone.process("packet", "-o", "-")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.encode() == (clone.folder / PLACE).read_bytes()


def test_an_earlier_packet_gives_way_and_nothing_else_does(at: At) -> None:
    clone = at("planned")
    assert clone.did("packet", "-o", "review.html") == "review.html\n"
    first = (clone.folder / "review.html").read_bytes()
    clone.did("approve")
    clone.did("packet", "-o", "review.html")
    assert (clone.folder / "review.html").read_bytes() != first
    told = clone.refused("packet", "-o", "greet.sh")
    assert "greet.sh is there already, and is no packet" in told
    assert (clone.folder / "greet.sh").read_text() == "echo hello\n"
    clone.refused("packet", "-o", "changes")
    assert list(clone.folder.glob(".review*")) == []


def test_a_link_is_not_followed(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    (tmp_path / "aim").write_bytes(b"")
    (clone.folder / "review.html").symlink_to(tmp_path / "aim")
    assert "is no packet" in clone.refused("packet", "-o", "review.html")
    assert (tmp_path / "aim").read_bytes() == b""


def test_a_folder_that_is_not_there_is_wrong_usage(at: At) -> None:
    told = at("planned").refused("packet", "-o", "nowhere/review.html", status=2)
    assert "cannot write nowhere/review.html: no such file or directory" in told
    assert "not a directory" in at("planned").refused("packet", "-o", "greet.sh/x.html", status=2)


def test_what_no_task_touched_is_told_and_counted(at: At) -> None:
    clone = at("executed")
    clone.commit({"extra.sh": "echo extra\n", "greet.sh": "echo hello # 2\n"}, "by hand")
    clone.commit({"shout.sh": "echo HELLO  \n"}, "mend what a task made")
    text = packet(clone)
    assert re.search(r"\b\d+ files, \+\d+ -\d+, 2 by no task, \d papers\b", text)
    assert "shout.sh added, +1 -0 , then changed by no task @@ -0,0 +1 @@" in text
    apart = text[text.index("By no task People") : text.index("Papers What the change")]
    assert "extra.sh added, +1 -0" in apart
    assert "greet.sh changed, +1 -1" in apart
    assert "shout.sh" not in apart


def test_a_mode_and_a_link_are_told(at: At) -> None:
    clone = at("executed")
    (clone.folder / "greet.sh").chmod(0o755)
    (clone.folder / "way").symlink_to("/etc/passwd")
    clone.git("add", "-A")
    clone.git("commit", "-qm", "odd things")
    text = packet(clone)
    assert "greet.sh mode changed, now executable, +0 -0" in text
    assert "way added, a link to /etc/passwd Not text, so there is nothing to show" in text


def test_what_changed_since_an_approval_is_shown_line_by_line(at: At) -> None:
    clone = at("package approved")
    clone.commit({"shout.sh": "echo HELLO # later\n", "new.sh": "true\n"}, "later")
    text = packet(clone)
    since = text[text.index("Since the last approval What was") : text.index("Criteria, tasks")]
    assert "Demo PM (pm) approved the plan: it stands . " in since
    assert "approved the package: it has fallen: 2 files changed since . " in since
    assert "shout.sh changed since, +1 -1" in since
    assert "1 - echo HELLO 1 + echo HELLO # later" in since
    assert "new.sh new since" in since
    assert "These results do not count: the tree has changed since it was tested." in text


def test_the_packet_that_lands_names_what_changed_and_follows_from_the_tree_alone(at: At) -> None:
    clone = at("package approved")
    clone.commit({"shout.sh": "echo HELLO # later\n"}, "later")
    clone.until()
    clone.did("approve")
    clone.until()
    text = read(clone.read("changes/CH-001/packet.html"))
    assert "approved the package: it has fallen: 2 files changed since . " in text
    assert "impact.md changed since" in text
    assert "shout.sh changed since" in text
    assert "1 - echo HELLO 1 + echo HELLO # later" not in text
    assert "1 - echo HELLO 1 + echo HELLO # later" in packet(clone)
    assert "approve the package" in packet(clone)
    clone.did("approve")
    clone.until()
    clone.did("land")
    assert clone.did("replay", "CH-001").startswith("CH-001 replays: ")
    assert "CH-001 · landed · on main as " in packet(clone, "CH-001")


def test_a_packet_that_a_sync_left_behind_is_made_anew(at: At) -> None:
    clone = at("packaged")
    clone.git("switch", "-q", "main")
    clone.commit({"other.sh": "true\n"}, "something else")
    clone.git("switch", "-q", "change/CH-001")
    clone.did("sync")
    clone.until()
    clone.did("approve")
    assert "package: approved by Demo PM (pm), " in clone.log()[-1]


def test_a_squash_leaves_the_names_of_what_changed(at: At) -> None:
    clone = at("package approved")
    clone.commit({"shout.sh": "echo HELLO # later\n"}, "later")
    clone.git("reset", "-q", "--soft", "main")
    clone.git("commit", "-qm", "all of it")
    text = packet(clone)
    assert "approved the package: it has fallen: 1 file changed since . " in text
    assert "shout.sh changed since" in text
    assert "1 - echo HELLO 1 + echo HELLO # later" not in text


def test_an_approval_of_an_earlier_round_and_one_taken_back_say_so(at: At) -> None:
    clone = at("packaged")
    clone.did("rework", "--to", "validate", "-m", "look again")
    assert "approved the results: it was given in round 1, and the change was sent back" in packet(
        clone
    )
    clone.did("withdraw", "-m", "not what we agreed")
    text = packet(clone)
    assert "approved the plan: it was withdrawn . " in text
    assert "sent back to validate, Demo PM (owner) look again" in text
    assert "not what we agreed" in text


def test_questions_are_told_in_full_with_their_answers(at: At) -> None:
    clone = at("planned")
    clone.did("clarify", "Which encoding,\nand why?")
    assert "Q-1 open · asked by Demo PM (owner) Which encoding, and why?" in packet(clone)
    clone.did("clarify", "--answer", "Q-1", "UTF-8: <b>everybody</b> reads it.")
    text = packet(clone)
    assert "Which encoding, and why? Demo PM (owner): UTF-8: <b>everybody</b> reads it." in text


def test_papers_that_cannot_be_read_hide_nothing_else(at: At) -> None:
    clone = at("planned")
    files: dict[str, str | bytes | None] = {
        "changes/CH-001/tasks.md": "# nothing\n",
        "changes/CH-001/brief.md": b"\xff",
    }
    clone.commit(files, "broken")
    text = packet(clone)
    assert "missing here: changes/CH-001/brief.md" in text
    assert "missing here: changes/CH-001/tasks.md" in text
    assert "changes/CH-001/tasks.md added" in text


def test_an_abandoned_change_asks_nothing(at: At) -> None:
    clone = at("planned")
    clone.did("abandon", "CH-001", "-m", "no longer wanted")
    text = packet(clone, "CH-001")
    assert "CH-001 · abandoned · as it is at" in text
    assert "Nothing waits for you." in text
    assert "no longer wanted" in text
