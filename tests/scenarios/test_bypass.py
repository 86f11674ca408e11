"""Hotfixes past the gates, and commits that should not be there: signed, shown, kept."""

import json
import re
import shlex
from pathlib import Path

import pytest
from scenarios.clone import At, Clone, Shelf, recipes
from scenarios.owners import Owners, on_remote
from scenarios.test_policy import judged

FIX = {"greet.sh": "echo hi\n"}


def fixed(clone: Clone) -> Clone:
    clone.git("switch", "-q", "-c", "bypass/greeting", "main")
    clone.commit(FIX, "hi, and not hello")
    return clone


def test_a_hotfix_comes_to_the_base_and_says_so(at: At) -> None:
    clone = fixed(at("enforced"))
    assert "bypass: nobody was greeted" in clone.did("bypass", "-m", "nobody was greeted")
    assert clone.read("greet.sh", "main") == "echo hi"
    assert clone.git("log", "-1", "--format=%s", "main") == "bypass: nobody was greeted"
    assert "bypass.granted" in clone.git("log", "-1", "--format=%b", "main")
    assert judged(clone)


def test_a_bypass_is_open_until_a_change_that_names_it_has_landed(at: At) -> None:
    clone = at("opened")
    clone.git("switch", "-q", "-c", "bypass/note", "main")
    clone.commit({"NOTE": "x\n"}, "a note")
    told = clone.did("bypass", "-m", "a note was missing")
    token = told.partition('whose brief has the words "')[2].partition('"')[0]
    assert re.fullmatch(r"bypass [0-9a-f]{12}", token)
    assert "git knows no commit by that" in told
    assert f"{token}  a note was missing" in clone.did("status", "--all")
    assert token in clone.did("policy", "log")
    past = "bypassed on 2026-01-01: a note was missing"
    assert f"\n{past} (open until a change lands that names\n  it)\n" in clone.did("verify")
    clone.git("switch", "-q", "change/CH-001")
    brief = clone.read("changes/CH-001/brief.md").replace(
        "Some do not", f"See {token}. Some do not"
    )
    papers = {"changes/CH-001/brief.md": f"{brief}\n", "changes/CH-001/recipes.toml": recipes()}
    clone.commit(papers, "say how")
    for _ in range(3):
        clone.until()
        clone.did("approve")
    clone.until()
    assert token in clone.did("status", "--all")
    clone.did("land")
    assert token not in clone.did("status", "--all")
    assert token not in clone.did("policy", "log")
    assert f"\n{past}\n" in clone.did("verify")


def test_a_bypass_says_why(at: At) -> None:
    clone = fixed(at("enforced"))
    assert "a bypass says why" in clone.refused("bypass", status=2)


def test_two_owners_sign_a_bypass_in_two_clones(at: At, tmp_path: Path, shelf: Shelf) -> None:
    owners = Owners(at, tmp_path, shelf).enforced()
    assert "1 of 2 owners signed" in fixed(owners.first).did("bypass", "-m", "it was wrong")
    owners.second.git("fetch", "-q")
    assert "bypass/greeting  it was wrong" in owners.second.did("policy", "show")
    assert "bypass: it was wrong" in owners.second.did("bypass")
    assert on_remote(owners, "greet.sh") == "echo hi"


@pytest.mark.parametrize(
    "path", ["codexa.toml", ".ci/run", "audit/handoff.jsonl", "changes/CH-001/x"]
)
def test_no_policy_and_no_evidence_comes_in_by_a_bypass(path: str, at: At) -> None:
    clone = fixed(at("enforced"))
    clone.commit({path: "x\n"}, "and more")
    before = clone.tip("main")
    assert "product-only" in clone.refused("bypass", "-m", "why not")
    assert clone.tip("main") == before


def test_an_open_change_goes_on_after_a_bypass(at: At) -> None:
    clone = at("package approved")
    clone.git("switch", "-q", "-c", "bypass/note", "main")
    clone.commit({"NOTE": "x\n"}, "a note")
    clone.did("bypass", "-m", "a note was missing")
    clone.git("switch", "-q", "change/CH-001")
    assert "can land" in clone.until().out
    clone.did("land")
    assert clone.read("NOTE", "main") == "x"


def test_an_incident_names_what_was_pushed_past_the_gates(at: At) -> None:
    clone = at("enforced")
    bad = clone.commit({"greet.sh": "echo bad\n"}, "past the gates")
    clone.commit({"changes/backlog.toml": "# later\n"}, "later")
    told = clone.did("incident", "HEAD~1", "-m", "pushed past the gates")
    assert "incident: pushed past the gates" in told
    assert bad in clone.read("audit/commands.jsonl")
    assert judged(clone)


def test_an_incident_is_signed_by_those_who_owned_before(at: At, shelf: Shelf) -> None:
    clone = at("enforced")
    text, signers = clone.read("codexa.toml"), clone.read(".codexa/allowed_signers")
    stolen = {
        "codexa.toml": text.replace("pm@demo.invalid", "dev@demo.invalid") + "\n",
        ".codexa/allowed_signers": signers.replace("pm@demo.invalid", "dev@demo.invalid") + "\n",
    }
    bad = clone.commit(stolen, "mine now")
    clone.git("switch", "-q", "-c", "incident/stolen")
    clone.commit({"codexa.toml": f"{text}\n", ".codexa/allowed_signers": f"{signers}\n"}, "back")
    thief = clone.set_up("Demo Dev", "dev@demo.invalid", shelf.pm)
    words = ("incident", bad, "-m", "the policy was stolen", "--sign", "incident/stolen")
    assert "dev@demo.invalid is no owner" in thief.refused(*words)
    owner = clone.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    owner.did(*words)
    assert owner.read("codexa.toml", "main") == text
    assert "pm@demo.invalid" in owner.did("people", "list")


def test_two_owners_declare_an_incident_in_two_clones(at: At, tmp_path: Path, shelf: Shelf) -> None:
    owners = Owners(at, tmp_path, shelf).enforced()
    owners.first.commit({"greet.sh": "echo bad\n"}, "past the gates")
    owners.first.git("push", "-q")
    told = owners.first.did("incident", "HEAD", "-m", "that was bad")
    assert "git codexa incident --sign incident/that-was-bad" in told
    owners.second.git("fetch", "-q")
    assert "past the gates" in owners.second.did("policy", "show")
    owners.second.did("incident", "--sign", "incident/that-was-bad")
    assert "incident.declared" in on_remote(owners, "audit/commands.jsonl")


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (("HEAD",), 2, "names commits and says what happened"),
        (("-m", "why"), 2, "names commits and says what happened"),
        (("nothing", "-m", "why"), 2, "'nothing' is no commit here"),
        (("-m", "why", "--", "--all"), 2, "'--all' is no commit here"),
        (("bypass/greeting", "-m", "why"), 1, "is no commit of main that could be named"),
        (("HEAD~1", "-m", "why"), 1, "is no commit of main that could be named"),
        (("HEAD", "HEAD", "-m", "why"), 1, "names no commit, or one of them twice"),
    ],
)
def test_an_incident_is_refused(words: tuple[str, ...], status: int, why: str, at: At) -> None:
    clone = fixed(at("enforced"))
    clone.git("switch", "-q", "main")
    clone.commit({"changes/backlog.toml": "# later\n"}, "after the root")
    assert why in clone.refused("incident", *words, status=status)


class TestAfterAnIncident:
    """What is said once the owners have named what should not be there."""

    def test_policy_show_tells_of_it_and_how_it_is_taken_as_settled(self, at: At) -> None:
        clone = at("enforced")
        assert "incident" not in clone.did("policy", "show")
        bad = clone.commit({"greet.sh": "echo evil\n"}, "evil")
        clone.did("incident", bad, "-m", "nobody looked")
        accepts = ""
        for words in (("policy", "show"), ("policy", "log")):
            told = clone.did(*words)
            assert f"names {bad[:12]}" in told
            assert "nobody looked" in told
            accepts = told.partition("settled: git codexa ")[2].splitlines()[0]
            assert clone.codexa("verify").status == 1
            clone.did(*accepts.split(" "))
        (known,) = json.loads(clone.did("policy", "show", "--json"))["incidents"]
        assert known["commits"] == [bad]
        assert known["id"] == accepts.split(" ")[-1]

    def test_verify_says_of_each_finding_which_incident_settles_it(self, at: At) -> None:
        clone = at("enforced")
        for number in range(2):
            clone.commit({"greet.sh": f"echo evil {number}\n"}, "evil")
            clone.did("incident", "HEAD", "-m", f"nobody looked {number}")
        words = ["verify"]
        for left in (2, 1):
            told = " ".join(clone.codexa(*words).out.split())
            assert told.count("the owners have named it") == left
            words += ["--accept", told.partition("git codexa verify --accept ")[2].split(" ")[0]]
        clone.did(*words)

    def test_a_branch_that_puts_policy_back_is_shown_with_the_command_that_names_what_spoilt_it(
        self, at: At
    ) -> None:
        clone = at("enforced")
        clone.commit({"codexa.toml": f"{clone.read('codexa.toml')}\n# mine\n"}, "mine now")
        clone.git("switch", "-q", "-c", "incident/policy")
        clone.git("checkout", "main~1", "--", "codexa.toml")
        clone.git("commit", "-qm", "back")
        told = clone.refused("policy", "show", "incident/policy", status=2)
        command = told.rpartition("hint: git codexa ")[2]
        clone.did(*shlex.split(command))

    def test_who_names_nothing_is_told_what_could_be_named(self, at: At) -> None:
        clone = at("enforced")
        clone.commit({"greet.sh": "echo evil\n"}, "evil")
        told = clone.refused("incident", status=2)
        clone.did(*shlex.split(told.rpartition("hint: git codexa ")[2]))


def test_an_incident_that_names_a_proper_landing_is_meant_or_refused(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    landing, before = clone.tip(), clone.tip()
    told = clone.refused("incident", "HEAD", "-m", "a slip")
    assert f"verify finds nothing wrong with {landing[:12]}, the landing of CH-001" in told
    assert "hint: git codexa revert CH-001 takes it back" in told
    forced = f"git codexa incident {landing[:12]} -m 'a slip' --force"
    assert forced in told
    assert forced in clone.refused("incident", "HEAD", "-m", "a slip", "--dry-run")
    assert clone.tip() == before
    clone.did("incident", "HEAD", "-m", "a slip", "--force")
    assert clone.git("log", "-1", "--format=%s") == "incident: a slip"
    told = clone.refused("incident", "HEAD", "-m", "another")
    assert "which the owners signed (incident: a slip)" in told


def test_an_incident_of_what_only_the_story_tells_is_no_slip(at: At) -> None:
    clone = at("closed")
    clone.git("commit", "-q", "--amend", "-m", "my words")
    clone.git("reflog", "expire", "--expire=all", "--all")
    clone.did("land")
    clone.git("switch", "-q", "main")
    clone.did("incident", "HEAD", "-m", "its story is not told so")


def test_an_incident_that_waits_is_named_to_whoever_names_nothing(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf).enforced()
    owners.first.commit({"greet.sh": "echo hi\n"}, "past the gates")
    owners.first.git("push", "-q")
    owners.first.did("incident", "HEAD", "-m", "past the gates")
    owners.second.git("fetch", "-q")
    told = owners.second.refused("incident", status=2)
    sign = "git codexa incident --sign incident/past-the-gates"
    assert f"hint: {sign} signs it\n" in told
    owners.second.did("incident", "--sign", "incident/past-the-gates")


def test_who_is_no_owner_proposes_an_incident_and_an_owner_is_asked_for_nothing_but_to_sign(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf).enforced()
    bad = owners.first.commit({"greet.sh": "echo bad\n"}, "past the gates")
    owners.first.commit({"changes/backlog.toml": "# later\n"}, "later")
    owners.first.git("push", "-q")
    owners.first.set_up("Demo QA", "qa@demo.invalid", owners.key("qa", 7))
    told = owners.first.did("incident", "HEAD~1", "-m", "seen by qa")
    (command,) = (one.strip() for one in told.splitlines() if "incident --sign" in one)
    assert command == "git codexa incident --sign incident/seen-by-qa"
    owners.second.git("fetch", "-q")
    shown = owners.second.did("policy", "show")
    assert f"incident/seen-by-qa  seen by qa\n    names {bad[:12]} past the gates\n" in shown
    assert command in owners.second.did("status")
    assert owners.second.did("policy", "show", "incident/seen-by-qa") in shown
    told = owners.second.did(*shlex.split(command)[2:])
    assert told.startswith(f"    names {bad[:12]} past the gates\n")
    owners.first.git("fetch", "-q")
    owners.first.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    owners.first.did(*shlex.split(command)[2:])
    record = json.loads(on_remote(owners, "audit/commands.jsonl").splitlines()[-1])
    assert record["data"]["commits"] == [bad]
    assert record["data"]["reason"] == "seen by qa"


def test_what_an_incident_has_named_is_not_named_again_unasked(at: At) -> None:
    clone = at("enforced")
    bad = clone.commit({"greet.sh": "echo bad\n"}, "past the gates")
    clone.did("incident", bad, "-m", "nobody looked")
    before = clone.tip()
    told = clone.refused("incident", bad, "-m", "again")
    assert f"error: {bad[:12]} is named already, by the incident of 2026-01-01: nobody look" in told
    settled, forced = (one.partition("git codexa ")[2] for one in told.splitlines()[-2:])
    clone.did(*shlex.split(settled))
    assert clone.tip() == before
    clone.did(*shlex.split(forced))
    assert clone.git("log", "-1", "--format=%s") == "incident: again"


def test_who_names_nothing_is_offered_no_act_of_the_owners(at: At) -> None:
    clone = at("enforced")
    clone.commit({"greet.sh": "echo bad\n"}, "past the gates")
    clone.did("incident", "HEAD", "-m", "nobody looked")
    told = clone.refused("incident", status=2)
    assert told.endswith("hint: git codexa verify lists those to name\n")


def test_an_incident_that_another_has_overtaken_waits_for_nobody(at: At, shelf: Shelf) -> None:
    clone = at("enforced")
    bad = clone.commit({"greet.sh": "echo bad\n"}, "past the gates")
    clone.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    clone.did("incident", bad, "-m", "seen by dev")
    clone.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    assert "incident/seen-by-dev waits for your signature" in clone.did("status")
    clone.did("incident", bad, "-m", "seen by me")
    assert "waits for your signature" not in clone.did("status")
    told = clone.did("policy", "show")
    assert "incident/seen-by-dev  waits for nothing: main has all of it\n" in told
    clone.git(*told.rpartition("    git ")[2].split())
    assert "incident/seen-by-dev" not in clone.did("policy", "show")
