"""Every requirement, met and not met: the valid change, and one thing that makes it say no."""

from collections.abc import Callable
from typing import Any

import pytest
from gate.signing import with_results
from gate.world import CHANGE, DEV, World, claimed, unmet

from codexa_git.audit.words import ORDER, RecordType, Stage
from codexa_git.change.coverage import Coverage, Reach
from codexa_git.change.results import Outcome
from codexa_git.gate.answers import Answer, Ask, Basis, no, undecided, yes
from codexa_git.gate.requirements import REQUIREMENTS
from codexa_git.gate.verdict import ALWAYS, Verdict, evaluate
from codexa_git.policy.rules import CustomRequirement
from codexa_git.repository.objects import Entry, Mode

PAPERS = f"changes/{CHANGE}"
Change = Callable[[World], str]


def file(path: str, content: bytes | None) -> Change:
    return lambda world: world.edited({path: content})


def without(kind: RecordType) -> Change:
    return lambda world: world.with_records([r for r in world.records() if r.type is not kind])


def replaced_text(path: str, old: bytes, new: bytes) -> Change:
    def change(world: World) -> str:
        content = world.read(path)
        assert old in content
        return world.edited({path: content.replace(old, new)})

    return change


def one_more(kind: RecordType, **data: Any) -> Change:  # noqa: ANN401
    return lambda world: world.with_records([*world.records(), world.record(kind, data, actor=DEV)])


def failing(world: World) -> str:
    outcome = Outcome("test_a", "failed", "no")
    return with_results(world, lambda r: r._replace(outcomes=(*r.outcomes, outcome)))


def differing(world: World) -> str:
    return with_results(
        world, lambda r: r._replace(snapshot=r.snapshot._replace(tests="different"))
    )


def uncovered(world: World) -> str:
    return with_results(world, lambda r: r._replace(coverage=Coverage(2, 4, Reach(0, 2))))


def abandoned(world: World) -> str:
    data = {"reason": "no longer wanted"}
    return world.remade([*world.records(), world.decision(RecordType.ABANDONED, data)])


def submodule(world: World) -> str:
    return world.edited({"vendor": Entry(Mode.GITLINK, world.moment.tip.oid)})


PLANNER = f"{PAPERS}/planner_config.json"
BREAKS: dict[str, Change] = {
    "records-sound": file(f"audit/{CHANGE}/concerns.jsonl", b"x\n"),
    "own-files-only": file("tests/results/conftest.py", b""),
    "paths-plain": file("a\tb", b""),
    "guarded-paths": file(".github/x", b""),
    "no-gitlinks": submodule,
    "not-abandoned": abandoned,
    "plan-before-product": without(RecordType.APPROVAL_GRANTED),
    "listed-as-recorded": file(f"{PAPERS}/status.md", b""),
    "brief-complete": replaced_text(f"{PAPERS}/brief.md", b"People ask what a total is.\n", b""),
    "criteria-explicit": replaced_text(
        f"{PAPERS}/brief.md", b"`words` returns the text `sum`", b"it works well for users"
    ),
    "clarifications-answered": without(RecordType.CLARIFICATION_ANSWERED),
    "plan-covers-criteria": replaced_text(f"{PAPERS}/brief.md", b"- AC-2: the", b"- AC-3: the"),
    "plan-seeded": replaced_text(PLANNER, b"T-02", b"T-03"),
    "design-recorded": file(f"{PAPERS}/design.md", None),
    "plan-approved": file(f"{PAPERS}/patches/T-03.patch", b"x\n"),
    "tasks-complete": without(RecordType.TASK_COMPLETED),
    "task-evidence": file(f"artifacts/work/{CHANGE}/run-002/T-01.json", None),
    "assertions-pass": without(RecordType.RUN_FINISHED),
    "results-for-this-tree": file("new.py", b""),
    "tests-pass-or-waived": failing,
    "regression-matches": differing,
    "touched-lines-covered": uncovered,
    "results-approved": file("new.py", b""),
    "impact-written": file(f"{PAPERS}/impact.md", None),
    "documents-written": file(f"{PAPERS}/pages/IMPLEMENTATION_PLAN.md", None),
    "packet-ready": file(f"{PAPERS}/packet.html", b""),
    "package-approved": file("new.py", b""),
    "retention-recorded": without(RecordType.RETENTION_KEPT),
    "evidence-archived": without(RecordType.RETENTION_ARCHIVED),
    "concerns-clear": one_more(
        RecordType.CONCERN_RAISED, text="wait", tests=[], by="person", due=None
    ),
    "docs-current": file("docs/PROJECT_OVERVIEW.md", b"# Overview\n"),
    "evidence-listed": file("PROGRESS.md", b"# Progress\n"),
    "workspace-closed": without(RecordType.CLOSED),
}
NAMES = [*ALWAYS, *(name for stage in ORDER for name in REQUIREMENTS[stage])]


def test_every_requirement_has_something_that_breaks_it() -> None:
    assert sorted(BREAKS) == sorted(NAMES)


def test_every_requirement_is_met_by_the_valid_change(world: World) -> None:
    verdict = world.judge(world.tree)
    assert [ask.name for ask in verdict.asks] == NAMES
    assert all(ask.met for ask in verdict.asks)
    assert verdict.lands
    assert verdict.stage is Stage.CLEANUP


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_can_say_no(world: World, name: str) -> None:
    verdict = world.judge(BREAKS[name](world))
    assert name in unmet(verdict)
    assert not verdict.lands
    assert not verdict.yes


@pytest.mark.parametrize("name", NAMES)
def test_every_no_says_how_things_stand(world: World, name: str) -> None:
    verdict = world.judge(BREAKS[name](world))
    ask = next(a for a in verdict.asks if a.name == name)
    assert ask.answer.now
    assert "\n" not in ask.answer.now
    assert ask.asks
    assert not ask.asks.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_a_gate_is_passed_only_if_all_of_it_is(world: World, name: str) -> None:
    verdict = world.judge(BREAKS[name](world))
    stage = next(ask.stage for ask in verdict.asks if ask.name == name)
    assert not verdict.passes(stage)
    if stage is not None:
        assert verdict.stage.number <= stage.number


def test_the_same_trees_give_the_same_verdict(world: World) -> None:
    one, other = (
        evaluate(world.policy, world.base, world.tree, world.context, store=world.store)
        for _ in range(2)
    )
    assert one == other


@pytest.mark.parametrize("through", Stage)
def test_only_a_verdict_through_cleanup_lands(world: World, through: Stage) -> None:
    verdict = evaluate(
        world.policy, world.base, world.tree, world.context, store=world.store, through=through
    )
    assert verdict.yes
    assert verdict.lands is (through is Stage.CLEANUP)
    assert {ask.stage for ask in verdict.asks} == {None, *ORDER[: through.number + 1]}


def test_a_patch_of_another_change_is_no_recipe(world: World) -> None:
    """The plan's approval covers this change's patches; what another lands there may change."""
    ours, theirs = b"CH-001/patches/T-01.patch", b"CH-002/patches/T-01.patch"
    verdict = world.judge(replaced_text(PLANNER, ours, theirs)(world))
    assert "plan-seeded" in unmet(verdict)


def verdict_of(*answers: Answer) -> Verdict:
    asks = tuple(Ask(str(n), Stage.FRAME, "asks", a) for n, a in enumerate(answers))
    return Verdict(CHANGE, Stage.CLEANUP, asks)


def test_a_missing_answer_is_never_a_yes() -> None:
    verdict = verdict_of(yes("fine"), undecided("who knows"))
    assert not verdict.yes
    assert not verdict.lands
    assert verdict.undecided
    assert verdict.stage is Stage.FRAME


def test_a_claim_moves_a_change_on_and_never_lands_it() -> None:
    verdict = verdict_of(yes("fine"), yes("they say", Basis.CLAIMED))
    assert verdict.yes
    assert verdict.passes(Stage.FRAME)
    assert not verdict.lands
    assert not verdict_of(no("no")).lands


def test_a_requirement_of_policys_own_is_asked_in_its_stage(world: World) -> None:
    lint = CustomRequirement(Stage.VALIDATE, "lint", "make lint")
    verdict = world.judge(world.tree, policy=world.policy._replace(requirements=(lint,)))
    assert unmet(verdict) == {"lint"}
    assert [ask.name for ask in verdict.of(Stage.VALIDATE)][-1] == "lint"


def test_a_missing_results_file_leaves_every_run_claimed(world: World) -> None:
    verdict = world.judge(world.edited({f"tests/results/{CHANGE}.json": None}))
    assert {"tasks-complete", "task-evidence", "assertions-pass"} <= claimed(verdict)
