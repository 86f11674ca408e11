"""Looking: the Tester runs the tests on exactly the committed tree, twice, and the tasks again."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple, TypedDict

from codexa_git.agents.bench import Workbench, explicit_environment, workbench
from codexa_git.agents.box import Limits
from codexa_git.agents.environments import Environment, prepared
from codexa_git.agents.tester import SuiteRun, run_requirement, run_tests
from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.evidence import parse_task
from codexa_git.change.results import (
    DIFFERENT,
    NOT_APPLICABLE,
    SAME,
    Command,
    CustomOutcome,
    Outcome,
    Results,
    Snapshot,
)
from codexa_git.errors import AgentError
from codexa_git.policy.reports import coverage_at, junit_at
from codexa_git.policy.rules import CustomRequirement
from codexa_git.repository.folder import write_out
from codexa_git.repository.store import Store
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.stages.attempting import attempt, task_limits
from codexa_git.workflow.stages.reaching import Reached, coverage_of, reached
from codexa_git.workflow.stages.running import touched, tried


class Seen(NamedTuple):
    """What the Tester saw: the results, and the full masked outputs by name."""

    results: Results
    bodies: dict[str, bytes]


class _Suite(NamedTuple):
    suite: SuiteRun
    customs: tuple[CustomOutcome, ...]
    reach: Reached


class _Place(TypedDict):
    tree: Path
    home: Path
    environment: Mapping[str, str]
    limits: Limits
    seed: int
    env: Path | None
    patterns: tuple[str, ...]


def tested_tree(moment: Moment) -> str:
    """The tree that is tested, written: the change's own without papers and listed files."""
    case = moment.case
    wanted = case.tested_tree
    if not case.store.exists(wanted):
        case.write_tested_tree()
    return wanted


def look(moment: Moment, seed: int, tell: Callable[[str], None]) -> Seen:
    """The tests' outcomes on the tested tree, run twice, and the tasks done again."""
    tree, at = tested_tree(moment), moment.ground.at
    tell(f"testing tree {tree[:7]}")
    first = _suite(moment, tree, seed, at)
    suite = first.suite
    tell(f"testing tree {tree[:7]} again, and the tasks, with seed {seed}")
    again = _suite(moment, tree, seed, at)
    differs = [*_test_differences(suite, again.suite), *_task_differences(moment, seed, at)]
    tasks = _tasks_word(moment, differs)
    tests = SAME if suite.outcomes == again.suite.outcomes else DIFFERENT
    messages = dict(suite.messages)
    results = Results(
        moment.change,
        moment.state.round(Stage.VALIDATE),
        tree,
        tuple(
            Command(run.command, run.exit_code, str(run.status), digest(run.output))
            for run in suite.commands
        ),
        tuple(Outcome(t, str(o), messages.get(t, "")) for t, o in suite.outcomes),
        first.customs,
        Snapshot(tasks, tests, tuple(differs)),
        checked_records(moment),
        *coverage_of(moment, first.reach, again.reach, [test for test, _ in suite.outcomes]),
    )
    return Seen(results, _bodies(moment, suite))


def _suite(moment: Moment, tree: str, seed: int, at: int) -> _Suite:
    """Policy's tests and its own requirements, run on a fresh copy of the tree."""
    policy = moment.policy
    with workbench() as bench:
        write_out(moment.store, tree, bench.tree)
        with _environment(moment, bench) as environment:
            place: _Place = {
                "tree": bench.tree,
                "home": bench.home,
                "environment": explicit_environment(
                    bench.tree, bench.home, seed, at, moment.store.common_dir
                ),
                "limits": task_limits(policy),
                "seed": seed,
                "env": None if environment is None else environment.path,
                "patterns": policy.masks,
            }
            suite = run_tests(
                policy.tests.run,
                junit=junit_at(policy.tests),
                coverage=coverage_at(policy.tests),
                **place,
            )
            customs = tuple(_custom(requirement, place) for requirement in policy.requirements)
            reach = reached(moment, tree, suite, str(bench.tree))
    return _Suite(suite, customs, reach)


def _custom(requirement: CustomRequirement, place: _Place) -> CustomOutcome:
    ended = run_requirement(requirement.run, **place)
    return CustomOutcome(requirement.name, requirement.run, "passed" if ended.ok else "failed")


def _environment(moment: Moment, bench: Workbench) -> AbstractContextManager[Environment | None]:
    tests = moment.policy.tests
    if not tests.setup:
        return nullcontext()
    return prepared(
        tests.setup,
        {path: _listed_file(bench, path) for path in tests.setup_files},
        moment.ground.cache / "environments",
        moment.ground.passing(tests.environment),
        task_limits(moment.policy),
        moment.store.common_dir,
    )


def _listed_file(bench: Workbench, path: str) -> bytes:
    place = bench.tree / path
    if place.is_symlink() or not place.is_file():
        raise AgentError(
            f"[tests] setup_files lists {path}, which is no file of the tested tree",
            hint="policy and tree disagree: mend codexa.toml by a policy commit, or the tree",
        )
    return place.read_bytes()


def _bodies(moment: Moment, suite: SuiteRun) -> dict[str, bytes]:
    run = len(moment.state.of(RecordType.RESULTS_RECORDED)) + 1
    return {f"tests-{run:03d}/{n}.log": c.output for n, c in enumerate(suite.commands, 1)}


def _test_differences(first: SuiteRun, second: SuiteRun) -> list[str]:
    before, after = dict(first.outcomes), dict(second.outcomes)
    return [
        f"{test}: {before.get(test, 'absent')} then {after.get(test, 'absent')}"
        for test in sorted(before.keys() | after.keys())
        if before.get(test) != after.get(test)
    ]


def _task_differences(moment: Moment, seed: int, at: int) -> list[str]:
    found = []
    for record in _scripted(moment):
        task, again = record.data["task_id"], _again(moment.store, moment, record, seed, at)
        if again is None:
            found.append(f"{task} cannot be done again: its start or its recipe is not here")
        elif again != record.data["files_touched"]:
            found.append(f"{task} touches other files or leaves other bytes")
    return found


def _scripted(moment: Moment) -> list[Record]:
    """The tasks done whose approved recipe says how, whoever their unsigned records name."""
    return [record for record in moment.state.done.values() if _is_scripted(moment, record)]


def _is_scripted(moment: Moment, record: Record) -> bool:
    recipe = moment.case.planner.recipe(record.data["task_id"])
    return record.data["by"] == "agent" if recipe is None else recipe.kind != "person"


def _tasks_word(moment: Moment, differs: list[str]) -> str:
    tasks = {record.data["task_id"] for record in _scripted(moment)}
    if not tasks:
        return NOT_APPLICABLE
    return DIFFERENT if any(line.split(" ")[0] in tasks for line in differs) else SAME


def _again(
    store: Store, moment: Moment, record: Record, seed: int, at: int
) -> list[dict[str, str | None]] | None:
    """What the approved recipe leaves when the task is done again from where it started.

    `None` where that cannot be done: a record says where it started, and nobody signed that.
    """
    task = record.data["task_id"]
    path = moment.places.run(record.data["run"], f"{task}.json")
    start = str(parse_task(moment.case.read(path) or b"", path)["start"])
    recipe = moment.case.planner.recipe(task)
    if not store.exists(start) or recipe is None or recipe.kind == "person":
        return None
    nth = tried(moment, task) - 1
    found, _ = attempt(store, start, recipe, moment.policy, seed=seed, at=at, nth=nth)
    return touched(found.differences)


def checked_records(moment: Moment) -> tuple[str, ...]:
    """The runs' records whose evidence the Tester holds against the tree, and finds as recorded."""
    kinds = (RecordType.TASK_COMPLETED, RecordType.RUN_FINISHED)
    last = moment.state.evidence
    return tuple(
        record.id
        for record in moment.state.of(*kinds)
        if all(_holds(moment, p, d) for p, d in record.data["evidence"].items() if last[p] == d)
    )


def _holds(moment: Moment, path: str, expected: str) -> bool:
    content = moment.case.read(path)
    return content is not None and digest(content) == expected
