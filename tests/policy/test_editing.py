"""Edits of the policy files: one thing changes, and every other byte stays as people wrote it."""

import pytest

from codexa_git.errors import PaperError, RefusedError
from codexa_git.policy.editing import ending, with_key, with_people, without_keys
from codexa_git.policy.keys import ed25519_from_seed
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import Person
from codexa_git.policy.signers import format_line, parse_signers

KEYS = [ed25519_from_seed(bytes([number]) * 32)[1] for number in (1, 2)]
PM = Person("pm@demo.invalid", "Demo PM", ("owner", "pm"))
DEV = Person("dev@demo.invalid", "Demo Dev", ("dev",))
SIGNERS = f"# who\n{format_line(PM.email, KEYS[0])} at home\n\n".encode()
POLICY = b"""\
# ours
rules = 1
mode = "observe"

[[people]] # the first
email = "pm@demo.invalid"
name = "Demo PM"
roles = [
    "owner",  # of all
    "pm",
]

# what follows is about gates
[gate]
plan = { role = "pm" }
results = { role = "pm" }
package = { role = "pm" }
"""


def test_a_person_comes_after_the_last_and_goes_again() -> None:
    made = with_people(POLICY, SIGNERS, (PM, DEV))
    assert parse_policy(made, SIGNERS).people == (PM, DEV)
    kept = [line for line in made.split(b"\n") if line]
    assert [line for line in POLICY.split(b"\n") if line] == [
        line for line in kept if line in POLICY.split(b"\n")
    ]
    gone = with_people(made, SIGNERS, (PM,))
    assert gone.replace(b"\n\n\n", b"\n\n") == POLICY


def test_another_entry_is_written_where_the_old_one_stood() -> None:
    other = PM._replace(roles=("owner", "pm", "qa"))
    made = with_people(POLICY, SIGNERS, (other,))
    assert parse_policy(made, SIGNERS).people == (other,)
    assert b"\n# what follows is about gates\n[gate]\n" in made


@pytest.mark.parametrize(
    "layout",
    [
        b'people = [{ email = "pm@demo.invalid", name = "Demo PM", roles = ["owner", "pm"] }]\n',
        b'[["people"]]\nemail = "pm@demo.invalid"\nname = "Demo PM"\nroles = ["owner", "pm"]\n',
    ],
)
def test_a_layout_that_is_not_understood_is_refused(layout: bytes) -> None:
    head, _, rest = POLICY.partition(b"[[people]]")
    text = head + layout + rest[rest.index(b"# what follows") :]
    assert parse_policy(text, SIGNERS).people == (PM,)
    with pytest.raises(RefusedError, match="not edited here"):
        with_people(text, SIGNERS, (PM, DEV))


def test_a_policy_that_would_be_none_is_refused() -> None:
    with pytest.raises(RefusedError, match="the policy would not hold"):
        with_people(POLICY, SIGNERS, (DEV,))


def test_a_key_comes_goes_and_ends_beside_the_words_of_people() -> None:
    added = with_key(SIGNERS, DEV.email, KEYS[1])
    assert added.startswith(SIGNERS)
    (first, second) = parse_signers(added).signers
    assert (first.principal, second.principal) == (PM.email, DEV.email)
    assert without_keys(added, [second.key]) == SIGNERS
    ended = ending(added, [second.key], 1_800_000_000)
    assert ended.startswith(SIGNERS)
    assert parse_signers(ended).signers[1].valid_before == 1_800_000_000
    assert ending(ended, [second.key], 1_900_000_000) == ended


def test_a_file_without_its_last_line_end_gets_it_before_a_key() -> None:
    made = with_key(SIGNERS.rstrip(), DEV.email, KEYS[1])
    assert len(parse_signers(made).signers) == 2


def test_a_key_that_is_there_is_not_added() -> None:
    with pytest.raises(PaperError, match="already on line 2"):
        with_key(SIGNERS, PM.email, KEYS[0])
    with pytest.raises(PaperError, match="already speaks for"):
        with_key(SIGNERS, DEV.email, KEYS[0])


def test_a_key_does_not_end_before_it_begins() -> None:
    line = format_line(DEV.email, KEYS[1], valid_after="20270101Z")
    signers = SIGNERS + f"{line}\n".encode()
    key = parse_signers(signers).signers[1].key
    with pytest.raises(PaperError, match="valid-before is not after valid-after"):
        ending(signers, [key], 1_700_000_000)
