"""`reference/traceability.md`: each rule of the specification, what asks it, and what breaks it.

Three sets are told of and have to be one: the rules of the specification, the functions whose
docstring begins with a rule's number (or requirements that are one), and the forgeries that are
marked with it, be they found by `verify`, pushed to a server, or tried with a command. Whatever is
in one alone is an error and no empty row.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from codexa_git.gate.requirements import REQUIREMENTS
from codexa_git.gate.verdict import ALWAYS
from codexa_git.verify.rules import ASKED
from docs.writers.text import code, page, table

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"\| ([A-Z][0-9]+) \| (.+\.) \| (.+) \|")
_CITES = re.compile(r"((?:[A-Z][0-9]+, )*[A-Z][0-9]+): ")
VERIFIED = "`verify`"
_ASKING = ("codexa_git/verify", "codexa_git/hooks", "codexa_git/workflow")
_FORGING = ("tests/tampering", "tests/server", "tests/scenarios")
_SEVERAL = re.compile(r"Several functions ask a rule only(.+?)\n\n", re.DOTALL)
_FORGES = ("rule", "pytest.mark.rule", "forgery")


class Named(NamedTuple):
    """A function or a test, by its file below the project, and its name."""

    file: str
    name: str


def specified() -> dict[str, tuple[str, str]]:
    """Every rule of the specification: its sentence, and what enforces it."""
    text = (ROOT / "docs" / "specification.md").read_text(encoding="utf-8")
    rows = [match for line in text.splitlines() if (match := _ROW.fullmatch(line))]
    return {row[1]: (row[2], row[3]) for row in rows}


def asked() -> dict[str, list[Named]]:
    """What asks each rule: a requirement's function, or one whose docstring cites the number."""
    found: dict[str, list[Named]] = {}
    questions = {n: q for asks in (ALWAYS, *REQUIREMENTS.values()) for n, q in asks.items()}
    for name, number in ASKED.items():
        question = questions[name]
        module = f"{question.__module__.replace('.', '/')}.py"
        named = Named(module, getattr(question, "__name__", name))
        found.setdefault(number, []).append(named)
    for file, function in _functions(*_ASKING):
        cites = _CITES.match(ast.get_docstring(function) or "")
        for number in cites[1].split(", ") if cites else ():
            found.setdefault(number, []).append(Named(file, function.name))
    return found


def forged() -> dict[str, list[Named]]:
    """The forgeries of each rule: tests marked `@rule("A6")`, functions marked `@forgery("A6")`."""
    found: dict[str, list[Named]] = {}
    for file, function in _functions(*_FORGING):
        for number in _marks(function):
            found.setdefault(number, []).append(Named(file, function.name))
    return found


def several() -> set[str]:
    """The rules that the specification says several functions ask."""
    text = (ROOT / "docs" / "specification.md").read_text(encoding="utf-8")
    told = _SEVERAL.search(text)
    return set(re.findall(r"\b[A-Z][0-9]+\b", told[1])) if told else set()


def _functions(*folders: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                yield path.relative_to(ROOT).as_posix(), node


def _marks(function: ast.FunctionDef) -> Iterator[str]:
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) in _FORGES:
            yield from (str(a.value) for a in mark.args if isinstance(a, ast.Constant))


def unlike() -> list[str]:
    """One sentence for each rule that is not in all three sets."""
    sets = {"specified": set(specified()), "asked": set(asked()), "forged": set(forged())}
    everything = set().union(*sets.values())
    return [
        f"{number} is not {name}"
        for number in sorted(everything)
        for name, numbers in sets.items()
        if number not in numbers
    ]


def reference() -> str:
    """The page.

    Raises:
        LookupError: the three sets are not one.
    """
    if odd := unlike():
        raise LookupError("; ".join(odd))
    rules, asks, forgeries = specified(), asked(), forged()
    verified = sum(VERIFIED in by for _, by in rules.values())
    rows = [
        (number, says, _links(asks[number]), by, _links(forgeries[number]))
        for number, (says, by) in rules.items()
    ]
    return page(
        "Traceability of the rules",
        "Each [rule](../specification.md), what asks it, who refuses or finds what breaks it, and"
        " the forgeries that do, each of which is told of under this number: by `verify` at its"
        " commit, by a server as it is pushed, by the command as it is asked. Every other forgery"
        " in `tests/tampering` is put on a base too, and found there as well.",
        f"{len(rules)} rules; `verify` finds {verified} of them broken in a history, and"
        " the others leave nothing there in which a breach could be seen.",
        table(("rule", "says", "asked by", "enforced by", "broken by"), rows),
    )


def _links(named: list[Named]) -> str:
    return "<br>".join(_link(one) for one in named)


def _link(one: Named) -> str:
    if one.file.startswith("tests/"):
        told = one.name.removeprefix("test_").replace("_", " ")
        return f"[{told}](../../{one.file})"
    return f"[{code(one.name.lstrip('_'))}](../../{one.file})"
