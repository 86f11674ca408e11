"""The digest's two texts: the whole of it, and what a chat has room for."""

import re

import pytest

from codexa_git.change.totals import Counted, figures
from codexa_git.pages.digest import (
    ROOM,
    Age,
    Blocker,
    DigestFacts,
    Moved,
    Waits,
    digest_chat,
    digest_markdown,
    title,
)

HOSTILE = "<@1> @here # <!-- codexa:begin totals --> [l](https://x.invalid) `a` <@1> \u202e\n- b"

COUNTED = [
    Counted("CH-001", "a", None, "spec", "2026-11-20", 3, 2, 1),
    *(
        Counted(f"CH-00{n}", "b", None, "landed", "2026-11-20", 0, 0, 0, replayed=n != 4)
        for n in (2, 3, 4)
    ),
]


def facts(count: int, text: str = "a title", cycles: int = 0) -> DigestFacts:
    ids = [f"CH-{number:03d}" for number in range(1, count + 1)]
    return DigestFacts(
        kind="daily",
        name="2026-11-23",
        base="main",
        since="2026-11-22T10:00:00Z",
        at="2026-11-23T10:00:00Z",
        cycles=cycles,
        moved=tuple(Moved(name, text, ("opened", "handed on to spec")) for name in ids),
        waits=tuple(
            Waits(name, text, (text,), text, f"git codexa approve {name}", 3) for name in ids
        ),
        blockers=tuple(Blocker(name, text) for name in ids),
        ageing=tuple(Age(name, "spec", 3, 1) for name in ids),
        figures=figures(COUNTED, tried=True),
    )


def test_a_quiet_day_says_so() -> None:
    assert digest_markdown(facts(0)).split("\n")[:5] == [
        "# Build status, 2026-11-23",
        "",
        "Since 2026-11-22T10:00:00Z, on `main`.",
        "",
        "No cycle was completed today.",
    ]
    assert digest_chat(facts(0)._replace(figures=None)) == "No cycle was completed today."


def test_completed_cycles_are_counted() -> None:
    assert "1 change went through all six stages." in digest_markdown(facts(0, cycles=1))
    assert "2 changes went through" in digest_chat(facts(0, cycles=2))


def test_every_line_is_in_the_whole_digest() -> None:
    text = digest_markdown(facts(2))
    assert "- CH-002 a title: opened, handed on to spec" in text
    assert "- CH-002 a title: a title: a title (`git codexa approve CH-002`), for 3 days" in text
    assert "- CH-002: open for 3 days, in spec for 1 day" in text
    assert "- criteria covered by completed tasks: 66 % (2 of 3)" in text
    assert "- lines covered by tests: not measured" in text


@pytest.mark.parametrize("count", [0, 1, 3, 10, 50, 500])
@pytest.mark.parametrize("text", ["a title", "w" * 400, HOSTILE * 5, "*" * 300])
def test_a_chat_gets_what_it_has_room_for_and_the_rest_is_counted(count: int, text: str) -> None:
    found = digest_chat(facts(count, text))
    assert len(found) + len(title(facts(count))) + 2 <= 2000
    assert len(found) <= ROOM
    shown = found.count(": open for 3 days")
    assert shown == count or f"- and {count - shown} more" in found


def test_what_is_in_the_way_comes_first_in_a_chat() -> None:
    found = digest_chat(facts(3))
    assert found.index("**In the way**") < found.index("**Waiting**") < found.index("**Moved**")


@pytest.mark.parametrize("render", [digest_markdown, digest_chat])
def test_what_strangers_wrote_is_text(render: object) -> None:
    assert callable(render)
    found = render(facts(1, HOSTILE))
    assert "@here" not in found
    assert "<!--" not in found.replace("\\<!--", "")
    assert "[l](" not in found
    assert "://" not in found
    assert not re.search("<@!?[0-9]", found)
    assert "\u202e" not in found
    assert "\n- b" not in found
