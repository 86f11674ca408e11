"""What comes first: a plan, approved by as many as policy asks, before the product changes."""

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.paths import Kind
from codexa_git.gate.against import Weight, weighed
from codexa_git.gate.answers import Answer, no, yes
from codexa_git.gate.case import Case
from codexa_git.gate.judging import judged, roles_of
from codexa_git.gate.subjects import BoundPath, subject_of
from codexa_git.policy.rules import Carry, approvers_asked, carry_of, gate_rule, holders


def plan_before_product(case: Case) -> Answer:
    """The product changes only after a plan of this change was approved, by as many as are asked.

    Whether the approvals still stand is for the plan's own gate to ask.
    """
    product = case.of_kind(Kind.PRODUCT)
    if not product:
        return yes("no product path touched yet")
    wanted = approvers_asked(case.policy, gate_rule(case.policy, Gate.PLAN))
    given = _most_for_one_plan(case)
    if len(given) >= wanted:
        return yes("the plan was approved first")
    if case.is_light:
        return yes("a light change: its plan is signed with its package")
    if case.context.root is None and case.state.of(RecordType.RUN_STARTED):
        return yes("run without approval, while observing")
    so_far = f" ({len(given)} of {wanted} so far)" if given else ""
    light = "" if case.state.light is None else f"; {case.no_light}"
    able = holders(case.policy, _role(case))
    return no(
        f"{product[0].path} changes before the plan is approved{so_far}{light}",
        who=tuple(person.name for person in able if person.email not in given),
        command=_before_product(case, product[0].path),
        where=(product[0].path,),
    )


def _before_product(case: Case, path: str) -> str:
    """The way on: approve the plan where there is one; else the work has to wait for it."""
    if case.read(case.places.tasks) is not None:
        return f"git codexa approve {case.change}"
    return f"take {path} out again (git revert), and bring it back once the plan is approved"


def _role(case: Case) -> str:
    return gate_rule(case.policy, Gate.PLAN).role


def _most_for_one_plan(case: Case) -> frozenset[str]:
    """The addresses of the most who had ever approved one plan at one time."""
    given, most = list[Record](), frozenset[str]()
    for record in case.state.of(RecordType.APPROVAL_GRANTED, RecordType.APPROVAL_WITHDRAWN):
        if record.type is RecordType.APPROVAL_WITHDRAWN:
            gone = _taken_back_by(case, record)
            given = [each for each in given if each.id not in gone]
        elif _was_approval(case, record):
            given.append(record)
            alike = (r.actor.email for r in given if _is_of_one_plan(case, r, record))
            most = max(most, frozenset(alike), key=len)
    return most


def _taken_back_by(case: Case, record: Record) -> tuple[str, ...]:
    counts = weighed(case, record).weight is Weight.COUNTS
    return tuple(record.data["approvals"]) if counts else ()


def _was_approval(case: Case, record: Record) -> bool:
    if Gate.PLAN not in record.data["gates"]:
        return False
    bound = record.data["gates"][Gate.PLAN]
    signed = judged(case, record).counts and subject_of(bound).digest == bound["subject"]
    return signed and _role(case) in roles_of(case, record.actor.email)


def _is_of_one_plan(case: Case, record: Record, other: Record) -> bool:
    """True where both were given in one round, and each would stand where the other does."""
    mine, yours = record.data["gates"][Gate.PLAN], other.data["gates"][Gate.PLAN]
    if mine["round"] != yours["round"]:
        return False
    if mine["subject"] == yours["subject"]:
        return True
    paths, others = subject_of(mine).paths, subject_of(yours).paths
    return len(paths) == len(others) and all(
        _is_alike(case, one, another) for one, another in zip(paths, others, strict=True)
    )


def _is_alike(case: Case, one: BoundPath, other: BoundPath) -> bool:
    """True where what one approval binds of a path is what the other does, as approvals carry."""
    if (one.path, one.old, one.new) != (other.path, other.old, other.new):
        return False
    carries = carry_of(case.policy, one.path) is Carry.PATCH
    carried = carries and one.patch is not None and one.patch == other.patch
    return one.exact == other.exact or carried
