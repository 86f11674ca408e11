"""The review packet: one self-contained HTML file for a person with ten minutes.

It holds no script and asks nothing of any network, and its policy forbids both. Whatever strangers
wrote is text: the template engine is sandboxed and escapes every value, and before that each
character that would act or hide is shown by its number.
"""

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from codexa_git.change.text import one_line, visible
from codexa_git.pages.facts import FileFacts, PacketFacts, Tested

if TYPE_CHECKING:
    from jinja2 import Template

MOST_LINES = 600
"""The most lines of one file's diff that the packet shows; it says where there are more."""

_PLACE = re.compile(r"@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@")
_KINDS = {"+": "added", "-": "removed", "@": "place", " ": "same"}


class Line(NamedTuple):
    """One line of a diff: what it is, its numbers before and after, its sign and its text."""

    kind: str
    old: str
    new: str
    sign: str
    text: str


class Count(NamedTuple):
    """One figure at the head of the page, and whether it is `good`, `bad` or `plain`."""

    figure: str
    about: str
    mood: str


def packet(facts: PacketFacts) -> bytes:
    """The packet's bytes, the same for the same facts."""
    page = _template().render(
        facts=facts,
        counts=_counts(facts),
        places={task.id: f"task-{number}" for number, task in enumerate(facts.tasks, 1)},
        outcomes=_outcomes(facts),
        paragraphs=[one_line(part) for part in re.split(r"\n\s*\n", facts.context) if part.strip()],
        unshown=_unshown(facts),
        diff_lines=diff_lines,
        left_out=left_out,
    )
    return page.encode("utf-8", "backslashreplace")


def diff_lines(file: FileFacts) -> tuple[Line, ...]:
    """The lines of the file's diff from its first place on, as many as the packet shows."""
    found: list[Line] = []
    old = new = 0
    for text in _body(file)[:MOST_LINES]:
        kind = _KINDS.get(text[:1], "note")
        if kind == "place":
            match = _PLACE.match(text)
            old, new = (int(match[1]), int(match[2])) if match else (0, 0)
            found.append(Line(kind, "", "", "", text))
            continue
        before = str(old) if old and kind in ("removed", "same") else ""
        after = str(new) if new and kind in ("added", "same") else ""
        old, new = old + bool(before), new + bool(after)
        sign, words = ("", text) if kind == "note" else (text[0], text[1:])
        found.append(Line(kind, before, after, sign, words))
    return tuple(found)


def left_out(file: FileFacts) -> int:
    """How many lines of the file's diff the packet does not show."""
    return max(0, len(_body(file)) - MOST_LINES)


def _body(file: FileFacts) -> list[str]:
    """The diff without its file header, which the page says in its own words."""
    lines = file.diff.removesuffix("\n").split("\n") if file.diff else []
    start = next((place for place, line in enumerate(lines) if line.startswith("@@")), 0)
    return lines[start:]


def _outcomes(facts: PacketFacts) -> dict[str, Tested]:
    return {test.name: test for test in facts.results.tests} if facts.results else {}


def _unshown(facts: PacketFacts) -> frozenset[str]:
    """The paths that an approval binds though no task touched them, such as the papers."""
    touched = {file.path for task in facts.tasks for file in task.files}
    return frozenset(file.path for file in facts.bound if file.path not in touched)


def _counts(facts: PacketFacts) -> tuple[Count, ...]:
    covered = sum(1 for criterion in facts.criteria if criterion.tasks)
    touched = {file.path for task in facts.tasks for file in task.files}
    added = sum(file.added or 0 for task in facts.tasks for file in task.files)
    removed = sum(file.removed or 0 for task in facts.tasks for file in task.files)
    waiting = sum(1 for concern in facts.concerns if concern.answer is None)
    whole = "good" if covered == len(facts.criteria) and covered else "bad"
    return (
        Count(f"{covered}/{len(facts.criteria)}", "criteria have a task", whole),
        _tests(facts),
        Count(str(len(touched)), f"files touched, +{added} \N{MINUS SIGN}{removed}", "plain"),
        Count(str(waiting), "concerns open", "bad" if waiting else "good"),
    )


def _tests(facts: PacketFacts) -> Count:
    if facts.results is None:
        return Count("\N{EM DASH}", "no tests have run", "plain")
    passed = len(facts.results.named("passed"))
    failed = len(facts.results.named("failed", "error"))
    others = len(facts.results.named("skipped", "waived"))
    about = ["tests pass"]
    about += [f"{failed} fail"] if failed else []
    about += [f"{others} waived or skipped"] if others else []
    mood = "bad" if failed or not passed else "good"
    return Count(f"{passed}/{len(facts.results.tests)}", ", ".join(about), mood)


def _shown(value: object) -> object:
    """What the template puts in for `value`: text with escapes for what would act or hide."""
    return visible(value) if type(value) is str else value


@cache
def _template() -> "Template":
    from jinja2 import StrictUndefined  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        autoescape=True,
        finalize=_shown,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    source = files("codexa_git.pages").joinpath("packet.html.j2").read_text("utf-8")
    return environment.from_string(source)
