"""The stamp on a person's message."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codexa_git.hooks.message import comment_mark, stamped
from codexa_git.repository.trailers import parse_trailers

STAMP = (b"Codexa-Change: CH-004", b"Codexa-Stage: spec")
PAIRS = (("Codexa-Change", "CH-004"), ("Codexa-Stage", "spec"))
TAIL = b"Codexa-Change: CH-004\nCodexa-Stage: spec\n"
TEMPLATE = b"""
# Please enter the commit message for your changes.
# On branch change/CH-004
"""
SCISSORS = (
    b"# ------------------------ >8 ------------------------\n# Do not.\ndiff --git a/x b/x\n"
)


def stamp(message: bytes, comment: bytes | None = None, *known: bytes) -> bytes:
    return stamped(message, STAMP, comment, frozenset(known))


CASES = {
    b"say hello\n": b"say hello\n\n" + TAIL,
    b"say hello": b"say hello\n\n" + TAIL,
    b"say hello\n\nBecause.\n": b"say hello\n\nBecause.\n\n" + TAIL,
    b"hello\n\nSigned-off-by: A <a@b>\n": b"hello\n\nSigned-off-by: A <a@b>\n" + TAIL,
    b"fix: hello\n": b"fix: hello\n\n" + TAIL,
    b"fix: hello\n\n(cherry picked from commit 1)\nA: b\n": (
        b"fix: hello\n\n(cherry picked from commit 1)\nA: b\n\n" + TAIL
    ),
    b"hello\n\nCodexa-Change: CH-001\nCodexa-Stage: frame\n": b"hello\n\n" + TAIL,
    b"a\n\n" + TAIL + b"\nb\n\n" + TAIL: b"a\n\n\nb\n\n" + TAIL,
    b"hello\n\ncodexa-change: CH-9\n": b"hello\n\n codexa-change: CH-9\n\n" + TAIL,
    b"Codexa-Stage: say so\n": b" Codexa-Stage: say so\n\n" + TAIL,
    b"hello\n\nCodexa-Record: approval.granted sha256:00\n": (
        b"hello\n\n Codexa-Record: approval.granted sha256:00\n\n" + TAIL
    ),
    b"caf\xe9\n\nS: \xe9\n": b"caf\xe9\n\nS: \xe9\n\n" + TAIL,
    b"hello\n\n#12 is done\n": b"hello\n\n#12 is done\n\n" + TAIL,
}


@pytest.mark.parametrize("message", CASES)
def test_the_stamp_stands_last_and_whatever_claims_our_name_is_set_in(message: bytes) -> None:
    assert stamp(message).rstrip(b"\n") + b"\n" == CASES[message]


@pytest.mark.parametrize("message", [m for m in CASES if b"\xe9" not in m])
def test_who_reads_trailers_strictly_finds_the_stamp_and_no_other_of_ours(message: bytes) -> None:
    found = parse_trailers(stamp(message))
    assert found[-2:] == PAIRS
    assert not any(key.startswith("Codexa-") for key, _ in found[:-2])


def test_stamping_twice_is_stamping_once() -> None:
    for message in CASES:
        assert stamp(stamp(message)) == stamp(message)


@pytest.mark.parametrize("message", [b"", b"\n\n", TEMPLATE, b"\n" + SCISSORS, TEMPLATE + SCISSORS])
def test_a_message_that_says_nothing_is_left_for_git_to_refuse(message: bytes) -> None:
    assert stamp(message, b"#") == message


def test_who_takes_all_but_the_stamp_away_says_nothing() -> None:
    assert stamp(TAIL + TEMPLATE, b"#") == TEMPLATE


def test_the_stamp_stands_above_what_git_cuts_off() -> None:
    found = stamp(b"hello\n" + TEMPLATE + SCISSORS, b"#")
    assert found == b"hello\n\n" + TAIL[:-1] + b"\n" + TEMPLATE + SCISSORS


def test_without_an_editor_nothing_is_cut_off() -> None:
    assert stamp(b"hello\n\n" + SCISSORS).endswith(TAIL[:-1] + b"\n")


def test_a_record_that_the_commit_holds_stays_behind_the_stamp() -> None:
    line = b"Codexa-Record: opened sha256:00"
    assert (
        stamp(b"hello\n\n" + TAIL + line + b"\n", None, line) == b"hello\n\n" + TAIL + line + b"\n"
    )


@pytest.mark.parametrize(
    ("message", "configured", "mark"),
    [
        (b"hello\n", b"", b"#"),
        (b"hello\n", b";", b";"),
        (b"# one\n\n; template\n", b"auto", b";"),
        (b"hello\n", b"auto", b"#"),
        (b"", b"auto", b"#"),
    ],
)
def test_the_mark_of_comments_is_the_configured_one(
    message: bytes, configured: bytes, mark: bytes
) -> None:
    assert comment_mark(message, configured) == mark


LINES = st.sampled_from(
    [
        b"a",
        b"",
        b"#",
        b"# x",
        b"A: b",
        b"Codexa-Stage: spec",
        b"codexa-x: y",
        b"\xff",
        b"A: \xc3\xa9",
    ]
)


@given(st.lists(LINES, max_size=9).map(b"\n".join), st.sampled_from([None, b"#"]))
@example(b"A: b\n\nCodexa-Stage: spec\nA: b", None)
def test_any_message_keeps_its_words_and_ends_in_the_stamp(
    message: bytes, comment: bytes | None
) -> None:
    new = stamp(message, comment)
    said = [line for line in new.split(b"\n") if not (comment and line.startswith(comment))]
    words = [
        line for line in message.split(b"\n") if line.strip() and line != b"Codexa-Stage: spec"
    ]
    kept = [line for line in new.split(b"\n") if line.strip() and line not in STAMP]
    assert [line.strip() for line in kept] == [line.strip() for line in words]
    if any(line for line in words if not (comment and line.startswith(comment))):
        assert [line for line in said if line][-2:] == list(STAMP)
        assert b"\ncodexa-" not in new.lower().replace(b"\n".join(STAMP).lower(), b"")
    assert stamp(new, comment) == new
