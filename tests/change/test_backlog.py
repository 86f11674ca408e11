"""The backlog: read strictly, written tidily, and nothing that people wrote is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.backlog import (
    HEAD,
    Item,
    format_backlog,
    parse_backlog,
    placed,
    ranked,
    without,
)
from codexa_git.change.text import clean_title
from codexa_git.errors import PaperError, UsageError

ITEM = '[[item]]\nid = "{id}"\ntitle = "{title}"\npriority = {priority}\n'
THREE = tuple(Item(f"BL-00{n}", f"thing {n}", n) for n in (1, 2, 3))


def item(name: str = "BL-001", title: str = "thing", priority: object = 1) -> str:
    return ITEM.format(id=name, title=title, priority=priority)


def ids(items: tuple[Item, ...]) -> list[str]:
    return [one.id for one in items]


def test_the_first_priority_comes_first_and_equals_keep_their_order() -> None:
    text = item("BL-003", priority=2) + item("BL-001", priority=1) + item("BL-002", priority=1)
    assert ids(parse_backlog(text.encode())) == ["BL-001", "BL-002", "BL-003"]


def test_an_empty_file_is_an_empty_backlog() -> None:
    assert parse_backlog(b"") == ()


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (item() + item(), 5, "BL-001 is used twice, first on line 1"),
        (item("BL-1"), 1, "'BL-1' is no id of an item"),
        (item("BL-000"), 1, "'BL-000' is no id of an item"),
        (item("BL-001\\n"), 1, "'BL-001\\n' is no id of an item"),
        (item("\N{CYRILLIC CAPITAL LETTER VE}L-001"), 1, "'\\u0412L-001' is no id of an item"),
        ('[[item]]\ntitle = "x"\n', 1, "None is no id of an item"),
        (item() + 'owner = "me"\n', 1, "BL-001 says 'owner', which no item has"),
        (item(title=""), 1, "BL-001: a title cannot be empty"),
        (item(title="two\\nlines"), 1, "BL-001: a title is one line of plain text"),
        (item(title="\\u001b[31mred"), 1, "BL-001: a title is one line of plain text"),
        (item(title="x" * 73), 1, "BL-001: a title has at most 72 characters"),
        (item(priority=0), 1, "BL-001 has no priority"),
        (item(priority="true"), 1, "BL-001 has no priority"),
        (item(priority="1.0"), 1, "BL-001 has no priority"),
        (item() + "milestone = 1\n", 1, "BL-001: 1 is no milestone"),
        (item() + 'milestone = "../x"\n', 1, "BL-001: '../x' is no milestone"),
        (item() + 'requirements = "FR-1"\n', 1, "BL-001: these are no requirements"),
        (item() + 'requirements = ["FR-1", "FR-1"]\n', 1, "BL-001: these are no requirements"),
        (item() + 'requirements = ["fr 1"]\n', 1, "BL-001: these are no requirements"),
        ("\n" + item() + "x =\n", 6, "this is not TOML: invalid value"),
        ("[item]\n", 1, "[[item]] tables and nothing else"),
        ("item = [1]\n", 1, "each item is a table of its own"),
        ('item = [{ id = "BL-001" }]\n', 1, "each item is a table of its own"),
        ("[policy]\n", 1, "[[item]] tables and nothing else"),
        ("x = " + "[" * 3000, None, "this TOML is too deep"),
        ("a = 1\x07\n", 1, "the character \\x07 has no place in a paper"),
    ],
)
def test_a_bad_backlog_is_refused_with_its_line(text: str, line: int | None, sentence: str) -> None:
    with pytest.raises(PaperError) as caught:
        parse_backlog(text.encode())
    assert sentence in caught.value.message
    assert caught.value.line == line
    assert caught.value.path == "changes/backlog.toml"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(PaperError, match="this is not UTF-8"):
        parse_backlog(b"\xff")


def test_what_is_written_is_numbered_anew_and_reads_back() -> None:
    items = (Item("BL-007", "b", 40, "MS-01", ("FR-29", "NFR-1")), Item("BL-002", 'say "a"', 40))
    content = format_backlog(items, None)
    assert content.startswith(HEAD.encode())
    read = parse_backlog(content)
    assert [one._replace(line=0) for one in read] == [
        items[0]._replace(priority=1),
        items[1]._replace(priority=2),
    ]


def test_what_people_wrote_at_the_top_stays() -> None:
    before = f"# ours: do not hurry\n# at all\n\n{item()}"
    after = format_backlog(THREE, before.encode())
    assert after.startswith(b"# ours: do not hurry\n# at all\n\n[[item]]\n")
    assert format_backlog((), after) == b"# ours: do not hurry\n# at all\n\n"


@pytest.mark.parametrize("comment", ["# later\n", "milestone = 'MS-01' # soon\n"])
def test_a_comment_that_would_be_lost_is_refused_with_its_line(comment: str) -> None:
    with pytest.raises(PaperError, match="a comment here would be lost") as caught:
        format_backlog(THREE, (item() + comment).encode())
    assert caught.value.line == 5


def test_a_hash_in_a_title_is_no_comment() -> None:
    before = item(title='the \\"#1\\" thing') + "requirements = ['FR-1']\n"
    assert format_backlog(parse_backlog(before.encode()), before.encode()).count(b"#1") == 1


def test_writing_twice_changes_nothing() -> None:
    once = format_backlog(THREE, None)
    assert format_backlog(parse_backlog(once), once) == once


@pytest.mark.parametrize(
    ("place", "order"),
    [
        (None, ["BL-001", "BL-002", "BL-003", "BL-009"]),
        (1, ["BL-009", "BL-001", "BL-002", "BL-003"]),
        (3, ["BL-001", "BL-002", "BL-009", "BL-003"]),
        (99, ["BL-001", "BL-002", "BL-003", "BL-009"]),
    ],
)
def test_an_item_goes_to_its_place(place: int | None, order: list[str]) -> None:
    assert ids(placed(THREE, Item("BL-009", "new", 0), place)) == order


@pytest.mark.parametrize(
    ("name", "place", "order"),
    [
        ("BL-003", 1, ["BL-003", "BL-001", "BL-002"]),
        ("BL-001", 2, ["BL-002", "BL-001", "BL-003"]),
        ("BL-001", 9, ["BL-002", "BL-003", "BL-001"]),
        ("BL-002", 2, ["BL-001", "BL-002", "BL-003"]),
    ],
)
def test_an_item_moves_and_the_others_make_room(name: str, place: int, order: list[str]) -> None:
    assert ids(ranked(THREE, name, place)) == order


def test_an_unknown_item_is_named_beside_the_known() -> None:
    with pytest.raises(UsageError, match="no item 'BL-009'") as caught:
        ranked(THREE, "BL-009", 1)
    assert caught.value.hints == ("it has BL-001, BL-002, BL-003: git codexa backlog list",)


def test_items_are_left_out_by_id() -> None:
    assert ids(without(THREE, {"BL-002", "BL-009"})) == ["BL-001", "BL-003"]


def _is_title(text: str) -> bool:
    try:
        return clean_title(text) == text
    except UsageError:
        return False


@given(st.lists(st.text(max_size=72).filter(_is_title), max_size=5))
def test_any_title_reads_back(titles: list[str]) -> None:
    items = tuple(Item(f"BL-{n:03d}", title, n) for n, title in enumerate(titles, 1))
    content = format_backlog(items, None)
    assert [one.title for one in parse_backlog(content)] == titles
    assert format_backlog(parse_backlog(content), content) == content
