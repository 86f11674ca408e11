"""The fold over a change's records, which gives its state: what they must tell, in which order.

What follows from order is read from `handoff.jsonl` alone, where line order decides (stages, tasks,
results). The other files refer to records by id, so that their order among files means nothing.
"""

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.paths import Places
from codexa_git.change.stages import Move, moved, rework_to
from codexa_git.change.state import State
from codexa_git.errors import RecordError
from codexa_git.values import Any


class _Fold:
    """The handoff file's reading, record by record."""

    def __init__(self) -> None:
        self.opened: Record | None = None
        self.light: Record | None = None
        self.last: Record | None = None
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
            case RecordType.LIGHTENED:
                self._mark(record)
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
        self.last = record

    def _mark(self, record: Record) -> None:
        """A change is light from its opening on, or never: nobody makes it so later."""
        if self.last is not self.opened:
            raise RecordError(f"a {record.type} that does not follow the opening")
        self.light = record

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
