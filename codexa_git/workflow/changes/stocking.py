"""The backlog as a repository has it: what is in it, who took what, and writing it anew.

An item leaves the backlog in two steps, because a change writes only its own files: `opened` names
the item, so that everybody sees it taken, and the first backlog commit after the landing clears it
away. What an abandoned change took is free again.
"""

from functools import partial
from typing import NamedTuple

from codexa_git.audit.ids import (
    change_number,
    is_change_id,
    is_item_id,
    item_id,
    item_number,
)
from codexa_git.audit.logger import log_path, read_records
from codexa_git.audit.record import Actor, Record, parse_record
from codexa_git.audit.words import RecordType
from codexa_git.change.backlog import (
    Item,
    format_backlog,
    item_named,
    parse_backlog,
    placed,
    ranked,
    without,
)
from codexa_git.change.folding import fold
from codexa_git.change.paths import BACKLOG
from codexa_git.change.state import State
from codexa_git.change.text import clean_title
from codexa_git.errors import RecordError, RefusedError, UsageError
from codexa_git.gate.carried import changes_in
from codexa_git.policy.rules import is_free
from codexa_git.repository.objects import Commit, Mode
from codexa_git.repository.store import Store
from codexa_git.workflow.base.basing import commit_on_base
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.changes.ending import ended_by


class Taken(NamedTuple):
    """A landed or open change, by the record that opened it."""

    opened: Record
    landed: bool

    @property
    def change(self) -> str:
        """The change's id."""
        return str(self.opened.change)

    @property
    def item(self) -> str | None:
        """The item that it was opened for, if for one."""
        found = self.opened.data["item"]
        return None if found is None else str(found)

    @property
    def milestone(self) -> str | None:
        """The milestone that it belongs to, if to one."""
        found = self.opened.data["milestone"]
        return None if found is None else str(found)


class Stock(NamedTuple):
    """The backlog on the base, and every change that could have taken something from it."""

    items: tuple[Item, ...]
    changes: tuple[Taken, ...]

    @property
    def takers(self) -> dict[str, Taken]:
        """The change that took each item; a landed one where several did."""
        return {t.item: t for t in sorted(self.changes, key=_landed_last) if t.item is not None}

    @property
    def waiting(self) -> tuple[Item, ...]:
        """The items that nobody took, first priority first."""
        return without(self.items, self.takers)

    @property
    def cleared(self) -> tuple[str, ...]:
        """The items whose change has landed, which the next commit takes out."""
        takers = self.takers
        return tuple(i.id for i in self.items if i.id in takers and takers[i.id].landed)

    @property
    def next_id(self) -> str:
        """An id that no item here and no change's record has."""
        known = [*(item.id for item in self.items), *self.takers]
        return item_id(max(map(item_number, known), default=0) + 1)


def _landed_last(taken: Taken) -> tuple[bool, int]:
    return taken.landed, change_number(taken.change)


class Stocked(NamedTuple):
    """The commit that was made, the item that it was made for, and what it cleared away."""

    commit: Commit
    item: Item
    cleared: tuple[str, ...]


def stock(ground: Ground) -> Stock:
    """The backlog as it stands on the base's tip.

    Raises:
        PaperError: the file is malformed.
    """
    content = ground.store.read(ground.tip.tree, BACKLOG)
    items = () if content is None else parse_backlog(content)
    return Stock(items, taken(ground))


def is_ahead(ground: Ground) -> bool:
    """True where this clone's base goes on from the shared one with another backlog."""
    store, local = ground.store, ground.store.ref(ground.local_ref)
    if local is None or not store.is_ancestor(ground.tip.oid, local):
        return False
    return store.entry(store.tree_of(local), BACKLOG) != store.entry(ground.tip.tree, BACKLOG)


def taken(ground: Ground) -> tuple[Taken, ...]:
    """Every landed change, and every open one here or on a remote that was not abandoned.

    A change whose records cannot be read is left out: it took nothing that anyone could know of,
    and `status` names it.
    """
    store, tree = ground.store, ground.tip.tree
    openings = [_opening(store, tree, change) for change in changes_in(store, tree)]
    landed = [Taken(record, landed=True) for record in openings if record is not None]
    return (*landed, *(Taken(state.opened, landed=False) for state in open_states(ground)))


def _opening(store: Store, tree: str, change: str) -> Record | None:
    """The record that opened a landed change, which is the first line of its file."""
    first = (store.read(tree, log_path(change, "handoff")) or b"").split(b"\n", 1)[0]
    try:
        record = parse_record(first)
    except RecordError:
        return None
    return record if record.type is RecordType.OPENED and record.change == change else None


def open_states(ground: Ground) -> tuple[State, ...]:
    """Every change, here or on a remote, that neither landed nor was abandoned, as gates judge."""
    store = ground.store
    landed = changes_in(store, ground.tip.tree)
    tips = {name: oid for name, oid in open_tips(store).items() if name not in landed}
    _load(store, tips)
    found = {n: _state(store, store.tree_of(tips[n]), n) for n in sorted(tips, key=change_number)}
    states = {name: state for name, state in found.items() if state is not None}
    return tuple(s for n, s in states.items() if ended_by(ground, tips[n], s) is None)


def open_tips(store: Store) -> dict[str, str]:
    """The tip of every `change/CH-###` branch: this clone's own before a remote's."""
    found: dict[str, str] = {}
    for prefix in ("refs/remotes", "refs/heads/change"):
        for ref, oid in store.refs(prefix).items():
            *_, kind, name = ref.split("/")
            if kind == "change" and is_change_id(name):
                found[name] = oid
    return found


def _load(store: Store, tips: dict[str, str]) -> None:
    """The records of these changes are in memory: asked for level by level, not one by one."""
    store.load(tips.values())
    trees = {change: store.tree_of(oid) for change, oid in tips.items()}
    store.load(trees.values())
    store.load(_folders(store, trees, "audit"))
    folders = _folders(store, trees, "audit/{}")
    store.load(folders)
    inside = [item for oid in folders for item in store.children(oid).items()]
    store.load(e.oid for name, e in inside if name.endswith(".jsonl") and e.mode == Mode.FILE)


def _folders(store: Store, trees: dict[str, str], place: str) -> list[str]:
    """The folders that these trees hold at this place, which may name their change."""
    found = (store.entry(tree, place.format(change)) for change, tree in trees.items())
    return [entry.oid for entry in found if entry is not None and entry.mode == Mode.TREE]


def _state(store: Store, tree: str, change: str) -> State | None:
    try:
        return fold(change, read_records(partial(store.read, tree), change))
    except RecordError:
        return None


def add(
    ground: Ground,
    person: Actor,
    title: str,
    *,
    milestone: str | None = None,
    requirements: tuple[str, ...] = (),
    place: int | None = None,
) -> Stocked:
    """The base's backlog has one item more, at this place or at the end.

    Raises:
        UsageError: the title is none.
        PaperError: the file is malformed, or would lose a comment.
    """
    now = stock(ground)
    item = Item(now.next_id, clean_title(title), 0, milestone, requirements)
    items = placed(without(now.items, now.cleared), item, place)
    return _written(ground, person, now, items, item)


def rank(ground: Ground, person: Actor, name: str, place: int) -> Stocked:
    """The base's backlog has this item at `place`.

    Raises:
        UsageError: there is no such item.
        RefusedError: a change took it, or it stands there already.
        PaperError: the file is malformed, or would lose a comment.
    """
    now = stock(ground)
    _refuse_taken(now, name)
    kept = without(now.items, now.cleared)
    items = ranked(kept, name, place)
    if items == kept:
        raise RefusedError(f"{name} stands there already", hint="git codexa backlog list")
    item = next(item for item in items if item.id == name)
    return _written(ground, person, now, items, item)


def _refuse_taken(now: Stock, name: str) -> None:
    taker = now.takers.get(name)
    if taker is not None:
        raise RefusedError(f"{name} is taken: it is {taker.change} now", hint=_look(taker))


def _look(taker: Taken) -> str:
    return f"git codexa {'log' if taker.landed else 'status'} {taker.change}"


def _written(
    ground: Ground, person: Actor, now: Stock, items: tuple[Item, ...], item: Item
) -> Stocked:
    if not is_free(ground.policy, BACKLOG):
        raise RefusedError(
            f"policy guards {BACKLOG}, so only a policy commit may touch it",
            hint="an owner takes it out of [guarded] in codexa.toml",
        )
    place = 1 + items.index(item)
    content = format_backlog(items, ground.store.read(ground.tip.tree, BACKLOG))
    subject = f"codexa: backlog: {item.id} {item.title}, priority {place}"
    commit = commit_on_base(ground, person, {BACKLOG: content}, subject, body=_body(now))
    return Stocked(commit, item._replace(priority=place), now.cleared)


def _body(now: Stock) -> str:
    takers = now.takers
    return "\n".join(f"{name} has landed with {takers[name].change}." for name in now.cleared)


def first_waiting(ground: Ground) -> Item:
    """The item that comes next.

    Raises:
        RefusedError: the backlog is empty, or all of it is taken.
        PaperError: the file is malformed.
    """
    now = stock(ground)
    if now.waiting:
        return now.waiting[0]
    said = "every item of the backlog is taken" if now.items else "the backlog is empty"
    hints = ('git codexa open "what should change"', 'git codexa backlog add "what is to be done"')
    raise RefusedError(said, hint=hints)


def waiting_item(ground: Ground, name: str) -> Item:
    """The item of this id, which nobody took.

    Raises:
        UsageError: there is none, or that is no item's id.
        RefusedError: a change took it.
        PaperError: the file is malformed.
    """
    if not is_item_id(name):
        raise UsageError(f"{name} is no id of an item", hint="one looks like BL-001")
    now = stock(ground)
    _refuse_taken(now, name)
    return item_named(now.items, name)
