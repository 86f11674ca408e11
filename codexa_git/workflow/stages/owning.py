"""Owning: whether all that a change makes of its files is one person's.

A signature of work stands for whole files, and keeps its signer alone from approving them. So
nobody signs a file with a part of somebody else's in it: that other could approve it alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from codexa_git.audit.words import RecordType
from codexa_git.change.paths import Kind
from codexa_git.change.text import visible
from codexa_git.gate.judging import judged
from codexa_git.repository.objects import Commit, Difference, Entry
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.avowing import Avowal
from codexa_git.workflow.stages.firsthand import from_elsewhere

_Entries = dict[str, Entry | None]


class _Step(NamedTuple):
    """A commit, and what it made of some paths."""

    commit: Commit
    paths: tuple[str, ...]


def mixed_by_hand(
    moment: Moment, avowal: Avowal, left: Sequence[Difference], mine: frozenset[str]
) -> str | None:
    """Why what was done by hand is not this person's alone, in a clause; `None`: it is.

    Whose commits are `mine` they have said themselves.
    """
    for difference in left:
        if moment.store.entry(moment.tip.tree, difference.path) != difference.new:
            return f"{visible(difference.path)} is not as that left it"
    return _part(moment, avowal, (difference.path for difference in left), mine)


def mixed_before(moment: Moment, avowal: Avowal, mine: frozenset[str]) -> str | None:
    """Why what an agent makes here is not for this person to sign, in a clause; `None`: it is.

    What it finds may go into whatever it writes, so all that the change holds has to be theirs.
    """
    paths = (difference.path for difference in moment.case.of_kind(Kind.PRODUCT))
    part = _part(moment, avowal, paths, mine)
    return None if part is None else f"it ran where {part}"


def _part(moment: Moment, avowal: Avowal, paths: Iterable[str], mine: frozenset[str]) -> str | None:
    """Whose part the first path has that is not this person's alone, in a clause."""
    own, email = list[_Step](), avowal.person.email
    for step in _steps(moment, email, frozenset(paths)):
        who = {step.commit.author.who.email, step.commit.committer.who.email}
        if who != {email} or len(step.commit.parents) > 1:
            return _told(step, ", ".join(sorted(who)))
        if not avowal.by_hand:
            return f"{_told(step, email)}, done by hand, which only --sign signs"
        own.append(step)
    strange = from_elsewhere(moment, [s.commit.oid for s in own if s.commit.oid not in mine])
    for step in own:
        if step.commit.oid in strange:
            return f"{_told(step, email)}, which was not committed in this clone"
    return None


def _told(step: _Step, who: str) -> str:
    where = f"{'the merge ' if step.commit.parents[1:] else ''}{step.commit.oid[:12]}"
    return f"{visible(step.paths[0])} has a part by {visible(who)}, in {where}"


def _steps(moment: Moment, email: str, paths: frozenset[str]) -> Iterator[_Step]:
    """The change's commits that made of these paths what they are, and what each made.

    A path is followed down to where it is as in the base, or as this person signed it before.
    """
    store, known = moment.store, _known(moment, email, paths)
    lacking = store.graph(moment.tip.oid, moment.held.oid)
    now: _Entries = {path: store.entry(moment.tip.tree, path) for path in sorted(paths)}
    waiting = [(moment.tip.oid, now)]
    while waiting:
        oid, now = waiting.pop()
        now = {path: entry for path, entry in now.items() if entry not in known[path]}
        if not now or oid not in lacking:
            continue
        commit = store.commit(oid)
        made, below = _before(moment, commit, now)
        # Git's walk goes by the time of commits, and names some of the base where clocks disagree.
        if made and not store.is_ancestor(oid, moment.held.oid):
            yield _Step(commit, made)
        waiting += below


def _known(moment: Moment, email: str, paths: frozenset[str]) -> dict[str, list[Entry | None]]:
    """What of each path is nobody else's part: the base's, and all that this person signed."""
    store, base = moment.store, moment.held.tree
    known = {path: [store.entry(base, path)] for path in paths}
    for record in moment.state.of(RecordType.TASK_COMPLETED):
        is_own = record.signature is not None and record.signer.email == email
        for file in record.data["stands"] if is_own and judged(moment.case, record).counts else ():
            if file["path"] in known:
                blob = file["blob"]
                known[file["path"]].append(None if blob is None else Entry(file["mode"], blob))
    return known


def _before(
    moment: Moment, commit: Commit, now: _Entries
) -> tuple[tuple[str, ...], list[tuple[str, _Entries]]]:
    """Which paths a commit made as they are, and what the commits below it had in each place.

    A merge made what none of its parents has.
    """
    if len(commit.parents) == 1:
        there = _entries(moment, commit, commit.parents[0], now)
        made = tuple(path for path in now if there[path] != now[path])
        return made, [(commit.parents[0], there)]
    below, left = list[tuple[str, _Entries]](), now
    for parent in commit.parents:
        there = _entries(moment, commit, parent, left)
        below.append((parent, {path: was for path, was in there.items() if was == left[path]}))
        left = {path: entry for path, entry in left.items() if there[path] != entry}
    return tuple(left), below


def _entries(moment: Moment, commit: Commit, parent: str, now: _Entries) -> _Entries:
    """What the parent of a commit has where the commit has these."""
    store = moment.store
    old = {d.path: d.old for d in store.difference(store.tree_of(parent), commit.tree)}
    return {path: old.get(path, entry) for path, entry in now.items()}
