"""Quoting a paper: Markdown that reads as the paper does, and acts as nothing.

What stands in a shared page stands beside what others wrote. A comment or a fence that nobody
ends, raw HTML, or a heading of the first level would act on all that follows; so the paper is read
as a CommonMark reader sees it, and written anew: headings a level lower, code in fences that hold
it, links as their words and their address, and HTML as text.
"""

import re
from collections.abc import Callable, Iterator

from codexa_git.change.markdown import Node, nodes_of
from codexa_git.change.text import code_span, escaped, one_line, visible

_HIGHEST, _DEEPEST = 3, 6
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def quoted(text: str) -> str:
    """The text of a paper without its title, safe to stand in another page."""
    nodes = nodes_of(text)
    title = next((node for node in nodes if node.tag == "h1"), None)
    return "\n\n".join(part for node in nodes if node is not title and (part := _block(node)))


def opening(text: str) -> str:
    """The first paragraph of a text in Markdown, in one line; empty where it has none."""
    nodes = nodes_of(text)
    return next((_block(node) for node in nodes if node.type == "paragraph"), "")


def _block(node: Node) -> str:
    """One block, anew; empty for what no reader sees."""
    return _WRITERS.get(node.type, _as_text)(node)


def _heading(node: Node) -> str:
    level = max(_HIGHEST, min(_DEEPEST, int(node.tag[1]) + 1))
    return f"{'#' * level} {_inline(node)}"


def _paragraph(node: Node) -> str:
    return _inline(node)


def _list(node: Node) -> str:
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    items = []
    for place, item in enumerate(node.children):
        mark = "-" if number is None else f"{number + place}."
        items.append(_indented(mark, [part for child in item.children if (part := _block(child))]))
    return "\n".join(items)


def _indented(mark: str, parts: list[str]) -> str:
    """The parts of one list item behind its mark, each line in the item's own column."""
    lines = "\n\n".join(parts).split("\n")
    margin = " " * (len(mark) + 1)
    return "\n".join([f"{mark} {lines[0]}", *(f"{margin}{line}".rstrip() for line in lines[1:])])


def _quote(node: Node) -> str:
    parts = [part for child in node.children if (part := _block(child))]
    return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(parts).split("\n"))


def _code(node: Node) -> str:
    content = visible(node.content).removesuffix("\n")
    longest = max((len(run) for run in re.findall("`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{content}\n{fence}"


def _rule(node: Node) -> str:
    del node
    return "***"


def _html(node: Node) -> str:
    """HTML as text, but for comments; what follows one in its last line is there to be read."""
    return _words(one_line(_COMMENT.sub("", node.content)))


def _as_text(node: Node) -> str:
    return escaped(visible(one_line(node.content)))


_WRITERS: dict[str, Callable[[Node], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "bullet_list": _list,
    "ordered_list": _list,
    "blockquote": _quote,
    "fence": _code,
    "code_block": _code,
    "hr": _rule,
    "html_block": _html,
}


def _inline(node: Node) -> str:
    """The words of a heading or paragraph in one line, code as code and all else as text."""
    words, found = "", list[str]()
    for is_code, piece in _pieces(node):
        if not is_code:
            words += piece
            continue
        found += [_words(words if found else words.lstrip()), code_span(piece)]
        words = ""
    # Before they are escaped: a space that goes afterwards would uncover what acts at an edge.
    return "".join([*found, _words((words if found else words.lstrip()).rstrip())])


def _words(text: str) -> str:
    return escaped(visible(text))


def _pieces(node: Node) -> Iterator[tuple[bool, str]]:
    for child in node.children:
        if child.type == "code_inline":
            yield True, child.content
        elif child.type in ("softbreak", "hardbreak"):
            yield False, " "
        elif child.children:
            yield from _pieces(child)
        else:
            yield False, child.content
        if child.type in ("link", "image"):
            address = str(child.attrs.get("href") or child.attrs.get("src") or "")
            yield False, f" ({address})" if address else ""
