"""Every refusal names a way on, in words that a reader can type or fill in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "codexa_git"
PACKAGES = ("change", "cli", "gate", "hooks", "workflow")
NOES = ("RefusedError", "UsageError")
NO_READER = {
    "change/milestones.py": "a part of a longer sentence, which says why a week is not told",
    "change/weeks.py": "the same",
    "workflow/together/remaking.py": "what replay says of a commit that it cannot make again",
    "hooks/running.py": "git itself is the caller",
    "hooks/pushing.py: pre-push is told": "git itself is the caller",
    "hooks/receiving.py: pre-receive is told": "git itself is the caller",
}
"""Refusals that nobody meets at a command line, and why."""
UNFILLABLE = re.compile(r"<[a-z]+>|###|\b(?:FILE|NAME|BRANCH)\b| \.\.\.(?!\")")
Raised = tuple[str, ast.Call]


def raised() -> Iterator[Raised]:
    """Where each refusal is made, with its sentence, and the call that makes it."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = node.func if isinstance(node, ast.Call) else None
                if isinstance(node, ast.Call) and isinstance(name, ast.Name) and name.id in NOES:
                    said = ast.unparse(node.args[0]).lstrip("f").strip("'\"")
                    yield f"{place}: {said}", node


def hint_of(call: ast.Call) -> ast.expr | None:
    return next((word.value for word in call.keywords if word.arg == "hint"), None)


def test_every_refusal_has_a_hint() -> None:
    found = dict(raised())
    assert len(found) > 100
    bare = [where for where, call in found.items() if hint_of(call) is None]
    assert [where for where in bare if not where.startswith(tuple(NO_READER))] == []


@pytest.mark.parametrize("reason", NO_READER)
def test_what_has_none_is_still_there(reason: str) -> None:
    bare = [where for where, call in raised() if hint_of(call) is None]
    assert any(where.startswith(reason) for where in bare)


def test_no_hint_is_empty_or_holds_what_a_reader_cannot_fill() -> None:
    for where, call in raised():
        for part in ast.walk(hint_of(call) or ast.Constant("-")):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                assert not UNFILLABLE.search(part.value), where
        assert ast.unparse(hint_of(call) or ast.Constant("-")) not in ("''", "()"), where
