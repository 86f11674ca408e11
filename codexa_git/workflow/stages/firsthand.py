"""Firsthand: which commits somebody made in this very clone.

Whoever commits may name any author and any committer. What was committed here is told by this
clone's reflogs, which no push, fetch or pull of others' work can write so.
"""

import re
from collections.abc import Sequence

from codexa_git.change.paths import Kind, kind_of
from codexa_git.repository.objects import Commit, Entry
from codexa_git.workflow.changes.moment import Moment

_MADE = re.compile(
    r"(?:commit(?: \((?:initial|amend)\))?"
    r"|(?:cherry-pick|revert|(?:pull|rebase)\b.* \((?:pick|reword|edit|squash|fixup|continue)\))"
    r"(?!: fast-forward$)): "
)
_MOST = 10_000


def from_elsewhere(moment: Moment, commits: Sequence[str]) -> tuple[str, ...]:
    """Those of the commits that nobody made here, as far as this clone remembers."""
    made = _made_here(moment)
    strange = [oid for oid in commits if oid not in made]
    return tuple(oid for oid in strange if not _was_put_anew(moment, oid, made))


def _made_here(moment: Moment) -> dict[str, str]:
    """The commits that the reflogs have as made here, each with its author and time."""
    words = ("log", "-g", "--all", f"-{_MOST}", "--format=%H%x00%ae %at%x00%gs")
    status, out = moment.store.git.answer(*words)
    lines = out.decode("utf-8", "replace").split("\n") if status == 0 else []
    rows = (line.split("\0") for line in lines if line.count("\0") == 2)
    return {oid: who for oid, who, did in rows if _MADE.match(did)}


def _was_put_anew(moment: Moment, oid: str, made: dict[str, str]) -> bool:
    """True for a commit of here that a joining put on another tip, with all that it did."""
    commit = moment.store.commit(oid)
    who = f"{commit.author.who.email} {commit.author.seconds}"
    alike = (moment.store.commit(one) for one, by in made.items() if by == who)
    return any(_said(moment, one) == _said(moment, commit) for one in alike)


def _said(moment: Moment, commit: Commit) -> tuple[object, ...]:
    """Who says what in a commit, and what it makes of the product."""
    store = moment.store
    start = store.tree_of(commit.parents[0]) if commit.parents else store.empty_tree
    files: dict[str, Entry | None] = {
        d.path: d.new
        for d in store.difference(start, commit.tree)
        if kind_of(d.path, moment.change) is Kind.PRODUCT
    }
    return commit.author, commit.message, files
