"""Which landings are asked whether they swallow an open change: all that might, and few besides."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from builders import git
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codexa_git.gate.carried import merged_besides, new_changes
from codexa_git.repository.objects import Commit, Entry, Identity, Stamp
from codexa_git.repository.store import Store
from codexa_git.verify.swallowing import suspects

pytestmark = pytest.mark.slow

WHO = Stamp(Identity("Demo Dev", "dev@demo.invalid"), 1767225600)
AUDITS = st.frozensets(st.sampled_from(["CH-002", "CH-003", "CH-009"]))
BACK = st.integers(0, 5)
SIDES = st.lists(st.tuples(AUDITS, st.lists(BACK, max_size=2)), min_size=1, max_size=6)
"""Commits beside the base: what `audit` holds, and how far back each parent is; a root has none."""


@pytest.fixture
def store(repository: Path) -> Iterator[Store]:
    with Store.open(repository) as opened:
        yield opened


@pytest.fixture(params=[False, True], ids=["git is asked", "folders are read"])
def are_read(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def made(store: Store, audit: frozenset[str], *parents: Commit) -> Commit:
    blob = Entry("100644", store.write_blob(b"{}\n"))
    places = (f"audit/{name}" for name in audit)
    tree = store.write_tree(
        None,
        {place if place.endswith("l") else f"{place}/handoff.jsonl": blob for place in places},
    )
    oids = [parent.oid for parent in parents]
    return store.commit(store.write_commit(tree, oids, WHO, WHO, b"x\n"))


def asked(store: Store, start: Commit, line: Sequence[Commit]) -> set[str]:
    """The landings of the line that bring a commit of another change, by the question itself."""
    found = set()
    for before, commit in pairwise((start, *line)):
        changes = new_changes(store, before.tree, commit.tree)
        if changes and merged_besides(store, before, commit.parents[1:], changes[0]):
            found.add(commit.oid)
    return found


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SIDES, st.lists(BACK, min_size=1, max_size=3))
def test_whatever_is_merged_a_landing_that_swallows_is_suspected(
    store: Store,
    are_read: bool,  # noqa: FBT001 (pytest hands it over)
    sides: list[tuple[frozenset[str], list[int]]],
    landings: list[int],
) -> None:
    held = frozenset(["CH-001", "handoff.jsonl"])
    start = made(store, held)
    beside, line = [start], [start]
    for audit, backs in sides:
        beside.append(
            made(store, held | audit, *(beside[-1 - back % len(beside)] for back in backs))
        )
    for number, back in enumerate(landings):
        held |= {f"CH-00{number + 2}"}
        line.append(made(store, held, line[-1], beside[-1 - back % len(beside)]))
    assert asked(store, start, line[1:]) <= suspects(store, start.oid, line[1:], are_read=are_read)


def test_a_change_whose_first_commits_have_no_records_yet_is_not_suspected(
    store: Store,
    are_read: bool,  # noqa: FBT001 (the same)
) -> None:
    start = made(store, frozenset(["CH-001"]))
    work = made(store, frozenset(["CH-001"]), start)
    ahead = made(store, frozenset(["CH-001", "CH-002"]), start)
    closed = made(store, frozenset(["CH-001", "CH-003"]), work)
    synced = made(store, frozenset(["CH-001", "CH-002", "CH-003"]), closed, ahead)
    landed = made(store, frozenset(["CH-001", "CH-002", "CH-003"]), ahead, synced)
    assert suspects(store, start.oid, [ahead, landed], are_read=are_read) == frozenset()
    other = made(store, frozenset(["CH-001", "CH-004"]), start)
    merged = made(store, frozenset(["CH-001", "CH-003"]), closed, other)
    evil = made(store, frozenset(["CH-001", "CH-002", "CH-003"]), ahead, merged)
    assert suspects(store, start.oid, [ahead, evil], are_read=are_read) == asked(
        store, start, [ahead, evil]
    )
    assert suspects(store, start.oid, [ahead, evil], are_read=are_read) == {evil.oid}


def test_a_first_commit_of_no_history_is_suspected_for_whatever_it_holds(
    store: Store,
    are_read: bool,  # noqa: FBT001 (the same)
) -> None:
    start = made(store, frozenset(["CH-001"]))
    closed = made(store, frozenset(["CH-001", "CH-003"]), start)
    for audit in (["CH-002"], ["CH-001", "CH-002"], ["CH-001", "CH-002", "CH-003"]):
        alone = made(store, frozenset(audit))
        tip = made(store, frozenset(["CH-001", "CH-003"]), closed, alone)
        landed = made(store, frozenset(["CH-001", "CH-003"]), start, tip)
        swallows = {landed.oid} if "CH-003" not in audit else set()
        assert asked(store, start, [landed]) == swallows
        assert suspects(store, start.oid, [landed], are_read=are_read) == swallows


def test_what_cannot_be_read_is_suspected(
    store: Store,
    are_read: bool,  # noqa: FBT001 (the same)
) -> None:
    start = made(store, frozenset())
    opened = made(store, frozenset(["CH-001"]), start)
    closed = made(store, frozenset(["CH-001", "handoff.jsonl"]), opened)
    landed = made(store, frozenset(["CH-001", "handoff.jsonl"]), start, closed)
    assert suspects(store, start.oid, [landed], are_read=are_read) == frozenset()
    folder = store.entry(opened.tree, "audit")
    assert folder is not None
    place = Path(git(Path(store.git.folder), "rev-parse", "--git-path", "objects").strip())
    (Path(store.git.folder) / place / folder.oid[:2] / folder.oid[2:]).unlink()
    with Store.open(Path(store.git.folder)) as again:
        line = [again.commit(landed.oid)]
        assert suspects(again, start.oid, line, are_read=are_read) == {landed.oid}
