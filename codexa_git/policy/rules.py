"""What a policy says, as plain frozen values, and the questions that everybody asks of it.

Nothing here reads TOML or imports more than it must: hooks and the verifier hold these values
(`compiled.load_policy`), and only a change of the policy's text goes through the strict model.
"""

from enum import StrEnum

from codexa_git.audit.words import AgentRole, Gate, Stage
from codexa_git.policy.globs import matches_any
from codexa_git.policy.signers import AllowedSigners
from codexa_git.values import NamedTuple

RULES = 1
"""The newest rule set that this version can judge by."""

OWNER = "owner"
"""The role whose holders sign policy commits, bypasses and incidents."""

FREE = ("changes/backlog.toml", "PROGRESS.md", "docs/STATUS_REPORT.md")
"""Paths that may change on the base without a change of their own."""

NEVER_FREE = (
    "audit/**",
    "artifacts/work/**",
    "artifacts/phase1/demo/**",
    "tests/results/**",
    "changes/CH-*/**",
)
"""Where the evidence of changes lies; no `free` pattern reaches it."""

GUARDED = (
    "codexa.toml",
    ".codexa/**",
    "**/.gitattributes",
    "**/.gitmodules",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "prek.toml",
    ".github/**",
    ".gitlab-ci.yml",
    ".gitlab/**",
    ".ci/**",
    ".circleci/**",
    ".buildkite/**",
    ".drone.yml",
    ".drone.jsonnet",
    ".forgejo/**",
    ".gitea/**",
    ".woodpecker*/**",
    ".travis.yml",
    ".cirrus.yml",
    ".cirrus.star",
    ".appveyor.yml",
    "appveyor.yml",
    ".builds/**",
    ".build.yml",
    ".semaphore/**",
    ".teamcity/**",
    ".azure-pipelines/**",
    "azure-pipelines*.yml",
    "azure-pipelines*.yaml",
    "bitbucket-pipelines.yml",
    "buildspec*.yml",
    "cloudbuild*.yaml",
    "Jenkinsfile*",
)
"""Paths that only policy commits touch: policy itself, what changes how git reads files, and CI."""

_GUARDED_FOLDED = tuple(pattern.lower() for pattern in GUARDED)


class Mode(StrEnum):
    """Whether the policy refuses, or only reports."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


class When(StrEnum):
    """When a gate asks for its approval."""

    ALWAYS = "always"
    UNLESS_ALL_PASS = "unless-all-pass"  # noqa: S105 (a word of the policy, no password)


class Carry(StrEnum):
    """Which digest keeps an approval of a path standing: the text diff's, or only the bytes'."""

    PATCH = "patch"
    EXACT = "exact"


class Provider(StrEnum):
    """What does an agent's work."""

    SCRIPTED = "scripted"


class Keeping(StrEnum):
    """What Cleanup does with one kind of evidence."""

    KEEP = "keep"
    ARCHIVE = "archive"
    DROP = "drop"


class Event(StrEnum):
    """What a notification can be sent for."""

    DIGEST = "digest"
    HANDOFF = "handoff"
    APPROVAL = "approval"
    CONCERN = "concern"
    LANDING = "landing"


class Person(NamedTuple):
    """Someone who may sign: the e-mail is the principal in `.codexa/allowed_signers`."""

    email: str
    name: str
    roles: tuple[str, ...]


class GateRule(NamedTuple):
    """How many holders of which role have to approve at one sync point."""

    gate: Gate
    role: str
    count: int = 1  # type: ignore[assignment]  # hides tuple.count, which nobody asks here
    when: When = When.ALWAYS


class PathRule(NamedTuple):
    """Who has to approve, besides, whatever touches these paths, and how approvals carry there."""

    paths: tuple[str, ...]
    role: str
    count: int = 1  # type: ignore[assignment]  # hides tuple.count, which nobody asks here
    carry: Carry = Carry.PATCH


class Tests(NamedTuple):
    """What the Tester runs; each command is one line that `shlex.split` takes apart."""

    setup: tuple[str, ...] = ()
    setup_files: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    junit: str | None = None
    timeout: int = 600
    environment: tuple[str, ...] = ()
    output_limit: int = 10_000_000
    coverage: str | None = None
    touched: int | None = None
    unmeasured: tuple[str, ...] = ()


# pytest takes every class whose name begins so for a suite, wherever it is imported.
Tests.__test__ = False  # type: ignore[attr-defined]


class CustomRequirement(NamedTuple):
    """One more question of a gate: a command that has to end with status 0."""

    stage: Stage
    name: str
    run: str


class Agent(NamedTuple):
    """What does the work of one agent's role, and the prompt template it is given."""

    role: AgentRole
    provider: Provider = Provider.SCRIPTED
    template: str | None = None


class Retention(NamedTuple):
    """What becomes of each kind of evidence; dropped is dropped after so many days."""

    results: Keeping = Keeping.KEEP
    runs: Keeping = Keeping.KEEP
    logs: Keeping = Keeping.ARCHIVE
    packet: Keeping = Keeping.KEEP
    drop_after: int = 0


class Light(NamedTuple):
    """What a light change may touch, and how many lines; nothing where there are no paths."""

    paths: tuple[str, ...] = ()
    lines: int = 0


class Notification(NamedTuple):
    """Where to tell people what: the address is in this environment variable, never in git."""

    name: str
    url_from: str
    events: tuple[Event, ...]


class Milestone(NamedTuple):
    """A milestone and the day it starts, as `2026-11-23`."""

    id: str
    start: str


class Policy(NamedTuple):
    """Everything that `codexa.toml` and `.codexa/allowed_signers` say."""

    mode: Mode
    people: tuple[Person, ...]
    gates: tuple[GateRule, ...]
    signers: AllowedSigners
    rules: int = RULES
    branch: str = "main"
    owner_count: int = 1
    paths: tuple[PathRule, ...] = ()
    separate: bool = False
    require_touch: bool = False
    require_pin: bool = False
    tests: Tests = Tests()
    requirements: tuple[CustomRequirement, ...] = ()
    agents: tuple[Agent, ...] = ()
    tries: int = 3
    retention: Retention = Retention()
    masks: tuple[str, ...] = ()
    light: Light = Light()
    free: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
    notifications: tuple[Notification, ...] = ()
    milestones: tuple[Milestone, ...] = ()


def is_guarded(policy: Policy, path: str) -> bool:
    """True where only a policy commit may touch `path`.

    The built-in list holds in any letter case, as file systems may fold it; policy's is exact.
    """
    return matches_any(_GUARDED_FOLDED, path.lower()) or matches_any(policy.guarded, path)


def is_free(policy: Policy, path: str) -> bool:
    """True where `path` may change on the base without a change: never guarded, never evidence."""
    if path in FREE:
        return not matches_any(policy.guarded, path)
    return (
        matches_any(policy.free, path)
        and not is_guarded(policy, path)
        and not matches_any(NEVER_FREE, path)
    )


def person_of(policy: Policy, email: str) -> Person | None:
    """The person with exactly this e-mail; `None` where policy names nobody so."""
    return next((person for person in policy.people if person.email == email), None)


def holders(policy: Policy, role: str) -> tuple[Person, ...]:
    """The people who hold `role`, in policy's order."""
    return tuple(person for person in policy.people if role in person.roles)


def gate_rule(policy: Policy, gate: Gate) -> GateRule:
    """What `gate` asks; a policy that was read has one rule for each gate."""
    return next(rule for rule in policy.gates if rule.gate is gate)


def path_rules(policy: Policy, path: str) -> tuple[PathRule, ...]:
    """Every path rule that speaks of `path`: all of them hold, none replaces another."""
    return tuple(rule for rule in policy.paths if matches_any(rule.paths, path))


def approvers_asked(policy: Policy, rule: GateRule | PathRule, *, signed: bool = False) -> int:
    """Of how many people a rule asks approvals; with `separate` nobody approves alone.

    Where the work is `signed`, its signer is the other, and approves none of it.
    """
    return max(2, rule.count) if policy.separate and not signed else rule.count


def carry_of(policy: Policy, path: str) -> Carry:
    """How approvals carry at `path`: exact as soon as one rule says so."""
    exact = any(rule.carry is Carry.EXACT for rule in path_rules(policy, path))
    return Carry.EXACT if exact else Carry.PATCH


def is_light(policy: Policy, path: str) -> bool:
    """True where a light change may touch `path`: listed so, and asked about by no path rule."""
    return matches_any(policy.light.paths, path) and not path_rules(policy, path)


def has_demo_people(policy: Policy) -> bool:
    """True where someone's address lies in `demo.invalid`, which `enforce` refuses."""
    addresses = (*(p.email for p in policy.people), *(s.principal for s in policy.signers.signers))
    domains = ("." + address.rsplit("@", 1)[-1].lower().rstrip(".") for address in addresses)
    return any(domain.endswith(".demo.invalid") for domain in domains)
