"""`traceability-workflow.md`: each line that the owner's workflow asks for, and what meets it now.

The lines are read from `workflow-ms01.md`, what meets them from `workflow_ms01.toml` beside this
module. A line without an entry, or an entry without a line, is an error and no empty row.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from docs.writers.text import code, page, table

_DOCS = Path(__file__).resolve().parents[1]
_HEADING = re.compile(r"## ([0-9]+)\. (.+)")
_LINE = re.compile(r"- \*\*(W([0-9]+)\.([0-9]+))\*\* (.+)")
_FIELDS = ("commands", "requirements", "files", "tests")


class Line(NamedTuple):
    """One thing that the workflow asks, under the heading of its section."""

    id: str
    section: str
    text: str


class Entry(NamedTuple):
    """What meets one line now; `gap` says what does not, and is empty where nothing is missing."""

    commands: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    note: str = ""
    gap: str = ""


def workflow_lines(text: str) -> tuple[Line, ...]:
    """Every numbered line of a text, in order.

    Raises:
        LookupError: a line is not numbered on from the one before it, in its own section.
    """
    found: list[Line] = []
    section, number, last = "", "", 0
    for paragraph in re.split(r"\n(?=- |\n)", text):
        joined = " ".join(paragraph.split())
        if heading := _HEADING.fullmatch(joined):
            number, section, last = heading[1], joined.removeprefix("## "), 0
        elif line := _LINE.fullmatch(joined):
            if (line[2], int(line[3])) != (number, last + 1):
                raise LookupError(f"{line[1]} is not the next line of section {number or 'none'}")
            last += 1
            found.append(Line(line[1], section, line[4]))
    return tuple(found)


def workflow_entries(text: str) -> dict[str, Entry]:
    """Every entry of a table in TOML, by the id of its line.

    Raises:
        LookupError: an entry has a field that nobody knows, of another form, or shows nothing.
    """
    return {name: _entry(name, value) for name, value in tomllib.loads(text).items()}


def _entry(name: str, value: dict[str, object]) -> Entry:
    if unknown := value.keys() - set(Entry._fields):
        raise LookupError(f"{name}: nobody knows {', '.join(sorted(unknown))}")
    fields: dict[str, tuple[str, ...]] = {}
    for field in _FIELDS:
        listed = value.get(field, [])
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            raise LookupError(f"{name}: {field} is no list of strings")
        fields[field] = tuple(listed)
    entry = Entry(**fields, note=str(value.get("note", "")), gap=str(value.get("gap", "")))
    if not entry.tests and not entry.gap:
        raise LookupError(f"{name} has neither a test nor a gap")
    return entry


def read() -> dict[Line, Entry]:
    """Every line of milestone 1 with what meets it, in order.

    Raises:
        LookupError: a line has no entry, or an entry no line.
    """
    lines = workflow_lines((_DOCS / "workflow-ms01.md").read_text(encoding="utf-8"))
    met_by = _DOCS / "writers" / "workflow_ms01.toml"
    return paired(lines, workflow_entries(met_by.read_text(encoding="utf-8")))


def paired(lines: Sequence[Line], entries: dict[str, Entry]) -> dict[Line, Entry]:
    """Each line with its entry, in the order of the lines.

    Raises:
        LookupError: a line has no entry, or an entry no line.
    """
    known = [line.id for line in lines]
    if odd := sorted(entries.keys() ^ set(known)):
        raise LookupError(f"told of in one place alone: {', '.join(odd)}")
    return {line: entries[line.id] for line in lines}


def traceability() -> str:
    """The page: each section's lines in a table, and how many have a gap."""
    told = read()
    gaps = [line.id for line, entry in told.items() if entry.gap]
    return page(
        "Traceability of the workflow",
        "What [milestone 1 asks of the workflow](workflow-ms01.md), line by line, and what meets it"
        " now: what a person types, the [requirements](reference/requirements.md) that ask it, the"
        " files where it shows, and tests that would fail without it. In a file's name, `###` and"
        " `##` stand for a number. A gap says what is not met.",
        f"{len(told) - len(gaps)} of {len(told)} lines are met in full; a gap is left in"
        f" {', '.join(gaps) or 'none'}.",
        *_sections(told),
    )


def _sections(told: dict[Line, Entry]) -> Iterator[str]:
    for section in dict.fromkeys(line.section for line in told):
        rows = [_row(line, entry) for line, entry in told.items() if line.section == section]
        yield f"## {section}"
        yield table(("line", "asks", "met by", "shown by"), rows)


def _row(line: Line, entry: Entry) -> tuple[str, ...]:
    return line.id, line.text, _met(entry), "; ".join(map(_test, entry.tests))


def _met(entry: Entry) -> str:
    parts = [
        ", ".join(map(code, named))
        for named in (entry.commands, entry.requirements, entry.files)
        if named
    ]
    parts += [entry.note] if entry.note else []
    parts += [f"**Gap:** {entry.gap}."] if entry.gap else []
    return "<br>".join(parts)


def _test(name: str) -> str:
    """A test by the sentence that its name is, leading to its file."""
    path, _, function = name.partition("::")
    return f"[{function.removeprefix('test_').replace('_', ' ')}](../{path})"
