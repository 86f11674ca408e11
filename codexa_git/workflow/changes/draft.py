"""A draft: what one command adds to a change, until it is one commit.

The commit holds what was made, its records, the status note and, where the gate then says yes, the
handoff. It is built in the object store and nothing refers to it: publishing is another matter.
What it holds follows from the moment, what was put in, and the time, so that it can be made again.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from codexa_git.audit.logger import AuditLogger
from codexa_git.audit.record import Actor, Record, make
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.blocks import without
from codexa_git.change.folding import fold
from codexa_git.change.note import status_note
from codexa_git.change.pages import PAGES, QA_REPORT, skeleton
from codexa_git.change.paths import Places
from codexa_git.change.quality import live_report
from codexa_git.change.state import MOVES, State, notified
from codexa_git.errors import PaperError
from codexa_git.gate.case import Case
from codexa_git.gate.heard import unheard
from codexa_git.gate.pages import require_plain_at
from codexa_git.gate.verdict import judge
from codexa_git.repository.objects import Commit, Entry, Identity, Mode, Stamp
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.changes.moment import Footing, Moment

AGENTS: dict[AgentRole, Actor] = {
    AgentRole.PM: Actor("PM (agent)", "pm@agents.invalid", AgentRole.PM),
    AgentRole.DESIGNER: Actor("Designer (agent)", "designer@agents.invalid", AgentRole.DESIGNER),
    AgentRole.IMPLEMENTER: Actor(
        "Implementer (agent)", "implementer@agents.invalid", AgentRole.IMPLEMENTER
    ),
    AgentRole.TESTER: Actor("Tester (agent)", "tester@agents.invalid", AgentRole.TESTER),
    AgentRole.GOVERNANCE: Actor(
        "Governance (agent)", "governance@agents.invalid", AgentRole.GOVERNANCE
    ),
}
"""Each agent as records and commits name it."""


def pages_without_blocks(
    store: Store, tree: str, base_tree: str, change: str
) -> dict[str, Entry | None]:
    """The entries of the shared pages in `tree` that hold the change's block, without it.

    A page that then says what the base's says is the base's again. One with damaged markers is left
    as it is: closing says so, with the line, and no other verb needs to know.
    """
    found: dict[str, Entry | None] = {}
    for page in PAGES:
        entry, outside = store.entry(tree, page), _outside(store, tree, page, change)
        if entry is None or outside is None:
            continue
        before = store.entry(base_tree, page)
        if outside == (skeleton(page) if before is None else store.read(base_tree, page)):
            found[page] = before
        else:
            found[page] = Entry(entry.mode, store.hold_blobs([outside])[0])
    return found


def _outside(store: Store, tree: str, page: str, change: str) -> bytes | None:
    """What stands outside the change's block; `None` where the page has none that can be read."""
    content = store.read(tree, page)
    try:
        outside = None if content is None else without(content, change, path=page)
    except PaperError:
        return None
    return None if outside == content else outside


class Built(NamedTuple):
    """A commit that is in the object store, and the stage that its handoff closed, if any."""

    commit: Commit
    closed: Stage | None


class Draft:
    """What one command adds to a change, on top of `tip`.

    `parents` are the commit's parents where they are not just the tip (a sync), `tree` the tree it
    starts from where it is not the tip's.
    """

    def __init__(
        self,
        footing: Footing,
        stage: Stage,
        actor: Actor,
        *,
        tree: str | None = None,
        parents: tuple[str, ...] | None = None,
    ) -> None:
        self.footing = footing
        self.store = footing.ground.store
        self.change = footing.change
        self.stage = stage
        self.actor = actor
        self._tree = tree or footing.tip.tree
        self._parents = parents or (footing.tip.oid,)
        self._entries: dict[str, Entry | None] = {}
        self._contents: dict[str, bytes] = {}
        self.logger = AuditLogger(self._read_before, self.change)
        ground = footing.ground
        self.at = ground.at if ground.again else self.logger.time(ground.at)
        self.made: list[Record] = []

    @property
    def places(self) -> Places:
        """Where the change's files lie."""
        return Places(self.change)

    @property
    def state(self) -> State:
        """What the records add up to, those of this draft included."""
        return fold(self.change, self.logger.records)

    def _read_before(self, path: str) -> bytes | None:
        return self.store.read(self._tree, path)

    def read(self, path: str) -> bytes | None:
        """A file as this draft has it."""
        return self._contents.get(path, self._read_before(path))

    def put(self, path: str, content: bytes) -> None:
        """The commit holds a plain file with this content."""
        self._contents[path] = content

    def enter(self, entries: Mapping[str, Entry | None]) -> None:
        """The commit holds these entries; `None` removes a path."""
        self._entries.update(entries)

    def record(
        self,
        kind: RecordType,
        data: dict[str, Any],
        *,
        actor: Actor | None = None,
        signature: str | None = None,
    ) -> Record:
        """The record that was made, which the commit's audit files hold.

        A record is told from others by its id, so what is said twice in one second is said the
        second time a second later. (What is signed names all that was seen, and is never the same.)
        """
        known = {record.id for record in self.logger.records}
        while (made := self._made(kind, data, actor, signature)).id in known:
            self.at += 1
        self.add(made)
        return made

    def _made(
        self, kind: RecordType, data: dict[str, Any], actor: Actor | None, signature: str | None
    ) -> Record:
        return make(
            kind,
            data,
            change=self.change,
            stage=self.stage,
            round=self.round,
            actor=actor or self.actor,
            at=self.at,
            signature=signature,
        )

    def add(self, record: Record) -> None:
        """The commit's audit files hold this record, which was made and perhaps signed before."""
        self.logger.append(record)
        self.made.append(record)

    @property
    def round(self) -> int:
        """The round of the draft's stage, as its records bear it."""
        opened = any(r.type is RecordType.OPENED for r in self.logger.records)
        return self.state.round(self.stage) if opened else 1

    def case(self) -> Case:
        """The case as it would stand with what the draft holds so far."""
        footing = self.footing
        base, tree = footing.held.tree, self._written()
        return Case(self.store, footing.policy, base, tree, footing.context(self.at))

    def _unheard(self) -> frozenset[str]:
        context = self.footing.context(self.at)
        return unheard(self.store, self.footing.policy, context, self.state.records)

    def _written(self) -> str:
        contents = self._contents | self.logger.files
        left_out = self._unheard()
        contents[self.places.status] = status_note(self.state, left_out)
        results = self.places.results
        if report := live_report(self.state, self.read(results), results, left_out):
            contents[self.places.page(QA_REPORT)] = report
        paths = sorted(contents)
        for path in paths:
            self._require_plain(path)
        oids = self.store.hold_blobs([contents[path] for path in paths])
        entries = {path: Entry(Mode.FILE, o) for path, o in zip(paths, oids, strict=True)}
        return self.store.hold_tree(self._tree, self._opened_again() | self._entries | entries)

    def _require_plain(self, path: str) -> None:
        """Nothing: the draft may write here, and takes nothing of a person's away by it.

        Raises:
            PaperError: a symlink, a folder or the like stands there, or where a folder belongs.
        """
        require_plain_at(self.store, path, self._tree)

    def _opened_again(self) -> dict[str, Entry | None]:
        """The shared pages without the blocks that an earlier closing wrote: this says more."""
        if not self.state.of(RecordType.CLOSED):
            return {}
        return pages_without_blocks(self.store, self._tree, self.footing.held.tree, self.change)

    def build(
        self, summary: str, *, hand_off: bool = True, unmet: tuple[str, ...] = (), body: str = ""
    ) -> Built:
        """The commit `CH-001 spec: summary`, handed off where the gate says yes.

        `unmet` hands off although these are not met: only while observing, and on the record.
        """
        closed = self._hand_off(unmet) if hand_off else None
        if any(record.type in MOVES for record in self.made):
            self.answer_stalls()
        message = self._message(summary, body)
        stamp = Stamp(Identity(self.actor.name, self.actor.email), self.at)
        tree = self._written()
        oid = self.store.write_commit(tree, self._parents, stamp, stamp, message)
        return Built(self.store.commit(oid), closed)

    def answer_stalls(self) -> None:
        """What this draft does is the move that a change which stood still was waiting for."""
        for concern in self.state.concerns:
            if concern.stalled and concern.answer is None:
                data = {"concern": concern.record.id, "results": None}
                self.record(RecordType.CONCERN_CLOSED, data, actor=AGENTS[AgentRole.PM])

    def _hand_off(self, unmet: tuple[str, ...]) -> Stage | None:
        stage = self.state.stage
        target = stage.following
        if target is None or not (unmet or self._gate_says_yes(stage)):
            return None
        self.record(
            RecordType.HANDOFF,
            {"from": stage, "to": target, "notify": list(notified(target)), "unmet": list(unmet)},
            actor=AGENTS[AgentRole.PM],
        )
        return stage

    def _gate_says_yes(self, stage: Stage) -> bool:
        return judge(self.case(), stage).yes

    def _message(self, summary: str, body: str) -> bytes:
        trailers = [
            ("Codexa-Change", self.change),
            ("Codexa-Stage", str(self.stage)),
            *(("Codexa-Record", f"{record.type} {record.id}") for record in self.made),
        ]
        return format_message(f"{self.change} {self.stage}: {summary}", body, trailers)


def hand_on(moment: Moment, stage: Stage, unmet: tuple[str, ...]) -> Built:
    """The commit that hands a change on whose gate says yes, or `unmet` while observing."""
    target = stage.following
    if target is None:
        raise RuntimeError("cleanup hands on to nobody")
    draft = Draft(moment.footing, stage, AGENTS[AgentRole.PM])
    without = f", without {', '.join(unmet)}" if unmet else ""
    return draft.build(f"handed to {target}{without}", unmet=unmet)
