"""The scripted Implementer: a task's recipe, carried out in a plain folder."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, assert_never

from codexa_git.agents import box, descent, patches
from codexa_git.agents.commands import CommandRun, Place, run_command
from codexa_git.errors import AgentError


class RecipeKind(StrEnum):
    """How a task is done."""

    COMMAND = "command"
    PATCH = "patch"


class Recipe(NamedTuple):
    """Commands to run one after the other, or the path in the tree of a patch to apply."""

    kind: RecipeKind
    run: tuple[str, ...] = ()
    patch: str | None = None


class TaskRun(NamedTuple):
    """What became of a task; `reason` is a sentence where it failed, and else empty."""

    ok: bool
    commands: tuple[CommandRun, ...]
    output: bytes
    reason: str


def perform(
    recipe: Recipe,
    *,
    tree: Path,
    home: Path,
    environment: Mapping[str, str],
    limits: box.Limits,
    seed: int | None = None,
    patterns: Sequence[str] = (),
) -> TaskRun:
    """The task as far as it went: `tree` holds its work, and a failure is a value, not an error."""
    place = Place(tree, home, environment, limits, seed, None, patterns)
    try:
        match recipe.kind:
            case RecipeKind.COMMAND:
                return _run_all(recipe.run, place)
            case RecipeKind.PATCH:
                return _apply(recipe.patch, tree)
            case _:
                assert_never(recipe.kind)
    except AgentError as error:
        return TaskRun(ok=False, commands=(), output=b"", reason=error.message)


def _run_all(commands: tuple[str, ...], place: Place) -> TaskRun:
    """The commands run in order, up to the first that does not exit with 0."""
    if not commands:
        raise AgentError("the recipe names no command")
    runs: list[CommandRun] = []
    reason = ""
    for command in commands:
        runs.append(run_command(command, place))
        if not runs[-1].ok:
            reason = f"{command!r} {runs[-1].reason}"
            break
    return TaskRun(not reason, tuple(runs), b"".join(map(_shown, runs)), reason)


def _shown(run: CommandRun) -> bytes:
    newline = b"" if run.output.endswith(b"\n") or not run.output else b"\n"
    return b"$ " + run.command.encode("utf-8", "replace") + b"\n" + run.output + newline


def _apply(patch: str | None, tree: Path) -> TaskRun:
    """The patch has been applied whole, or nothing of it."""
    if not patch:
        raise AgentError("the recipe names no patch")
    found = descent.read(tree, descent.parts_of(patch), patches.MOST + 1)
    if found is None:
        raise AgentError(f"the patch {patch} is not in the tree")
    changed = patches.apply(found.content, tree)
    output = "".join(f"patched {path}\n" for path in changed)
    return TaskRun(
        ok=True, commands=(), output=output.encode("utf-8", "backslashreplace"), reason=""
    )
