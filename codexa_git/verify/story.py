"""The story of a landed change: its own commits, checked and reported, never needed for a yes.

Only a landing that is a merge has one here; a squash has none, and is judged all the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import Record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import RecordType
from codexa_git.change.paths import Kind, Places, kind_of
from codexa_git.errors import CodexaError, RecordError, TooLargeError
from codexa_git.gate.vanished import lines_of, vanished_from
from codexa_git.policy.rules import is_guarded
from codexa_git.repository.objects import Commit, Entry, Mode
from codexa_git.repository.reading import REGULAR
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import parse_trailers
from codexa_git.verify.findings import Breach, Finding
from codexa_git.verify.grounds import Step

_AT_ONCE = 25
_IMPLEMENTER = ("Implementer (agent)", "implementer@agents.invalid")
_OBJECTS = ("tree", "base_tree", "blob")
"""Fields of records that hold the id of an object."""


def story_findings(step: Step, change: str) -> Iterator[Finding]:
    """Everything that is wrong within the change, each at the commit that has it."""
    commits = _commits(step, change)
    for number, commit in enumerate(commits):
        if number % _AT_ONCE == 0:
            _ahead(step.store, change, commits[number : number + _AT_ONCE])
        for breach in _breaches(step, change, step.store.commit(commit.oid)):
            yield Finding(commit.oid, change, breach)
    for breach in _at_the_landing(step, change, commits):
        yield Finding(step.commit.oid, change, breach)


def read_ahead(store: Store, before: str, tip: str) -> None:
    """What asking for the commits between two of the base reads is at hand; a hint, no answer."""
    oids = store.reached(tip, before)
    if not store.load_some(oids):
        return
    trees = [store.tree_of(oid) for oid in oids]
    store.load(trees)
    folders = (store.child(tree, "audit") for tree in trees)
    store.load(folder.oid for folder in folders if folder is not None and folder.mode == Mode.TREE)


def _ahead(store: Store, change: str, commits: Sequence[Commit]) -> None:
    """The trees of these commits are compared side by side, and their records at hand.

    What cannot be read is no error here: it is told of where the commit is looked at.
    """
    with suppress(CodexaError):
        pairs = [(tree, commit.tree) for commit in commits for tree in _parent_trees(store, commit)]
        store.compare(pairs)
        logs = {log_path(change, name) for name in LOG_NAMES}
        found = (d for pair in pairs for d in store.difference(*pair) if d.path in logs)
        sides = (side for difference in found for side in (difference.old, difference.new))
        store.load(side.oid for side in sides if side is not None and side.mode in REGULAR)


def _parent_trees(store: Store, commit: Commit) -> list[str]:
    return [store.tree_of(oid) for oid in commit.parents] or [store.empty_tree]


def _commits(step: Step, change: str) -> list[Commit]:
    """The change's commits along first parents, oldest first: those that hold its audit folder.

    They may be many, so each is told in brief.
    """
    found: list[Commit] = []
    oid = step.commit.parents[1] if len(step.commit.parents) > 1 else None
    while oid is not None:
        commit = step.store.commit(oid)
        if step.store.entry(commit.tree, f"audit/{change}") is None:
            break
        found.append(commit.brief)
        oid = commit.parents[0] if commit.parents else None
    return found[::-1]


def _breaches(step: Step, change: str, commit: Commit) -> Iterator[Breach]:
    store = step.store
    before = store.tree_of(commit.parents[0]) if commit.parents else store.empty_tree
    yield from _rewritten(store, change, before, commit)
    yield from _out_of_bounds(step, change, commit)
    yield from thrown_away(store, step.parent.oid, change, commit)
    records = brought(store, change, before, commit.tree)
    yield from _trailers(change, commit, records)
    if records:
        yield from _by_another(commit, records)
        yield from _names_commits(store, change, records)


def _rewritten(store: Store, change: str, before: str, commit: Commit) -> Iterator[Breach]:
    """S2: an audit file is another than before and more."""
    for path in _other_logs(store, change, before, commit.tree):
        old, new = _log(store, before, path), _log(store, commit.tree, path)
        if old is None or new is None:
            yield Breach("S2", f"{path} is larger than 64 MiB, here or before", path)
        elif not new.startswith(old):
            yield Breach("S2", f"{path} was not only appended to", path)


def _other_logs(store: Store, change: str, before: str, after: str) -> list[str]:
    """The audit files that differ between two trees: of any other no more is to be asked."""
    differ = {difference.path for difference in store.difference(before, after)}
    return [path for name in LOG_NAMES if (path := log_path(change, name)) in differ]


def _log(store: Store, tree: str, path: str) -> bytes | None:
    """An audit file as a tree has it; `None` where it is too large to be one."""
    try:
        return store.read(tree, path) or b""
    except TooLargeError:
        return None


def brought(store: Store, change: str, before: str, after: str) -> tuple[Record, ...]:
    """The records that a commit appended; a line that is none is the landing's to tell of."""
    found: list[Record] = []
    for path in _other_logs(store, change, before, after):
        old, new = _log(store, before, path) or b"", _log(store, after, path) or b""
        try:
            found += parse_log(new.removeprefix(old), path, change) if old != new else ()
        except RecordError:
            continue
    return tuple(found)


def _trailers(change: str, commit: Commit, records: Sequence[Record]) -> Iterator[Breach]:
    """S1: a commit that brings records names change, stage and each of them, and no other."""
    trailers = parse_trailers(commit.message)
    told = sorted(value for key, value in trailers if key == "Codexa-Record")
    if told != sorted(f"{record.type} {record.id}" for record in records):
        yield Breach("S1", "its trailers name other records than it brings", hint=_amended(commit))
    if records:
        stages = {str(record.stage) for record in records}
        named = dict(trailers)
        if named.get("Codexa-Change") != change or named.get("Codexa-Stage") not in stages:
            wrong = "its trailers do not name the change and a stage of its records"
            yield Breach("S1", wrong, hint=_amended(commit))


def _amended(commit: Commit) -> str:
    """What it may be, and what is done about it: nothing where it landed, which needs none."""
    return (
        f"somebody may have amended it, on which no landing rests: git show {commit.oid[:12]};"
        " before it is pushed, git codexa sync puts it right"
    )


def misnamed(store: Store, change: str, commit: Commit) -> bool:
    """True where a commit brings records, and says otherwise of them or of whose it is (S1, S4)."""
    records = brought(store, change, _parent_trees(store, commit)[0], commit.tree)
    if not records:
        return False
    return any((*_trailers(change, commit, records), *_by_another(commit, records)))


def _by_another(commit: Commit, records: Sequence[Record]) -> Iterator[Breach]:
    """S4: author and committer are the actor of a record, and no record is of a later time.

    What a person did by hand the Implementer records.
    """
    actors = {(record.actor.name, record.actor.email) for record in records}
    done = [record for record in records if record.type is RecordType.TASK_COMPLETED]
    if any(record.data["by"] == "person" for record in done):
        actors.add(_IMPLEMENTER)
    latest = max(record.seconds for record in records)
    for word, stamp in (("author", commit.author), ("committer", commit.committer)):
        if (stamp.who.name, stamp.who.email) not in actors:
            told = f"its {word} is {stamp.who}, who is no actor of its records"
            yield Breach("S4", told, hint=_amended(commit))
        elif stamp.seconds < latest:
            yield Breach("S4", f"its {word}'s time is before that of its records")


def _out_of_bounds(step: Step, change: str, commit: Commit) -> Iterator[Breach]:
    """S5: it changes a guarded path or another change's file, as none of its parents has it."""
    for path in _made_here(step.store, commit):
        if is_guarded(step.policy, path):
            yield Breach("S5", f"{path} is guarded: only a policy commit may touch it", path)
        elif kind_of(path, change) is Kind.FOREIGN:
            yield Breach("S5", f"{path} belongs to another change", path)


def _made_here(store: Store, commit: Commit) -> dict[str, Entry | None]:
    """The paths that no parent has as the commit has them: what a sync brings in is none."""
    first, *others = _parent_trees(store, commit)
    made = {d.path: d.new for d in store.difference(first, commit.tree)}
    for tree in others:
        differs = {d.path for d in store.difference(tree, commit.tree)}
        made = {path: entry for path, entry in made.items() if path in differs}
    return made


def thrown_away(store: Store, base: str, change: str, commit: Commit) -> Iterator[Breach]:
    """S7: a merge of the base leaves paths, which this change had not touched, as they were before.

    What is thrown away so looks to git as if it had been merged. That people approved the result is
    for the gates to say; that they meant it would be told by a commit that undoes it. `base` is the
    commit of the base that the change lands upon.
    """
    others = commit.parents[1:]
    if len(others) != 1:
        return
    if others[0] != base and not store.is_ancestor(others[0], base):
        return
    began = store.merge_base(commit.parents[0], others[0])
    if began is None:
        return
    was, ours, theirs = (store.tree_of(oid) for oid in (began, commit.parents[0], others[0]))
    if store.entry(was, f"audit/{change}") is not None:
        return  # the base had merged the change itself and kept nothing of it (L13)
    made = {d.path: d.new for d in store.difference(ours, commit.tree)}
    taken = set(made.values())
    lost = [
        d.path
        for d in store.difference(was, theirs)
        if d.path not in made
        and store.entry(ours, d.path) == d.old
        and not (d.old is None and d.new in taken)  # where a folder was renamed, it is elsewhere
    ]
    if lost:
        more = "" if len(lost) == 1 else f" and {len(lost) - 1} more"
        told = f"it merges {others[0][:12]} and throws away what was done there to {lost[0]}{more}"
        yield Breach("S7", told, lost[0])


def _names_commits(store: Store, change: str, records: Sequence[Record]) -> Iterator[Breach]:
    """R9: a record names a commit, which a rebase would leave behind, where a tree or blob goes."""
    for record in records:
        for oid in _object_ids(record.data):
            if store.kind(oid) == "commit":
                path = log_path(change, record.log)
                yield Breach("R9", f"{record.type} names the commit {oid[:12]}", path)


def _object_ids(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        for name, item in data.items():
            if name in _OBJECTS and isinstance(item, str):
                yield item
            else:
                yield from _object_ids(item)
    elif isinstance(data, list):
        for item in data:
            yield from _object_ids(item)


def _at_the_landing(step: Step, change: str, commits: Sequence[Commit]) -> Iterator[Breach]:
    """L15: a record that a commit of the change had is not in the landed tree."""
    store, places = step.store, Places(change)
    held = lines_of(
        record
        for name in LOG_NAMES
        for record in _sound(store, step.commit.tree, places.log(name), change)
    )
    for record in vanished_from(store, change, _known(step, change, commits), held):
        told = f"{record.type} by {record.actor}, {record.at}, is not in the landed tree"
        path = places.log(record.log)
        yield Breach("L15", told, path, hint=f"git log --all -p -- {path}")


def _sound(store: Store, tree: str, path: str, change: str) -> tuple[Record, ...]:
    try:
        return parse_log(store.read(tree, path) or b"", path, change)
    except RecordError:
        return ()


def _known(step: Step, change: str, commits: Sequence[Commit]) -> list[Commit]:
    """The change's commits, those of side branches that it merged, and its branches elsewhere."""
    ends = f"/change/{change}"
    tips = [oid for ref, oid in step.store.remote_refs().items() if ref.endswith(ends)]
    tips += [oid for commit in commits for oid in commit.parents[1:]]
    return [*commits, *_beside(step.store, change, tips, {commit.oid for commit in commits})]


def _beside(store: Store, change: str, tips: Sequence[str], seen: set[str]) -> list[Commit]:
    """Every commit that these tips lead to and that holds the change's audit folder."""
    found, waiting = [], list(tips)
    while waiting:
        oid = waiting.pop()
        if oid in seen or not store.exists(oid):
            continue
        seen.add(oid)
        commit = store.commit(oid)
        entry = store.entry(commit.tree, f"audit/{change}")
        if entry is not None and entry.mode == Mode.TREE:
            found.append(commit.brief)
            waiting += commit.parents
    return found
