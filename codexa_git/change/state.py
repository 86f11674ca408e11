"""The state of a change: a fold over its records, and nothing else.

What follows from order is read from `handoff.jsonl` alone, where line order decides (stages, tasks,
results). The other files refer to records by id, so that their order among files means nothing.
"""

from typing import Any, NamedTuple

from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.logger import in_file_order
from codexa_git.audit.record import Record
from codexa_git.audit.words import AgentRole, Gate, RecordType, Stage
from codexa_git.change.paths import Places
from codexa_git.change.stages import Move, moved, rework_to
from codexa_git.errors import RecordError


class Concern(NamedTuple):
    """A concern, its number among the change's concerns (`CN-1`), and the record that answered it.

    Whether a machine's concern is answered is asked of the results (`gate`); `answer` is what the
    records say.
    """

    label: str
    record: Record
    answer: Record | None

    @property
    def by_person(self) -> bool:
        """True where only a person's signed word resolves it."""
        return bool(self.record.data["by"] == "person")

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that a machine's concern waits for."""
        return tuple(self.record.data["tests"])


class Clarification(NamedTuple):
    """A question, its number (`Q-1`), and its answer's record."""

    label: str
    record: Record
    answer: Record | None


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
    Tester that no rework has voided, `reworks` are those so far in order.
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
    def approvals(self) -> tuple[Record, ...]:
        """The approvals granted and not withdrawn, of whatever round."""
        gone = {
            name
            for record in self.of(RecordType.APPROVAL_WITHDRAWN)
            for name in record.data["approvals"]
        }
        return tuple(r for r in self.of(RecordType.APPROVAL_GRANTED) if r.id not in gone)

    def approvals_of(self, gate: Gate) -> tuple[Record, ...]:
        """The approvals of this gate's present round, one a signed payload."""
        current = self.round(gate.stage)
        return tuple(
            record
            for record in self.approvals
            if gate in record.data["gates"] and record.data["gates"][gate]["round"] == current
        )

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
        answers = {
            record.data["concern"]: record
            for record in self.of(RecordType.CONCERN_CLOSED, RecordType.CONCERN_RESOLVED)
        }
        return tuple(
            Concern(f"CN-{number}", record, answers.get(record.id))
            for number, record in enumerate(self.of(RecordType.CONCERN_RAISED), 1)
        )

    @property
    def clarifications(self) -> tuple[Clarification, ...]:
        """Every question asked, in order."""
        answers = {
            record.data["question"]: record for record in self.of(RecordType.CLARIFICATION_ANSWERED)
        }
        return tuple(
            Clarification(f"Q-{number}", record, answers.get(record.id))
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
        """The record that ended the change without landing."""
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


def seal(records: tuple[Record, ...]) -> str:
    """The digest over id and signature of each of these records, file by file and in line order.

    An id does not cover its record's signature, and one that no gate asks about any more (of an
    earlier round, say) is checked by nobody else.
    """
    return digest(canonical([(record.id, record.signature) for record in in_file_order(records)]))


class _Fold:
    """The handoff file's reading, record by record."""

    def __init__(self) -> None:
        self.opened: Record | None = None
        self.stage = Stage.FRAME
        self.reworks: list[Record] = []
        self.done: dict[str, Record] = {}
        self.results: Record | None = None
        self.packaged: Record | None = None
        self.last_run: Record | None = None
        self.open_run: Record | None = None
        self.runs: set[str] = set()
        self.tried: set[str] = set()

    def take(self, record: Record) -> None:
        if (self.opened is None) != (record.type is RecordType.OPENED):
            raise RecordError(f"{record.type} where the change is {self._word()}")
        self.opened = self.opened or record
        match record.type:
            case RecordType.HANDOFF:
                self._move(record, Move.HANDOFF)
            case RecordType.REWORK:
                self._move(record, rework_to(Stage(record.data["to"])))
                self.reworks.append(record)
                self._void(record)
            case RecordType.RUN_STARTED:
                self._begin(record)
            case RecordType.TASK_COMPLETED:
                self._within_run(record, record.data["task_id"])
                self.done[record.data["task_id"]] = record
            case RecordType.TASK_FAILED:
                self._within_run(record, record.data["task_id"])
                self.done.pop(record.data["task_id"], None)
            case RecordType.RUN_FINISHED:
                self._within_run(record, None)
                self.last_run, self.open_run = record, None
            case _:
                self._made(record)

    def _begin(self, record: Record) -> None:
        """A run begins, under a name of its own; one that was killed may be left open."""
        if record.data["run"] in self.runs:
            raise RecordError(f"{record.data['run']} starts twice")
        self.runs.add(record.data["run"])
        self.tried.clear()
        self.last_run = self.open_run = record

    def _within_run(self, record: Record, task: str | None) -> None:
        """The record belongs to the run at hand, and names no evidence but its own."""
        run = record.data["run"]
        if self.open_run is None or self.open_run.data["run"] != run:
            raise RecordError(f"a {record.type} of {run}, which is not the run at hand")
        if task in self.tried:
            raise RecordError(f"{task} comes twice in {run}")
        names = {"run.json", "log.jsonl"}
        if task is not None:
            self.tried.add(task)
            names |= {f"{task}.json", f"{task}.log"}
        places = Places(record.change or "")
        _only(record, {places.run(run, name) for name in names})

    def _made(self, record: Record) -> None:
        if record.type is RecordType.RESULTS_RECORDED:
            self.results = record
        elif record.type is RecordType.PACKAGED:
            _only(record, {Places(record.change or "").packet})
            self.packaged = record

    def _word(self) -> str:
        return "not opened yet" if self.opened is None else "open already"

    def _move(self, record: Record, move: Move | None) -> None:
        target = None if move is None else moved(self.stage, move)
        if record.data["from"] != self.stage or target != record.data["to"]:
            raise RecordError(
                f"a {record.type} from {record.data['from']} to {record.data['to']}"
                f" where the change is in {self.stage}"
            )
        self.stage = Stage(record.data["to"])

    def _void(self, record: Record) -> None:
        target = Stage(record.data["to"])
        if target.number <= Stage.SPEC.number:
            self.done.clear()
        for task in record.data["tasks"]:
            self.done.pop(task, None)
        if target.number <= Stage.VALIDATE.number:
            self.results = None
        self.packaged = None


def fold(change: str, records: tuple[Record, ...]) -> State:
    """The state that these records of `change` add up to.

    Raises:
        RecordError: they do not begin with `opened`, or tell of a move that the lifecycle lacks.
    """
    folding = _Fold()
    for record in records:
        if record.log == "handoff":
            folding.take(record)
    if folding.opened is None:
        raise RecordError(f"{change} was never opened: its audit/{change}/handoff.jsonl is empty")
    _check_seen(records)
    fields: dict[str, Any] = {k: v for k, v in vars(folding).items() if k in State._fields}
    return State(change=change, records=records, **(fields | {"reworks": tuple(folding.reworks)}))


def _only(record: Record, places: set[str]) -> None:
    """The evidence that a record names is its own, so that none can speak for another's."""
    for path in record.data["evidence"]:
        if path not in places:
            raise RecordError(f"a {record.type} names {path}, which is no evidence of its own")


def _check_seen(records: tuple[Record, ...]) -> None:
    """What a signer had seen stands above what they signed: a signature holds the order, too.

    Times do not: a decision that is put again on a tip that moved keeps the time that was signed.
    """
    places = {record.id: (record.log, number) for number, record in enumerate(records)}
    for number, record in enumerate(records):
        for name in record.data.get("seen", ()):
            log, seen_at = places.get(name, ("", -1))
            if log == record.log and seen_at >= number:
                raise RecordError(f"a {record.type} stands above a record that its signer had seen")


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
