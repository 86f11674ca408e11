"""The first run as text, and README's excerpt of it.

`docs/demo-session.txt` is the whole; README chooses commands, and what they printed is put there.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from demo.room import ROOT, DemoError

WHOLE = ROOT / "docs" / "demo-session.txt"
README = ROOT / "README.md"
_EXCERPT = re.compile(r"(?<=<!-- session -->\n```\n).*?(?=```\n<!-- /session -->\n)", re.DOTALL)


class Entry(NamedTuple):
    """A command line as it is shown, and what followed."""

    command: str
    said: str


def command_line(command: str, why: str) -> str:
    """A command as one types it, with a word about it."""
    return f"$ {command}  # {why}" if why else f"$ {command}"


def heading(title: str) -> str:
    """The line that an act begins with."""
    return f"== {title}"


def entries(session: str) -> Iterator[Entry]:
    """The commands of a session, in order."""
    for part in re.split(r"^(?=\$ |== )", session, flags=re.MULTILINE):
        command, _, said = part.partition("\n")
        if command.startswith("$ "):
            yield Entry(command, said.rstrip("\n"))


def excerpt(session: str, chosen: str) -> str:
    """The commands that an older excerpt chose, each with what it prints in this session.

    Raises:
        DemoError: the session has no such command after the one before.
    """
    coming = entries(session)
    lines: list[str] = []
    for wanted in entries(chosen):
        found = next((entry for entry in coming if entry.command == wanted.command), None)
        if found is None:
            raise DemoError(f"README shows a command that the demo does not run: {wanted.command}")
        lines += [found.command, *([found.said] if found.said else [])]
    return "".join(f"{line}\n" for line in lines)


def shown_in(readme: str) -> str:
    """The excerpt between README's two marks.

    Raises:
        DemoError: there is none.
    """
    found = _EXCERPT.search(readme)
    if found is None:
        raise DemoError("README has no excerpt between <!-- session --> and <!-- /session -->")
    return found[0]


def refresh(session: Path) -> None:
    """The documents say what this session says."""
    text = session.read_text(encoding="utf-8")
    readme = README.read_text(encoding="utf-8")
    old = shown_in(readme)
    README.write_text(readme.replace(old, excerpt(text, old)), encoding="utf-8")
    WHOLE.write_text(text, encoding="utf-8")
