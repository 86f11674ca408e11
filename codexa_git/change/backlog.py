"""The backlog, `changes/backlog.toml`: what is to be done, in what order.

    [[item]]
    id = "BL-001"
    title = "Totals as JSON"
    priority = 1                  # 1 comes first; where two are equal, the first in the file
    milestone = "MS-01"           # may be left out, and so may requirements
    requirements = ["FR-29"]

People may edit the file with any editor. The tool numbers the priorities anew whenever it writes,
keeps the text above the first item as it is, and refuses to write where it would lose a comment.
"""

import re
import tomllib
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from codexa_git.audit.ids import is_item_id, is_milestone_id, is_requirement_id
from codexa_git.change.outline import paper_text, refuse
from codexa_git.change.paths import BACKLOG
from codexa_git.change.text import clean_title
from codexa_git.change.toml import parse_toml
from codexa_git.errors import UsageError

HEAD = "# What is to be done, first things first: git codexa backlog add, list and rank.\n\n"
"""What a new backlog begins with."""

MOST = 999
_NAMES = frozenset(("id", "title", "priority", "milestone", "requirements"))
_START = re.compile(r"^[ \t]*\[\[[ \t]*item[ \t]*\]\]", re.MULTILINE)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'")
_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Item(NamedTuple):
    """One thing to do: 1 is the first priority, and `line` is where the file has it."""

    id: str
    title: str
    priority: int
    milestone: str | None = None
    requirements: tuple[str, ...] = ()
    line: int = 0


def parse_backlog(content: bytes, path: str = BACKLOG) -> tuple[Item, ...]:
    """The items of the file, first priority first.

    Raises:
        PaperError: with file and line: it is no TOML, says something unknown, uses an id twice, or
            holds a title, a priority or an id that is none.
    """
    text = paper_text(content, path)
    value = _toml(text, path)
    tables = value.pop("item", [])
    if value or not isinstance(tables, list) or len(tables) > MOST:
        refuse(path, 1, f"this file holds at most {MOST} [[item]] tables and nothing else")
    lines = [text.count("\n", 0, match.start()) + 1 for match in _START.finditer(text)]
    if len(lines) != len(tables):
        refuse(path, 1, "each item is a table of its own", hint="[[item]]")
    found: dict[str, Item] = {}
    for table, line in zip(tables, lines, strict=True):
        item = _item(table, line, path)
        if item.id in found:
            first = found[item.id].line
            refuse(path, line, f"{item.id} is used twice, first on line {first}")
        found[item.id] = item
    return tuple(sorted(found.values(), key=lambda item: item.priority))


def _toml(text: str, path: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        message = _LINE.sub("", str(error))
        refuse(path, line, f"this is not TOML: {message[:1].lower()}{message[1:]}")
    except (RecursionError, ValueError):
        refuse(path, None, "this TOML is too deep, or holds a number too long, to be read")


def _item(value: dict[str, Any], line: int, path: str) -> Item:
    name = value.get("id")
    if not isinstance(name, str) or not is_item_id(name):
        refuse(path, line, f"{_shown(name)} is no id of an item", hint='id = "BL-001"')
    if odd := sorted(value.keys() - _NAMES):
        hint = f"an item takes {', '.join(sorted(_NAMES))}"
        refuse(path, line, f"{name} says {_shown(odd[0])}, which no item has", hint=hint)
    return Item(
        name,
        _title(name, value.get("title"), line, path),
        _priority(name, value.get("priority"), line, path),
        _milestone(name, value.get("milestone"), line, path),
        _requirements(name, value.get("requirements", []), line, path),
        line,
    )


def _title(name: str, value: object, line: int, path: str) -> str:
    try:
        return clean_title(value if isinstance(value, str) else "")
    except UsageError as error:
        refuse(path, line, f"{name}: {error.message}", hint=error.hints[0])


def _priority(name: str, value: object, line: int, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**6:
        refuse(path, line, f"{name} has no priority: a whole number, 1 first", hint="priority = 1")
    return value


def _milestone(name: str, value: object, line: int, path: str) -> str | None:
    if value is not None and not (isinstance(value, str) and is_milestone_id(value)):
        refuse(path, line, f"{name}: {_shown(value)} is no milestone", hint='milestone = "MS-01"')
    return value


def _requirements(name: str, value: object, line: int, path: str) -> tuple[str, ...]:
    ids = value if isinstance(value, list) else [None]
    good = [one for one in ids if isinstance(one, str) and is_requirement_id(one)]
    if len(good) < len(ids) or len(set(good)) < len(good):
        hint = 'requirements = ["FR-29"]'
        refuse(path, line, f"{name}: these are no requirements, each once", hint=hint)
    return tuple(good)


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def format_backlog(items: Sequence[Item], before: bytes | None, path: str = BACKLOG) -> bytes:
    """The file with these items in this order, below what people wrote at its top.

    Raises:
        PaperError: a comment stands where this would lose it.
    """
    import tomli_w  # noqa: PLC0415

    tables = [tomli_w.dumps(_table(item, place)) for place, item in enumerate(items, 1)]
    return (_head(before, path) + "\n".join(f"[[item]]\n{table}" for table in tables)).encode()


def _table(item: Item, place: int) -> dict[str, Any]:
    table: dict[str, Any] = {"id": item.id, "title": item.title, "priority": place}
    if item.milestone is not None:
        table["milestone"] = item.milestone
    if item.requirements:
        table["requirements"] = list(item.requirements)
    return table


def _head(before: bytes | None, path: str) -> str:
    if before is None:
        return HEAD
    text = paper_text(before, path)
    start = _START.search(text)
    head = text[: start.start()] if start else text
    for number, line in enumerate(text[len(head) :].split("\n"), head.count("\n") + 1):
        if "#" in _STRING.sub("", line):
            sentence = "a comment here would be lost when the backlog is written anew"
            refuse(path, number, sentence, hint="put it above the first [[item]]")
    return head if not head or head.endswith("\n") else f"{head}\n"


def placed(items: Sequence[Item], item: Item, place: int | None) -> tuple[Item, ...]:
    """The items with this one at `place`, counted from 1; at the end where none is given."""
    others = [other for other in items if other.id != item.id]
    index = len(others) if place is None else min(place - 1, len(others))
    return (*others[:index], item, *others[index:])


def ranked(items: Sequence[Item], name: str, place: int) -> tuple[Item, ...]:
    """The items with the one of this id moved to `place`.

    Raises:
        UsageError: the backlog has no such item.
    """
    return placed(items, item_named(items, name), place)


def item_named(items: Sequence[Item], name: str) -> Item:
    """The item of this id.

    Raises:
        UsageError: the backlog has no such item.
    """
    for item in items:
        if item.id == name:
            return item
    known = ", ".join(item.id for item in items[:5]) or "none"
    raise UsageError(
        f"the backlog has no item {_shown(name)}", hint=f"it has {known}: git codexa backlog list"
    )


def without(items: Sequence[Item], names: Collection[str]) -> tuple[Item, ...]:
    """The items that are not among these ids."""
    return tuple(item for item in items if item.id not in names)
