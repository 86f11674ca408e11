"""The packet as a browser shows it: on a desk, on a phone, in the dark, on paper, by keyboard."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pages.browser import CHROMIUM, Browser
from pages.hostile import HOSTILE, hostile
from pages.test_packet import ALLOWED

from codexa_git.pages.facts import PacketFacts
from codexa_git.pages.packet import packet

pytestmark = pytest.mark.slow

WIDTHS = (320, 360, 700, 1280)
SCHEMES = ("light", "dark")

FAINTEST = """(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const found = channels(getComputedStyle(element).backgroundColor);
      if (found.length < 4 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  let faintest = { ratio: 21, text: "" };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim() || !node.parentElement.checkVisibility()) continue;
    const style = getComputedStyle(node.parentElement);
    const under = behind(node.parentElement);
    const alpha = Number(style.opacity);
    const over = channels(style.color).slice(0, 3);
    const [a, b] = [over.map((c, at) => c * alpha + under[at] * (1 - alpha)), under].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < faintest.ratio) faintest = { ratio, text: node.data.trim() };
  }
  return faintest;
})()"""
"""The text that stands out least from what is behind it, by the formula of WCAG."""

TOO_WIDE = """[...document.body.querySelectorAll("*")]
  .filter((e) => !e.closest(".diff ol") && e.className !== "skip" && e.tagName !== "THEAD")
  .filter((e) => !e.closest("thead") && e.getBoundingClientRect().right > innerWidth + 0.5)
  .map((e) => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`)"""

OUTLINE = """[...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]))"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "chromium is not installed, so no browser reads the packet"
        assert not os.environ.get("CODEXA_REQUIRE_ALL"), reason
        pytest.skip(reason)
    with Browser(CHROMIUM, tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def shown(browser: Browser, packet_facts: PacketFacts, tmp_path: Path) -> Browser:
    return opened(browser, packet_facts, tmp_path)


def opened(browser: Browser, facts: PacketFacts, folder: Path) -> Browser:
    page = folder / "packet.html"
    page.write_bytes(packet(facts))
    browser.open(page)
    browser.look()
    return browser


def colours(text: str) -> list[float]:
    return [float(part) for part in text[text.index("(") + 1 : -1].split(",")]


def test_text_where_strangers_wrote_tags(
    browser: Browser, packet_facts: PacketFacts, tmp_path: Path
) -> None:
    text = "".join(HOSTILE[:9])
    opened(browser, hostile(packet_facts, text), tmp_path)
    tags = browser.ask("[...document.querySelectorAll('*')].map((e) => e.localName)")
    assert set(tags) <= ALLOWED
    names = browser.ask("[...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames())")
    assert not any(name.startswith("on") or name in ("src", "style") for name in names)
    assert text in browser.ask("document.documentElement.textContent")


def test_nothing_is_asked_of_any_network(
    browser: Browser, packet_facts: PacketFacts, tmp_path: Path
) -> None:
    for facts in (packet_facts, *(hostile(packet_facts, text) for text in HOSTILE)):
        opened(browser, facts, tmp_path)
        assert browser.requests == [(tmp_path / "packet.html").as_uri()]
        assert browser.complaints == []


def test_its_policy_stops_what_would_act(
    browser: Browser, packet_facts: PacketFacts, tmp_path: Path
) -> None:
    """If escaping ever failed, the page's own policy would still let nothing act or load."""
    page = tmp_path / "packet.html"
    inserted = b"<script>document.title = 'acted'</script><img src='http://x.invalid/i.png'>"
    page.write_bytes(packet(packet_facts).replace(b"<main>", b"<main>" + inserted))
    browser.open(page)
    assert browser.ask("document.title") == "CH-004: Totals as JSON"
    assert any("Content Security Policy" in complaint for complaint in browser.complaints)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways(shown: Browser, width: int) -> None:
    shown.look(width=width)
    assert shown.ask("document.documentElement.scrollWidth") <= width
    assert shown.ask(TOO_WIDE) == []
    wide = "[...document.querySelectorAll('.diff')].some((d) => d.scrollWidth > d.clientWidth)"
    assert shown.ask(wide) == (width < WIDTHS[2])


@pytest.mark.parametrize("text", ["x" * 3000, "https://x.invalid/" + "long-path/" * 50])
def test_words_without_end_are_broken(
    browser: Browser, packet_facts: PacketFacts, tmp_path: Path, text: str
) -> None:
    opened(browser, hostile(packet_facts, text), tmp_path).look(width=360)
    assert browser.ask("document.documentElement.scrollWidth") <= 360
    assert browser.ask(TOO_WIDE) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("media", ["screen", "print"])
def test_every_text_stands_out(shown: Browser, scheme: str, media: str) -> None:
    shown.look(scheme=scheme, media=media)
    faintest: dict[str, Any] = shown.ask(FAINTEST)
    assert faintest["ratio"] >= 4.5, faintest


def test_the_dark_is_dark_and_paper_is_white(shown: Browser) -> None:
    behind = "getComputedStyle(document.body).backgroundColor"
    ink = "getComputedStyle(document.body).color"
    shown.look(scheme="dark")
    assert max(colours(shown.ask(behind))) < 40
    assert min(colours(shown.ask(ink))) > 200
    shown.look(scheme="dark", media="print")
    assert (shown.ask(behind), shown.ask(ink)) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
    others = "[...document.querySelectorAll('.asked, details, .command, .added, .removed, .place')]"
    backs = shown.ask(f"{others}.map((e) => getComputedStyle(e).backgroundColor)")
    assert all(min(colours(back)) > 230 for back in backs)


def test_what_is_folded_on_the_screen_is_open_on_paper(shown: Browser) -> None:
    paper = "document.querySelector('#papers .diff li').checkVisibility()"
    height = "document.querySelector('#papers details').getBoundingClientRect().height"
    assert shown.ask(paper) is False
    folded = shown.ask(height)
    shown.look(media="print")
    assert shown.ask(height) > folded + 20
    assert shown.ask("document.querySelector('nav').checkVisibility()") is False


def test_it_prints(shown: Browser) -> None:
    paper = shown.printed()
    assert paper.startswith(b"%PDF-")
    assert len(paper) > 10_000


def test_the_first_key_leads_to_what_is_asked(shown: Browser) -> None:
    shown.press("Tab", 9)
    assert shown.ask("document.activeElement.className") == "skip"
    assert shown.ask("document.activeElement.getBoundingClientRect().left") >= 0
    shown.press("Enter", 13)
    assert shown.ask("location.hash + ' ' + document.activeElement.id") == "#asked asked"


def test_every_place_that_takes_keys_shows_it(shown: Browser) -> None:
    seen = set()
    for _ in range(80):
        shown.press("Tab", 9)
        at = shown.ask("document.activeElement.localName")
        if at == "body":
            break
        seen.add(at)
        outline = shown.ask(
            "(({outlineStyle: s, outlineWidth: w}) => s + ' ' + w)"
            "(getComputedStyle(document.activeElement))"
        )
        assert outline == "solid 3px", at
    assert seen == {"a", "summary", "div"}


def test_headings_landmarks_and_tables_are_in_order(shown: Browser) -> None:
    levels = shown.ask(OUTLINE)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert shown.ask(f"document.querySelectorAll('{landmark}').length") == 1
    unnamed = (
        "[...document.querySelectorAll('section')].filter((s) =>"
        " !document.getElementById(s.getAttribute('aria-labelledby'))?.textContent).length"
    )
    assert shown.ask(unnamed) == 0
    assert shown.ask("[...document.querySelectorAll('table')].every((t) => t.caption)") is True
    scopes = "[...document.querySelectorAll('th')].every((h) => h.scope === 'col')"
    assert shown.ask(scopes) is True
    assert shown.ask("document.documentElement.lang") == "en"
