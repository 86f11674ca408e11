"""Reaching: which lines of the tested tree tests ran, and how many of those the change touched.

What the reports say is a claim of code under test, which the Tester signs as what it read. A line
counts as covered where both runs of the tests say so: what is reached now and then is not.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from codexa_git.agents.cobertura import Lines, both, either, located
from codexa_git.agents.tester import SuiteRun
from codexa_git.change.coverage import Coverage, Reach, suffix
from codexa_git.change.paths import Kind
from codexa_git.change.tracing import holds_test
from codexa_git.policy.globs import matches_any
from codexa_git.repository.reading import REGULAR
from codexa_git.repository.store import Store
from codexa_git.workflow.changes.moment import Moment


class Reached(NamedTuple):
    """What one run of the tests reported, by path; `problem` says why that is not all of it."""

    lines: Mapping[str, Lines]
    problem: str | None


def reached(moment: Moment, tree: str, suite: SuiteRun, folder: str) -> Reached:
    """The lines that the reports of a run in `folder` tell of, as far as the tree has them."""
    if suite.unreported:
        return Reached({}, suite.unreported)
    found: dict[str, Lines] = {}
    for reported in suite.reported:
        for path, lines in located(
            reported, folder, lambda path: _is_file(moment.store, tree, path)
        ).items():
            found[path] = either(found.get(path, {}), lines)
    there = {path: _there(moment.store, tree, path, lines) for path, lines in found.items()}
    if suite.reported and not any(there.values()):
        return Reached({}, "the coverage report names no line of the tested tree")
    return Reached(there, None)


def coverage_of(
    moment: Moment, first: Reached, again: Reached, tests: Iterable[str]
) -> tuple[Coverage | None, str | None]:
    """What both runs cover; or nothing, and why, which is `None` where nothing is asked.

    `tests` are the tests that ran: the files that hold them need not be measured.
    """
    problem = first.problem or again.problem
    lines = {
        path: both(first.lines.get(path, {}), again.lines.get(path, {}))
        for path in first.lines.keys() | again.lines.keys()
    }
    if problem is not None or not lines:
        return None, problem
    added = moment.store.added(moment.case.of_kind(Kind.PRODUCT))
    touched = {path: added.get(path, frozenset()) for path in lines}
    of_all = [ran for found in lines.values() for ran in found.values()]
    of_touched = [ran for p, found in lines.items() for n, ran in found.items() if n in touched[p]]
    reach = Reach(sum(of_touched), len(of_touched))
    missing = sorted(path for path, new in added.items() if new and path not in lines)
    return Coverage(
        sum(of_all), len(of_all), reach, _unreported(moment, missing, lines, tests)
    ), None


def _unreported(
    moment: Moment, missing: Iterable[str], reported: Iterable[str], tests: Iterable[str]
) -> tuple[str, ...]:
    """Those of the missing that are of a kind which the reports know, and should be in them."""
    kinds = {suffix(path) for path in reported}
    alike = [path for path in missing if suffix(path) in kinds]
    left_out = moment.policy.tests.unmeasured
    known = tuple(tests)
    return tuple(p for p in alike if not matches_any(left_out, p) and not holds_test(p, known))


def _is_file(store: Store, tree: str, path: str) -> bool:
    entry = store.entry(tree, path)
    return entry is not None and entry.mode in REGULAR


def _there(store: Store, tree: str, path: str, lines: Lines) -> Lines:
    """Those of the lines that the file has."""
    content = store.read(tree, path) or b""
    last = content.count(b"\n") + (not content.endswith(b"\n"))
    return {number: ran for number, ran in lines.items() if 1 <= number <= last}
