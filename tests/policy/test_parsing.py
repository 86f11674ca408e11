import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy.authenticator import public_of
from policy.papers import FULL, SMALL, full, small

from codexa_git.audit.words import AgentRole, Gate, Stage
from codexa_git.errors import PaperError, PolicyError
from codexa_git.policy import rules
from codexa_git.policy.parsing import parse_policy


def line_of(text: str, fragment: str) -> int:
    return text[: text.index(fragment)].count("\n") + 1


def test_the_smallest_policy_has_plain_defaults() -> None:
    policy = small()
    assert policy.gates == (
        rules.GateRule(Gate.PLAN, "pm"),
        rules.GateRule(Gate.RESULTS, "pm", 1, rules.When.UNLESS_ALL_PASS),
        rules.GateRule(Gate.PACKAGE, "pm"),
    )
    assert policy.people == (rules.Person("pm@demo.invalid", "Demo PM", ("pm", "owner")),)
    assert (policy.rules, policy.branch, policy.owner_count, policy.tries) == (1, "main", 1, 3)
    assert (policy.separate, policy.require_touch, policy.require_pin) == (False, False, False)
    assert (policy.light, policy.tests) == (rules.Light(), rules.Tests())


def test_everything_that_is_said_is_read() -> None:
    policy = full()
    assert (policy.branch, policy.owner_count, policy.tries) == ("trunk", 2, 5)
    assert policy.paths == (
        rules.PathRule(("payments/**", "**/*.sql"), "payments", 1, rules.Carry.EXACT),
    )
    assert policy.requirements == (
        rules.CustomRequirement(Stage.VALIDATE, "lint", "make lint"),
        rules.CustomRequirement(Stage.VALIDATE, "types", "mypy --strict 'a b'"),
    )
    assert policy.tests.junit == "{report}"
    assert (policy.tests.coverage, policy.tests.touched) == ("build/coverage.xml", 80)
    assert policy.tests.unmeasured == ("conftest.py", "**/conftest.py")
    assert policy.agents[0].role is AgentRole.IMPLEMENTER
    assert policy.retention == rules.Retention(
        rules.Keeping.KEEP, rules.Keeping.ARCHIVE, rules.Keeping.DROP, rules.Keeping.ARCHIVE, 30
    )
    assert policy.masks == ("pid=[0-9]+", r"port \d+", r"it's \d")
    assert policy.light == rules.Light(("docs/**", "*.md"), 12)
    assert policy.notifications[1] == rules.Notification("on.call", "PAGER_URL", ("landing",))  # type: ignore[arg-type]
    assert policy.milestones[0] == rules.Milestone("MS-01", "2026-11-23")


def bent(old: str, new: str) -> str:
    assert FULL.count(old) >= 1, old
    return FULL.replace(old, new, 1)


MISTAKES = {
    "a syntax error": (bent("count = 2", "count 2"), "count 2", "this is not TOML"),
    "a key twice": (bent("count = 2", "count = 2\ncount = 2"), "[owner]", "this is not TOML"),
    "a key nobody knows": (bent("tries = 5", "trys = 5"), "trys", "execute.trys is not a key"),
    "a table nobody knows": (FULL + "\n[plan]\na = 1\n", "[plan]", "plan is not a key"),
    "an odd mode": (bent('"observe"', '"enforced"'), "mode", "it is one of 'observe' or 'enforce'"),
    "a number in words": (bent("timeout = 90", 'timeout = "90"'), "timeout", "'90'; it should be"),
    "a number with a point": (bent("tries = 5", "tries = 5.0"), "tries", "execute.tries is 5.0"),
    "yes for true": (bent("separate = true", "separate = 1"), "separate", "approval.separate is 1"),
    "no count at all": (bent("count = 1", "count = 0"), "count = 0", "gate.plan.count is 0"),
    "an agent in a gate": (
        bent('[gate.plan]\nrole = "pm"', '[gate.plan]\nrole = "tester"'),
        'role = "tester"',
        "'tester' is an agent's role",
    ),
    "an agent at a path": (
        bent('role = "payments"\n', 'role = "pm-agent"\n'),
        'role = "pm-agent"',
        "'pm-agent' is an agent's role",
    ),
    "a person with an agent's role": (
        bent('["pm", "owner"]', '["pm", "designer"]'),
        '["pm", "designer"]',
        "people[1].roles[2]: 'designer' is an agent's role",
    ),
    "a person with an agent's address": (
        bent("ops@demo.invalid", "tester@agents.invalid"),
        "tester@agents",
        "agents are not people",
    ),
    "a wildcard person": (bent("ops@demo", "*@demo"), "*@demo", "not one literal e-mail address"),
    "two people in one": (bent("ops@demo", "a@b,ops@demo"), "a@b,ops", "not one literal e-mail"),
    "a person twice": (
        bent("ops@demo.invalid", "PM@demo.invalid"),
        "PM@demo",
        "PM@demo.invalid stands there twice",
    ),
    "a role twice": (bent('["pm", "owner"]', '["pm", "pm"]'), '["pm", "pm"]', "stands twice"),
    "a person with no roles": (bent('["pm", "owner"]', "[]"), "roles = []", "may not be empty"),
    "a name of two lines": (bent("Demo PM", "Demo\\nPM"), "Demo\\nPM", "not one line of text"),
    "more owners than there are": (
        bent("count = 2", "count = 3"),
        "count = 3",
        "owner.count asks for 3 with the role owner, and 2 people hold it",
    ),
    "more approvers than there are": (
        bent("count = 1", "count = 2"),
        "count = 2\n\n[gate.results]",
        "gate.plan.count asks for 2 with the role pm, and 1 person holds it",
    ),
    "a role that nobody holds": (
        bent('role = "payments"\n', 'role = "legal"\n'),
        "[[path]]",
        "path[1].count asks for 1 with the role legal, and 0 people hold it",
    ),
    "a gate that is missing": (
        bent('[gate.package]\nrole = "pm"\n', ""),
        "[gate.plan]",
        "gate.package is missing",
    ),
    "a plan that passes by itself": (
        bent("count = 1", 'count = 1\nwhen = "unless-all-pass"'),
        'when = "unless-all-pass"\n\n[gate.results]',
        "gate.plan.when is not a key",
    ),
    "a role in capitals": (
        bent('[gate.plan]\nrole = "pm"', '[gate.plan]\nrole = "PM"'),
        'role = "PM"',
        "'PM' is not a role",
    ),
    "a list for a word": (bent('"observe"', "[]"), "mode", "mode is a list"),
    "a day for a number": (bent("tries = 5", "tries = 2026-01-01"), "tries", "is a date or time"),
    "a table for a word": (bent('"trunk"', "{}"), "branch", "branch is a table"),
    "a command of two lines": (bent("make lint", "a\\nb"), 'run = "a', "is not one line"),
    "a requirement's odd name": (bent('"lint"', '"Lint it"'), "Lint it", "is not a name"),
    "a mask that is no expression": (bent("pid=", "pid=("), "masks", "not a regular expression"),
    "a mask of nothing": (bent("pid=[0-9]+", "x*"), "masks", "matches where there is nothing"),
    "an open quotation": (bent("'a b'", "'a b"), "mypy", "has an open quotation"),
    "an empty command": (bent("make lint", ""), 'run = ""', "a command may not be empty"),
    "a command of spaces": (bent("make lint", "  "), 'run = "  "', "a command may not be empty"),
    "a command of an empty word": (bent("make lint", "'' a"), "'' a", "may not be empty"),
    "a requirement twice": (
        bent('name = "types"', 'name = "lint"'),
        'name = "lint"\nrun = "mypy',
        "a requirement named lint is already there",
    ),
    "a requirement elsewhere": (
        FULL + '\n[[gate.execute.require]]\nname = "x"\nrun = "x"\n',
        "[[gate.execute",
        "gate.execute is not a key",
    ),
    "a pattern with brackets": (
        bent("docs/news/*.md", "[ab].md"),
        '["[ab]',
        "may not use brackets",
    ),
    "a pattern from the root": (bent('"Makefile"', '"/Makefile"'), "/Makefile", "a leading ! or /"),
    "a template elsewhere": (bent("templates/", "../"), "../imp", "not a path within"),
    "a template in git": (bent("templates/", ".git/"), ".git/imp", "not a path within"),
    "a report elsewhere": (bent('junit = "{report}"', 'junit = "/x"'), '"/x"', "not a path within"),
    "a coverage report elsewhere": (bent("build/cov", "../cov"), '"../cov', "not a path within"),
    "a share of nothing": (bent("touched = 80", "touched = 0"), "touched", "tests.touched is 0"),
    "a share over all": (bent("touched = 80", "touched = 101"), "touched", "tests.touched is 101"),
    "a share of what nobody reports": (
        bent('coverage = "build/coverage.xml"\n', ""),
        "touched",
        "tests.touched asks for coverage",
    ),
    "the user's environment": (bent("PIP_INDEX_URL", "PYTHONPATH"), "PYTHONPATH", "lead tests out"),
    "the tester's key": (bent("PIP_INDEX_URL", "CODEXA_TESTER_KEY"), "CODEXA_T", "lead tests out"),
    "git's environment": (bent("PIP_INDEX_URL", "GIT_DIR"), "GIT_DIR", "lead tests out"),
    "an address in git": (
        bent('"DISCORD_URL"', '"https://x"'),
        "https://x",
        "not the name of an environment variable",
    ),
    "a provider nobody built": (
        bent('"scripted"', '"magic"'),
        "magic",
        "agents.implementer.provider",
    ),
    "an agent nobody knows": (bent("agents.pm-agent", "agents.boss"), "agents.boss", "agents.boss"),
    "a milestone by name": (bent("MS-02", "beta"), "milestone.beta", "one looks like MS-01"),
    "a day that is a time": (
        bent("2027-01-04", "2027-01-04T00:00:00Z"),
        "2027-01-04T",
        "milestone.MS-02.start is a date or time",
    ),
    "a branch of ours": (bent('"trunk"', '"change/CH-001"'), "branch", "cannot be the base branch"),
    "a branch that is an option": (bent('"trunk"', '"-f"'), "branch", "cannot be the base branch"),
    "a branch that climbs": (bent('"trunk"', '"a/../b"'), "branch", "cannot be the base branch"),
    "a branch that is HEAD": (bent('"trunk"', '"HEAD"'), "branch", "cannot be the base branch"),
    "no rules": (bent("rules = 1", ""), None, "rules is missing"),
    "rules in words": (bent("rules = 1", 'rules = "1"'), "rules", "rules is '1'"),
    "rules that are true": (bent("rules = 1", "rules = true"), "rules", "rules is true"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_a_sentence_at_its_line(case: str) -> None:
    text, fragment, sentence = MISTAKES[case]
    with pytest.raises(PaperError) as caught:
        parse_policy(text.encode(), b"")
    message = caught.value.message
    assert sentence in message
    assert "\n" not in message
    assert caught.value.path == "codexa.toml"
    if case == "a key twice":  # tomllib points behind the second one
        assert caught.value.line in range(6, 9)
    else:
        assert caught.value.line == (None if fragment is None else line_of(text, fragment))


@pytest.mark.parametrize("number", [0, 2, 99, -1])
def test_a_rule_set_that_is_not_known_is_undecided_and_no_mistake(number: int) -> None:
    text = bent("rules = 1", f"rules = {number}\nlater = true")
    with pytest.raises(PolicyError, match=f"rule set {number}, and this version knows 1") as caught:
        parse_policy(text.encode(), b"")
    assert "undecided" in caught.value.hints[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"rules = 1\n\xc3",
        b"a = " + b"[" * 50_000,
        b"a = " + b"9" * 10_000,
        b"#" * 300_000,
        b"\0",
    ],
)
def test_bytes_that_are_no_policy_are_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(PaperError):
        parse_policy(content, b"")


@given(st.binary(max_size=60))
def test_arbitrary_bytes_raise_nothing_else(noise: bytes) -> None:
    for content in (noise, SMALL.encode() + noise):
        with contextlib.suppress(PaperError, PolicyError):
            parse_policy(content, noise)


def test_windows_line_ends_are_read() -> None:
    assert parse_policy(SMALL.replace("\n", "\r\n").encode(), b"") == small()


def test_mistakes_of_signers_are_shown_in_their_own_file() -> None:
    with pytest.raises(PaperError) as caught:
        parse_policy(SMALL.encode(), b"# comment\n* ssh-ed25519 AAAA\n")
    assert (caught.value.path, caught.value.line) == (".codexa/allowed_signers", 2)


def test_enforce_needs_keys_for_every_count_and_tests_to_run(ssh_keys: dict[str, Path]) -> None:
    text = SMALL.replace('"observe"', '"enforce"') + '\n[tests]\nrun = ["make test"]\n'
    with pytest.raises(PaperError, match=r"owner\.count asks for 1 .* and 0 of those who hold it"):
        parse_policy(text.encode(), b"")
    allowed = f'pm@demo.invalid namespaces="codexa" {public_of(ssh_keys["ed25519"])}\n'.encode()
    assert parse_policy(text.encode(), allowed).mode is rules.Mode.ENFORCE
    with pytest.raises(PaperError, match="enforce needs tests to run"):
        parse_policy(text.replace('"make test"', "").encode(), allowed)
