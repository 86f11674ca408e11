"""`reference/traceability.md`: each rule of the specification, what asks it, and what breaks it.

Three sets are told of and have to be one: the rules that the specification says `verify` enforces,
the functions whose docstring begins with a rule's number (or requirements that are one), and the
forgeries that are marked with it. Whatever is in one alone is an error and no empty row.
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
    for file, function in _functions("codexa_git/verify"):
        cites = _CITES.match(ast.get_docstring(function) or "")
        for number in cites[1].split(", ") if cites else ():
            found.setdefault(number, []).append(Named(file, function.name))
    return found


def forged() -> dict[str, list[Named]]:
    """The forgeries of each rule: tests marked `@rule("A6")`, functions marked `@forgery("A6")`."""
    found: dict[str, list[Named]] = {}
    for file, function in _functions("tests/tampering"):
        for number in _marks(function):
            found.setdefault(number, []).append(Named(file, function.name))
    return found


def _functions(folder: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted((ROOT / folder).glob("*.py")):
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
    rules = {number for number, (_, by) in specified().items() if VERIFIED in by}
    sets = {"specified": rules, "asked": set(asked()), "forged": set(forged())}
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
    seen = [number for number in rules if number in asks]
    rest = [number for number in rules if number not in asks]
    rows = [
        (number, rules[number][0], _links(asks[number]), _links(forgeries[number]))
        for number in seen
    ]
    return page(
        "Traceability of the rules",
        "Each [rule](../specification.md) that `verify` finds broken, what asks it, and the"
        " forgeries that break it, each of which is found under this number, at its commit. Every"
        " other forgery in `tests/tampering` is put on a base too, and found there as well.",
        f"{len(seen)} of {len(rules)} rules are verified.",
        table(("rule", "says", "asked by", "broken by"), rows),
        "## Not verified",
        "Either nothing asks these yet, or what asks them is a command that leaves nothing behind"
        " in which a breach could be seen.",
        table(
            ("rule", "says", "enforced by"),
            [(number, rules[number][0], rules[number][1]) for number in rest],
        ),
    )


def _links(named: list[Named]) -> str:
    return "<br>".join(_link(one) for one in named)


def _link(one: Named) -> str:
    if one.file.startswith("tests/"):
        told = one.name.removeprefix("test_").replace("_", " ")
        return f"[{told}](../../{one.file})"
    return f"[{code(one.name.lstrip('_'))}](../../{one.file})"
