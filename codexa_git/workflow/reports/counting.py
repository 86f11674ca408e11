"""Counting: every change of the repository as its records tell it, landed and open ones alike."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from codexa_git import __version__
from codexa_git.audit.ids import change_number
from codexa_git.audit.logger import read_records
from codexa_git.audit.record import time_of
from codexa_git.audit.words import RecordType
from codexa_git.change.brief import parse_brief
from codexa_git.change.figures import covered
from codexa_git.change.folding import fold
from codexa_git.change.note import reached
from codexa_git.change.paths import Places
from codexa_git.change.plan import parse_tasks
from codexa_git.change.results import parse_results
from codexa_git.change.state import Concern, State
from codexa_git.change.totals import Account, Counted, account
from codexa_git.errors import CodexaError, PaperError, RecordError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.cached import keep, recall
from codexa_git.workflow.base.ground import Ground, open_branches
from codexa_git.workflow.changes.ending import ended_by, forged
from codexa_git.workflow.moves.replaying import replay


class Told(NamedTuple):
    """One change as its records tell it at some time; `landed` where it had landed by then.

    `abandoned`: by then, somebody who may had ended it.
    """

    change: str
    state: State
    tree: str
    landed: bool
    abandoned: bool = False

    @property
    def place(self) -> str:
        """Where it stands, in a word; it was abandoned only where a word that counts says so."""
        if self.landed:
            return "landed"
        return "abandoned" if self.abandoned else reached(self.state)

    @property
    def milestone(self) -> str | None:
        """The milestone that it was opened for."""
        found: str | None = self.state.opened.data["milestone"]
        return found


class Landing(NamedTuple):
    """A change that landed, when, and by which commit of the base."""

    change: str
    at: int
    commit: str


def landings(ground: Ground, since: int, until: int) -> tuple[Landing, ...]:
    """What landed after `since` and up to `until`, in order."""
    store, found = ground.store, list[Landing]()
    for commit in store.first_parents(ground.tip.oid):
        if commit.committer.seconds <= since:
            break
        before = set(changes_in(store, store.tree_of(commit.parents[0]))) if commit.parents else ()
        new = [change for change in changes_in(store, commit.tree) if change not in before]
        if commit.committer.seconds <= until:
            found += [Landing(change, commit.committer.seconds, commit.oid) for change in new]
    return tuple(found[::-1])


def all_told(ground: Ground, until: int) -> tuple[Told, ...]:
    """Every readable change that was opened by then, as its records told it then."""
    late = {landing.change for landing in landings(ground, until, ground.at)}
    tree = ground.tip.tree
    places = {change: (tree, change not in late) for change in changes_in(ground.store, tree)}
    tips = open_branches(ground)
    for change, tip in tips.items():
        places[change] = (ground.store.tree_of(tip), False)
    found = (told_at(ground, c, t, until, landed=done) for c, (t, done) in sorted(places.items()))
    return tuple(_ended(ground, told, tips, until) for told in found if told is not None)


def _ended(ground: Ground, told: Told, tips: Mapping[str, str], until: int) -> Told:
    """The same, and whether a word that counts had ended the change by then."""
    if told.landed or told.change not in tips:
        return told
    word = ended_by(ground, tips[told.change], told.state)
    return told._replace(abandoned=word is not None and word.seconds <= until)


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
    concerns = 0 if over else len(unanswered(ground, told))
    return Counted(
        told.change,
        told.state.title,
        told.milestone,
        told.place,
        time_of(stage_since(told.state))[:10],
        criteria,
        done,
        concerns,
    )


def unanswered(ground: Ground, told: Told) -> tuple[Concern, ...]:
    """The concerns that no record answers, but for what only bears a person's name."""
    said = tuple(record for concern in told.state.concerns for record in concern.answers)
    names = forged(ground, said)
    return tuple(
        concern
        for concern in told.state.concerns
        if all(record.id in names for record in concern.answers)
    )


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


def account_at(ground: Ground, until: int, *, replays: Callable[[str], None] | None) -> Account:
    """All changes as they were then; with `replays`, landed ones are made again and compared.

    `replays` hears which change is being made again, for that takes its time. A change that came
    out the same is remembered in this clone, for as long as landing and tool are the same.
    """
    every = all_told(ground, until)
    done = sorted((told for told in every if told.landed), key=_closed)
    others = (counted(ground, told) for told in every if not told.landed)
    return account(_landed(ground, done, replays), tuple(others), tried=replays is not None)


def _closed(told: Told) -> tuple[int, int]:
    """By when it was closed: each landing closed on the one before it."""
    last = told.state.closed or told.state.opened
    return last.seconds, change_number(told.change)


def _landed(
    ground: Ground, done: list[Told], tell: Callable[[str], None] | None
) -> tuple[Counted, ...]:
    """Landed changes counted: the newest, and each milestone's newest, with the lines covered."""
    newest = {told.milestone: told.change for told in done}
    asked = {*newest.values(), *(told.change for told in done[-1:])}
    landed = {} if tell is None else {one.change: one for one in landings(ground, -1, ground.at)}
    return tuple(
        counted(ground, told)._replace(
            lines=_lines(ground, told) if told.change in asked else None,
            replayed=None if tell is None else _replays(ground, told, landed, tell),
        )
        for told in done
    )


def _lines(ground: Ground, told: Told) -> tuple[int, int] | None:
    path = Places(told.change).results
    content = ground.store.read(told.tree, path)
    try:
        coverage = None if content is None else parse_results(content, path).coverage
    except RecordError:
        return None
    return None if coverage is None else (coverage.covered, coverage.lines)


def _replays(
    ground: Ground, told: Told, landed: Mapping[str, Landing], tell: Callable[[str], None]
) -> bool:
    """Whether a landed change comes out the same; a yes is remembered, a no is tried again."""
    change, landing = told.change, landed.get(told.change)
    kept = ground.cache / "replayed" / change
    about = None if landing is None else f"{__version__} {change} {landing.commit}"
    if about is not None and recall(kept, about) is not None:
        return True
    tell(f"making {change} again")
    try:
        same = replay(ground, change).apart is None
    except CodexaError:
        return False
    if same and about is not None:
        keep(kept, about, value=True)
    return same


def stage_since(state: State) -> int:
    """When the change came into the stage that it is in."""
    moves = state.of(RecordType.HANDOFF, RecordType.REWORK)
    return (moves[-1] if moves else state.opened).seconds
