"""Work that whoever did it, or let the Implementer do it, signs: then one other person approves."""

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from builders import git
from scenarios.clone import BRIEF, SHOUT, At, Clone, States, recipes

from codexa_git.audit.payload import payload_of
from codexa_git.audit.record import parse_record
from codexa_git.workflow.moves import executing

PM, DEV = ("Demo PM", "pm@demo.invalid"), ("Demo Dev", "dev@demo.invalid")
APART = "separate = false", "separate = true"
NOTES = "".join(f"Note {n}.\n" for n in range(1, 20))
SAID = {"README.md": "# Greet\n\nSee `shout.sh`.\n"}


def keys(clone: Clone) -> Path:
    """The folder of the keys of whoever sits there."""
    return Path(clone.git("config", "user.signingkey")).parent


def pm(clone: Clone) -> Clone:
    return clone.set_up(*PM, keys(clone) / "pm")


def dev(clone: Clone) -> Clone:
    return clone.set_up(*DEV, keys(clone) / "dev")


def _apart(clone: Clone, second: str = "") -> None:
    """Two people, neither of whom approves what is theirs; the plan is approved by both."""
    key = f"{keys(clone) / 'dev'}.pub"
    clone.did("people", "add", *DEV, "--role", "pm", "--key", key)
    policy = clone.read("codexa.toml").replace(*APART)
    clone.commit({"codexa.toml": f"{policy}\n", "NOTES": NOTES}, "nobody approves their own")
    clone.did("enforce", "--demo", "--yes")
    place = clone.folder.with_name(f"{clone.folder.name} brief.md")
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))
    clone.commit({"changes/CH-001/recipes.toml": recipes(SHOUT, second)}, "say how")
    clone.did("advance")
    clone.did("approve")
    dev(clone).did("approve")


def _signed(clone: Clone) -> None:
    """Demo Dev lets the Implementer do the one task, does the other, and signs both."""
    dev(clone)
    assert "T-02 waits for a person" in clone.codexa("advance", "--sign").err
    clone.commit(SAID, "T-02: say so")
    clone.did("advance", "--sign")
    clone.did("advance")


def _greets(clone: Clone) -> None:
    """The same, and the Implementer adds a line to `greet.sh` as its second task."""
    _apart(clone, """run = ["sh -c 'cat greet.sh > loud.sh; echo \\\\#loud >> greet.sh'"]""")


OWN_STATES: States = {
    "apart": ("adopted", _apart),
    "signed": ("apart", _signed),
    "greets": ("adopted", _greets),
}


def tasks(clone: Clone, at: str = "HEAD") -> dict[str, dict[str, Any]]:
    """What is on record of each task that was completed, last."""
    lines = map(json.loads, clone.read("audit/CH-001/handoff.jsonl", at).splitlines())
    return {r["data"]["task_id"]: r for r in lines if r["type"] == "task.completed"}


def test_work_that_one_signs_the_other_approves_and_it_lands(at: At) -> None:
    clone = at("signed")
    told = clone.refused("approve")
    assert (
        "you signed its work, and the approval of its results is for somebody else to give" in told
    )
    assert "ask Demo PM" in told
    pm(clone).did("approve")
    assert "package is not approved" in clone.until().err
    packet = clone.read("changes/CH-001/packet.html")
    assert "by Implementer (agent), run-001, signed by Demo Dev" in packet
    assert "ask Demo PM" in dev(clone).refused("approve")
    pm(clone).did("approve")
    clone.until()
    clone.did("land")
    assert clone.codexa("verify", "--story").status == 0
    assert "made again with the same ids" in clone.did("replay", "CH-001")
    done = tasks(clone, "main")
    assert {r["data"]["signer"]["email"] for r in done.values()} == {DEV[1]}
    assert done["T-01"]["actor"]["email"] == "implementer@agents.invalid"
    assert [r["data"]["by"] for r in done.values()] == ["agent", "person"]


def test_openssh_agrees_with_the_signature(at: At, tmp_path: Path) -> None:
    clone = at("signed")
    signers, signature = tmp_path / "signers", tmp_path / "signature"
    signers.write_text(clone.read(".codexa/allowed_signers", "main") + "\n")
    for line in clone.raw("audit/CH-001/handoff.jsonl").splitlines():
        record = parse_record(line)
        if record.type != "task.completed":
            continue
        signature.write_text(record.signature or "")
        words = ["ssh-keygen", "-Y", "verify", "-n", "codexa", "-I", DEV[1], "-s", str(signature)]
        for message, status in ((payload_of(record), 0), (payload_of(record) + b" ", 255)):
            done = subprocess.run(
                [*words, "-f", str(signers)], input=message, capture_output=True, check=False
            )
            assert done.returncode == status, done


def test_work_that_nobody_signs_is_for_two(at: At) -> None:
    clone = at("apart")
    clone.codexa("advance")
    clone.commit(SAID, "T-02: say so")
    clone.did("advance")
    clone.did("advance")
    assert all("signature" not in record for record in tasks(clone).values())
    pm(clone).did("approve")
    assert "1 of 2 approvals by a pm" in clone.refused("advance")
    dev(clone).did("approve")


def test_work_of_which_one_task_is_signed_is_for_two(at: At) -> None:
    clone = at("apart")
    clone.codexa("advance")
    clone.commit(SAID, "T-02: say so")
    clone.did("advance", "--sign")
    clone.did("advance")
    pm(clone).did("approve")
    told = clone.refused("advance")
    assert "1 of 2 approvals by a pm; two are asked, for shout.sh is not as anybody signed" in told
    dev(clone).did("approve")


def by_both(clone: Clone) -> str:
    """Demo PM signs the one task, Demo Dev the other; what was said of the second signature."""
    pm(clone).codexa("advance", "--sign")
    dev(clone).commit(SAID, "T-02: say so")
    answer = clone.codexa("advance", "--sign")
    assert answer.status == 0, answer
    return answer.err


def test_nobody_signs_what_would_leave_nobody_to_approve(at: At) -> None:
    """What it would cost is said, and the work is for two, of whom each may have signed a part."""
    clone = at("apart")
    told = "T-02 is not signed: too few were left to approve the work as pm, unless it is for two"
    assert by_both(clone) == f"warning: {told}\nhint: two people approve its results and package\n"
    assert ["signature" in record for record in tasks(clone).values()] == [True, False]
    clone.did("advance")
    clone.did("approve")
    pm(clone).did("approve")
    assert "package is not approved" in clone.until().err
    clone.did("approve")
    dev(clone).did("approve")
    clone.until()
    clone.did("land")
    assert clone.codexa("verify", "--story").status == 0


def test_who_is_left_to_approve_is_asked_by_path_as_well(at: At) -> None:
    clone = at("apart")
    clone.git("switch", "-q", "main")
    pm(clone).git("switch", "-q", "-c", "policy/paths")
    text = clone.read("codexa.toml")
    rule = '[[path]]\npaths = ["shout.sh"]\nrole = "owner"\n'
    clone.commit({"codexa.toml": f"{text}\n{rule}"}, "owners look at that")
    clone.did("policy", "sign")
    clone.git("switch", "-q", "change/CH-001")
    clone.did("sync")
    answer = clone.codexa("advance", "--sign")
    told = (
        "T-01 is not signed: too few were left to approve the work as owner, unless it is for two"
    )
    assert told in answer.err
    assert "signature" not in tasks(clone)["T-01"]


def test_work_that_all_signed_who_could_approve_it_has_a_way_out(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clones may sign at once, and people lose their roles: so it can come to that."""
    clone = at("apart")
    monkeypatch.setattr(executing, "too_dear", lambda *_: None)
    assert by_both(clone) == ""
    monkeypatch.undo()
    clone = pm(clone)
    clone.did("advance")
    rework = 'git codexa rework CH-001 --task T-01 -m "signed by all who could approve it"'
    then = "then without --sign: git config codexa.sign false; git codexa advance CH-001"
    for told in (clone.refused("approve"), clone.refused("advance")):
        assert f"hint: {rework}\n" in told
        assert then in told
    assert "too few are left: Demo PM and Demo Dev signed the work" in clone.refused("advance")
    told = clone.did("status")
    assert f"    {rework}\n" in told
    assert "your move, Demo PM: have a task done again, which nobody signs, then" in told
    assert "--task T-01" in clone.did("digest")
    assert clone.process(*shlex.split(rework)[2:]).status == 0
    for words in (("advance",), ("advance",), ("approve",)):
        clone.did(*words)
    dev(clone).did("approve")
    assert "package is not approved" in clone.until().err


def test_nobody_signs_what_another_did_by_hand(at: At) -> None:
    clone = at("apart")
    clone.codexa("advance", "--sign")
    authored(clone, SAID, "T-02: say so")
    told = clone.codexa("advance", "--sign").err
    assert told.startswith("warning: T-02 is not signed: pm@demo.invalid worked on it\n")
    assert "signed by nobody" not in told
    assert "signature" in tasks(clone)["T-01"]
    assert tasks(clone)["T-02"]["actor"]["email"] == PM[1]
    assert "signature" not in tasks(clone)["T-02"]


def test_nobody_signs_what_another_did_a_part_of(at: At) -> None:
    clone = at("apart")
    clone.codexa("advance", "--sign")
    authored(clone, SAID, "T-02: say so")
    clone.commit({"README.md": "# Greet\n\nSee also `shout.sh`.\n"}, "T-02: say it better")
    clone.did("advance", "--sign")
    assert tasks(clone)["T-02"]["actor"]["email"] == DEV[1]
    assert "signature" not in tasks(clone)["T-02"]


def test_nobody_signs_what_another_committed_in_their_name(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PM says that Dev wrote it, and wants her to stand for it, so that PM alone approves it."""
    clone = at("apart")
    clone.codexa("advance", "--sign")
    clone.commit(SAID, "T-02: say so")
    with monkeypatch.context() as another:
        another.setenv("GIT_COMMITTER_EMAIL", PM[1])
        clone.git("commit", "-q", "--amend", "--no-edit", "--author", f"{DEV[0]} <{DEV[1]}>")
    assert clone.git("log", "-1", "--format=%ae %ce") == f"{DEV[1]} {PM[1]}"
    clone.did("advance", "--sign")
    assert "signature" not in tasks(clone)["T-02"]


def pulled(at: At, *, forged: bool) -> tuple[Clone, str]:
    """Dev's clone, which has T-02 from elsewhere: from a clone of hers, or as PM forged it."""
    clone, other = at("apart"), at("apart")
    pm(other)
    with pytest.MonkeyPatch.context() as another:
        for role in ("AUTHOR", "COMMITTER"):
            another.setenv(f"GIT_{role}_NAME", DEV[0])
            another.setenv(f"GIT_{role}_EMAIL", DEV[1])
        oid = other.commit(SAID | ({"mine.sh": "echo mine\n"} if forged else {}), "T-02: say so")
    clone.git("pull", "-q", "--ff-only", str(other.folder), "change/CH-001")
    assert clone.tip() == oid
    return clone, oid[:12]


def test_what_came_from_elsewhere_in_ones_name_waits_until_one_says_so(at: At) -> None:
    """PM forges author and committer alike, so that Dev signs it, and PM alone approves it."""
    clone, oid = pulled(at, forged=True)
    answer = clone.codexa("advance", "--sign")
    assert answer.status == 1
    assert (
        f"warning: T-02 is not signed: {oid} is in your name, and was not committed in this clone\n"
        f"hint: look at it: git show {oid}\n"
        "hint: if it is yours: git codexa advance CH-001 --mine T-02\n"
        "hint: if not, or for two to approve it: git codexa advance CH-001\n"
    ) in answer.err
    assert "now   T-01, T-02 not done" in answer.err
    assert "task.completed" not in clone.read("audit/CH-001/handoff.jsonl")
    clone.did("advance")
    assert all("signature" not in record for record in tasks(clone).values())
    clone.did("advance")
    pm(clone).did("approve")
    assert "results are not approved" in clone.refused("advance")


def test_what_is_ones_own_from_elsewhere_one_signs_by_its_name(at: At) -> None:
    clone, _ = pulled(at, forged=False)
    told = clone.refused("advance", "--mine", "T-03", status=2)
    assert "T-03 is no task that was done by hand and waits to be taken up" in told
    clone.did("advance", "--mine", "T-02")
    assert all("signature" in record for record in tasks(clone).values())
    assert "waits to be taken up" in clone.refused("advance", "--mine", "T-02", status=2)


def test_nobody_signs_what_another_did_by_naming_it(at: At) -> None:
    clone = at("apart")
    authored(clone, SAID, "T-02: say so")
    told = clone.codexa("advance", "--mine", "T-02").err
    assert "T-02 is not signed: pm@demo.invalid worked on it" in told
    assert "signature" not in tasks(clone)["T-02"]


HERE = {
    "cherry-picked": (("reset", "-q", "--hard", "HEAD~1"), ("cherry-pick", "ORIG_HEAD")),
    "rebased": (("rebase", "-q", "--force-rebase", "HEAD~1"),),
    "rebased on another": (
        ("switch", "-q", "-c", "side", "HEAD~1"),
        ("commit", "-q", "--allow-empty", "-m", "T-01: nothing to do"),
        ("switch", "-q", "change/CH-001"),
        ("rebase", "-q", "side"),
        ("rebase", "-q", "--force-rebase", "HEAD~1"),
    ),
    "rebased beside": (
        ("switch", "-q", "-c", "side"),
        ("rebase", "-q", "--force-rebase", "HEAD~1"),
        ("branch", "-q", "-f", "change/CH-001", "side"),
        ("switch", "-q", "change/CH-001"),
    ),
    "reworded": (("-c", "sequence.editor=sed -i s/pick/reword/", "rebase", "-q", "-i", "HEAD~1"),),
    "amended": (("commit", "-q", "--amend", "-m", "T-02: say it so"),),
    "on a branch": (
        ("branch", "-q", "side"),
        ("reset", "-q", "--hard", "HEAD~1"),
        ("merge", "-q", "--ff-only", "side"),
        ("branch", "-q", "-D", "side"),
    ),
}


@pytest.mark.parametrize("way", HERE)
def test_what_was_committed_here_is_signed_in_whatever_way(
    at: At, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("GIT_EDITOR", "sed -i s/say/tell/")
    clone = at("apart")
    clone.codexa("advance", "--sign")
    clone.commit(SAID, "T-02: say so")
    for words in HERE[way]:
        clone.git(*words)
    assert ("T-02: tell so" in clone.log()) == (way == "reworded")
    clone.did("advance", "--sign")
    assert "signature" in tasks(clone)["T-02"]


@pytest.mark.parametrize("way", ["ff", "merge", "rebase", "fetch", "reset", "am"])
def test_what_was_brought_here_is_not_in_whatever_way(at: At, tmp_path: Path, way: str) -> None:
    from_elsewhere, _ = pulled(at, forged=True)
    clone = at("apart")
    clone.git("fetch", "-q", str(from_elsewhere.folder), "change/CH-001:commit/initial")
    ways = {
        "ff": ["merge -q commit/initial"],
        "merge": ["merge -q --no-ff --no-edit commit/initial"],
        "rebase": ["rebase -q commit/initial"],
        "fetch": ["switch -q main", "branch -q -f change/CH-001 commit/initial"],
        "reset": ["reset -q --hard commit/initial"],
        "am": [f"format-patch -q -1 -o {tmp_path} commit/initial", f"am -q {tmp_path}/0001*"],
    }
    for words in ways[way]:
        subprocess.run(f"git {words}", shell=True, check=True, cwd=clone.folder)
    told = clone.codexa("advance", "CH-001", "--sign").err
    assert "is in your name, and was not committed in this clone" in told
    assert "T-02" not in tasks(clone, "change/CH-001")


def test_what_a_rebase_puts_elsewhere_of_anothers_is_not_of_here(at: At) -> None:
    """`git pull --rebase` says of each commit that it was put here, whoever made it."""
    from_elsewhere, _ = pulled(at, forged=True)
    clone, origin = at("apart"), at("apart")
    committed_by(("Third", "third@demo.invalid"), origin, {}, "T-01: nothing to do")
    clone.git("pull", "-q", "--ff-only", str(from_elsewhere.folder), "change/CH-001")
    clone.git("pull", "-q", "--rebase", str(origin.folder), "change/CH-001")
    assert "pull -q --rebase" in clone.git("reflog", "-2", "HEAD")
    told = clone.codexa("advance", "--sign").err
    assert "is in your name, and was not committed in this clone" in told
    assert "task.completed" not in clone.read("audit/CH-001/handoff.jsonl")


def test_what_was_committed_here_and_then_mended_is_not_of_here_when_it_comes_again(
    at: At,
) -> None:
    """Dev's first try comes back in her name, to the letter, over her own mend of it."""
    clone = dev(at("apart"))
    clone.codexa("advance", "--sign")
    first = clone.commit({"mine.sh": EVIL, **SAID}, "T-02: say so")
    clone.commit({"mine.sh": "echo 1\n"}, "T-02: no eval")
    clone.commit({"mine.sh": None, "README.md": "# Greet\n"}, "T-01: tidy")
    again = replayed(clone, first)
    told = clone.codexa("advance", "--sign").err
    assert f"T-02 is not signed: {again[:12]} is in your name, and was not committed" in told
    assert "T-02" not in tasks(clone)


def test_what_was_amended_here_is_not_of_here_when_it_comes_again(at: At) -> None:
    clone = dev(at("apart"))
    clone.codexa("advance", "--sign")
    first = clone.commit({"mine.sh": EVIL, **SAID}, "T-02: say so")
    clone.write("mine.sh", "echo 1\n")
    clone.git("commit", "-q", "-a", "--amend", "--no-edit")
    clone.commit({"mine.sh": None, "README.md": "# Greet\n"}, "T-01: tidy")
    again = replayed(clone, first)
    told = clone.codexa("advance", "--sign").err
    assert f"T-02 is not signed: {again[:12]} is in your name, and was not committed" in told


def replayed(clone: Clone, first: str) -> str:
    """What somebody else puts on the tip again, and the clone pulls."""
    other = Clone(clone.folder.with_name(f"{clone.folder.name} other"))
    git(clone.folder.parent, "clone", "-q", str(clone.folder), other.folder.name)
    other.git("fetch", "-q", "origin", f"{first}:refs/heads/first")
    other.git("cherry-pick", first)
    clone.git("pull", "-q", "--ff-only", str(other.folder), "change/CH-001")
    return clone.tip()


def test_what_was_committed_here_and_joined_is_signed_as_well(at: At, tmp_path: Path) -> None:
    """The joining puts it on another tip, as another commit, which no reflog has as made here."""
    clone, other = at("apart"), at("apart")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "server.git")
    for one in (clone, other):
        one.git("remote", "add", "origin", str(tmp_path / "server.git"))
        one.git("push", "-q", "-u", "origin", "main", "change/CH-001")
    clone.commit(SAID, "T-02: say so")
    before = clone.tip()
    other.did("concern", "raise", "is it loud?")
    clone.did("sync")
    assert clone.tip() != before
    clone.codexa("advance", "--sign")
    assert all("signature" in record for record in tasks(clone).values())


def test_a_setting_signs_nothing_that_was_done_by_hand(at: At) -> None:
    clone = at("apart")
    clone.git("config", "codexa.sign", "yes")
    told = clone.codexa("advance").out
    assert f"T-01 is signed as the work of {DEV[0]}: shout.sh" in told
    clone.commit(SAID, "T-02: say so")
    assert "signed" not in clone.did("advance")
    assert "signature" not in tasks(clone)["T-02"]


def test_nobody_stands_for_what_nobody_signed_of_a_task(at: At) -> None:
    """Dev does it again and touches one file of two: the other stays as nobody signed it."""
    clone = dev(at("apart"))
    clone.codexa("advance")
    clone.commit(SAID | {"mine.sh": "echo mine\n"}, "T-02: say so")
    clone.did("advance")
    clone.did("rework", "--to", "execute", "-m", "once more")
    clone.commit({"README.md": "# Greet\n\nSee `shout.sh`, too.\n"}, "T-02: say it better")
    clone.codexa("advance", "--sign")
    done = tasks(clone)["T-02"]
    assert "signature" in done
    assert [file["path"] for file in done["data"]["stands"]] == ["README.md"]


def committed_by(who: tuple[str, str], clone: Clone, files: dict[str, str], message: str) -> str:
    """A commit that somebody wrote and committed there, whoever sits there."""
    with pytest.MonkeyPatch.context() as another:
        for role in ("AUTHOR", "COMMITTER"):
            another.setenv(f"GIT_{role}_NAME", who[0])
            another.setenv(f"GIT_{role}_EMAIL", who[1])
        return clone.commit(files, message)


EVIL = 'eval "$1"\n'


@pytest.mark.parametrize("subject", ["T-01: tidy", "T-01 and T-09: tidy", "T-02: tidy"])
def test_nobody_signs_a_file_that_another_has_a_part_in(at: At, subject: str) -> None:
    """PM writes into Dev's file between her commits, and wants to approve that text alone."""
    clone = dev(at("apart"))
    clone.codexa("advance", "--sign")
    clone.commit({"mine.sh": "echo 1\n", **SAID}, "T-02: say so")
    oid = committed_by(PM, clone, {"mine.sh": f"{EVIL}echo 1\n"}, subject)
    clone.commit({"mine.sh": f"{EVIL}echo 1\necho 2\n"}, "T-02: and two")
    told = clone.codexa("advance", "--sign").err
    assert "signature" in tasks(clone)["T-01"]
    assert "signature" not in tasks(clone)["T-02"]
    part = f"mine.sh has a part by {PM[1]}, in {oid[:12]}\n"
    why = f"{PM[1]} worked on it\n" if "T-02" in subject else part
    assert f"warning: T-02 is not signed: {why}hint: two people approve" in told
    clone.did("advance")
    pm(clone).did("approve")
    assert "1 of 2 approvals by a pm" in clone.refused("advance")


def test_a_part_that_was_taken_out_again_is_nobodys(at: At) -> None:
    clone = dev(at("apart"))
    clone.codexa("advance", "--sign")
    committed_by(PM, clone, {"README.md": EVIL}, "T-01: tidy")
    committed_by(PM, clone, {"README.md": "# Greet\n"}, "T-01: not tidy")
    clone.commit(SAID, "T-02: say so")
    clone.did("advance", "--sign")
    assert "signature" in tasks(clone)["T-02"]


def test_nobody_signs_what_is_not_there_as_they_left_it(at: At) -> None:
    """What Dev left comes back by a commit of PM's, once she has signed it unseen."""
    clone = dev(at("apart"))
    clone.codexa("advance", "--sign")
    clone.commit({"mine.sh": "echo 1\n", **SAID}, "T-02: say so")
    committed_by(PM, clone, {"mine.sh": "echo 2\n"}, "T-01: tidy")
    assert (
        "T-02 is not signed: mine.sh is not as that left it\n"
        in clone.codexa("advance", "--sign").err
    )
    assert "signature" not in tasks(clone)["T-02"]


def test_nobody_signs_by_a_merge_what_two_wrote(at: At) -> None:
    """Dev's own branch, and what PM wrote into the same file meanwhile, merged by git."""
    clone = dev(at("apart"))
    clone.codexa("advance", "--sign")
    clone.git("switch", "-q", "-c", "side")
    clone.commit({"NOTES": f"{NOTES}Last.\n", **SAID}, "T-02: say so")
    clone.git("switch", "-q", "change/CH-001")
    committed_by(PM, clone, {"NOTES": f"{EVIL}{NOTES}"}, "T-01: tidy")
    clone.git("merge", "-q", "--no-edit", "side")
    clone.commit({"NOTES": f"{EVIL}{NOTES}Last.\nOf all.\n"}, "T-02: say more")
    assert "T-02 is not signed: NOTES has a part by " in clone.codexa("advance", "--sign").err


def test_what_a_merge_brings_of_ones_own_is_signed(at: At) -> None:
    clone = dev(at("apart"))
    clone.codexa("advance", "--sign")
    clone.git("switch", "-q", "-c", "side")
    clone.commit(SAID, "T-02: say so")
    clone.git("switch", "-q", "change/CH-001")
    clone.commit({"changes/CH-001/note.md": "mine\n"}, "a note")
    clone.git("merge", "-q", "--no-edit", "side")
    clone.did("advance", "--sign")
    assert "signature" in tasks(clone)["T-02"]


@pytest.mark.parametrize("way", ["--sign", "by the setting"])
@pytest.mark.parametrize("path", ["greet.sh", "other.sh"])
def test_nobody_signs_what_an_agent_made_beside_anothers_work(at: At, path: str, way: str) -> None:
    """What it finds may go into whatever it writes, and be taken out again where it was found."""
    clone = dev(at("greets"))
    clone.git("config", "codexa.sign", "true")
    before = clone.read(path) if path == "greet.sh" else ""
    oid = committed_by(PM, clone, {path: f"{before}{EVIL}"}, "tidy")
    answer = clone.codexa("advance", *([way] if way == "--sign" else []))
    assert f"T-01 is not signed: it ran where {path} has a part by {PM[1]}, in {oid[:12]}" in (
        answer.err
    )
    assert all("signature" not in record for record in tasks(clone).values())


def test_what_an_agent_made_of_ones_own_is_signed_by_the_option_alone(at: At) -> None:
    clone, other = dev(at("greets")), dev(at("greets"))
    for one in (clone, other):
        one.commit({"greet.sh": "echo hello # mine\n"}, "mine")
    clone.did("advance", "--sign")
    assert all("signature" in record for record in tasks(clone).values())
    other.git("config", "codexa.sign", "true")
    assert "done by hand, which only --sign signs" in other.codexa("advance").err
    assert all("signature" not in record for record in tasks(other).values())


def test_after_a_rework_nobody_signs_what_another_left(at: At) -> None:
    clone = dev(at("apart"))
    clone.codexa("advance", "--sign")
    oid = committed_by(PM, clone, SAID, "T-02: say so")
    clone.did("advance")
    clone.did("rework", "--to", "execute", "-m", "once more")
    clone.commit({"README.md": f"{SAID['README.md']}Or not.\n"}, "T-02: say it better")
    told = clone.codexa("advance", "--sign").err
    assert f"T-02 is not signed: README.md has a part by {PM[1]}, in {oid[:12]}\n" in told
    assert all("signature" not in record for record in tasks(clone).values())


def test_in_a_light_change_nobody_signs_what_another_wrote_under_a_tasks_name(at: At) -> None:
    clone = at("adopted")
    key = f"{keys(clone) / 'dev'}.pub"
    clone.did("people", "add", *DEV, "--role", "pm", "--key", key)
    text = clone.read("codexa.toml").replace(*APART)
    clone.commit({"codexa.toml": f"{text}\n{LIGHT}"}, "light")
    clone.did("enforce", "--demo", "--yes")
    clone.git("switch", "-q", "-c", "typo")
    oid = committed_by(PM, clone, {"README.md": "# Greetings\n"}, "T-09: the title")
    dev(clone).commit({"README.md": "# Greetings to all\n"}, "the title is wrong")
    clone.git("config", "codexa.sign", "true")
    told = clone.codexa("quick", "fix the title").err
    assert f"T-01 is not signed: README.md has a part by {PM[1]}, in {oid[:12]}" in told
    assert "signature" not in tasks(clone)["T-01"]


def authored(clone: Clone, files: dict[str, str], message: str) -> None:
    """A commit by Demo PM, whoever sits there."""
    clone.commit(files, message)
    clone.git("commit", "-q", "--amend", "--no-edit", "--author", f"{PM[0]} <{PM[1]}>")


def test_git_says_that_work_is_signed(at: At) -> None:
    clone = at("apart")
    clone.git("config", "codexa.sign", "yes")
    clone.codexa("advance")
    assert "signature" in tasks(clone)["T-01"]
    clone.commit(SAID, "T-02: say so")
    clone.git("config", "codexa.sign", "perhaps")
    told = clone.refused("advance", status=2)
    assert "codexa.sign is 'perhaps', and neither true nor false" in told
    clone.git("config", "codexa.sign", "off")
    clone.did("advance")
    assert "signature" not in tasks(clone)["T-02"]


def test_whoever_cannot_sign_hears_so_before_anything_runs(at: At, tmp_path: Path) -> None:
    clone, before = at("apart"), at("apart").tip()
    clone.git("config", "user.signingkey", str(tmp_path / "none"))
    assert "git codexa people add 'Demo Dev'" in clone.refused("advance", "--sign", status=3)
    clone.git("config", "user.email", "else@demo.invalid")
    assert "else@demo.invalid has no role" in clone.refused("advance", "--sign")
    assert clone.tip() == before


def test_a_task_that_is_done_again_is_signed_whole(at: At) -> None:
    """The Implementer finds its file there already, and touches nothing the second time."""
    clone = at("signed")
    clone.did("rework", "-m", "look again")
    clone.codexa("advance", "--sign")
    record = tasks(clone)["T-01"]["data"]
    assert (record["round"], record["files_touched"]) == (2, [])
    assert [file["path"] for file in record["stands"]] == ["shout.sh"]
    clone.commit({"README.md": "# Greet\n\nSee also `shout.sh`.\n"}, "T-02: say it better")
    clone.did("advance", "--sign")
    clone.did("advance")
    pm(clone).did("approve")
    assert "package is not approved" in clone.until().err


def test_a_rework_takes_the_signature_with_it(at: At) -> None:
    clone = at("signed")
    clone.did("rework", "-m", "look again", "--task", "T-01")
    clone.did("advance")
    clone.did("advance")
    pm(clone).did("approve")
    assert "two are asked, for shout.sh is not as anybody signed it" in clone.refused("advance")


def test_a_sync_that_merges_a_signed_file_leaves_it_unsigned(at: At) -> None:
    """What it merged is another file than the one that was signed: two approve, and are told."""
    clone = at("apart")
    clone.codexa("advance", "--sign")
    clone.commit(SAID | {"NOTES": f"First.\n{NOTES}"}, "T-02: say so")
    clone.did("advance", "--sign")
    clone.git("switch", "-q", "main")
    pm(clone).did("people", "add", "Demo QA", "qa@demo.invalid", "--role", "pm")
    bypassed(clone, {"NOTES": f"{NOTES}Last.\n"})
    clone.git("switch", "-q", "change/CH-001")
    clone.did("sync")
    assert clone.read("NOTES").splitlines()[::20] == ["First.", "Last."]
    clone.did("advance")
    clone.did("approve")
    told = clone.refused("advance")
    assert "1 of 2 approvals by a pm; two are asked, for NOTES is not as anybody signed it" in told
    dev(clone).did("approve")


def bypassed(clone: Clone, files: dict[str, str]) -> None:
    """The files come to the base past the gates, by its owner."""
    clone.git("switch", "-q", "-c", "bypass/notes", "main")
    clone.commit(files, "more notes")
    clone.did("bypass", "-m", "at once")


def test_a_sync_that_merges_nothing_of_it_leaves_it_signed(at: At) -> None:
    clone = at("apart")
    clone.codexa("advance", "--sign")
    clone.commit(SAID, "T-02: say so")
    clone.did("advance", "--sign")
    pm(clone)
    bypassed(clone, {"NOTES": f"{NOTES}Last.\n"})
    clone.git("switch", "-q", "change/CH-001")
    clone.did("sync")
    clone.did("advance")
    clone.did("approve")
    assert "package is not approved" in clone.until().err


def test_what_is_signed_while_observing_is_signed_under_no_root(at: At) -> None:
    clone = at("adopted")
    place = clone.folder.with_name(f"{clone.folder.name} brief.md")
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    clone.until("--sign", "--unapproved")
    assert {record["data"]["root"] for record in tasks(clone).values()} == {None}


def waits(clone: Clone) -> str:
    """What waits because a file that it would write has changes that are not committed."""
    return clone.git("for-each-ref", "--format=%(objectname)", "refs/codexa/waiting")


def test_a_signed_task_that_waited_keeps_its_signature(at: At) -> None:
    clone = at("apart")
    clone.write("changes/CH-001/status.md", "mine\n")
    assert "it waits at" in clone.codexa("advance", "--sign").err
    signed = tasks(clone, waits(clone))["T-01"]
    clone.git("checkout", "-q", "--", "changes/CH-001/status.md")
    clone.codexa("advance")
    assert tasks(clone)["T-01"] == signed


def test_a_signed_task_goes_on_a_tip_that_moved_without_records(at: At) -> None:
    clone = at("apart")
    clone.write("changes/CH-001/status.md", "mine\n")
    clone.codexa("advance", "--sign")
    signed = tasks(clone, waits(clone))["T-01"]
    clone.git("checkout", "-q", "--", "changes/CH-001/status.md")
    clone.commit({"more.txt": "more\n"}, "meanwhile")
    clone.codexa("advance")
    assert tasks(clone)["T-01"] == signed
    assert "made again with the same ids" in clone.did("replay", "CH-001")


def test_a_task_that_is_put_after_more_records_keeps_what_was_signed(at: At) -> None:
    clone = at("apart")
    clone.write("changes/CH-001/status.md", "mine\n")
    clone.codexa("advance", "--sign")
    signed = tasks(clone, waits(clone))["T-01"]
    clone.git("stash", "-q")
    asked = clone.process("clarify", "CH-001", "how loud?", SOURCE_DATE_EPOCH="1767270000")
    assert asked.status == 0, asked
    record = tasks(clone)["T-01"]
    assert (record["signature"], record["data"]) == (signed["signature"], signed["data"])


LIGHT = '\n[light]\npaths = ["**/*.md"]\nlines = 6\n'


def test_a_light_change_is_signed_and_needs_its_plan_from_both(at: At) -> None:
    """Plan and package are one signature; whoever signed the work gives it for the plan alone."""
    clone = at("adopted")
    policy = clone.read("codexa.toml").replace(*APART)
    key = f"{keys(clone) / 'dev'}.pub"
    clone.did("people", "add", *DEV, "--role", "pm", "--key", key)
    text = clone.read("codexa.toml").replace(*APART)
    assert policy != text
    clone.commit({"codexa.toml": f"{text}\n{LIGHT}"}, "light")
    clone.did("enforce", "--demo", "--yes")
    clone.git("switch", "-q", "-c", "typo")
    clone.commit({"README.md": "# Greetings\n"}, "the title is wrong")
    dev(clone).git("config", "codexa.sign", "true")
    clone.codexa("quick", "fix the title")
    assert tasks(clone)["T-01"]["data"]["signer"]["email"] == DEV[1]
    assert "brief and plan\n" in clone.did("approve")
    assert "brief and plan, " in pm(clone).did("approve")
    clone.until()
    clone.did("land")
    assert clone.codexa("verify", "--story").status == 0
    assert "made again with the same ids" in clone.did("replay", "CH-001")


def test_what_is_done_by_hand_and_not_signed_is_told_before_and_at_the_end(at: At) -> None:
    clone = at("apart")
    clone.codexa("advance")
    clone.commit(SAID, "T-02: say so")
    told = clone.did("status")
    assert "whoever did all of it, and signs that, does not have to ask two" in told
    assert "    git codexa advance CH-001 --sign\n" in told
    last = clone.codexa("advance").err
    assert "warning: T-02 is on record as done by hand, and signed by nobody\n" in last
    assert "hint: two people approve its results and package\n" in last
    assert "by hand" not in clone.codexa("advance").err


def test_a_setting_that_signs_nothing_by_hand_says_so_at_the_end(at: At) -> None:
    clone = at("approved by hand")
    clone.git("config", "codexa.sign", "yes")
    clone.commit({"shout.sh": "echo HELLO\n"}, "T-01: shout")
    last = clone.codexa("advance").err
    assert last.count("warning: T-01 is on record as done by hand, and signed by nobody\n") == 1
    assert "not signed" not in last
    assert "two people" not in last
    clone.git("config", "--unset", "codexa.sign")
    clone.commit(SAID, "T-02: say so")
    assert "signed by nobody" not in clone.codexa("advance").err


def test_where_both_have_to_approve_both_are_asked(at: At) -> None:
    clone = at("apart")
    clone.did("rework", "--to", "spec", "-m", "once more")
    assert "Demo PM and Demo Dev" not in clone.did("status")
    clone.did("advance", "--replan")
    clone.did("withdraw", "-m", "not yet")
    told = clone.refused("advance")
    assert "0 of 2 approvals by a pm; asked of Demo PM and Demo Dev since" in told
    clone.set_up("Demo Else", "else@demo.invalid", keys(clone) / "pm")
    assert "the move is Demo PM and Demo Dev's: read brief and plan" in clone.did("status")
    assert "Demo PM and Demo Dev: read brief and plan" in clone.did("digest")
    assert "Demo PM and Demo Dev: read brief and plan" in clone.did("board")


def test_whoever_has_approved_is_not_asked_again(at: At) -> None:
    clone = at("apart")
    clone.codexa("advance")
    clone.commit(SAID, "T-02: say so")
    clone.did("advance")
    clone.did("advance")
    dev(clone).did("approve")
    before = clone.tip()
    told = clone.refused("approve")
    assert (
        "nothing in CH-001 waits for you, Demo Dev: you have approved the results, and that" in told
    )
    assert "hint: ask Demo PM\n" in told
    assert clone.tip() == before
    pm(clone).did("approve")
