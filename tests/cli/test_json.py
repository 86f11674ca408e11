import json
import re

from scenarios.clone import At


def test_a_step_names_its_commits(at: At) -> None:
    clone = at("approved")
    before = clone.tip()
    told = json.loads(clone.did("advance", "--json"))
    made = clone.git("rev-list", "--reverse", f"{before}..HEAD").split()
    assert (told["format"], told["change"], told["ended"]) == (1, "CH-001", "moved")
    assert [commit["commit"] for commit in told["commits"]] == made
    assert (told["unmet"], told["in_the_way"], told["stage"]) == ([], [], "validate")


def test_a_landing_names_its_commit_and_tag(at: At) -> None:
    clone = at("closed")
    told = json.loads(clone.did("land", "--json"))
    assert told == {
        "format": 1,
        "change": "CH-001",
        "commit": clone.tip("main"),
        "base": "main",
        "tag": "landed/CH-001",
        "lands": True,
        "unmet": [],
        "milestone": None,
    }


def test_the_root_names_who_signed_it(at: At) -> None:
    clone = at("enforced")
    told = json.loads(clone.did("root", "--json"))
    assert told["root"] == clone.git("config", "codexa.root")
    assert (told["made"], told["pinned"], told["branch"]) == (clone.tip("main"), True, "main")
    (signer,) = told["signers"]
    assert signer["principal"] == "pm@demo.invalid"
    assert re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}", signer["fingerprint"])


def test_while_observing_there_is_no_root(at: At) -> None:
    told = json.loads(at("adopted").did("root", "--json"))
    assert (told["root"], told["made"], told["signers"]) == (None, None, [])


def test_concerns_tell_whether_they_are_open(at: At) -> None:
    clone = at("planned")
    clone.did("concern", "raise", "who reads it?")
    (concern,) = json.loads(clone.did("concern", "list", "--json"))
    assert (concern["concern"], concern["open"], concern["text"]) == ("CN-1", True, "who reads it?")
