"""Canonical JSON, held against the `rfc8785` package."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.audit.canonical import DEEPEST, LARGEST, Json, canonical, digest, is_digest, parsed
from codexa_git.errors import RecordError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(max_codepoint=127))
SCALARS = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20
)


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_reading_gives_back_what_was_written(value: Json) -> None:
    assert parsed(canonical(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(line: bytes) -> None:
    try:
        value = parsed(line)
    except RecordError:
        return
    assert canonical(value) == line


@given(VALUES, st.data())
def test_there_is_one_form_only(value: Json, data: st.DataObject) -> None:
    line = canonical(value)
    at = data.draw(st.integers(0, len(line)))
    for mark in (b" ", b"\n", b"\t", b"\r"):
        spaced = line[:at] + mark + line[at:]
        try:
            assert parsed(spaced) != value
        except RecordError:
            continue


@pytest.mark.parametrize(
    "value",
    [
        *(1.0, float("nan"), float("inf"), -0.0, LARGEST + 1, -LARGEST - 1, 10**400),
        *("\ud800", ["a\udfff"], {"\u00e9": 1}, {"a": {"\u0430": 1}}, b"bytes", object(), {1, 2}),
    ],
)
def test_what_has_no_certain_form_is_refused(value: Any) -> None:  # noqa: ANN401
    with pytest.raises(RecordError):
        canonical(value)


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b" ", b"{", b"NaN", b"Infinity", b"-Infinity", b"1.0", b"1e2", b"-0", b"01", b"+1"),
        *(b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'"\\u0041"', b'"\\/"', b'{"a": 1}', b"[1,]"),
        *(b"\xff", b"\xef\xbb\xbf1", b"1\n", b"1\0", "\u00a01".encode(), b'"\\ud800"', b"'a'"),
        *(b"[" * 100_000, b"[" * 995 + b"]" * 995, b'{"a":' * 990 + b"1" + b"}" * 990),
        *(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), b'{"a":[' * 51 + b"]}" * 51),
        *(b"9" * 5000, b"9007199254740992", '{"\u00e9":1}'.encode(), "1".encode("utf-16")),
    ],
)
def test_any_other_form_is_refused(line: bytes) -> None:
    with pytest.raises(RecordError):
        parsed(line)


@given(st.integers(1, 2 * DEEPEST), st.integers(0, 2 * DEEPEST))
def test_what_is_read_is_nested_no_deeper_than_said(depth: int, beside: int) -> None:
    line = b"[" + b"[" * (depth - 1) + b"]" * (depth - 1) + b",[]" * (beside * (depth > 1)) + b"]"
    if depth <= DEEPEST:
        assert canonical(parsed(line)) == line
    else:
        with pytest.raises(RecordError, match="nested too deeply"):
            parsed(line)


def test_the_reader_and_the_standard_library_agree() -> None:
    assert parsed(b'{"a":[1,"\xc3\xa9",null,true]}') == json.loads('{"a":[1,"\u00e9",null,true]}')


def test_a_digest_is_told_from_anything_else() -> None:
    whole = digest(b"x")
    assert is_digest(whole)
    others = [whole[:-1], whole + "0", whole.upper(), "sha1:" + whole[5:], whole[7:], whole + "\n"]
    assert not any(is_digest(other) for other in others)
    assert not is_digest("sha256:" + 64 * "\uff10")
    assert not any(is_digest(other) for other in (None, 7, b"sha256:", ["sha256:"]))
