"""Diffs on a page: numbered, told apart, each once, and cut where nobody would read on."""

import shlex

from hypothesis import given
from hypothesis import strategies as st

from codexa_git.pages.facts import FileFacts, PacketFacts
from codexa_git.pages.packet import packet
from codexa_git.pages.sheets import (
    LONGEST_LINE,
    MOST_IN_ALL,
    MOST_LINES,
    MOST_TEXT,
    Binder,
    Line,
    Sheet,
    body,
    diff_lines,
)


def added(path: str, lines: int, text: str = "x") -> FileFacts:
    diff = f"@@ -0,0 +1,{lines} @@\n" + f"+{text}\n" * lines
    return FileFacts(path, "added", lines, 0, diff)


def sheet(file: FileFacts) -> Sheet:
    return Binder("CH-001", "main").sheets([file])[0]


def test_a_diff_is_numbered_and_told_apart(packet_facts: PacketFacts) -> None:
    lines = sheet(packet_facts.tasks[0].files[0]).lines
    assert lines[:4] == (
        Line("place", "", "", "", "@@ -1,4 +1,5 @@"),
        Line("same", "1", "1", " ", "import sys"),
        Line("added", "", "2", "+", "import json"),
        Line("same", "2", "3", " ", ""),
    )
    assert lines[-1] == Line("same", "14", "19", " ", "    return 0")
    assert sheet(packet_facts.tasks[1].files[0]).lines[-1].kind == "note"
    assert sheet(packet_facts.tasks[1].files[1]).lines == ()


def test_a_file_has_one_sheet() -> None:
    binder = Binder("CH-001", "main")
    first, second = binder.sheets([added("a", 1), added("a", 1)])
    assert (first.anchor, first.elsewhere) == ("file-1", False)
    assert (second.anchor, second.elsewhere, second.lines) == ("file-1", True, ())


def test_a_long_diff_is_cut_and_says_so(packet_facts: PacketFacts) -> None:
    file = added("big.txt", 5000)
    assert len(sheet(file).lines) == MOST_LINES
    assert sheet(file).left_out == 5001 - MOST_LINES
    task = packet_facts.tasks[0]._replace(files=(file,))
    text = packet(packet_facts._replace(tasks=(task,))).decode()
    assert f"{5001 - MOST_LINES} lines of this diff are not shown here" in text
    assert f"{5001 - MOST_LINES} lines of its diffs are left out" in text
    assert "<code>git diff --no-renames main...change/CH-004 -- big.txt</code>" in text


def test_a_long_line_is_cut_and_says_so() -> None:
    lines = sheet(added("a", 1, "x" * (LONGEST_LINE + 7))).lines
    assert (len(lines[1].text), lines[1].cut) == (LONGEST_LINE, 7)


def test_all_lines_together_are_no_more_than_one_reads() -> None:
    binder = Binder("CH-001", "main")
    found = binder.sheets(added(f"f{number}", 99) for number in range(100))
    assert sum(len(each.lines) for each in found) == MOST_IN_ALL
    assert binder.left_out == sum(each.left_out for each in found) == 10_000 - MOST_IN_ALL
    assert found[-1].lines == ()


def test_all_text_together_is_no_more_than_a_page_holds() -> None:
    binder = Binder("CH-001", "main")
    found = binder.sheets(added(f"f{number}", 500, "x" * 999) for number in range(3))
    assert sum(len(line.text) for each in found for line in each.lines) <= MOST_TEXT
    assert binder.left_out == sum(each.left_out for each in found) > 0


def test_a_large_change_makes_a_page_that_opens(packet_facts: PacketFacts) -> None:
    files = tuple(added(f"src/part_{n}.py", 67, "    value = compute(1, 2)") for n in range(300))
    task = packet_facts.tasks[0]._replace(files=files)
    page = packet(packet_facts._replace(tasks=(task,)))
    assert len(page) < 1_500_000
    assert all(f"src/part_{number}.py".encode() in page for number in range(300))
    assert b"This change is larger than a page can show: " in page


def test_the_command_names_a_file_as_a_shell_takes_it() -> None:
    binder = Binder("CH-001", "main")
    every = "git diff --no-renames main...change/CH-001"
    assert binder.command() == every
    assert binder.command("src/a.py") == f"{every} -- src/a.py"
    for path in ("a b", "$(rm -rf ~)", "-x", "*.py", ":(top)x", "it's"):
        words = shlex.split(binder.command(path))
        assert words[:5] == [*every.split(), "--"]
        assert words[5] in (path, f":(literal){path}")
    for path in ("line\nbreak", "a\u202eb", "a\x1b[2J"):
        assert binder.command(path) == every


@given(st.text(alphabet="@-+ \\01,\nx", max_size=60))
def test_any_diff_is_shown_line_for_line(diff: str) -> None:
    file = FileFacts("a", "changed", 1, 1, f"@@\n{diff}")
    shown = "\n".join(line.sign + line.text for line in diff_lines(body(file)))
    assert shown == f"@@\n{diff}".removesuffix("\n")
