"""Lines of `name,amount`, read strictly."""

import csv
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

# Fifteen digits before the point and six after it: a million such amounts add up exactly within
# the 28 digits that Decimal keeps.
_AMOUNT = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,6})?")


class Row(NamedTuple):
    """One line."""

    name: str
    amount: Decimal


class LineError(Exception):
    """A line that is not `name,amount`."""

    def __init__(self, source: str, line: int, reason: str) -> None:
        super().__init__(f"{source}:{line}: {reason}")


def read_rows(lines: Iterable[str], source: str) -> Iterator[Row]:
    """Each line that is not blank; `source` is what errors call the input."""
    reader = csv.reader(lines, strict=True, skipinitialspace=True)
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                yield _row(fields, source, reader.line_num)
    except csv.Error as error:
        raise LineError(source, reader.line_num, str(error)) from error


def _row(fields: list[str], source: str, line: int) -> Row:
    if len(fields) != 2:
        raise LineError(source, line, f"expected name,amount and found {len(fields)} fields")
    name, amount = (field.strip() for field in fields)
    if not name:
        raise LineError(source, line, "the name is empty")
    if not _AMOUNT.fullmatch(amount):
        raise LineError(source, line, f"{amount!a} is not an amount")
    return Row(name, Decimal(amount))
