"""One line of a comment is a command; everything else is prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.slash import LONGEST, USAGE, Slash, Word, parse_comment, parse_line
from codexa_git.errors import UsageError


def asked(text: str) -> Slash:
    return parse_comment(text.encode())


def refused(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        asked(text)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/status", Slash(Word.STATUS, "/status")),
        ("/status CH-001", Slash(Word.STATUS, "/status CH-001", "CH-001")),
        ("/advance", Slash(Word.ADVANCE, "/advance")),
        ("/help", Slash(Word.HELP, "/help")),
        ("/approve CH-012", Slash(Word.APPROVE, "/approve CH-012", "CH-012")),
        ("/clarify why so?", Slash(Word.CLARIFY, "/clarify why so?", None, "why so?")),
        (
            "/clarify CH-001 --answer Q-2 because",
            Slash(
                Word.CLARIFY,
                "/clarify CH-001 --answer Q-2 because",
                "CH-001",
                "because",
                "Q-2",
            ),
        ),
        ("/concern CH-001 slow", Slash(Word.CONCERN, "/concern CH-001 slow", "CH-001", "slow")),
        (
            "/waive CH-001 tests.test_a::test_b[x y] -- flaky -- for now",
            Slash(
                Word.WAIVE,
                "/waive CH-001 tests.test_a::test_b[x y] -- flaky -- for now",
                "CH-001",
                "flaky -- for now",
                None,
                "tests.test_a::test_b[x y]",
            ),
        ),
    ],
)
def test_each_command_is_read(line: str, expected: Slash) -> None:
    assert asked(line) == expected


def test_every_word_says_how_it_is_written() -> None:
    assert USAGE.keys() == set(Word)
    for word, (usage, _) in USAGE.items():
        assert usage.startswith(f"/{word}")


@pytest.mark.parametrize(
    "text",
    [
        "Looks right to me.\n\n/status\n\nThanks!",
        "Looks right to me.\n/status\nThanks!",
        "  /status  ",
        "prose\r\n\r\n/status\r\n",
        "> /approve CH-001\n\n/status",
        "```\n/approve CH-001\n```\n/status",
        "`/approve CH-001` is what I would say, but\n/status",
        "the folder /approve/CH-001 and /usr/bin\n/status",
        "/usr/bin/env is a path\n/status",
        "and/or\n/status",
        "<!--\n/approve CH-001\n-->\n\n/status",
        "- /approve CH-001\n\n/status",
        "    /approve CH-001\n\n/status",
    ],
)
def test_prose_around_the_one_command_is_prose(text: str) -> None:
    assert asked(text) == Slash(Word.STATUS, "/status")


@pytest.mark.parametrize(
    "text",
    ["/status\n/status", "/status\n\nand\n\n/approve CH-001", "/help\n/nonsense"],
)
def test_two_commands_are_one_too_many(text: str) -> None:
    assert "2 commands" in refused(text)


@pytest.mark.parametrize(
    "text", ["", "   ", "fine by me", "/", "/ status", "say /status", "\uff0fstatus"]
)
def test_a_comment_without_a_command_says_so(text: str) -> None:
    assert refused(text) == "this holds no command"


@pytest.mark.parametrize(
    "text",
    [
        "> /approve CH-001",
        "> somebody said\n/approve CH-001",
        ">> /approve CH-001",
        "```\n/approve CH-001\n```",
        "~~~sh\n/approve CH-001\n~~~",
        "```\n/approve CH-001",
        "    /approve CH-001",
        "`/approve CH-001`",
        "`\n/approve CH-001\n`",
        "code `a\n/approve CH-001` goes on",
        "<!--\n/approve CH-001\n-->",
        "<details>\n/approve CH-001\n</details>",
        "see <a title='\n/approve CH-001\n'>",
        "- one\n/approve CH-001",
        "1. /approve CH-001",
        "/approve CH-001\n---",
        "/approve | CH-001\n--- | ---",
    ],
)
def test_a_command_that_is_quoted_is_not_said(text: str) -> None:
    assert "nothing was done" in refused(text) or refused(text) == "this holds no command"


def test_a_command_in_a_quote_is_named_as_such() -> None:
    assert "in a quote" in refused("> /approve CH-001")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/approve", "name the change"),
        ("/approve CH-1", "not a change id"),
        ("/approve CH-001 CH-002", "no place in it"),
        ("/approve ch-001", "not a change id"),
        ("/status now", "no place in it"),
        ("/help me", "no place in it"),
        ("/clarify", "say something"),
        ("/clarify CH-001", "say something"),
        ("/clarify CH-001 --answer Q-1", "say something"),
        ("/clarify CH-001 --answer q1 yes", "Q-1"),
        ("/clarify --answer Q-1 yes", "name the change"),
        ("/concern", "say something"),
        ("/waive test_a -- flaky", "name the change"),
        ("/waive CH-001 test_a", "after -- the reason"),
        ("/waive CH-001 -- flaky", "after -- the reason"),
        ("/waive CH-001 test_a -- ", "after -- the reason"),
        ("/land CH-001", "no command '/land'"),
        ("/Approve CH-001", "no command '/Approve'"),
    ],
)
def test_what_is_not_written_as_a_command_is_said_in_one_sentence(text: str, why: str) -> None:
    assert why in refused(text)


def test_what_hides_or_turns_is_refused_before_anything_is_read() -> None:
    assert "line 2" in refused("hello\n/approve CH-001\u202e")
    assert "line 1" in refused("/approve\x00 CH-001")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UsageError, match="UTF-8"):
        parse_comment(b"/status \xff")


def test_a_comment_too_long_is_not_read() -> None:
    with pytest.raises(UsageError, match="not read"):
        parse_comment(b"/status\n" + b"x" * LONGEST)


def test_hostile_text_stays_the_text_it_is() -> None:
    text = '$(rm -rf ~) `x` <script> @everyone "; --answer Q-1 | cat'
    assert asked(f"/concern CH-001 {text}").text == text


@given(st.text(max_size=200))
def test_no_comment_breaks_the_reader(text: str) -> None:
    try:
        found = parse_comment(text.encode("utf-8", "surrogatepass"))
    except UsageError:
        return
    assert parse_line(found.line) == found


@given(st.text(alphabet="/>`~-* \n\tstauhelp<!a1.|", max_size=60))
def test_what_is_found_stands_at_the_start_of_a_line(text: str) -> None:
    try:
        found = parse_comment(text.encode())
    except UsageError:
        return
    assert found.line in [line.strip(" \t") for line in text.split("\n")]
