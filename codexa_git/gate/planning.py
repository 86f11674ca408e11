"""What the gates of Frame and Spec ask."""

from codexa_git.audit.words import Gate
from codexa_git.change.brief import Question, gaps, misnamed, questions, unchecked
from codexa_git.change.design import design_gaps
from codexa_git.change.plan import uncovered
from codexa_git.change.planner import unmatched
from codexa_git.change.text import counted, one_line
from codexa_git.gate.answering import answer_of
from codexa_git.gate.answers import Answer, Basis, no, quoted, yes
from codexa_git.gate.approving import approved
from codexa_git.gate.case import Case
from codexa_git.gate.declaring import absent_patches, undeclared


def brief_complete(case: Case) -> Answer:
    """Spec starts with a brief that has a title, context, scope, its limits, and criteria."""
    missing = gaps(case.brief)
    if missing:
        path = case.places.brief
        missing = (*missing, *misnamed(case.read(path) or b"", path))
        return no(
            "; ".join(missing),
            who=(case.state.opened.actor.name,),
            command=f"$EDITOR {case.places.brief} && git commit {case.places.brief}",
            where=(case.places.brief,),
        )
    return yes(counted(len(case.brief.criteria), "criterion", "criteria"))


def criteria_explicit(case: Case) -> Answer:
    """Every criterion has an id and says something that can be checked."""
    vague = unchecked(case.brief)
    if not case.brief.criteria:
        vague = ("the brief has no acceptance criteria", *vague)
    if vague:
        return no(
            "; ".join(vague),
            who=(case.state.opened.actor.name,),
            command=f"$EDITOR {case.places.brief} && git commit {case.places.brief}",
            where=(case.places.brief,),
        )
    return yes(", ".join(criterion.id for criterion in case.brief.criteria))


def clarifications_answered(case: Case) -> Answer:
    """Every question has an answer that a person signed, and the brief asks none of its own."""
    asked = case.state.clarifications
    if (alone := _in_brief_alone(case)) is not None:
        dashes = "-- " if alone.text.startswith("-") else ""
        return no(
            f"a question stands in the brief and nobody is asked: {alone.text}",
            who=tuple(person.name for person in case.policy.people),
            command=f"git codexa clarify {case.change} {dashes}{quoted(alone.text)}",
            where=(case.places.brief,),
            line=alone.line,
        )
    waiting = [question for question in asked if answer_of(case, question) is None]
    if waiting:
        first = waiting[0]
        return no(
            f"{first.label} waits for a signed answer: {first.record.data['question']}",
            who=tuple(person.name for person in case.policy.people),
            command=f'git codexa clarify {case.change} --answer {first.label} "..."',
        )
    return yes(f"{len(asked)} asked, {len(asked)} answered" if asked else "none asked")


def _in_brief_alone(case: Case) -> Question | None:
    """The first open question in the brief that was not asked by the same words or label."""
    content = case.read(case.places.brief)
    if content is None:
        return None
    asked = case.state.clarifications
    said = {one_line(question.record.data["question"]) for question in asked}
    labels = {question.label for question in asked}
    found = questions(content, case.places.brief)
    return next((q for q in found if q.text not in said and q.label not in labels), None)


def plan_covers_criteria(case: Case) -> Answer:
    """Every criterion has a task, and every task a criterion."""
    if case.read(case.places.tasks) is None:
        return _not_planned(case, case.places.tasks)
    missing = uncovered(case.brief, case.plan)
    if missing:
        return no(
            "; ".join(missing),
            who=("PM (agent)",),
            command=f"git codexa advance {case.change} --replan",
            where=(case.places.tasks,),
        )
    criteria = counted(len(case.brief.criteria), "criterion", "criteria")
    return yes(f"{counted(len(case.plan.tasks), 'task')} for {criteria}")


def _not_planned(case: Case, path: str) -> Answer:
    return no(
        f"{path} is not written yet",
        who=("PM (agent)",),
        command=f"git codexa advance {case.change}",
        where=(path,),
    )


def plan_seeded(case: Case) -> Answer:
    """A plan says its seed and planner, has a recipe for each task, and is the declared one."""
    for path in (case.places.tasks, case.places.planner):
        if case.read(path) is None:
            return _not_planned(case, path)
    problem = _recipes_problem(case)
    if problem is None:
        absent = absent_patches(case)
        return _no_patch(case, absent[0]) if absent else yes(f"seed {case.planner.seed}")
    return no(
        problem,
        who=("PM (agent)",),
        command=f"git codexa advance {case.change} --replan",
        where=(case.places.planner,),
    )


def _no_patch(case: Case, path: str) -> Answer:
    return no(
        f"{path} is not there, which the plan is to apply",
        who=tuple(person.name for person in case.policy.people),
        command=f"git add {path} && git commit",
        where=(path,),
    )


def _recipes_problem(case: Case) -> str | None:
    """A task or recipe without the other, a foreign patch, or a plan that nobody declared."""
    if odd := (*unmatched(case.plan, case.planner), *undeclared(case)):
        return "; ".join(odd)
    patches = [p for recipe in case.planner.recipes for p in (recipe.patch, *recipe.again) if p]
    foreign = [path for path in patches if not case.places.is_plan_paper(path)]
    return f"{foreign[0]} is no patch of this change" if foreign else None


def design_recorded(case: Case) -> Answer:
    """Execute starts with the Designer's decisions written down."""
    path = case.places.design
    content = case.read(path)
    if content is None:
        return no(
            "not written yet",
            who=("Designer (agent)",),
            command=f"git codexa advance {case.change}",
            where=(path,),
        )
    if missing := design_gaps(content, path):
        return no(
            "; ".join(missing),
            who=tuple(person.name for person in case.policy.people),
            command=f"$EDITOR {path} && git commit {path}",
            where=(path,),
        )
    return yes(path)


def plan_approved(case: Case) -> Answer:
    """Execute starts after a person has approved brief and plan, as they are now.

    A light change goes on to its package without, which no landing rests on.
    """
    answer = approved(case, Gate.PLAN)
    if answer.met or case.state.light is None:
        return answer
    if case.plan_waits:
        return yes("a light change: signed with the package", Basis.CLAIMED)
    return answer._replace(now=f"{answer.now}; {case.no_light}")
