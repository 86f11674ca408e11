import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy.papers import full, small

from codexa_git.policy import rules
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.writing import format_policy


@pytest.mark.parametrize("policy", [small(), full()], ids=["the smallest", "everything"])
def test_what_is_written_reads_back_as_the_same_policy(policy: rules.Policy) -> None:
    written = format_policy(policy)
    assert parse_policy(written, b"") == policy
    assert format_policy(parse_policy(written, b"")) == written


def test_every_table_teaches_what_it_decides() -> None:
    lines = format_policy(full()).decode().split("\n")
    headers = [at for at, line in enumerate(lines) if line.startswith("[")]
    named = {lines[at].strip("[]").split(".")[0] for at in headers}
    taught = {
        lines[at].strip("[]").split(".")[0] for at in headers if lines[at - 1].startswith("# ")
    }
    assert named - taught == {"milestone"}
    assert max(map(len, lines)) <= 100


LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), min_size=1, max_size=60
).filter(str.strip)


@given(name=LINE, mask=LINE)
def test_any_text_survives_being_written(name: str, mask: str) -> None:
    person = rules.Person("pm@demo.invalid", name, ("pm", "owner"))
    policy = small()._replace(people=(person,), masks=(mask,))
    values: dict[str, Any] = tomllib.loads(format_policy(policy).decode())
    assert values["people"][0]["name"] == name
    assert values["evidence"]["masks"] == [mask]


@given(
    st.builds(
        rules.Tests,
        setup=st.just(()),
        setup_files=st.lists(st.sampled_from(["a.txt", "b c/d.lock"])).map(tuple),
        output_limit=st.integers(1_000, 10**9),
        timeout=st.integers(1, 86_400),
        environment=st.lists(st.sampled_from(["PIP_INDEX_URL", "CC", "LANG"])).map(tuple),
        run=st.lists(st.sampled_from(["make test", "sh -c 'a \"b\"'", r"a\\b c"])).map(tuple),
        junit=st.none() | st.just("out/report.xml"),
        coverage=st.sampled_from(["{coverage}", "out/coverage.xml"]),
        touched=st.none() | st.integers(1, 100),
        unmeasured=st.lists(st.sampled_from(["test_*", "docs/**"])).map(tuple),
    ),
    st.lists(st.sampled_from(["a/**", "*.md", "**", "x y/?"]), max_size=30).map(tuple),
    st.booleans(),
)
def test_any_policy_survives_being_written(
    tests: rules.Tests,
    patterns: tuple[str, ...],
    separate: bool,  # noqa: FBT001
) -> None:
    policy = small()._replace(tests=tests, free=patterns, separate=separate)
    policy = policy._replace(light=rules.Light(patterns, 3), guarded=patterns)
    assert parse_policy(format_policy(policy), b"") == policy
