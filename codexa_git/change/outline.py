"""The outline of a paper in Markdown: its title, its sections, and the blocks in them, by line.

The structure is what a CommonMark reader sees, so what a person reads on a page and what a gate
counts are the same: a heading in a code block is no heading, and a comment is no text.
"""

from collections.abc import Iterator
from functools import lru_cache

from codexa_git.change.markdown import Node, nodes_of
from codexa_git.change.memory import recalled, tell
from codexa_git.change.text import oddity, one_line, refused_in_papers
from codexa_git.errors import PaperError
from codexa_git.repository.hashing import hashed
from codexa_git.values import Any, NamedTuple, NoReturn

LARGEST = 64 * 1024
PLACEHOLDER = "Not written yet"


class Item(NamedTuple):
    """One list item: its plain text, the items below it, and what else it holds, if anything."""

    line: int
    text: str
    items: "tuple[Item, ...]"
    stray: str | None


class Block(NamedTuple):
    """One block of a section: `end` is the line after its last, `text` its plain text."""

    kind: str
    line: int
    end: int
    text: str
    items: tuple[Item, ...]

    @property
    def is_written(self) -> bool:
        """True where a reader sees something, and it is not the template's own sentence."""
        if self.kind == "bullet_list":
            return any(not item.text.startswith(PLACEHOLDER) for item in self.items)
        return self.kind != "hidden" and not self.text.startswith(PLACEHOLDER)


class Section(NamedTuple):
    """What stands under one heading of the second level."""

    name: str
    line: int
    blocks: tuple[Block, ...]
    source: str

    @property
    def written(self) -> tuple[Block, ...]:
        """The blocks that someone wrote, without comments and the template's sentences."""
        return tuple(block for block in self.blocks if block.is_written)


class Outline(NamedTuple):
    """A paper: its title's plain text and line, and its sections by name, in order."""

    path: str
    title: str
    line: int
    sections: dict[str, Section]

    def section(self, name: str) -> Section:
        """The section of this name; one with nothing in it where the paper has none."""
        return self.sections.get(name.casefold(), Section(name, self.line, (), ""))


_FORM = repr([(value.__name__, value._fields) for value in (Outline, Section, Block, Item)])


def paper_text(content: bytes, path: str) -> str:
    """The text of a paper, its line ends as LF and without a byte order mark.

    Raises:
        PaperError: it is no UTF-8, too large for people, or holds a control character or a
            character that turns the direction of reading.
    """
    if len(content) > LARGEST:
        raise PaperError(path, None, "is larger than 64 KiB", hint="a paper is for people to read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PaperError(path, line, "this is not UTF-8", hint="save the file as UTF-8") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := refused_in_papers(text):
        line, odd = found
        raise PaperError(path, line, f"the character {odd} has no place in a paper")
    return text


@lru_cache(maxsize=64)
def read_outline(content: bytes, path: str) -> Outline:
    """The outline of a Markdown paper that starts with a title.

    Gates ask for the same few papers again and again, so the last ones are kept.

    Raises:
        PaperError: it has no title or two, or two sections of one name, or `paper_text` refuses it.
    """
    about = hashed("sha256", content).hexdigest()
    known = recalled(path, f"{_FORM} {about}")
    if known is not None:
        return _restored(*known)
    outline = _outline(content, path)
    tell(path, f"{_FORM} {about}", (*outline[:-1], tuple(outline.sections.items())))
    return outline


def _outline(content: bytes, path: str) -> Outline:
    text = paper_text(content, path)
    title: Block | None = None
    marks: list[tuple[Block, list[Block]]] = []
    for level, block in _blocks(text):
        if level == 1:
            if title:
                refuse(path, block.line, f"a paper has one title, and line {title.line} has it")
            title = block
        elif not title and block.kind != "hidden":
            break
        elif level == 2:
            marks.append((block, []))
        elif marks:
            marks[-1][1].append(block)
    if not title:
        refuse(path, 1, "a paper starts with its title", hint="such as: # CH-001 Totals as JSON")
    return Outline(path, title.text, title.line, _sections(text.split("\n"), marks, path))


def _sections(
    lines: list[str], marks: list[tuple[Block, list[Block]]], path: str
) -> dict[str, Section]:
    found: dict[str, Section] = {}
    ends = [heading.line for heading, _ in marks[1:]] + [len(lines) + 1]
    for (heading, blocks), end in zip(marks, ends, strict=bool(marks)):
        name = heading.text.rstrip(" :")
        if name.casefold() in found:
            sentence = f"the section {name!a} is written twice"
            refuse(path, heading.line, sentence, hint="join the two")
        source = _source(lines, heading.end, end, blocks)
        found[name.casefold()] = Section(name, heading.line, tuple(blocks), source)
    return found


def refuse(path: str, line: int | None, sentence: str, *, hint: str | None = None) -> NoReturn:
    """Always raises the `PaperError` of these words."""
    raise PaperError(path, line, sentence, hint=hint)


def list_items(section: Section, path: str, *, hint: str) -> Iterator[Item]:
    """The items of a section that holds bullet lists and headings of lower levels, nothing else.

    Raises:
        PaperError: it holds anything else, or an item holds more than sentences and lists.
    """
    for block in section.written:
        if block.kind == "heading":
            continue
        if block.kind != "bullet_list":
            refuse(
                path, block.line, f"the section {section.name!a} takes list items only", hint=hint
            )
        for item in block.items:
            _check_item(item, path, hint)
            if not item.text.startswith(PLACEHOLDER):
                yield item


def _check_item(item: Item, path: str, hint: str) -> None:
    if item.stray:
        refuse(path, item.line, f"a list item is a sentence here, not a {item.stray}", hint=hint)
    if odd := oddity(item.text):
        refuse(path, item.line, f"the character {odd} has no place in a list item")
    for below in item.items:
        _check_item(below, path, hint)


def _source(lines: list[str], start: int, end: int, blocks: list[Block]) -> str:
    """The lines of a section as written, without comments and the template's sentences."""
    dropped = {
        line for block in blocks if not block.is_written for line in range(block.line, block.end)
    }
    kept = [lines[line - 1] for line in range(start, end) if line not in dropped]
    return "\n".join(kept).strip()


def _blocks(text: str) -> Iterator[tuple[int, Block]]:
    """Every block at the top of the paper, with its heading level (0: no heading, or a low one)."""
    for node in nodes_of(text):
        start, end = node.map or (0, 0)
        level = int(node.tag[1]) if node.type == "heading" and node.tag in ("h1", "h2") else 0
        items = tuple(_item(child) for child in node.children if child.type == "list_item")
        yield level, Block(_kind(node), start + 1, end + 1, _text(node), items)


def _kind(node: Node) -> str:
    is_comment = node.type == "html_block" and node.content.lstrip().startswith("<!--")
    return "hidden" if is_comment else node.type


def _item(node: Node) -> Item:
    below = [child for child in node.children if child.type in ("bullet_list", "ordered_list")]
    sentences = [child for child in node.children if child.type == "paragraph"]
    stray = [child for child in node.children if child not in below and child not in sentences]
    return Item(
        line=(node.map or (0, 0))[0] + 1,
        text=one_line(" ".join(_text(child) for child in sentences)),
        items=tuple(_item(item) for child in below for item in child.children),
        stray=stray[0].type.replace("_", " ") if stray else None,
    )


def _text(node: Node) -> str:
    """What a reader sees of `node`, in one line and without its marks."""
    return one_line(_said(node))


def _said(node: Node) -> str:
    children = node.children
    if not children:
        return " " if node.type in ("softbreak", "hardbreak") else node.content
    if len(children) == 1:
        return _said(children[0])
    return "".join([f"{_said(child)} " if child.block else _said(child) for child in children])


def _restored(path: str, title: str, line: int, sections: Any) -> Outline:  # noqa: ANN401
    """The outline that was remembered as plain tuples."""
    return Outline(path, title, line, {key: _section(*section) for key, section in sections})


def _section(name: str, line: int, blocks: Any, source: str) -> Section:  # noqa: ANN401
    return Section(name, line, tuple(_block(*block) for block in blocks), source)


def _block(kind: str, line: int, end: int, text: str, items: Any) -> Block:  # noqa: ANN401
    return Block(kind, line, end, text, _items(items))


def _items(items: Any) -> tuple[Item, ...]:  # noqa: ANN401
    return tuple(Item(line, text, _items(below), stray) for line, text, below, stray in items)
