import os
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages.hostile import HOSTILE, hostile

from codexa_git.change.text import visible
from codexa_git.pages.facts import FileFacts, PacketFacts
from codexa_git.pages.packet import MOST_LINES, Line, diff_lines, left_out, packet

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ALLOWED = frozenset(
    (
        *("html", "head", "meta", "title", "style", "body", "a", "div", "header", "p", "span"),
        *("h1", "h2", "h3", "ul", "ol", "li", "b", "nav", "main", "section", "strong", "pre"),
        *("code", "table", "thead", "tbody", "tr", "th", "td", "article", "details", "summary"),
        *("dl", "dt", "dd", "br", "footer"),
    )
)


class Reader(HTMLParser):
    """What a parser makes of a page: its tags with their attributes' names, links, and text."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def ids(self) -> set[str]:
        return {value for name, value in self.values if name == "id"}

    @property
    def links(self) -> set[str]:
        return {value for name, value in self.values if name in ("href", "src", "action")}


def _lines(text: str) -> str:
    """A plain text with as many lines, paragraphs and diff signs as `text` has."""
    return "".join(sign if sign in "\n+-@ " else "w" for sign in text)


def test_a_packet_is_one_page_that_needs_nothing(packet_facts: PacketFacts) -> None:
    page = packet(packet_facts)
    read = Reader(page)
    assert page == packet(packet_facts)
    assert {tag for tag, _ in read.tags if not tag.startswith("/")} <= ALLOWED
    assert all(link.startswith("#") and link[1:] in read.ids for link in read.links)
    assert not any(name.startswith("on") for name, _ in read.values)
    assert b"default-src 'none'; style-src 'unsafe-inline'" in page
    for word in (b"http:", b"https:", b"url(", b"@import", b"<script"):
        assert word not in page


def test_every_element_is_closed(packet_facts: PacketFacts) -> None:
    opened: list[str] = []
    for tag, _ in Reader(packet(packet_facts)).tags:
        if tag.startswith("/"):
            assert opened.pop() == tag[1:]
        elif tag not in ("meta", "br"):
            opened.append(tag)
    assert opened == []


def test_a_packet_tells_what_a_reader_needs(packet_facts: PacketFacts) -> None:
    text = " ".join(" ".join(Reader(packet(packet_facts)).texts).split())
    for words in (
        "What is asked of you",
        "git codexa approve CH-004",
        "exactly the 4 files listed",
        "AC-2",
        "tests pass, 1 waived or skipped",
        "added · by no task, so not shown below",
        "src/totals/cli.py",
        "sha256:9f2c41d0",
        "print(json.dumps(found, sort_keys=True))",
        "4 pass, none fails.",
        "1 waived or skipped.",
        "needs a slow disk",
        "an empty file made --json fail",
        "Brief and plan approved",
    ):
        assert words in text


def test_an_empty_change_has_a_packet_too() -> None:
    facts = PacketFacts("CH-001", "T", "", "frame", "", None, (), (), "", (), None, (), (), ())
    text = " ".join(Reader(packet(facts)).texts)
    for words in ("Nothing waits for you", "No criterion is written", "No task is planned"):
        assert words in text
    assert "No tests have run." in text


def test_failures_and_open_ends_stand_out(packet_facts: PacketFacts) -> None:
    assert packet_facts.results is not None
    first, *others = packet_facts.results.tests
    failed = first._replace(outcome="failed", message="assert 1 == 2\n  at line 7")
    results = packet_facts.results._replace(tests=(failed, *others))
    concern = packet_facts.concerns[0]._replace(answer=None)
    text = " ".join(
        Reader(packet(packet_facts._replace(results=results, concerns=(concern,)))).texts
    )
    assert "1 of 5 fail." in text
    assert "assert 1 == 2\n  at line 7" in text
    assert "open" in text


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_hostile_text_is_text(packet_facts: PacketFacts, text: str) -> None:
    facts = hostile(packet_facts, text)
    read = Reader(packet(facts))
    assert read.tags == Reader(packet(hostile(packet_facts, _lines(text)))).tags
    assert read.links <= {"#asked", "#criteria", "#bound", "#changes", "#results", "#concerns"} | {
        "#timeline",
        "#task-1",
        "#task-2",
    }
    shown = visible(text).encode("utf-8", "backslashreplace").decode()
    assert shown.replace("\r\n", "\n") in "".join(read.texts)
    assert visible("".join(read.texts)) == "".join(read.texts)


def test_a_diff_is_numbered_and_told_apart(packet_facts: PacketFacts) -> None:
    lines = diff_lines(packet_facts.tasks[0].files[0])
    assert lines[:4] == (
        Line("place", "", "", "", "@@ -1,4 +1,5 @@"),
        Line("same", "1", "1", " ", "import sys"),
        Line("added", "", "2", "+", "import json"),
        Line("same", "2", "3", " ", ""),
    )
    assert lines[-1] == Line("same", "14", "19", " ", "    return 0")
    assert diff_lines(packet_facts.tasks[1].files[0])[-1].kind == "note"
    assert diff_lines(packet_facts.tasks[1].files[1]) == ()


def test_a_long_diff_is_cut_and_says_so(packet_facts: PacketFacts) -> None:
    file = FileFacts("big.txt", "added", 5000, 0, "@@ -0,0 +1,5000 @@\n" + "+x\n" * 5000)
    assert len(diff_lines(file)) == MOST_LINES
    assert left_out(file) == 5001 - MOST_LINES
    task = packet_facts.tasks[0]._replace(files=(file,))
    text = "".join(Reader(packet(packet_facts._replace(tasks=(task,)))).texts)
    assert f"{5001 - MOST_LINES} more lines are not shown here" in text


@given(st.text(alphabet="@-+ \\01,\nx", max_size=60))
def test_any_diff_is_shown_line_for_line(diff: str) -> None:
    file = FileFacts("a", "changed", 1, 1, f"@@\n{diff}")
    shown = "\n".join(line.sign + line.text for line in diff_lines(file))
    assert shown == f"@@\n{diff}".removesuffix("\n")


@pytest.fixture(scope="module")
def browser_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if CHROMIUM is None:
        reason = "chromium is not installed, so no browser reads the packet"
        assert not os.environ.get("CODEXA_REQUIRE_ALL"), reason
        pytest.skip(reason)
    return tmp_path_factory.mktemp("browser")


def test_a_browser_sees_text_where_strangers_wrote_tags(
    packet_facts: PacketFacts, browser_folder: Path
) -> None:
    assert CHROMIUM is not None
    text = "".join(HOSTILE[:9])
    page = browser_folder / "packet.html"
    page.write_bytes(packet(hostile(packet_facts, text)))
    switches = "no-sandbox disable-gpu disable-background-networking disable-component-update"
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless",
            *(f"--{switch}" for switch in switches.split()),
            "--disable-sync",
            "--no-first-run",
            f"--user-data-dir={browser_folder / 'profile'}",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        timeout=60,
        check=True,
    )
    read = Reader(done.stdout)
    assert {tag for tag, _ in read.tags if not tag.startswith("/")} <= ALLOWED
    assert not any(name.startswith("on") for name, _ in read.values)
    assert text in "".join(read.texts)
