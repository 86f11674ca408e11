"""The scripted planner: PM and Designer agents that turn a brief into a plan, always the same one.

It invents nothing. Where a person declared tasks (`recipes.toml`), the plan has exactly those; else
there is one task for each criterion, for a person to do, after the tasks of the earlier criteria
that it names. The seed settles the order of tasks that have none. Same inputs, same bytes.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codexa_git.audit.ids import task_id
from codexa_git.change.brief import Brief, Criterion
from codexa_git.change.design import format_design
from codexa_git.change.plan import Plan, Task, format_tasks
from codexa_git.change.planner import Planner, Recipe, sorted_recipes
from codexa_git.change.planner_file import format_planner
from codexa_git.change.recipes import Declared
from codexa_git.change.text import clipped
from codexa_git.errors import RefusedError

_NAMED = re.compile(r"\bAC-[1-9][0-9]{0,3}\b")
_VERBS = """
    accept add allow answer change check close contain count document drop end exit fail fix format
    give hold keep leave let list load make move name open parse print raise read refuse remove
    rename replace report return run save say send show sort start stay stop store support take
    test turn use write
"""
_ORDERS = {f"{verb}{end}": verb for verb in _VERBS.split() for end in ("", "s", "es")}
"""What a criterion may begin with to be an order, or to become one: `prints` is `print`."""


class Planned(NamedTuple):
    """The three papers of Spec, as bytes."""

    tasks_md: bytes
    planner_json: bytes
    design_md: bytes


def plan(brief: Brief, change: str, seed: int, recipes_offered: Sequence[Declared] = ()) -> Planned:
    """The papers of Spec for this brief.

    Raises:
        RefusedError: the brief has no criterion, so there is nothing to plan for.
    """
    if not brief.criteria:
        raise RefusedError(
            f"{change} has no acceptance criterion yet, so there is nothing to plan",
            hint=f"write them in changes/{change}/brief.md, then commit",
        )
    declared = recipes_offered or _derived(brief)
    made = Plan(tuple(one.task for one in declared))
    planner = Planner(seed, recipes=sorted_recipes(one.recipe for one in declared))
    return Planned(
        format_tasks(change, brief.title, made),
        format_planner(planner),
        format_design(change, brief, made, planner),
    )


def _derived(brief: Brief) -> list[Declared]:
    """A task a criterion, done by a person."""
    tasks: dict[str, str] = {}
    found: list[Declared] = []
    for number, criterion in enumerate(brief.criteria, 1):
        name = task_id(number)
        named = dict.fromkeys(_NAMED.findall(criterion.text))
        after = tuple(tasks[other] for other in named if other in tasks)
        task = Task(name, _title(criterion), (criterion.id,), after, 0)
        found.append(Declared(task, Recipe(name, "person")))
        tasks[criterion.id] = name
    return found


def _title(criterion: Criterion) -> str:
    """What is to be done, as an order: the criterion itself, or `make sure that ...`."""
    text = criterion.text.rstrip(" .") or criterion.text
    first, _, rest = text.partition(" ")
    order = _ORDERS.get(first.lower())
    if order and rest:
        return clipped(f"{order} {rest}")
    if first[:1].isupper() and first[1:].islower():
        text = f"{first.lower()} {rest}".rstrip()
    return clipped(f"make sure that {text}")
