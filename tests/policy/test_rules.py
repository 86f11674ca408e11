import pytest
from policy.fresh import said
from policy.papers import full, small

from codexa_git.audit.words import Gate
from codexa_git.policy import rules
from codexa_git.policy.globs import glob_mistake
from codexa_git.policy.signers import AllowedSigners, Signer

GUARDED = [
    *("codexa.toml", ".codexa/allowed_signers", ".codexa", ".codexa/a/b"),
    *(".gitattributes", "deep/down/.gitattributes", ".gitmodules", "a/.gitmodules"),
    *(".pre-commit-config.yaml", ".github/workflows/ci.yml", ".github", ".gitlab-ci.yml"),
    *(".ci/run", ".circleci/config.yml", "Jenkinsfile", "azure-pipelines.yml", ".travis.yml"),
    *(".woodpecker.yml", ".woodpecker/test.yaml", ".woodpecker.yaml"),
    *(".GitHub/workflows/x.yml", "Codexa.toml", ".CODEXA/allowed_signers", "a/.GitAttributes"),
]
PLAIN = ["src/a.py", "codexa.toml.md", "docs/codexa.toml", "gitattributes", "github/x", "a/.ci/x"]


@pytest.mark.parametrize("path", GUARDED)
def test_policy_and_ci_files_are_guarded_in_any_letter_case_and_in_their_folders_place(
    path: str,
) -> None:
    assert rules.is_guarded(small(), path)
    everything_free = small()._replace(free=("**",))
    assert not rules.is_free(everything_free, path)


@pytest.mark.parametrize("path", PLAIN)
def test_other_files_are_not_guarded(path: str) -> None:
    assert not rules.is_guarded(small(), path)


def test_policy_adds_guarded_paths_and_they_are_exact() -> None:
    assert rules.is_guarded(full(), "Makefile")
    assert not rules.is_guarded(full(), "makefile")
    assert not rules.is_guarded(small(), "Makefile")


@pytest.mark.parametrize("path", rules.FREE)
def test_what_is_free_by_itself_can_still_be_guarded_by_policy(path: str) -> None:
    assert rules.is_free(small(), path)
    assert not rules.is_free(small()._replace(guarded=("**",)), path)


def test_policy_adds_free_paths() -> None:
    assert rules.is_free(full(), "docs/news/today.md")
    assert not rules.is_free(full(), "docs/today.md")
    assert not rules.is_free(small(), "progress.md")


@pytest.mark.parametrize(
    "path",
    [
        *("audit/CH-001/handoff.jsonl", "audit/handoff.jsonl", "audit", "changes/CH-001/brief.md"),
        *("artifacts/work/CH-001/run-001/run.json", "tests/results/CH-001.json"),
        "artifacts/phase1/demo/Week-01/CH-001/a.png",
    ],
)
def test_no_free_pattern_reaches_evidence(path: str) -> None:
    assert not rules.is_free(small()._replace(free=("**",)), path)


def test_the_built_in_patterns_are_patterns() -> None:
    assert [p for p in (*rules.FREE, *rules.GUARDED, *rules.NEVER_FREE) if glob_mistake(p)] == []


def test_people_are_found_by_role_and_by_exact_address() -> None:
    policy = full()
    assert [p.email for p in rules.holders(policy, "owner")] == [
        "pm@demo.invalid",
        "ops@demo.invalid",
    ]
    assert rules.holders(policy, "nobody") == ()
    assert rules.person_of(policy, "PM@demo.invalid") is None
    assert rules.person_of(policy, "pm@demo.invalid") == policy.people[0]


@pytest.mark.parametrize("gate", list(Gate))
def test_each_gate_has_its_rule(gate: Gate) -> None:
    assert rules.gate_rule(full(), gate).gate is gate


def test_every_rule_that_speaks_of_a_path_holds_and_the_strictest_carry_wins() -> None:
    rule = rules.PathRule(("payments/**",), "owner", 2, rules.Carry.PATCH)
    policy = full()._replace(paths=(rule, *full().paths))
    assert rules.path_rules(policy, "payments/a.py") == policy.paths
    assert rules.carry_of(policy, "payments/a.py") is rules.Carry.EXACT
    assert rules.carry_of(policy, "src/a.py") is rules.Carry.PATCH
    assert rules.path_rules(policy, "src/a.py") == ()


def test_a_light_change_may_not_touch_what_a_path_rule_speaks_of() -> None:
    policy = full()._replace(light=rules.Light(("**",), 10))
    assert rules.is_light(policy, "src/a.py")
    assert not rules.is_light(policy, "payments/a.py")
    assert not rules.is_light(small(), "docs/a.md")


@pytest.mark.parametrize(
    ("address", "demo"),
    [
        ("pm@demo.invalid", True),
        ("pm@DEMO.invalid", True),
        ("pm@eu.demo.invalid", True),
        ("pm@example.org", False),
        ("pm@notdemo.invalid", False),
        ("demo.invalid@example.org", False),
    ],
)
def test_demo_people_are_known_by_their_domain(address: str, *, demo: bool) -> None:
    person = rules.Person(address, "Somebody", ("pm",))
    assert rules.has_demo_people(small()._replace(people=(person,))) is demo
    signer = Signer(address, "ssh-ed25519", b"")
    policy = small()._replace(people=(), signers=AllowedSigners((signer,)))
    assert rules.has_demo_people(policy) is demo


def test_the_values_are_cheap_to_import() -> None:
    program = (
        "import sys, codexa_git.policy.rules\n"
        "heavy = {'cryptography', 'pydantic', 'tomllib', 'datetime', 'json', 'dataclasses'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert said(program) == "[]\n"
