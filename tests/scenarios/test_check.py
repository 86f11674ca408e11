"""`check`: what merging the change at hand would come to, as CI asks it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from scenarios.clone import BRIEF, At, Clone

Change = Callable[[Clone], object]


def root_of(clone: Clone) -> str:
    """The trust root that this clone pinned."""
    return clone.git("config", "codexa.root")


def in_ci(clone: Clone, ref: str = "change/CH-001") -> Clone:
    """What a forge's checkout makes: a clone of a bare one, HEAD detached, nothing configured."""
    bare = clone.folder.with_name(f"{clone.folder.name}.git")
    if not bare.exists():
        clone.git("init", "-q", "--bare", str(bare))
        clone.git("remote", "add", "origin", str(bare))
    clone.git("push", "-q", "origin", "--all")
    place = clone.folder.with_name("ci")
    number = 1
    while place.exists():
        number += 1
        place = place.with_name(f"ci-{number}")
    clone.git("clone", "-q", "--no-checkout", f"file://{bare}", str(place))
    found = Clone(place)
    found.git("checkout", "-q", "--detach", f"origin/{ref}")
    return found


def merged_by_the_forge(clone: Clone) -> None:
    """HEAD is what a forge makes for a request: the base and the change merged, on no branch."""
    clone.git("switch", "-q", "--detach", "main")
    clone.git("merge", "-q", "--no-ff", "-m", "test merge", "change/CH-001")


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a clone, `.git` and all."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_closed_change_can_be_merged_and_every_requirement_is_told(at: At) -> None:
    clone = at("closed")
    told = clone.did("check")
    assert told.startswith("CH-001  Shouting")
    for stage in ("in any stage", "frame", "spec", "execute", "validate", "package", "cleanup"):
        assert f"\n{stage} " in told
    assert told.rstrip().endswith("it can be merged")


@pytest.mark.parametrize("state", ["opened", "planned", "executed", "packaged"])
def test_what_is_not_closed_is_not_to_be_merged(at: At, state: str) -> None:
    answer = at(state).codexa("check")
    assert answer.status == 1
    assert "hint: " in answer.out
    assert "not to be merged" in answer.out


def test_a_stage_may_be_asked_for_alone(at: At) -> None:
    clone = at("approved")
    assert "every gate through spec says yes" in clone.did("check", "--through", "spec")
    answer = clone.codexa("check", "--through", "execute")
    assert answer.status == 1
    assert "not there yet" in answer.out
    assert "\nvalidate " not in answer.out


def test_a_checkout_in_ci_is_judged_by_its_trees_with_no_name_and_no_branch(at: At) -> None:
    clone = at("closed")
    root = root_of(clone)
    ci = in_ci(clone)
    assert "not pinned" in ci.did("check", "--base", "main")
    assert "not pinned" not in ci.did("check", "--base", "main", "--root", root)
    assert "it can be merged" in ci.did("check", "--base", "origin/main", "--root", root)
    assert "it can be merged" in ci.did("check", "--base", "refs/remotes/origin/main")
    assert "it can be merged" in ci.did("check", "--base", ci.tip("origin/main"))
    assert "it can be merged" in ci.did("check")


def test_the_forges_test_merge_is_judged_as_what_it_is(at: At) -> None:
    clone = at("closed")
    merged_by_the_forge(clone)
    assert "it can be merged" in clone.did("check", "--base", "main")


def test_a_change_that_is_named_is_found_on_its_branch_here_or_on_a_remote(at: At) -> None:
    clone = at("closed")
    ci = in_ci(clone, "main")
    clone.git("switch", "-q", "main")
    assert "it can be merged" in clone.did("check", "CH-001")
    assert "it can be merged" in ci.did("check", "CH-001")
    assert "there is no change CH-009 here" in ci.refused("check", "CH-009", status=2)
    clone.did("land", "CH-001")
    assert "CH-001 has landed on main" in clone.refused("check", "CH-001", status=3)


def test_where_the_base_moved_the_two_are_merged_and_judged_so(at: At) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    clone.commit({"other.txt": "other\n"}, "the base moves")
    clone.git("switch", "-q", "change/CH-001")
    before = snapshot(clone.folder)
    answer = clone.codexa("check")
    assert answer.status == 1
    assert "main moved by 1 commit since CH-001 was closed" in answer.out
    assert "hint: git codexa advance CH-001" in answer.out
    assert snapshot(clone.folder) == before
    merged_by_the_forge(clone)
    assert clone.codexa("check").status == 1, "the merged tree is one that nobody tested"


def test_only_peoples_work_is_in_conflict(at: At) -> None:
    clone = at("executed")
    clone.git("switch", "-q", "main")
    clone.commit({"README.md": "else\n"}, "the base moves")
    clone.git("switch", "-q", "change/CH-001")
    answer = clone.codexa("check", "--format", "github")
    assert answer.status == 1
    assert "file=README.md,title=L3" in answer.out
    assert "main and CH-001 both change README.md" in answer.out


def test_nothing_at_hand_is_no_answer(at: At) -> None:
    clone = at("opened")
    clone.git("switch", "-q", "main")
    told = clone.refused("check", status=3)
    assert "no change to judge: main holds" in told
    clone.git("switch", "-qc", "feature")
    clone.commit({"greet.sh": "echo hi\n"}, "past the gates")
    told = clone.refused("check", status=3)
    assert "no change to judge" in told
    assert "greet.sh is not free on main" in told
    assert "git codexa open" in told
    answer = clone.codexa("check", "--format", "github")
    assert answer.out.startswith("::error title=codexa-git::no change to judge")


def test_two_changes_at_once_are_refused(at: At) -> None:
    clone = at("opened")
    folder = clone.folder / "audit"
    shutil.copytree(folder / "CH-001", folder / "CH-002")
    clone.git("add", "-f", "audit")
    clone.git("commit", "-qm", "two", "--no-verify")
    assert "two changes at once: CH-001, CH-002" in clone.refused("check")


def test_a_shallow_clone_is_undecided_and_says_how_ci_has_it_whole(at: At) -> None:
    clone = at("closed")
    ci = in_ci(clone)
    ci.git("fetch", "-q", "--depth=1", "origin")
    told = ci.refused("check", "--base", "main", status=3)
    assert "undecided: this clone is shallow" in told
    assert "fetch-depth: 0" in told


def test_while_observing_it_reports_and_refuses_nothing(at: At) -> None:
    clone = at("adopted")
    brief = clone.folder.parent / "brief.md"
    brief.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(brief))
    answer = clone.codexa("check")
    assert answer.status == 0
    assert "main observes, and refuses nothing" in answer.out
    annotated = clone.codexa("check", "--format", "github")
    assert annotated.status == 0
    assert "::notice " in annotated.out
    assert "::error " not in annotated.out
    clone.git("switch", "-qc", "feature", "main")
    clone.commit({"greet.sh": "echo hi\n"}, "ordinary")
    ordinary = clone.codexa("check")
    assert ordinary.status == 0
    assert "no change to judge" in ordinary.err
    clone.git("switch", "-q", "main")
    assert clone.codexa("check").status == 3, "of the base itself there is nothing to say"


def test_a_base_that_never_enforced_is_no_answer_where_a_root_was_asked_for(at: At) -> None:
    clone = at("adopted")
    clone.git("switch", "-qc", "feature")
    clone.commit({"greet.sh": "echo hi\n"}, "ordinary")
    told = clone.refused("check", "--root", f"sha256:{'0' * 64}", status=3)
    assert "has no trust root" in told


def test_another_root_than_the_pinned_one_is_refused(at: At) -> None:
    told = at("closed").refused("check", "--root", f"sha256:{'0' * 64}")
    assert "the trust root of main is sha256:" in told


def test_a_policy_that_its_owners_did_not_sign_decides_nothing(at: At) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    policy = (clone.folder / "codexa.toml").read_text()
    clone.commit({"codexa.toml": policy + "\n# mine\n"}, "observe again")
    clone.git("switch", "-q", "change/CH-001")
    assert "was changed at" in clone.refused("check")


def test_a_change_chooses_neither_its_base_nor_its_policy(at: At) -> None:
    clone = at("planned")
    policy = (clone.folder / "codexa.toml").read_text()
    assert 'mode = "enforce"' in policy
    observing = policy.replace('mode = "enforce"', 'mode = "observe"')
    clone.commit({"codexa.toml": observing}, "let me")
    answer = clone.codexa("check", "--format", "github")
    assert answer.status == 1
    assert "::error file=codexa.toml,title=L7" in answer.out
    clone.git("branch", "mine/main", "main")
    told = clone.refused("check", "--base", "mine/main", status=3)
    assert "the policy on mine/main is that of the base main" in told


def test_what_this_clone_remembers_is_not_believed(at: At) -> None:
    clone = at("planned")
    clone.codexa("status")
    kept = clone.folder / ".git" / "codexa"
    for file in [p for p in kept.rglob("*") if p.is_file() and "key" not in p.name]:
        file.write_bytes(b"\0")
    before = snapshot(clone.folder)
    assert clone.codexa("check", "--base", "main").status == 1
    assert snapshot(clone.folder) == before


def test_nothing_of_the_repository_is_run(at: At) -> None:
    clone = at("closed")
    hook = clone.folder / ".git" / "hooks" / "post-checkout"
    mark = clone.folder.parent / "ran"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    (clone.folder / "check.sh").write_text(f"touch {mark}\n")
    (clone.folder / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    for key in ("filter.evil.clean", "diff.evil.command", "merge.evil.driver"):
        clone.git("config", key, f"touch {mark}")
    clone.did("check")
    assert not mark.exists()


def test_a_record_that_its_story_lost_is_missed(at: At) -> None:
    clone = at("closed")
    clone.git("switch", "-q", "main")
    clone.git("switch", "-qc", "again")
    clone.git("merge", "-q", "--squash", "change/CH-001")
    clone.git("commit", "-qm", "squashed")
    assert "it can be merged" in clone.did("check")
    log = "audit/CH-001/commands.jsonl"
    clone.git("switch", "-q", "change/CH-001")
    lines = (clone.folder / log).read_text().splitlines(keepends=True)
    clone.commit({log: "".join(lines[:-1])}, "lose one")
    answer = clone.codexa("check", "--json")
    assert answer.status == 1
    assert "L15" in {found["rule"] for found in json.loads(answer.out)["findings"]}


class TestForms:
    def test_json_tells_every_requirement_and_finding(self, at: At) -> None:
        clone = at("planned")
        answer = clone.codexa("check", "--json")
        told = json.loads(answer.out)
        assert answer.status == 1
        assert (told["answer"], told["change"], told["stage"]) == ("no", "CH-001", "spec")
        assert told["head"] == clone.tip()
        assert {ask["name"] for ask in told["asks"]} >= {"plan-approved", "workspace-closed"}
        assert "A1" in {finding["rule"] for finding in told["findings"]}
        assert json.loads(at("closed").did("check", "--json"))["findings"] == []

    def test_a_line_of_a_paper_is_annotated_where_it_is(self, at: At) -> None:
        clone = at("opened")
        path = "changes/CH-001/brief.md"
        brief = clone.read(path).replace("- AC-2:", "- AC-1:")
        clone.commit({path: brief}, "misnumber")
        [found] = [
            f
            for f in json.loads(clone.codexa("check", "--json").out)["findings"]
            if f["rule"] == "G1"
        ]
        assert found["path"] == path
        line = brief.splitlines()[found["line"] - 1]
        assert "AC-" in line
        told = clone.codexa("check", "--format", "github").out
        assert f"::error file={path},line={found['line']},title=G1" in told

    def test_gitlab_has_a_path_and_a_line_for_every_finding(self, at: At) -> None:
        answer = at("planned").codexa("check", "--format", "gitlab")
        issues = json.loads(answer.out)
        assert answer.status == 1
        assert issues
        for issue in issues:
            assert issue["location"]["path"]
            assert issue["location"]["lines"]["begin"] >= 1
            assert issue["severity"] in {"major", "minor"}
        assert len({issue["fingerprint"] for issue in issues}) == len(issues)
        assert json.loads(at("closed").did("check", "--format", "gitlab")) == []

    @pytest.mark.parametrize("form", ["json", "sarif", "gitlab"])
    def test_where_there_is_no_answer_the_document_says_so(self, at: At, form: str) -> None:
        clone = at("opened")
        clone.git("switch", "-q", "main")
        answer = clone.codexa("check", "--format", form)
        assert answer.status == 3
        document = json.loads(answer.out)
        assert document
        assert "no change to judge: main holds" in answer.out
        if form == "gitlab":
            [issue] = document
            assert issue["check_name"] == "codexa undecided"
            assert issue["severity"] == "minor"
            assert issue["location"] == {"path": "codexa.toml", "lines": {"begin": 1}}
            assert len(issue["fingerprint"]) == 64

    @pytest.mark.parametrize("form", ["json", "sarif", "gitlab", "github"])
    def test_while_observing_a_machine_has_its_document_too(self, at: At, form: str) -> None:
        clone = at("adopted")
        clone.git("switch", "-qc", "feature", "main")
        clone.commit({"greet.sh": "echo hi\n"}, "ordinary")
        answer = clone.codexa("check", "--format", form)
        assert answer.status == 0
        assert "no change to judge" in answer.out
        if form == "github":
            assert answer.out.startswith("::notice ")
        else:
            assert json.loads(answer.out)
        if form == "gitlab":
            assert json.loads(answer.out)[0]["severity"] == "info"

    def test_sarif_is_a_log_of_one_run(self, at: At) -> None:
        answer = at("planned").codexa("check", "--format", "sarif")
        [run] = json.loads(answer.out)["runs"]
        assert run["results"]

    def test_what_strangers_wrote_is_no_command_of_the_runner(self, at: At) -> None:
        clone = at("planned")
        hostile = "a\n::set-output name=x::y\n##[error]z %0A::add-mask::q"
        clone.commit({f"src/{hostile}": "x\n"}, "hostile")
        told = clone.codexa("check", "--format", "github").out
        for line in told.splitlines():
            assert line.startswith(("::error ", "CH-001: not to be merged"))
            assert "::" not in line.removeprefix("::error ").partition("::")[0]

    def test_two_forms_at_once_and_no_root_are_wrong_usage(self, at: At) -> None:
        clone = at("planned")
        assert "two forms at once" in clone.refused(
            "check", "--json", "--format", "sarif", status=2
        )
        assert "is not a trust root" in clone.refused("check", "--root", "mine", status=2)


def test_a_base_that_is_misspelt_is_told_the_nearest(at: At) -> None:
    clone = at("closed")
    told = clone.refused("check", "--base", "mian", status=3)
    assert "error: the base 'mian' is not in this clone\n" in told
    command = told.partition("hint: did you mean main? git codexa ")[2].splitlines()[0]
    clone.did(*command.split())
    assert "did you mean" not in clone.refused("check", "--base", "elsewhere", status=3)
