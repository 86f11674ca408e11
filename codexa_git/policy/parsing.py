"""From the bytes of `codexa.toml` and `.codexa/allowed_signers` to a `Policy`, or why not.

The form is the model's; here are the questions that take more than one value: whether people stand
there once, whether every count can be met by those who hold the role, and, once the policy
enforces, whether they have keys (a policy that nobody can satisfy could never be mended).
"""

from collections.abc import Iterator

from codexa_git.audit.words import AgentRole, Gate, Stage
from codexa_git.change.toml import parse_toml
from codexa_git.errors import PaperError, PolicyError
from codexa_git.policy import rules
from codexa_git.policy.plain import plainly
from codexa_git.policy.reports import coverage_at
from codexa_git.policy.signers import AllowedSigners, parse_signers
from codexa_git.values import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError

    from codexa_git.policy.lines import Location
    from codexa_git.policy.model import PolicyPaper

PATH = "codexa.toml"
_LARGEST = 200_000


def parse_policy(toml: bytes, signers: bytes) -> rules.Policy:
    """What these two files say.

    Raises:
        PaperError: a mistake, at its file and line.
        PolicyError: the policy is written for a rule set that this version does not know, so
            every question under it is undecided.
    """
    text, values = _read(toml)
    _check_rules(values)
    policy = _policy(_validated(text, values), parse_signers(signers))
    for location, sentence, hint in _mistakes(policy):
        raise PaperError(PATH, _line(text, location), sentence, hint=hint)
    return policy


def _read(toml: bytes) -> tuple[str, dict[str, Any]]:
    if len(toml) > _LARGEST:
        raise PaperError(PATH, None, f"the file is larger than {_LARGEST} bytes")
    try:
        text = toml.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = toml.count(b"\n", 0, error.start) + 1
        raise PaperError(PATH, line, "the file is not UTF-8") from error
    try:
        return text, parse_toml(text)
    except (ValueError, RecursionError) as error:
        from tomllib import TOMLDecodeError  # noqa: PLC0415

        if isinstance(error, TOMLDecodeError):
            raise PaperError(PATH, _syntax_line(text, str(error)), _syntax(str(error))) from error
        raise PaperError(PATH, None, "the file is not TOML that can be read") from error


def _syntax(message: str) -> str:
    what = message.rsplit(" (at ", 1)[0].replace("\n", " ")
    return f"this is not TOML: {what[:1].lower()}{what[1:]}"


def _syntax_line(text: str, message: str) -> int:
    place = message.rsplit("(at line ", 1)[-1].split(",", 1)[0]
    return int(place) if place.isdecimal() else text.count("\n") + 1


def _check_rules(values: dict[str, Any]) -> None:
    number = values.get("rules")
    if isinstance(number, int) and not isinstance(number, bool) and number != rules.RULES:
        raise PolicyError(
            f"{PATH} is written for rule set {number}, and this version knows {rules.RULES}",
            hint="install a codexa-git that knows it; until then every gate is undecided",
        )


def _validated(text: str, values: dict[str, Any]) -> "PolicyPaper":
    if (plain := plainly(values)) is not None:
        return plain  # type: ignore[no-any-return]
    from pydantic import ValidationError  # noqa: PLC0415

    from codexa_git.policy.model import PolicyPaper  # noqa: PLC0415

    try:
        return PolicyPaper.model_validate(values)
    except ValidationError as error:
        raise _from_model(text, error) from error


def _from_model(text: str, error: "ValidationError") -> PaperError:
    first = error.errors(include_url=False)[0]
    location = tuple(part for part in first["loc"] if part != "[key]")
    sentence, hint = _sentence(_shown(location), first["type"], first["msg"], first["input"])
    if len(error.errors(include_url=False)) > 1:
        more = f"{error.error_count() - 1} more after this one"
        hint = f"{hint} ({more})" if hint else more
    return PaperError(PATH, _line(text, location), sentence, hint=hint)


def _line(text: str, location: "Location") -> int | None:
    from codexa_git.policy.lines import line_of  # noqa: PLC0415

    return line_of(text, location)


def _sentence(key: str, kind: str, message: str, given: object) -> tuple[str, str | None]:
    wanted = message.removeprefix("Input should be ").removeprefix("a valid ")
    match kind:
        case "missing":
            return f"{key} is missing", None
        case "extra_forbidden":
            return f"{key} is not a key that is known here", "see docs/reference/policy.md"
        case "value_error":
            return f"{key}: {message.removeprefix('Value error, ')}", None
        case "date_type" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return f"{key} is {_brief(given)}; it is a day, without quotes: 2026-11-30", None
        case "literal_error":
            return f"{key} is {_brief(given)}; it is one of {wanted}", None
        case "too_short":
            return f"{key} may not be empty", None
        case _:
            return f"{key} is {_brief(given)}; it should be {wanted}", None


def _brief(given: object) -> str:
    match given:
        case str():
            return ascii(given if len(given) <= 40 else given[:40] + "...")
        case bool():
            return str(given).lower()
        case int() | float():
            return str(given)
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return "a date or time"


def _shown(location: "Location") -> str:
    shown = ""
    for part in location:
        shown += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    printable = shown.removeprefix(".")[:100]
    return printable if printable.isprintable() else ascii(printable)


def _policy(paper: "PolicyPaper", signers: AllowedSigners) -> rules.Policy:
    return rules.Policy(
        mode=rules.Mode(paper.mode),
        people=tuple(rules.Person(p.email, p.name, tuple(p.roles)) for p in paper.people),
        gates=_gates(paper),
        signers=signers,
        rules=paper.rules,
        branch=paper.branch,
        owner_count=paper.owner.count,
        paths=tuple(
            rules.PathRule(tuple(p.paths), p.role, p.count, rules.Carry(p.carry))
            for p in paper.path
        ),
        separate=paper.approval.separate,
        require_touch=paper.approval.require_touch,
        require_pin=paper.approval.require_pin,
        tests=_tests(paper),
        requirements=tuple(
            rules.CustomRequirement(Stage.VALIDATE, r.name, r.run) for r in paper.gate.stage.require
        ),
        agents=tuple(
            rules.Agent(AgentRole(role), rules.Provider(a.provider), a.template)
            for role, a in paper.agents.items()
        ),
        tries=paper.execute.tries,
        retention=rules.Retention(
            rules.Keeping(paper.retention.results),
            rules.Keeping(paper.retention.runs),
            rules.Keeping(paper.retention.logs),
            rules.Keeping(paper.retention.packet),
            paper.retention.drop_after,
        ),
        masks=tuple(paper.evidence.masks),
        light=rules.Light(tuple(paper.light.paths), paper.light.lines),
        free=tuple(paper.free.paths),
        guarded=tuple(paper.guarded.paths),
        notifications=tuple(
            rules.Notification(name, n.url_from, tuple(rules.Event(e) for e in n.events))
            for name, n in paper.notify.items()
        ),
        milestones=tuple(
            rules.Milestone(name, m.start.isoformat()) for name, m in paper.milestone.items()
        ),
    )


def _gates(paper: "PolicyPaper") -> tuple[rules.GateRule, ...]:
    tables = ((Gate.PLAN, paper.gate.plan), (Gate.PACKAGE, paper.gate.package))
    plan, package = (rules.GateRule(gate, table.role, table.count) for gate, table in tables)
    asked = paper.gate.results
    results = rules.GateRule(Gate.RESULTS, asked.role, asked.count, rules.When(asked.when))
    return (plan, results, package)


def _tests(paper: "PolicyPaper") -> rules.Tests:
    tests = paper.tests
    return rules.Tests(
        setup=tuple(tests.setup),
        setup_files=tuple(tests.setup_files),
        run=tuple(tests.run),
        junit=tests.junit,
        timeout=tests.timeout,
        environment=tuple(tests.environment),
        output_limit=tests.output_limit,
        coverage=tests.coverage,
        touched=tests.touched,
        unmeasured=tuple(tests.unmeasured),
    )


def _mistakes(policy: rules.Policy) -> "Iterator[tuple[Location, str, str | None]]":
    yield from _doubles(policy)
    yield from _counts(policy)
    if policy.mode is rules.Mode.ENFORCE and not policy.tests.run:
        yield (("tests", "run"), "tests.run is missing, and enforce needs tests to run", None)
    if policy.tests.touched is not None and not coverage_at(policy.tests):
        sentence = "tests.touched asks for coverage, and no test command reports any"
        yield (("tests", "touched"), sentence, "tests.coverage says where its report lies")


def _doubles(policy: rules.Policy) -> "Iterator[tuple[Location, str, str | None]]":
    seen: set[str] = set()
    for number, person in enumerate(policy.people):
        if person.email.lower() in seen:
            yield (("people", number, "email"), f"{person.email} stands there twice", None)
        if len(set(person.roles)) != len(person.roles):
            yield (("people", number, "roles"), f"a role of {person.email} stands twice", None)
        seen.add(person.email.lower())
    names: set[str] = set()
    for number, asked in enumerate(policy.requirements):
        if asked.name in names:
            where = ("gate", "validate", "require", number, "name")
            yield (where, f"a requirement named {asked.name} is already there", None)
        names.add(asked.name)


def _counts(policy: rules.Policy) -> "Iterator[tuple[Location, str, str | None]]":
    asked: list[tuple[Location, str, int]] = [(("owner", "count"), rules.OWNER, policy.owner_count)]
    asked += [(("gate", str(rule.gate), "count"), rule.role, rule.count) for rule in policy.gates]
    asked += [(("path", n, "count"), rule.role, rule.count) for n, rule in enumerate(policy.paths)]
    for location, role, count in asked:
        have = rules.holders(policy, role)
        if len(have) < count:
            sentence = f"{_shown(location)} asks for {count} with the role {role}, and {len(have)}"
            yield (location, f"{sentence} {_hold(len(have))} it", "give the role to someone")
        keyed = [person for person in have if policy.signers.keys_of(person.email)]
        if policy.mode is rules.Mode.ENFORCE and len(keyed) < count:
            sentence = f"{_shown(location)} asks for {count} with the role {role}, and {len(keyed)}"
            hint = "add their keys to .codexa/allowed_signers"
            yield (location, f"{sentence} of those who hold it can sign", hint)


def _hold(number: int) -> str:
    return "person holds" if number == 1 else "people hold"
