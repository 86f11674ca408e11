"""`recipes.toml`: tasks that a person declares for the scripted planner, in order.

    [[task]]
    title = "print totals as JSON"
    criteria = ["AC-1"]
    run = ["python tools/add_json.py"]   # or: patch = "patches/T-01.patch"; neither: a person
                                         # with a patch: again = ["patches/T-01-again.patch"]

    [[task]]
    title = "say so in the README"
    criteria = ["AC-2"]
    after = ["T-01"]

The first task is T-01, the next T-02. Where the file is there, the plan has exactly these tasks.
"""

import re
import tomllib
from typing import Any, NamedTuple

from codexa_git.audit.ids import task_id
from codexa_git.change.outline import paper_text, refuse
from codexa_git.change.plan import Task, checked
from codexa_git.change.planner import PATCH, Recipe, is_command
from codexa_git.change.text import clean_title
from codexa_git.change.toml import parse_toml
from codexa_git.errors import UsageError

_NAMES = frozenset(("title", "criteria", "after", "run", "patch", "again"))
_START = re.compile(r"^[ \t]*\[\[[ \t]*task[ \t]*\]\]", re.MULTILINE)
_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
MOST = 999


class Declared(NamedTuple):
    """One declared task, and how it is done."""

    task: Task
    recipe: Recipe


def parse_recipes(content: bytes, path: str) -> tuple[Declared, ...]:
    """The tasks that `recipes.toml` declares, checked as a plan is.

    Raises:
        PaperError: with file and line: it is no TOML, says something unknown, or is no plan.
    """
    text = paper_text(content, path)
    value = _toml(text, path)
    tasks = value.pop("task", None)
    if value or not isinstance(tasks, list) or not 0 < len(tasks) <= MOST:
        refuse(path, 1, "this file holds [[task]] tables and nothing else")
    lines = [text.count("\n", 0, match.start()) + 1 for match in _START.finditer(text)]
    lines += [1] * (len(tasks) - len(lines))
    declared = tuple(
        _declared(task_id(number), task, line, path)
        for number, (task, line) in enumerate(zip(tasks, lines, strict=False), 1)
    )
    checked([one.task for one in declared], path)
    return declared


def _toml(text: str, path: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        last = text.count("\n") + 1
        line = int(found[1]) if found and found[1] else last
        message = _LINE.sub("", str(error))
        refuse(path, line, f"this is not TOML: {message[:1].lower()}{message[1:]}")
    except (RecursionError, ValueError):
        refuse(path, None, "this TOML is too deep, or holds a number too long, to be read")


def _declared(name: str, value: object, line: int, path: str) -> Declared:
    if not isinstance(value, dict):
        refuse(path, line, f"{name} is no table")
    if odd := sorted(value.keys() - _NAMES):
        hint = f"a task takes {', '.join(sorted(_NAMES))}"
        refuse(path, line, f"{name} says {odd[0]!a}, which no task has", hint=hint)
    try:
        title = clean_title(value["title"] if isinstance(value.get("title"), str) else "")
    except UsageError as error:
        refuse(path, line, f"{name}: {error.message}", hint=error.hints[0])
    criteria = _ids(name, "criteria", value, line, path)
    after = _ids(name, "after", value, line, path)
    return Declared(Task(name, title, criteria, after, line), _recipe(name, value, line, path))


def _ids(name: str, word: str, value: dict[str, Any], line: int, path: str) -> tuple[str, ...]:
    ids = value.get(word, [])
    pattern = r"AC-[1-9][0-9]{0,3}" if word == "criteria" else r"T-[0-9]{2,4}"
    good = isinstance(ids, list) and all(
        isinstance(one, str) and re.fullmatch(pattern, one) for one in ids
    )
    if not good or len(set(ids)) < len(ids):
        example = '["AC-1", "AC-2"]' if word == "criteria" else '["T-01"]'
        refuse(path, line, f"{name}: {word!r} is no list of ids", hint=f"{word} = {example}")
    return tuple(ids)


def _patches(name: str, value: dict[str, Any], line: int, path: str) -> list[str]:
    again = value.get("again", [])
    given = [value["patch"], *again] if isinstance(again, list) else [None]
    found = [f"{path.rpartition('/')[0]}/{patch}" for patch in given]
    for patch, full in zip(given, found, strict=True):
        if not isinstance(patch, str) or not PATCH.fullmatch(full):
            hint = f'patch = "patches/{name}.patch", beside this file'
            refuse(path, line, f"{name}: this is no path of a patch", hint=hint)
    return found


def _recipe(name: str, value: dict[str, Any], line: int, path: str) -> Recipe:
    if "run" in value and "patch" in value:
        refuse(path, line, f"{name} has commands and a patch", hint="make two tasks of it")
    if "again" in value and "patch" not in value:
        refuse(
            path, line, f"{name}: 'again' goes with a patch", hint="commands are simply run again"
        )
    if "patch" in value:
        first, *again = _patches(name, value, line, path)
        return Recipe(name, "patch", (), first, tuple(again))
    if "run" in value:
        run = value["run"]
        if not isinstance(run, list) or not 0 < len(run) <= 50 or not all(map(is_command, run)):
            refuse(path, line, f"{name}: 'run' is no list of commands", hint='run = ["make x"]')
        return Recipe(name, "command", tuple(run))
    return Recipe(name, "person")
