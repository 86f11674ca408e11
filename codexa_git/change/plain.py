r"""Markdown once more, for what a page plainly holds: read line by line, without the real reader.

`verify` reads some five papers of every landing, and what the recipes write uses little of
Markdown: ATX headings, paragraphs, lists of one-line items; and in them words, code in single
backticks, and escapes. Only that is answered here, as the very nodes that the real reader would
give. Whatever else stands in a page, and whatever could be read in two ways, is the real reader's.
The tests hold the two equal.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

_GIVES_UP = ValueError("that is for the real reader to answer")
_NONE: Mapping[str, int] = MappingProxyType({})
_PUNCTUATION = r"[!-/:-@\[-`{-~]"

_HEADING = re.compile(r"(#{1,6}) ([^ #](?:.*[^ #])?)")
_ITEM = re.compile(r"(  )?- (.+)")
_NUMBERED = re.compile(r"([0-9]{1,9})\. (.+)")
# No other kind of block begins so, nor ends in spaces, which are a line break or nothing.
_WORDS = re.compile(rf"(?![0-9]+[.)](?: |$))(?:[^\W_]|\\{_PUNCTUATION}|`|[\"'(*])(?:.*[^ ])?")
_ACTS = re.compile(r"[\\`*\[<&_]")
_WHOLLY_EMPHASISED = re.compile(r"\*([^\\`*\[<&_ ](?:[^\\`*\[<&_]*[^\\`*\[<&_ ])?)\*")
_PIECE = re.compile(
    rf"""(?P<text>(?:[^\\`*\[<&_] | &(?![\#0-9A-Za-z]) | (?<=[0-9A-Za-z])_(?=[0-9A-Za-z]))+)
    | \\(?P<sign>{_PUNCTUATION})
    | (?<!`)`(?P<code>(?!\ )[^`]+(?<!\ ))`(?!`)
    | &(?P<name>lt|amp);""",
    re.VERBOSE,
)
_NAMED = {"lt": "<", "amp": "&"}


class Node(NamedTuple):
    """One node of a page's tree, as `markdown.Node` says."""

    type: str
    tag: str
    map: tuple[int, int] | None = None
    children: "tuple[Node, ...]" = ()
    content: str = ""
    attrs: Mapping[str, int] = _NONE
    block: bool = False


_BREAK = Node("softbreak", "br")


def plainly(text: str) -> tuple[Node, ...] | None:
    """What the real reader would make of this page, block by block; `None`: ask the real one."""
    lines = text.split("\n")
    if not "".join(lines).isprintable():  # a tab, and white space but for spaces, too
        return None
    try:
        return tuple(_blocks(lines if lines[-1] else lines[:-1]))
    except ValueError:
        return None


def _blocks(lines: list[str]) -> Iterator[Node]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line:
            at += 1
            continue
        if line.startswith("#"):
            node, at = _heading(lines, at)
        elif line.startswith("- ") and _ITEM.fullmatch(line):
            node, at = _bullets(lines, at)
        elif _NUMBERED.fullmatch(line):
            node, at = _numbers(lines, at)
        else:
            node, at = _paragraph(lines, at)
        yield node


def _heading(lines: list[str], at: int) -> tuple[Node, int]:
    match = _HEADING.fullmatch(lines[at])
    if match is None:
        raise _GIVES_UP
    place, words = (at, at + 1), match[2]
    inline = Node("inline", "", place, _inline(words), words, block=True)
    return Node("heading", f"h{len(match[1])}", place, (inline,), block=True), at + 1


def _paragraph(lines: list[str], at: int) -> tuple[Node, int]:
    end = at + 1
    while end < len(lines) and lines[end]:
        end += 1
    return _words(lines[at:end], at), end


def _words(lines: list[str], at: int) -> Node:
    """The paragraph that these lines are, none of which begins like another kind of block."""
    if not all(map(_WORDS.fullmatch, lines)):
        raise _GIVES_UP
    found = list(_inline(lines[0], is_all=len(lines) == 1))
    for line in lines[1:]:
        found += (_BREAK, *_inline(line))
    place = (at, at + len(lines))
    inline = Node("inline", "", place, tuple(found), "\n".join(lines), block=True)
    return Node("paragraph", "p", place, (inline,), block=True)


def _bullets(lines: list[str], at: int) -> tuple[Node, int]:
    """The list that begins here; an item may have items below it, and these have none."""
    items = list[Node]()
    while at < len(lines) and (match := _ITEM.fullmatch(lines[at])):
        if match[1]:
            raise _GIVES_UP
        first = at
        words = _words([match[2]], at)
        at += 1
        below = list[Node]()
        while at < len(lines) and (match := _ITEM.fullmatch(lines[at])) and match[1]:
            below.append(_item((_words([match[2]], at),), at, _end(lines, at + 1)))
            at += 1
        end = _end(lines, at)
        inner = (_list("bullet_list", "ul", below),) if below else ()
        items.append(_item((words, *inner), first, end))
        at = end
    _require_end(lines, at)
    return _list("bullet_list", "ul", items), at


def _numbers(lines: list[str], at: int) -> tuple[Node, int]:
    """The numbered list that begins here, of items of one line."""
    first, items = 1, list[Node]()
    while at < len(lines) and (match := _NUMBERED.fullmatch(lines[at])):
        first = first if items else int(match[1])
        end = _end(lines, at + 1)
        items.append(_item((_words([match[2]], at),), at, end))
        at = end
    _require_end(lines, at)
    attrs = _NONE if first == 1 else {"start": first}
    return _list("ordered_list", "ol", items)._replace(attrs=attrs), at


def _end(lines: list[str], after: int) -> int:
    """Where an item ends: an empty line after it is its own."""
    return after + (after < len(lines) and not lines[after])


def _require_end(lines: list[str], at: int) -> None:
    """Nothing: what comes after a list goes on with none of its items."""
    if at == len(lines):
        return
    if not lines[at] or lines[at].startswith(" "):
        raise _GIVES_UP
    if lines[at - 1] and not lines[at].startswith("#"):
        raise _GIVES_UP


def _item(children: tuple[Node, ...], start: int, end: int) -> Node:
    return Node("list_item", "li", (start, end), children, block=True)


def _list(kind: str, tag: str, items: list[Node]) -> Node:
    first, last = items[0].map or (0, 0), items[-1].map or (0, 0)
    return Node(kind, tag, (first[0], last[1]), tuple(items), block=True)


def _inline(words: str, *, is_all: bool = False) -> tuple[Node, ...]:
    """The words of one line; emphasised words only where they are all that the paragraph says."""
    if not _ACTS.search(words):
        return (Node("text", "", None, (), words),)
    if is_all and (match := _WHOLLY_EMPHASISED.fullmatch(words)):
        return (Node("em", "em", None, (Node("text", "", None, (), match[1]),)),)
    return tuple(_pieces(words))


def _pieces(words: str) -> Iterator[Node]:
    text, at = "", 0
    while at < len(words):
        match = _PIECE.match(words, at)
        if match is None:
            raise _GIVES_UP
        at = match.end()
        if match["code"] is None:
            text += match["text"] or match["sign"] or _NAMED[match["name"]]
            continue
        if text:
            yield Node("text", "", content=text)
            text = ""
        yield Node("code_inline", "code", content=match["code"])
    if text:
        yield Node("text", "", content=text)
