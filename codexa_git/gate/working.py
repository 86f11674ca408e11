"""Work: who signed what a change brings, and whether all of it is signed (ADR 0042).

With `separate` whoever signed work does not approve it. Who wrote what nobody signed is not known,
so that two people approve it. Of the plan nobody signs that it is theirs: it is never asked here.
"""

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.gate.case import Case
from codexa_git.gate.judging import judged
from codexa_git.gate.signed import NOT_JUDGED, Decision
from codexa_git.repository.objects import Entry
from codexa_git.values import NamedTuple

OWN_WORK = "signed the work, and does not approve it"

_Left = tuple[str | None, str | None]


class Work(NamedTuple):
    """What is signed of a change's work.

    `signers` are the addresses of those who signed it whole: none of them approves it. `unsigned`
    is the first path that no counting signature left as it is, "" where nobody signed anything, and
    `None` where all of it is signed. Whoever perhaps signed is taken for one who did, and what is
    perhaps signed for what is not: a missing answer is never a yes.
    """

    signers: frozenset[str]
    unsigned: str | None

    @property
    def signed(self) -> bool:
        """True where all of it is signed."""
        return self.unsigned is None


def work_of(case: Case) -> Work:
    """What is signed of this change's work, judged once: a case never changes."""
    return case.once(("work",), lambda: _work_of(case))


def _work_of(case: Case) -> Work:
    tasks = signed_tasks(case)
    counting = [d.record for d in tasks if d.counts]
    perhaps = [d.record for d in tasks if d.counts or _is_undecided(d)]
    found = [_unsigned(case, counting), _unsigned(case, perhaps)]
    signers = {record.signer.email for record in perhaps} if None in found else ()
    return Work(frozenset(signers), next((path for path in found if path is not None), None))


def why_unsigned(case: Case) -> str | None:
    """Why two have to approve work that somebody signed a task of; `None`: nobody did."""
    tasks = signed_tasks(case)
    if not tasks:
        return None
    for task in tasks:
        if not task.counts:
            who = task.record.signer.name
            return (
                f"{who} signed {task.record.data['task_id']}, which does not count: {task.problem}"
            )
    return f"{work_of(case).unsigned or 'the work'} is not as anybody signed it"


def _is_undecided(decision: Decision) -> bool:
    return (decision.problem or "").startswith(NOT_JUDGED)


def signed_tasks(case: Case) -> tuple[Decision, ...]:
    """The signed completions of tasks that no rework has voided, in order, each judged."""
    done = {record.id for record in case.state.done.values()}
    return tuple(
        _judged(case, record)
        for record in case.state.of(RecordType.TASK_COMPLETED)
        if record.id in done and record.signature is not None
    )


def stands_for(case: Case, record: Record) -> bool:
    """True where a signature of this completed task counts, whoever asks for it."""
    return any(d.counts and d.record.id == record.id for d in signed_tasks(case))


def _judged(case: Case, record: Record) -> Decision:
    decision = judged(case, record)
    if decision.problem is not None and not _is_undecided(decision):
        return decision
    problem = _elsewhere(case, record) or _of_another(record) or decision.problem
    return decision._replace(problem=problem)


def _elsewhere(case: Case, record: Record) -> str | None:
    """Stage and round of the line are not under the signature; the round that was signed is."""
    signed = record.data["round"]
    if record.stage is Stage.EXECUTE and signed == record.round == _round_at(case, record):
        return None
    return f"signed for round {signed} of execute, and stands in another"


def _round_at(case: Case, record: Record) -> int:
    """The round of Execute that a line of the handoff file stands in."""
    above = case.state.records[: [r.id for r in case.state.records].index(record.id)]
    back = [r for r in above if r.type is RecordType.REWORK]
    return 1 + sum(Stage(r.data["to"]).number <= Stage.EXECUTE.number for r in back)


def _of_another(record: Record) -> str | None:
    """What people did by hand is theirs alone to sign; for an agent whoever runs it does."""
    if record.data["by"] == "agent" or record.actor.email == record.signer.email:
        return None
    return f"the work of {record.actor.email}, which they sign themselves"


def _unsigned(case: Case, records: list[Record]) -> str | None:
    """The first path of the product, or of a signed task, that no standing signature left so."""
    left: dict[str, _Left] = {}
    for record in records:
        for file in record.data["stands"]:
            left[file["path"]] = (file["mode"], file["blob"])
    work = {d.path: _as_left(d.new) for d in case.scope(Gate.RESULTS)}
    if not left or not work:
        return ""
    for path in sorted(work.keys() | left.keys()):
        now = work[path] if path in work else _as_left(case.store.entry(case.tree, path))
        if left.get(path) != now:
            return path
    return None


def _as_left(entry: Entry | None) -> _Left:
    return (None, None) if entry is None else (str(entry.mode), entry.oid)
