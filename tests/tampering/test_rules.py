"""One forgery at least for each rule: `verify` names that rule, at the commit that breaks it."""

import json
from typing import Any

import pytest
from gate.signing import PLACE, with_results
from gate.world import CHANGE, DEV, PM, STRANGER, TESTER, World, again, replaced, unmet
from tampering.line import Line
from tampering.test_approvals import approval, other_round, package
from tampering.test_records import COMMANDS, HANDOFF, lines, swapped, unlisted
from tampering.test_results import differs, failing, reaching

from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.record import Record, format_record, time_of
from codexa_git.audit.words import AHEAD, NO_TIME, Gate, RecordType, Stage
from codexa_git.change.pages import PAGES
from codexa_git.change.state import seal
from codexa_git.policy.rules import CustomRequirement, PathRule, Person
from codexa_git.policy.signers import Signer
from codexa_git.repository.objects import Entry, Mode
from codexa_git.verify.pushed import Push, judge_push
from codexa_git.verify.walk import Walk

GRANTED = RecordType.APPROVAL_GRANTED


def rule(number: str) -> pytest.MarkDecorator:
    return pytest.mark.rule(number)


def dropped(world: World, *names: str) -> str:
    """The tree without these records, all else made to fit."""
    return world.remade([record for record in world.records() if record.id not in names])


def approving(world: World, **other: Any) -> str:  # noqa: ANN401
    """The tree with another approval of the package in the place of the true one."""
    true = approval(world.state, Gate.PACKAGE)
    return world.remade(replaced(world.records(), true, package(world, **other)))


def line_by_line(world: World, path: str, made: list[bytes]) -> str:
    return world.edited({path: b"".join(line + b"\n" for line in made)})


def without(world: World, path: str, old: bytes, new: bytes = b"") -> str:
    content = world.read(path)
    assert old in content
    return world.edited({path: content.replace(old, new, 1)})


def paper(name: str) -> str:
    return f"changes/{CHANGE}/{name}"


def test_the_true_landing_breaks_none(world: World, line: Line) -> None:
    assert line.rules(world.tree) == set()
    assert line.rules(world.remade(world.records())) == set()
    assert line.report(line.landing(world.tree), story=False).findings == ()


class TestApprovals:
    @rule("A1")
    def test_no_approval_of_the_plan(self, world: World, line: Line) -> None:
        assert "A1" in line.rules(dropped(world, approval(world.state, Gate.PLAN).id))

    @rule("A2")
    def test_no_approval_of_the_results(self, world: World, line: Line) -> None:
        assert "A2" in line.rules(dropped(world, approval(world.state, Gate.RESULTS).id))

    @rule("A3")
    def test_no_approval_of_the_package(self, world: World, line: Line) -> None:
        assert line.rules(dropped(world, approval(world.state, Gate.PACKAGE).id)) == {"A3"}

    @rule("A4")
    def test_a_list_of_paths_that_is_shorter_than_what_was_signed(
        self, world: World, line: Line
    ) -> None:
        bound = approval(world.state, Gate.PACKAGE).data["gates"]["package"]
        gates = {"package": bound | {"paths": bound["paths"][1:]}}
        assert line.rules(approving(world, data={"gates": gates})) == {"A3", "A4"}

    @rule("A5")
    @pytest.mark.parametrize("path", ["totals.py", "README.md"])
    def test_a_path_that_changed_since(self, world: World, line: Line, path: str) -> None:
        assert {"A3", "A5", "E4"} <= line.rules(world.edited({path: b"else\n"}))

    @rule("A5")
    def test_a_mode_that_changed_since(self, world: World, line: Line) -> None:
        entry = world.store.entry(world.tree, "WORDS.txt")
        assert entry is not None
        made = world.edited({"WORDS.txt": Entry(Mode.EXECUTABLE, entry.oid)})
        assert "A5" in line.rules(made)

    @rule("A6")
    @pytest.mark.parametrize(
        "hand",
        [
            {"key": STRANGER.email},
            {"key": DEV.email},
            {"namespace": "git"},
            {"namespace": "codexa2"},
            {"actor": STRANGER},
        ],
    )
    def test_a_signature_by_another_hand(
        self, world: World, line: Line, hand: dict[str, Any]
    ) -> None:
        assert line.rules(approving(world, **hand)) == {"A3", "A6"}

    @rule("A6")
    def test_a_key_out_of_its_time(self, world: World, line: Line) -> None:
        signers = world.policy.signers
        for field, time in (("valid_before", -1), ("valid_after", 1)):
            windows = tuple(
                window(s, field, world.context.at + time) if s.principal == PM.email else s
                for s in signers.signers
            )
            policy = world.policy._replace(signers=type(signers)(windows))
            assert {"A1", "A2", "A3", "A6"} <= line.rules_under(policy, world.tree)

    @rule("A7")
    @pytest.mark.parametrize(
        "data", [{"root": f"sha256:{'0' * 64}"}, {"branch": "release"}], ids=["root", "base"]
    )
    def test_an_approval_from_somewhere_else(
        self, world: World, line: Line, data: dict[str, Any]
    ) -> None:
        assert line.rules(approving(world, data=data)) == {"A3", "A7"}

    @rule("A7")
    def test_an_approval_of_another_round(self, world: World, line: Line) -> None:
        true = approval(world.state, Gate.PACKAGE).data["gates"]
        made = approving(world, data={"gates": other_round(true)})
        assert line.rules(made) == {"A3", "A7"}

    @rule("A8")
    def test_an_approval_that_saw_what_is_not_there(self, world: World, line: Line) -> None:
        made = approving(world, data={"seen": [f"sha256:{'a' * 64}"]})
        assert line.rules(made) == {"A3", "A8"}

    @rule("A9")
    def test_one_signer_twice_where_two_are_asked_for(self, world: World, line: Line) -> None:
        gates = tuple(
            asked._replace(count=2) if asked.gate is Gate.PACKAGE else asked
            for asked in world.policy.gates
        )
        twice = world.remade([*world.records(), package(world, data={"comment": "once more"})])
        assert line.rules_under(world.policy._replace(gates=gates), twice) == {"A3", "A9"}

    @rule("A10")
    def test_an_approval_that_was_withdrawn(self, world: World, line: Line) -> None:
        true = approval(world.state, Gate.PACKAGE)
        data = {"approvals": [true.id], "reason": "I was hasty"}
        back = world.decision(RecordType.APPROVAL_WITHDRAWN, data)
        assert line.rules(world.remade([*world.records(), back])) == {"A3", "A10"}

    @rule("R6")
    @pytest.mark.parametrize("other", [{"round": 9}, {"stage": Stage.EXECUTE}, {"stage": None}])
    def test_a_withdrawn_approval_under_another_id(
        self, world: World, line: Line, other: dict[str, Any]
    ) -> None:
        true = approval(world.state, Gate.PACKAGE)
        data = {"approvals": [true.id], "reason": "I was hasty"}
        back = world.decision(RecordType.APPROVAL_WITHDRAWN, data)
        copied = [*world.records(), back, again(true, **other)]
        # what an id does not cover is also not what makes two signed records differ
        relaid = again(true, **other)._replace(signature=f"\n{true.signature}\n")
        for forged in (copied, [*copied[:-1], relaid]):
            tree = world.with_records(forged)
            assert "R6" in line.rules(tree)
            assert "records-sound" in unmet(world.judge(tree))

    @rule("R6")
    def test_every_signed_decision_is_one_record(self, world: World, line: Line) -> None:
        signed = [record for record in world.records() if record.signature is not None]
        assert len({record.type for record in signed}) >= 2
        for record in signed:
            tree = world.with_records([*world.records(), again(record, round=record.round + 7)])
            told = [f.breach for f in line.found(line.landing(tree)) if f.breach.rule == "R6"]
            assert [record.type in breach.says for breach in told] == [True]

    @rule("A7")
    def test_an_approval_whose_line_says_another_round(self, world: World, line: Line) -> None:
        true = approval(world.state, Gate.PACKAGE)
        other = again(true, round=true.round + 7)
        found = line.rules(world.remade(replaced(world.records(), true, other)))
        assert found == {"A3", "A7"}

    @rule("A11")
    def test_a_path_that_one_alone_approved_who_may_have_written_it(
        self, world: World, line: Line
    ) -> None:
        people = (*world.policy.people[:1], Person(DEV.email, DEV.name, ("pm", "payments")))
        paths = (PathRule(("totals.py",), "payments"),)
        policy = world.policy._replace(people=people, paths=paths)
        both = [*world.records(), package(world, actor=DEV._replace(role="payments"))]
        tree = world.remade(both, policy=policy)
        assert line.rules_under(policy, tree) == set()
        found = line.breaches_under(policy._replace(separate=True), tree)
        assert "totals.py" in [one.path for one in found if one.rule == "A11"]

    @rule("A12")
    @pytest.mark.parametrize("asks", ["require_touch", "require_pin"])
    def test_a_signature_without_the_flag_that_policy_asks_for(
        self, world: World, line: Line, asks: str
    ) -> None:
        changes: dict[str, Any] = {asks: True}
        policy = world.policy._replace(**changes)
        assert {"A1", "A3", "A12"} <= line.rules_under(policy, world.tree)

    @rule("A13")
    def test_an_approval_by_an_agent(self, world: World, line: Line) -> None:
        assert line.rules(approving(world, actor=TESTER)) == {"A3", "A13"}


class TestEvidence:
    @rule("E1")
    def test_a_task_that_was_never_completed(self, world: World, line: Line) -> None:
        last = world.state.done["T-02"]
        assert "E1" in line.rules(dropped(world, last.id))

    @rule("E2")
    def test_evidence_that_says_something_else(self, world: World, line: Line) -> None:
        named = world.state.done["T-02"].data["evidence"]
        (path,) = [path for path in named if path.endswith("/T-02.json")]
        assert {"E2", "L9"} <= line.rules(without(world, path, b"write it down", b"wrote it"))

    @rule("E3")
    def test_a_run_that_never_ended(self, world: World, line: Line) -> None:
        data = {"run": "run-009", "provider": "x", "seed": 1, "tasks": [], "unapproved": False}
        started = world.record(RecordType.RUN_STARTED, data, stage=Stage.EXECUTE)
        assert {"E3", "E4"} <= line.rules(world.remade([*world.records(), started]))

    @rule("E4")
    def test_results_of_another_tree(self, world: World, line: Line) -> None:
        made = with_results(world, lambda results: results._replace(tree=world.base))
        assert line.rules(made) == {"E4"}

    @rule("E5")
    @pytest.mark.parametrize("hand", [{"actor": PM}, {"key": PM.email}, {"key": STRANGER.email}])
    def test_results_that_no_tester_signed(
        self, world: World, line: Line, hand: dict[str, Any]
    ) -> None:
        assert {"E5", "E6", "E7"} <= line.rules(with_results(world, lambda r: r, **hand))

    @rule("E6")
    def test_a_failure_that_nobody_waived(self, world: World, line: Line) -> None:
        assert "E6" in line.rules(with_results(world, failing))

    @rule("E7")
    def test_a_difference_that_nobody_resolved(self, world: World, line: Line) -> None:
        assert line.rules(with_results(world, differs)) == {"E7"}

    @rule("E9")
    def test_an_output_of_which_nobody_knows_what_became(self, world: World, line: Line) -> None:
        assert {"E9", "G10"} <= line.rules(without_retention(world))

    @rule("E11")
    @pytest.mark.parametrize("name", ["a line too few", "nothing said at all"])
    def test_lines_that_no_test_runs(self, world: World, line: Line, name: str) -> None:
        assert line.rules(with_results(world, reaching(name))) == {"E11"}


def without_retention(world: World) -> str:
    """Closed over its records without those of retention."""
    kept = [r for r in world.records() if r.log != "retention" and r.type is not RecordType.CLOSED]
    data = {"seal": seal(tuple(kept)), "records": len(kept), "base_tree": world.base}
    return world.with_records([*kept, world.record(RecordType.CLOSED, data)])


class TestGates:
    @rule("G1")
    def test_a_brief_without_its_limits(self, world: World, line: Line) -> None:
        made = without(world, paper("brief.md"), b"- Other languages.\n")
        assert {"G1", "A5"} <= line.rules(made)

    @rule("G2")
    def test_a_criterion_that_cannot_be_checked(self, world: World, line: Line) -> None:
        old = b"`words` returns the text `sum`"
        assert "G2" in line.rules(without(world, paper("brief.md"), old, b"it is fast"))

    @rule("G3")
    def test_a_question_without_an_answer(self, world: World, line: Line) -> None:
        data = {"question": "why?"}
        asked = world.record(RecordType.CLARIFICATION_ASKED, data, stage=Stage.FRAME)
        assert line.rules(world.remade([*world.records(), asked])) == {"G3"}

    @rule("G4")
    def test_a_criterion_without_a_task(self, world: World, line: Line) -> None:
        made = without(world, paper("tasks.md"), b"criteria: AC-2", b"criteria: AC-1")
        assert "G4" in line.rules(made)

    @rule("G5")
    def test_tasks_in_a_circle(self, world: World, line: Line) -> None:
        old = b"  - criteria: AC-1\n"
        made = without(world, paper("tasks.md"), old, old + b"  - after: T-02\n")
        assert "G5" in line.rules(made)

    @rule("G6")
    def test_a_plan_without_its_configuration(self, world: World, line: Line) -> None:
        assert "G6" in line.rules(world.edited({paper("planner_config.json"): None}))

    @rule("G7")
    def test_no_design(self, world: World, line: Line) -> None:
        assert "G7" in line.rules(world.edited({paper("design.md"): None}))

    @rule("G8")
    def test_no_impact(self, world: World, line: Line) -> None:
        assert "G8" in line.rules(world.edited({paper("impact.md"): None}))

    @rule("G9")
    def test_another_packet(self, world: World, line: Line) -> None:
        made = world.edited({paper("packet.html"): b"<!doctype html>all is well"})
        assert {"G9", "L9"} <= line.rules(made)

    @rule("G10")
    def test_evidence_without_a_record_of_retention(self, world: World, line: Line) -> None:
        assert "G10" in line.rules(without_retention(world))

    @rule("G11")
    def test_a_concern_that_is_open(self, world: World, line: Line) -> None:
        assert line.rules(world.remade([*world.records(), concern(world)])) == {"G11"}

    @rule("G12")
    def test_a_persons_concern_that_a_machine_closed(self, world: World, line: Line) -> None:
        raised = concern(world)
        data = {"concern": raised.id, "results": None}
        closed = world.record(RecordType.CONCERN_CLOSED, data)
        made = world.remade([*world.records(), raised, closed])
        assert line.rules(made) == {"G11", "G12"}

    @rule("G13")
    def test_a_shared_page_that_says_something_else(self, world: World, line: Line) -> None:
        made = without(world, "docs/PROJECT_OVERVIEW.md", b"in words", b"in deeds")
        assert "G13" in line.rules(made)

    @rule("G16")
    def test_an_overview_that_is_not_written(self, world: World, line: Line) -> None:
        made = world.edited({paper("pages/PROJECT_OVERVIEW.md"): b""})
        assert {"G13", "G16"} <= line.rules(made)

    @rule("G14")
    def test_progress_that_nobody_made(self, world: World, line: Line) -> None:
        made = without(world, "PROGRESS.md", b"2 of 2 covered", b"9 of 9 covered")
        assert "G14" in line.rules(made)

    @rule("G15")
    def test_a_product_before_any_plan_was_approved(self, world: World, line: Line) -> None:
        approvals = [record.id for record in world.state.of(GRANTED)]
        assert {"A1", "G15"} <= line.rules(dropped(world, *approvals))

    @rule("G17")
    def test_a_mark_of_a_light_change_that_no_signer_had_seen(
        self, world: World, line: Line
    ) -> None:
        first, *rest = world.records()
        data = {"tree": world.base, "reverts": None}
        made = world.remade([first, world.record(RecordType.LIGHTENED, data), *rest])
        assert "G17" in line.rules(made)


def concern(world: World) -> Record:
    data: dict[str, Any] = {"text": "wait", "tests": [], "by": "person", "due": None}
    return world.record(RecordType.CONCERN_RAISED, data, actor=DEV)


class TestLandings:
    @rule("L1")
    def test_a_base_that_was_rewound(self, world: World, line: Line) -> None:
        verified, other = line.landing(world.tree), line.edited({"PROGRESS.md": b"# Progress\n"})
        assert line.report(verified).answer == "yes"
        found = line.report(other, since_verified=True).findings
        assert [(f.breach.rule, f.commit) for f in found] == [("L1", other.oid)]
        assert verified.oid[:12] in found[0].breach.says

    @rule("L2")
    def test_two_changes_at_once(self, world: World, line: Line) -> None:
        assert line.rules(world.edited({"audit/CH-002/handoff.jsonl": b""})) == {"L2"}

    @rule("L3")
    def test_a_merge_of_something_else(self, world: World, line: Line) -> None:
        other = line.commit(world.base, line.tip.oid)
        landing = line.commit(world.tree, line.tip.oid, other.oid)
        assert line.rules_at(landing) == {landing.oid: {"L3"}}

    @rule("L3")
    def test_an_octopus(self, world: World, line: Line) -> None:
        tip = world.moment.tip
        other = line.commit(world.tree, tip.oid)
        landing = line.commit(world.tree, line.tip.oid, tip.oid, other.oid)
        assert line.rules_at(landing) == {landing.oid: {"L3"}}

    def test_a_squash_is_judged_the_same(self, world: World, line: Line) -> None:
        squash = line.commit(world.tree, line.tip.oid)
        forged = line.commit(dropped(world, approval(world.state, Gate.PACKAGE).id), line.tip.oid)
        assert line.rules_at(squash) == {}
        assert line.rules_at(forged) == {forged.oid: {"A3"}}

    @rule("L4")
    def test_a_requirement_of_policys_own_that_nobody_ran(self, world: World, line: Line) -> None:
        lint = CustomRequirement(Stage.VALIDATE, "lint", "make lint")
        policy = world.policy._replace(requirements=(lint,))
        assert line.rules_under(policy, world.tree) == {"L4"}

    def test_a_fast_forward_is_no_landing(self, world: World, line: Line) -> None:
        """The change's own commits become the base's: the first of them is judged as a landing."""
        story = world.store.between(line.tip.oid, world.moment.tip.oid)
        told = line.rules_at(*story)
        assert {"A1", "A3", "L5"} <= told[story[0].oid]
        assert "L13" in told[story[-1].oid] | told[story[1].oid]

    @rule("L5")
    @pytest.mark.parametrize(
        "data", [{"seal": f"sha256:{'0' * 64}"}, {"records": 1}], ids=["seal", "count"]
    )
    def test_a_seal_that_does_not_fit(self, world: World, line: Line, data: dict[str, Any]) -> None:
        closed = world.state.closed
        assert closed is not None
        other = again(closed, data=closed.data | data)
        made = world.with_records(replaced(world.records(), closed, other))
        assert "L5" in line.rules(made)

    @rule("L5")
    def test_a_base_that_moved_under_the_seal(self, world: World, line: Line) -> None:
        moved = line.edited({"PROGRESS.md": b"# Progress\n\nOther words.\n"})
        landing = line.landing(world.tree, moved)
        told = line.rules_at(moved, landing)
        assert told.keys() == {landing.oid}
        assert "L5" in told[landing.oid]

    @rule("L6")
    def test_a_file_of_another_change(self, world: World, line: Line) -> None:
        assert "L6" in line.rules(world.edited({"changes/CH-002/brief.md": b"x\n"}))

    @rule("L6")
    @pytest.mark.parametrize("page", PAGES)
    def test_a_block_of_another_change(self, world: World, line: Line, page: str) -> None:
        block = b"<!-- codexa:begin CH-002 -->\nfailed\n<!-- codexa:end CH-002 -->\n"
        found = line.found(line.landing(world.edited({page: world.read(page) + block})))
        breaches = [f.breach for f in found if f.breach.rule == "L6"]
        assert [(b.path, b.says.partition(",")[0]) for b in breaches] == [
            (page, f"{page} has a block of CH-002")
        ]

    @rule("L7")
    @pytest.mark.parametrize("path", [".gitattributes", ".github/workflows/x.yml", ".gitmodules"])
    def test_a_guarded_path(self, world: World, line: Line, path: str) -> None:
        assert "L7" in line.rules(world.edited({path: b"x = 1\n"}))

    @rule("L8")
    def test_a_file_beside_the_results(self, world: World, line: Line) -> None:
        made = world.edited({"tests/results/conftest.py": b"import os\n"})
        assert "L8" in line.rules(made)

    @rule("L9")
    def test_a_status_note_that_says_something_else(self, world: World, line: Line) -> None:
        path = paper("status.md")
        assert line.rules(world.edited({path: world.read(path) + b" "})) == {"L9"}

    @rule("L10")
    def test_runs_that_the_tester_did_not_check(self, world: World, line: Line) -> None:
        assert line.rules(unlisted(world)) == {"L10"}

    @rule("L11")
    def test_a_submodule(self, world: World, line: Line) -> None:
        made = world.edited({"vendor": Entry(Mode.GITLINK, world.moment.tip.oid)})
        assert "L11" in line.rules(made)

    @rule("L12")
    @pytest.mark.parametrize("path", ["a\nb.py", "evil\u202etxt.py", "TOTALS.py"])
    def test_a_path_that_is_not_plain(self, world: World, line: Line, path: str) -> None:
        assert "L12" in line.rules(world.edited({path: b"x\n"}))

    @rule("L13")
    def test_a_commit_that_lands_nothing(self, line: Line) -> None:
        first = line.edited({"PROGRESS.md": b"# Progress\n"})
        second = line.edited({"totals.py": b"evil\n", "docs/STATUS_REPORT.md": b"x\n"}, first)
        assert line.rules_at(first, second) == {second.oid: {"L13"}}

    @rule("L13")
    @pytest.mark.parametrize("is_free", [False, True])
    def test_a_merge_that_keeps_nothing_of_an_open_change(
        self, line: Line, world: World, *, is_free: bool
    ) -> None:
        tree = world.edited({"PROGRESS.md": b"# Progress\n"}, line.tip.tree)
        kept = tree if is_free else line.tip.tree
        swallows = line.commit(kept, line.tip.oid, world.moment.tip.oid)
        (found,) = line.found(swallows)
        assert (found.commit, found.breach.rule) == (swallows.oid, "L13")
        assert "of CH-001, and does not land CH-001" in found.breach.says

    @rule("L13")
    def test_a_merge_of_an_open_change_behind_a_commit_that_took_its_records_out(
        self, line: Line, world: World
    ) -> None:
        bare = line.commit(line.tip.tree, world.moment.tip.oid)
        side = line.commit(line.tip.tree, line.tip.oid, bare.oid)
        third = line.commit(line.tip.tree, line.tip.oid, line.tip.oid, side.oid)
        assert line.rules_at(third) == {third.oid: {"L13"}}

    @rule("L13")
    @pytest.mark.parametrize("way", ["beside", "beneath", "taken out"])
    def test_a_landing_that_merges_an_open_change(self, line: Line, world: World, way: str) -> None:
        """Its tip is merged and nothing of it kept, or the change begins upon it."""
        opened = {"audit/CH-002/handoff.jsonl": b"{}\n"}
        other = line.edited(opened)
        if way == "taken out":
            other = line.commit(line.tip.tree, other.oid)
        story = [world.moment.tip.oid, other.oid][:: -1 if way == "beneath" else 1]
        closed = line.commit(world.tree, *story)
        landing = line.commit(world.tree, line.tip.oid, closed.oid)
        after = line.edited({"PROGRESS.md": world.read("PROGRESS.md")}, landing)
        assert line.rules_at(landing, after) == {landing.oid: {"L13"}}
        assert line.found(landing)[0].breach.says.endswith("of CH-002, and does not land CH-002")

    def test_a_landing_that_holds_what_was_picked_from_another_and_taken_out(
        self, line: Line, world: World
    ) -> None:
        tree = world.moment.tip.tree
        picked = line.commit(
            world.edited({"audit/CH-002/handoff.jsonl": b"{}\n"}, tree), world.moment.tip.oid
        )
        reverted = line.commit(tree, picked.oid)
        closed = line.commit(world.tree, reverted.oid)
        assert line.found(line.commit(world.tree, line.tip.oid, closed.oid)) == ()

    def test_a_landing_of_a_change_that_merged_what_landed_as_a_squash(
        self, line: Line, world: World
    ) -> None:
        """Nothing of that change is open, though the base lacks its commits."""
        opened = {"audit/CH-002/handoff.jsonl": b"{}\n"}
        other, squash = line.edited(opened), line.edited(opened)
        tree = world.edited(opened, world.tree)
        closed = line.commit(tree, world.moment.tip.oid, other.oid)
        landing = line.commit(tree, squash.oid, closed.oid)
        assert "L13" not in line.rules_at(squash, landing)[landing.oid]

    def test_a_merge_of_a_free_page_is_no_merge_of_a_change(self, line: Line) -> None:
        side = line.edited({"PROGRESS.md": b"# Progress\n"})
        assert line.found(line.commit(side.tree, line.tip.oid, side.oid)) == ()

    @rule("L13")
    def test_a_landed_change_that_is_edited_afterwards(self, world: World, line: Line) -> None:
        landing = line.landing(world.tree)
        after = line.edited({paper("brief.md"): b"# CH-001 Else\n"}, landing)
        assert line.rules_at(landing, after) == {after.oid: {"L13"}}

    @rule("L13")
    def test_a_change_cannot_land_twice(self, world: World, line: Line) -> None:
        landing = line.landing(world.tree)
        twice = line.landing(world.remade([*world.records(), concern(world)]), landing)
        assert line.rules_at(landing, twice) == {twice.oid: {"L13"}}

    @rule("L14")
    def test_a_change_that_was_abandoned(self, world: World, line: Line) -> None:
        record = world.decision(RecordType.ABANDONED, {"reason": "no longer wanted"})
        assert line.rules(world.remade([*world.records(), record])) == {"L14"}

    @rule("L14")
    def test_a_change_that_was_abandoned_beneath_a_forged_word(
        self, world: World, line: Line
    ) -> None:
        true = world.decision(RecordType.ABANDONED, {"reason": "no longer wanted"})
        forged = again(true, data=true.data | {"reason": "signed by nobody"})
        assert line.rules(world.remade([*world.records(), forged])) == {"L14"}
        for both in ([forged, true], [true, forged]):
            assert line.rules(world.remade([*both, *world.records()])) == {"L14"}


class TestPolicy:
    @rule("P1")
    def test_a_key_that_the_change_itself_enrols(self, world: World, line: Line) -> None:
        path = ".codexa/allowed_signers"
        added = f'{STRANGER.email} namespaces="codexa" {world.keys.public[STRANGER.email]}\n'
        edited = world.edited({path: world.read(path) + added.encode()})
        true = approval(world.state, Gate.PACKAGE)
        records = replaced(world.records(edited), true, package(world, actor=STRANGER))
        assert {"A6", "L7", "P1"} <= line.rules(world.remade(records, edited))

    @rule("P2")
    @pytest.mark.parametrize("content", [None, b"mode = ["], ids=["gone", "malformed"])
    def test_a_policy_that_cannot_be_read(self, line: Line, content: bytes | None) -> None:
        assert self.left(line, {"codexa.toml": content}) == {"P2"}

    def left(self, line: Line, files: dict[str, bytes | Entry | None]) -> set[str]:
        """What is said of a commit that leaves this policy, beside that no owner signed it.

        What follows is judged by the policy before, so it is judged.
        """
        broken = line.edited(files)
        free = line.edited({"PROGRESS.md": b"# Progress\n"}, broken)
        evil = line.edited({"totals.py": b"evil\n"}, free)
        found = line.found(broken, free, evil)
        assert [f.breach.rule for f in found if f.commit != broken.oid] == ["L13"]
        told = {f.breach.rule: f.breach.undecided for f in found if f.commit == broken.oid}
        assert told.pop("P9") is False
        assert set(told.values()) == {True}
        return set(told)

    @rule("P3")
    def test_a_rule_set_that_nobody_knows(self, world: World, line: Line) -> None:
        toml = world.read("codexa.toml").replace(b"rules = 1", b"rules = 2")
        assert self.left(line, {"codexa.toml": toml}) == {"P3"}

    @rule("P4")
    def test_an_agent_that_may_approve(self, world: World, line: Line) -> None:
        toml = world.read("codexa.toml").replace(b'["dev"]', b'["tester"]')
        assert self.left(line, {"codexa.toml": toml}) == {"P4"}

    @rule("P5")
    @pytest.mark.parametrize("principal", ["*@demo.invalid", "a@demo.invalid,b@demo.invalid"])
    def test_a_key_of_many(self, world: World, line: Line, principal: str) -> None:
        added = f'{principal} namespaces="codexa" {world.keys.public[STRANGER.email]}\n'.encode()
        signers = world.read(".codexa/allowed_signers") + added
        assert self.left(line, {".codexa/allowed_signers": signers}) == {"P5"}

    @rule("P6")
    def test_a_root_that_is_not_the_pinned_one(self, world: World, line: Line) -> None:
        report = line.report(line.landing(world.tree), root=f"sha256:{'0' * 64}")
        (made,) = {finding.commit for finding in report.findings}
        assert "trust root" in world.store.commit(made).subject
        assert [finding.breach.rule for finding in report.findings] == ["P6"]

    @rule("P6")
    def test_a_root_that_nobody_signed(self, world: World, line: Line) -> None:
        made = line.commit(world.edited({"audit/handoff.jsonl": None}, world.base))
        report = line.report(made)
        assert [(f.breach.rule, f.commit) for f in report.findings] == [("P6", made.oid)]

    @rule("P7")
    def test_an_approval_from_before_the_root(self, world: World, line: Line) -> None:
        assert line.rules(approving(world, data={"root": None})) == {"A3", "P7"}

    @rule("L4")
    @pytest.mark.parametrize("at", [NO_TIME, 249_999_999_999, 253_402_300_799, 10**17])
    def test_a_landing_of_a_time_that_no_record_can_be_of(
        self, world: World, line: Line, at: int
    ) -> None:
        true = line.landing(world.tree)
        assert line.found(true) == ()
        stamp = true.committer._replace(seconds=at)
        bad = world.store.write_commit(true.tree, true.parents, stamp, stamp, b"x\n")
        walk = Walk(line.store, world.root, "main")
        found = walk.judge(true.parents[0], [bad], lambda _, __: None).findings
        assert [(f.commit, f.breach.rule) for f in found] == [(bad, "L4")]
        assert found[0].breach.undecided

    @rule("L16")
    @pytest.mark.parametrize("ahead", [AHEAD + 1, 10 * AHEAD, 2_000_000_000])
    @pytest.mark.parametrize("brings", ["nothing", "the change"])
    def test_a_commit_of_a_time_that_has_not_come(
        self, world: World, line: Line, ahead: int, brings: str
    ) -> None:
        """It is found once: what follows it and is of no later time has done nothing by it."""
        now = world.context.at
        true = line.landing(world.tree) if brings == "the change" else line.edited({})
        stamp = true.committer._replace(seconds=now + ahead)
        bad = world.store.write_commit(true.tree, true.parents, stamp, stamp, b"x\n")
        after = [bad]
        for seconds in (now, now + ahead):
            stamp = true.committer._replace(seconds=seconds)
            after.append(world.store.write_commit(true.tree, after[-1:], stamp, stamp, b"x\n"))
        for clock, rules in ((now, ["L16"]), (now + ahead - AHEAD, []), (None, [])):
            walk = Walk(line.store, world.root, "main", now=clock)
            found = walk.judge(true.parents[0], after, lambda _, __: None).findings
            assert [f.breach.rule for f in found] == rules
            assert {f.commit for f in found} <= {bad}
            told = line.report(line.store.commit(after[-1]), root=None, now=clock).findings
            assert [(f.commit, f.breach.rule) for f in told] == [(bad, one) for one in rules]
            push = Push(world.root, "main", None, after[-1], clock)
            assert judge_push(line.store, push).findings == found

    @rule("P9")
    @pytest.mark.parametrize("path", ["codexa.toml", ".gitattributes", "audit/concerns.jsonl"])
    def test_a_guarded_path_that_changes_on_the_base(
        self, world: World, line: Line, path: str
    ) -> None:
        before = world.store.read(world.base, path) or b""
        commit = line.edited({path: before + b"\n"})
        assert line.rules_at(commit) == {commit.oid: {"P9"}}


def spoiled(world: World, old: str, new: str, log: str = HANDOFF) -> str:
    first, *rest = lines(world, log)
    made = first.decode().replace(old, new, 1).encode()
    assert made != first
    return line_by_line(world, log, [made, *rest])


def window(signer: Signer, field: str, at: int) -> Signer:
    changes: dict[str, Any] = {field: at}
    return signer._replace(**changes)


def other(world: World, **changes: Any) -> str:  # noqa: ANN401
    """The first record with other fields, its id made to fit; a form that `make` would refuse."""
    first, *rest = lines(world, HANDOFF)
    value = json.loads(first) | changes
    body = {name: item for name, item in value.items() if name not in ("id", "signature")}
    return line_by_line(world, HANDOFF, [canonical(value | {"id": digest(canonical(body))}), *rest])


class TestRecords:
    @rule("R1")
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('"round":1', '"round":1.0'),
            ("{", '{"round":1,'),
            (":", ": "),
            ("CH-001", "\\u0043H-001"),
        ],
        ids=["a float", "a duplicate name", "a space", "an escape"],
    )
    def test_a_line_in_another_form(self, world: World, line: Line, old: str, new: str) -> None:
        assert "R1" in line.rules(spoiled(world, old, new))

    @rule("R2")
    def test_a_format_that_nobody_knows(self, world: World, line: Line) -> None:
        made = spoiled(world, '"format":1', '"format":2')
        assert line.rules(made) >= {"R2"}
        assert [f.breach.undecided for f in line.found(line.landing(made))][:1] == [True]

    @rule("R3")
    def test_an_edited_record_with_its_old_id(self, world: World, line: Line) -> None:
        assert "R3" in line.rules(spoiled(world, "Say it in words", "Say it in deeds"))

    @rule("R4")
    def test_a_record_with_a_field_more(self, world: World, line: Line) -> None:
        assert "R4" in line.rules(other(world, aside=1))

    @rule("R4")
    def test_a_record_of_a_type_that_nobody_knows(self, world: World, line: Line) -> None:
        assert "R4" in line.rules(other(world, type="opened.again"))

    @rule("R5")
    def test_a_record_of_another_change(self, world: World, line: Line) -> None:
        assert "R5" in line.rules(other(world, change="CH-002"))

    @rule("R5")
    def test_a_record_in_another_file(self, world: World, line: Line) -> None:
        moved = lines(world, COMMANDS)[-1] + b"\n"
        tree = world.edited({COMMANDS: world.read(COMMANDS).replace(moved, b"")})
        assert "R5" in line.rules(world.edited({HANDOFF: world.read(HANDOFF) + moved}, tree))

    @rule("R6")
    def test_a_record_that_stands_there_twice(self, world: World, line: Line) -> None:
        found = lines(world, COMMANDS)
        made = line_by_line(world, COMMANDS, [*found, found[-1]])
        assert "R6" in line.rules(made)
        (breach,) = [f.breach for f in line.found(line.landing(made)) if f.breach.rule == "R6"]
        assert (breach.path, breach.line) == (COMMANDS, len(found) + 1)

    @rule("R7")
    def test_a_decision_above_what_its_signer_had_seen(self, world: World, line: Line) -> None:
        one, two = world.state.of(GRANTED)[:2]
        assert "R7" in line.rules(world.with_records(swapped(world.records(), one, two)))

    @rule("R8")
    def test_a_decision_without_a_signature(self, world: World, line: Line) -> None:
        true = approval(world.state, Gate.PLAN)
        signed = format_record(true).rstrip(b"\n")
        bare = format_record(true._replace(signature=None)).rstrip(b"\n")
        made = [bare if found == signed else found for found in lines(world, COMMANDS)]
        assert "R8" in line.rules(line_by_line(world, COMMANDS, made))

    @rule("R10")
    @pytest.mark.parametrize(("seconds", "rules"), [(86_400, set()), (86_401, {"R10"})])
    def test_a_record_of_a_time_to_come(
        self, world: World, line: Line, seconds: int, rules: set[str]
    ) -> None:
        at = time_of(world.context.at + seconds)
        raised = next(r for r in world.records() if r.type is RecordType.CONCERN_RAISED)
        made = world.remade(replaced(world.records(), raised, again(raised, at=at)))
        found = line.rules(made)
        assert found & {"R10"} == rules

    @rule("S3")
    def test_a_handoff_that_skips_a_stage(self, world: World, line: Line) -> None:
        data = {"from": "spec", "to": "validate", "notify": [], "unmet": []}
        record = world.record(RecordType.HANDOFF, data)
        assert "S3" in line.rules(world.with_records([*world.records(), record]))


def test_every_spoiled_line_is_told_of(world: World, line: Line) -> None:
    found = lines(world, HANDOFF)
    made = [b"7" if number % 2 else text for number, text in enumerate(found)]
    told = line.found(line.landing(line_by_line(world, HANDOFF, made)))
    spoilt = [f.breach.line for f in told if f.breach.rule == "R1"]
    assert spoilt == [number + 1 for number in range(len(found)) if number % 2]


def test_results_and_their_file_come_apart(world: World, line: Line) -> None:
    assert {"E5", "L9"} <= line.rules(without(world, PLACE, b'"passed"', b'"failed"'))
