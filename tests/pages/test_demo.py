"""The files of a week's demo: the same bytes for the same facts, and text that stays text."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt
from pages.hostile import HOSTILE, hostile

from codexa_git.change.figures import Figures
from codexa_git.pages.demo import COLUMNS, FIGURES, LOG, NAMES, SCREEN, SUMMARY, demo
from codexa_git.pages.facts import PacketFacts

COUNTED = Figures(
    criteria=2,
    covered=2,
    tasks=2,
    completed=2,
    passed=4,
    failed=0,
    skipped=1,
    concerns=1,
    reworks=0,
    repeated=True,
)
SVG = "{http://www.w3.org/2000/svg}"


def kept(facts: PacketFacts, text: str) -> PacketFacts:
    """Hostile facts, but with the ids and the title that their readers have already refused."""
    made = hostile(facts, text)
    return made._replace(
        change=facts.change,
        title=facts.title,
        milestone=facts.milestone,
        context=re.sub(r"\n\s*\n", " ", text),
        tasks=tuple(
            new._replace(id=old.id, criteria=old.criteria)
            for new, old in zip(made.tasks, facts.tasks, strict=True)
        ),
        criteria=tuple(
            new._replace(id=old.id, tasks=old.tasks)
            for new, old in zip(made.criteria, facts.criteria, strict=True)
        ),
    )


def made(facts: PacketFacts) -> dict[str, bytes]:
    return demo(facts, COUNTED, "Week-02")


def drawn(screen: bytes) -> list[str]:
    root = ET.fromstring(screen)
    return [row.text or "" for row in root.iter(f"{SVG}text")]


def test_a_demo_is_four_files_and_the_same_again(packet_facts: PacketFacts) -> None:
    files = made(packet_facts)
    assert tuple(files) == NAMES
    assert made(packet_facts) == files
    assert all(content.endswith(b"\n") for content in files.values())


def test_nothing_of_a_demo_tells_what_the_approval_binds(packet_facts: PacketFacts) -> None:
    other = packet_facts._replace(bindings=(), asked=None, papers=())
    assert made(other) == made(packet_facts)


def test_the_summary_tells_criteria_tasks_and_tests(packet_facts: PacketFacts) -> None:
    text = made(packet_facts)[SUMMARY].decode()
    assert text.startswith("# CH-004 Totals as JSON\n\nMS-01, Week-02; ")
    assert "## Why\n\nScripts read our totals" in text
    assert "- AC-1, totals --json prints one JSON object with every total: T-01, `tests." in text
    assert "### T-02: say so in the README" in text
    assert "- 4 passed, 0 failed, 0 waived, 1 skipped" in text
    assert "- CN-1, an empty file made --json fail" in text
    assert "### By no task\n\n- `src/totals/__init__.py` changed, now executable, +0 -0\n" in text
    assert "- Q-1, Which encoding? (Demo Dev (dev)): UTF-8. (Demo PM (pm))\n- Q-2," in text
    assert "And a byte order mark? (Demo Dev (dev)): **open**\n" in text
    assert "- the plan, by Demo PM (pm), 2026-01-05 10:12: it stands\n" in text


def test_the_figures_are_what_was_counted(packet_facts: PacketFacts) -> None:
    assert json.loads(made(packet_facts)[FIGURES]) == {
        "change": "CH-004",
        "milestone": "MS-01",
        "week": "Week-02",
        **COUNTED._asdict(),
    }


def test_the_log_has_a_line_for_each_thing_that_happened(packet_facts: PacketFacts) -> None:
    lines = made(packet_facts)[LOG].decode().splitlines()
    assert lines[0] == "2026-01-05 09:02  frame     Demo PM              Opened"
    assert lines[3].split("  ")[-1] == "T-01 and T-02 done"
    assert len(lines) == len(packet_facts.timeline)
    assert made(packet_facts._replace(timeline=()))[LOG] == b""


def test_the_screen_shows_the_files_beside_it(packet_facts: PacketFacts) -> None:
    files = made(packet_facts)
    rows = drawn(files[SCREEN])
    assert rows[0] == "CH-004 Totals as JSON, MS-01, Week-02"
    for name in (LOG, FIGURES):
        lines = files[name].decode().splitlines()
        start = rows.index(f"$ cat {name}") + 1
        assert rows[start : start + len(lines)] == lines


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_hostile_text_stays_text(packet_facts: PacketFacts, text: str) -> None:
    files, plain = made(kept(packet_facts, text)), made(kept(packet_facts, "word"))
    shape, expected = (
        [(t.type, t.tag) for t in MarkdownIt("commonmark").parse(page[SUMMARY].decode())]
        for page in (files, plain)
    )
    assert shape == expected
    rows = drawn(files[SCREEN])
    assert len(files[LOG].splitlines()) == len(packet_facts.timeline)
    assert all(len(row) <= COLUMNS for row in rows)
    root = ET.fromstring(files[SCREEN])
    assert {node.tag.removeprefix(SVG) for node in root.iter()} == {"svg", "title", "style", "text"}
    for content in files.values():
        assert not {"\x1b", "\u202e", "\u2066", "\x00"} & set(content.decode())
