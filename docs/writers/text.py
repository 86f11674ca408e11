"""The small forms that every generated page is put together from."""

import inspect
import json
from collections.abc import Iterable
from typing import Any

STAMP = "<!-- written by docs/generate.py: edit the code it tells of, then `make docs` -->"


def page(title: str, *parts: str) -> str:
    """A whole page: its title, the stamp, and the parts with an empty line between them."""
    return "\n\n".join([f"# {title}", STAMP, *(part.strip("\n") for part in parts)]) + "\n"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    head = list(header)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def code(value: object) -> str:
    """A word as code; nothing for nothing."""
    return f"`{value}`" if str(value) else ""


def fenced(text: str, language: str = "") -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def as_json(value: Any) -> str:  # noqa: ANN401
    """A JSON document as it is kept in a file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def first_sentence(thing: object) -> str:
    """The first line of what a class or function says of itself."""
    return (inspect.getdoc(thing) or "").split("\n", 1)[0]
