"""Shapes: what a field may hold, and nothing that is nearly so."""

from typing import Any

import pytest

from codexa_git.audit import shapes
from codexa_git.audit.canonical import LARGEST
from codexa_git.audit.ids import (
    change_id,
    change_number,
    is_change_id,
    is_criterion_id,
    is_run_id,
    is_task_id,
    parse_change_id,
    run_id,
    task_id,
)
from codexa_git.audit.shapes import Shape
from codexa_git.errors import RecordError, UsageError

OID = "a" * 40
FITS: list[tuple[Shape, Any]] = [
    *((shapes.LINE, text) for text in ("", "plain", "caf\u00e9", "\u6f22", "a b")),
    *((shapes.TEXT, text) for text in ("", "two\nlines", "a\ttab", "caf\u00e9")),
    *((shapes.FLAG, flag) for flag in (True, False)),
    *((shapes.WHOLE, number) for number in (0, 1, LARGEST)),
    *((shapes.INTEGER, number) for number in (-1, 0, 1)),
    *((shapes.OBJECT_ID, oid) for oid in (OID, "0" * 64)),
    *((shapes.MODE, mode) for mode in ("100644", "100755", "120000", "160000")),
    (shapes.optional(shapes.FLAG), None),
    (shapes.one_of("a", "b"), "b"),
    (shapes.listing(shapes.WHOLE), [1, 2]),
    (shapes.mapping(shapes.LINE, shapes.WHOLE), {"a": 1}),
    (shapes.structure(a=shapes.WHOLE), {"a": 1}),
]
HIDDEN = ["\x00", "\x1b[31m", "\x7f", "\x9b", "\u2028", "\u2029", "\u202e", "\u2066", "\ud800"]
BAD: list[tuple[Shape, list[Any]]] = [
    (shapes.LINE, [f"a{text}b" for text in ("\n", "\r", "\t", *HIDDEN)]),
    (shapes.TEXT, [f"a{text}b" for text in ("\r", "\r\n", "\x08", "\x0b", *HIDDEN)]),
    (shapes.LINE, [None, 1, b"a", ["a"]]),
    (shapes.TEXT, [None, 1, b"a", ["a"]]),
    (shapes.FLAG, [0, 1, "true", None]),
    (shapes.WHOLE, [-1, LARGEST + 1, True, 1.0, "1", None]),
    (shapes.INTEGER, [True, 1.0, "1"]),
    (shapes.OBJECT_ID, [OID.upper(), OID[1:], OID + "a", OID + "\n", "g" * 40]),
    (shapes.MODE, ["040000", "100664", "644", 100644, None]),
    (shapes.optional(shapes.FLAG), [0]),
    (shapes.one_of("a", "b"), ["c", "", None, ["a"], {}]),
    (shapes.listing(shapes.WHOLE), [(1,), [1, "2"], {"a": 1}, "12", None]),
    (shapes.mapping(shapes.one_of("a"), shapes.WHOLE), [{"b": 1}, {"a": "1"}, []]),
    (shapes.structure(a=shapes.WHOLE), [{}, {"a": 1, "b": 1}, {"a": "1"}, None, []]),
]
MISFITS = [(shape, value) for shape, values in BAD for value in values]


@pytest.mark.parametrize(("shape", "value"), FITS)
def test_what_fits_passes(shape: Shape, value: object) -> None:
    shape.check(value, "it")


@pytest.mark.parametrize(("shape", "value"), MISFITS)
def test_what_nearly_fits_is_refused_by_name(shape: Shape, value: object) -> None:
    with pytest.raises(RecordError, match=r"^it is not "):
        shape.check(value, "it")


NOT_CHANGES = [
    *("", "CH-1", "CH-01", "CH-000", "CH-0001", "CH-1000000", "ch-001", "CH-001\n", " CH-001"),
    *(
        "CH-001 ",
        "CH-\uff10\uff10\uff11",
        "\u0421H-001",
        "CH\u2010001",
        "../x",
        "CH-001/x",
        "CH--01",
    ),
    *("CH-00a", "CH-\u0660\u0660\u0661", "x" * 5000, "CH-001\0"),
]


@pytest.mark.parametrize("text", NOT_CHANGES)
def test_a_malformed_change_id_is_refused(text: str) -> None:
    assert not is_change_id(text)
    with pytest.raises(UsageError, match="is not a change id") as refused:
        parse_change_id(text)
    assert len(refused.value.message) < 300
    assert refused.value.message.isascii()


@pytest.mark.parametrize("number", [1, 9, 10, 999, 1000, 999_999])
def test_a_change_id_and_its_number_are_one(number: int) -> None:
    name = change_id(number)
    assert parse_change_id(name) == name
    assert change_number(name) == number


@pytest.mark.parametrize("text", ["T-1", "T-00001", "T-01\n", "t-01", "T-\uff10\uff11", "T-1a", ""])
def test_a_malformed_task_id_is_none(text: str) -> None:
    assert not is_task_id(text)


@pytest.mark.parametrize("text", ["run-1", "run-000001", "Run-001", "run-001/", "run-001\n", ""])
def test_a_malformed_run_id_is_none(text: str) -> None:
    assert not is_run_id(text)


@pytest.mark.parametrize(
    "text", ["AC-0", "AC-01", "AC-1\n", "ac-1", "AC-", "AC-\uff11", "AC-12345"]
)
def test_a_malformed_criterion_id_is_none(text: str) -> None:
    assert not is_criterion_id(text)


def test_the_ids_that_are_made_are_well_formed() -> None:
    assert is_task_id(task_id(1))
    assert is_run_id(run_id(1))
    assert is_criterion_id("AC-9999")
