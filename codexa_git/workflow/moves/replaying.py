"""Replay: the tool's commits of a change, made again from what was put in, and compared.

Taken verbatim: people's commits, signed decisions, results and outputs, what runs left of the
product, the trees of syncs. Made again: everything that follows from these: papers, evidence,
records, notes, packet, pages, handoffs, messages, times, ids. Offline, and without any key.
"""

from typing import NamedTuple

from codexa_git.audit.words import RecordType
from codexa_git.errors import CodexaError, RecordError, RefusedError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.objects import Commit, Stamp
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, unknown_here
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.landed import landing_of
from codexa_git.workflow.changes.moment import held_base, moment_at
from codexa_git.workflow.moves.landing import landing_commit
from codexa_git.workflow.together.remaking import as_then, made_again, new_records, reopened

RULE = "S6"
"""The rule that is broken where something differs."""


class Apart(NamedTuple):
    """The first commit that was made otherwise, and the first thing in it that differs."""

    commit: Commit
    path: str
    line: int
    what: str


class Replayed(NamedTuple):
    """How many of the tool's commits were made again, how many are people's, and what differs."""

    change: str
    remade: int
    verbatim: int
    landing: bool
    apart: Apart | None


class _Line(NamedTuple):
    """A change's commits, oldest first, on the base commit that it forked from."""

    ground: Ground
    change: str
    commits: tuple[Commit, ...]
    landing: Commit | None


def replay(ground: Ground, change: str) -> Replayed:
    """The change made again, commit by commit, up to the first that comes out otherwise.

    Raises:
        UsageError: there is no such change, landed or open.
        RefusedError: its own commits are not here (a squash), so there is nothing to compare with.
    """
    line = _line(ground, change)
    remade = verbatim = 0
    for commit in line.commits:
        if not _is_ours(line, commit):
            verbatim += 1
            continue
        apart = _compared(line, commit)
        if apart is not None:
            return Replayed(change, remade, verbatim, landing=False, apart=apart)
        remade += 1
    landing, apart = _landing(line)
    return Replayed(change, remade + landing, verbatim, landing, apart)


def _line(ground: Ground, change: str) -> _Line:
    store = ground.store
    landing = landing_of(ground, change)
    if landing is None:
        tip = store.ref(f"{CHANGE_PREFIX}{change}")
        base = ground.tip
    elif len(landing.parents) < 2:
        raise _not_comparable(ground, change, landing)
    else:
        tip, base = landing.parents[1], store.headed(landing.parents[0])
    if tip is None:
        raise unknown_here(store, change)
    commits = []
    for commit in store.first_parents(tip):
        if change not in changes_in(store, commit.tree):
            break
        commits.append(commit)
    return _Line(ground._replace(tip=base), change, tuple(commits[::-1]), landing)


def _not_comparable(ground: Ground, change: str, landing: Commit) -> RefusedError:
    """Why a change that no merge brought cannot be made again: a squash, or a forge's rebase."""
    store, folder = ground.store, f"audit/{change}"
    later = store.entry(ground.tip.tree, folder)
    if later == store.entry(landing.tree, folder):
        told = f"{change} landed as one commit, so its own commits are not here to compare with"
        return RefusedError(told, hint=f"git log {landing.oid[:12]}")
    return RefusedError(
        f"{change} came to {ground.branch} commit by commit, which is no landing, and its own"
        " commits are not here to compare with",
        hint=("git codexa verify tells of each", f"git log {landing.oid[:12]}"),
    )


def _is_ours(line: _Line, commit: Commit) -> bool:
    """True where the commit adds records, as only the tool's commits do."""
    store = line.ground.store
    folder = f"audit/{line.change}"
    before = store.entry(store.tree_of(commit.parents[0]), folder) if commit.parents else None
    return store.entry(commit.tree, folder) != before


def _compared(line: _Line, commit: Commit) -> Apart | None:
    """S6: made again from what was put in, a commit of the tool comes out with the same id."""
    try:
        built = _remade(line, commit)
    except CodexaError as error:
        return Apart(commit, "", 0, f"it cannot be made again: {error.message}")
    except (LookupError, StopIteration):
        # Records that a person forged may name what never was; that is a difference, and no bug.
        return Apart(commit, "", 0, "it cannot be made again: its records name what is not there")
    return None if built.commit.oid == commit.oid else _first_difference(line, commit, built.commit)


def _remade(line: _Line, commit: Commit) -> Built:
    store = line.ground.store
    new = new_records(store, line.change, commit)
    if not new:
        raise RecordError(f"it touches audit/{line.change} and adds no record")
    ground = as_then(line.ground, commit, new)
    kinds = {record.type for record in new}
    parent = store.commit(commit.parents[0])
    if RecordType.OPENED in kinds:
        return reopened(ground, line.change, parent, commit, new)
    moment = moment_at(
        ground, f"{CHANGE_PREFIX}{line.change}", parent, held_base(line.ground, parent)
    )
    return made_again(moment, commit, new)


def _landing(line: _Line) -> tuple[bool, Apart | None]:
    """Whether the landing was made again too; one that another tool made is not compared."""
    if line.landing is None or not line.landing.subject.startswith(f"Merge {line.change}: "):
        return False, None
    store, landing = line.ground.store, line.landing
    ground = line.ground._replace(at=landing.committer.seconds)
    tip = store.commit(landing.parents[1])
    moment = moment_at(ground, f"{CHANGE_PREFIX}{line.change}", tip, ground.tip)
    state = moment.state
    who = landing.author.who
    actor = state.opened.actor._replace(name=who.name, email=who.email)
    commit = landing_commit(moment, actor)
    if commit.oid == landing.oid:
        return True, None
    return False, _first_difference(line, landing, commit)


def _first_difference(line: _Line, commit: Commit, remade: Commit) -> Apart:
    store = line.ground.store
    for difference in store.difference(remade.tree, commit.tree):
        ours, theirs = (
            b"" if side is None or side.mode == "160000" else store.whole(side.oid)
            for side in (difference.old, difference.new)
        )
        number, made, there = _line_apart(ours, theirs)
        return Apart(commit, difference.path, number, f"made again: {made}; there: {there}")
    number, made, there = _line_apart(remade.message, commit.message)
    if made != there:
        return Apart(commit, "message", number, f"made again: {made}; there: {there}")
    for (name, made), (_, there) in zip(_headers(remade), _headers(commit), strict=True):
        if made != there:
            return Apart(commit, name, 0, f"made again: {made}; there: {there}")
    return Apart(commit, "headers", 0, "made again it has none beside author, committer, parents")


def _headers(commit: Commit) -> tuple[tuple[str, str], ...]:
    return (
        ("author", _signature(commit.author)),
        ("committer", _signature(commit.committer)),
        ("parents", " ".join(commit.parents)),
    )


def _signature(stamp: Stamp) -> str:
    return f"{stamp.who.name} <{stamp.who.email}> {stamp.seconds} {stamp.zone}"


def _line_apart(ours: bytes, theirs: bytes) -> tuple[int, str, str]:
    made, there = ours.split(b"\n"), theirs.split(b"\n")
    for number in range(max(len(made), len(there))):
        left, right = (side[number] if number < len(side) else b"nothing" for side in (made, there))
        if left != right:
            return number + 1, _shown(left), _shown(right)
    return 0, "the same", "the same"


def _shown(line: bytes) -> str:
    return line[:200].decode("utf-8", "replace")
