"""The fold: what records add up to, and which stories are impossible."""

from itertools import count, pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.schema import KINDS
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.change.folding import fold
from codexa_git.change.stages import Move, moved, rework_to
from codexa_git.change.state import State, _sealed, notified, seal
from codexa_git.errors import RecordError

ACTOR = Actor("Demo PM", "pm@demo.invalid", "pm")
DIGEST = digest(b"x")
MINUTES = count()


def record(kind: RecordType, data: dict[str, Any], **other: Any) -> Record:  # noqa: ANN401
    return make(
        kind,
        data,
        change="CH-001",
        stage=other.get("stage", Stage.FRAME),
        round=1,
        actor=ACTOR,
        at=1_767_225_600 + next(MINUTES),
        signature="armored" if KINDS[kind].signed else None,
    )


def signed(kind: RecordType, data: dict[str, Any], seen: tuple[Record, ...] = ()) -> Record:
    bound: dict[str, Any] = {
        "root": None,
        "branch": "main",
        "gates": {},
        "seen": [r.id for r in seen],
    }
    return record(kind, bound | data)


def opened() -> Record:
    data: dict[str, Any] = {
        "title": "a title",
        "item": None,
        "milestone": None,
        "requirements": [],
        "brief": DIGEST,
    }
    return record(RecordType.OPENED, data)


def handoff(before: Stage, after: Stage) -> Record:
    data = {"from": before, "to": after, "notify": [], "unmet": []}
    return record(RecordType.HANDOFF, data)


def rework(before: Stage, after: Stage, *tasks: str, automatic: bool = False) -> Record:
    data = {
        "from": before,
        "to": after,
        "reason": "",
        "tasks": list(tasks),
        "automatic": automatic,
    }
    return record(RecordType.REWORK, data)


def started(run: str = "run-001") -> Record:
    data = {"run": run, "provider": "scripted", "seed": 7, "tasks": [], "unapproved": False}
    return record(RecordType.RUN_STARTED, data)


def completed(task: str, run: str = "run-001", **evidence: str) -> Record:
    data = {
        "task_id": task,
        "run": run,
        "by": "agent",
        "files_touched": [],
        "evidence": {f"artifacts/work/CH-001/{run}/{n}": d for n, d in evidence.items()},
    }
    return record(RecordType.TASK_COMPLETED, data)


def failed(task: str, run: str = "run-001") -> Record:
    data = {"task_id": task, "run": run, "reason": "no", "evidence": {}}
    return record(RecordType.TASK_FAILED, data)


def finished(run: str = "run-001", **other: Any) -> Record:  # noqa: ANN401
    data = {"run": run, "outcome": "completed", "evidence": {}} | other
    return record(RecordType.RUN_FINISHED, data)


def results(round_: int = 1, seen: tuple[Record, ...] = ()) -> Record:
    data = {
        "gates": {"results": {"round": round_, "subject": DIGEST}},
        "tree": "a" * 40,
        "passed": 1,
        "failed": [],
        "skipped": 0,
        "unapproved": False,
    }
    return signed(RecordType.RESULTS_RECORDED, data, seen)


def approval(gate: Gate, round_: int = 1, seen: tuple[Record, ...] = ()) -> Record:
    bound = {"round": round_, "subject": DIGEST, "paths": [], "outcomes": None, "named": []}
    return signed(RecordType.APPROVAL_GRANTED, {"gates": {gate: bound}, "comment": ""}, seen)


def walked(to: Stage) -> list[Record]:
    """The records of a change that was handed on up to this stage."""
    stages = list(Stage)[: to.number + 1]
    return [opened(), *(handoff(a, b) for a, b in pairwise(stages))]


def state(*records: Record) -> State:
    return fold("CH-001", records)


@pytest.mark.parametrize(("stage", "target"), list(product(Stage, Stage)))
def test_a_handoff_leads_one_stage_on_or_is_impossible(stage: Stage, target: Stage) -> None:
    story = [*walked(stage), handoff(stage, target)]
    if moved(stage, Move.HANDOFF) is target:
        assert state(*story).stage is target
    else:
        with pytest.raises(RecordError, match=f"where the change is in {stage}"):
            state(*story)


@pytest.mark.parametrize(("stage", "target"), list(product(Stage, Stage)))
def test_a_rework_leads_back_or_is_impossible(stage: Stage, target: Stage) -> None:
    story = [*walked(stage), rework(stage, target)]
    move = rework_to(target)
    if move is not None and moved(stage, move) is target:
        assert state(*story).stage is target
    else:
        with pytest.raises(RecordError, match="rework"):
            state(*story)


def test_a_move_from_where_the_change_is_not_is_impossible() -> None:
    for wrong in (handoff(Stage.SPEC, Stage.EXECUTE), rework(Stage.SPEC, Stage.FRAME)):
        with pytest.raises(RecordError, match="where the change is in frame"):
            state(opened(), wrong)


def test_a_change_is_opened_first_and_once() -> None:
    with pytest.raises(RecordError, match="never opened"):
        state()
    with pytest.raises(RecordError, match="not opened yet"):
        state(handoff(Stage.FRAME, Stage.SPEC), opened())
    with pytest.raises(RecordError, match="open already"):
        state(opened(), opened())


@pytest.mark.parametrize(("asked", "target"), list(product(Stage, list(Stage)[:-1])))
def test_a_round_counts_reworks_to_the_stage_or_an_earlier_one(asked: Stage, target: Stage) -> None:
    story = [*walked(Stage.CLEANUP), rework(Stage.CLEANUP, target)]
    assert state(*story).round(asked) == (2 if target.number <= asked.number else 1)


def test_tries_count_what_went_round_by_itself() -> None:
    story = [*walked(Stage.VALIDATE), rework(Stage.VALIDATE, Stage.EXECUTE, automatic=True)]
    assert state(*walked(Stage.VALIDATE)).tries == 1
    assert state(*story).tries == 2
    by_hand = rework(Stage.EXECUTE, Stage.EXECUTE)
    assert state(*story, by_hand).tries == 1


def test_a_rework_voids_results_and_the_tasks_it_names() -> None:
    work = [started(), completed("T-01"), completed("T-02"), finished(), results()]
    story = [*walked(Stage.VALIDATE), *work]
    assert state(*story).results is not None
    after = state(*story, rework(Stage.VALIDATE, Stage.EXECUTE, "T-02"))
    assert after.results is None
    assert set(after.done) == {"T-01"}


@pytest.mark.parametrize("target", [Stage.FRAME, Stage.SPEC])
def test_a_rework_to_the_plan_voids_every_task(target: Stage) -> None:
    story = [*walked(Stage.EXECUTE), started(), completed("T-01"), finished()]
    assert state(*story, rework(Stage.EXECUTE, target)).done == {}


def test_a_rework_to_package_leaves_results() -> None:
    packet: dict[str, Any] = {
        "evidence": {"changes/CH-001/packet.html": DIGEST},
        "subject": DIGEST,
        "papers": {},
        "told": [],
    }
    story = [*walked(Stage.CLEANUP), results(), record(RecordType.PACKAGED, packet)]
    after = state(*story, rework(Stage.CLEANUP, Stage.PACKAGE))
    assert after.results is not None
    assert after.packaged is None


def test_a_task_that_fails_later_is_not_done() -> None:
    story = [opened(), started(), completed("T-01"), finished(), started("run-002")]
    assert "T-01" in state(*story).done
    assert "T-01" not in state(*story, failed("T-01", "run-002")).done


def test_runs_are_told_open_and_last() -> None:
    open_one = state(opened(), started())
    assert open_one.open_run == open_one.last_run
    done = state(opened(), started(), finished())
    assert done.open_run is None
    assert done.last_run is not None
    assert done.last_run.data["outcome"] == "completed"


def test_a_killed_run_may_be_followed_by_another() -> None:
    assert state(opened(), started(), started("run-002"), finished("run-002")).open_run is None


IMPOSSIBLE: dict[str, list[Record]] = {
    "a run that starts twice": [started(), finished(), started()],
    "a task outside any run": [completed("T-01")],
    "a task of a run that ended": [started(), finished(), completed("T-01")],
    "a task of another run": [started(), completed("T-01", "run-002")],
    "a task twice in one run": [started(), completed("T-01"), failed("T-01")],
    "a run that ends twice": [started(), finished(), finished()],
    "a run that ends without beginning": [finished()],
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_run_is_undecided(name: str) -> None:
    with pytest.raises(RecordError):
        state(opened(), *IMPOSSIBLE[name])


OTHERS = [
    *("artifacts/work/CH-001/run-002/T-01.json", "artifacts/work/CH-001/run-001/T-02.log"),
    *("artifacts/work/CH-002/run-001/T-01.json", "changes/CH-001/packet.html", "src/x.py", ""),
]


@pytest.mark.parametrize("path", OTHERS)
def test_a_record_names_no_evidence_but_its_own(path: str) -> None:
    done = completed("T-01")
    data = done.data | {"evidence": {path: DIGEST}}
    with pytest.raises(RecordError, match="no evidence of its own"):
        state(opened(), started(), record(RecordType.TASK_COMPLETED, data))
    with pytest.raises(RecordError, match="no evidence of its own"):
        state(opened(), started(), finished(evidence={path: DIGEST}))


def test_the_packets_record_names_the_packet_alone() -> None:
    path = "artifacts/work/CH-001/run-001/run.json"
    made = record(
        RecordType.PACKAGED,
        {"evidence": {path: DIGEST}, "subject": DIGEST, "papers": {}, "told": []},
    )
    with pytest.raises(RecordError, match="no evidence of its own"):
        state(opened(), made)


def test_the_last_word_on_a_file_counts() -> None:
    one, two = digest(b"1"), digest(b"2")
    first = completed("T-01", **{"T-01.json": one, "run.json": one})
    second = completed("T-02", **{"T-02.json": two, "run.json": two})
    found = state(opened(), started(), first, second).evidence
    assert found == {
        "artifacts/work/CH-001/run-001/T-01.json": one,
        "artifacts/work/CH-001/run-001/T-02.json": two,
        "artifacts/work/CH-001/run-001/run.json": two,
    }


def test_what_a_signer_saw_stands_above() -> None:
    first = approval(Gate.PLAN)
    second = approval(Gate.PACKAGE, seen=(first,))
    assert state(opened(), first, second).of(RecordType.APPROVAL_GRANTED) == (first, second)
    with pytest.raises(RecordError, match="stands above a record that its signer had seen"):
        state(opened(), second, first)


def test_nobody_sees_their_own_record() -> None:
    grant = approval(Gate.PLAN)
    data = grant.data | {"seen": [grant.id]}
    loop = grant._replace(data=data)
    with pytest.raises(RecordError, match="stands above"):
        state(opened(), loop)


def test_order_among_files_means_nothing() -> None:
    """`commands.jsonl` is read after `handoff.jsonl`, whichever record came first."""
    grant = approval(Gate.PLAN)
    told = results(seen=(grant,))
    assert state(opened(), told, grant).results == told


def test_waivers_are_of_the_present_round() -> None:
    gates = {"results": {"round": 1, "subject": None}}
    given_ = signed(RecordType.WAIVER_GRANTED, {"gates": gates, "tests": ["a"], "reason": ""})
    story = [*walked(Stage.VALIDATE), given_]
    assert state(*story).waivers == (given_,)
    assert state(*story, rework(Stage.VALIDATE, Stage.EXECUTE)).waivers == ()


def test_concerns_and_questions_are_numbered_and_answered_by_id() -> None:
    raised = record(
        RecordType.CONCERN_RAISED, {"text": "a", "tests": ["t"], "by": "machine", "due": None}
    )
    other = record(
        RecordType.CONCERN_RAISED, {"text": "b", "tests": [], "by": "person", "due": None}
    )
    closed = record(RecordType.CONCERN_CLOSED, {"concern": other.id, "results": None})
    asked = record(RecordType.CLARIFICATION_ASKED, {"question": "why?"})
    said = signed(RecordType.CLARIFICATION_ANSWERED, {"question": asked.id, "answer": "so"})
    found = state(opened(), asked, said, raised, other, closed)
    assert [(c.label, c.answer, c.by_person, c.tests) for c in found.concerns] == [
        ("CN-1", None, False, ("t",)),
        ("CN-2", closed, True, ()),
    ]
    assert [(c.label, c.answers) for c in found.clarifications] == [("Q-1", (said,))]


def test_a_stall_is_of_the_last_move_alone() -> None:
    first = opened()
    stall = record(RecordType.CONCERN_STALLED, {"text": "waits", "after": first.id})
    still = state(first, stall)
    assert still.stall is not None
    assert (still.stall.label, still.stall.stalled, still.stall.text) == ("CN-1", True, "waits")
    assert (still.stall.by_person, still.stall.tests, still.stall.due) == (False, (), None)
    moved = state(*walked(Stage.SPEC), stall)
    assert moved.last_move.type is RecordType.HANDOFF
    assert moved.stall is None


def closing(*others: Record, **wrong: Any) -> State:  # noqa: ANN401
    data = {"seal": seal(others), "records": len(others), "base_tree": "a" * 40} | wrong
    return state(*others, record(RecordType.CLOSED, data))


def test_a_seal_covers_every_other_record() -> None:
    grant = approval(Gate.PLAN)
    assert closing(opened(), grant).closed is not None
    assert closing(opened(), records=2).closed is None
    assert closing(opened(), seal=DIGEST).closed is None
    shut = closing(opened(), grant)
    late = record(RecordType.CLARIFICATION_ASKED, {"question": "why?"})
    assert state(*shut.records, late).closed is None
    unsigned = tuple(r._replace(signature="other") if r.signature else r for r in shut.records)
    assert state(*unsigned).closed is None


def test_what_is_long_is_sealed_alike_and_not_held_on_to() -> None:
    grant = approval(Gate.PLAN)
    _sealed.cache_clear()
    short, long = (opened(), grant), (opened(), grant._replace(signature="x" * 300_000))
    assert len({seal(short), seal(long), seal(short)}) == 2
    assert _sealed.cache_info().currsize == 1
    assert closing(*long).closed is not None


def test_a_second_seal_covers_the_first() -> None:
    shut = closing(opened())
    assert closing(*shut.records).closed is not None


@given(st.lists(st.sampled_from(list(RecordType)), max_size=6))
def test_any_story_is_told_or_refused(kinds: list[RecordType]) -> None:
    samples = {
        RecordType.HANDOFF: handoff(Stage.FRAME, Stage.SPEC),
        RecordType.REWORK: rework(Stage.FRAME, Stage.FRAME),
        RecordType.RUN_STARTED: started(),
        RecordType.TASK_COMPLETED: completed("T-01"),
        RecordType.TASK_FAILED: failed("T-01"),
        RecordType.RUN_FINISHED: finished(),
        RecordType.RESULTS_RECORDED: results(),
        RecordType.APPROVAL_GRANTED: approval(Gate.PLAN),
    }
    story = [samples[kind] for kind in kinds if kind in samples]
    try:
        found = state(opened(), *story)
    except RecordError:
        return
    assert found.stage in Stage
    assert found.ids == tuple(sorted(r.id for r in found.records))


def test_everybody_who_is_needed_next_is_notified() -> None:
    assert all(notified(stage) for stage in Stage)
    assert "pm" in notified(Stage.PACKAGE)
