"""Aside: people's commits that a joining could not put, kept until somebody puts them by hand."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from codexa_git.repository.objects import Commit, RefUpdate, Stamp
from codexa_git.repository.publication import carry
from codexa_git.workflow.changes.moment import Moment


class Aside(NamedTuple):
    """What has to be put by hand: a commit that `git cherry-pick` takes, and a path in conflict.

    It holds what is people's of the commit `of`, which may be the same.
    """

    commit: Commit
    path: str
    of: Commit


def apart_ref(change: str) -> str:
    """What keeps the commits of people that have to be put by hand."""
    return f"refs/codexa/apart/{change}"


def commands(commits: Sequence[Commit]) -> tuple[str, ...]:
    """What git is told to put these by hand, in their order; what was merged is merged anew."""
    told: list[str] = []
    for is_merge, group in groupby(commits, key=lambda commit: len(commit.parents) > 1):
        if is_merge:
            told += [f"git merge {one[:12]}" for commit in group for one in commit.parents[1:]]
        else:
            told.append(" ".join(["git cherry-pick", *(commit.oid[:12] for commit in group)]))
    return tuple(told)


def kept(moment: Moment, onto: Commit, apart: Sequence[Aside]) -> str:
    """The id of a commit on no branch: it names those apart, and leads to where all came from.

    `onto` is the tip that everything else was put on.
    """
    store = moment.store
    names = "\n".join(one.commit.oid for one in apart)
    made = (one.commit.oid for one in apart if one.commit is not one.of)
    stamp = Stamp(apart[0].commit.committer.who, moment.ground.at)
    return store.write_commit(
        moment.tip.tree,
        (onto.oid, moment.tip.oid, *made),
        stamp,
        stamp,
        f"{moment.change}: to be put by hand\n\n{names}\n".encode("ascii"),
    )


def still_apart(moment: Moment) -> tuple[Commit, ...]:
    """People's commits that were left out, and that nobody has put by hand since; oldest first.

    Whoever puts one by hand keeps its author and time, as `git cherry-pick` does; a merge is put
    where what it merged is.
    """
    store = moment.store
    kept = store.ref(apart_ref(moment.change))
    if kept is None:
        return ()
    made = store.commit(kept)
    names = made.message.decode("ascii").split("\n")[2:-1]
    new = store.beyond(made.parents[0], moment.tip.oid)
    since = Counter(commit.author for commit in new if not commit.parents[1:])
    left = []
    for commit in (store.commit(name) for name in names):
        if commit.parents[1:]:
            if not all(store.is_ancestor(one, moment.tip.oid) for one in commit.parents[1:]):
                left.append(commit)
            continue
        since[commit.author] -= 1
        if since[commit.author] < 0:
            left.append(commit)
    return tuple(left)


def forget_apart(moment: Moment) -> None:
    """Nothing is kept apart any more, once all of it was put by hand."""
    name = apart_ref(moment.change)
    kept = moment.store.ref(name)
    if kept is not None and not still_apart(moment):
        carry(moment.store, [RefUpdate(name, None, kept)], "codexa: put by hand")
