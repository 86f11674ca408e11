"""Markdown as a tree of nodes: what a CommonMark reader sees, whichever of two readers it is."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from codexa_git.change.plain import plainly

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


class Node(Protocol):
    """One node of a page's tree, as both readers give it."""

    @property
    def type(self) -> str:
        """What kind of node it is."""

    @property
    def tag(self) -> str:
        """What it is in HTML."""

    @property
    def map(self) -> tuple[int, int] | None:
        """Its first line, counted from 0, and the line after its last."""

    @property
    def children(self) -> "Sequence[Node]":
        """What is in it, in order."""

    @property
    def content(self) -> str:
        """The text of a node that has no children."""

    @property
    def attrs(self) -> Mapping[str, Any]:
        """The first number of a list, the address of a link."""

    @property
    def block(self) -> bool:
        """False for what stands within a line."""


@lru_cache(maxsize=16)
def nodes_of(text: str) -> "Sequence[Node]":
    """The blocks of a page, in order; a paper is outlined and quoted, so the last are kept."""
    found = plainly(text)
    return read(text) if found is None else found


def read(text: str) -> "Sequence[Node]":
    """The blocks of a page as the real reader answers, which knows all of CommonMark."""
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415

    return SyntaxTreeNode(_reader().parse(text)).children


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415

    return MarkdownIt("commonmark")
