"""Signatures of work in the rich history's squashed landing, forged one at a time.

Demo QA stands for its only task, and so Demo PM alone approves its results: each forgery takes away
what that rests on. Nothing else is wrong with them, for whatever follows is made to fit and signed.
"""

from typing import Any

from gate.avowed import fitted, signed_task
from gate.world import STRANGER, TESTER
from tampering.forged_approvals import DEV, QA, last
from tampering.history import DAY
from tampering.rich import Forged, Landing, Rich, forgery

from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import AgentRole, Gate, Stage
from codexa_git.workflow.changes.draft import AGENTS

PM = Actor("Demo PM", "pm@demo.invalid", "pm")
NOTHING = f"sha256:{'0' * 64}"


def task(world: Landing) -> Record:
    return world.state.done["T-01"]


def by_hand(who: Actor) -> Actor:
    """The person as the author of commits."""
    return who._replace(role="contributor")


def signed(world: Landing, signer: Actor = QA, **other: Any) -> Record:  # noqa: ANN401
    """The task, done and signed by this person."""
    return signed_task(world, task(world), signer, **({"actor": by_hand(signer)} | other))


def tree_of(world: Landing, record: Record, gate: Gate = Gate.RESULTS, who: Actor = DEV) -> str:
    """The landing's tree with this record of the task, and without an approval by `who`."""
    return fitted(world, {task(world).id: record}, [last(world, gate, who.email).id])


def standing(rich: Rich, record: Record) -> Forged:
    world = rich.landing("squash")
    return world.put(tree_of(world, record))


def true(rich: Rich) -> Forged:
    """What is right: one signed, and one other person approved the results."""
    return standing(rich, signed(rich.landing("squash")))


def bearing(rich: Rich, other: Record) -> Forged:
    """The true record of the task with the signature of another record."""
    return standing(rich, signed(rich.landing("squash"))._replace(signature=other.signature))


@forgery("R8")
def signed_work_whose_signature_was_taken_off(rich: Rich) -> Forged:
    world = rich.landing("squash")
    record = signed(world)
    kept = [
        r._replace(signature=None) if r.id == record.id else r
        for r in world.records(tree_of(world, record))
    ]
    return world.put(world.with_records(kept, tree_of(world, record)))


@forgery("R8")
def work_with_a_signature_over_nothing(rich: Rich) -> Forged:
    world = rich.landing("squash")
    bare = task(world)._replace(signature=signed(world).signature)
    records = [bare if r.id == bare.id else r for r in world.records()]
    return world.put(world.with_records(records))


@forgery("A15", "A11")
def work_signed_with_a_key_that_nobody_enrolled(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), key=STRANGER.email))


@forgery("A15", "A11")
def work_signed_by_somebody_without_standing(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), STRANGER))


@forgery("A15", "A11")
def work_signed_by_the_only_approver_in_anothers_name(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), key=PM.email))


@forgery("A14", "A2")
def work_signed_by_the_only_approver(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), PM))


@forgery("A14", "A3")
def work_signed_by_one_of_the_two_who_approved_its_package(rich: Rich) -> Forged:
    world = rich.landing("squash")
    return world.put(tree_of(world, signed(world, PM), Gate.RESULTS, PM))


@forgery("A15", "A11")
def work_signed_by_the_testers_key_in_a_persons_name(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), key=TESTER.email))


@forgery("A15", "A11")
def work_signed_by_the_tester(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), TESTER))


@forgery("A15", "A11")
def work_signed_by_an_agent(rich: Rich) -> Forged:
    agent = AGENTS[AgentRole.IMPLEMENTER]
    return standing(rich, signed(rich.landing("squash"), agent, key=STRANGER.email))


@forgery("A15", "A11")
def work_signed_by_an_agent_with_a_persons_key(rich: Rich) -> Forged:
    agent = AGENTS[AgentRole.IMPLEMENTER]
    return standing(rich, signed(rich.landing("squash"), agent, key=QA.email))


@forgery("A15", "A11")
def work_that_another_did_by_hand(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), actor=by_hand(PM)))


@forgery("A15", "A11")
def work_signed_in_a_role_that_its_signer_does_not_hold(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), QA._replace(role="loud")))


@forgery("A15", "A11")
def work_signed_in_the_namespace_of_commits(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), namespace="git"))


@forgery("A15", "A11")
def work_with_the_signature_of_another_change(rich: Rich) -> Forged:
    return bearing(rich, signed(rich.landing("squash"), change="CH-001"))


@forgery("A15", "A11")
def work_with_the_signature_of_a_task_of_another_change(rich: Rich) -> Forged:
    other = rich.landing()
    return bearing(rich, signed_task(other, other.state.done["T-01"], QA))


@forgery("A15", "A11")
def work_with_the_signature_of_another_task(rich: Rich) -> Forged:
    return bearing(rich, signed(rich.landing("squash"), said={"task_id": "T-02"}))


@forgery("A15", "A11")
def work_with_the_signature_of_another_run(rich: Rich) -> Forged:
    return bearing(rich, signed(rich.landing("squash"), said={"run": "run-002"}))


@forgery("A15", "A11")
def work_with_the_signature_of_another_round(rich: Rich) -> Forged:
    return bearing(rich, signed(rich.landing("squash"), said={"round": 2}))


@forgery("A15", "A11")
def work_signed_for_another_round(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), said={"round": 2}))


@forgery("A15", "A11")
def work_signed_for_another_round_as_its_line_says(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), said={"round": 2}, round=2))


@forgery("A15", "A11")
def signed_work_whose_line_says_another_stage(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), stage=Stage.VALIDATE))


@forgery("A15", "A11")
def work_signed_under_another_root(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), said={"root": NOTHING}))


@forgery("A15", "A11")
def work_signed_while_observing(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), said={"root": None}))


@forgery("A15", "A11")
def work_signed_for_another_base(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), said={"branch": "next"}))


@forgery("A15", "A11")
def work_whose_signer_had_seen_what_is_not_there(rich: Rich) -> Forged:
    return standing(rich, signed(rich.landing("squash"), said={"seen": [NOTHING]}))


@forgery("A15", "A11")
def work_whose_list_of_files_was_edited(rich: Rich) -> Forged:
    """Its signer stands for one of the two files, and the record says both."""
    world = rich.landing("squash")
    one = signed(world).data["stands"][:1]
    return bearing(rich, signed(world, said={"stands": one}))


@forgery("A16", "A11")
def work_of_which_its_signer_stands_for_one_file(rich: Rich) -> Forged:
    world = rich.landing("squash")
    one = signed(world).data["stands"][:1]
    return standing(rich, signed(world, said={"stands": one}))


@forgery("A16", "A11")
def work_signed_in_another_mode(rich: Rich) -> Forged:
    world = rich.landing("squash")
    first, *rest = signed(world).data["stands"]
    stands = [first | {"mode": "100755"}, *rest]
    return standing(rich, signed(world, said={"stands": stands}))


def edited(rich: Rich, files: dict[str, bytes | None]) -> Forged:
    """The landing with other files, tested and approved just so, over what Demo QA had signed."""
    world = rich.landing("squash")
    tree, gone = world.edited({**files}), last(world, Gate.RESULTS, DEV.email).id
    return world.put(fitted(world, {task(world).id: signed(world)}, [gone], tree))


@forgery("A16", "A11")
def work_that_was_edited_after_it_was_signed(rich: Rich) -> Forged:
    notes = rich.landing("squash").read("NOTES")
    return edited(rich, {"NOTES": notes + b"Mine.\n"})


@forgery("A16", "A11")
def work_beside_what_was_signed(rich: Rich) -> Forged:
    return edited(rich, {"mine.sh": b"echo\n"})


@forgery("A16", "A11")
def signed_work_of_which_half_was_taken_back(rich: Rich) -> Forged:
    world = rich.landing("squash")
    return edited(rich, {"NOTES": world.store.read(world.base, "NOTES")})


@forgery("A1", "A11")
def a_plan_that_one_approved_because_the_work_is_signed(rich: Rich) -> Forged:
    world = rich.landing("squash")
    return world.put(tree_of(world, signed(world), Gate.PLAN))


@forgery("A15", "A11")
def work_signed_by_a_key_that_had_ended(rich: Rich) -> Forged:
    """Demo PM did it, and signed with the key that was rotated since; Demo Dev approved alone."""
    world, place = rich.landing("squash"), rich.place("squash")
    record = signed(world, PM, key="old")
    later = place.context.at + 3 * DAY
    return place.put(tree_of(world, record, Gate.RESULTS, PM), at=later)
