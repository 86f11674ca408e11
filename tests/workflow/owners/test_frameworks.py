"""Our entries in somebody's `.pre-commit-config.yaml`."""

from pathlib import Path

import pytest
import yaml

from codexa_git.hooks.running import Hook
from codexa_git.workflow.owners.frameworks import KINDS, entries, with_entries

ROOT = Path(__file__).parents[3]
PLAIN = (
    "repos:\n- repo: local\n  hooks:\n  - id: a\n    name: a\n    entry: a\n    language: system\n"
)
SET_IN = """\
# what we check
default_stages: [pre-commit]
repos:   # in order

  - repo: https://example.org/a
    rev: v1  # pinned
    # a comment at the end
    hooks:
      - id: a
        args: [
          --one,
        ]

  # the last word
exclude: ^vendored/
"""
FORMS = {
    "plain": PLAIN,
    "without a last line end": PLAIN.rstrip("\n"),
    "set in, and not the last key": SET_IN,
    "with carriage returns": PLAIN.replace("\n", "\r\n"),
    "with another key behind": PLAIN + "\n\nfail_fast: true\n",
    "begun as a document": "---\n" + PLAIN,
}


@pytest.mark.parametrize("name", FORMS)
def test_our_entries_stand_behind_the_others_and_no_byte_of_the_rest_is_touched(name: str) -> None:
    before = FORMS[name].encode()
    after = with_entries(before)
    assert after is not None
    old, new = yaml.safe_load(before), yaml.safe_load(after)
    assert new["repos"][:-1] == old["repos"]
    assert new["repos"][-1:] == yaml.safe_load(entries())
    assert {**new, "repos": 0} == {**old, "repos": 0}
    start = next(
        n
        for n in range(len(before) + 1)
        if not after.startswith(before[: n + 1]) or n == len(before)
    )
    length = len(after) - len(before)
    assert after[:start] + after[start + length :] == before
    assert with_entries(after) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "repos: []\n",
        "repos: [{repo: local, hooks: []}]\n",
        "repos:\n",
        "fail_fast: true\n",
        "repos: *here\n",
        "repos:\n- repo: local\nrepos:\n- repo: local\n",
    ],
)
def test_a_file_of_another_form_is_left_alone(text: str) -> None:
    assert with_entries(text.encode()) is None


def test_every_hook_has_its_entry_in_both_ways() -> None:
    ours = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    local = yaml.safe_load(entries())[0]["hooks"]
    for found in (ours, local):
        assert [hook["stages"] for hook in found] == [[kind] for kind in KINDS]
        assert [hook["entry"].split()[-1] for hook in found] == list(KINDS)
    assert sorted(KINDS) == sorted(Hook)


def test_a_file_that_names_our_repository_has_its_entries_already() -> None:
    text = b"repos:\n  - repo: https://example.invalid/codexa-git\n    rev: v1\n    hooks:\n"
    assert with_entries(text + b"      - id: codexa-commit-msg\n") is None
    assert with_entries(text + b"      - id: theirs # not codexa-commit-msg\n") is not None
