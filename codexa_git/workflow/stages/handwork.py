"""Handwork: which of a person's own commits did which task.

A commit does `T-02` where its subject names it. One that names no task and touches the product does
the only task that waits for a person. An empty one does a task, too (nothing was left to do), but
not where another that names the task touches the product. Only commits that came in since the
last rework are looked at, by a merge too, and of those from before Execute began what touches the
product: an approval that came after them is for them, too. In a light change, all count.

What was taken back does no task: neither git's own `Revert "T-01 ..."`, by what it quotes, nor the
commits of which nothing is left.
"""

import re
from functools import partial
from typing import NamedTuple

from codexa_git.audit.logger import log_path
from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType
from codexa_git.change.paths import Kind, kind_of
from codexa_git.repository.objects import Commit, Difference
from codexa_git.workflow.changes.moment import Moment

_TASK = re.compile(r"(?<![0-9A-Za-z-])T-[0-9]{2,4}(?![0-9A-Za-z-])")
_REVERTED = re.compile(r'\bRevert ".*"')


class Handwork(NamedTuple):
    """What people's commits did for one task, and the tree that the first of them started from.

    The `actor` wrote the last of them, and `authors` are the addresses of all who wrote or
    committed one, for whoever commits may name any author. `commits` are all that name the task or
    do it, oldest first.
    """

    actor: Actor
    start: str
    differences: tuple[Difference, ...]
    authors: frozenset[str] = frozenset()
    commits: tuple[str, ...] = ()

    def others(self, email: str) -> str:
        """Who else wrote a commit of it."""
        return ", ".join(sorted(self.authors - {email}))


def handwork(moment: Moment, waiting: list[str]) -> dict[str, Handwork]:
    """What people have done of the tasks that wait for a person."""
    by_task: dict[str, list[Commit]] = {}
    early, since = _of_this_round(moment)
    before = [c for c in _with_merged(moment, early) if _product(moment, c)]
    for commit in (*before, *_with_merged(moment, since)):
        named = [task for task in names(commit.subject) if task in waiting]
        only = waiting if len(waiting) == 1 and not _TASK.search(commit.subject) else []
        if not named and not (only and _product(moment, commit)):
            continue
        for task in dict.fromkeys(named or only):
            by_task.setdefault(task, []).append(commit)
    left = {task: _left(moment, commits) for task, commits in by_task.items()}
    return {task: _work(moment, commits) for task, commits in left.items() if commits}


def names(subject: str) -> list[str]:
    """The tasks that a subject names, less those in a subject that it says it reverts."""
    return _TASK.findall(_REVERTED.sub("", subject))


def _left(moment: Moment, commits: list[Commit]) -> list[Commit]:
    """The same; where nothing is left of what they did, those that came after it was done."""
    worked = [number for number, commit in enumerate(commits) if _product(moment, commit)]
    if not worked:
        return commits
    touched = _touched(moment, commits)
    store, tree = moment.store, moment.tip.tree
    if any(store.entry(tree, path) != d.old for path, d in touched.items()):
        return commits
    return commits[worked[-1] + 1 :]


def not_taken_up(moment: Moment) -> dict[str, Handwork]:
    """What people have done of tasks that no record says yet are done, by task."""
    planner, done = moment.case.planner, moment.state.done
    by_hand = {recipe.task for recipe in planner.recipes if recipe.kind == "person"}
    return handwork(moment, [t.id for t in moment.case.plan.tasks if t.id in by_hand - done.keys()])


def _with_merged(moment: Moment, commits: list[Commit]) -> list[Commit]:
    """The same, and in the place of each merge the commits of people that it brought.

    What the base holds is nobody's work on this change.
    """
    found: list[Commit] = []
    for commit in commits:
        if len(commit.parents) < 2:
            found.append(commit)
            continue
        brought = moment.store.brought(commit, moment.held.oid)
        found += [c for c in brought if len(c.parents) < 2 and _is_by_hand(moment, c)]
    return found


def _is_by_hand(moment: Moment, commit: Commit) -> bool:
    """True where the commit brings no records of the change."""
    log = partial(moment.store.read, path=log_path(moment.change, "handoff"))
    return log(commit.tree) == log(_parent_tree(moment, commit))


def _of_this_round(moment: Moment) -> tuple[list[Commit], list[Commit]]:
    """People's commits and all merges since the last rework, oldest first.

    Those of before Execute began, and those since. A light change was opened over the work: until
    it is sent back, all of it counts.
    """
    if moment.state.light is not None and not moment.state.reworks:
        return [], _by_people(moment)
    back = _last(moment, RecordType.REWORK)
    began = _last(moment, RecordType.HANDOFF, RecordType.REWORK)
    early, since = list[Commit](), list[Commit]()
    for commit in moment.store.first_parents(moment.tip.oid, moment.held.oid):
        log = partial(moment.store.read, path=log_path(moment.change, "handoff"))
        before = log(_parent_tree(moment, commit)) or b""
        if back not in before:
            break
        if len(commit.parents) > 1 or log(commit.tree) == before:
            (since if began in before else early).append(commit)
    return early[::-1], since[::-1]


def _last(moment: Moment, *types: RecordType) -> bytes:
    """The id of the last record of these types; empty where there is none."""
    found = moment.state.of(*types)
    return found[-1].id.encode() if found else b""


def _by_people(moment: Moment) -> list[Commit]:
    """The change's commits that bring no records, and its merges, oldest first."""
    found = moment.store.beyond(moment.held.oid, moment.tip.oid)
    return [c for c in reversed(found) if len(c.parents) > 1 or _is_by_hand(moment, c)]


def _parent_tree(moment: Moment, commit: Commit) -> str:
    if not commit.parents:
        return moment.store.empty_tree
    return moment.store.tree_of(commit.parents[0])


def _product(moment: Moment, commit: Commit) -> list[Difference]:
    found = moment.store.difference(_parent_tree(moment, commit), commit.tree)
    return [d for d in found if kind_of(d.path, moment.change) is Kind.PRODUCT]


def _touched(moment: Moment, commits: list[Commit]) -> dict[str, Difference]:
    """What the commits made of the product, from the first to the last, by path."""
    touched: dict[str, Difference] = {}
    for commit in commits:
        for difference in _product(moment, commit):
            first = touched.get(difference.path, difference)
            touched[difference.path] = Difference(difference.path, first.old, difference.new)
    return touched


def _work(moment: Moment, commits: list[Commit]) -> Handwork:
    every = tuple(commit.oid for commit in commits)
    commits = [commit for commit in commits if _product(moment, commit)] or commits
    touched = _touched(moment, commits)
    who = commits[-1].author.who
    return Handwork(
        Actor(" ".join(who.name.split()), who.email, "contributor"),
        _parent_tree(moment, commits[0]),
        tuple(touched[path] for path in sorted(touched)),
        frozenset(who.who.email for c in commits for who in (c.author, c.committer)),
        every,
    )
