"""Misspelt placeholders: told to whoever writes a policy, and read all the same."""

import pytest
from policy.papers import FULL, full

from codexa_git.errors import PaperError
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import Policy
from codexa_git.policy.spelling import meant, misspelt, odd_placeholder, require_spelt

ALL_OF_THEM = (
    "{seed}, {env}, {report} and {coverage} do, and a program's own braces have a space in them:"
    " { x }"
)


def bent(line: str) -> tuple[bytes, Policy]:
    """A policy with this command for its lint, as bytes and as it is read."""
    text = FULL.replace("make lint", line)
    assert text != FULL
    return text.encode(), parse_policy(text.encode(), b"")


@pytest.mark.parametrize(
    ("line", "word", "hint"),
    [
        ("make lint --junitxml={reprot}", "reprot", "did you mean {report}?"),
        ("x {ENV}/y", "ENV", "did you mean {env}?"),
        ("x={ seed }", " seed ", "did you mean {seed}?"),
        ("{env}{covrage}", "covrage", "did you mean {coverage}?"),
        (
            "make {x}",
            "x",
            ALL_OF_THEM,
        ),
    ],
)
def test_a_word_that_stands_for_nothing_is_told_at_its_line_and_the_policy_read(
    line: str, word: str, hint: str
) -> None:
    text, policy = bent(line)
    assert line in [asked.run for asked in policy.requirements]
    with pytest.raises(PaperError) as caught:
        require_spelt(text, policy)
    assert caught.value.line == text[: text.index(line.encode())].count(b"\n") + 1
    assert f"{{{word}}} stands for nothing in a command" in caught.value.message
    assert caught.value.hints == (hint,)


def test_what_stood_there_before_is_not_what_is_written_now() -> None:
    text, policy = bent("make {x}")
    require_spelt(text, policy, policy)
    more, second = bent("make {y}")
    with pytest.raises(PaperError, match=r"\{y\} stands for nothing"):
        require_spelt(more, second, policy)


def test_every_command_is_looked_at() -> None:
    policy = full()
    assert misspelt(policy) == ()
    tests = policy.tests._replace(setup=("a", "b {x}"), run=("c {y}",))
    found = misspelt(policy._replace(tests=tests))
    assert [(one.location, one.command) for one in found] == [
        (("tests", "setup", 1), "b {x}"),
        (("tests", "run", 0), "c {y}"),
    ]
    assert found[0].says == "tests.setup[2]: {x} stands for nothing in a command"
    assert "{ x }" in meant(found[0].command)


@pytest.mark.parametrize(
    "line",
    [
        "{env}/bin/x --seed={seed} {report}{coverage}",
        "sh -c 'echo ${reprot} $x'",
        "curl -w %{reprot} x",
        "git log HEAD@{upstream}..",
        "ruby -e #{reprot}",
        "inspect -f {{reprot}}",
        "find . -exec true {} +",
        "awk '{ print }' {1,2} a{b,c} {0}",
        "echo {reprot",
        "echo reprot} {",
    ],
)
def test_the_braces_of_other_programs_are_left_to_them(line: str) -> None:
    assert odd_placeholder(line) is None
