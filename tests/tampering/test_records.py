"""Records that somebody wrote, dropped or moved by hand; all that needs no key is made to fit."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from gate.signing import with_results
from gate.world import CHANGE, DEV, PM, TESTER, World, again, claimed, replaced, unmet

from codexa_git.audit.canonical import canonical
from codexa_git.audit.logger import log_path
from codexa_git.audit.record import Record, format_record
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.state import seal
from codexa_git.gate.answers import Basis
from codexa_git.gate.verdict import Verdict

HANDOFF = log_path(CHANGE, "handoff")
COMMANDS = log_path(CHANGE, "commands")


def is_undecided(verdict: Verdict) -> bool:
    return verdict.undecided and "records-sound" in unmet(verdict) and not verdict.lands


def lines(world: World, path: str) -> list[bytes]:
    return world.read(path).split(b"\n")[:-1]


def with_lines(world: World, path: str, made: list[bytes]) -> Verdict:
    return world.judge(world.edited({path: b"".join(line + b"\n" for line in made)}))


def spoiled(line: bytes, name: str) -> bytes:
    text = line.decode()
    return {
        "a duplicate name": text.replace("{", '{"round":1,', 1),
        "NaN": text.replace('"round":1', '"round":NaN', 1),
        "a float": text.replace('"round":1', '"round":1.0', 1),
        "an exponent": text.replace('"round":1', '"round":1e0', 1),
        "a huge number": text.replace('"round":1', f'"round":{"9" * 30}', 1),
        "a number of five thousand digits": text.replace('"round":1', f'"round":{"9" * 5000}', 1),
        "true for a number": text.replace('"round":1', '"round":true', 1),
        "a space": text.replace(":", ": ", 1),
        "an escape for a letter": text.replace("CH-001", "\\u0043H-001", 1),
        "another change": text.replace("CH-001", "CH-002", 1),
        "a look-alike of the change": text.replace("CH-001", "\u0421H-001", 1),
        "full-width digits": text.replace("CH-001", "CH-\uff10\uff10\uff11", 1),
        "another format": text.replace('"format":1', '"format":2', 1),
        "no format": text.replace('"format":1,', "", 1),
        "an unknown type": text.replace('"type":"', '"type":"x', 1),
        "one more field": text.replace('"data":', '"aside":1,"data":', 1),
        "a carriage return": f"{text}\r",
        "a NUL": f"{text}\0",
        "a byte-order mark": f"\ufeff{text}",
        "nesting without end": "[" * 50_000,
        "deep nesting that is closed": "[" * 990 + "]" * 990,
        "not an object": "7",
        "nothing": "",
    }[name].encode()


SPOILED = [
    *("a duplicate name", "NaN", "a float", "an exponent", "a huge number", "true for a number"),
    *("a number of five thousand digits", "a space", "an escape for a letter", "another change"),
    *("a look-alike of the change", "full-width digits", "another format", "no format"),
    *("an unknown type", "one more field", "a carriage return", "a NUL", "a byte-order mark"),
    *("nesting without end", "deep nesting that is closed", "not an object", "nothing"),
]


@pytest.mark.parametrize("name", SPOILED)
def test_a_line_in_another_form_is_undecided(world: World, name: str) -> None:
    first, *rest = lines(world, HANDOFF)
    assert is_undecided(with_lines(world, HANDOFF, [spoiled(first, name), *rest]))


@pytest.mark.parametrize("cut", [1, 40])
def test_a_last_line_cut_short_is_undecided(world: World, cut: int) -> None:
    assert is_undecided(world.judge(world.edited({HANDOFF: world.read(HANDOFF)[:-cut]})))


def test_bytes_that_are_no_text_are_undecided(world: World) -> None:
    assert is_undecided(with_lines(world, HANDOFF, [b"\xff\xfe", *lines(world, HANDOFF)]))


def test_a_duplicated_record_is_undecided(world: World) -> None:
    found = lines(world, COMMANDS)
    assert is_undecided(with_lines(world, COMMANDS, [*found, found[-1]]))


def test_a_record_in_another_file_is_undecided(world: World) -> None:
    moved = lines(world, COMMANDS)[-1]
    tree = world.edited({COMMANDS: world.read(COMMANDS).replace(moved + b"\n", b"")})
    content = world.read(HANDOFF) + moved + b"\n"
    assert is_undecided(world.judge(world.edited({HANDOFF: content}, tree)))


def test_an_edited_record_with_its_old_id_is_undecided(world: World) -> None:
    first, *rest = lines(world, HANDOFF)
    value = json.loads(first)
    value["data"]["title"] = "Something else"
    assert is_undecided(with_lines(world, HANDOFF, [canonical(value), *rest]))


@pytest.mark.parametrize("number", range(5))
def test_a_dropped_record_that_a_signer_had_seen_is_missed(world: World, number: int) -> None:
    seen = world.state.results
    assert seen is not None
    records = world.records()
    droppable = [r for r in records if r.id in seen.data["seen"] and r.log != "handoff"]
    chosen = droppable[number % len(droppable)]
    verdict = world.judge(world.remade([r for r in records if r.id != chosen.id]))
    assert not verdict.lands
    assert {"results-for-this-tree", "package-approved"} <= unmet(verdict)


def test_an_edited_record_that_a_signer_had_seen_is_missed(world: World) -> None:
    opened = world.state.opened
    other = again(opened, data=opened.data | {"title": "Something else"})
    verdict = world.judge(world.remade(replaced(world.records(), opened, other)))
    assert {"plan-approved", "results-for-this-tree", "package-approved"} <= unmet(verdict)


def swapped(records: list[Record], one: Record, other: Record) -> list[Record]:
    places = {one.id: other, other.id: one}
    return [places.get(record.id, record) for record in records]


def test_results_cannot_change_places_with_later_results(world: World) -> None:
    first, second = world.state.of(RecordType.RESULTS_RECORDED)
    tree = world.with_records(swapped(world.records(), first, second))
    verdict = world.judge(tree)
    assert is_undecided(verdict)


def test_a_signed_record_cannot_stand_above_what_its_signer_saw(world: World) -> None:
    approvals = world.state.of(RecordType.APPROVAL_GRANTED)
    tree = world.with_records(swapped(world.records(), approvals[0], approvals[1]))
    assert is_undecided(world.judge(tree))


def test_reordering_after_the_seal_breaks_it(world: World) -> None:
    concerns = world.state.of(RecordType.CONCERN_RAISED)
    tree = world.with_records(swapped(world.records(), concerns[0], concerns[1]))
    assert "workspace-closed" in unmet(world.judge(tree))


def test_a_signature_edited_after_the_seal_breaks_it(world: World) -> None:
    old = world.state.of(RecordType.RESULTS_RECORDED)[0]
    other = old._replace(signature=(old.signature or "").replace("A", "B", 1))
    tree = world.with_records(replaced(world.records(), old, other))
    assert "workspace-closed" in unmet(world.judge(tree))


def test_a_record_after_closing_opens_cleanup_again(world: World) -> None:
    text: dict[str, Any] = {"text": "wait", "tests": [], "by": "person", "due": None}
    late = world.record(RecordType.CONCERN_RAISED, text, actor=DEV)
    verdict = world.judge(world.with_records([*world.records(), late]))
    assert {"workspace-closed", "concerns-clear"} <= unmet(verdict)


def closing_again(world: World, **changes: Any) -> Verdict:  # noqa: ANN401
    closed = world.state.closed
    assert closed is not None
    other = again(closed, data=closed.data | changes)
    return world.judge(world.with_records(replaced(world.records(), closed, other)))


def test_a_wrong_seal_closes_nothing(world: World) -> None:
    assert "workspace-closed" in unmet(closing_again(world, seal=f"sha256:{'0' * 64}"))


def test_a_seal_that_counts_wrong_closes_nothing(world: World) -> None:
    assert "workspace-closed" in unmet(closing_again(world, records=1))


def test_a_seal_on_another_base_closes_nothing(world: World) -> None:
    assert "workspace-closed" in unmet(closing_again(world, base_tree=world.tree))


def test_a_wrong_seal_is_mended_only_by_a_later_right_one(world: World) -> None:
    closed = world.state.closed
    assert closed is not None
    wrong = again(closed, data=closed.data | {"seal": f"sha256:{'0' * 64}"})
    records = replaced(world.records(), closed, wrong)
    right = world.record(
        RecordType.CLOSED,
        {"seal": seal(tuple(records)), "records": len(records), "base_tree": world.base},
    )
    assert "workspace-closed" in unmet(world.judge(world.with_records(records)))
    mended = world.judge(world.with_records([*records, right]))
    assert "workspace-closed" not in unmet(mended)


@pytest.mark.parametrize("place", range(1, 20, 6))
def test_the_closing_record_stands_last(world: World, place: int) -> None:
    """Its seal covers the place of every record but its own."""
    *rest, closed = lines(world, HANDOFF)
    verdict = with_lines(world, HANDOFF, [*rest[:place], closed, *rest[place:]])
    assert "workspace-closed" in unmet(verdict)


def late(world: World, record: Record) -> Verdict:
    """The verdict with one more record, closed again over it."""
    return world.judge(world.remade([*world.records(), record]))


def test_an_abandoned_change_does_not_land_however_it_is_closed(world: World) -> None:
    record = world.decision(RecordType.ABANDONED, {"reason": "no longer wanted"})
    verdict = late(world, record)
    assert unmet(verdict) == {"not-abandoned"}
    assert "abandoned" in verdict.unmet[0].answer.now


def test_a_concern_that_nobody_resolved_blocks(world: World) -> None:
    data: dict[str, Any] = {"text": "wait", "tests": [], "by": "person", "due": None}
    verdict = late(world, world.record(RecordType.CONCERN_RAISED, data, actor=DEV))
    assert unmet(verdict) == {"concerns-clear"}


def concern_and(world: World, answer: Callable[[Record], Record], by: str = "person") -> set[str]:
    data: dict[str, Any] = {"text": "wait", "tests": [], "by": by, "due": None}
    raised = world.record(RecordType.CONCERN_RAISED, data, actor=DEV)
    return unmet(world.judge(world.remade([*world.records(), raised, answer(raised)])))


def test_a_persons_concern_is_resolved_by_a_signed_word(world: World) -> None:
    def resolved(raised: Record) -> Record:
        data = {"concern": raised.id, "reason": "seen to"}
        return world.decision(RecordType.CONCERN_RESOLVED, data, seen=[raised.id])

    assert concern_and(world, resolved) == set()


@pytest.mark.parametrize("by", ["person", "machine"])
def test_a_concern_is_not_closed_by_a_machines_record(world: World, by: str) -> None:
    def closed(raised: Record) -> Record:
        return world.record(RecordType.CONCERN_CLOSED, {"concern": raised.id, "results": None})

    assert concern_and(world, closed, by) == {"concerns-clear"}


def stalled(world: World) -> Record:
    data = {"text": "nothing has moved", "after": world.state.last_move.id}
    return world.record(RecordType.CONCERN_STALLED, data)


def test_that_it_stood_still_holds_up_no_landing_and_hides_no_concern(world: World) -> None:
    data: dict[str, Any] = {"text": "wait", "tests": [], "by": "person", "due": None}
    raised = world.record(RecordType.CONCERN_RAISED, data, actor=DEV)
    still = stalled(world)
    assert unmet(world.judge(world.remade([*world.records(), still]))) == set()
    both = [*world.records(), raised, still]
    assert unmet(world.judge(world.remade(both))) == {"concerns-clear"}


def test_that_it_stands_still_is_a_record_like_any_other_after_closing(world: World) -> None:
    verdict = world.judge(world.with_records([*world.records(), stalled(world)]))
    assert "workspace-closed" in unmet(verdict)


def test_a_seen_concern_cannot_become_one_that_holds_nothing_up(world: World) -> None:
    seen = world.state.of(RecordType.CONCERN_RAISED)[0]
    still = stalled(world)
    assert unmet(world.judge(world.remade(replaced(world.records(), seen, still))))


@pytest.mark.parametrize("hand", ["stranger@demo.invalid", "dev@demo.invalid"])
def test_a_concern_is_not_resolved_with_anothers_key(world: World, hand: str) -> None:
    def resolved(raised: Record) -> Record:
        data = {"concern": raised.id, "reason": "seen to"}
        return world.decision(RecordType.CONCERN_RESOLVED, data, key=hand)

    assert concern_and(world, resolved) == {"concerns-clear"}


def said_by_tester(world: World, kind: RecordType, data: dict[str, Any]) -> Record:
    return world.decision(kind, data, actor=TESTER)


def test_a_concern_is_not_resolved_by_the_testers_key(world: World) -> None:
    def resolved(raised: Record) -> Record:
        data = {"concern": raised.id, "reason": "seen to"}
        return said_by_tester(world, RecordType.CONCERN_RESOLVED, data)

    assert concern_and(world, resolved) == {"concerns-clear"}


def test_a_question_is_not_answered_by_the_testers_key(world: World) -> None:
    asked = world.record(RecordType.CLARIFICATION_ASKED, {"question": "why?"}, stage=Stage.FRAME)
    answered = said_by_tester(
        world, RecordType.CLARIFICATION_ANSWERED, {"question": asked.id, "answer": "because"}
    )
    verdict = world.judge(world.remade([*world.records(), asked, answered]))
    assert unmet(verdict) == {"clarifications-answered"}


def test_a_question_is_answered_by_a_person(world: World) -> None:
    asked = world.record(RecordType.CLARIFICATION_ASKED, {"question": "why?"}, stage=Stage.FRAME)
    data = {"question": asked.id, "answer": "because"}
    answered = world.decision(RecordType.CLARIFICATION_ANSWERED, data)
    assert world.judge(world.remade([*world.records(), asked, answered])).lands


def test_an_answer_to_another_question_answers_nothing(world: World) -> None:
    asked = world.record(RecordType.CLARIFICATION_ASKED, {"question": "why?"}, stage=Stage.FRAME)
    (other,) = world.state.clarifications[0].answers
    copied = again(other, data=other.data | {"question": asked.id})
    verdict = world.judge(world.remade([*world.records(), asked, copied]))
    assert unmet(verdict) == {"clarifications-answered"}


MOVES: dict[str, dict[str, Any]] = {
    "a handoff out of cleanup": {"from": "cleanup", "to": "cleanup"},
    "a handoff that skips a stage": {"from": "spec", "to": "validate"},
    "a handoff from another stage": {"from": "frame", "to": "spec"},
}


@pytest.mark.parametrize("name", MOVES)
def test_an_impossible_handoff_is_undecided(world: World, name: str) -> None:
    data = MOVES[name] | {"notify": [], "unmet": []}
    record = world.record(RecordType.HANDOFF, data)
    assert is_undecided(world.judge(world.with_records([*world.records(), record])))


@pytest.mark.parametrize("to", ["frame", "spec", "execute", "validate", "package"])
def test_a_rework_voids_what_was_given_before_it(world: World, to: str) -> None:
    data = {"from": "cleanup", "to": to, "reason": "", "tasks": [], "automatic": False}
    assert not late(world, world.record(RecordType.REWORK, data)).lands


def test_a_forged_run_after_the_tests_is_noticed(world: World) -> None:
    data = {"run": "run-009", "provider": "x", "seed": 1, "tasks": [], "unapproved": False}
    started = world.record(RecordType.RUN_STARTED, data, stage=Stage.EXECUTE)
    verdict = late(world, started)
    assert {"assertions-pass", "results-for-this-tree"} <= unmet(verdict)


def test_a_record_that_says_it_is_unsigned_is_no_decision(world: World) -> None:
    true = next(iter(world.state.of(RecordType.APPROVAL_GRANTED)))
    bare = format_record(true._replace(signature=None)).rstrip(b"\n")
    found = lines(world, COMMANDS)
    signed = format_record(true).rstrip(b"\n")
    made = [bare if line == signed else line for line in found]
    assert bare in made
    assert is_undecided(with_lines(world, COMMANDS, made))


@pytest.mark.parametrize("name", ["tasks-complete", "task-evidence", "assertions-pass"])
def test_what_is_only_claimed_never_lands(world: World, name: str) -> None:
    """The Tester lists no run in these results, which are honest in all else."""
    verdict = world.judge(unlisted(world))
    assert verdict.yes
    assert name in claimed(verdict)
    assert not verdict.lands


def unlisted(world: World) -> str:
    return with_results(world, lambda results: results._replace(records=()))


def test_nothing_that_lands_is_only_claimed(world: World) -> None:
    verdict = world.judge(world.tree)
    assert not claimed(verdict)
    asks = {ask.name for ask in verdict.asks if ask.answer.basis is Basis.ATTESTED}
    assert {"tasks-complete", "task-evidence", "assertions-pass"} <= asks


def test_times_within_a_file_may_go_back(world: World) -> None:
    """A decision that is put again on a tip that moved keeps the time that was signed."""
    early = world.decision(
        RecordType.APPROVAL_WITHDRAWN,
        {"approvals": [], "reason": ""},
        at=world.state.opened.seconds,
        actor=PM,
    )
    assert late(world, early).lands
