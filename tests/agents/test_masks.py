import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.agents.masks import log_text, mask, one_line, short
from codexa_git.errors import AgentError

RUN = Path("/runs/codexa-1/tree")


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("2 passed in 0.12s", "2 passed in <time>"),
        ("2 passed in 61.20s (0:01:01)", "2 passed in <time> <time>"),
        ("Ran 3 tests in 1.03 seconds", "Ran 3 tests in <time>"),
        ("took 12ms, 3 µs and 1m 2.5s", "took <time>, <time> and <time>"),
        ("at 2024-05-06T07:08:09.123Z and 2024-05-06 07:08", "at <time> and <time>"),
        ("<object at 0x7f3a5c0d2e10>", "<object at <address>>"),
        ("0x1f, v2s, 5 seeds, 3.4 miles, s3", "0x1f, v2s, 5 seeds, 3.4 miles, s3"),
        ("in /runs/codexa-1/tree/a.py", "in <run>/a.py"),
        ("in /runs/codexa-1/home/.cache", "in <home>/.cache"),
        ("pid 4711", "pid <masked>"),
    ],
)
def test_what_differs_each_time_is_masked(said: str, masked: str) -> None:
    places = {"home": Path("/runs/codexa-1/home")}

    assert mask(said.encode(), RUN, ["(?<=pid )[0-9]+"], places=places).decode() == masked


def test_a_folder_in_a_folder_is_masked_before_the_outer_one() -> None:
    places = {"env": RUN / "env"}

    assert mask(b"/runs/codexa-1/tree/env/bin", RUN, places=places) == b"<env>/bin"


def test_a_folder_behind_a_link_is_masked_under_both_names(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    said = f"{tmp_path}/link {tmp_path}/real".encode()

    assert mask(said, tmp_path / "link") == b"<run> <run>"


def test_a_mask_that_is_no_expression_is_an_error() -> None:
    with pytest.raises(AgentError, match="is not a regular expression"):
        mask(b"", RUN, ["("])


def test_a_long_line_is_cut_so_that_patterns_stay_quick() -> None:
    began = time.process_time()
    masked = mask(b"1" * 1_000_000 + b"\nend", RUN, ["(1+)x"])

    assert masked == b"1" * 4096 + b" [cut]\nend"
    assert time.process_time() - began < 5


@given(st.binary(max_size=300))
def test_any_bytes_can_be_masked_line_by_line(said: bytes) -> None:
    masked = mask(said, RUN, ["[a-c]x"]).split(b"\n")

    assert masked == [mask(line, RUN, ["[a-c]x"]) for line in said.split(b"\n")]


@given(st.binary(max_size=600), st.integers(min_value=128, max_value=400))
def test_short_is_never_longer_than_asked(said: bytes, most: int) -> None:
    found = short(said, most)

    assert len(found) <= most
    assert (found == said) == (len(said) <= most)


def test_short_keeps_whole_lines_and_counts_the_rest() -> None:
    said = b"".join(b"line %04d\n" % number for number in range(1000))

    found = short(said, 200)

    assert found.startswith(b"line 0000\nline 0001\n")
    assert found.endswith(b"line 0999\n")
    assert b"\n[9880 bytes left out]\n" in found
    assert short(found, 200) == found


def test_short_does_not_cut_a_character_in_two() -> None:
    assert "�" not in short("é".encode() * 5000, 201).decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07after", "after"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bP1;2q...\x1b\\x", "x"),
        (b"\x1b(Bx\x1bcy", "xy"),
        (b"10%\r20%\r\ndone", "10%\n20%\ndone"),
        (b"a\x00\x07\x08\x7fb\tc\n", "ab\tc\n"),
        (b"\xff\xfe", "��"),
        ("a\u202eb\u2066c\x9bd".encode(), "abcd"),
        (b"\x1b\x1b[31m", ""),
    ],
)
def test_a_log_is_safe_to_show(said: bytes, text: str) -> None:
    assert log_text(said) == text


@given(st.binary(max_size=400))
def test_no_control_survives_whatever_was_said(said: bytes) -> None:
    kept = {sign for sign in log_text(said) if unicodedata.category(sign) in ("Cc", "Cs")}

    assert kept <= {"\n", "\t"}


def test_a_line_is_the_first_that_says_something_and_not_too_long() -> None:
    assert one_line("\n  \n first\tone \nsecond", 20) == "first one"
    assert one_line("abcdef", 4) == "abc…"
    assert one_line(" \n", 9) == ""
