from decimal import Decimal

import pytest

from totals.reading import LineError, read_rows


def test_rows_are_read_and_blank_lines_skipped():
    lines = ["ada,12.50\n", "\n", '"Hopper, Grace", -3\n']
    assert list(read_rows(lines, "in")) == [
        ("ada", Decimal("12.50")),
        ("Hopper, Grace", Decimal(-3)),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ada\n", "in:2: expected name,amount and found 1 fields"),
        ("ada,NaN\n", "in:2: 'NaN' is not an amount"),
    ],
)
def test_malformed_line_is_refused_by_number(line, reason):
    with pytest.raises(LineError) as error:
        list(read_rows(["grace,1\n", line], "in"))
    assert str(error.value) == reason
