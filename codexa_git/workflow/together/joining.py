"""Joining: what only this clone has of a change is put on what the remote has of it by now.

Pushed commits stay as they are, and ours follow them, one by one. What a person said goes again as
it was signed; what the tool made goes where making it again gives the same records, and else
follows from them anew by `advance`; a person's commit goes with its author, time and message, its
changes merged by content and path. Where that is a conflict, only people can say what is right.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType, Stage
from codexa_git.errors import CodexaError, RefusedError
from codexa_git.repository.objects import Commit, RefUpdate
from codexa_git.repository.publication import carry
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.moment import Moment, moment_at
from codexa_git.workflow.decisions.deciding import SAID
from codexa_git.workflow.stages.syncing import merged_with_base, synced
from codexa_git.workflow.together.amending import Part, own_words, put_in, require_whole
from codexa_git.workflow.together.aside import Aside, apart_ref, commands, kept, still_apart
from codexa_git.workflow.together.publishing import bookmark
from codexa_git.workflow.together.remaking import made_again, new_records
from codexa_git.workflow.together.replanting import TASKS, at_time_of, carried, overlaps
from codexa_git.workflow.together.unmerging import brings_records, line, own_part, sides


class Joined(NamedTuple):
    """The change after joining: what was `put` on the remote's tip, oldest first.

    `dropped` follows from the records, and is made again, or is a person's commit that would change
    nothing there. `apart` is what people committed that has to be put by hand.
    """

    moment: Moment
    put: tuple[Commit, ...] = ()
    dropped: tuple[Commit, ...] = ()
    apart: tuple[Aside, ...] = ()


class ApartError(RefusedError):
    """Both sides changed the same lines, and nothing was moved."""


def join(moment: Moment, theirs: Commit, *, apart: bool = False) -> Joined:
    """The branch holds the remote's tip, and on it what only this clone had.

    Raises:
        ApartError: a person's commit and the remote's are in conflict, and `apart` is not asked
            for, which leaves such commits out and keeps them.
        RefusedError: a work tree has no room, or what people said cannot be put there.
    """
    if moment.store.is_ancestor(theirs.oid, moment.tip.oid):
        return Joined(moment)
    joined = put_together(moment, theirs)
    if joined.apart and not apart:
        raise _both(moment, joined.apart[0])
    if joined.apart and (before := still_apart(moment)):
        raise RefusedError(
            f"{moment.change} has moved on the remote again, and {before[0].oid[:7]} still has to"
            " be put by hand",
            hint=commands(before),
        )
    move(moment, joined)
    return joined


def put_together(moment: Moment, theirs: Commit) -> Joined:
    """The same, before anything has moved.

    Raises:
        RefusedError: what people said cannot be put there.
    """
    joined = Joined(moment_at(moment.ground, moment.ref, theirs))
    return _with_line(joined, moment.tip.oid, (theirs.oid,))


def _both(moment: Moment, one: Aside) -> ApartError:
    return ApartError(
        f"{moment.change} has moved on the remote, and {one.path} was changed there and by your"
        f" {one.of.oid[:7]}",
        hint=f"nothing is lost: git codexa sync {moment.change} brings both together",
    )


def _with_line(joined: Joined, tip: str, known: tuple[str, ...]) -> Joined:
    """The same with all that leads to `tip` along first parents, and to none of `known`."""
    for commit in line(joined.moment.store, tip, known):
        joined = _with(joined, commit, known)
    return joined


def _with(joined: Joined, commit: Commit, known: tuple[str, ...]) -> Joined:
    """The same with one more of our commits put, or left out."""
    now = joined.moment
    if others := sides(now, commit):
        return _with_merge(joined, commit, others, known)
    new = new_records(now.store, now.change, commit)
    if not new:
        return _with_work(joined, commit)
    part = put_in(now, commit, new)
    if part is not None and not {record.id for record in new} <= set(now.state.ids):
        require_whole(now, commit, part)
    tools = commit if part is None else commit._replace(tree=part.before)
    joined = _with_tools(joined, commit, tools, new)
    return joined if part is None else _with_part(joined, commit, part)


def _with_merge(
    joined: Joined, merge: Commit, others: tuple[str, ...], known: tuple[str, ...]
) -> Joined:
    """What was merged by hand goes as it is where it is people's alone, else commit by commit."""
    if not brings_records(joined.moment, merge):
        whole = _with_work(joined, merge)
        if whole.apart == joined.apart:
            return whole
    known = (*known, merge.parents[0])
    for side in others:
        joined = _with_line(joined, side, known)
        known = (*known, side)
    store, tip = joined.moment.store, joined.moment.tip
    beside = [p for p in merge.parents[1:] if p not in others and not store.is_ancestor(p, tip.oid)]
    return _with_part(joined, merge, own_part(joined.moment, merge, others), beside)


def _with_tools(joined: Joined, commit: Commit, tools: Commit, new: list[Record]) -> Joined:
    """The same with what the tool made of a commit, whose records are `new`."""
    now = joined.moment
    known = set(now.state.ids)
    left = [record for record in new if record.id not in known]
    if not left:
        return joined
    built = _again(now, tools, left, whole=not joined.apart)
    if built is not None:
        return _on(joined, built.commit)
    if said := [record for record in left if record.type in SAID]:
        raise RefusedError(
            f"{now.change} has moved on the remote, and what {said[0].actor} said has no place"
            f" there: {commit.subject}",
            hint=f"nothing was moved: look at git log {commit.oid[:12]}, and at the remote's",
        )
    return joined._replace(dropped=(*joined.dropped, commit))


def _with_part(joined: Joined, commit: Commit, part: Part, beside: Sequence[str] = ()) -> Joined:
    """What people put into a commit that goes another way goes on top, as theirs."""
    now, store = joined.moment, joined.moment.store
    merged = store.merge_trees(part.before, now.tip.tree, part.after)
    tree = now.tip.tree if merged.tree is None else merged.tree
    words = own_words(commit)
    # The author of a commit of the tool is the tool's; a merge by hand is a person's.
    is_persons = sides(now, commit) or not new_records(store, now.change, commit)
    who = commit.author if is_persons else commit.committer
    if tree != now.tip.tree or beside:
        oid = store.write_commit(tree, (now.tip.oid, *beside), who, who, words)
        joined = _on(joined, store.commit(oid))
    if merged.tree is not None:
        return joined
    start = store.write_commit(part.before, commit.parents, who, who, words)
    made = store.commit(store.write_commit(part.after, (start,), who, who, words))
    return joined._replace(apart=(*joined.apart, Aside(made, merged.conflicts[0], commit)))


def _on(joined: Joined, commit: Commit) -> Joined:
    now = joined.moment
    held = now.held if len(commit.parents) == 1 else None
    after = moment_at(now.ground, now.ref, commit, held)
    return joined._replace(moment=after, put=(*joined.put, commit))


def _again(now: Moment, commit: Commit, new: list[Record], *, whole: bool) -> Built | None:
    """The commit made again on this tip; `None` where that would be another one.

    `whole` is false where a person's work is missing on it.
    """
    kinds = {record.type for record in new}
    try:
        if RecordType.SYNCED in kinds:
            return synced_anew(at_time_of(now, commit, new), commit, new)
        if kinds.intersection(TASKS) and (not whole or overlaps(now, commit)):
            return None
        built = made_again(at_time_of(now, commit, new), carried(now, commit), new)
        made = new_records(now.store, now.change, built.commit)
    except (CodexaError, LookupError, StopIteration):
        # What cannot be made there has no place there, and the person is told so.
        return None
    return built if _same(new, made) and _fitting(now, new) else None


def _fitting(now: Moment, new: list[Record]) -> bool:
    """True where results, if there are any, are of just this tree."""
    found = [r for r in new if r.type is RecordType.RESULTS_RECORDED]
    return all(record.data["tree"] == now.case.tested_tree for record in found)


_MAY_DIFFER = (RecordType.HANDOFF, RecordType.CONCERN_CLOSED)
"""What a gate's answer adds to a commit: on another tip it may be another."""


def _same(asked: Iterable[Record], made: Iterable[Record]) -> bool:
    before, after = ({r.id: r.type for r in records} for records in (asked, made))
    differing = (before.items() - after.items()) | (after.items() - before.items())
    return all(kind in _MAY_DIFFER for _, kind in differing)


def synced_anew(now: Moment, commit: Commit, new: list[Record]) -> Built | None:
    """The same commit of the base brought in here; `None` where it is, or where both conflict."""
    store, base = now.store, now.store.headed(commit.parents[1])
    if store.is_ancestor(base.oid, now.tip.oid):
        return None
    tree = merged_with_base(store, now.change, now.held, now.tip, base).tree
    actor = next(r.actor for r in new if r.type is RecordType.SYNCED)
    return None if tree is None else synced(now, actor, base, tree)


def _with_work(joined: Joined, commit: Commit) -> Joined:
    """A person's commit, on the tip as it is now."""
    now, store = joined.moment, joined.moment.store
    before = store.tree_of(commit.parents[0])
    merged = store.merge_trees(before, now.tip.tree, commit.tree)
    if merged.tree is None:
        aside = Aside(commit, merged.conflicts[0], commit)
        left_out = joined._replace(apart=(*joined.apart, aside))
        if len(commit.parents) < 2:
            return left_out
        # Whoever merges anew has what was merged, and not what somebody put in besides.
        return _with_part(left_out, commit, own_part(now, commit, commit.parents[1:]))
    others = [oid for oid in commit.parents[1:] if not store.is_ancestor(oid, now.tip.oid)]
    if len(commit.parents) > 1 and not others and merged.tree == now.tip.tree:
        # It brought in here what the remote has already.
        return joined
    if len(commit.parents) == 1 and commit.tree != before and merged.tree == now.tip.tree:
        # It was amended after it was pushed, say: once more it would change nothing.
        return joined._replace(dropped=(*joined.dropped, commit))
    parents = (now.tip.oid, *others)
    oid = store.write_commit(merged.tree, parents, commit.author, commit.committer, commit.message)
    return _on(joined, store.commit(oid))


def move(moment: Moment, joined: Joined) -> None:
    """The branch, and the bookmarks of the stages that the new commits closed."""
    store, new = moment.store, joined.moment.tip
    updates = [RefUpdate(moment.ref, new.oid, moment.tip.oid)]
    marks: dict[str, str] = {}
    for commit in reversed(store.beyond(moment.tip.oid, new.oid)):
        for record in new_records(store, moment.change, commit):
            if record.type is RecordType.HANDOFF:
                marks[bookmark(moment.change, Stage(record.data["from"]))] = commit.oid
    keeps = apart_ref(moment.change)
    there = store.named([*marks, keeps])
    updates += [RefUpdate(mark, oid, there.get(mark)) for mark, oid in marks.items()]
    if joined.apart:
        updates.append(
            RefUpdate(keeps, kept(moment, joined.moment.tip, joined.apart), there.get(keeps))
        )
    carry(store, updates, f"codexa: joined with the remote: {new.subject}")
