"""`reference/policy.md`: every table of `codexa.toml`, and one that says everything."""

from collections.abc import Iterator
from typing import Any

from codexa_git.audit.words import AgentRole, Gate, Stage
from codexa_git.policy import rules
from codexa_git.policy.model import PolicyPaper
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.signers import parse_signers
from codexa_git.policy.writing import format_policy
from docs.writers.meanings import MEANINGS, OPENING
from docs.writers.schemas import Field, described, fields_of
from docs.writers.text import as_json, code, fenced, page, table


def schema() -> str:
    """`schemas/policy.json`."""
    return as_json(_schema())


def _schema() -> dict[str, Any]:
    return PolicyPaper.model_json_schema()


def reference() -> str:
    """The page.

    Raises:
        LookupError: a field is not explained, or something is explained that is no field.
    """
    tables = dict(_tables())
    known = {f"{name}.{field.name}".lstrip(".") for name, fs in tables.items() for field in fs}
    if known != MEANINGS.keys():
        raise LookupError(f"explained or there, not both: {sorted(known ^ MEANINGS.keys())}")
    return page(
        "Policy",
        "`codexa.toml`, on the base branch, says who approves what, how it is tested and what is"
        " kept. Nothing is guessed: an unknown name, a value of another type, a count that nobody"
        " can meet is a mistake, told with its line. For editors there is a [JSON"
        " Schema](schemas/policy.json).",
        "What is marked *not yet* can be written down and is checked, and nothing acts on it so"
        " far.",
        *(part for name, fields in tables.items() for part in _section(name, fields)),
        "## Keys",
        "They are in `.codexa/allowed_signers`, in OpenSSH's own form: one literal address a line,"
        ' the namespace `namespaces="codexa"`, perhaps `valid-after` and `valid-before` with a `Z`,'
        " and the public key. Patterns, certificates and other options are refused.",
        "## Guarded paths",
        "No change may touch these, whatever its approvals:",
        ", ".join(map(code, rules.GUARDED)) + ".",
        "## A policy that says everything",
        "As `init` writes it, with more filled in:",
        fenced(format_policy(_full()).decode(), "toml"),
    )


def _section(name: str, fields: tuple[Field, ...]) -> Iterator[str]:
    yield f"## {name or 'At the top'}"
    yield OPENING[name]
    rows = [(code(f.name), f.form, f.default, _meaning(name, f)) for f in fields]
    yield table(("name", "is", "if left out", "means"), rows)


def _meaning(name: str, field: Field) -> str:
    return MEANINGS[f"{name}.{field.name}".lstrip(".")]


def _tables() -> Iterator[tuple[str, tuple[Field, ...]]]:
    whole = _schema()
    yield from _table(whole, whole, "")


def _table(
    whole: dict[str, Any], found: dict[str, Any], name: str
) -> Iterator[tuple[str, tuple[Field, ...]]]:
    inner = {f: below for f, s in found["properties"].items() if (below := described(whole, s))}
    plain = tuple(f for f in fields_of(whole, found) if f.name not in inner)
    if plain:
        yield name, plain
    for field, below in inner.items():
        yield from _table(whole, below, f"{name}.{field}".lstrip("."))


def _full() -> rules.Policy:
    people = (
        rules.Person("pm@demo.invalid", "Demo PM", ("owner", "pm")),
        rules.Person("payments@demo.invalid", "Demo Payments", ("payments",)),
    )
    policy = rules.Policy(
        mode=rules.Mode.OBSERVE,
        people=people,
        gates=(
            rules.GateRule(Gate.PLAN, "pm"),
            rules.GateRule(Gate.RESULTS, "pm", when=rules.When.UNLESS_ALL_PASS),
            rules.GateRule(Gate.PACKAGE, "pm"),
        ),
        signers=parse_signers(b""),
        paths=(rules.PathRule(("payments/**",), "payments", carry=rules.Carry.EXACT),),
        tests=rules.Tests(
            setup=("python3 -m venv {env}", "{env}/bin/python -m pip install -q -r dev.txt"),
            setup_files=("dev.txt",),
            run=("{env}/bin/python -m pytest -q --junitxml={report}",),
            environment=("PIP_INDEX_URL",),
        ),
        requirements=(rules.CustomRequirement(Stage.VALIDATE, "lint", "make lint"),),
        agents=(rules.Agent(AgentRole.IMPLEMENTER),),
        masks=("build-[0-9a-f]{8}",),
        free=("notes/**",),
        guarded=("deploy/**",),
    )
    return parse_policy(format_policy(policy), b"")
