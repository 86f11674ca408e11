"""An attempt: what the scripted Implementer makes of one task, on a copy of the change's tree."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from codexa_git.agents.bench import explicit_environment, workbench
from codexa_git.agents.box import Limits
from codexa_git.agents.implementer import Recipe as Steps
from codexa_git.agents.implementer import RecipeKind, TaskRun, perform
from codexa_git.agents.masks import short
from codexa_git.audit.canonical import digest
from codexa_git.change.planner import Recipe
from codexa_git.errors import RefusedError
from codexa_git.policy.rules import Policy
from codexa_git.repository.folder import read_back, write_out
from codexa_git.repository.objects import Difference, Entry
from codexa_git.repository.store import Store


class Attempt(NamedTuple):
    """What doing one task came to: the entries that it left differ from those it found.

    `log` is what the tree keeps of the output, `output` the digest of all of it where that is more.
    """

    ok: bool
    reason: str
    recipe: str
    commands: tuple[dict[str, Any], ...]
    log: bytes
    output: str | None
    differences: tuple[Difference, ...]


def task_limits(policy: Policy) -> Limits:
    """What one command of a task may use."""
    return Limits(seconds=policy.tests.timeout, output_bytes=policy.tests.output_limit)


def attempt(
    store: Store, tree: str, recipe: Recipe, policy: Policy, *, seed: int, at: int, nth: int
) -> tuple[Attempt, bytes]:
    """What the scripted Implementer makes of `recipe` on a copy of `tree`, for the nth time.

    And its whole output, masked.
    """
    with workbench() as bench:
        write_out(store, tree, bench.tree)
        environment = explicit_environment(bench.tree, bench.home, seed, at, store.common_dir)
        run = perform(
            Steps(RecipeKind(recipe.kind), recipe.run, recipe.patch_for(nth)),
            tree=bench.tree,
            home=bench.home,
            environment=environment,
            limits=task_limits(policy),
            seed=seed,
            patterns=policy.masks,
        )
        if not run.ok:
            return _attempt(recipe, nth, run, ())
        try:
            left = read_back(store, bench.tree)
        except RefusedError as error:
            return _attempt(recipe, nth, run._replace(ok=False, reason=error.message), ())
    return _attempt(recipe, nth, run, tuple(_compared(store.entries(tree), left)))


def _attempt(
    recipe: Recipe, nth: int, run: TaskRun, differences: tuple[Difference, ...]
) -> tuple[Attempt, bytes]:
    commands = tuple(
        {"run": c.command, "exit": c.exit_code, "status": str(c.status)} for c in run.commands
    )
    log = short(run.output)
    output = None if log == run.output else digest(run.output)
    recipe_line = said(recipe, nth)
    found = Attempt(run.ok, run.reason, recipe_line, commands, log, output, differences)
    return found, run.output


def said(recipe: Recipe, nth: int) -> str:
    """A recipe in one line, as evidence keeps it: for a patch, which one this time."""
    if recipe.kind == "patch":
        return f"patch {recipe.patch_for(nth)}"
    return recipe.kind


def _compared(before: dict[str, Entry], after: dict[str, Entry]) -> Iterator[Difference]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new and not (old is not None and old.mode == "160000"):
            yield Difference(path, old, new)
