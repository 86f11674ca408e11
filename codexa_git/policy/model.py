"""The form of `codexa.toml`, as a strict model: nothing is coerced, nothing unknown is let through.

Imported only when a policy's text changed (pydantic costs more than a whole hook). What it accepts
becomes the values of `rules`; questions about more than one field are asked in `parsing`.
"""

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from codexa_git.policy import fields

Role = Annotated[str, AfterValidator(fields.role)]
Email = Annotated[str, AfterValidator(fields.email)]
Line = Annotated[str, AfterValidator(fields.line)]
Glob = Annotated[str, AfterValidator(fields.glob)]
Command = Annotated[str, AfterValidator(fields.command)]
Relative = Annotated[str, AfterValidator(fields.relative)]
Word = Annotated[str, AfterValidator(fields.word)]
Count = Annotated[int, Field(ge=1, le=100)]
Kept = Literal["keep", "archive"]
MilestoneName = Annotated[str, AfterValidator(fields.milestone)]
AgentName = Literal["pm-agent", "designer", "implementer", "tester", "governance"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class OwnerTable(_Table):
    """`[owner]`."""

    count: Count = 1


class PersonTable(_Table):
    """One `[[people]]`."""

    email: Email
    name: Line
    roles: list[Role] = Field(min_length=1)


class GateTable(_Table):
    """`[gate.plan]`, `[gate.package]`."""

    role: Role
    count: Count = 1


class ResultsTable(GateTable):
    """`[gate.results]`."""

    when: Literal["always", "unless-all-pass"] = "always"


class RequireTable(_Table):
    """One `[[gate.validate.require]]`."""

    name: Word
    run: Command


class StageTable(_Table):
    """`[gate.validate]`."""

    require: list[RequireTable] = Field(default_factory=list)


class GatesTable(_Table):
    """`[gate]`: a table for each sync point, and what Validate asks besides."""

    plan: GateTable
    results: ResultsTable
    package: GateTable
    stage: StageTable = Field(default_factory=StageTable, alias="validate")


class PathTable(_Table):
    """One `[[path]]`."""

    paths: list[Glob] = Field(min_length=1)
    role: Role
    count: Count = 1
    carry: Literal["patch", "exact"] = "patch"


class ApprovalTable(_Table):
    """`[approval]`."""

    separate: bool = False
    require_touch: bool = False
    require_pin: bool = False


class TestsTable(_Table):
    """`[tests]`."""

    setup: list[Command] = Field(default_factory=list)
    setup_files: list[Relative] = Field(default_factory=list)
    run: list[Command] = Field(default_factory=list)
    junit: Relative | None = None  # `{report}` and `{coverage}` have the form of a path too
    coverage: Relative | None = None
    touched: Annotated[int, Field(ge=1, le=100)] | None = None
    unmeasured: list[Glob] = Field(default_factory=list)
    timeout: Annotated[int, Field(ge=1, le=86_400)] = 600
    environment: list[Annotated[str, AfterValidator(fields.passed)]] = Field(default_factory=list)
    output_limit: Annotated[int, Field(ge=1_000, le=1_000_000_000)] = 10_000_000


class AgentTable(_Table):
    """`[agents.implementer]` and the other four."""

    provider: Literal["scripted"] = "scripted"
    template: Relative | None = None


class ExecuteTable(_Table):
    """`[execute]`."""

    tries: Annotated[int, Field(ge=1, le=100)] = 3


class RetentionTable(_Table):
    """`[retention]`."""

    results: Kept = "keep"
    runs: Kept = "keep"
    logs: Kept | Literal["drop"] = "archive"
    packet: Kept = "keep"
    drop_after: Annotated[int, Field(ge=0, le=36_500)] = 0


class EvidenceTable(_Table):
    """`[evidence]`."""

    masks: list[Annotated[str, AfterValidator(fields.mask)]] = Field(default_factory=list)


class LightTable(_Table):
    """`[light]`."""

    paths: list[Glob] = Field(default_factory=list)
    lines: Annotated[int, Field(ge=0, le=10_000)] = 20


class PatternsTable(_Table):
    """`[free]` and `[guarded]`."""

    paths: list[Glob] = Field(default_factory=list)


class NotifyTable(_Table):
    """`[notify.build-status]`."""

    url_from: Annotated[str, AfterValidator(fields.variable)]
    events: list[Literal["digest", "handoff", "approval", "concern", "landing"]] = Field(
        min_length=1
    )


class MilestoneTable(_Table):
    """`[milestone.MS-01]`."""

    start: dt.date


class PolicyPaper(_Table):
    """All of `codexa.toml`."""

    rules: Annotated[int, Field(ge=1, le=1)]  # a Literal would take true for 1
    mode: Literal["observe", "enforce"]
    branch: Annotated[str, AfterValidator(fields.branch)] = "main"
    owner: OwnerTable = Field(default_factory=OwnerTable)
    people: list[PersonTable] = Field(min_length=1)
    gate: GatesTable
    path: list[PathTable] = Field(default_factory=list)
    approval: ApprovalTable = Field(default_factory=ApprovalTable)
    tests: TestsTable = Field(default_factory=TestsTable)
    agents: dict[AgentName, AgentTable] = Field(default_factory=dict)
    execute: ExecuteTable = Field(default_factory=ExecuteTable)
    retention: RetentionTable = Field(default_factory=RetentionTable)
    evidence: EvidenceTable = Field(default_factory=EvidenceTable)
    light: LightTable = Field(default_factory=lambda: LightTable(lines=0))
    free: PatternsTable = Field(default_factory=PatternsTable)
    guarded: PatternsTable = Field(default_factory=PatternsTable)
    notify: dict[Word, NotifyTable] = Field(default_factory=dict)
    milestone: dict[MilestoneName, MilestoneTable] = Field(default_factory=dict)
