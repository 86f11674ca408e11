"""Writing `codexa.toml` so that a person who opens it for the first time can change it.

Each table is opened by a line or two that say what it decides. What is written reads back as the
same policy; the signers lie in their own file.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from codexa_git.policy import rules

_TOP = """\
# The policy of this repository: who approves what, how it is tested, what is kept.
# It is read from the base branch, never from the change that it judges, and changes only by a
# policy commit that the owners sign. Keys are in .codexa/allowed_signers.
"""


def format_policy(policy: rules.Policy) -> bytes:
    """The `codexa.toml` that says what `policy` does; `parse_policy` gives the same policy back."""
    return "\n".join(_blocks(policy)).encode("utf-8")


def _blocks(policy: rules.Policy) -> Iterator[str]:
    yield _TOP
    yield _table(
        "observe: report and refuse nothing; enforce: refuse. `rules` is the rule set that judges.",
        None,
        {"rules": policy.rules, "mode": policy.mode, "branch": policy.branch},
    )
    yield _table(
        "How many people with the role owner sign a policy commit, a bypass or an incident.",
        "[owner]",
        {"count": policy.owner_count},
    )
    yield from _people(policy)
    yield from _gates(policy)
    yield from _paths(policy)
    yield _approval(policy)
    yield _tests(policy.tests)
    yield from _agents(policy)
    yield _table(
        "How often Execute and Validate go round by themselves before a person is asked.",
        "[execute]",
        {"tries": policy.tries},
    )
    yield _table(
        "What becomes of each kind of evidence: keep, archive, or (logs alone) drop, after days.",
        "[retention]",
        policy.retention._asdict(),
    )
    yield from _optional(policy)


def _people(policy: rules.Policy) -> Iterator[str]:
    comment = "Who may sign. The e-mail is the principal in .codexa/allowed_signers."
    for person in policy.people:
        yield _table(comment, "[[people]]", person._asdict())
        comment = ""


def format_person(person: rules.Person) -> str:
    """One `[[people]]`, as a policy holds it."""
    return _table("", "[[people]]", person._asdict())


def _gates(policy: rules.Policy) -> Iterator[str]:
    comment = "The three approvals: whose, and of how many different people."
    for rule in policy.gates:
        values: dict[str, object] = {"role": rule.role, "count": rule.count}
        if rule.when is not rules.When.ALWAYS:
            values["when"] = rule.when
        yield _table(comment, f"[gate.{rule.gate}]", values)
        comment = ""
    comment = "What Validate asks besides the tests; the Tester runs it, and status 0 is a yes."
    for asked in policy.requirements:
        header = f"[[gate.{asked.stage}.require]]"
        yield _table(comment, header, {"name": asked.name, "run": asked.run})
        comment = ""


def _paths(policy: rules.Policy) -> Iterator[str]:
    comment = (
        "Who approves besides where these paths are touched. carry = exact: an approval falls with "
        "every\n# changed byte; patch: it stands while the text diff does."
    )
    for rule in policy.paths:
        yield _table(comment, "[[path]]", rule._asdict())
        comment = ""


def _approval(policy: rules.Policy) -> str:
    values: dict[str, object] = {
        "separate": policy.separate,
        "require_touch": policy.require_touch,
        "require_pin": policy.require_pin,
    }
    comment = (
        "separate: two people approve, nobody alone. require_touch, require_pin: only keys "
        "on a\n# security key count, touched, or unlocked with a PIN."
    )
    return _table(comment, "[approval]", values)


def _tests(tests: rules.Tests) -> str:
    comment = (
        "What the Tester runs, on a copy of exactly the committed tree and without your "
        "environment.\n# `setup` prepares it, once for each content of `setup_files`."
    )
    return _table(comment, "[tests]", tests._asdict() | {"unmeasured": tests.unmeasured or None})


def _agents(policy: rules.Policy) -> Iterator[str]:
    comment = "What does the work of each agent."
    for agent in policy.agents:
        values = {"provider": agent.provider, "template": agent.template}
        yield _table(comment, f"[agents.{agent.role}]", values)
        comment = ""


def _optional(policy: rules.Policy) -> Iterator[str]:
    if policy.masks:
        comment = "What is blotted out of kept output, as regular expressions."
        yield _table(comment, "[evidence]", {"masks": policy.masks})
    if policy.light != rules.Light():
        comment = (
            "A change of so few lines in only these paths needs no second look at its results."
        )
        yield _table(comment, "[light]", policy.light._asdict())
    if policy.free:
        comment = "Paths that may change on the base without a change of their own."
        yield _table(comment, "[free]", {"paths": policy.free})
    if policy.guarded:
        comment = "Paths that, besides policy and CI, only policy commits touch."
        yield _table(comment, "[guarded]", {"paths": policy.guarded})
    comment = "Where to tell people; the address is in the environment variable, never in here."
    for told in policy.notifications:
        values: dict[str, object] = {"url_from": told.url_from, "events": told.events}
        yield _table(comment, f"[notify.{_key(told.name)}]", values)
        comment = ""
    for milestone in policy.milestones:
        yield f"[milestone.{_key(milestone.id)}]\nstart = {milestone.start}\n"


def _table(comment: str, header: str | None, values: Mapping[str, object]) -> str:
    lines = [f"# {comment}"] if comment else []
    lines += [header] if header else []
    lines += [f"{name} = {_value(value)}" for name, value in values.items() if value is not None]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _text(value)
        case tuple():
            return _list([_value(item) for item in value])
        case _:
            raise AssertionError(f"a policy holds no {type(value).__name__}")


def _list(items: Iterable[str]) -> str:
    written = list(items)
    line = f"[{', '.join(written)}]"
    if len(line) <= 80:
        return line
    return "[\n" + "".join(f"    {item},\n" for item in written) + "]"


def _text(text: str) -> str:
    """A TOML string; a JSON one is also one, but backslashes read better taken literally."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.replace("-", "").isalnum() else json.dumps(name)
