"""Approvals, results and waivers of the rich history's first landing, forged one at a time."""

from collections.abc import Callable
from typing import Any

from gate.signing import spoilt, with_results
from gate.world import PM, TESTER, World, again, replaced
from tampering.history import DAY
from tampering.rich import Forged, Landing, Rich, forgery

from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.change.results import Outcome, Results
from codexa_git.gate.decisions import TESTER_PRINCIPAL

DEV = Actor("Demo Dev", "dev@demo.invalid", "pm")
QA = Actor("Demo QA", "qa@demo.invalid", "pm")
STRANGER = Actor("Demo Stranger", "stranger@demo.invalid", "pm")
NOTHING = f"sha256:{'0' * 64}"


def last(world: World, gate: Gate, email: str = DEV.email) -> Record:
    """The approval of this gate that this person gave last."""
    given = world.state.of(RecordType.APPROVAL_GRANTED)
    return [r for r in given if gate in r.data["gates"] and r.actor.email == email][-1]


def granted(world: World, **other: Any) -> Record:  # noqa: ANN401
    """What the last approval of the package says, signed anew but for what is named."""
    true = last(world, Gate.PACKAGE)
    data = {name: true.data[name] for name in ("gates", "seen", "comment")}
    actor = other.pop("actor", DEV)
    other |= {"stage": true.stage, "round": true.round}
    return world.decision(true.type, data | other.pop("data", {}), actor=actor, **other)


def instead(rich: Rich, record: Record, true: Record | None = None) -> Forged:
    """The landing with this record in the place of a true one, and all else made to fit."""
    world = rich.landing()
    old = true or last(world, Gate.PACKAGE)
    return world.put(world.remade(replaced(world.records(), old, record)))


def without(rich: Rich, *gone: Record) -> Forged:
    """The landing without these records, and all else made to fit."""
    world, names = rich.landing(), {record.id for record in gone}
    return world.put(world.remade([r for r in world.records() if r.id not in names]))


def with_more(rich: Rich, *more: Record) -> Forged:
    """The landing with more records, and all else made to fit."""
    world = rich.landing()
    return world.put(world.remade([*world.records(), *more]))


def tested(world: Landing, edit: Callable[[Results], Results], **other: Any) -> str:  # noqa: ANN401
    """The tree with other results, signed by the Tester if not said, and approved by both."""
    tree = with_results(world, edit, **other)
    given = world.case(tree).state.of(RecordType.APPROVAL_GRANTED)[-1]
    data = {name: given.data[name] for name in ("gates", "seen", "comment")}
    stage, number = given.stage, given.round
    both = world.decision(given.type, data, actor=DEV, stage=stage, round=number)
    return world.remade([*world.records(tree), both], tree)


def resulting(rich: Rich, edit: Callable[[Results], Results], **other: Any) -> Forged:  # noqa: ANN401
    """The landing with other results."""
    return rich.landing().put(tested(rich.landing(), edit, **other))


def same(results: Results) -> Results:
    return results


@forgery("R8")
def an_approval_that_nobody_signed(rich: Rich) -> Forged:
    world = rich.landing()
    true = last(world, Gate.PACKAGE)
    records = replaced(world.records(), true, true._replace(signature=None))
    return world.put(world.with_records(records))


@forgery("A3")
def a_package_that_one_of_two_approved(rich: Rich) -> Forged:
    return without(rich, last(rich.landing(), Gate.PACKAGE))


@forgery("A1", "A11")
def a_plan_that_its_author_approved_alone(rich: Rich) -> Forged:
    return without(rich, last(rich.landing(), Gate.PLAN))


@forgery("A2", "A11")
def results_that_their_author_approved_alone(rich: Rich) -> Forged:
    return without(rich, last(rich.landing(), Gate.RESULTS))


@forgery("A3", "A11")
def a_path_that_one_of_those_who_look_after_it_approved_alone(rich: Rich) -> Forged:
    """Two have approved the package, as its gate asks; the second has no say in that path."""
    return instead(rich, granted(rich.landing(), actor=QA))


@forgery("A6")
def an_approval_by_a_key_that_nobody_enrolled(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), key=STRANGER.email))


@forgery("A6")
def an_approval_by_another_approvers_key(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), key=PM.email))


@forgery("A6")
def an_approval_by_the_testers_key_in_a_persons_name(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), key=TESTER_PRINCIPAL))


@forgery("A6")
def an_approval_by_a_principal_whom_policy_does_not_know(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), actor=STRANGER))


@forgery("A6")
def an_approval_in_the_namespace_of_commits(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), namespace="git"))


@forgery("A6")
def an_approval_in_a_namespace_that_begins_like_ours(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), namespace="codexa2"))


@forgery("A6")
def an_approval_by_an_address_that_looks_alike(rich: Rich) -> Forged:
    like = DEV._replace(email="dev@dem\u043e.invalid")
    return instead(rich, granted(rich.landing(), actor=like, key=DEV.email))


@forgery("A6")
def an_approval_by_an_address_in_another_case(rich: Rich) -> Forged:
    other = DEV._replace(email="Dev@demo.invalid")
    return instead(rich, granted(rich.landing(), actor=other, key=DEV.email))


@forgery("A3")
def an_approval_in_a_role_that_its_signer_does_not_hold(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), actor=DEV._replace(role="owner")))


@forgery("A3")
def an_approval_under_another_persons_name(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), actor=DEV._replace(name=PM.name)))


@forgery("A13")
def an_approval_by_the_tester(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), actor=TESTER))


@forgery("A13")
def an_approval_by_an_agent(rich: Rich) -> Forged:
    agent = Actor("PM (agent)", "pm@agents.invalid", "pm-agent")
    return instead(rich, granted(rich.landing(), actor=agent, key=STRANGER.email))


@forgery("A9")
def one_key_that_approves_twice(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), actor=PM, data={"comment": "again"}))


@forgery("A7")
def an_approval_from_another_repository(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), data={"root": NOTHING}))


@forgery("A7")
def an_approval_for_another_base(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), data={"branch": "release"}))


@forgery("P7")
def an_approval_given_while_observing(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), data={"root": None}))


def other_round(world: World, number: int) -> dict[str, Any]:
    gates = last(world, Gate.PACKAGE).data["gates"]
    return {"gates": {gate: bound | {"round": number} for gate, bound in gates.items()}}


@forgery("A3")
def an_approval_of_the_round_before(rich: Rich) -> Forged:
    world = rich.landing()
    return instead(rich, granted(world, data=other_round(world, 1)))


@forgery("A6")
def an_approval_of_the_round_before_that_says_it_is_of_this(rich: Rich) -> Forged:
    world = rich.landing()
    signed = granted(world, data=other_round(world, 1))
    return instead(rich, again(signed, data=signed.data | other_round(world, 2)))


@forgery("A6")
def an_approval_of_another_change_that_says_it_is_of_this(rich: Rich) -> Forged:
    other = last(rich.landing("squash"), Gate.PACKAGE)
    bound = other.data["gates"]["package"] | {"round": 2}
    data = other.data | {"gates": {"package": bound}}
    return instead(rich, again(other, change="CH-001", data=data))


@forgery("R5")
def an_approval_of_another_change_as_it_is(rich: Rich) -> Forged:
    world, other = rich.landing(), last(rich.landing("squash"), Gate.PACKAGE)
    records = replaced(world.records(), last(world, Gate.PACKAGE), other)
    return world.put(world.with_records(records))


@forgery("A6")
def an_approval_of_the_plan_that_says_it_is_of_the_package(rich: Rich) -> Forged:
    plan = last(rich.landing(), Gate.PLAN)
    data = plan.data | {"gates": {"package": plan.data["gates"]["plan"]}}
    return instead(rich, again(plan, data=data))


@forgery("A8")
def an_approval_that_saw_what_is_not_there(rich: Rich) -> Forged:
    return instead(rich, granted(rich.landing(), data={"seen": [NOTHING]}))


@forgery("A8")
def a_concern_that_was_seen_and_is_gone(rich: Rich) -> Forged:
    raised = rich.landing().state.of(RecordType.CONCERN_RAISED)[-1]
    answered = rich.landing().state.of(RecordType.CONCERN_RESOLVED)
    return without(rich, raised, *(r for r in answered if r.data["concern"] == raised.id))


@forgery("A10")
def an_approval_that_was_taken_back(rich: Rich) -> Forged:
    data = {"approvals": [last(rich.landing(), Gate.PACKAGE).id], "reason": "I was hasty"}
    kind = RecordType.APPROVAL_WITHDRAWN
    return with_more(rich, rich.landing().decision(kind, data, actor=DEV))


@forgery("R6")
def an_approval_that_was_taken_back_under_another_id(rich: Rich) -> Forged:
    world, true = rich.landing(), last(rich.landing(), Gate.PACKAGE)
    data = {"approvals": [true.id], "reason": "I was hasty"}
    back = world.decision(RecordType.APPROVAL_WITHDRAWN, data, actor=DEV)
    return world.put(world.with_records([*world.records(), back, again(true, round=9)]))


@forgery("A7")
def an_approval_whose_line_says_another_round(rich: Rich) -> Forged:
    true = last(rich.landing(), Gate.PACKAGE)
    return instead(rich, again(true, round=true.round + 7))


@forgery("A4")
def an_approval_whose_list_is_shorter_than_what_was_signed(rich: Rich) -> Forged:
    bound = last(rich.landing(), Gate.PACKAGE).data["gates"]["package"]
    gates = {"package": bound | {"paths": bound["paths"][1:]}}
    return instead(rich, granted(rich.landing(), data={"gates": gates}))


@forgery("A4")
def an_approval_whose_list_was_cut_after_it_was_signed(rich: Rich) -> Forged:
    true = last(rich.landing(), Gate.PACKAGE)
    bound = true.data["gates"]["package"]
    gates = {"package": bound | {"paths": bound["paths"][1:]}}
    return instead(rich, again(true, data=true.data | {"gates": gates}))


@forgery("A6")
def an_approval_whose_comment_was_edited(rich: Rich) -> Forged:
    true = last(rich.landing(), Gate.PACKAGE)
    return instead(rich, again(true, data=true.data | {"comment": "and whatever comes"}))


@forgery("A6")
def an_approval_that_was_dated_back(rich: Rich) -> Forged:
    true = last(rich.landing(), Gate.PACKAGE)
    return instead(rich, again(true, at="2026-01-01T00:00:00Z"))


@forgery("A6")
def an_approval_that_saw_less_than_was_signed(rich: Rich) -> Forged:
    true = last(rich.landing(), Gate.PACKAGE)
    return instead(rich, again(true, data=true.data | {"seen": []}))


@forgery("A3", "A5")
def a_stale_approval_that_was_never_renewed(rich: Rich) -> Forged:
    world = rich.landing()
    return without(rich, *(last(world, Gate.PACKAGE, who.email) for who in (PM, DEV)))


@forgery("A1", "A7")
def a_plan_approved_before_its_rework_alone(rich: Rich) -> Forged:
    world = rich.landing()
    return without(rich, *(last(world, Gate.PLAN, who.email) for who in (PM, DEV)))


@forgery("E6")
def a_failed_test_whose_waiver_is_gone(rich: Rich) -> Forged:
    return without(rich, *rich.landing().state.of(RecordType.WAIVER_GRANTED))


@forgery("E6")
def a_failed_test_that_a_stranger_waived(rich: Rich) -> Forged:
    world = rich.landing()
    (true,) = world.state.of(RecordType.WAIVER_GRANTED)
    data = {name: item for name, item in true.data.items() if name not in ("root", "branch")}
    forged = world.decision(true.type, data, actor=true.actor, key=STRANGER.email)
    return instead(rich, forged, true)


@forgery("G12")
def a_concern_that_a_stranger_resolved(rich: Rich) -> Forged:
    world = rich.landing()
    true = world.state.of(RecordType.CONCERN_RESOLVED)[0]
    data = {name: item for name, item in true.data.items() if name not in ("root", "branch")}
    forged = world.decision(true.type, data, actor=STRANGER, stage=true.stage)
    return instead(rich, forged, true)


@forgery("G3")
def a_question_that_a_stranger_answered(rich: Rich) -> Forged:
    world = rich.landing()
    (true,) = world.state.of(RecordType.CLARIFICATION_ANSWERED)
    data = {name: item for name, item in true.data.items() if name not in ("root", "branch")}
    forged = world.decision(true.type, data, actor=STRANGER, stage=true.stage)
    return instead(rich, forged, true)


@forgery("A6")
def a_landing_held_back_until_a_key_had_ended(rich: Rich) -> Forged:
    place = rich.place("squash")
    return place.put(place.commit.tree, at=place.context.at + 3 * DAY)


@forgery("A6")
def a_landing_dated_back_to_when_a_key_was_valid(rich: Rich) -> Forged:
    place = rich.place("squash")
    late = place.made(place.parent.tree, place.parent.oid, at=place.context.at + 3 * DAY)
    return place.put(place.commit.tree, upon=late)


@forgery("A6")
def a_landing_upon_a_commit_that_was_dated_back_for_it(rich: Rich) -> Forged:
    place = rich.place("squash")
    late = place.made(place.parent.tree, place.parent.oid, at=place.context.at + 3 * DAY)
    past = place.made(place.parent.tree, late)
    return place.put(place.commit.tree, upon=past)


@forgery("A6")
def an_approval_by_a_key_that_was_taken_out(rich: Rich) -> Forged:
    world = rich.landing("light")
    true = last(world, Gate.PACKAGE, PM.email)
    data = {name: true.data[name] for name in ("gates", "seen", "comment")}
    forged = world.decision(true.type, data, actor=PM, key="old", stage=true.stage)
    return world.put(world.remade(replaced(world.records(), true, forged)))


@forgery("E5")
def results_by_an_approvers_key(rich: Rich) -> Forged:
    return resulting(rich, same, key=PM.email)


@forgery("E5")
def results_in_an_approvers_name(rich: Rich) -> Forged:
    return resulting(rich, same, actor=PM)


@forgery("E5")
def results_by_an_approver_who_calls_himself_tester(rich: Rich) -> Forged:
    return resulting(rich, same, actor=PM._replace(role="tester"))


@forgery("E5")
def results_by_a_key_that_nobody_enrolled(rich: Rich) -> Forged:
    return resulting(rich, same, key=STRANGER.email)


@forgery("E5")
def results_in_another_namespace(rich: Rich) -> Forged:
    return resulting(rich, same, namespace="git")


@forgery("R8")
def results_that_nobody_signed(rich: Rich) -> Forged:
    world = rich.landing()
    true = world.state.results
    assert true is not None
    records = replaced(world.records(), true, true._replace(signature=None))
    return world.put(world.with_records(records))


@forgery("E4")
def results_of_another_tree(rich: Rich) -> Forged:
    return resulting(rich, lambda results: results._replace(tree=rich.landing().base))


@forgery("E4")
def results_whose_record_counts_more_tests_than_the_report(rich: Rich) -> Forged:
    return resulting(rich, same, said={"passed": 99})


@forgery("E4")
def results_whose_record_names_another_tree_than_the_report(rich: Rich) -> Forged:
    return resulting(rich, same, said={"tree": "0" * 40})


@forgery("E6")
def results_with_another_failure(rich: Rich) -> Forged:
    more = Outcome("shout::wide", "failed", "no")
    return resulting(rich, lambda results: results._replace(outcomes=(*results.outcomes, more)))


@forgery("E6")
def results_of_no_test(rich: Rich) -> Forged:
    return resulting(rich, lambda results: results._replace(outcomes=()))


@forgery("E7")
def results_that_came_out_otherwise_the_second_time(rich: Rich) -> Forged:
    def differing(results: Results) -> Results:
        told = results.snapshot._replace(differs=("shout::loud",), tests="different")
        return results._replace(snapshot=told)

    return resulting(rich, differing)


@forgery("L10")
def results_that_checked_no_run(rich: Rich) -> Forged:
    return resulting(rich, lambda results: results._replace(records=()))


@forgery("L9")
def a_report_that_says_more_passed_than_was_signed(rich: Rich) -> Forged:
    world, path = rich.landing(), "tests/results/CH-001.json"
    content = world.read(path).replace(b'"failed"', b'"passed"')
    return world.put(world.remade(world.records(), world.edited({path: content})))


@forgery("G15")
def a_product_whose_plan_nobody_ever_approved(rich: Rich) -> Forged:
    given = rich.landing().state.of(RecordType.APPROVAL_GRANTED)
    return without(rich, *(record for record in given if Gate.PLAN in record.data["gates"]))


@forgery("G15")
def a_product_whose_plan_one_of_two_ever_approved(rich: Rich) -> Forged:
    given = rich.landing().state.of(RecordType.APPROVAL_GRANTED)
    first, *others = [record for record in given if Gate.PLAN in record.data["gates"]]
    assert {record.actor.email for record in others} - {first.actor.email}
    return without(rich, *others)


@forgery("G17")
def a_mark_of_a_light_change_that_no_signer_had_seen(rich: Rich) -> Forged:
    world = rich.landing()
    opened, *rest = world.records()
    mark = world.record(RecordType.LIGHTENED, {"tree": world.base, "reverts": None})
    return world.put(world.remade([opened, mark, *rest]))


@forgery("L14")
def a_change_that_was_abandoned(rich: Rich) -> Forged:
    world = rich.landing()
    return with_more(rich, world.decision(RecordType.ABANDONED, {"reason": "no longer"}))


@forgery("L14")
def a_change_that_was_abandoned_beneath_a_forged_word(rich: Rich) -> Forged:
    world = rich.landing()
    true = world.decision(RecordType.ABANDONED, {"reason": "no longer"})
    forged = again(true, data=true.data | {"reason": "signed by nobody"})
    return world.put(world.remade([forged, true, *world.records()]))


@forgery("L14")
def a_change_whose_ending_has_a_spoilt_signature(rich: Rich) -> Forged:
    return with_more(rich, spoilt(rich.landing().decision(RecordType.ABANDONED, {"reason": "no"})))


@forgery("L14")
def a_change_whose_ending_bears_a_persons_name_and_anothers_key(rich: Rich) -> Forged:
    data = {"reason": "no longer"}
    return with_more(rich, rich.landing().decision(RecordType.ABANDONED, data, key=STRANGER.email))


@forgery("L14")
def a_change_that_was_ended_by_a_key_since_taken_out(rich: Rich) -> Forged:
    world = rich.landing("light")
    gone = world.decision(RecordType.ABANDONED, {"reason": "no"}, actor=PM, key="old")
    return world.put(world.remade([*world.records(), gone]))


@forgery("A10")
def a_withdrawal_by_a_key_since_taken_out(rich: Rich) -> Forged:
    world = rich.landing("light")
    given = [r.id for r in world.state.of(RecordType.APPROVAL_GRANTED)]
    data = {"approvals": given, "reason": "no"}
    gone = world.decision(RecordType.APPROVAL_WITHDRAWN, data, actor=PM, key="old")
    return world.put(world.remade([*world.records(), gone]))


@forgery("A10")
def a_withdrawal_with_a_spoilt_signature(rich: Rich) -> Forged:
    world = rich.landing()
    data = {"approvals": [last(world, Gate.PACKAGE).id], "reason": "I was hasty"}
    back = world.decision(RecordType.APPROVAL_WITHDRAWN, data, actor=DEV)
    return with_more(rich, spoilt(back))


@forgery("E3")
def a_run_that_never_ended(rich: Rich) -> Forged:
    data = {"run": "run-009", "provider": "x", "seed": 1, "tasks": [], "unapproved": False}
    made = rich.landing().record(RecordType.RUN_STARTED, data, stage=Stage.EXECUTE, round=2)
    return with_more(rich, made)
