"""People and their keys: added, taken out, rotated, and what landed before stays landed."""

import json
from pathlib import Path

import pytest
from scenarios.clone import At, Clone, Shelf, make_key
from scenarios.owners import Owners
from scenarios.pairs import Pair
from scenarios.several import ENOUGH

from codexa_git.gate.context import Context
from codexa_git.gate.verdict import evaluate
from codexa_git.policy.compiled import load_policy
from codexa_git.repository.store import Store

PM = "pm@demo.invalid"


def landing(clone: Clone, tag: str = "landed/CH-001") -> bool:
    """What anyone finds of a landing: by the policy that it landed on, at its own time."""
    with Store.open(clone.folder) as store:
        commit = store.commit(clone.tip(tag))
        parent = store.commit(commit.parents[0])
        policy = load_policy(store, parent.tree, None)
        assert policy is not None
        seconds = commit.committer.seconds, parent.committer.seconds
        context = Context(clone.git("config", "codexa.root"), "main", *seconds)
        return evaluate(policy, parent.tree, commit.tree, context, store=store).lands


def test_everybody_is_listed_with_roles_and_keys(at: At) -> None:
    told = at("enforced").did("people", "list")
    assert told.splitlines()[0] == "Demo PM <pm@demo.invalid>"
    assert "signs policy, bypasses and incidents" in told
    assert "approves the plan, approves the results, approves the package" in told
    assert "ssh-ed25519 SHA256:" in told
    assert "Tester <tester@agents.invalid>" in told


def test_a_person_is_added_by_one_signed_commit(at: At, shelf: Shelf) -> None:
    clone = at("enforced")
    before = clone.tip()
    words = ("Demo Dev", "dev@demo.invalid", "--role", "dev", "--key", f"{shelf.dev}.pub")
    assert "policy: add Demo Dev, dev" in clone.did("people", "add", *words)
    assert clone.tip("HEAD~1") == before
    changed = clone.git("show", "--format=", "--name-only", "HEAD").split("\n")
    assert changed == [".codexa/allowed_signers", "audit/commands.jsonl", "codexa.toml"]
    assert clone.is_clean()
    told = json.loads(clone.did("people", "list", "--json"))
    (dev,) = [person for person in told["people"] if person["email"] == "dev@demo.invalid"]
    assert dev["roles"] == ["dev"]
    assert dev["keys"][0]["valid"] is True


def test_what_people_wrote_in_the_policy_stays(at: At) -> None:
    clone = at("adopted")
    text = clone.read("codexa.toml").replace("[[people]]", "# who is who\n[[people]]  # first", 1)
    clone.commit({"codexa.toml": f"{text}\n# the end\n"}, "words of people")
    clone.did("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")
    removed = [ln for ln in clone.git("diff", "HEAD~1").split("\n") if ln.startswith("-")]
    assert removed == ["--- a/codexa.toml"]
    clone.did("people", "revoke", "dev@demo.invalid")
    assert "# who is who\n[[people]]  # first" in clone.read("codexa.toml")
    assert clone.read("codexa.toml").endswith("# the end")
    assert "dev@demo.invalid" not in clone.read("codexa.toml")


def test_a_new_key_and_the_old_one_until_it_ends(at: At, tmp_path: Path) -> None:
    clone = at("enforced")
    new = make_key(tmp_path, "new", 9)
    assert "policy: another key for pm@demo.invalid" in clone.did(
        "people", "rotate", PM, "--key", str(new)
    )
    told = clone.did("people", "list")
    assert ", until 2026-01-31T12:00:00Z" in told
    clone.git("config", "user.signingkey", str(new))
    clone.did("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")


def test_an_old_key_signs_no_more_once_it_has_ended(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("enforced")
    new = make_key(tmp_path, "new", 9)
    clone.did("people", "rotate", PM, "--key", str(new), "--overlap", "1")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1767268800 + 2 * 86_400))
    assert ", ended 2026-01-02T12:00:00Z" in clone.did("people", "list")
    words = ("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")
    assert "no longer valid" in clone.refused(*words)
    clone.git("config", "user.signingkey", str(new))
    clone.did(*words)


def test_what_landed_stays_landed_whatever_becomes_of_the_keys(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    assert landing(clone)
    new = make_key(tmp_path, "new", 9)
    clone.did("people", "rotate", PM, "--key", str(new), "--overlap", "0")
    clone.git("config", "user.signingkey", str(new))
    listed = json.loads(clone.did("people", "list", "--json"))
    old = listed["people"][0]["keys"][0]["fingerprint"]
    clone.did("people", "revoke", PM, "--key", old)
    assert len(json.loads(clone.did("people", "list", "--json"))["people"][0]["keys"]) == 1
    assert landing(clone)


def test_an_open_approval_falls_with_its_key_when_the_base_comes_in(at: At, tmp_path: Path) -> None:
    clone = at("package approved")
    clone.git("switch", "-q", "main")
    new = make_key(tmp_path, "new", 9)
    clone.did("people", "rotate", PM, "--key", str(new))
    clone.git("config", "user.signingkey", str(new))
    fingerprint = json.loads(clone.did("people", "list", "--json"))["people"][0]["keys"][0]
    clone.did("people", "revoke", PM, "--key", fingerprint["fingerprint"])
    clone.git("switch", "-q", "change/CH-001")
    assert "policy on main has changed" in clone.did("status")
    answer = clone.until()
    assert answer.status == 1
    assert "its plan is not approved" in answer.err
    clone.did("approve")
    assert "its plan is not approved" not in clone.until().err


def test_a_person_who_goes_takes_keys_and_roles_along(at: At, shelf: Shelf) -> None:
    clone = at("enforced")
    words = ("Demo Dev", "dev@demo.invalid", "--role", "dev", "--key", f"{shelf.dev}.pub")
    clone.did("people", "add", *words)
    clone.did("people", "revoke", "dev@demo.invalid", "-m", "has left")
    assert "dev@demo.invalid" not in clone.read("codexa.toml")
    assert "dev@demo.invalid" not in clone.read(".codexa/allowed_signers")
    assert clone.log("-1", "main") == ["policy: take out Demo Dev: has left"]


def test_what_is_added_to_who_is_there_already_is_named(at: At, shelf: Shelf) -> None:
    clone = at("enforced")
    who = ("people", "add", "Demo Dev", "dev@demo.invalid")
    clone.did(*who, "--role", "dev")
    clone.did(*who, "--key", f"{shelf.dev}.pub")
    clone.did(*who, "--role", "qa")
    assert clone.log("-2", "main") == [
        "policy: another key for Demo Dev",
        "policy: more for Demo Dev, dev and qa",
    ]


@pytest.mark.parametrize("state", ["adopted", "enforced"])
def test_a_role_that_nothing_asks_for_may_be_a_slip(state: str, at: At, shelf: Shelf) -> None:
    clone = at(state)
    key = ("--key", f"{shelf.dev}.pub")
    told = clone.codexa(
        "people", "add", "Demo Dev", "dev@demo.invalid", "--role", "pn", "--role", "pm", *key
    )
    assert told.status == 0
    assert told.err == (
        "warning: no gate, path rule or act of the owners asks for the role pn\n"
        "hint: these are asked for: owner, pm\n"
    )


def test_one_role_of_several_is_taken(at: At) -> None:
    clone = at("enforced")
    for role in ("dev", "qa"):
        clone.did("people", "add", "Demo Dev", "dev@demo.invalid", "--role", role)
    clone.did("people", "revoke", "dev@demo.invalid", "--role", "dev")
    people = json.loads(clone.did("people", "list", "--json"))["people"]
    assert [p["roles"] for p in people if p["email"] == "dev@demo.invalid"] == [["qa"]]


def test_a_second_clones_tester_is_enrolled(at: At) -> None:
    clone = at("enforced")
    for name in ("tester_ed25519", "tester_ed25519.pub"):
        place = clone.folder / ".git" / "codexa" / name
        if place.exists():
            place.unlink()
    assert "tests cannot be signed here" in clone.did("init")
    assert "policy: one more Tester's key" in clone.did("people", "tester")
    assert "tests cannot be signed here" not in clone.did("init")


def test_what_was_done_already_is_told_so_and_no_line_that_is_not_there(
    at: At, shelf: Shelf
) -> None:
    clone = at("enforced")
    mine = ("people", "add", "Demo PM", PM, "--role", "pm", "--key", f"{shelf.pm}.pub")
    clone.codexa("people", "tester")
    for words in (mine, ("people", "tester")):
        told = clone.refused(*words)
        assert "error: the policy says so already: nothing would change\n" in told
    told = clone.refused("people", "rotate", PM, "--key", f"{shelf.pm}.pub")
    assert "allowed_signers:" not in told
    assert f"error: this key of {PM} is already on line 1" in told


def test_who_lacks_the_role_is_told_who_has_it(at: At) -> None:
    clone = at("enforced")
    clone.did("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")
    clone.did("open", "Shout", *ENOUGH)
    clone.did("advance")
    clone.git("config", "user.email", "dev@demo.invalid")
    clone.git("config", "user.name", "Demo Dev")
    assert clone.refused("approve") == (
        "error: nothing in CH-001 waits for you, Demo Dev: approving the plan takes the role pm,"
        " which you do not hold\nhint: ask Demo PM\n"
    )
    told = clone.refused("advance")
    assert "hint: Demo PM types: git codexa approve CH-001\nhint: nothing is lost" in told


REFUSED: dict[str, tuple[tuple[str, ...], int, str]] = {
    "a stranger": (("revoke", "nobody@demo.invalid"), 2, "nobody here is nobody@demo.invalid"),
    "a role they lack": (("revoke", PM, "--role", "qa"), 2, "does not hold the role qa"),
    "a key they lack": (("revoke", PM, "--key", "SHA256:none"), 2, "has no key SHA256:none"),
    "two things": (("revoke", PM, "--key", "x", "--role", "pm"), 2, "a role and a key are two"),
    "the last pm": (("revoke", PM, "--role", "pm"), 1, "asks for 1 with the role pm"),
    "no role": (("add", "Demo Dev", "dev@demo.invalid"), 2, "is new here, and needs a role"),
    "an agent's role": (("add", "X", "x@demo.invalid", "--role", "tester"), 1, "agents never"),
    "no address": (("add", "X", "x", "--role", "dev"), 1, "not one literal e-mail address"),
    "no file": (("add", "X", "x@demo.invalid", "--key", "none"), 2, "cannot be read"),
    "no key": (("add", "X", "x@demo.invalid", "--key", "greet.sh"), 2, "holds no public key"),
    "what is so already": (("add", "Demo PM", PM, "--role", "pm"), 1, "nothing would change"),
    "a name in two lines": (("add", "X\nY", "x@demo.invalid", "--role", "dev"), 1, "one line"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_people_are_not_changed_by(name: str, at: At) -> None:
    words, status, why = REFUSED[name]
    clone = at("enforced")
    before = clone.tip()
    assert why in clone.refused("people", *words, status=status)
    assert clone.tip() == before
    assert clone.is_clean()


def test_a_key_speaks_for_one_person(at: At, shelf: Shelf) -> None:
    words = ("Demo Dev", "dev@demo.invalid", "--role", "dev", "--key", f"{shelf.pm}.pub")
    told = at("enforced").refused("people", "add", *words)
    assert "this key already speaks for pm@demo.invalid" in told


def test_where_two_owners_sign_a_person_waits_for_both(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf).enforced()
    key = owners.key("qa", 7)
    words = ("people", "add", "Demo QA", "qa@demo.invalid", "--role", "qa", "--key", f"{key}.pub")
    assert "git codexa policy sign policy/add-demo-qa-qa" in owners.first.did(*words)
    assert "qa@demo.invalid" not in owners.first.did("people", "list")
    owners.second.git("fetch", "-q")
    owners.second.did("policy", "sign")
    assert "qa@demo.invalid" in owners.second.did("people", "list")


def test_whoever_is_the_last_one_hears_what_comes_first(at: At) -> None:
    clone = at("enforced")
    first = "hint: first somebody in their place: git codexa people add"
    for more in ((), ("--role", "owner"), ("--key", "SHA256:")):
        assert first in clone.refused("people", "revoke", "pm@demo.invalid", *more)


def test_what_is_proposed_again_waits_once(at: At, tmp_path: Path, shelf: Shelf) -> None:
    owners = Owners(at, tmp_path, shelf).enforced()
    words = ("people", "add", "Demo QA", "qa@demo.invalid", "--role", "qa")
    owners.first.did(*words)
    told = owners.first.did(*words)
    assert "policy/add-demo-qa-qa proposes just that already" in told
    assert "1 of 2 owners signed: Demo PM; asked of Demo Dev" in told
    assert owners.first.git("branch", "--list", "policy/add*").split() == ["policy/add-demo-qa-qa"]
    owners.second.git("fetch", "-q")
    assert "signed by Demo PM (owner), Demo Dev (owner)" in owners.second.did(*words)


def test_who_asks_the_owners_hears_how_they_get_it(at: At, tmp_path: Path, shelf: Shelf) -> None:
    pair = Pair(at("enforced"), tmp_path, shelf)
    told = pair.second.did("people", "tester")
    waits = "it waits on policy/one-more-tester-s-key"
    assert f"\n{waits}; an owner, after git fetch:\n    git codexa policy sign policy/one" in told
    pair.first.git("fetch", "-q")
    pair.first.did("policy", "sign", "policy/one-more-tester-s-key")
    pair.second.git("remote", "set-url", "origin", str(tmp_path / "gone"))
    told = pair.second.did("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "pm")
    assert "; an owner, once they have it:\n" in told
