"""The stored words: each is written into repositories, and never changes meaning."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a change is. The words are stored, and never change meaning."""

    FRAME = "frame"
    SPEC = "spec"
    EXECUTE = "execute"
    VALIDATE = "validate"
    PACKAGE = "package"
    CLEANUP = "cleanup"

    @property
    def number(self) -> int:
        """The place in the flow, from 0."""
        return ORDER.index(self)

    @property
    def following(self) -> "Stage | None":
        """The stage after this one; `None` after cleanup."""
        return ORDER[self.number + 1] if self.number + 1 < len(ORDER) else None


ORDER: tuple[Stage, ...] = tuple(Stage)


class RecordType(StrEnum):
    """What one record says happened."""

    OPENED = "opened"
    LIGHTENED = "light.marked"
    PLANNED = "plan.made"
    DESIGNED = "design.recorded"
    RUN_STARTED = "run.started"
    TASK_COMPLETED = "task.completed"
    TASK_FAILED = "task.failed"
    RUN_FINISHED = "run.finished"
    RESULTS_RECORDED = "results.recorded"
    PACKAGED = "package.made"
    HANDOFF = "handoff"
    REWORK = "rework"
    SYNCED = "synced"
    CLOSED = "closed"
    ABANDONED = "abandoned"
    COMMAND_SAID = "command.said"
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_GRANTED = "approval.granted"
    APPROVAL_WITHDRAWN = "approval.withdrawn"
    CLARIFICATION_ASKED = "clarification.asked"
    CLARIFICATION_ANSWERED = "clarification.answered"
    WAIVER_GRANTED = "waiver.granted"
    CONCERN_RAISED = "concern.raised"
    CONCERN_STALLED = "concern.stalled"
    CONCERN_CLOSED = "concern.closed"
    CONCERN_RESOLVED = "concern.resolved"
    RETENTION_KEPT = "retention.kept"
    RETENTION_ARCHIVED = "retention.archived"
    RETENTION_DROPPED = "retention.dropped"
    RETENTION_SWEPT = "retention.swept"
    ROOT_MADE = "root.made"
    POLICY_CHANGED = "policy.changed"
    BYPASS_GRANTED = "bypass.granted"
    INCIDENT_DECLARED = "incident.declared"


class Gate(StrEnum):
    """What a person approves, or the Tester signs: the three sync points."""

    PLAN = "plan"
    RESULTS = "results"
    PACKAGE = "package"

    @property
    def stage(self) -> Stage:
        """The stage that this approval lets a change leave."""
        return {Gate.PLAN: Stage.SPEC, Gate.RESULTS: Stage.VALIDATE, Gate.PACKAGE: Stage.PACKAGE}[
            self
        ]


class AgentRole(StrEnum):
    """The five agents. No approving role of a person may have one of these names."""

    PM = "pm-agent"
    DESIGNER = "designer"
    IMPLEMENTER = "implementer"
    TESTER = "tester"
    GOVERNANCE = "governance"


LOG_NAMES: tuple[str, ...] = ("handoff", "commands", "concerns", "retention")
"""The kinds of audit files, in the order in which they are read."""

AHEAD = 86_400
"""So many seconds may a record's time be past that of whoever judges it; clocks differ."""

NO_TIME = 7_258_118_400
"""The first second of the year 2200. No record is of it, for its time holds for all that follow."""


def log_path(change: str | None, name: str) -> str:
    """The file that holds records of this log: of one change, or of the repository."""
    return f"audit/{name}.jsonl" if change is None else f"audit/{change}/{name}.jsonl"


ACT_LOG = log_path(None, "commands")
"""The file that acts of the owners upon the base are appended to."""
