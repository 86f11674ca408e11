"""`git commit` on the branch of a change."""

import json
import os
from pathlib import Path

import pytest
from hooks.conftest import At, Hooked
from scenarios.clone import NOON

from codexa_git.audit.words import RecordType
from codexa_git.hooks.refusing import AGAIN

STAMP = "Codexa-Change: CH-001\nCodexa-Stage: "
LOG = "audit/CH-001/handoff.jsonl"


def edit(clone: Hooked, path: str = "README.md", text: str = "# Greet\n\nMore.\n") -> None:
    clone.write(path, text)


def test_a_commit_says_which_change_and_stage_it_is(hooked: At) -> None:
    clone = hooked("opened")
    edit(clone, "changes/CH-001/design.md", "# Design\n")
    clone.git("add", "-A")
    assert clone.commits("-m", "say how") == f"say how\n\n{STAMP}spec\n"
    clone = hooked("approved by hand")
    edit(clone)
    assert clone.commits("-am", "more") == f"more\n\n{STAMP}execute\n"


def test_work_before_the_plan_is_approved_is_refused_and_nothing_is_lost(hooked: At) -> None:
    clone = hooked("planned")
    edit(clone)
    assert clone.is_refused("commit", "-qam", "too early") == (
        "error: CH-001 cannot change README.md yet: its plan is not approved\n"
        "  rule  plan-before-product: execute starts after a pm has approved brief and plan\n"
        "  now   0 of 1 approvals by a pm; asked of Demo PM since today 12:00\n"
        "hint: if that is you: git codexa approve CH-001\n"
        "hint: if not, nothing is lost: your changes are as they were\n"
    )
    assert (clone.folder / "README.md").read_text().endswith("More.\n")


def test_without_a_plan_the_next_thing_is_to_make_one(hooked: At) -> None:
    clone = hooked("framed")
    edit(clone)
    told = clone.is_refused("commit", "-qam", "too early")
    assert "there is no plan yet" in told
    assert "hint: git codexa advance CH-001 makes the plan\n" in told


def test_a_refusal_after_the_editor_says_how_to_use_the_message_again(
    hooked: At, tmp_path: Path
) -> None:
    clone = hooked("planned")
    edit(clone)
    # The editor is opened in no case: pre-commit refuses before anybody wrote anything.
    told = clone.is_refused("commit", "-qa", GIT_EDITOR="false")
    assert "CH-001 cannot change README.md yet" in told
    assert "your message is kept" not in told
    editor = tmp_path / "editor"
    editor.write_text(
        '#!/bin/sh\ngrep -q "^written" "$1" && exit 0\n'
        '{ echo written; cat "$1"; } >"$1.new" && mv "$1.new" "$1"\n'
    )
    editor.chmod(0o755)
    (clone.folder / ".git/hooks/pre-commit").unlink()
    told = clone.is_refused("commit", "-qa", GIT_EDITOR=str(editor))
    assert f"hint: your message is kept: {AGAIN}\n" in told
    clone.did("approve")
    again = AGAIN.replace("git commit -eF", "git commit -qa -eF")
    assert os.system(f"cd {clone.folder} && GIT_EDITOR={editor} {again}") == 0
    assert clone.git("log", "-1", "--format=%B") == f"written\n\n{STAMP}execute\n"


FORGED = {
    "a line that no one can read": ("{", "x{"),
    "a record that is there already": ("", ""),
    "a record with other words": ("CH-001", "CH-002"),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_audit_line_is_refused_by_the_index_that_git_made(hooked: At, how: str) -> None:
    clone = hooked("approved")
    log = clone.folder / LOG
    last = log.read_text().splitlines()[-1]
    log.write_text(log.read_text() + last.replace(*FORGED[how]) + "\n")
    assert not clone.git("diff", "--cached", "--name-only")
    told = clone.is_refused("commit", "-qam", "forged")
    assert (
        "CH-001 cannot be committed so: its records are not for hands" in told or "records" in told
    )


def test_a_record_that_would_pass_the_gate_is_still_not_for_hands(hooked: At) -> None:
    clone = hooked("approved")
    made = hooked("executed")
    done = next(
        line
        for line in made.read(LOG).splitlines()
        if json.loads(line)["type"] == RecordType.RUN_STARTED
    )
    clone.write(LOG, clone.read(LOG) + f"\n{done}\n")
    told = clone.is_refused("commit", "-qam", "forged")
    assert "rule  audit-by-tool: " in told
    assert f"{LOG} would gain a record that codexa-git did not write" in told
    assert f"hint: leave it out: git restore --staged -- {LOG}" in told


def older(hooked: At) -> tuple[Hooked, str]:
    """A change that went back to its approved plan and on from there; where it stood before."""
    clone = hooked("executed")
    old = clone.tip()
    first = clone.git("log", "--format=%H", "--grep=^Codexa-Record: run.started").split()[-1]
    clone.git("reset", "-q", "--hard", f"{first}~1")
    edit(clone, "changes/CH-001/notes.md", "On.\n")
    clone.git("add", "-A")
    clone.commits("-m", "on from here")
    clone.git("checkout", "-q", old, "--", ".")
    return clone, old


def test_a_head_that_was_set_by_hand_vouches_for_no_record(hooked: At) -> None:
    clone, old = older(hooked)
    for name in ("ORIG_HEAD", "REBASE_HEAD"):
        clone.git("update-ref", name, old)
        told = clone.is_refused("commit", "-qm", "as it was")
        assert "that codexa-git did not write" in told, name


def test_a_head_that_the_environment_names_vouches_for_no_record(hooked: At) -> None:
    clone, old = older(hooked)
    told = clone.is_refused("commit", "-qm", "as it was", **{f"GITHEAD_{old}": "main"})
    assert "that codexa-git did not write" in told
    clone.git("reset", "-q", "--hard")
    clone.git("switch", "-qc", "side", "HEAD~1")
    clone.commit({"changes/CH-001/more.md": "More.\n"}, "beside it")
    clone.git("switch", "-q", "change/CH-001")
    assert clone.tries("merge", "-q", "--no-commit", "side").status == 0
    clone.git("checkout", "-q", old, "--", ".")
    told = clone.is_refused("commit", "-qm", "merged", **{f"GITHEAD_{old}": "main"})
    assert "that codexa-git did not write" in told


def test_a_reset_vouches_for_what_it_went_back_from_and_for_nothing_older(hooked: At) -> None:
    clone = hooked("executed")
    tip = clone.tip()
    clone.git("reset", "-q", "--soft", "HEAD~2")
    clone.git("switch", "-qc", "elsewhere")
    clone.commits("-m", "in one")
    clone.git("update-ref", "ORIG_HEAD", tip)
    lines = clone.read(LOG).splitlines()
    clone.write(LOG, "\n".join([*lines, lines[-1].replace("a", "b", 1)]) + "\n")
    assert "that codexa-git did not write" in clone.is_refused("commit", "-qam", "one more")


def test_a_record_of_a_time_to_come_stops_hook_and_tool(
    hooked: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = hooked("approved")
    before = clone.tip()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOON) + 3 * 86_400))
    clone.did("concern", "raise", "is this meant?")
    edit(clone)
    for days, is_late in ((0, True), (1, True), (2, False)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOON) + days * 86_400))
        if is_late:
            told = clone.is_refused("commit", "-qam", "more")
            assert "rule  records-sound: " in told
            assert "by Demo PM (owner) is of 2026-01-04T12:00:00Z, more than a day after" in told, (
                told
            )
            told = clone.refused("advance")
            assert "and what follows would have to be later still" in told
            assert "drop the commit that brought it: git log -p -- audit/CH-001/" in told
            assert "records sound" in clone.did("status", "CH-001")
    clone.commits("-am", "more")
    assert "records sound" not in clone.did("status", "CH-001")
    assert clone.git("merge-base", before, "HEAD").strip() == before


def test_records_are_not_dropped_by_hand_either(hooked: At) -> None:
    clone = hooked("approved")
    lines = clone.read(LOG).splitlines()
    clone.write(LOG, "\n".join(lines[:-1]) + "\n")
    assert f"{LOG} would lose a record" in clone.is_refused("commit", "-qam", "less")
    clone.git("checkout", "-q", "--", ".")
    clone.git("rm", "-rq", "audit/CH-001")
    assert "would take all records of CH-001 away" in clone.is_refused("commit", "-qm", "none")


REFUSED = {
    "codexa.toml": ("guarded-paths", "codexa.toml is guarded"),
    ".github/workflows/ci.yml": ("guarded-paths", "is guarded"),
    "changes/CH-002/brief.md": ("own-files-only", "belongs to another change"),
    "tests/results/conftest.py": ("own-files-only", "lies where only the tool writes"),
    "changes/CH-001/status.md": ("listed-as-recorded", "is not what the records say"),
    "src/\u202ecod.py": ("paths-plain", "a path that cannot be put on record"),
    "readme.md": ("paths-plain", "are one file where letter case is folded"),
}


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_refused_in_any_stage_is_refused_at_the_commit(hooked: At, path: str) -> None:
    clone = hooked("approved")
    rule, why = REFUSED[path]
    edit(clone)
    clone.commits("-am", "first, so that a table is there")
    clone.write(path, "hostile\n")
    clone.git("add", "-A")
    told = clone.is_refused("commit", "-qm", "hostile")
    assert f"  rule  {rule}: " in told
    assert why in told
    clone.git("reset", "-q", "--hard")
    edit(clone, text="# Greet\n")
    clone.commits("-am", "and the branch can go on")


@pytest.mark.parametrize("page", ["QA_REPORT.md", "docs/STATUS_REPORT.md"])
def test_a_block_of_another_change_is_refused_at_the_commit(hooked: At, page: str) -> None:
    clone = hooked("approved")
    edit(clone)
    clone.commits("-am", "first, so that a table is there")
    clone.write(page, "<!-- codexa:begin CH-900 -->\npassed\n<!-- codexa:end CH-900 -->\n")
    clone.git("add", "-A")
    told = clone.is_refused("commit", "-qm", "praise")
    assert "  rule  own-files-only: " in told
    assert f"{page} has a block of CH-900" in told


def test_a_submodule_is_refused(hooked: At) -> None:
    clone = hooked("approved")
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{clone.tip()},vendor")
    assert "rule  no-gitlinks: " in clone.is_refused("commit", "-qm", "vendor")


def test_while_observing_a_no_is_only_reported(hooked: At) -> None:
    clone = hooked("adopted")
    clone.did("open", "Shouting", "--criterion", "`sh shout.sh` prints `HELLO`")
    edit(clone)
    answer = clone.tries("commit", "-qam", "early")
    assert answer.status == 0
    assert answer.err.startswith("warning: CH-001 cannot change README.md yet: ")
    assert "(observing: not refused)" in answer.err
    assert clone.git("log", "-1", "--format=%B") == f"early\n\n{STAMP}frame\n"
    clone.write(LOG, "not a record\n")
    answer = clone.tries("commit", "-qam", "odd")
    assert answer.status == 0, answer.err
    assert answer.err.startswith("warning: CH-001 cannot be committed so")


def test_a_landed_or_abandoned_change_takes_no_commit(hooked: At) -> None:
    clone = hooked("landed")
    clone.git("switch", "-q", "change/CH-001")
    edit(clone)
    assert "CH-001 has landed on main" in clone.is_refused("commit", "-qam", "late")
    clone = hooked("planned")
    clone.did("abandon", "CH-001", "-m", "nobody needs it")
    edit(clone, "changes/CH-001/brief.md")
    assert "CH-001 cannot be committed so: it was abandoned" in clone.is_refused(
        "commit", "-qam", "late"
    )


def test_where_no_change_is_at_hand_nothing_is_asked_and_no_python_started(hooked: At) -> None:
    clone = hooked("landed")
    clone.counts_pythons()
    for words in (
        ("switch", "-q", "main"),
        ("switch", "-qc", "other", "HEAD~1"),
        ("switch", "-q", "--detach"),
    ):
        clone.git(*words)
        edit(clone, text=f"{words}\n")
        assert clone.commits("-am", "plain") == "plain\n"
        assert clone.commits("--amend", "--allow-empty", "-m", "again") == "again\n"
    assert clone.python_started == 0


def test_on_a_change_one_python_answers_for_a_commit(hooked: At) -> None:
    clone = hooked("approved")
    clone.counts_pythons()
    edit(clone)
    clone.commits("-am", "one")
    assert clone.python_started == 1


def test_a_change_is_known_by_its_records_and_not_by_its_branch(hooked: At) -> None:
    clone = hooked("planned")
    clone.git("branch", "-m", "my-own-name")
    edit(clone)
    assert "CH-001 cannot change README.md yet" in clone.is_refused("commit", "-qam", "too early")
    clone.git("switch", "-q", "--detach")
    assert "CH-001 cannot change README.md yet" in clone.is_refused("commit", "-qam", "too early")


def test_forged_trailers_do_not_stay(hooked: At) -> None:
    clone = hooked("approved")
    forged = "Codexa-Change: CH-009\nCodexa-Stage: cleanup"
    record = "Codexa-Record: approval.granted sha256:00"
    said = clone.commits("--allow-empty", "-m", f"x\n\n{forged}\n{record}")
    assert said == f"x\n\n Codexa-Record: approval.granted sha256:00\n\n{STAMP}execute\n"


def test_amending_the_tools_commit_keeps_the_records_that_it_names(hooked: At) -> None:
    clone = hooked("approved")
    before = clone.git("log", "-1", "--format=%B")
    assert "Codexa-Record: approval.granted sha256:" in before
    after = clone.commits("--amend", "--no-edit")
    assert after == before
