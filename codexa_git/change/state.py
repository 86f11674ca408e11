"""The state of a change: what its records add up to (`folding`), and the questions asked of it."""

from functools import lru_cache

from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.logger import in_file_order
from codexa_git.audit.record import Record
from codexa_git.audit.words import AgentRole, Gate, RecordType, Stage
from codexa_git.values import NamedTuple

MOVES = (
    RecordType.OPENED,
    RecordType.PLANNED,
    RecordType.TASK_COMPLETED,
    RecordType.RESULTS_RECORDED,
    RecordType.PACKAGED,
    RecordType.HANDOFF,
    RecordType.REWORK,
)
"""What moves a change. All of it lies in one file, where line order says what came last."""


_LONG = 256 * 1024
"""Records whose ids and signatures are longer than that together are sealed, and not remembered."""


class Concern(NamedTuple):
    """A concern, its number among the change's concerns (`CN-1`), and the records that answer it.

    Whether one of these counts, and whether a machine's concern is answered by results, is asked of
    `gate`.
    """

    label: str
    record: Record
    answers: tuple[Record, ...] = ()

    @property
    def answer(self) -> Record | None:
        """What the records say last; nobody has judged it."""
        return self.answers[-1] if self.answers else None

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.record.data["text"])

    @property
    def stalled(self) -> bool:
        """True for the one kind that says only that the change stands still, and why."""
        return self.record.type is RecordType.CONCERN_STALLED

    @property
    def by_person(self) -> bool:
        """True where only a person's signed word resolves it."""
        return not self.stalled and bool(self.record.data["by"] == "person")

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that a machine's concern waits for."""
        return () if self.stalled else tuple(self.record.data["tests"])

    @property
    def due(self) -> str | None:
        """The day by which it has to be resolved, if there is one."""
        return None if self.stalled else self.record.data["due"]


class Clarification(NamedTuple):
    """A question, its number (`Q-1`), and the records that answer it; which counts, `gate` says."""

    label: str
    record: Record
    answers: tuple[Record, ...] = ()


class Request(NamedTuple):
    """An approval that was asked for: of which gate, by whom, since when.

    It asks, and decides nothing: whether the gate still waits is asked of `gate`.
    """

    gate: Gate
    asker: str
    record: Record


class State(NamedTuple):
    """What the records of one change add up to.

    `stage` is where handoffs and reworks led; which gates hold is not asked here. `done` maps each
    task whose completion no rework has voided to its record, `results` is the last word of the
    Tester that no rework has voided, `reworks` are those so far in order. `light` is the mark of a
    change that was opened as a light one: whether it is one by policy, too, is asked of `gate`.
    """

    change: str
    opened: Record
    records: tuple[Record, ...]
    stage: Stage
    reworks: tuple[Record, ...]
    done: dict[str, Record]
    results: Record | None
    packaged: Record | None
    last_run: Record | None
    open_run: Record | None
    light: Record | None = None

    @property
    def title(self) -> str:
        """What the change is called."""
        return str(self.opened.data["title"])

    @property
    def ids(self) -> tuple[str, ...]:
        """Every record's id, sorted."""
        return tuple(sorted(record.id for record in self.records))

    def of(self, *kinds: RecordType) -> tuple[Record, ...]:
        """The records of these types, in file and line order."""
        return tuple(record for record in self.records if record.type in kinds)

    def round(self, stage: Stage) -> int:
        """1 and the reworks to `stage` or an earlier one."""
        return 1 + sum(
            1 for record in self.reworks if Stage(record.data["to"]).number <= stage.number
        )

    @property
    def tries(self) -> int:
        """How often Execute and Validate were tried since a person last sent the change back."""
        count = 1
        for record in self.reworks:
            count = count + 1 if record.data["automatic"] else 1
        return count

    @property
    def failed(self) -> dict[str, Record]:
        """The last failure of each task neither done, planned again nor sent back since."""
        found: dict[str, Record] = {}
        for record in self.of(RecordType.PLANNED, RecordType.REWORK, RecordType.TASK_FAILED):
            if record.type is RecordType.TASK_FAILED:
                found[record.data["task_id"]] = record
            else:
                found.clear()
        return {task: record for task, record in found.items() if task not in self.done}

    @property
    def requests(self) -> tuple[Request, ...]:
        """The approvals asked for in each gate's present round, the first request of each gate."""
        found: dict[Gate, Request] = {}
        for record in self.of(RecordType.APPROVAL_REQUESTED):
            for gate in Gate:
                if record.data["gates"].get(gate) == self.round(gate.stage):
                    found.setdefault(gate, Request(gate, record.data["asker"], record))
        return tuple(found.values())

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """Every concern raised, in order."""
        said = self.of(RecordType.CONCERN_CLOSED, RecordType.CONCERN_RESOLVED)
        answers = _by_question(said, "concern")
        return tuple(
            Concern(f"CN-{number}", record, answers.get(record.id, ()))
            for number, record in enumerate(
                self.of(RecordType.CONCERN_RAISED, RecordType.CONCERN_STALLED), 1
            )
        )

    @property
    def last_move(self) -> Record:
        """The record that moved the change last; its opening, if nothing has since."""
        return self.of(*MOVES)[-1]

    @property
    def stall(self) -> Concern | None:
        """The concern that the change has stood still since its last move, answered or not."""
        last = self.last_move.id
        found = (c for c in self.concerns if c.stalled and c.record.data["after"] == last)
        return next(found, None)

    @property
    def clarifications(self) -> tuple[Clarification, ...]:
        """Every question asked, in order."""
        answers = _by_question(self.of(RecordType.CLARIFICATION_ANSWERED), "question")
        return tuple(
            Clarification(f"Q-{number}", record, answers.get(record.id, ()))
            for number, record in enumerate(self.of(RecordType.CLARIFICATION_ASKED), 1)
        )

    @property
    def waivers(self) -> tuple[Record, ...]:
        """The waivers of the present round of Validate."""
        current = self.round(Stage.VALIDATE)
        return tuple(
            record
            for record in self.of(RecordType.WAIVER_GRANTED)
            if record.data["gates"]["results"]["round"] == current
        )

    @property
    def abandoned(self) -> Record | None:
        """The first record that says the change ended; whether it counts is asked of `gate`."""
        return next(iter(self.of(RecordType.ABANDONED)), None)

    @property
    def closed(self) -> Record | None:
        """The closing record, where it stands last and its seal covers every other record."""
        last = [record for record in self.records if record.log == "handoff"][-1]
        others = tuple(record for record in self.records if record.id != last.id)
        if last.type is not RecordType.CLOSED or last.data["records"] != len(others):
            return None
        return last if last.data["seal"] == seal(others) else None

    @property
    def evidence(self) -> dict[str, str]:
        """Every path that a record names by digest; the last record that names it counts."""
        named: dict[str, str] = {}
        for record in self.records:
            named.update(record.data.get("evidence", {}))
        return named


def _by_question(said: tuple[Record, ...], what: str) -> dict[str, tuple[Record, ...]]:
    """What was said, in order, by the id of the record that it answers."""
    found: dict[str, tuple[Record, ...]] = {}
    for record in said:
        found[record.data[what]] = (*found.get(record.data[what], ()), record)
    return found


def seal(records: tuple[Record, ...]) -> str:
    """The digest over id and signature of each of these records, file by file and in line order.

    An id does not cover its record's signature, and one that no gate asks about any more (of an
    earlier round, say) is checked by nobody else.
    """
    named = tuple((record.id, record.signature) for record in in_file_order(records))
    is_long = sum(len(part or "") for pair in named for part in pair) > _LONG
    return _sealed.__wrapped__(named) if is_long else _sealed(named)


@lru_cache(maxsize=16)
def _sealed(named: tuple[tuple[str, str | None], ...]) -> str:
    return digest(canonical(named))


def notified(stage: Stage) -> tuple[str, ...]:
    """Who a handoff into `stage` notifies: agents, and `pm` where people look or decide."""
    return {
        Stage.FRAME: ("pm", AgentRole.PM),
        Stage.SPEC: (AgentRole.PM, AgentRole.DESIGNER),
        Stage.EXECUTE: (AgentRole.IMPLEMENTER,),
        Stage.VALIDATE: (AgentRole.TESTER,),
        Stage.PACKAGE: (AgentRole.PM, "pm"),
        Stage.CLEANUP: (AgentRole.IMPLEMENTER, AgentRole.GOVERNANCE),
    }[stage]
