"""The brief: what is asked for, and how one will know that it is done.

A brief is Markdown that people write with any editor. Prose is theirs; the acceptance criteria are
read strictly, because plan, tests and approvals hang on their ids.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codexa_git.audit.ids import is_change_id, is_criterion_id
from codexa_git.change.outline import Item, Outline, Section, list_items, read_outline, refuse
from codexa_git.change.text import clean_title, escaped, oddity, one_line
from codexa_git.change.vague import why_vague
from codexa_git.errors import UsageError

__all__ = [
    "Brief",
    "Criterion",
    "clean_title",
    "completed_brief",
    "format_brief",
    "gaps",
    "parse_brief",
    "questions",
    "unchecked",
]

_OWN_PATH = re.compile(r"(?:.*/)?changes/(CH-[0-9]+)/[^/]+")
_INNER_ID = re.compile(r"\bAC-[0-9]+:")
_HINT = "write each criterion as: - AC-1: what one can check"
_SECTIONS = {
    "Context": "why this is wanted, and for whom.",
    "Scope": "what this change does, a list item each.",
    "Out of scope": "what it leaves alone, a list item each.",
    "Acceptance criteria": "what one can check when it is done, as `- AC-1: ...`.",
    "Clarifications": "what was unclear, with its answer; git codexa clarify asks what is open.",
}
BACKLOG_SECTION = "Backlog"
_ASKS = re.compile(r"[?\uff1f\u061f]\W*$")
_LABEL = re.compile(r"(?i)^(q(?:uestion)?[- ]?[0-9]*)\s*[:.)]\s*")


class Criterion(NamedTuple):
    """One thing that one can check: `AC-1`, its sentence, and the line where it stands."""

    id: str
    text: str
    line: int


class Brief(NamedTuple):
    """What a brief says; an empty value is a part that nobody has written yet."""

    title: str
    context: str
    scope: tuple[str, ...]
    out_of_scope: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    clarifications: str


def parse_brief(content: bytes, path: str) -> Brief:
    """The brief that a file holds; `path` names it in refusals, and says whose brief it must be.

    Raises:
        PaperError: with file and line: a title that is none or another change's, a criterion
            without an id, of a used id or without words, or text that no paper may hold.
    """
    outline = read_outline(content, path)
    return Brief(
        title=heading_title(outline),
        context=outline.section("Context").source,
        scope=_entries(outline.section("Scope"), path),
        out_of_scope=_entries(outline.section("Out of scope"), path),
        criteria=_criteria(outline.section("Acceptance criteria"), path),
        clarifications=outline.section("Clarifications").source,
    )


def heading_title(outline: Outline) -> str:
    """The title after the change's id in a paper's heading; empty where there is only the id.

    Raises:
        PaperError: the heading starts with no change id or with another change's, or what follows
            is no title.
    """
    change, _, title = outline.title.partition(" ")
    if not is_change_id(change):
        hint = "for example: # CH-001 Totals as JSON"
        refuse(outline.path, outline.line, "the title starts with the change's id", hint=hint)
    own = _OWN_PATH.fullmatch(outline.path)
    if own and own[1] != change:
        refuse(outline.path, outline.line, f"the title says {change} in a paper of {own[1]}")
    try:
        return clean_title(title) if title else ""
    except UsageError as error:
        refuse(outline.path, outline.line, error.message, hint=error.hints[0])


def _entries(section: Section, path: str) -> tuple[str, ...]:
    """The items of a tolerant section: list items with what is below them, and paragraphs."""
    found: list[str] = []
    for block in section.written:
        texts = [_whole(item) for item in block.items] if block.items else [block.text]
        found += [text for text in texts if text]
        if odd := oddity("".join(texts)):
            refuse(path, block.line, f"the character {odd} has no place in this list")
    return tuple(found)


def _criteria(section: Section, path: str) -> tuple[Criterion, ...]:
    found: dict[str, Criterion] = {}
    for item in list_items(section, path, hint=_HINT):
        criterion = _criterion(_whole(item), item.line, path)
        if criterion.id in found:
            before = found[criterion.id].line
            refuse(path, item.line, f"{criterion.id} is used twice, first on line {before}")
        found[criterion.id] = criterion
    return tuple(found.values())


def _criterion(item: str, line: int, path: str) -> Criterion:
    name, colon, text = (part.strip() for part in item.partition(":"))
    if not is_criterion_id(name):
        if colon and re.fullmatch(r"(?i)ac[- ]?\d*", name):
            refuse(path, line, f"{name!a} is no criterion id", hint=_HINT)
        refuse(path, line, "this criterion has no id", hint=_HINT)
    if not text:
        refuse(path, line, f"{name} says nothing", hint=_HINT)
    if inner := _INNER_ID.search(text):
        refuse(path, line, f"{inner[0][:-1]} has no list item of its own", hint=_HINT)
    return Criterion(name, text, line)


def _whole(item: Item) -> str:
    return one_line(" ".join((item.text, *(_whole(below) for below in item.items))))


def gaps(brief: Brief) -> tuple[str, ...]:
    """One sentence for each part of the brief that is not written yet; none where all are."""
    parts: tuple[tuple[str, object], ...] = (
        ("the title", brief.title),
        ("context", brief.context),
        ("scope", brief.scope),
        ("out of scope", brief.out_of_scope),
    )
    missing = [f"{name} is not written yet" for name, value in parts if not value]
    return (*missing, *(() if brief.criteria else ("no acceptance criterion is written yet",)))


def misnamed(content: bytes, path: str) -> tuple[str, ...]:
    """One sentence for each heading that is almost that of a section which the brief lacks."""
    there = read_outline(content, path).sections
    lacking = {name.casefold(): name for name in _SECTIONS if name.casefold() not in there}
    found = []
    for key, section in there.items():
        from difflib import get_close_matches  # noqa: PLC0415

        near = get_close_matches(key, lacking, 1, 0.75)
        if near and key not in {name.casefold() for name in _SECTIONS}:
            found.append(
                f"line {section.line} says {section.name!a}, perhaps for {lacking[near[0]]}"
            )
    return tuple(found)


def unchecked(brief: Brief) -> tuple[str, ...]:
    """One sentence for each criterion that no one could check, by the rule of `vague`."""
    return tuple(
        f"{criterion.id} cannot be checked: it {fault}"
        for criterion in brief.criteria
        if (fault := why_vague(criterion.text))
    )


class Question(NamedTuple):
    """What a brief asks and does not answer: its text, the line, and `Q-1` where it says so."""

    label: str
    text: str
    line: int


def questions(content: bytes, path: str) -> tuple[Question, ...]:
    """The list items and paragraphs of the clarifications that end as a question does."""
    found: list[Question] = []
    for block in read_outline(content, path).section("Clarifications").written:
        texts = [(_whole(item), item.line) for item in block.items]
        if block.kind == "paragraph":
            texts = [(block.text, block.line)]
        for text, line in texts:
            if _ASKS.search(text):
                label = _LABEL.match(text)
                asked = text[label.end() :] if label else text
                found.append(Question(label[1].upper() if label else "", asked, line))
    return tuple(found)


def format_brief(
    change: str,
    title: str,
    *,
    context: str = "",
    scope: Sequence[str] = (),
    out_of_scope: Sequence[str] = (),
    criteria: Sequence[str] = (),
    backlog: Sequence[str] = (),
) -> bytes:
    """The PM agent's template, filled with what a person gave; what is missing says so.

    `backlog` says what the change was opened for; without it there is no section of that name.

    Raises:
        UsageError: a text given holds what no line of text may, or is empty, or a criterion
            brings an id of its own.
    """
    numbered = [f"AC-{number}: {_given(text)}" for number, text in enumerate(criteria, 1)]
    if any(_INNER_ID.search(text) for text in criteria):
        raise UsageError("a criterion is given without an id", hint="the brief numbers them")
    parts = {
        "Context": "\n\n".join(
            _given(part) for part in re.split(r"\n\s*\n", context.strip()) if part
        ),
        "Scope": _listed([_given(text) for text in scope]),
        "Out of scope": _listed([_given(text) for text in out_of_scope]),
        "Acceptance criteria": _listed(numbered),
        "Clarifications": "",
    }
    pages = [f"# {change} {escaped(clean_title(title))}"]
    for name, about in _SECTIONS.items():
        pages.append(f"## {name}\n\n{parts[name] or _unwritten(about)}")
    pages += [_backlog(backlog)] if backlog else []
    return ("\n\n".join(pages) + "\n").encode()


def _unwritten(about: str) -> str:
    return f"*Not written yet: {about}*"


def _backlog(facts: Sequence[str]) -> str:
    return f"## {BACKLOG_SECTION}\n\n{_listed([_given(fact) for fact in facts])}"


def completed_brief(
    before: bytes | None, change: str, title: str, backlog: Sequence[str], path: str
) -> bytes:
    """The brief with every section that it lacks below what people wrote, which stays as it is.

    Raises:
        PaperError: it is malformed, so that nobody could say what it lacks.
    """
    if before is None:
        return format_brief(change, title, backlog=backlog)
    there = read_outline(before, path).sections
    lacking = [
        f"## {name}\n\n{_unwritten(about)}"
        for name, about in _SECTIONS.items()
        if name.casefold() not in there
    ]
    if backlog and BACKLOG_SECTION.casefold() not in there:
        lacking.append(_backlog(backlog))
    if not lacking:
        return before
    end = b"\r\n" if before.endswith(b"\r\n") else b"\n"
    gap = end * (2 - before.endswith(end) - before.endswith(end * 2))
    after = before + gap + "\n\n".join(lacking).encode().replace(b"\n", end) + end
    if read_outline(after, path).sections.keys() <= there.keys():
        line = before.count(b"\n")
        refuse(path, line, "this ends inside a code block or a comment", hint="close it first")
    return after


def _given(text: str) -> str:
    line = one_line(text)
    if odd := oddity(line):
        raise UsageError(f"plain text cannot hold {odd}", hint="leave invisible characters out")
    if not line:
        raise UsageError(
            "an item of a brief cannot be empty", hint="leave it out, or say it in a line"
        )
    return escaped(line)


def _listed(items: list[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
