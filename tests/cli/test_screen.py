import io
import sys

import pytest

from codexa_git.cli import screen
from codexa_git.cli.screen import cells, clipped, padded, shell_paths, shown, sides, way_on, wrapped


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody looks at standard output; capturing would replace it between set-up and test."""
    monkeypatch.setattr(sys, "stdout", Terminal())
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


def test_a_person_who_looks_sees_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    look(monkeypatch)
    assert screen.red("no") == "\x1b[31mno\x1b[0m"
    assert screen.bold("") == ""


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("NO_COLOR", ""), ("TERM", "dumb")])
def test_who_wants_no_colour_sees_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    look(monkeypatch)
    assert screen.red("no") != "no"
    monkeypatch.setenv(name, value)
    assert screen.red("no") == "no"


def test_a_pipe_sees_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert screen.green("yes") == "yes"


@pytest.mark.parametrize(
    ("given", "columns"),
    [
        ("80", 80),
        ("300", 100),
        ("3", 40),
        ("0", 80),
        ("-5", 80),
        ("x", 80),
        ("", 80),
        ("\uff19\uff10", 80),
    ],
)
def test_the_width_is_what_is_given_within_reason(
    monkeypatch: pytest.MonkeyPatch, given: str, columns: int
) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setenv("COLUMNS", given)
    assert screen.width() == columns


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("größer", 6),
        ("大きい", 6),
        ("e\u0301", 1),
        ("\u2602\ufe0f", 1),
        ("x\u200dy", 2),
        ("", 0),
    ],
)
def test_text_is_counted_in_columns(text: str, columns: int) -> None:
    assert cells(text) == columns
    assert cells(padded(text, 9)) == 9


@pytest.mark.parametrize("columns", range(4, 12))
def test_what_is_clipped_fits_and_says_so(columns: int) -> None:
    for text in ("a long line of text", "大きい大きい大きい", "x" * 40):
        cut = clipped(text, columns)
        assert cells(cut) <= columns
        assert cut.endswith("...")
    assert clipped("abcd", columns) == "abcd"


def test_two_sides_of_a_line_fill_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert sides("left", "right") == "left" + " " * 31 + "right"
    assert cells(sides("大" * 40, "right")) == 40
    assert sides("l" * 60, "") == "l" * 37 + "..."


def test_a_long_line_hangs_below_its_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    told = wrapped("one two three four five six seven eight nine", "- ", "  ")
    assert told == "- one two three four five six seven\n  eight nine"
    assert wrapped("w" * 60, "- ", "  ") == "- " + "w" * 60


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain  text", "plain  text"),
        ("a\nb\tc\r\nd", "a b c d"),
        ("\x1b[31m\u202e\x00", "\\x1b[31m\\u202e\\x00"),
    ],
)
def test_a_strangers_text_is_one_harmless_line(text: str, seen: str) -> None:
    assert shown(text) == seen


@pytest.mark.parametrize(
    ("paths", "end"),
    [
        (("src", "a-b_c.py"), " -- src a-b_c.py"),
        ((), ""),
        (("a b",), ""),
        (("$(reboot)",), ""),
        (("-f",), ""),
        (("größe",), ""),
    ],
)
def test_only_what_a_shell_takes_as_it_is_ends_a_command(paths: tuple[str, ...], end: str) -> None:
    assert shell_paths(paths) == end


def test_a_command_is_never_broken_and_prose_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    again = "git codexa advance CH-009 --replan --no-push"
    told = way_on(
        f"mend the recipe, or leave it to people there, then: {again} (or: {again})", "  "
    )
    assert told.split("\n") == [
        "  mend the recipe, or leave it to people",
        "  there, then:",
        f"  {again}",
        f"  (or: {again})",
    ]
    assert way_on(again, "    ") == f"    {again}"
    assert "\x1b" not in way_on("mend \x1b[2J, then: git status", "")
    assert way_on("mend a\nb", "") == "mend a b"
