"""What is other now than when somebody last approved: gate by gate, person by person, by file.

A record keeps digests of what was approved, and no bytes. So by itself it tells which files changed
since, came or went; what changed *in* them is told where a caller knows the blobs of then.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.text import counted
from codexa_git.gate.against import taken_back
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import approvals, carries
from codexa_git.gate.heard import not_theirs
from codexa_git.gate.subjects import Subject, fallen, subject_of
from codexa_git.pages.facts import FileFacts, Since
from codexa_git.repository.objects import Difference
from codexa_git.workflow.changes.wording import SAID
from codexa_git.workflow.decisions.touching import file_facts

Then = Callable[[Record, Gate], Mapping[str, Difference]]
"""What of the approved differences, by path, is at hand exactly as it was approved."""


def only_digests(record: Record, gate: Gate) -> Mapping[str, Difference]:
    """Nothing: what follows from the change's trees and records alone knows no older blob."""
    del record, gate
    return {}


def since(case: Case, then: Then = only_digests) -> tuple[Since, ...]:
    """Each person's last approval of each gate, in the order of the gates, then of the records.

    What only bears their name tells nothing of what they approved.
    """
    last: dict[tuple[Gate, str], Record] = {}
    own = (r for r in case.state.of(RecordType.APPROVAL_GRANTED) if not_theirs(case, r) is None)
    for record in own:
        for gate in record.data["gates"]:
            last.pop((Gate(gate), record.actor.email), None)
            last[Gate(gate), record.actor.email] = record
    return tuple(
        _since(case, gate, record, then)
        for gate in Gate
        for (other, _), record in last.items()
        if other is gate
    )


def _since(case: Case, gate: Gate, record: Record, then: Then) -> Since:
    data = record.data["gates"][gate]
    approved, scope = subject_of(data), case.scope(gate)
    paths = fallen(case.store, approved.paths, scope, partial(carries, case))
    problem = _problem(case, gate, record, approved, len(paths))
    return Since(
        about=SAID[gate],
        who=str(record.actor),
        at=record.at,
        round=data["round"],
        stands=not problem,
        standing=problem or "it stands",
        kept=len({path.path for path in approved.paths} - set(paths)),
        files=_files(case, approved, scope, paths, then(record, gate) if paths else {}),
    )


def _problem(case: Case, gate: Gate, record: Record, approved: Subject, lost: int) -> str:
    """Why this approval does not count any more, in a clause; empty where it counts."""
    if record.id in taken_back(case).gone:
        return "it was withdrawn"
    given, current = record.data["gates"][gate]["round"], case.state.round(gate.stage)
    if given != current:
        return f"it was given in round {given}, and the change was sent back since"
    if lost:
        return f"it has fallen: {counted(lost, 'file')} changed since"
    if gate is Gate.RESULTS and (case.results is None or case.results.pairs != approved.outcomes):
        return "it has fallen: the tests came out otherwise since"
    decision = next(d for d in approvals(case, gate) if d.record.id == record.id)
    return decision.problem or ""


def _files(
    case: Case,
    approved: Subject,
    scope: tuple[Difference, ...],
    paths: tuple[str, ...],
    then: Mapping[str, Difference],
) -> tuple[FileFacts, ...]:
    """The files that are other now, with what changed in those whose blobs of then are at hand."""
    known = {path.path for path in approved.paths}
    now = {difference.path: difference for difference in scope}
    between = [
        Difference(path, then[path].new, now[path].new if path in now else then[path].old)
        for path in paths
        if path in then
    ]
    diffs = file_facts(case, between)
    return tuple(
        diffs.get(path, FileFacts(path, "", None, None))._replace(
            what=_word(path, known, now.keys())
        )
        for path in paths
    )


def _word(path: str, known: Collection[str], now: Collection[str]) -> str:
    if path not in known:
        return "new since"
    return "changed since" if path in now else "gone since"
