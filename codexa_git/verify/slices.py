"""A long line judged by several processes at once, with the same answer as by one.

A slice of the line is judged from what the `Lineage` has reached before it, so that has to be
known first. It is *foreseen*: git names the commits that touch what a lineage looks at, and only
those are followed. That is a guess, and nothing rests on it. Each process tells what the lineage
has reached after its slice, and if the next slice did not begin with just that, its answer does
not count, nor any after it: the rest of the line is judged by one process, as a short one is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from itertools import pairwise
from typing import NamedTuple, Protocol

from codexa_git.audit.words import ACT_LOG
from codexa_git.errors import CodexaError, PolicyError
from codexa_git.gate.carried import new_changes
from codexa_git.gate.lineage import Lineage, Reached
from codexa_git.policy.compiled import POLICY, policy_files
from codexa_git.policy.signers import PATH as SIGNERS
from codexa_git.repository.crew import Crew, Wanted
from codexa_git.repository.store import Place, Store
from codexa_git.verify.findings import Breach
from codexa_git.verify.walk import Judged, Walk, Watch

SIZE = 25
"""So many commits a slice: what is read ahead at once."""

SHARE = 40
"""So many landings have to be there for each process, or so many times `_LIGHT` commits.

One takes as long to start, and to import what it judges by, as ten to twenty landings take to
judge. With fewer than these one process is done about as soon, and has had less to do.
"""

_LIGHT = 50
"""So many commits that land nothing take as long as one that does."""


class Task(NamedTuple):
    """What is to be judged, as every process is told it; the line is one text of ids."""

    place: Place
    root: str
    branch: str
    story: bool
    start: str
    line: str
    now: int | None = None


class Slice(NamedTuple):
    """The commits of the line from one place up to another, and what was reached before them."""

    first: int
    last: int
    reached: Reached


class Told(NamedTuple):
    """What a process says of a slice, and what was reached after it."""

    judged: Judged
    reached: Reached


class Hands(Protocol):
    """What judges slices: gives each back with what is told of it, in the order of the line."""

    def each(self, pieces: Iterable[Slice]) -> Iterator[tuple[Slice, Told]]:
        """Every slice, and what is told of it."""


def shared(store: Store, task: Task, watch: Watch, jobs: int) -> Judged:
    """What `Walk.judge` says of the line, by up to so many processes if it is long enough."""
    line = task.line.split()
    many = min(jobs, _weight(store, task.start, line) // SHARE)
    if many < 2:
        return _walk(store, task).judge(task.start, line, watch)
    return judge_slices(store, task, Crew(many, judging, task), watch)


def _weight(store: Store, start: str, line: Sequence[str]) -> int:
    """How much there is to judge, in landings, by what the two ends of the line tell."""
    tip = line[-1] if line else start
    with suppress(CodexaError):
        landed = new_changes(store, store.tree_of(start), store.tree_of(tip))
        return len(landed) + len(line) // _LIGHT
    return 0


def judge_slices(
    store: Store,
    task: Task,
    crew: AbstractContextManager[Hands],
    watch: Watch,
    cuts: Sequence[int] | None = None,
) -> Judged:
    """What `Walk.judge` says of the line, cut into slices that a crew judges.

    `cuts` are the places at which another slice than the first begins, in order.
    """
    start, line = task.start, task.line.split()
    ends = [*(range(SIZE, len(line), SIZE) if cuts is None else cuts), len(line)]
    walk = _walk(store, task)
    lineage, scout = (walk.lineage(start, lambda: line) for _ in range(2))
    if isinstance(lineage, Breach) or isinstance(scout, Breach):
        return walk.judge(start, line, watch)
    parts: list[Judged] = []
    reached, done = lineage.reached, 0
    watch(0, len(line))
    with crew as hands:
        for piece, told in hands.each(foreseen(store, scout, start, line, ends)):
            if piece.reached != reached:
                break
            parts.append(told.judged)
            reached, done = told.reached, piece.last
            watch(done, len(line))
    if done < len(line):
        before, ahead = line[done - 1], partial(_further, watch, done, len(line))
        parts.append(walk.along(lineage.resume(reached), before, line[done:], ahead))
    return _together(parts)


def _further(watch: Watch, done: int, total: int, number: int, of: int) -> None:
    del of
    watch(done + number, total)


def _together(parts: Sequence[Judged]) -> Judged:
    return Judged(
        sum(part.commits for part in parts),
        sum(part.landings for part in parts),
        tuple(finding for part in parts for finding in part.findings),
        tuple(incident for part in parts for incident in part.incidents),
    )


def foreseen(
    store: Store, scout: Lineage, start: str, line: Sequence[str], ends: Sequence[int]
) -> Iterator[Slice]:
    """The slices of the line, each with what the lineage will probably have reached before it."""
    touching, times = _touching(store, line[-1], (POLICY, SIGNERS)), _times(store, start, line[-1])
    is_signed = True
    for first, last in pairwise([0, *ends]):
        yield Slice(first, last, scout.reached)
        befores = [line[first - 1] if first else start, *line[first : last - 1]]
        for before, oid in zip(befores, line[first:last], strict=True):
            if oid in touching:
                _follow(store, scout, before, oid)
            scout.saw(times.get(oid, 0))
            if is_signed and scout.unsigned:
                # Only now does it matter what the owners name in an incident.
                touching |= _touching(store, line[-1], (ACT_LOG,))
                is_signed = False


def _touching(store: Store, tip: str, paths: Sequence[str]) -> set[str]:
    """The commits of which git says that they change one of these; none where it cannot tell."""
    with suppress(CodexaError):
        return {commit.oid for commit in store.line_touching(tip, paths)}
    return set()


def _times(store: Store, start: str, tip: str) -> dict[str, int]:
    """What time each commit says, as git tells it; nothing where it cannot tell."""
    with suppress(CodexaError):
        return store.times(tip, start)
    return {}


def _follow(store: Store, scout: Lineage, before: str, oid: str) -> None:
    """What a walk does to its lineage here, if it does anything.

    While every change of policy was signed, an act that changes none leaves it as it was.
    """
    with suppress(CodexaError):
        try:
            parent, commit = store.headed(before), store.commit(oid)
            sides = [policy_files(store, side.tree) for side in (parent, commit)]
            is_idle = not scout.unsigned and sides[0] == sides[1]
            added = () if is_idle else new_changes(store, parent.tree, commit.tree)
            deed = None if is_idle or added else scout.deed(parent, commit)
        except CodexaError:
            scout.overlook(before, oid)
        else:
            scout.take(parent, commit, deed)
    store.forget()


@contextmanager
def judging(task: Task, wanted: Wanted) -> Iterator[Callable[[Slice], Told]]:
    """What a process of the crew does with each slice that it is given."""
    with Store.at(task.place) as store:
        walk, line = _walk(store, task), f"{task.start}\n{task.line}"
        lineage = walk.lineage(task.start, task.line.split)
        if isinstance(lineage, Breach):
            raise PolicyError(lineage.says)  # the process that cuts the line could read it

        def judge(piece: Slice) -> Told:
            store.forget(made=True)
            before, *oids = _cut(line, piece)
            judged = walk.along(lineage.resume(piece.reached), before, oids, lambda *_: wanted())
            return Told(judged, lineage.reached)

        yield judge


def _cut(line: str, piece: Slice) -> list[str]:
    """The ids of a slice of the line, and before them the one that it follows."""
    width = line.index("\n") + 1
    return line[piece.first * width : (piece.last + 1) * width].split()


def _walk(store: Store, task: Task) -> Walk:
    return Walk(store, task.root, task.branch, story=task.story, now=task.now)
