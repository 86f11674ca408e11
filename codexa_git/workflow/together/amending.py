"""What people put into a commit of the tool by amending it, after it was pushed without that."""

from codexa_git.audit.record import Record
from codexa_git.change.paths import Kind, kind_of
from codexa_git.repository.objects import Commit, Entry
from codexa_git.repository.trailers import parse_trailers
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.together.remaking import new_records


def unamended(now: Moment, commit: Commit, new: list[Record]) -> str | None:
    """The tree that the commit would have without what people put into it, in the object store.

    `new` are its records, which stand on the tip of `now`. `None`: people put nothing into it.
    """
    store, there = now.store, _counterpart(now, commit, new)
    if there is None:
        return None
    pushed, ours = _work(now, there), _work(now, commit)
    paths = [path for path in pushed.keys() | ours.keys() if pushed.get(path) != ours.get(path)]
    if not paths:
        return None
    return store.write_tree(commit.tree, {path: store.entry(there.tree, path) for path in paths})


def own_words(commit: Commit) -> bytes:
    """The message without what only a commit that records something says."""
    trailers = parse_trailers(commit.message)
    if not any(key.lower().startswith("codexa-") for key, _ in trailers):
        return commit.message
    return commit.message.rstrip(b"\n").rpartition(b"\n\n")[0] + b"\n"


def _counterpart(now: Moment, commit: Commit, new: list[Record]) -> Commit | None:
    """The commit before the tip that brought these records there."""
    ids = {record.id for record in new}
    for one in now.store.beyond(commit.oid, now.tip.oid):
        if ids.intersection(record.id for record in new_records(now.store, now.change, one)):
            return one
    return None


def _work(now: Moment, commit: Commit) -> dict[str, Entry | None]:
    """What the commit did to paths that people write, too."""
    start = now.store.tree_of(commit.parents[0])
    found = now.store.difference(start, commit.tree)
    return {d.path: d.new for d in found if kind_of(d.path, now.change) is not Kind.LISTED}
