"""The first command that writes in a clone pins the root, and nothing rests on it unseen."""

from collections.abc import Callable

import pytest
from scenarios.clone import Clone

from codexa_git.policy.keys import ed25519_from_seed

At = Callable[[str], Clone]
KEY = ed25519_from_seed(bytes([9]) * 32)[1]


def unpinned(clone: Clone) -> Clone:
    """The same clone, as one that was made a moment ago."""
    clone.git("config", "--unset", "codexa.root")
    clone.git("config", "--unset", "codexa.branch")
    return clone


@pytest.mark.parametrize(
    ("state", "typed", "so"),
    [
        ("enforced", "people tester --key KEY", "it cannot tell who the owners are"),
        ("approved", "advance", "nothing of the repository runs here"),
        ("closed", "land CH-001", "no landing of its making could be trusted"),
    ],
)
def test_what_waits_for_a_look_at_the_root_contradicts_nothing_and_goes_on_when_asked_again(
    state: str, typed: str, so: str, at: At
) -> None:
    clone = at(state)
    root = clone.git("config", "codexa.root")
    words = typed.replace("KEY", str(clone.folder.with_name("dev.pub"))).split()
    clone.folder.with_name("dev.pub").write_text(KEY)
    before = clone.git("for-each-ref")
    told = unpinned(clone).codexa(*words)
    assert told.status == 1
    assert clone.git("for-each-ref") == before
    first, *_, last = told.err.splitlines()
    assert first.startswith(f"warning: this clone had no trust root; it now pins {root}, made at ")
    assert "has not pinned" not in told.err
    error = "error: nobody has looked yet at the trust root that this clone has just pinned, so "
    assert f"{error}{so}\n" in told.err
    assert last == "hint: once you are sure of who signed it, ask again"
    assert clone.git("config", "codexa.root") == root
    clone.did(*words)
    assert clone.git("for-each-ref") != before


def test_where_nothing_is_written_nothing_is_pinned_and_the_way_to_pin_is_whole(at: At) -> None:
    clone = at("enforced")
    root = clone.git("config", "codexa.root")
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit({".github/workflows/ci.yml": "on: push\n"}, "run it in ci")
    unpinned(clone)
    assert clone.refused("policy", "sign", "--dry-run").splitlines() == [
        "error: this clone has not pinned a trust root, so it cannot tell who the owners are",
        "hint: git codexa root shows it and who signed",
        f"hint: once you are sure: git codexa root --pin {root}",
    ]
    clone.did("root", "--pin", root)
    clone.did("policy", "sign", "--dry-run")
