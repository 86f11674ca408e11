"""Each line of the owner's workflow is answered for, and each answer names what is there."""

import ast
import re
import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path

import click
import pytest

from codexa_git.audit.logger import log_path
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.change.pages import PAGES, STATUS_REPORT
from codexa_git.change.paths import BACKLOG, POLICY, Places, is_listed
from codexa_git.cli.commands import codexa
from codexa_git.gate.requirements import REQUIREMENTS
from codexa_git.gate.verdict import ALWAYS
from codexa_git.pages.demo import NAMES
from docs.writers.traceability import Entry, Line, paired, read, workflow_entries, workflow_lines

ROOT = Path(__file__).parents[2]
SHARED = (*PAGES, STATUS_REPORT, BACKLOG, POLICY, *(log_path(None, n) for n in LOG_NAMES))
NUMBERS = {"CH-###": "CH-001", "run-###": "run-001", "T-##": "T-01", "Week-##": "Week-01"}
TOLD = read()
Known = Callable[[str], bool]


def command(told: str) -> bool:
    """A target of the Makefile, or a command of ours with arguments that it takes."""
    program, *words = shlex.split(told)
    if program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        return len(words) == 1 and bool(re.search(rf"^{words[0]}:.*##", makefile, re.MULTILINE))
    return program == "codexa-git" and bool(words) and takes(words)


def takes(words: list[str]) -> bool:
    found: click.Command | None = codexa
    context = click.Context(codexa)
    rest = list(words)
    while isinstance(found, click.Group) and rest:
        name = rest.pop(0)
        found = found.get_command(context, name)
        if found is not None and not isinstance(found, click.Group):
            try:
                with found.make_context(name, rest, parent=context):
                    return True
            except click.ClickException:
                return False
    return False


def requirement(told: str) -> bool:
    return told in ALWAYS or any(told in questions for questions in REQUIREMENTS.values())


def file(told: str) -> bool:
    """A file that the tool writes or reads in a repository, or one of this repository."""
    path = told
    for pattern, number in NUMBERS.items():
        path = path.replace(pattern, number)
    places = Places("CH-001")
    demo = {places.demo("Week-01") + name for name in NAMES}
    of_a_change = is_listed(path, "CH-001") or places.is_plan_paper(path) or path in demo
    return of_a_change or path in (places.impact, *SHARED) or (ROOT / path).is_file()


def case(told: str) -> bool:
    path, _, function = told.partition("::")
    return path.startswith("tests/") and function in functions(path)


@cache
def functions(path: str) -> frozenset[str]:
    if not (ROOT / path).is_file():
        return frozenset()
    module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    named = (node.name for node in module.body if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in named if name.startswith("test_"))


def unknown(known: Known, field: str) -> list[str]:
    return [
        f"{line.id}: {told}"
        for line, entry in TOLD.items()
        for told in getattr(entry, field)
        if not known(told)
    ]


KNOWN: dict[str, Known] = {
    "commands": command,
    "requirements": requirement,
    "files": file,
    "tests": case,
}


@pytest.mark.parametrize("field", KNOWN)
def test_everything_that_a_line_is_met_by_is_there(field: str) -> None:
    assert unknown(KNOWN[field], field) == []


@pytest.mark.parametrize("field", KNOWN)
def test_every_kind_of_answer_is_given(field: str) -> None:
    assert sum(bool(getattr(entry, field)) for entry in TOLD.values()) > 30


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (command, "make nothing"),
        (command, "make .PHONY"),
        (command, "codexa-git"),
        (command, "codexa-git settle"),
        (command, "codexa-git backlog"),
        (command, "codexa-git approve --quickly"),
        (command, "codexa-git rework --to home -m why"),
        (command, "codexa-git land CH-001 CH-002"),
        (command, "git push"),
        (requirement, "plan-liked"),
        (file, "changes/CH-###/wish.md"),
        (file, "artifacts/work/CH-###/run-###/notes.txt"),
        (file, "artifacts/phase1/demo/Week-##/CH-###/film.mp4"),
        (file, "docs"),
        (file, "docs/none.md"),
        (case, "tests/docs/test_traceability.py"),
        (case, "tests/docs/test_traceability.py::case"),
        (case, "tests/docs/test_none.py::test_none"),
    ],
)
def test_what_is_not_there_is_noticed(known: Known, told: str) -> None:
    assert not known(told)


def test_every_section_from_scope_to_next_steps_has_lines() -> None:
    sections = dict.fromkeys(line.section.partition(".")[0] for line in TOLD)
    assert list(sections) == [str(number) for number in range(2, 12)]


def test_every_item_of_the_text_is_a_line() -> None:
    text = (ROOT / "docs" / "workflow-ms01.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^- ", text, re.MULTILINE)) == len(TOLD)


def test_a_gap_and_a_note_are_told_as_such() -> None:
    page = (ROOT / "docs" / "traceability-workflow.md").read_text(encoding="utf-8")
    assert page.count("**Gap:** ") == sum(bool(entry.gap) for entry in TOLD.values())
    assert all(entry.note in page for entry in TOLD.values())


def test_lines_are_read_as_they_are_wrapped() -> None:
    text = "# T\n\nIntro.\n\n## 2. A b\n\n- **W2.1** One\n  thing.\n- **W2.2** Two.\n"
    assert workflow_lines(text) == (
        Line("W2.1", "2. A b", "One thing."),
        Line("W2.2", "2. A b", "Two."),
    )


@pytest.mark.parametrize(
    "text",
    [
        "- **W2.1** Without a section.",
        "## 2. A\n\n- **W2.2** The first is missing.",
        "## 2. A\n\n- **W2.1** One.\n- **W2.1** Again.",
        "## 2. A\n\n- **W3.1** In another section.",
    ],
)
def test_a_line_out_of_order_is_told(text: str) -> None:
    with pytest.raises(LookupError, match="is not the next line of section"):
        workflow_lines(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('["W2.1"]\n', "W2.1 has neither a test nor a gap"),
        ('["W2.1"]\nfiles = ["README.md"]\n', "W2.1 has neither a test nor a gap"),
        ('["W2.1"]\ngap = "x"\nproof = "y"\n', "nobody knows proof"),
        ('["W2.1"]\ntests = "a::b"\n', "tests is no list of strings"),
        ('["W2.1"]\ntests = [1]\n', "tests is no list of strings"),
    ],
)
def test_an_entry_that_shows_nothing_is_told(text: str, problem: str) -> None:
    with pytest.raises(LookupError, match=problem):
        workflow_entries(text)


@pytest.mark.parametrize("entries", [{}, {"W2.1": Entry(), "W2.2": Entry()}, {"W2.2": Entry()}])
def test_a_line_without_an_entry_and_an_entry_without_a_line_are_told(
    entries: dict[str, Entry],
) -> None:
    with pytest.raises(LookupError, match="told of in one place alone: W2"):
        paired([Line("W2.1", "2. A", "One.")], entries)
