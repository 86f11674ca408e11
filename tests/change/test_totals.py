"""Totals: the same figures are the same bytes, and strangers' titles stay in their cells."""

from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.totals import Account, Counted, account, figures, rows, totals_block


def change(number: int, place: str, milestone: str | None = None, **other: object) -> Counted:
    made = Counted(f"CH-{number:03d}", "a title", milestone, place, "2026-11-20", 2, 1, 1)
    return made._replace(**other)  # type: ignore[arg-type]


LANDED = [
    change(2, "landed", "MS-01", lines=(8, 9), replayed=True),
    change(1, "landed", "MS-02", lines=None, replayed=False),
    change(3, "landed", None, lines=(9, 10), replayed=True),
]
OTHERS = [
    change(1000, "spec", "MS-01"),
    change(5, "closed"),
    change(4, "abandoned", "MS-03"),
]


def test_the_newest_landed_change_says_how_many_lines_are_covered() -> None:
    found = account(LANDED, OTHERS, tried=True)
    assert found.all.lines == (9, 10)
    assert {name: those.lines for name, those in found.milestones} == {
        "MS-01": (8, 9),
        "MS-02": None,
        "MS-03": None,
    }
    assert account(LANDED[:2], OTHERS, tried=True).all.lines is None


def test_what_was_tried_is_told_apart_from_what_was_not() -> None:
    found = account(LANDED, OTHERS, tried=True)
    assert found.all.replayed == (2, 3)
    assert [those.replayed for _, those in found.milestones] == [(1, 1), (0, 1), (0, 0)]
    assert account(LANDED, OTHERS, tried=False).all.replayed is None
    assert dict(rows(figures([], tried=True)))["landed changes that replay the same"] == "none yet"


def test_open_changes_are_named_by_number_and_the_others_are_not() -> None:
    found = account(LANDED, OTHERS, tried=False)
    assert [one.change for one in found.open] == ["CH-005", "CH-1000"]


@given(st.permutations(OTHERS))
def test_the_order_of_reading_changes_no_byte(others: list[Counted]) -> None:
    usual = totals_block(account(LANDED, OTHERS, tried=True))
    assert totals_block(account(LANDED, others, tried=True)) == usual


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=72))
def test_any_title_stays_in_its_cell(title: str) -> None:
    found = account([], [change(1, "spec", title=title)], tried=False)
    text = totals_block(found).decode()
    (row,) = (line for line in text.split("\n") if line.startswith("| CH-001 "))
    cells = row.replace("\\\\", "").replace("\\|", "").split("|")
    assert len(cells) == 9
    assert "<!--" not in text


def test_nothing_at_all_has_totals_too() -> None:
    assert totals_block(Account((), figures([]), ())).decode().split("\n") == [
        "## Totals",
        "",
        "| all changes | |",
        "| --- | --- |",
        "| changes by stage | none yet |",
        "| criteria covered by completed tasks | none yet |",
        "| lines covered by tests | not measured |",
        "| landed changes that replay the same | not measured |",
        "| open concerns | 0 |",
        "",
    ]
