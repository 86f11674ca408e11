"""Counting: every change of the repository as its records tell it, landed and open ones alike."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from codexa_git.audit.logger import read_records
from codexa_git.audit.words import RecordType
from codexa_git.change.brief import parse_brief
from codexa_git.change.figures import covered
from codexa_git.change.folding import fold
from codexa_git.change.note import standing
from codexa_git.change.paths import Places
from codexa_git.change.plan import parse_tasks
from codexa_git.change.state import State
from codexa_git.change.totals import AllFigures, Counted, figures
from codexa_git.errors import CodexaError, PaperError
from codexa_git.gate.carried import changes_in
from codexa_git.workflow.ground import Ground, open_branches
from codexa_git.workflow.replaying import replay


class Told(NamedTuple):
    """One change as its records tell it at some time; `landed` where it had landed by then."""

    change: str
    state: State
    tree: str
    landed: bool

    @property
    def place(self) -> str:
        """Where it stands, in a word."""
        return "landed" if self.landed else standing(self.state)


class Landing(NamedTuple):
    """A change that landed, and when."""

    change: str
    at: int


def landings(ground: Ground, since: int, until: int) -> tuple[Landing, ...]:
    """What landed after `since` and up to `until`, in order."""
    store, found = ground.store, list[Landing]()
    for commit in store.first_parents(ground.tip.oid):
        if commit.committer.seconds <= since:
            break
        before = set(changes_in(store, store.tree_of(commit.parents[0]))) if commit.parents else ()
        new = [change for change in changes_in(store, commit.tree) if change not in before]
        if commit.committer.seconds <= until:
            found += [Landing(change, commit.committer.seconds) for change in new]
    return tuple(found[::-1])


def all_told(ground: Ground, until: int) -> tuple[Told, ...]:
    """Every readable change that was opened by then, as its records told it then."""
    late = {landing.change for landing in landings(ground, until, ground.at)}
    tree = ground.tip.tree
    places = {change: (tree, change not in late) for change in changes_in(ground.store, tree)}
    for change, tip in open_branches(ground).items():
        places[change] = (ground.store.tree_of(tip), False)
    found = (told_at(ground, c, t, until, landed=done) for c, (t, done) in sorted(places.items()))
    return tuple(told for told in found if told is not None)


def told_at(ground: Ground, change: str, tree: str, until: int, *, landed: bool) -> Told | None:
    """The change as its records told it then; `None` before it was opened, or unreadable."""
    try:
        records = read_records(partial(ground.store.read, tree), change)
        kept = tuple(record for record in records if record.seconds <= until)
        return Told(change, fold(change, kept), tree, landed) if kept else None
    except CodexaError:
        return None


def counted(ground: Ground, told: Told) -> Counted:
    """What one change adds to the figures."""
    criteria, done = _criteria(ground, told)
    over = told.place in ("landed", "closed", "abandoned")
    concerns = 0 if over else sum(c.answer is None for c in told.state.concerns)
    return Counted(told.place, criteria, done, concerns)


def _criteria(ground: Ground, told: Told) -> tuple[int, int]:
    places, store = Places(told.change), ground.store
    try:
        brief = parse_brief(store.read(told.tree, places.brief) or b"", places.brief)
    except PaperError:
        return 0, 0
    try:
        plan = parse_tasks(store.read(told.tree, places.tasks) or b"", places.tasks)
    except PaperError:
        return len(brief.criteria), 0
    return len(brief.criteria), covered(brief, plan, told.state)


def figures_at(ground: Ground, until: int, *, replays: Callable[[str], None] | None) -> AllFigures:
    """The figures of all changes then; with `replays`, landed ones are made again and compared.

    `replays` hears which change is being made again, for that takes its time.
    """
    told = all_told(ground, until)
    again = None if replays is None else _replayed(ground, told, replays)
    return figures((counted(ground, one) for one in told), again)


def _replayed(
    ground: Ground, told: tuple[Told, ...], tell: Callable[[str], None]
) -> tuple[int, int]:
    landed = [one.change for one in told if one.landed]
    same = 0
    for change in landed:
        tell(f"making {change} again")
        try:
            same += replay(ground, change).apart is None
        except CodexaError:
            continue
    return same, len(landed)


def stage_since(state: State) -> int:
    """When the change came into the stage that it is in."""
    moves = state.of(RecordType.HANDOFF, RecordType.REWORK)
    return (moves[-1] if moves else state.opened).seconds
