"""Totals, and how they are shown."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from totals.reading import Row


def add_up(rows: Iterable[Row]) -> dict[str, Decimal]:
    """The total of each name, in the order of names."""
    totals: dict[str, Decimal] = {}
    for name, amount in rows:
        totals[name] = totals.get(name, Decimal(0)) + amount
    return dict(sorted(totals.items()))


def as_text(totals: Mapping[str, Decimal]) -> str:
    """A table: names to the left, amounts to the right with their points aligned."""
    if not totals:
        return ""
    places = max(_places(amount) for amount in totals.values())
    amounts = {name: f"{amount:.{places}f}" for name, amount in totals.items()}
    left = max(map(len, amounts))
    right = max(map(len, amounts.values()))
    return "".join(f"{name:<{left}} {amount:>{right}}\n" for name, amount in amounts.items())


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
