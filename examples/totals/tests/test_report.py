from decimal import Decimal

from totals.reading import Row
from totals.report import add_up, as_text


def test_amounts_are_added_exactly():
    rows = [Row("ada", Decimal("0.1")), Row("ada", Decimal("0.2"))]
    assert add_up(rows) == {"ada": Decimal("0.3")}


def test_text_is_a_table_in_the_order_of_names():
    totals = add_up([Row("grace", Decimal(3)), Row("ada", Decimal("-10.25"))])
    assert as_text(totals) == "ada   -10.25\ngrace   3.00\n"
