"""What people put into a commit of the tool by amending it, told from what the tool made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.change.pages import PAGES
from codexa_git.change.paths import Kind, kind_of
from codexa_git.errors import CodexaError, RefusedError
from codexa_git.repository.objects import Commit, Entry
from codexa_git.repository.trailers import parse_trailers
from codexa_git.workflow.changes.draft import AGENTS
from codexa_git.workflow.changes.moment import Moment, moment_at
from codexa_git.workflow.stages.syncing import merged_with_base
from codexa_git.workflow.together.remaking import made_again, new_records
from codexa_git.workflow.together.replanting import at_time_of

Files = dict[str, Entry | None]


class Part(NamedTuple):
    """What people say in a commit: its tree, and the one that it would have without that."""

    before: str
    after: str


def put_in(now: Moment, commit: Commit, new: Sequence[Record]) -> Part | None:
    """What people put into a commit of the tool, or took out of it; `None`: nothing.

    `new` are its records. What the tool made follows from them on the commit's own parent, or
    stands on the tip of `now`.
    """
    tool, ours = _by_tool(now, commit, new), _work(now, commit)
    paths = [path for path in tool.keys() | ours.keys() if tool.get(path) != ours.get(path)]
    if not paths:
        return None
    store, start = now.store, now.store.tree_of(commit.parents[0])
    before = {path: tool[path] if path in tool else store.entry(start, path) for path in paths}
    return Part(store.hold_tree(commit.tree, before), commit.tree)


class TakenOutError(RefusedError):
    """Somebody took out of a commit of the tool what making it again would bring back."""


def require_whole(now: Moment, commit: Commit, part: Part) -> None:
    """Nothing: all that the tool brought in a commit that no remote has is there yet.

    Raises:
        TakenOutError: lines are gone, a secret maybe. Whoever took them out wants them nowhere.
    """
    path = _taken_out(now, commit, part)
    if path is None:
        return
    change, oid, kept = now.change, commit.oid[:12], now.store.spare_branch("kept")
    raise TakenOutError(
        f"{commit.oid[:7]}, a commit of the tool, was amended, and lacks what it brought of {path}",
        hint=(
            "as the tool made it, it would bring that back, and push it: so nothing was moved",
            f"anew: git branch {kept} && git reset --keep {oid}~1 && git codexa advance {change}",
            f"then git cherry-pick what people committed since: git log --oneline {oid}..{kept}",
        ),
    )


def _taken_out(now: Moment, commit: Commit, part: Part) -> str | None:
    """The first path of which lines that the tool added are gone; of a sync they are the base's."""
    store, start = now.store, now.store.tree_of(commit.parents[0])
    if commit.parents[1:]:
        return None
    for made in store.difference(part.after, part.before):
        kind, was = kind_of(made.path, now.change), store.entry(start, made.path)
        is_paper = kind in (Kind.PAPER, Kind.LISTED) and not made.path.startswith(now.places.work)
        if not is_paper and _lines(now, made.new) - _lines(now, was) - _lines(now, made.old):
            return made.path
    return None


def _lines(now: Moment, entry: Entry | None) -> Counter[bytes]:
    """How often a file has each line; one that is none, or is very large, is one line."""
    if entry is None:
        return Counter()
    if entry.mode not in _FILES or now.store.is_large(entry.oid):
        return Counter([entry.oid.encode("ascii")])
    return Counter(now.store.whole(entry.oid).splitlines())


def own_words(commit: Commit) -> bytes:
    """The message without what only a commit that records something says."""
    trailers = parse_trailers(commit.message)
    if not any(key.lower().startswith("codexa-") for key, _ in trailers):
        return commit.message
    return commit.message.rstrip(b"\n").rpartition(b"\n\n")[0] + b"\n"


def _counterpart(now: Moment, commit: Commit, new: Sequence[Record]) -> Files | None:
    """What the commit before the tip did that brought just these records there."""
    ids = {record.id for record in new}
    if not ids <= set(now.state.ids):
        return None
    for one in now.store.beyond(commit.oid, now.tip.oid):
        if len(one.parents) == len(commit.parents):
            made = {record.id for record in new_records(now.store, now.change, one)}
            if made == ids:
                return _work(now, one)
    return None


def _by_tool(now: Moment, commit: Commit, new: Sequence[Record]) -> Files:
    """What the tool did in the commit, as far as it can be told."""
    ours, recorded = _work(now, commit), _by_agent(now, new)
    if all(path in recorded and recorded[path] == entry for path, entry in ours.items()):
        return recorded
    made = _made_again(now, commit, new, recorded)
    if made is None:
        made = _counterpart(now, commit, new)
    is_told = made is not None and commit.committer.who.email not in _AGENTS
    found = recorded | _from_the_base(now, commit, ours) if made is None else made
    # An agent's paper is people's only where people committed it: other versions write others.
    papers = () if is_told else [p for p in ours if not _is_product(now, p)]
    pages = PAGES if any(record.type is RecordType.CLOSED for record in new) else ()
    return found | {path: ours[path] for path in (*papers, *pages) if path in ours}


_AGENTS = frozenset(agent.email for agent in AGENTS.values())
_FILES = ("100644", "100755", "120000")


def _by_agent(now: Moment, new: Sequence[Record]) -> Files:
    """What agents left of the product, as the records of their tasks name it."""
    found: Files = {}
    for record in new:
        if record.type is RecordType.TASK_COMPLETED and record.data["by"] == "agent":
            for file in record.data["files_touched"]:
                path, mode, blob = file["path"], file["mode"], file["blob"]
                if mode is None:
                    found[path] = None
                elif mode in _FILES and now.store.exists(blob) and now.store.kind(blob) == "blob":
                    found[path] = Entry(mode, blob)
    return found


def _made_again(
    now: Moment, commit: Commit, new: Sequence[Record], recorded: Mapping[str, Entry | None]
) -> Files | None:
    """What the command behind these records did to files that people write, too, on its parent."""
    store, parent = now.store, now.store.commit(commit.parents[0])
    opened = next((record for record in new if record.type is RecordType.OPENED), None)
    if opened is not None:
        brief = now.places.brief
        is_its = digest(store.read(commit.tree, brief) or b"") == opened.data["brief"]
        return {brief: store.entry(commit.tree, brief)} if is_its else None
    try:
        then = at_time_of(moment_at(now.ground, now.ref, parent), commit, list(new))
        if any(record.type is RecordType.SYNCED for record in new):
            base = store.headed(commit.parents[1])
            tree = merged_with_base(store, now.change, then.held, parent, base).tree
            return None if tree is None else _work(now, commit._replace(tree=tree))
        ours = _work(now, commit)
        product = {path: store.entry(parent.tree, path) for path in ours if _is_product(now, path)}
        plain = commit._replace(tree=store.hold_tree(commit.tree, product | dict(recorded)))
        return _work(now, made_again(then, plain, list(new)).commit)
    except (CodexaError, LookupError, StopIteration):
        # Another version made it, or it was put on other commits: its records alone tell.
        return None


def _is_product(now: Moment, path: str) -> bool:
    return kind_of(path, now.change) is not Kind.PAPER


def _from_the_base(now: Moment, commit: Commit, ours: Mapping[str, Entry | None]) -> Files:
    """What a merge has as another of its parents has it."""
    found: Files = {}
    for parent in commit.parents[1:]:
        tree = now.store.tree_of(parent)
        found |= {path: e for path, e in ours.items() if now.store.entry(tree, path) == e}
    return found


def _work(now: Moment, commit: Commit) -> Files:
    """What the commit did to paths that people write, too."""
    start = now.store.tree_of(commit.parents[0])
    found = now.store.difference(start, commit.tree)
    return {d.path: d.new for d in found if kind_of(d.path, now.change) is not Kind.LISTED}
