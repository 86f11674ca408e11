"""The rules of docs/specification.md: which requirement asks each, and what says it is broken.

A rule with a requirement is asked by the gates, as everywhere; where one requirement asks several
rules, a function of its own tells which of them is broken, so that a finding names that one. The
others are asked of the commit on the base (`landings`, `base`), of its policy (`grounds`), of the
audit files (`lines`) and of the story (`story`). A function that asks a rule begins its docstring
with the rule's number, which is how docs/reference/traceability.md finds it.
"""

from collections.abc import Callable, Iterator

from codexa_git.change.paths import POLICY, SIGNERS, Kind
from codexa_git.errors import PaperError, TooLargeError
from codexa_git.gate.answers import Ask
from codexa_git.gate.case import Case
from codexa_git.gate.guarding import of_a_time_to_come, told_ahead
from codexa_git.gate.sharing import trespasses
from codexa_git.verify import approvals
from codexa_git.verify.findings import Breach

Explain = Callable[[Case, Ask], Iterator[Breach]]

ASKED: dict[str, str] = {
    "brief-complete": "G1",
    "criteria-explicit": "G2",
    "clarifications-answered": "G3",
    "plan-covers-criteria": "G4",
    "plan-seeded": "G6",
    "design-recorded": "G7",
    "plan-approved": "A1",
    "tasks-complete": "E1",
    "task-evidence": "E2",
    "assertions-pass": "E3",
    "results-for-this-tree": "E5",
    "tests-pass-or-waived": "E6",
    "regression-matches": "E7",
    "touched-lines-covered": "E11",
    "results-approved": "A2",
    "impact-written": "G8",
    "packet-ready": "G9",
    "package-approved": "A3",
    "retention-recorded": "G10",
    "evidence-archived": "E9",
    "concerns-clear": "G11",
    "documents-written": "G16",
    "docs-current": "G13",
    "evidence-listed": "G14",
    "workspace-closed": "L5",
    "records-sound": "S3",
    "not-abandoned": "L14",
    "own-files-only": "L6",
    "paths-plain": "L12",
    "guarded-paths": "L7",
    "no-gitlinks": "L11",
    "plan-before-product": "G15",
    "listed-as-recorded": "L9",
}
"""The rule that each requirement asks, where nothing below says more precisely which it is."""


def _circular(case: Case, ask: Ask) -> Iterator[Breach]:
    """G5: tasks wait for each other in a circle."""
    try:
        _ = case.plan
    except PaperError as error:
        if "wait for each other" in error.message or "after itself" in error.message:
            yield Breach("G5", ask.answer.now, case.places.tasks)


def _foreign(case: Case, ask: Ask) -> Iterator[Breach]:
    """L6: a file of another change, or its block in a shared page."""
    del ask
    for difference in case.of_kind(Kind.FOREIGN):
        yield Breach("L6", f"{difference.path} belongs to another change", difference.path)
    for page, wrong in trespasses(case).items():
        yield Breach("L6", f"{page} {wrong}", page)


def _stray(case: Case, ask: Ask) -> Iterator[Breach]:
    """L8: a file beside those that only the tool writes."""
    del ask
    for difference in case.of_kind(Kind.STRAY):
        told = f"{difference.path} lies where only the tool writes, and is none of its files"
        yield Breach("L8", told, difference.path)


def _to_come(case: Case, ask: Ask) -> Iterator[Breach]:
    """R10: a record is of a time more than a day past that of the landing."""
    del ask
    if (late := of_a_time_to_come(case)) is not None:
        yield Breach("R10", told_ahead(case, late), case.places.log(late.log))


def _own_policy(case: Case, ask: Ask) -> Iterator[Breach]:
    """P1: the change brings a policy of its own, which judges nothing."""
    del ask
    for difference in case.differences:
        if difference.path in (POLICY, SIGNERS):
            told = f"{difference.path} of a change judges nothing: policy is its first parent's"
            yield Breach("P1", told, difference.path)


EXPLAINED: dict[str, tuple[Explain, ...]] = {
    **dict.fromkeys(
        approvals.GATES,
        (
            approvals.other_list,
            approvals.stale,
            approvals.wrong_signature,
            approvals.elsewhere,
            approvals.unseen,
            approvals.before_the_mark,
            approvals.counted_twice,
            approvals.withdrawn,
            approvals.alone,
            approvals.own_work,
            approvals.wrongly_signed_work,
            approvals.other_work,
            approvals.untouched,
            approvals.by_an_agent,
            approvals.while_observing,
            approvals.too_few,
        ),
    ),
    "results-for-this-tree": (
        approvals.not_a_testers,
        approvals.of_another_tree,
        approvals.while_observing,
    ),
    "records-sound": (_to_come,),
    "concerns-clear": (approvals.unresolved_by_a_person,),
    "plan-covers-criteria": (_circular,),
    "own-files-only": (_foreign, _stray),
    "guarded-paths": (_own_policy,),
}
"""What looks closer where a requirement is not met, each for the rule that its docstring cites."""

_ALSO = ("concerns-clear", "guarded-paths")
"""Where what looks closer tells of more, and the requirement's own rule is broken too."""


def explained(case: Case, ask: Ask) -> list[Breach]:
    """What a requirement that is not met breaks, rule by rule; never nothing.

    A requirement of policy's own has no number: it is one of those that a landing needs (L4).
    """
    try:
        found = [b for look in EXPLAINED.get(ask.name, ()) for b in look(case, ask)]
    except TooLargeError:  # which the answer itself tells of
        found = []
    if any(breach.undecided for breach in found):
        # What hangs on a signature that nobody here can judge is as undecided as that.
        return [breach._replace(undecided=True) for breach in found]
    if not found or ask.name in _ALSO:
        found.append(_as_answered(ask))
    return found


def _as_answered(ask: Ask) -> Breach:
    """L4: a requirement that a landing needs is not met, told as the gates answered it."""
    answer = ask.answer
    where = answer.where[0] if answer.where else None
    told, undecided = f"{ask.name}: {answer.now}", answer.met is None
    return Breach(ASKED.get(ask.name, "L4"), told, where, answer.line, answer.command, undecided)
