"""What a server takes and refuses, whoever pushes it; over a path of this machine."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from builders import git
from gate.signing import spoilt
from scenarios.clone import BRIEF, Clone, recipes
from server.conftest import Serve, Served, pushed

from codexa_git.audit.record import format_record, make, parse_record
from codexa_git.errors import UsageError
from codexa_git.hooks.naming import posing
from codexa_git.hooks.receiving import updates_of
from codexa_git.hooks.served import Update

CHANGE = "change/CH-001"
rule = pytest.mark.rule


def on_main(served: Served) -> Clone:
    served.clone.git("switch", "-q", "-f", "main")
    return served.clone


def test_a_change_is_pushed_stage_by_stage_and_lands(served: Serve) -> None:
    at = served("planned")
    clone = at.clone
    at.takes(CHANGE)
    for command in (("approve",), ("advance", "--until-blocked")) * 4:
        clone.codexa(*command)
        at.takes(CHANGE)
    clone.did("land")
    at.takes("main", "landed/CH-001", CHANGE)
    assert git(at.bare, "rev-parse", "main") == clone.tip("landed/CH-001")
    at.takes(f":{CHANGE}")


def test_what_is_no_landing_is_refused_with_its_rule(served: Serve) -> None:
    at = served("enforced")
    bad = on_main(at).commit({"greet.sh": "echo evil\n"}, "evil")
    told = at.refuses("main")
    assert f"error: main takes changes that land, and {bad[:12]} is none" in told
    assert "  rule  L13 of codexa-git's docs/specification.md" in told
    assert "  now   greet.sh came to main without a landing" in told
    kept = f"keep-{bad[:7]}"
    back = f"git branch {kept} && git reset --keep {bad[:12]}~1 && git switch {kept}"
    assert f"hint: on main: {back}" in told
    assert (
        'then: git codexa open "what should change"; once its plan is approved: git merge' in told
    )
    assert "git codexa quick" not in told


def test_what_is_said_of_a_commit_on_the_base_brings_it_in_as_a_change(served: Serve) -> None:
    at = served("enforced")
    clone = on_main(at)
    clone.git("fetch", "-q", "origin")
    before = clone.tip("origin/main")
    bad = clone.commit({"greet.sh": "echo evil\n"}, "evil")
    on_the_base, then = at.refuses("main").splitlines()[-2:]
    clone.git("remote", "rename", "origin", "hub")  # a server knows no remote's name
    for command in on_the_base.removeprefix("hint: on main: ").split(" && "):
        clone.git(*command.split()[1:])
    assert clone.tip("main") == before
    assert clone.tip() == bad
    assert 'git codexa open "what should change"' in then
    clone.did("open", "what should change")


def test_a_rewind_over_a_landing_is_told_the_way_back_that_works(served: Serve) -> None:
    at = served("closed")
    clone = at.clone
    at.takes(CHANGE)
    clone.did("land")
    at.takes("main")
    hint = at.refuses("+main~1:main").splitlines()[-1]
    assert hint == "hint: git fetch; what is to be undone: git codexa revert CH-001"
    clone.did("revert", "CH-001")


def test_a_shared_page_stays_one_that_every_change_can_close_upon(served: Serve) -> None:
    at = served("enforced")
    clone = on_main(at)
    before = clone.tip("main")
    clone.commit({"PROGRESS.md": "# Progress\n<!-- codexa:begin -->\n"}, "damaged")
    told = at.refuses("main")
    assert "  rule  L6 of codexa-git's docs/specification.md" in told
    assert "PROGRESS.md cannot be read, for in line 2 this marker is damaged" in told
    assert f"hint: git show {before[:12]}:PROGRESS.md" in told
    clone.git("reset", "-q", "--hard", before)
    clone.commit({"PROGRESS.md": "# Progress\n"}, "progress")
    at.takes("main")
    (clone.folder / "PROGRESS.md").chmod(0o755)
    clone.git("commit", "-q", "-a", "-m", "to be run")
    told = at.refuses("main")
    assert "  rule  L13 of codexa-git's docs/specification.md" in told
    assert "and is a shared page of mode 100755, not 100644" in told
    assert "hint: put a plain file there, or nothing" in told


def test_a_free_path_is_taken_and_a_commit_under_it_is_judged(served: Serve) -> None:
    at = served("enforced")
    clone = on_main(at)
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "free")
    at.takes("main")
    bad = clone.commit({"greet.sh": "echo evil\n"}, "evil")
    clone.commit({"greet.sh": "echo hello\n"}, "put back")
    clone.commit({"docs/STATUS_REPORT.md": "y\n"}, "free again")
    assert bad[:12] in at.refuses("main")


def test_evil_that_lies_on_another_branch_first_is_no_less_refused(served: Serve) -> None:
    at = served("enforced")
    on_main(at).commit({"greet.sh": "echo evil\n"}, "evil")
    at.takes("main:refs/heads/feature")
    assert "L13" in at.refuses("main")


def test_an_unapproved_change_does_not_land(served: Serve) -> None:
    at = served("packaged")
    clone = on_main(at)
    clone.git("merge", "-q", "--no-ff", "-m", "Merge CH-001", CHANGE)
    told = at.refuses("main")
    assert "does not land CH-001" in told
    assert "A3" in told
    off, then = told.splitlines()[-2:]
    assert off.startswith("hint: to take it off, on main; change/CH-001 keeps the work: git reset")
    clone.git("fetch", "-q", "origin")
    clone.git(*off.rpartition(": git ")[2].split())
    assert clone.tip("main") == clone.tip("origin/main")
    clone.git("switch", "-q", CHANGE)
    clone.did(*then.removeprefix("hint: git codexa ").split())


def test_policy_comes_in_only_signed(served: Serve) -> None:
    at = served("enforced")
    clone = on_main(at)
    before = clone.tip()
    clone.commit({"codexa.toml": clone.read("codexa.toml") + "\n# mine\n"}, "mine")
    assert "P9" in at.refuses("main")
    clone.git("reset", "-q", "--hard", before)
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit({".ci/run": "true\n"}, "say how")
    clone.did("policy", "sign")
    at.takes("main")


def test_a_hotfix_comes_in_signed_and_an_incident_too(served: Serve) -> None:
    at = served("enforced")
    clone = on_main(at)
    clone.git("switch", "-q", "-c", "bypass/hi")
    clone.commit({"greet.sh": "echo hi\n"}, "hi")
    clone.did("bypass", "-m", "it was wrong")
    at.takes("main")
    clone.git("switch", "-q", "main")
    clone.did("incident", "HEAD", "-m", "that was no good idea", "--force")
    at.takes("main")


@rule("B1")
@pytest.mark.parametrize("words", [("+main~1:main",), (":main",), ("+other:main",)])
def test_the_base_neither_goes_nor_moves_back(served: Serve, words: tuple[str, ...]) -> None:
    at = served("enforced")
    clone = on_main(at)
    clone.git("branch", "other", clone.git("commit-tree", "main~1^{tree}", "-m", "other"))
    told = at.refuses(*words)
    assert "only moves forward" in told or "stays" in told
    assert "  rule  B1 of codexa-git's docs/specification.md" in told


@rule("B1")
def test_a_first_parent_line_that_is_lost_is_a_rewind(served: Serve) -> None:
    """The old tip is merged, and yet what the base was is now a side branch."""
    at = served("enforced")
    clone = on_main(at)
    side = clone.git("commit-tree", "main^{tree}", "-p", "main~1", "-m", "side")
    merge = clone.git("commit-tree", "main^{tree}", "-p", side, "-p", "main", "-m", "merge")
    assert "  rule  B1 of" in at.refuses(f"{merge}:refs/heads/main")


def test_another_name_for_the_base_is_the_base(served: Serve) -> None:
    at = served("enforced")
    git(at.bare, "symbolic-ref", "refs/heads/stable", "refs/heads/main")
    on_main(at).commit({"greet.sh": "echo evil\n"}, "evil")
    assert "L13" in at.refuses("main:refs/heads/stable")


@pytest.mark.parametrize("name", ["main", "trunk"])
def test_a_base_that_is_another_branch_is_judged_by_either_name(served: Serve, name: str) -> None:
    at = served("enforced")
    git(at.bare, "branch", "-m", "main", "trunk")
    git(at.bare, "symbolic-ref", "refs/heads/main", "refs/heads/trunk")
    clone = on_main(at)
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "free")
    at.takes(f"main:refs/heads/{name}")
    clone.commit({"greet.sh": "echo evil\n"}, "evil")
    assert "L13" in at.refuses(f"main:refs/heads/{name}")


SAME_TO_THE_EYE = (
    "refs/heads/m\u0430in",  # a Cyrillic a
    "refs/heads/\u043c\u0430\u0456\u043f",  # and no letter of ours at all
    "refs/heads/M\u0410IN",
    "refs/heads/\uff4dain",  # a wide m, which NFKC makes one of ours
    "refs/heads/ma\u200bin",  # a space of no width
    "refs/heads/main\u3164",  # a letter that prints nothing
    "refs/heads/m\u00e1in",
    "refs/heads/change\u2215CH-001",  # a division slash
    "refs/heads/ch\u0430nge/CH-001",
    "refs/heads/change/CH\u2011001",  # a hyphen at which no line breaks
    "refs/heads/change/CH-00\u0661",  # an Arabic one
    "refs/tags/m\u0430in",
    "refs/tags/origin/m\u0430in",
    "refs/tags/origin/ch\u0430nge/CH-001",
    "refs/tags/l\u0430nded/CH-001",
    "refs/heads/\u15f0\u15e9\u13a5\u144e",  # Canadian syllables
    "refs/heads/\U0001030c\U00010300\U00010309\U0001030d",  # Old Italic
    "refs/heads/ma\u4e28n",  # a stroke of Chinese
    "refs/heads/main\u0640",  # what makes an Arabic letter longer
)
ALIKE = ("refs/heads/rnain", "refs/heads/ma1n", "refs/heads/maln", "refs/tags/Ianded/CH-001")
GITS_OWN = (
    *("refs/heads/HEAD", "refs/tags/HEAD", "refs/tags/origin/HEAD", "refs/heads/head"),
    *("refs/heads/FETCH_HEAD", "refs/tags/ORIG_HEAD", "refs/heads/MERGE_HEAD", "refs/heads/X_HEAD"),
    *("refs/heads/AUTO_MERGE", "refs/heads/H\u0415AD", "refs/main", "refs/change/CH-001"),
    *("refs/remotes/origin/main", "refs/remotes/origin/HEAD", "refs/remotes/other/feature"),
)


@rule("B6")
@pytest.mark.parametrize(
    "ref",
    [
        "refs/replace/" + "a" * 40,
        "refs/heads/change",
        "refs/heads/change/evil",
        "refs/heads/change/CH-001/x",
        "refs/heads/Change/CH-001",
        "refs/heads/MAIN",
        "refs/heads/main/x",
        "refs/heads/codexa",
        "refs/heads/codexa/CH-001",
        "refs/heads/refs/heads/main",
        "refs/heads/" + "a" * 40,
        "refs/tags/main",
        "refs/tags/change/CH-001",
        "refs/tags/origin/main",
        "refs/tags/heads/main",
        "refs/tags/remotes/origin/main",
        "refs/tags/Upstream/Main",
        "refs/tags/origin/change/CH-001",
        "refs/tags/landed",
        "refs/tags/Landed/CH-001",
    ],
)
def test_a_name_that_blocks_or_poses_is_refused(served: Serve, ref: str) -> None:
    at = served("enforced")
    clone = on_main(at)
    git(at.bare, "config", "receive.denyDeletes", "false")
    if ref.startswith("refs/heads/main/") or "CH-001/" in ref:
        pytest.skip("git itself refuses it beside the branch") if ref in at.refs() else None
    told = at.refuses(f"{clone.tip()}:{ref}")
    assert "no ref here is called" in told
    assert "  rule  B6 of codexa-git's docs/specification.md" in told


@rule("B6")
def test_what_nobody_can_tell_from_a_name_that_is_needed_is_refused(served: Serve) -> None:
    at = served("enforced")
    tip = on_main(at).tip()
    for ref in SAME_TO_THE_EYE:
        told = at.refuses(f"{tip}:{ref}")
        assert "  rule  B6 of codexa-git's docs/specification.md" in told, ref
        number = f"U+{next(ord(char) for char in ref if not char.isascii()):04X}"
        assert number in told.partition("  now   ")[2], told
    for ref in ALIKE:
        told = at.refuses(f"{tip}:{ref}")
        assert "  rule  B6 of codexa-git's docs/specification.md" in told, ref
        assert "some of its letters look alike" in told
    assert "it reads as refs/heads/main, and is another name, with U+0430 in it" in at.refuses(
        f"{tip}:{SAME_TO_THE_EYE[0]}"
    )


@rule("B6")
def test_names_of_gits_own_are_refused(served: Serve) -> None:
    at = served("enforced")
    tip = on_main(at).tip()
    for ref in GITS_OWN:
        told = at.refuses(f"{tip}:{ref}")
        assert "  rule  B6 of codexa-git's docs/specification.md" in told, ref
    assert "a name of git's own is taken for what git means by it" in at.refuses(
        f"{tip}:refs/heads/HEAD"
    )
    assert "refs/remotes/ is where a clone notes what it fetched" in at.refuses(
        f"{tip}:refs/remotes/origin/main"
    )


def test_names_in_other_alphabets_are_free() -> None:
    names = ("тест", "матч", "стабилизация", "исправление-1", "правка/ошибки", "功能分支")
    more = ("メイン", "메인", "größe", "mañana", "domäne", "ma分支", "fix_head", "feature/head")
    for name in (*names, *more):
        assert posing(f"refs/heads/{name}", "refs/heads/main") is None, name
        assert posing(f"refs/tags/{name}-2", "refs/heads/main") is None, name
    for base, name in (("主", "副"), ("größe", "gross"), ("главная", "главное")):
        assert posing(f"refs/heads/{name}", f"refs/heads/{base}") is None, name
        assert posing(f"refs/heads/{base}", f"refs/heads/{base}") is None, name


def test_a_base_in_another_alphabet_has_look_alikes_too() -> None:
    for base, name in (("grün", "grun"), ("grün", "gru\u0308n"), ("日本", "日本\u200b")):
        assert posing(f"refs/heads/{name}", f"refs/heads/{base}") is not None, name


def test_replaced_objects_can_be_taken_out() -> None:
    assert posing("refs/heads/feature", "refs/heads/main") is None
    assert posing("refs/heads/codexa/CH-001/spec", "refs/heads/main") is None
    assert posing("refs/heads/team", "refs/heads/team/main") is not None


@pytest.mark.parametrize("base", ["main", "team/main", "release"])
def test_tags_that_pose_as_no_branch_keep_their_names(base: str) -> None:
    names = ("landed/CH-001", "milestone/MS-01", "v1.0", "remain", "old-main", "team/v2", "main2")
    assert [name for name in names if posing(f"refs/tags/{name}", f"refs/heads/{base}")] == []
    for posed in (base, f"origin/{base}", f"mirror/of/{base}", "origin/change/CH-012"):
        assert posing(f"refs/tags/{posed}", f"refs/heads/{base}") is not None


@rule("B2", "B4")
def test_what_was_pushed_of_a_change_stays(served: Serve) -> None:
    at = served("planned")
    at.takes(CHANGE)
    at.clone.git("reset", "-q", "--hard", "HEAD~1")
    told = at.refuses(f"+{CHANGE}")
    assert "only moves forward" in told
    assert "  rule  B2 of codexa-git's docs/specification.md" in told
    told = at.refuses(f":{CHANGE}")
    assert "has not landed, and its branch" in told
    assert "  rule  B4 of codexa-git's docs/specification.md" in told


@rule("B2")
def test_a_record_that_goes_by_a_new_commit_is_missed(served: Serve) -> None:
    at = served("planned")
    at.takes(CHANGE)
    clone = at.clone
    lines = clone.read("audit/CH-001/handoff.jsonl").splitlines()
    clone.commit({"audit/CH-001/handoff.jsonl": "\n".join(lines[:-1]) + "\n"}, "shorter")
    told = at.refuses(CHANGE)
    assert "a record would be gone from change/CH-001" in told
    assert "  rule  B2 of codexa-git's docs/specification.md" in told
    clone.git("rm", "-rq", "audit/CH-001")
    clone.git("commit", "-qm", "no record at all")
    told = at.refuses(CHANGE)
    assert "every record of CH-001 would be gone" in told
    assert "  rule  B2 of codexa-git's docs/specification.md" in told


@rule("B2")
def test_no_record_comes_above_one_that_was_pushed(served: Serve) -> None:
    at = served("planned")
    at.clone.did("abandon", "CH-001", "-m", "nobody needs it", "--no-push")
    at.takes(CHANGE)
    clone, path = at.clone, "audit/CH-001/commands.jsonl"
    line = clone.read(path)
    true = parse_record(line.splitlines()[-1].encode())
    forged = make(
        true.type,
        true.data | {"reason": "signed by nobody", "seen": []},
        change=true.change,
        stage=true.stage,
        round=true.round,
        actor=true.actor,
        at=true.seconds,
        signature=true.signature,
    )
    clone.commit({path: f"{format_record(forged).decode()}{line}\n"}, "above")
    told = at.refuses(CHANGE)
    assert "a record would come above what change/CH-001 holds already: abandoned" in told
    assert "B2 of codexa-git's docs/specification.md" in told


@rule("B2")
@pytest.mark.parametrize("word", ["abandon", "withdraw"])
def test_no_signature_that_was_pushed_becomes_another(served: Serve, word: str) -> None:
    at = served("closed")
    clone, path = at.clone, "audit/CH-001/commands.jsonl"
    clone.did(word, "CH-001", "-m", "it is dangerous", "--no-push")
    at.takes(CHANGE)
    true = clone.raw(path)
    *lines, last = true.splitlines(keepends=True)
    bad = b"".join((*lines, format_record(spoilt(parse_record(last.rstrip(b"\n"))))))
    clone.commit({path: bad}, "tidy")
    told = at.refuses(CHANGE)
    assert "a record's signature would be another on change/CH-001" in told
    assert "B2 of codexa-git's docs/specification.md" in told
    clone.commit({path: true}, "as it was")
    at.takes(CHANGE)


@rule("B4", "B8")
def test_what_was_abandoned_does_not_land_by_way_of_its_branch_being_deleted(served: Serve) -> None:
    at = served("closed")
    clone = at.clone
    closed = clone.tip(CHANGE)
    clone.did("abandon", "CH-001", "-m", "nobody needs it", "--no-push")
    at.takes(CHANGE)
    told = at.refuses(f":{CHANGE}")
    assert "error: CH-001 has not landed, and its branch is the only place of its records" in told
    assert "  rule  B4 of codexa-git's docs/specification.md" in told
    assert "hint: git branch -D change/CH-001 takes it out of your clone" in told
    on_main(at).git("merge", "-q", "--no-ff", "-m", "Merge CH-001", closed)
    assert "B8" in at.refuses("main")
    assert "B8" in at.refuses("main", f"+{closed}:refs/heads/other")
    assert "B4" in at.refuses("main", f":{CHANGE}")


@rule("B4", "B8")
def test_a_withdrawal_does_not_go_with_its_branch(served: Serve) -> None:
    at = served("closed")
    clone = at.clone
    closed = clone.tip(CHANGE)
    clone.did("withdraw", "CH-001", "-m", "I had not understood it", "--no-push")
    clone.did("abandon", "CH-001", "-m", "starting anew", "--no-push")
    at.takes(CHANGE)
    assert "B4" in at.refuses(f":{CHANGE}")
    on_main(at).git("merge", "-q", "--no-ff", "-m", "Merge CH-001", closed)
    assert "B8" in at.refuses("main")


def test_a_branch_that_holds_no_record_can_go(served: Serve) -> None:
    empty = ("refs/heads/change/CH-001", "refs/heads/change/CH-009")
    at = served("landed", **dict.fromkeys(empty, "main~1"))
    at.takes(":change/CH-009")
    at.takes("main", ":change/CH-001")


def test_a_merge_that_keeps_nothing_of_an_open_change_is_refused(served: Serve) -> None:
    """It would make its commits the base's, and git would say that the branch is merged."""
    at = served("planned")
    at.takes(CHANGE)
    clone = on_main(at)
    clone.git("merge", "-q", "--no-ff", "-s", "ours", "-m", "nothing", CHANGE)
    told = at.refuses("main")
    assert f"error: main takes changes that land, and {clone.tip()[:12]} is none" in told
    assert "  rule  L13 of codexa-git's docs/specification.md" in told
    assert "of CH-001, and does not land CH-001" in told
    assert "hint: what lands it: git codexa land CH-001" in told
    assert "has not landed, and its branch" in at.refuses(f":{CHANGE}")


@rule("B3")
@pytest.mark.parametrize("path", ["greet.sh", "codexa.toml", "tests/results/conftest.py"])
def test_what_any_stage_refuses_is_refused_at_a_changes_tip(served: Serve, path: str) -> None:
    at = served("planned")
    at.clone.commit({path: "x\n"}, "too early")
    told = at.refuses(CHANGE)
    assert "CH-001 cannot be pushed so" in told
    assert "  rule  B3 of codexa-git's docs/specification.md" in told
    assert "  asks  " in told


@rule("B3")
def test_a_changes_branch_carries_that_change(served: Serve) -> None:
    at = served("planned")
    told = at.refuses(f"{CHANGE}:change/CH-007")
    assert "carries CH-001" in told
    assert "  rule  B3 of codexa-git's docs/specification.md" in told
    clone = on_main(at)
    clone.git("switch", "-q", "-c", "change/CH-009")
    clone.commit({"greet.sh": "echo hi\n"}, "no change")
    assert "carries no change" in at.refuses("change/CH-009")


@rule("B3")
@pytest.mark.parametrize("tip", ["main", "main~1"])
def test_no_branch_takes_a_changes_name_for_what_the_base_has(served: Serve, tip: str) -> None:
    at = served("landed")
    at.takes("main")
    told = at.refuses(f"{tip}:refs/heads/change/CH-999")
    assert "error: the branch change/CH-999 carries no change" in told
    assert "  rule  B3 of codexa-git's docs/specification.md" in told
    assert "CH-999" in at.refuses("main:refs/heads/elsewhere", f"{tip}:refs/heads/change/CH-999")
    at.takes(f"{tip}:refs/heads/{CHANGE}")


def test_such_a_branch_that_was_there_before_goes_on_or_away(served: Serve) -> None:
    at = served("landed", **{"refs/heads/change/CH-999": "main~2"})
    at.takes("main", "main~1:refs/heads/change/CH-999")
    at.takes(":change/CH-999")


@rule("B8")
def test_a_landing_has_every_record_of_the_servers_branch(served: Serve) -> None:
    """A rework that another clone pushed cannot be landed past."""
    at = served("closed")
    clone = at.clone
    at.takes(CHANGE)
    closed = clone.tip(CHANGE)
    clone.did("rework", "CH-001", "--to", "execute", "-m", "wait, that is wrong", "--no-push")
    at.takes(CHANGE)
    clone.git("branch", "-f", "mine", closed)
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--no-ff", "-m", "Merge CH-001", "mine")
    told = at.refuses("main")
    assert "lands CH-001 without a record that its branch here has" in told
    assert "B8" in told


@rule("B5")
def test_a_landings_tag_stands_on_its_landing_and_stays(served: Serve) -> None:
    at = served("landed")

    def told(*words: str) -> str:
        said = at.refuses(*words)
        assert "  rule  B5 of codexa-git's docs/specification.md" in said
        return said

    assert "does not stand where CH-001 came to main" in told("landed/CH-001")
    at.takes("main", "landed/CH-001")
    assert "stays where it is" in told(":landed/CH-001")
    assert "stays where it is" in told("+main~1:refs/tags/landed/CH-001")
    assert "does not stand" in told("main:refs/tags/landed/CH-002")
    assert "leads to no commit" in told("main^{tree}:refs/tags/landed/CH-002")


def landed_for_a_milestone(served: Serve) -> Served:
    """The one change of MS-01 has landed in the clone, and the server has the base from before."""
    at = served("enforced")
    clone = at.clone
    clone.did("open", "Shouting", "--milestone", "MS-01")
    papers = {"changes/CH-001/brief.md": BRIEF, "changes/CH-001/recipes.toml": recipes()}
    clone.commit(papers, "say what and how")
    for command in (("advance", "--until-blocked"), ("approve",)) * 3:
        clone.codexa(*command)
    clone.did("advance", "--until-blocked")
    clone.did("land")
    return at


@rule("B5")
def test_a_milestones_tag_stands_on_a_landing_that_was_opened_for_it(served: Serve) -> None:
    at = landed_for_a_milestone(served)
    clone = at.clone

    def told(*words: str) -> str:
        said = at.refuses(*words)
        assert "  rule  B5 of codexa-git's docs/specification.md" in said
        return said

    name, meant = "milestone/MS-01", "on a landing of main that was opened for that milestone"
    assert f"{name} does not stand {meant}" in told(f"main:refs/tags/{name}")
    at.takes("main")
    assert f"{name} does not stand {meant}" in told(f"main~1:refs/tags/{name}")
    assert f"milestone/MS-02 does not stand {meant}" in told("main:refs/tags/milestone/MS-02")
    for other in ("MS-01/x", "x", "MS-1", "ms-01", "MS-01x"):
        assert "names no milestone" in told(f"main:refs/tags/milestone/{other}")
    clone.git("tag", "-f", "-a", "-m", "done", name, "main")
    at.takes(name)
    assert "stays where it is" in told(f":{name}")
    assert "stays where it is" in told(f"+main:refs/tags/{name}")


@rule("B5")
def test_a_tag_that_stands_where_it_should_not_can_go_or_come_to_where_it_should(
    served: Serve,
) -> None:
    at = landed_for_a_milestone(served)
    at.takes("main")
    astray = ("landed/CH-001", "milestone/MS-01", "milestone/MS-02/x", "landed/CH-007")
    for name in astray:
        git(at.bare, "update-ref", f"refs/tags/{name}", "main~1")
    assert "B5" in at.refuses("+main~2:refs/tags/landed/CH-001")
    at.takes(":landed/CH-001", ":milestone/MS-02/x", ":landed/CH-007")
    at.takes("main:refs/tags/landed/CH-001", "+main:refs/tags/milestone/MS-01")
    assert "stays where it is" in at.refuses(":landed/CH-001")


@rule("B7")
def test_a_commit_from_the_future_is_refused(
    served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = served("enforced")
    clone = on_main(at)
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{int(time.time()) + 900} +0000")
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "later")
    told = at.refuses("main")
    assert "seconds from now" in told
    assert "  rule  B7 of codexa-git's docs/specification.md" in told
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{int(time.time()) + 200} +0000")
    clone.git("commit", "-q", "--amend", "--no-edit")
    at.takes("main")


def test_one_ref_that_is_refused_keeps_the_others_back(served: Serve) -> None:
    at = served("planned")
    on_main(at).commit({"greet.sh": "echo evil\n"}, "evil")
    at.clone.git("switch", "-q", CHANGE)
    at.clone.commit({"greet.sh": "echo evil\n"}, "early")
    told = at.refuses("main", CHANGE, "main:refs/heads/feature")
    assert told.count("error: ") == 2


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONPATH": "/nowhere", "PYTHONSTARTUP": "/nowhere", "PYTHONHOME": "/nowhere"},
        {"GIT_REPLACE_REF_BASE": "refs/evil/", "GIT_SHALLOW_FILE": "/nowhere"},
        {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Chatham", "SOURCE_DATE_EPOCH": "99999999999"},
        {"CODEXA_ROOT": "x", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "codexa.root"}
        | {"GIT_CONFIG_VALUE_0": f"sha256:{'0' * 64}"},
    ],
)
def test_a_pushers_environment_changes_no_answer(
    served: Serve, environment: dict[str, str]
) -> None:
    at = served("enforced")
    on_main(at).commit({"greet.sh": "echo evil\n"}, "evil")
    answer = at.tries("main", **environment)
    assert "L13" in answer.err, answer.err
    clone = at.clone
    clone.git("reset", "-q", "--hard", "main~1")
    clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "free")
    answer = at.tries("main", **environment)
    assert answer.status == 0, answer.err


def test_two_who_push_at_once_get_one_yes(served: Serve, tmp_path: Path) -> None:
    at = served("enforced")
    git(tmp_path, "clone", "-q", str(at.bare), "second")
    second = Clone(tmp_path / "second")
    on_main(at).commit({"docs/STATUS_REPORT.md": "mine\n"}, "mine")
    second.commit({"docs/STATUS_REPORT.md": "theirs\n"}, "theirs")
    kept = at.bare / "hooks" / "pre-receive"
    kept.write_text(kept.read_text().replace("codexa_kept=", "sleep 1\ncodexa_kept=", 1))
    answers: list[int] = []
    people = [
        threading.Thread(target=lambda at=folder: answers.append(pushed(at, "main").status))
        for folder in (at.clone.folder, second.folder)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(answers) == [0, 1]
    assert git(at.bare, "rev-parse", "main") in (at.clone.tip("main"), second.tip("main"))
    git(at.bare, "fsck", "--strict")


def test_who_comes_second_while_both_are_judged_is_told_the_way_on(served: Serve) -> None:
    at = served("enforced")
    clone = on_main(at)
    before = clone.tip()
    late = clone.commit({"docs/STATUS_REPORT.md": "late\n"}, "late")
    at.takes("main:refs/heads/feature")
    clone.git("reset", "-q", "--hard", before)
    clone.commit({"docs/STATUS_REPORT.md": "first\n"}, "first")
    at.takes("main")
    done = subprocess.run(
        [at.bare / "hooks" / "pre-receive"],
        cwd=at.bare,
        env=os.environ | {"GIT_DIR": "."},
        input=f"{before} {late} refs/heads/main\n".encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"error: main moved while this push was on its way" in done.stderr
    assert f"now   it is at {clone.tip()[:12]}".encode() in done.stderr
    assert b"hint: commits of yours: git pull --rebase" in done.stderr


def test_what_was_refused_leaves_no_object_behind(served: Serve) -> None:
    at = served("enforced")
    bad = on_main(at).commit({"greet.sh": "echo evil\n"}, "evil")
    at.refuses("main")
    done = subprocess.run(
        ["git", "cat-file", "-e", bad],
        cwd=at.bare,
        env=os.environ,
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0


def test_nothing_is_kept_from_one_push_to_the_next(served: Serve) -> None:
    at = served("planned")
    at.takes(CHANGE)
    assert not (at.bare / "codexa").exists()


def test_nothing_stays_of_what_a_landing_relied_on(served: Serve) -> None:
    at = served("landed")
    at.takes("main", "landed/CH-001")
    assert not (at.bare / "codexa/relied").exists()


def test_gits_words_are_read_strictly() -> None:
    zeros, ones = "0" * 40, "1" * 40
    assert updates_of(f"{zeros} {ones} refs/heads/a\n{ones} {zeros} refs/heads/b\n".encode()) == (
        Update("refs/heads/a", ones, None),
        Update("refs/heads/b", None, ones),
    )
    for text in (b"refs/heads/a\n", b"x y z\n"):
        with pytest.raises(UsageError):
            updates_of(text)


def test_what_the_tool_pushes_itself_is_taken(served: Serve) -> None:
    """From the claim of a number to the landing and its tag, and what owners do on the base."""
    at = served("enforced")
    clone = on_main(at)
    clone.git("push", "-q", "-u", "origin", "main")
    place = clone.folder.parent / "brief.md"
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))
    assert "refs/heads/change/CH-001" in at.refs()
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    for _ in range(3):
        clone.until()
        clone.did("approve")
        assert git(at.bare, "rev-parse", CHANGE) == clone.tip()
    clone.until()
    clone.did("land")
    assert git(at.bare, "rev-parse", "main") == git(at.bare, "rev-parse", "landed/CH-001^{commit}")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--ff-only", "origin/main")
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit({".ci/run": "true\n"}, "say how")
    assert "policy: say how" in clone.did("policy", "sign")
    assert ".ci/run" in git(at.bare, "ls-tree", "-r", "--name-only", "main")
    assert clone.codexa("verify", "--story").status == 0
    clone.did("open", "Again", "--criterion", "`sh greet.sh` prints `hello`")
    clone.did("abandon", "CH-002", "-m", "nobody needs it")
    assert "B4" in at.refuses(":change/CH-002")
    at.takes(":change/CH-001")


HEAVY = (
    *("pydantic", "markdown_it", "codexa_git.gate.requirements", "pathlib", "subprocess"),
    *("tomllib", "dataclasses", "tempfile"),
)
UNSIGNED = ("cryptography", "site", "typing", "hashlib", "_hashlib", "contextlib")
"""What the check of a signature brings with it."""
UNRECORDED = ("codexa_git.audit.record", "json", "datetime", "re")
"""What reading a record brings with it, or a pattern: a commit of a free path needs neither."""


@pytest.mark.parametrize(
    ("state", "ref"), [("planned", "main"), ("planned", CHANGE), ("approved", CHANGE)]
)
def test_an_ordinary_push_imports_little(
    served: Serve, tmp_path: Path, state: str, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where coverage is measured, it would be imported as well.
    for name in [name for name in os.environ if name.startswith("COV")]:
        monkeypatch.delenv(name)
    at = served(state)
    path = "docs/STATUS_REPORT.md" if ref == "main" else "changes/CH-001/notes.md"
    at.clone.git("switch", "-q", ref)
    at.clone.commit({path: "x\n"}, "a word")
    hook = at.bare / "hooks" / "pre-receive"
    log = tmp_path / "imported"
    text = hook.read_text(encoding="utf-8")
    hook.write_text(text.replace(" -I -S ", f" -X importtime -I -S 2>'{log}' "), encoding="utf-8")
    at.takes(ref)
    imported = [line.rpartition("|")[2].strip() for line in log.read_text().splitlines()]
    heavy = (*HEAVY, *(UNRECORDED if ref == "main" else ()))
    heavy += () if state == "approved" else UNSIGNED
    assert "codexa_git.hooks.receiving" in imported
    assert not [n for n in imported if n in heavy or n.startswith(tuple(f"{h}." for h in heavy))]
    assert ("cryptography" in imported) is (state == "approved")
    assert len([name for name in imported if name.startswith("codexa_git")]) < 95


@pytest.mark.parametrize(("state", "ref"), [("planned", "main"), ("approved", CHANGE)])
def test_an_ordinary_push_starts_three_processes(
    served: Serve, tmp_path: Path, state: str, ref: str
) -> None:
    at = served(state)
    path = "docs/STATUS_REPORT.md" if ref == "main" else "changes/CH-001/notes.md"
    at.clone.git("switch", "-q", ref)
    at.takes(ref)
    at.clone.commit({path: "x\n"}, "a word")
    log, real = tmp_path / "asked", shutil.which("git")
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$1" >>"{log}"\nexec "{real}" "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    hook = at.bare / "hooks" / "pre-receive"
    first, rest = hook.read_text(encoding="utf-8").split("\n", 1)
    hook.write_text(f"{first}\nPATH='{shim.parent}':$PATH\n{rest}", encoding="utf-8")
    at.takes(ref)
    assert sorted(log.read_text().split()) == ["cat-file", "config", "for-each-ref"]


def test_an_edit_of_policy_is_told_the_way_that_brings_it(served: Serve) -> None:
    at = served("enforced")
    clone = on_main(at)
    before = clone.tip()
    text = f"{clone.read('codexa.toml')}\n# more"
    bad = clone.commit({"codexa.toml": text}, "more policy")
    told = at.refuses("main")
    assert "rule  P9 of codexa-git's docs/specification.md" in told
    assert "incident" not in told
    on_the_base, then = told.splitlines()[-2:]
    for command in on_the_base.removeprefix("hint: on main: ").split(" && "):
        clone.git(*command.split()[1:])
    assert (clone.tip("main"), clone.tip(f"policy/keep-{bad[:7]}")) == (before, bad)
    command = then.partition("git codexa ")[2].partition(" -m")[0]
    clone.did(*command.split(), "-m", "more")
    at.takes("main")
    assert clone.read("codexa.toml", "main") == text


def test_what_stands_on_a_base_is_not_to_be_left_out_any_more(
    served: Serve, tmp_path: Path
) -> None:
    clone = on_main(served("enforced"))
    bad = clone.commit({"codexa.toml": clone.read("codexa.toml") + "# more\n"}, "more policy")
    git(tmp_path, "clone", "-q", "--bare", f"file://{clone.folder}", "late.git")
    told = Clone(tmp_path / "late.git").refused("server", "install", ".")
    assert f"hint: git codexa incident {bad[:12]} -m ..." in told
    assert "reset" not in told


def test_who_leaves_is_told_to_take_the_hooks_out_first(served: Serve) -> None:
    at = served("enforced")
    clone = on_main(at)
    clone.git("rm", "-qr", "codexa.toml", ".codexa")
    clone.git("commit", "-qm", "leave codexa-git")
    told = at.refuses("main")
    assert "  rule  P9" in told
    words = told.partition("first take its hooks out: git codexa ")[2].partition(",")[0]
    assert "policy sign" not in told
    Clone(at.bare).did(*words.split())
    at.takes("main")
