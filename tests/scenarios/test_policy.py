"""Policy changes by the owners' signatures: one owner, two in two clones, and what is refused."""

import json
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import ROOT, At, Clone, Shelf
from scenarios.owners import ONE, TWO, Owners, on_remote
from scenarios.verbs import share

from codexa_git.gate.context import Context
from codexa_git.gate.governing import Act, judge_act, kind_of_act
from codexa_git.policy.compiled import load_policy
from codexa_git.repository.store import Store

CI = {".ci/run": "#!/bin/sh\n"}


@pytest.fixture
def owners(at: At, tmp_path: Path, shelf: Shelf) -> Owners:
    return Owners(at, tmp_path, shelf).enforced()


def judged(clone: Clone, name: str = "main") -> bool:
    """What anyone with a clone can find of the newest commit of a base."""
    with Store.open(clone.folder) as store:
        commit = store.commit(clone.tip(name))
        parent = store.commit(commit.parents[0])
        kind = kind_of_act(store, parent.tree, commit.tree)
        policy = load_policy(store, parent.tree, None)
        assert kind is not None
        assert policy is not None
        seconds = commit.committer.seconds, parent.committer.seconds
        context = Context(clone.git("config", "codexa.root"), "main", *seconds)
        return judge_act(Act(store, policy, parent.tree, commit.tree, context), kind).yes


def test_one_owner_signs_a_branch_and_it_is_on_the_base(at: At) -> None:
    clone = at("enforced")
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit(CI, "run it in ci")
    assert "would sign" not in clone.did("policy", "sign", "--dry-run")
    assert clone.tip("main") == clone.tip("policy/ci~1")
    told = clone.did("policy", "sign")
    assert "policy: run it in ci" in told
    assert "signed by Demo PM (owner)" in told
    assert clone.read(".ci/run", "main") == "#!/bin/sh"
    assert clone.git("log", "-1", "--format=%s", "main") == "policy: run it in ci"
    assert judged(clone)
    clone.git("switch", "-q", "main")
    clone.git("branch", "-d", "policy/ci")
    assert clone.is_clean()
    assert clone.is_sound()


def test_a_change_opened_before_lands_after_a_policy_commit(at: At) -> None:
    clone = at("package approved")
    clone.git("switch", "-q", "-c", "policy/ci", "main")
    clone.commit(CI, "run it in ci")
    clone.did("policy", "sign")
    clone.git("switch", "-q", "change/CH-001")
    assert "can land" in clone.until().out
    clone.did("land")
    assert clone.read(".ci/run", "main") == "#!/bin/sh"
    assert clone.did("replay", "CH-001")


def test_two_owners_in_two_clones_sign_one_commit(owners: Owners) -> None:
    branch = owners.proposal(CI)
    told = owners.first.did("policy", "sign", "-m", "run it in ci")
    assert "1 of 2 owners signed: Demo PM; asked of Demo Dev" in told
    assert "git codexa policy sign policy/ci" in told
    before = git(owners.bare, "rev-parse", "main")
    owners.second.git("fetch", "-q")
    assert "run it in ci" in owners.second.did("policy", "show")
    assert "signed by Demo PM (owner), Demo Dev (owner)" in owners.second.did("policy", "sign")
    assert git(owners.bare, "rev-parse", "main^1") == before
    assert on_remote(owners, ".ci/run") == "#!/bin/sh"
    assert f"{branch}  waits for nothing" in owners.second.did("policy", "show")
    owners.first.git("fetch", "-q")
    assert judged(owners.first, "origin/main")


def test_landings_in_between_cost_no_signature(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.did("policy", "sign")
    owners.second.commit({"changes/backlog.toml": "# nothing yet\n"}, "a free path")
    owners.second.git("push", "-q")
    owners.second.git("fetch", "-q")
    assert "Demo PM (owner), Demo Dev (owner)" in owners.second.did("policy", "sign", "policy/ci")


def test_after_another_policy_commit_everyone_signs_again(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.did("policy", "sign")
    owners.proposal({".gitattributes": "* text\n"}, "text")
    owners.first.did("policy", "sign")
    owners.second.git("fetch", "-q")
    owners.second.did("policy", "sign", "policy/text")
    told = owners.second.did("policy", "sign", "policy/ci")
    assert "1 of 2 owners signed: Demo Dev; asked of Demo PM" in told
    owners.first.git("fetch", "-q")
    assert "Demo Dev (owner), Demo PM (owner)" in owners.first.did("policy", "sign", "policy/ci")


def test_both_signing_at_once_lose_nothing(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.git("push", "-q", "origin", "policy/ci")
    owners.second.git("fetch", "-q")
    owners.second.git("remote", "set-url", "origin", str(owners.folder / "away.git"))
    lonely = owners.second.codexa("policy", "sign", "policy/ci")
    assert lonely.status == 0
    assert "not pushed" in lonely.err
    owners.first.did("policy", "sign", "policy/ci")
    owners.second.git("remote", "set-url", "origin", str(owners.bare))
    owners.second.git("fetch", "-q")
    told = owners.second.did("policy", "sign", "policy/ci")
    assert "Demo Dev (owner)" in told
    assert "Demo PM (owner)" in told
    assert on_remote(owners, ".ci/run") == "#!/bin/sh"


def test_signing_twice_is_signing_once(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.did("policy", "sign")
    before = owners.first.tip("policy/ci")
    assert "1 of 2 owners signed" in owners.first.did("policy", "sign")
    assert owners.first.tip("policy/ci") == before


def test_a_byte_changed_after_signing_asks_everyone_again(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.did("policy", "sign")
    owners.first.commit({".ci/run": "#!/bin/sh\nrm -rf /\n"}, "and more")
    owners.first.git("push", "-q", "origin", "policy/ci")
    owners.second.git("fetch", "-q")
    told = owners.second.did("policy", "sign", "policy/ci")
    assert "1 of 2 owners signed: Demo Dev; asked of Demo PM" in told


def test_whoever_writes_to_the_branch_cannot_sign_for_an_owner(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.did("policy", "sign")
    line = owners.first.read("audit/commands.jsonl", "policy/ci")
    forged = line.replace("Demo PM", "Demo Dev").replace("pm@demo", "dev@demo")
    owners.first.commit({"audit/commands.jsonl": f"{line}\n{forged}\n"}, "signed by all")
    told = owners.first.refused("policy", "sign")
    assert "audit/commands.jsonl:2: a record's id is not the digest" in told


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"greet.sh": "echo no\n"} | CI, "greet.sh is not guarded"),
        ({"codexa.toml": "rules = 2\n"}, "written for rule set 2"),
        ({"codexa.toml": None}, "the policy is gone"),
        ({"codexa.toml": None}, "hint: to leave codexa-git, first take its hooks out: git codexa"),
        ({".codexa/allowed_signers": "nonsense\n"}, "is not one literal e-mail address"),
    ],
)
def test_what_no_signature_could_bring_is_refused_before_anybody_signs(
    files: dict[str, str | bytes | None], told: str, at: At
) -> None:
    clone = at("enforced")
    clone.git("switch", "-q", "-c", "policy/wrong")
    clone.commit(files, "wrong")
    before = clone.tip("policy/wrong"), clone.tip("main")
    assert told in clone.refused("policy", "sign")
    assert (clone.tip("policy/wrong"), clone.tip("main")) == before


def test_the_last_owner_is_not_taken_out(at: At) -> None:
    clone = at("enforced")
    told = clone.refused("people", "revoke", "pm@demo.invalid", "--role", "owner")
    assert "owner.count asks for 1 with the role owner, and 0 people hold it" in told
    told = clone.refused("people", "revoke", "pm@demo.invalid")
    assert "Demo PM is the only one whom the policy names, and somebody has to own it\n" in told
    assert "hint: first somebody in their place: git codexa people add" in told


def test_who_is_no_owner_proposes_and_does_not_sign(at: At, shelf: Shelf) -> None:
    clone = at("enforced").set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit(CI, "run it in ci")
    told = clone.refused("policy", "sign")
    assert "dev@demo.invalid is no owner" in told
    assert "hint: ask Demo PM" in told
    clone.git("switch", "-q", "main")
    key = f"{shelf.dev}.pub"
    words = ("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "pm", "--key", key)
    assert "0 of 1 owners signed; asked of Demo PM" in clone.did(*words)
    clone.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    assert "policy: add Demo Dev, pm" in clone.did("policy", "sign", "policy/add-demo-dev-pm")


def test_while_observing_nothing_has_to_be_signed(at: At) -> None:
    clone = at("adopted")
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit(CI, "run it in ci")
    assert "main only observes: nothing has to be signed" in clone.refused("policy", "sign")


def test_what_the_base_has_changed_since_is_merged_by_a_person(at: At) -> None:
    clone = at("enforced")
    for name in ("one", "two"):
        clone.git("switch", "-q", "-c", f"policy/{name}", "main")
        clone.commit({".ci/run": f"{name}\n"}, name)
    clone.did("policy", "sign", "policy/one")
    told = clone.refused("policy", "sign", "policy/two")
    assert ".ci/run has changed on main since this branch began" in told
    clone.git("switch", "-q", "policy/two")
    clone.git("merge", "-q", "-X", "ours", "-m", "main", "main")
    clone.did("policy", "sign")
    assert clone.read(".ci/run", "main") == "two"


def test_uncommitted_work_that_is_in_the_way_is_kept(at: At) -> None:
    clone = at("enforced")
    clone.git("branch", "policy/ci")
    other = Clone(clone.folder.parent / "worktree")
    clone.git("worktree", "add", "-q", str(other.folder), "policy/ci")
    other.commit(CI, "run it in ci")
    clone.write(".ci/run", "mine\n")
    before = clone.tip("main")
    assert "work that is not committed" in clone.refused("policy", "sign", "policy/ci")
    assert clone.tip("main") == before
    assert (clone.folder / ".ci/run").read_text() == "mine\n"


def test_a_remote_that_refuses_leaves_the_base_as_it_was(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.did("policy", "sign")
    hook = owners.bare / "hooks" / "update"
    hook.write_text('#!/bin/sh\ntest "$1" != refs/heads/main\n')
    hook.chmod(0o755)
    owners.second.git("fetch", "-q")
    before = owners.second.tip("origin/main")
    assert "origin refused it" in owners.second.refused("policy", "sign", "policy/ci", status=3)
    assert owners.second.tip("origin/main") == owners.second.tip("main") == before
    hook.unlink()
    owners.second.did("policy", "sign", "policy/ci")


def test_it_is_told_to_a_script_too(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.did("policy", "sign", "-m", "run it in ci")
    told = json.loads(owners.first.did("policy", "show", "--json"))
    assert told["owners"] == ["pm@demo.invalid", "dev@demo.invalid"]
    assert told["count"] == 2
    (waiting,) = told["proposals"]
    assert waiting["branch"] == "policy/ci"
    assert waiting["paths"] == [".ci/run"]
    assert waiting["signed"] == ["pm@demo.invalid"]
    assert [ask["rule"] for ask in waiting["unmet"]] == ["owners-signed"]


def test_a_branch_of_another_form_hides_no_other(owners: Owners) -> None:
    owners.proposal(CI)
    owners.first.did("policy", "sign")
    owners.first.git("switch", "-q", "-c", "policy/odd", "main")
    owners.first.commit({"audit/commands.jsonl": "nonsense\n"}, "odd")
    assert "policy/ci" in owners.first.did("policy", "show")
    assert "commands.jsonl:1" in owners.first.refused("policy", "show", "policy/odd")


@pytest.mark.parametrize("words", [("policy/none",), ()])
def test_what_is_not_there_is_named(words: tuple[str, ...], at: At) -> None:
    told = at("enforced").refused("policy", "sign", *words, status=2)
    assert "there is no branch policy/none" in told or "no policy waits here" in told


def test_with_several_that_wait_one_is_named(owners: Owners) -> None:
    for name in ("one", "two"):
        owners.proposal({f".ci/{name}": "x\n"}, name)
        owners.first.did("policy", "sign")
    owners.second.git("fetch", "-q")
    told = owners.second.refused("policy", "sign", status=2)
    assert "which one? policy/one, policy/two" in told


def test_the_root_takes_every_owner_that_policy_asks_for(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf)
    told = owners.first.did("enforce", "--demo", "--yes")
    assert "1 of 2 owners signed: Demo PM" in told
    assert not owners.first.git("config", "--default", "", "codexa.root")
    assert 'mode = "observe"' in on_remote(owners, "codexa.toml")
    owners.second.git("fetch", "-q")
    assert "trust root signed by Demo PM and Demo Dev" in owners.second.did(
        "enforce", "--demo", "--yes"
    )
    assert 'mode = "enforce"' in on_remote(owners, "codexa.toml")
    told = owners.second.did("root")
    assert "signed  pm@demo.invalid" in told
    assert "signed  dev@demo.invalid" in told
    assert "enforces already" in owners.second.refused("enforce", "--demo", "--yes")


def test_a_root_that_waits_is_shown_with_who_has_signed_it(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf)
    owners.first.did("enforce", "--demo", "--yes")
    owners.second.git("fetch", "-q")
    for clone in (owners.first, owners.second):
        told = clone.did("policy", "show")
        assert "1 of 2 owners signed: Demo PM; asked of Demo Dev" in told
        assert "each owner signs this trust root with: git codexa enforce" in told
        assert "nothing has to be signed" not in told
        (waiting,) = json.loads(clone.did("policy", "show", "--json"))["proposals"]
        assert waiting["signed"] == ["pm@demo.invalid"]
        assert [ask["rule"] for ask in waiting["unmet"]] == ["owners-signed"]
        error = clone.refused("policy", "sign", "policy/enforce", status=2)
        assert "holds a trust root" in error
    owners.second.did("enforce", "--demo", "--yes")
    assert "policy/enforce  waits for nothing" in owners.second.did("policy", "show")


def test_a_base_that_moved_asks_for_the_root_again(at: At, tmp_path: Path, shelf: Shelf) -> None:
    owners = Owners(at, tmp_path, shelf)
    owners.first.did("enforce", "--demo", "--yes")
    owners.second.git("fetch", "-q")
    owners.second.commit({"README.md": "# Moved\n"}, "moved")
    owners.second.git("push", "-q")
    assert "1 of 2 owners signed: Demo Dev" in owners.second.did("enforce", "--demo", "--yes")
    owners.first.git("pull", "-q")
    assert "by Demo Dev and Demo PM" in owners.first.did("enforce", "--demo", "--yes")
    assert owners.first.did("root")


def judged_anew(owners: Owners) -> None:
    """A clone of the bare repository takes its root for one, and holds what is on it."""
    git(owners.folder, "clone", "-q", str(owners.bare), "judge")
    judge = Clone(owners.folder / "judge")
    judge.did("verify", "--root", owners.first.git("config", "codexa.root"))


def test_a_root_upon_a_base_that_moved_while_it_waited_holds(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf)
    owners.first.did("enforce", "--demo", "--yes")
    owners.second.git("fetch", "-q")
    owners.second.commit({"README.md": "# Moved\n"}, "moved")
    owners.second.git("push", "-q")
    owners.second.did("enforce", "--demo", "--yes")
    owners.first.git("pull", "-q")
    owners.first.did("enforce", "--demo", "--yes")
    assert len(owners.first.git("log", "-1", "--format=%P", "main").split()) == 2
    judged_anew(owners)


def test_a_root_that_was_signed_by_two_at_once_and_made_weeks_later_holds(
    at: At, tmp_path: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners = Owners(at, tmp_path, shelf)
    owners.first.did("enforce", "--demo", "--yes")
    owners.first.git("push", "-q", str(owners.bare), ":policy/enforce")
    owners.second.did("enforce", "--demo", "--yes")
    signed = owners.second.git("log", "-1", "--format=%ct", "policy/enforce")
    owners.first.git("fetch", "-q")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(signed) + 21 * 86_400))
    assert "by Demo PM and Demo Dev" in owners.first.did("enforce", "--demo", "--yes")
    assert owners.first.git("log", "-1", "--format=%ct", "main") == signed
    judged_anew(owners)


def test_what_nobody_can_read_where_a_root_waits_stops_nobody(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf)
    owners.first.did("enforce", "--demo", "--yes")
    for number, tip in enumerate(("main", "origin/policy/enforce")):
        owners.second.git("fetch", "-q")
        owners.second.git("switch", "-q", "--no-track", "-C", "x", tip)
        junk = owners.second.commit({"audit/commands.jsonl": "{}\n" * (number + 1)}, "junk")
        owners.second.git("push", "-q", "-f", "origin", "x:policy/enforce")
        owners.second.git("switch", "-q", "main")
        if number == 0:
            owners.first.git("fetch", "-q")
            answer = owners.first.codexa("enforce", "--demo", "--yes")
            assert (answer.status, "1 of 2 owners signed" in answer.out) == (0, True)
            told = f"warning: {junk[:12]} on policy/enforce counts for nothing, for nobody can read"
            assert told in answer.err
            assert f"hint: anybody may have pushed it: git show {junk[:12]}\n" in answer.err
            assert "not pushed" not in answer.err
    owners.second.git("fetch", "-q")
    owners.second.did("policy", "show")
    answer = owners.second.codexa("enforce", "--demo", "--yes")
    assert answer.status == 0
    assert "by Demo PM and Demo Dev" in answer.out
    assert "junk" not in owners.second.git("log", "--format=%s", "main")
    owners.first.git("pull", "-q")
    owners.first.did("root", "--pin", owners.second.git("config", "codexa.root"))
    judged_anew(owners)


def test_what_a_stranger_put_where_a_root_waits_does_not_come_with_it(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf)
    owners.first.did("enforce", "--demo", "--yes")
    owners.second.git("fetch", "-q")
    owners.second.git("switch", "-q", "policy/enforce")
    owners.second.commit({"backdoor.sh": "echo evil\n"}, "evil")
    owners.second.git("push", "-q", "origin", "policy/enforce")
    owners.second.git("switch", "-q", "main")
    assert "by Demo PM and Demo Dev" in owners.second.did("enforce", "--demo", "--yes")
    assert "evil" not in owners.second.git("log", "--format=%s", "main")
    owners.first.git("pull", "-q")
    owners.first.did("root", "--pin", owners.second.git("config", "codexa.root"))
    judged_anew(owners)


def test_the_count_of_owners_itself_changes_under_the_count_before(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    owners = Owners(at, tmp_path, shelf, count=1)
    owners.first.did("enforce", "--demo", "--yes")
    text = owners.first.read("codexa.toml")
    owners.proposal({"codexa.toml": text.replace(ONE, TWO) + "\n"}, "two")
    owners.first.did("policy", "sign")
    owners.proposal({"codexa.toml": text + "\n"}, "one")
    assert "1 of 2 owners signed" in owners.first.did("policy", "sign")


def pushed(clone: Clone, **other: str) -> str:
    """A commit straight to the base that lets tests take a day, signed by nobody."""
    clone.git("switch", "-q", "main")
    text = clone.read("codexa.toml").replace("timeout = 600", "timeout = 86400")
    return clone.commit({"codexa.toml": text + "\n", **other}, "more time")


def back(clone: Clone, branch: str) -> None:
    """On a branch, the policy as it was signed last."""
    clone.git("switch", "-q", "-c", branch, "main")
    text = clone.read("codexa.toml").replace("timeout = 86400", "timeout = 600")
    clone.commit({"codexa.toml": text + "\n"}, "back")


def closed_again(clone: Clone) -> Clone:
    clone.git("switch", "-q", "change/CH-001")
    assert "can land" in clone.until().out
    return clone


def held_up(clone: Clone) -> str:
    """What is said where the change is neither closed on the base as it is now, nor landed."""
    clone.git("switch", "-q", "change/CH-001")
    told = clone.refused("advance")
    assert clone.refused("land") == told
    return told


def test_nothing_lands_on_a_policy_that_the_owners_did_not_sign(at: At) -> None:
    clone = at("closed")
    bad = pushed(clone)
    told = held_up(clone)
    assert f"the policy of main was changed at {bad[:12]} without the owners' signatures" in told
    assert f"git codexa incident {bad[:12]} -m" in told


def test_an_incident_does_not_take_over_what_nobody_signed(at: At) -> None:
    clone = at("closed")
    good = clone.tip("main")
    bad = pushed(clone)
    told = clone.refused("incident", bad, "-m", "no server was up")
    assert "would leave main with a policy that its owners did not sign" in told
    told = held_up(clone)
    assert f"git codexa incident {bad[:12]} -m ... --sign incident/policy" in told
    lines = [line.removeprefix("hint: ").strip() for line in told.split("\n")]
    signed = next(line.split()[2] for line in lines if line.startswith("git checkout "))
    clone.git("switch", "-q", "-c", "incident/policy", "main")
    clone.git("checkout", signed, "--", "codexa.toml", ".codexa/allowed_signers")
    clone.git("commit", "-qm", "policy as it was signed")
    clone.did("incident", bad, "-m", "no server was up", "--sign", "incident/policy")
    closed_again(clone).did("land")
    assert clone.git("diff", good, "main", "--", "codexa.toml") == ""


def test_policy_put_back_in_silence_is_still_told_of(at: At) -> None:
    clone = at("closed")
    bad = pushed(clone)
    back(clone, "policy/back")
    clone.did("policy", "sign")
    assert bad[:12] in held_up(clone)


def test_policy_put_back_by_an_incident_goes_on(at: At) -> None:
    clone = at("closed")
    bad = pushed(clone)
    back(clone, "incident/back")
    clone.did("incident", bad, "-m", "no server was up", "--sign", "incident/back")
    closed_again(clone).did("land")


def test_a_policy_that_nobody_can_read_is_reverted_and_both_are_named(at: At) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    bad = clone.commit({"codexa.toml": "nonsense [\n"}, "oops")
    assert "the policy cannot be read" in clone.refused("status", status=3)
    clone.git("revert", "--no-edit", bad)
    mended = clone.tip()
    assert bad[:12] in held_up(clone)
    clone.did("incident", bad, mended, "-m", "a slip of the hand")
    closed_again(clone).did("land")


def test_who_came_in_unsigned_cannot_say_that_all_is_well(at: At, shelf: Shelf) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    text = clone.read("codexa.toml")
    thief = '\n\n[[people]]\nemail = "dev@demo.invalid"\nname = "Demo Dev"\nroles = ["owner"]\n'
    public = Path(f"{shelf.dev}.pub").read_text().rsplit(" ", 1)[0]
    line = f'dev@demo.invalid namespaces="codexa" {public}\n'
    signers = clone.read(".codexa/allowed_signers") + "\n"
    bad = clone.commit(
        {"codexa.toml": text + thief, ".codexa/allowed_signers": signers + line}, "me"
    )
    later = clone.commit({"changes/backlog.toml": "# nothing\n"}, "later")
    clone.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    clone.did("incident", later, "-m", "nothing to see", "--force")
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit(CI, "ci")
    clone.did("policy", "sign")
    clone.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    assert bad[:12] in held_up(clone)
    clone.git("switch", "-q", "-c", "incident/back", "main")
    clone.git("checkout", f"{bad}^", "--", "codexa.toml", ".codexa/allowed_signers")
    clone.git("commit", "-qm", "put back")
    reason = "someone made themselves an owner"
    clone.did("incident", bad, "-m", reason, "--sign", "incident/back")
    closed_again(clone).did("land")


def pushed_by_another(owners: Owners, branch: str, files: dict[str, str]) -> None:
    """The second clone puts one more commit on the remote's branch, and the first fetches it."""
    owners.second.git("fetch", "-q")
    owners.second.git("switch", "-q", branch)
    owners.second.commit(files, "small fix")
    owners.second.git("push", "-q", "origin", branch)
    owners.first.git("fetch", "-q")


@pytest.mark.parametrize("words", [("policy", "sign"), ("bypass", "-m", "totals were wrong")])
def test_what_somebody_pushed_to_the_branch_is_not_signed_unread(
    owners: Owners, words: tuple[str, ...]
) -> None:
    files = CI if words[0] == "policy" else {"greet.sh": "echo hello there\n"}
    branch = owners.proposal(files)
    owners.first.git("push", "-q", "-u", "origin", branch)
    pushed_by_another(owners, branch, {"evil.sh": "echo evil\n", ".ci/evil": "boo\n"})
    before = owners.first.tip("main")
    told = owners.first.refused(*words)
    assert f"origin/{branch} has 1 commit that you have not merged" in told
    assert f"git merge origin/{branch}" in told
    assert "that you have not merged" in owners.first.did("policy", "show", branch)
    assert owners.first.tip("main") == before
    owners.first.commit({"other.txt": "mine\n"}, "and both went on")
    assert "that you have not merged" in owners.first.refused(*words)


def diff_shown(clone: Clone, branch: str) -> str:
    """The command that `policy show` names, found to be just what would be signed of `.ci`."""
    (line,) = [one for one in clone.did("policy", "show", branch).split("\n") if "git diff" in one]
    assert clone.git(*line.split()[1:], "--name-only", "--", ":!audit").split() == [".ci/run"]
    return line.strip()


def test_an_owner_is_shown_the_diff_that_they_sign_wherever_the_branches_are(
    owners: Owners,
) -> None:
    owners.second.commit({"changes/backlog.toml": "# nothing yet\n"}, "a free path")
    owners.second.git("push", "-q")
    owners.first.git("pull", "-q")
    branch = owners.proposal(CI)
    owners.first.did("policy", "sign")
    owners.second.git("reset", "-q", "--hard", "HEAD~1")
    owners.second.git("fetch", "-q")
    page = (ROOT / "docs" / "how-to" / "change-the-policy.md").read_text()
    (said,) = [line for line in page.split("\n") if line.startswith("git diff")]
    assert diff_shown(owners.second, branch) == said.replace("longer-tests", "ci")
    owners.second.git("switch", "-q", branch)
    assert diff_shown(owners.second, branch) == f"git diff origin/main...{branch}"
    owners.first.git("switch", "-q", branch)
    owners.first.git("commit", "-q", "--allow-empty", "-m", "later")
    owners.first.git("push", "-q", "origin", branch)
    owners.second.git("fetch", "-q")
    assert diff_shown(owners.second, branch) == f"git diff origin/main...origin/{branch}"


def test_a_branch_whose_name_a_shell_would_read_is_named_in_quotes(at: At) -> None:
    clone = at("enforced")
    clone.git("switch", "-q", "-c", "policy/a;b")
    clone.commit(CI, "run it in ci")
    assert "git diff 'main...policy/a;b'" in clone.did("policy", "show")


def test_what_is_signed_is_told_path_by_path(owners: Owners) -> None:
    branch = owners.proposal({**CI, "codexa.toml": owners.first.read("codexa.toml") + "\n\n"})
    tip = owners.first.tip(branch)[:12]
    said = owners.first.did("policy", "sign")
    assert said.startswith(
        f"{branch} at {tip} changes on main:\n    new      .ci/run\n    changed  codexa.toml\n"
    )


@pytest.fixture
def unsigned(at: At) -> Clone:
    """A change that could be closed, on a base whose policy nobody signed."""
    clone = at("package approved")
    pushed(clone)
    clone.git("switch", "-q", "change/CH-001")
    return clone


UNSIGNED = "without the owners' signatures"


def test_an_unsigned_policy_is_told_by_all_who_show_or_sign_it(unsigned: Clone) -> None:
    bad = unsigned.tip("main")
    answer = unsigned.codexa("policy", "show")
    assert answer.status == 0
    assert f"changed at {bad[:12]} {UNSIGNED}" in answer.err
    assert f"git codexa incident {bad[:12]}" in answer.err
    assert UNSIGNED in json.loads(unsigned.did("policy", "show", "--json"))["problem"]
    found = json.loads(unsigned.codexa("doctor", "--json").out)["findings"]
    assert [(f["word"], UNSIGNED in f["now"]) for f in found if f["about"] == "signed"] == [
        ("problem", True)
    ]
    unsigned.git("switch", "-q", "-c", "policy/ci", "main")
    unsigned.commit(CI, "run it in ci")
    assert UNSIGNED in unsigned.codexa("policy", "sign", "--dry-run").err


def test_nothing_is_closed_on_an_unsigned_policy_and_status_says_why(unsigned: Clone) -> None:
    before = unsigned.git("for-each-ref")
    assert UNSIGNED in unsigned.refused("advance")
    assert unsigned.git("for-each-ref") == before
    told = " ".join(unsigned.did("status", "CH-001").split())
    assert "nothing lands now: the policy of main was changed at" in told
    assert told == " ".join(unsigned.did("status", "CH-001").split())
    facts = json.loads(unsigned.did("status", "--json"))["changes"][0]
    assert UNSIGNED in facts["policy_problem"]


def test_where_all_is_signed_nothing_is_said_of_it(at: At) -> None:
    clone = at("package approved")
    assert json.loads(clone.did("policy", "show", "--json"))["problem"] is None
    assert clone.codexa("policy", "show").err == ""
    assert "nothing lands" not in clone.did("status")
    assert json.loads(clone.did("status", "--json"))["changes"][0]["policy_problem"] is None
    assert "✓ signed       every policy since the root" in clone.codexa("doctor").out


class TestAMisspeltWord:
    """`{reprot}` in a command: whoever writes it is told, and whoever reads it judges as ever."""

    WRONG = ("sh check.sh", "sh check.sh {reprot}")

    def _misspelt(self, clone: Clone) -> bytes:
        text = clone.raw("codexa.toml", "main").decode()
        assert self.WRONG[0] in text
        return text.replace(*self.WRONG).encode()

    def test_no_owner_signs_it(self, at: At) -> None:
        clone = at("enforced")
        before = clone.tip("main")
        clone.git("switch", "-q", "-c", "policy/wrong")
        clone.commit({"codexa.toml": self._misspelt(clone)}, "wrong")
        for words in (("policy", "sign", "--dry-run"), ("policy", "sign")):
            told = clone.refused(*words)
            assert "tests.run[1]: {reprot} stands for nothing in a command" in told
            assert "hint: did you mean {report}?" in told
        assert clone.tip("main") == before

    def test_none_enforces_it(self, at: At) -> None:
        clone = at("adopted")
        clone.commit({"codexa.toml": self._misspelt(clone)}, "wrong")
        assert "{reprot} stands for nothing" in clone.refused("enforce", "--demo", "--yes")
        clone.did("status")
        assert "{reprot} stands for nothing" in clone.codexa("policy", "show").err

    def test_where_it_has_long_stood_everything_is_read_and_judged_as_ever(
        self, at: At, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone = at("adopted")
        clone.commit({"codexa.toml": self._misspelt(clone)}, "wrong")
        with monkeypatch.context() as patch:  # an earlier version asked nobody
            patch.setattr("codexa_git.workflow.owners.enforcing.require_spelt", lambda *_: None)
            clone.did("enforce", "--demo", "--yes")
        clone.did("verify")
        clone.did("status")
        assert "{reprot} stands for nothing" in clone.codexa("doctor").out
        person = ("Demo Dev", "dev@demo.invalid", "--role", "pm", "--key", f"{shelf.dev}.pub")
        clone.did("people", "add", *person)
        clone.git("switch", "-q", "-c", "policy/right", "main")
        text = clone.raw("codexa.toml", "main").decode()
        clone.commit({"codexa.toml": text.replace(self.WRONG[1], self.WRONG[0])}, "right")
        clone.did("policy", "sign")
        assert "reprot" not in clone.codexa("doctor").out
        clone.did("verify")


def test_what_is_signed_on_the_base_itself_does_not_say_that_the_base_can_go(at: At) -> None:
    clone = at("enforced")
    share(clone)
    clone.commit({".github/workflows/ci.yml": "on: push\n"}, "run it in ci")
    told = clone.did("policy", "sign", "main")
    assert "signed by" in told
    assert "branch -d" not in told


def test_a_branch_that_changes_nothing_says_so_and_what_is_not_committed(at: At) -> None:
    clone = at("enforced")
    clone.git("switch", "-q", "-c", "policy/none")
    told = clone.refused("policy", "sign")
    assert told.startswith("error: policy/none changes nothing on main\n")
    assert "hint: commit on policy/none what it is to bring" in told
    assert "guarded" not in told
    clone.write("codexa.toml", clone.read("codexa.toml") + "\n# more\n")
    clone.write("notes.txt", "mine\n")
    told = clone.refused("policy", "sign")
    assert "codexa.toml has uncommitted changes, and only what is committed is read" in told
    assert "git add -- codexa.toml && git commit" in told
    assert "notes.txt" not in told
    assert "notes.txt" in clone.refused("bypass", "-m", "why")


def test_what_waits_for_an_owner_is_in_their_status(at: At, tmp_path: Path, shelf: Shelf) -> None:
    owners = Owners(at, tmp_path, shelf).enforced()
    owners.first.did("people", "add", "Demo QA", "qa@demo.invalid", "--role", "qa")
    assert "waits for your signature" not in owners.first.did("status", "--all")
    owners.second.git("fetch", "-q")
    told = owners.second.did("status")
    assert "policy/add-demo-qa-qa waits for your signature: add Demo QA, qa\n" in told
    assert "    git codexa policy sign policy/add-demo-qa-qa\n" in told
    owners.second.did("policy", "sign", "policy/add-demo-qa-qa")
    assert "waits for your signature" not in owners.second.did("status")
    (line,) = (one for one in owners.second.did("policy", "log").splitlines() if "QA" in one)
    assert line.endswith("add Demo QA, qa  (signed by Demo PM, Demo Dev)")


def test_what_others_have_brought_meanwhile_waits_for_nobody_and_can_go(owners: Owners) -> None:
    branch = owners.proposal(CI)
    owners.first.git("branch", "-q", "policy/twin")
    owners.first.did("policy", "sign")
    owners.second.git("fetch", "-q")
    told = owners.second.did("policy", "sign", branch)
    assert f"its branch can go: git push origin --delete {branch}\n" in told
    owners.first.git("switch", "-q", "main")
    owners.first.git("pull", "-q")
    owners.first.git("branch", "-q", "policy/fresh")
    told = owners.first.did("policy", "show")
    assert f"{branch}  waits for nothing: main has all of it\n" in told
    assert "policy/twin  waits for nothing" in told
    assert "policy/fresh" not in told
    commands = [line.split()[1:] for line in told.splitlines() if line.startswith("    git ")]
    for command in commands:
        owners.first.git(*command)
    assert "waits for nothing" not in owners.first.did("policy", "show")
    assert branch not in owners.first.git("branch", "--all")
