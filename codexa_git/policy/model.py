"""The form of `codexa.toml`, as a strict model: nothing is coerced, nothing unknown is let through.

Imported only when a policy's text changed (pydantic costs more than a whole hook). What it accepts
becomes the values of `rules`; questions about more than one field are asked in `parsing`.
"""

import datetime as dt
import re
import shlex
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from codexa_git.audit.ids import is_milestone_id
from codexa_git.audit.shapes import is_line
from codexa_git.audit.words import AgentRole
from codexa_git.policy.globs import glob_mistake
from codexa_git.policy.signers import is_principal

_AGENTS = tuple(str(role) for role in AgentRole)
_ROLE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*(?:/[A-Za-z0-9_][A-Za-z0-9._+-]*)*")
_LEADS_ELSEWHERE = re.compile(
    r"(?:GIT|CODEXA|LD|DYLD|SSH)_.*|PYTHON.*|NODE_.*|VIRTUAL_ENV|CONDA_PREFIX|PATH|HOME|TMPDIR|ENV"
    r"|BASH_ENV|SHELLOPTS|IFS"
)
_FOLDERS = "change codexa landed milestone refs policy bypass incident"
_OURS = tuple(f"{name}/" for name in _FOLDERS.split())


def _role(value: str) -> str:
    if value in _AGENTS:
        raise ValueError(f"'{value}' is an agent's role, and agents never approve")
    if not _ROLE.fullmatch(value):
        raise ValueError(f"{value!a} is not a role: lower-case letters, digits and hyphens")
    return value


def _email(value: str) -> str:
    if not is_principal(value):
        raise ValueError(f"{value!a} is not one literal e-mail address")
    if value.lower().endswith("@agents.invalid"):
        raise ValueError(f"'{value}' is an agent's address, and agents are not people")
    return value


def _line(value: str) -> str:
    if not is_line(value) or not value.strip() or len(value) > 200:
        raise ValueError(f"{value[:40]!a} is not one line of text")
    return value


def _glob(value: str) -> str:
    if mistake := glob_mistake(value):
        raise ValueError(mistake)
    return value


def _command(value: str) -> str:
    if not is_line(value) or len(value) > 2000:
        raise ValueError(f"the command {value[:40]!a} is not one line")
    try:
        words = shlex.split(value)
    except ValueError as error:
        raise ValueError(f"the command {value!a} has an open quotation") from error
    if not words or not words[0]:
        raise ValueError("a command may not be empty")
    return value


def _relative(value: str) -> str:
    parts = value.split("/")
    if (
        not is_line(value)
        or "\\" in value
        or any(part in ("", ".", "..", ".git") for part in parts)
    ):
        raise ValueError(f"{value!a} is not a path within the repository")
    return value


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError(f"{value!a} is not the name of an environment variable")
    return value


def _passed(value: str) -> str:
    if _LEADS_ELSEWHERE.fullmatch(_variable(value)):
        raise ValueError(f"'{value}' would lead tests out of their own environment")
    return value


def _branch(value: str) -> str:
    odd = value.endswith((".lock", ".")) or ".." in value or ".lock/" in value or "./" in value
    if not _BRANCH.fullmatch(value) or odd or value == "HEAD" or value.startswith(_OURS):
        raise ValueError(f"{value!a} cannot be the base branch")
    return value


def _word(value: str) -> str:
    if not _WORD.fullmatch(value):
        raise ValueError(f"{value!a} is not a name: lower-case letters, digits, dots and hyphens")
    return value


def _milestone(value: str) -> str:
    if not is_milestone_id(value):
        raise ValueError(f"{value!a} is not a milestone; one looks like MS-01")
    return value


def _mask(value: str) -> str:
    try:
        pattern = re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"the mask {value[:40]!a} is not a regular expression: {error}") from error
    if len(value) > 300 or pattern.match("") or not is_line(value):
        raise ValueError(f"the mask {value[:40]!a} is too long, or matches where there is nothing")
    return value


Role = Annotated[str, AfterValidator(_role)]
Email = Annotated[str, AfterValidator(_email)]
Line = Annotated[str, AfterValidator(_line)]
Glob = Annotated[str, AfterValidator(_glob)]
Command = Annotated[str, AfterValidator(_command)]
Relative = Annotated[str, AfterValidator(_relative)]
Word = Annotated[str, AfterValidator(_word)]
Count = Annotated[int, Field(ge=1, le=100)]
Kept = Literal["keep", "archive"]
MilestoneName = Annotated[str, AfterValidator(_milestone)]
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
    timeout: Annotated[int, Field(ge=1, le=86_400)] = 600
    environment: list[Annotated[str, AfterValidator(_passed)]] = Field(default_factory=list)
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

    masks: list[Annotated[str, AfterValidator(_mask)]] = Field(default_factory=list)


class LightTable(_Table):
    """`[light]`."""

    paths: list[Glob] = Field(default_factory=list)
    lines: Annotated[int, Field(ge=0, le=10_000)] = 20


class PatternsTable(_Table):
    """`[free]` and `[guarded]`."""

    paths: list[Glob] = Field(default_factory=list)


class NotifyTable(_Table):
    """`[notify.build-status]`."""

    url_from: Annotated[str, AfterValidator(_variable)]
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
    branch: Annotated[str, AfterValidator(_branch)] = "main"
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
