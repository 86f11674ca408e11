"""Milestones: what of each is landed, open and in the backlog, and the tag when its last lands."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from codexa_git.audit.ids import is_milestone_id
from codexa_git.audit.logger import read_records
from codexa_git.audit.record import Actor
from codexa_git.audit.words import Stage
from codexa_git.change.backlog import Item
from codexa_git.change.brief import parse_brief
from codexa_git.change.figures import Figures, Totals, figures_of, total
from codexa_git.change.folding import fold
from codexa_git.change.milestones import week_name, week_of
from codexa_git.change.paths import Places
from codexa_git.change.plan import parse_tasks
from codexa_git.change.results import parse_results
from codexa_git.change.totals import share
from codexa_git.errors import CodexaError, RepositoryError, UsageError
from codexa_git.repository.objects import Commit, Identity, RefUpdate, Stamp
from codexa_git.repository.publication import carry
from codexa_git.repository.remotes import Push, push
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.base.following import followed
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.changes.stocking import Stock, Taken, open_states, stock


class Landed(NamedTuple):
    """A landed change of a milestone, and when it was closed.

    `figures` is `None` where `problem` says why they cannot be read: while observing, anything may
    have landed.
    """

    change: str
    title: str
    closed: str
    figures: Figures | None
    problem: str | None = None


class Open(NamedTuple):
    """A change of a milestone that is under way."""

    change: str
    title: str
    stage: Stage


class Progress(NamedTuple):
    """How far a milestone is: `week` says which of its weeks this is, or why none."""

    id: str
    start: str | None
    week: str
    landed: tuple[Landed, ...]
    open: tuple[Open, ...]
    waiting: tuple[Item, ...]
    tagged: str | None

    @property
    def totals(self) -> Totals:
        """The figures of what landed, together."""
        return total([one.figures for one in self.landed if one.figures is not None])

    @property
    def is_complete(self) -> bool:
        """True where something landed and nothing is left to do."""
        return bool(self.landed) and not self.open and not self.waiting


class Tagged(NamedTuple):
    """A milestone's tag, its figures, and why it could not be pushed, if it could not."""

    name: str
    totals: Totals
    problem: str | None

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures as people read them."""
        return tuple(f"{name} {value}" for name, value in told(self.totals).items())


def milestone_tag(milestone: str) -> str:
    """The tag on the landing that completed a milestone."""
    return f"refs/tags/milestone/{milestone}"


def progress(ground: Ground, milestone: str | None = None) -> tuple[Progress, ...]:
    """How far this milestone is, or every one that policy, the backlog or a change names.

    Raises:
        UsageError: nothing names this milestone.
        PaperError: the backlog is malformed.
    """
    now = stock(ground)
    known = sorted({one.id for one in ground.policy.milestones} | _named(now))
    if milestone is not None and milestone not in known:
        names = ", ".join(known) or "none"
        raise UsageError(f"nothing here belongs to {milestone}", hint=f"known: {names}")
    return tuple(_progress(ground, now, n) for n in known if milestone in (None, n))


def _named(now: Stock) -> set[str]:
    names = {item.milestone for item in now.items} | {taken.milestone for taken in now.changes}
    return {name for name in names if name is not None}


def _progress(ground: Ground, now: Stock, milestone: str) -> Progress:
    start = next((m.start for m in ground.policy.milestones if m.id == milestone), None)
    landed = [_landed(ground, t) for t in now.changes if t.landed and t.milestone == milestone]
    states = [s for s in open_states(ground) if s.opened.data["milestone"] == milestone]
    return Progress(
        milestone,
        start,
        _week(milestone, start, ground.at),
        tuple(sorted(landed, key=lambda one: one.closed)),
        tuple(Open(state.change, state.title, state.stage) for state in states),
        tuple(item for item in now.waiting if item.milestone == milestone),
        ground.store.ref(milestone_tag(milestone)),
    )


def _week(milestone: str, start: str | None, at: int) -> str:
    if start is None:
        return "policy says no day that it starts on"
    try:
        return week_name(week_of(milestone, start, at))
    except UsageError as error:
        return error.message


def _landed(ground: Ground, taken: Taken) -> Landed:
    title = str(taken.opened.data["title"])
    try:
        return _read(ground.store, ground.tip.tree, taken.change, title)
    except CodexaError as error:
        return Landed(taken.change, title, taken.opened.at, None, error.message)


def _read(store: Store, tree: str, change: str, title: str) -> Landed:
    places = Places(change)
    state = fold(change, read_records(partial(store.read, tree), change))
    brief = parse_brief(store.read(tree, places.brief) or b"", places.brief)
    plan = parse_tasks(store.read(tree, places.tasks) or b"", places.tasks)
    content = store.read(tree, places.results)
    results = None if content is None else parse_results(content, places.results)
    closed = state.opened.at if state.closed is None else state.closed.at
    return Landed(change, title, closed, figures_of(state, brief, plan, results))


def complete(
    ground: Ground, milestone: str | None, landing: Commit, person: Actor
) -> Tagged | None:
    """The tag of the milestone that this landing completed; `None` where it completed none.

    `ground` stands on the landing. A tag that is there already stays where it is: what came
    later was an addition. Nothing depends on the tag, so that a remote that refuses it undoes
    nothing.

    Raises:
        PaperError: the backlog is malformed, so nobody can say what is left to do.
    """
    if milestone is None or not is_milestone_id(milestone):
        return None
    (found,) = progress(ground, milestone)
    if not found.is_complete or found.tagged is not None:
        return None
    store, tag = ground.store, milestone_tag(milestone)
    name = tag.removeprefix("refs/tags/")
    stamp = Stamp(Identity(person.name, person.email), landing.committer.seconds)
    made = store.write_tag(landing.oid, name, stamp, tag_message(found))
    carry(store, [RefUpdate(tag, made, None)], f"codexa: {name}")
    return Tagged(name, found.totals, _shared(ground, made, tag))


def _shared(ground: Ground, made: str, tag: str) -> str | None:
    follows = followed(ground)
    if follows is None:
        return None
    try:
        refused = push(ground.store, follows.remote, [Push(made, tag, None)])
    except RepositoryError as error:
        return error.message
    return refused[0].why if refused else None


def tag_message(found: Progress) -> bytes:
    """What the tag of a completed milestone says: its figures, and the changes that they are of."""
    lines = [f"{name} {value}" for name, value in told(found.totals).items()]
    lines += ["", *(f"{one.change} {one.title}" for one in found.landed)]
    return format_message(f"{found.id}: its last change has landed", "\n".join(lines), ())


def told(totals: Totals) -> Mapping[str, str]:
    """The figures as people read them, by what they are of."""
    tests = f"{totals.passed} passed" + (f", {totals.failed} failed" if totals.failed else "")
    return {
        "changes": f"{totals.changes} landed",
        "criteria": f"{totals.covered} of {totals.criteria} covered",
        "tests": f"{tests}, on the last",
        **({"lines": _lines(totals)} if totals.lines is not None else {}),
        "reproduced": f"{totals.repeated} of {totals.repeatable} with the same seed",
    }


def _lines(totals: Totals) -> str:
    return f"{share(totals.lines_covered or 0, totals.lines or 0)} covered, on the last"
