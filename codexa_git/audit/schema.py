"""What each type of record holds, and which of the four files it lies in.

Types in `SIGNED` carry a decision: their data names the root, the branch, the gates and what the
signer had seen, and everything else in it is signed too (`audit.payload`). A task may be signed by
whoever stands for the work, and then names the same.
"""

from codexa_git.audit.ids import (
    is_change_id,
    is_item_id,
    is_milestone_id,
    is_requirement_id,
    is_run_id,
    is_task_id,
)
from codexa_git.audit.shapes import (
    DATE,
    DIGEST,
    FLAG,
    LINE,
    MODE,
    OBJECT_ID,
    TEXT,
    WHOLE,
    Shape,
    listing,
    mapping,
    matching,
    one_of,
    optional,
    structure,
)
from codexa_git.audit.words import LOG_NAMES as LOG_NAMES  # noqa: PLC0414 (known by this name here)
from codexa_git.audit.words import Gate, RecordType, Stage
from codexa_git.values import NamedTuple

CHANGE = matching(is_change_id, "a change id")
TASK = matching(is_task_id, "a task id")
RUN = matching(is_run_id, "a run id")
STAGE = one_of(*Stage)
TOUCHED = structure(path=LINE, mode=optional(MODE), blob=optional(OBJECT_ID))
EVIDENCE = mapping(LINE, DIGEST)
BOUND_PATH = structure(
    path=LINE, old=optional(MODE), new=optional(MODE), exact=DIGEST, patch=optional(DIGEST)
)
BOUND = structure(
    round=WHOLE,
    subject=DIGEST,
    paths=listing(BOUND_PATH),
    outcomes=optional(DIGEST),
    named=listing(LINE),
)
ROUNDS = mapping(one_of(*Gate), WHOLE)
PLACED = structure(round=WHOLE, subject=optional(DIGEST))
EVIDENCE_KIND = one_of("run", "log", "results", "packet", "output")
ITEM = structure(name=LINE, digest=DIGEST, kind=EVIDENCE_KIND)
SWEPT = structure(change=CHANGE, name=LINE, digest=DIGEST, kind=EVIDENCE_KIND)
SIDE = structure(mode=MODE, digest=DIGEST)
PUT = structure(path=LINE, old=optional(SIDE), new=optional(SIDE))


class Kind(NamedTuple):
    """A type's file, its fields, and whether it speaks for its signer.

    `bound` are the fields that it has besides where somebody signed it who need not.
    """

    log: str
    fields: dict[str, Shape]
    signed: bool = False
    bound: dict[str, Shape] | None = None

    def fields_of(self, *, signed: bool) -> dict[str, Shape]:
        """The fields of a record of this type, by whether it bears a signature."""
        return self.fields | (self.bound or {}) if signed else self.fields


def _common(gates: Shape) -> dict[str, Shape]:
    return {"root": optional(DIGEST), "branch": LINE, "gates": gates, "seen": listing(DIGEST)}


def _decision(log: str, gates: Shape, **fields: Shape) -> Kind:
    return Kind(log, _common(gates) | fields, signed=True)


_NO_GATE = structure()
_SIGNER = structure(name=LINE, email=LINE, role=LINE)


def _act(**fields: Shape) -> Kind:
    """What owners decide on the base: `after` is the last such record, `changes` every path."""
    common = {"after": DIGEST, "changes": listing(PUT), "reason": TEXT}
    return _decision("commands", _NO_GATE, **common, **fields)


KINDS: dict[RecordType, Kind] = {
    RecordType.OPENED: Kind(
        "handoff",
        {
            "title": LINE,
            "item": optional(matching(is_item_id, "an id of the backlog, such as BL-001")),
            "milestone": optional(matching(is_milestone_id, "a milestone, such as MS-01")),
            "requirements": listing(matching(is_requirement_id, "a requirement, such as FR-29")),
            "brief": DIGEST,
        },
    ),
    RecordType.LIGHTENED: Kind("handoff", {"tree": OBJECT_ID, "reverts": optional(CHANGE)}),
    RecordType.PLANNED: Kind(
        "handoff", {"seed": WHOLE, "criteria": WHOLE, "tasks": WHOLE, "papers": EVIDENCE}
    ),
    RecordType.DESIGNED: Kind("handoff", {"decisions": listing(LINE), "papers": EVIDENCE}),
    RecordType.RUN_STARTED: Kind(
        "handoff",
        {"run": RUN, "provider": LINE, "seed": WHOLE, "tasks": listing(TASK), "unapproved": FLAG},
    ),
    RecordType.TASK_COMPLETED: Kind(
        "handoff",
        {
            "task_id": TASK,
            "run": RUN,
            "by": one_of("agent", "person"),
            "files_touched": listing(TOUCHED),
            "evidence": EVIDENCE,
        },
        bound=_common(_NO_GATE) | {"round": WHOLE, "signer": _SIGNER, "stands": listing(TOUCHED)},
    ),
    RecordType.TASK_FAILED: Kind(
        "handoff", {"task_id": TASK, "run": RUN, "reason": LINE, "evidence": EVIDENCE}
    ),
    RecordType.RUN_FINISHED: Kind(
        "handoff", {"run": RUN, "outcome": one_of("completed", "stopped"), "evidence": EVIDENCE}
    ),
    RecordType.RESULTS_RECORDED: _decision(
        "handoff",
        structure(results=PLACED),
        tree=OBJECT_ID,
        passed=WHOLE,
        failed=listing(LINE),
        skipped=WHOLE,
        unapproved=FLAG,
    ),
    RecordType.PACKAGED: Kind(
        "handoff",
        {"evidence": EVIDENCE, "papers": EVIDENCE, "subject": DIGEST, "told": listing(DIGEST)},
    ),
    RecordType.HANDOFF: Kind(
        "handoff", {"from": STAGE, "to": STAGE, "notify": listing(LINE), "unmet": listing(LINE)}
    ),
    RecordType.REWORK: Kind(
        "handoff",
        {"from": STAGE, "to": STAGE, "reason": TEXT, "tasks": listing(TASK), "automatic": FLAG},
    ),
    RecordType.SYNCED: Kind("handoff", {"base_tree": OBJECT_ID}),
    RecordType.CLOSED: Kind("handoff", {"seal": DIGEST, "records": WHOLE, "base_tree": OBJECT_ID}),
    RecordType.COMMAND_SAID: Kind(
        "commands",
        {
            "command": LINE,
            "text": TEXT,
            "from": one_of("local", "comment"),
            "asker": LINE,
            "pull_request": optional(WHOLE),
        },
    ),
    RecordType.APPROVAL_REQUESTED: Kind("commands", {"gates": ROUNDS, "asker": LINE}),
    RecordType.APPROVAL_GRANTED: _decision("commands", mapping(one_of(*Gate), BOUND), comment=TEXT),
    RecordType.APPROVAL_WITHDRAWN: _decision(
        "commands", _NO_GATE, approvals=listing(DIGEST), reason=TEXT
    ),
    RecordType.CLARIFICATION_ASKED: Kind("commands", {"question": TEXT}),
    RecordType.CLARIFICATION_ANSWERED: _decision(
        "commands", _NO_GATE, question=DIGEST, answer=TEXT
    ),
    RecordType.WAIVER_GRANTED: _decision(
        "commands", structure(results=PLACED), tests=listing(LINE), reason=TEXT
    ),
    RecordType.ABANDONED: _decision("commands", _NO_GATE, reason=TEXT),
    RecordType.CONCERN_RAISED: Kind(
        "concerns",
        {
            "text": TEXT,
            "tests": listing(LINE),
            "by": one_of("machine", "person"),
            "due": optional(DATE),
        },
    ),
    RecordType.CONCERN_STALLED: Kind("concerns", {"text": TEXT, "after": DIGEST}),
    RecordType.CONCERN_CLOSED: Kind("concerns", {"concern": DIGEST, "results": optional(DIGEST)}),
    RecordType.CONCERN_RESOLVED: _decision("concerns", _NO_GATE, concern=DIGEST, reason=TEXT),
    RecordType.RETENTION_KEPT: Kind("retention", {"items": listing(ITEM)}),
    RecordType.RETENTION_ARCHIVED: Kind("retention", {"items": listing(ITEM), "ref": LINE}),
    RecordType.RETENTION_DROPPED: Kind("retention", {"items": listing(ITEM), "reason": LINE}),
    RecordType.RETENTION_SWEPT: _decision("retention", _NO_GATE, items=listing(SWEPT), reason=LINE),
    RecordType.ROOT_MADE: _decision(
        "handoff", _NO_GATE, parent=optional(OBJECT_ID), policy=DIGEST, signers=DIGEST
    ),
    RecordType.POLICY_CHANGED: _act(),
    RecordType.BYPASS_GRANTED: _act(),
    RecordType.INCIDENT_DECLARED: _act(commits=listing(OBJECT_ID)),
}
