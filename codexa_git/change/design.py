"""`design.md`: the Designer's decisions, and what of them is still missing."""

import re
from collections.abc import Iterable

from codexa_git.change.brief import Brief, heading_title
from codexa_git.change.outline import list_items, read_outline, refuse
from codexa_git.change.plan import Plan, ordered
from codexa_git.change.planner import Planner, Recipe
from codexa_git.change.text import clean_title, counted, escaped, visible

_DECISION = re.compile(r"(D-[1-9][0-9]{0,2}):\s*(.*)")
_HINT = "write each decision as: - D-1: what was decided, and why"


def design_gaps(content: bytes, path: str) -> tuple[str, ...]:
    """One sentence for each thing that the design does not say yet: its approach, its decisions.

    Raises:
        PaperError: with file and line: a decision without an id, of a used id or without words, or
            a page that is no paper of this change.
    """
    outline = read_outline(content, path)
    heading_title(outline)
    approach = outline.section("Approach").written
    missing = () if approach else ("the approach is not written yet",)
    found = decisions(content, path)
    return (*missing, *(() if found else ("no decision is written yet",)))


def decisions(content: bytes, path: str) -> tuple[str, ...]:
    """The ids of the decisions, in the order of the page.

    Raises:
        PaperError: with file and line: a decision without an id, of a used id or without words.
    """
    found: dict[str, int] = {}
    for item in list_items(read_outline(content, path).section("Decisions"), path, hint=_HINT):
        match = _DECISION.fullmatch(item.text)
        if not match or not (match[2] or item.items):
            refuse(path, item.line, "this decision has no id, or no words", hint=_HINT)
        if match[1] in found:
            sentence = f"{match[1]} is used twice, first on line {found[match[1]]}"
            refuse(path, item.line, sentence)
        found[match[1]] = item.line
    return tuple(found)


def format_design(change: str, brief: Brief, plan: Plan, planner: Planner) -> bytes:
    """The scripted Designer's page: what follows from brief and plan, and nothing else."""
    order = ordered(plan, planner.seed)
    parts = {
        "Approach": _approach(brief, plan),
        "Decisions": _listed(
            f"D-{number}: {text}" for number, text in enumerate(_decisions(plan, planner), 1)
        ),
        "Order of work": "\n".join(
            f"{number}. {task.id}: {escaped(task.title)}" for number, task in enumerate(order, 1)
        ),
        "Files expected": _listed(_files(recipe) for recipe in planner.recipes),
        "Risks": _listed(_risks(brief, planner)),
    }
    pages = [f"# {change} {escaped(clean_title(brief.title))}"]
    pages += [f"## {name}\n\n{text}" for name, text in parts.items()]
    return ("\n\n".join(pages) + "\n").encode()


def _approach(brief: Brief, plan: Plan) -> str:
    criteria = counted(len(brief.criteria), "criterion", "criteria")
    counts = f"{counted(len(plan.tasks), 'task')} for {criteria}"
    scope = _listed(escaped(text) for text in brief.scope)
    return f"{counts}, within this scope:\n\n{scope}" if scope else f"{counts}."


def _decisions(plan: Plan, planner: Planner) -> list[str]:
    told = [
        f"{task.id} meets {', '.join(task.criteria)}"
        + (f" and comes after {', '.join(task.after)}." if task.after else ".")
        for task in plan.tasks
    ]
    order = f"Tasks without an order between them go by SHA-256 over seed {planner.seed} and id."
    return [*told, order]


def _files(recipe: Recipe) -> str:
    if recipe.patch is not None:
        return f"{recipe.task}: the files of `{recipe.patch}`"
    if recipe.run:
        commands = ", ".join(escaped(visible(command)) for command in recipe.run)
        return f"{recipe.task}: what these commands write: {commands}"
    return f"{recipe.task}: what a person commits; its record will list the files"


def _risks(brief: Brief, planner: Planner) -> list[str]:
    people = [recipe.task for recipe in planner.recipes if recipe.kind == "person"]
    risks = [f"Out of scope, and to be left alone: {escaped(text)}" for text in brief.out_of_scope]
    if people:
        risks.append(f"Not repeatable by a machine, because a person does it: {', '.join(people)}")
    return risks or ["None that follow from brief and plan."]


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
