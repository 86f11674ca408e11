"""Spec: the PM and Designer agents turn the brief into a plan, seeded, the same one every time."""

from typing import TYPE_CHECKING

from codexa_git.audit.canonical import digest
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.design import decisions
from codexa_git.change.paths import Places
from codexa_git.change.plan import parse_tasks
from codexa_git.change.text import counted
from codexa_git.gate.case import Case
from codexa_git.workflow.changes.draft import AGENTS, Built, Draft
from codexa_git.workflow.changes.moment import Moment

if TYPE_CHECKING:
    from codexa_git.agents.planner import Planned

DEFAULT_SEED = 7


def is_planned(case: Case) -> bool:
    """True where the plan's papers are there."""
    places = case.places
    papers = (places.tasks, places.planner, places.design)
    return all(case.read(path) is not None for path in papers)


def planned(case: Case, seed: int) -> "Planned":
    """What the planner makes of the brief that stands in this case."""
    from codexa_git.agents.planner import plan  # noqa: PLC0415
    from codexa_git.change.recipes import parse_recipes  # noqa: PLC0415

    declared = case.read(case.places.recipes)
    offered = () if declared is None else parse_recipes(declared, case.places.recipes)
    return plan(case.brief, case.change, seed, offered)


def make_plan(moment: Moment, seed: int) -> Built:
    """The commit with `tasks.md`, `planner_config.json` and `design.md`."""
    papers = planned(moment.case, seed)
    draft = Draft(moment.footing, Stage.SPEC, AGENTS[AgentRole.PM])
    places = Places(moment.change)
    draft.put(places.tasks, papers.tasks_md)
    draft.put(places.planner, papers.planner_json)
    draft.put(places.design, papers.design_md)
    tasks, criteria = len(parse_tasks(papers.tasks_md, places.tasks).tasks), _criteria(moment)
    draft.record(
        RecordType.PLANNED,
        {
            "seed": seed,
            "criteria": criteria,
            "tasks": tasks,
            "papers": {
                places.tasks: digest(papers.tasks_md),
                places.planner: digest(papers.planner_json),
            },
        },
    )
    draft.record(
        RecordType.DESIGNED,
        {
            "decisions": list(decisions(papers.design_md, places.design)),
            "papers": {places.design: digest(papers.design_md)},
        },
        actor=AGENTS[AgentRole.DESIGNER],
    )
    wanted = counted(criteria, "criterion", "criteria")
    return draft.build(f"{counted(tasks, 'task')} for {wanted}, seed {seed}")


def _criteria(moment: Moment) -> int:
    return len(moment.case.brief.criteria)
