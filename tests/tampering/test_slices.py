"""Whatever is forged: cut into slices, the line is judged as it is by one walk along it.

Here the slices are judged in this process, from what went through `pickle` as it would to another;
`repository/test_crew` and `verify/test_slices` have the processes.
"""

import pickle
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import examples
from tampering import (
    forged_approvals,
    forged_bases,
    forged_landings,
    forged_stories,
    forged_work,
)
from tampering.rich import FORGERIES, Rich

from codexa_git.repository.store import Store
from codexa_git.verify import slices
from codexa_git.verify.findings import Report
from codexa_git.verify.slices import Slice, Task, Told, judge_slices, judging
from codexa_git.verify.verifying import Wish, verify
from codexa_git.verify.walk import Judged, Walk, Watch

pytestmark = pytest.mark.slow

MODULES = (forged_approvals, forged_bases, forged_landings, forged_stories, forged_work)
SAMPLE = sorted({known.rules[0]: name for name, known in FORGERIES.items()}.values())
"""One forgery of each rule."""
FIRST = {known.forge.__module__: name for name, known in FORGERIES.items()}.values()
TRIED = [
    name
    for name, known in FORGERIES.items()
    if known.forge.__module__ == forged_bases.__name__ or name in {*SAMPLE, *FIRST}
]
"""All of what may happen to the base itself, and one of each other rule and family."""


class Here:
    """Slices judged in this process, by two judges in turn; `told` says of how many."""

    def __init__(self, task: Task) -> None:
        self.task = pickle.dumps(task)
        self.told = 0
        self.begun: list[int] = []

    def each(self, pieces: Iterable[Slice]) -> Iterator[tuple[Slice, Told]]:
        one, other = (judging(pickle.loads(self.task), lambda: None) for _ in range(2))
        with one as odd, other as even:
            for number, piece in enumerate(pieces):
                judge = odd if number % 2 else even
                self.begun.append(piece.first)
                yield piece, pickle.loads(pickle.dumps(judge(pickle.loads(pickle.dumps(piece)))))
                self.told += 1


class Knife:
    """What `verify` asks in the place of `shared`: it cuts where it is told to."""

    def __init__(self, cuts: Sequence[int] | None = None, size: int = 1) -> None:
        self.cuts = cuts
        self.size = size
        self.seen: list[tuple[int, int]] = []
        self.wasted = 0

    def __call__(self, store: Store, task: Task, watch: Watch, jobs: int) -> Judged:
        del jobs
        many = len(task.line.split())
        cuts = range(self.size, many, self.size) if self.cuts is None else self.cuts
        here = Here(task)
        judged = judge_slices(
            store, task, nullcontext(here), watch, sorted({c for c in cuts if 0 < c < many})
        )
        self.wasted += len(here.begun) - here.told
        self.seen.append((len(here.begun), many))
        return judged


def walked(store: Store, task: Task, watch: Watch, jobs: int) -> Judged:
    del jobs
    walk = Walk(store, task.root, task.branch, story=task.story)
    return walk.judge(task.start, task.line.split(), watch)


def report(rich: Rich, tip: str, patch: pytest.MonkeyPatch, by: object, *accept: str) -> Report:
    patch.setattr(slices, "shared", by)
    wish = Wish(rich.root, story=True, accept=accept)
    return verify(rich.store, "main", tip, wish, lambda _, __: None)


@pytest.mark.parametrize("name", TRIED)
def test_each_forgery_is_found_as_by_one_walk(
    rich: Rich, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    tip = FORGERIES[name].forge(rich).tip
    whole = report(rich, tip, monkeypatch, walked)
    assert whole.findings
    knife = Knife(size=1)
    assert report(rich, tip, monkeypatch, knife) == whole
    assert all(begun == many for begun, many in knife.seen)
    assert not knife.wasted


def test_there_is_one_of_each_family() -> None:
    families = {FORGERIES[name].forge.__module__ for name in TRIED}
    assert families == {known.forge.__module__ for known in FORGERIES.values()}
    assert families == {module.__name__ for module in MODULES}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
def test_the_history_itself_is_judged_alike_in_slices_of_any_size(
    rich: Rich, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    tip = rich.history.line[-1]
    whole = report(rich, tip, monkeypatch, walked)
    (incident,) = whole.incidents
    accepted = report(rich, tip, monkeypatch, walked, *incident.ids)
    knife = Knife(size=size)
    assert report(rich, tip, monkeypatch, knife) == whole
    assert report(rich, tip, monkeypatch, knife, *incident.ids) == accepted
    assert accepted.findings == ()
    assert not knife.wasted


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(SAMPLE), st.sets(st.integers(1, 12)))
def test_wherever_it_is_cut_the_same_is_found(
    rich: Rich, monkeypatch: pytest.MonkeyPatch, name: str, cuts: set[int]
) -> None:
    tip = FORGERIES[name].forge(rich).tip
    whole = report(rich, tip, monkeypatch, walked)
    assert report(rich, tip, monkeypatch, Knife(sorted(cuts))) == whole


@pytest.mark.parametrize("size", [1, 2, 3])
def test_what_git_says_of_the_policys_commits_is_only_a_guess(
    rich: Rich, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(Store, "line_touching", lambda *_: [])
    tip = rich.history.line[-1]
    knife = Knife(size=size)
    assert report(rich, tip, monkeypatch, knife) == report(rich, tip, monkeypatch, walked)
    assert knife.wasted
