from html.parser import HTMLParser

import pytest
from pages.hostile import HOSTILE, hostile

from codexa_git.change.text import visible
from codexa_git.pages.facts import Asked, PacketFacts
from codexa_git.pages.packet import GENERATOR, packet

ALLOWED = frozenset(
    (
        *("html", "head", "meta", "title", "style", "body", "a", "div", "header", "p", "span"),
        *("h1", "h2", "h3", "ul", "ol", "li", "b", "nav", "main", "section", "strong", "pre"),
        *("code", "table", "thead", "tbody", "tr", "th", "td", "article", "details", "summary"),
        *("dl", "dt", "dd", "br", "footer", "caption", "i", "em"),
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


def words_of(facts: PacketFacts) -> str:
    """What a reader reads, with a hyphen for each minus sign."""
    text = " ".join(" ".join(Reader(packet(facts)).texts).split())
    return text.replace("\N{MINUS SIGN}", "-")


def test_a_packet_tells_what_a_reader_needs(packet_facts: PacketFacts) -> None:
    text = words_of(packet_facts)
    for words in (
        "What is asked of you",
        "Demo PM (pm) : Read what follows.",
        "git codexa approve CH-004",
        "exactly the 5 files listed",
        "names 1 test that does not pass",
        'git codexa concern raise CH-004 "what is wrong"',
        "AC-2",
        "tests pass, 1 skipped",
        "src/totals/cli.py",
        "sha256:9f2c41d0",
        "print(json.dumps(found, sort_keys=True))",
        "4 pass, none fails.",
        "1 skipped.",
        "needs a slow disk",
        "an empty file made --json fail",
        "does not count: too late no such disk here",
        "Q-1 answered · asked by Demo Dev (dev) Which encoding? Demo PM (pm): UTF-8.",
        "Q-2 open · asked by Demo Dev (dev) And a byte order mark?",
        "Brief and plan approved",
        "Go on.",
        "Lines covered 36 of 40 lines",
        "ssh-keygen -Y verify -n codexa",
    ):
        assert words in text


def test_a_packet_tells_what_no_task_touched(packet_facts: PacketFacts) -> None:
    text = words_of(packet_facts)
    assert "5 files, +9 -1, 1 by no task, 1 paper" in text
    assert "By no task People\N{RIGHT SINGLE QUOTATION MARK}s own commits" in text
    assert "src/totals/__init__.py changed, now executable" in text
    assert "changes/CH-004/impact.md added, +2 -0 @@ -0,0 +1,2 @@ 1 + # CH-004 Totals" in text


def test_a_packet_tells_what_changed_since_the_last_approval(packet_facts: PacketFacts) -> None:
    text = words_of(packet_facts)
    assert "approved the plan: it stands . 2026-01-05 10:12, round 1, 4 files as approved" in text
    assert "sent back since . 2026-01-05 10:31 UTC, round 1, 3 files as approved" in text
    assert "README.md changed since, +1 -0 @@ -8,3 +8,4 @@" in text
    assert "docs/totals.png new since docs/gone.md gone since" in text
    assert "Since the last approval" not in words_of(packet_facts._replace(since=()))


def test_what_changed_since_two_approvals_is_shown_once(packet_facts: PacketFacts) -> None:
    twice = packet_facts._replace(since=packet_facts.since[1:] * 2)
    assert words_of(twice).count("README.md changed since, +1 -0 @@") == 1
    assert "README.md changed since, +1 -0 · shown above" in words_of(twice)


def test_a_file_of_two_tasks_is_shown_once_and_found_from_both(packet_facts: PacketFacts) -> None:
    first, second = packet_facts.tasks
    both = packet_facts._replace(tasks=(first, second._replace(files=first.files)))
    page = packet(both)
    assert page.count(b'id="file-1"') == 1
    assert words_of(both).count("src/totals/cli.py changed, +6 -1 @@") == 1
    assert "src/totals/cli.py changed, +6 -1 · shown above" in words_of(both)
    assert page.count(b'href="#file-1"') == 2


def test_a_file_changed_after_its_task_says_so(packet_facts: PacketFacts) -> None:
    first, *others = packet_facts.tasks
    files = tuple(file._replace(later=True) for file in first.files)
    facts = packet_facts._replace(tasks=(first._replace(files=files), *others))
    assert "src/totals/cli.py changed, +6 -1 , then changed by no task" in words_of(facts)
    assert "then changed by no task" not in words_of(packet_facts)


def test_results_that_do_not_count_say_why(packet_facts: PacketFacts) -> None:
    assert packet_facts.results is not None
    results = packet_facts.results._replace(problem="the tree has changed since it was tested")
    text = words_of(packet_facts._replace(results=results))
    assert "tests pass, 1 skipped, but do not count" in text
    assert "These results do not count: the tree has changed since it was tested." in text


def test_papers_that_cannot_be_read_are_told(packet_facts: PacketFacts) -> None:
    facts = packet_facts._replace(unread=("changes/CH-004/tasks.md:3: no task",), criteria=())
    assert "missing here: changes/CH-004/tasks.md:3: no task" in words_of(facts)


def test_a_move_that_is_no_approval_binds_nothing(packet_facts: PacketFacts) -> None:
    asked = Asked("Tester (agent)", "Run the tests.", "git codexa advance CH-004")
    text = words_of(packet_facts._replace(asked=asked, bindings=()))
    assert "Tester (agent) : Run the tests. git codexa advance CH-004" in text
    assert "Nothing is to be signed now." in text
    assert "If something is wrong" not in text


def test_few_passed_tests_are_open_and_many_are_folded(packet_facts: PacketFacts) -> None:
    assert packet_facts.results is not None
    many = packet_facts.results.tests[:1] * 31
    folded = packet(packet_facts._replace(results=packet_facts.results._replace(tests=many)))
    assert b"<details>\n<summary>31 passed" in folded
    assert b"<details open>\n<summary>4 passed" in packet(packet_facts)


def test_a_packet_is_known_for_one(packet_facts: PacketFacts) -> None:
    assert GENERATOR in packet(packet_facts)[:2000]


def test_an_empty_change_has_a_packet_too() -> None:
    none: tuple[()] = ()
    start = ("CH-001", "T", "", "frame", "as it is", "main", "", None)
    facts = PacketFacts(*start, *(none,) * 6, None, *(none,) * 4)
    text = words_of(facts)
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
    assert all(link.removeprefix("#") in read.ids for link in read.links)
    shown = visible(text).encode("utf-8", "backslashreplace").decode()
    assert shown.replace("\r\n", "\n") in "".join(read.texts)
    assert visible("".join(read.texts)) == "".join(read.texts)


def test_a_waived_test_is_told_apart_and_leaves_nothing_green(packet_facts: PacketFacts) -> None:
    assert packet_facts.results is not None
    tests = tuple(
        test._replace(outcome="waived") if test.outcome == "skipped" else test
        for test in packet_facts.results.tests
    )
    facts = packet_facts._replace(results=packet_facts.results._replace(tests=tests))
    text = words_of(facts)
    assert "tests pass, 1 waived" in text
    assert "4 pass, 1 waived." in text
    assert "none fails" not in text
    assert b'class="verdict good">4 pass' in packet(packet_facts)
    assert b'class="verdict good">4 pass' not in packet(facts)
