"""Syncs, closings and landings, while the base moves."""

import subprocess

import pytest
from scenarios.clone import ROOT, At, Clone
from scenarios.several import ENOUGH


def base_moves(clone: Clone, path: str = "other.txt", content: str = "other\n") -> None:
    """The base has one commit more."""
    clone.git("switch", "-q", "main")
    clone.commit({path: content}, "the base moves")
    clone.git("switch", "-q", "change/CH-001")


def test_a_sync_brings_the_base_in(at: At) -> None:
    clone = at("executed")
    base_moves(clone)
    assert "main brought in" in clone.did("sync")
    assert clone.read("other.txt") == "other"
    assert clone.is_clean()
    assert "CH-001 holds the tip of main already" in clone.refused("sync")
    clone.did("advance")


def test_a_sync_in_conflict_is_one_clear_sentence(at: At) -> None:
    clone = at("executed")
    base_moves(clone, "README.md", "else\n")
    before = clone.tip()
    told = clone.refused("sync")
    assert told.startswith("error: main and CH-001 both change README.md\n")
    assert "hint: git merge main, resolve, commit; then go on with git codexa advance" in told
    assert clone.tip() == before
    assert clone.is_clean()


def test_a_conflict_that_a_person_resolves_goes_on(at: At) -> None:
    clone = at("closed")
    base_moves(clone, "README.md", "else\n")
    assert "both change README.md" in clone.refused("advance")
    merge = clone.folder / "README.md"
    clone.git("-c", "merge.conflictStyle=merge", "merge", "-q", "-s", "ours", "main")
    merge.write_text("else\nshout.sh\n")
    clone.git("commit", "-qam", "both")
    assert "stale: README.md changed since" in clone.until().err
    clone.did("approve")
    anew = "stale: README.md and 1 more changed since"
    assert anew in clone.until().err, "the packet was made anew, and what it tells of"
    clone.did("approve")
    assert "can land" in clone.until().out
    clone.did("land")


def test_a_base_that_moves_after_closing_is_brought_in_tested_and_closed_again(at: At) -> None:
    clone = at("closed")
    base_moves(clone)
    told = clone.refused("land")
    assert "main has moved since CH-001 was closed" in told
    assert "hint: git codexa advance CH-001" in told
    assert "can land" in clone.until().out
    assert clone.log()[-3:] == [
        "CH-001 cleanup: main brought in",
        "CH-001 validate: 1 test passes, snapshot matches",
        "CH-001 cleanup: closed, evidence kept, 0 concerns open",
    ]
    clone.did("land")


def test_people_are_asked_again_where_what_they_signed_changed(at: At) -> None:
    clone = at("closed")
    base_moves(clone, "README.md", "# Greetings\nand more\nand more\nand more\nand more\n")
    clone.git("merge", "-q", "-s", "ours", "--no-edit", "main")
    assert "Demo PM: stale: README.md changed since" in clone.until().err


def test_two_changes_land_one_after_the_other(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    clone.did("open", "Two", *ENOUGH)
    clone.did("advance")
    clone.did("approve")
    clone.commit({"two.txt": "2\n"}, "two")
    _to_landing(clone, "CH-002")
    clone.git("switch", "-q", "change/CH-001")
    clone.did("approve")
    _to_landing(clone, "CH-001")
    page = clone.read("PROGRESS.md", "main")
    assert page.count("codexa:begin CH-001") == page.count("codexa:begin CH-002") == 1
    assert clone.log("main")[-2:] == ["Merge CH-002: Two", "Merge CH-001: Shouting"]
    assert clone.git("tag").split() == ["landed/CH-001", "landed/CH-002"]
    for change in ("CH-001", "CH-002"):
        clone.did("replay", change)


def test_text_around_the_blocks_of_a_shared_page_is_peoples(at: At) -> None:
    clone = at("closed")
    base_moves(clone, "PROGRESS.md", "# Our progress\n\nWell.\n")
    assert "can land" in clone.until().out
    page = clone.read("PROGRESS.md")
    assert page.startswith("# Our progress\n\nWell.\n")
    assert "codexa:begin CH-001" in page
    clone.did("land")


def _to_landing(clone: Clone, change: str) -> None:
    for _ in range(2):
        assert f"git codexa approve {change}" in clone.until().err
        clone.did("approve")
    assert "can land" in clone.until().out
    clone.did("land")


def test_only_what_is_closed_lands(at: At) -> None:
    assert "cannot land: its package is not approved" in at("packaged").refused("land")
    assert "cannot land: it is not closed" in at("package approved").refused("land")


def test_a_landing_leaves_the_checkout_alone_and_moves_the_base(at: At) -> None:
    clone = at("closed")
    clone.write("mine.txt", "mine\n")
    clone.did("land")
    assert clone.git("status", "--porcelain") == "?? mine.txt"
    assert clone.tip("main^2") == clone.tip("change/CH-001")
    assert clone.git("rev-parse", "main^{tree}") == clone.git("rev-parse", "main^2^{tree}")


def test_while_observing_everything_goes_on_and_says_what_is_missing(at: At) -> None:
    clone = at("adopted")
    clone.did("open", "Two", *ENOUGH)
    clone.did("advance")
    assert "plan-approved" in clone.refused("advance")
    assert "without plan-approved" in clone.did("advance", "--unapproved")
    assert "plan-approved" in clone.refused("advance")
    clone.commit({"a": "b\n"}, "a is b")
    assert "can land" in clone.until("--unapproved").out
    assert "validate: handed to package, without plan-approved, results-approved" in (
        clone.git("log", "--format=%s")
    )
    clone.git("switch", "-q", "main")
    clone.commit({"other.txt": "other\n"}, "other")
    clone.git("switch", "-q", "change/CH-001")
    assert "hint: git codexa advance CH-001 --unapproved" in clone.refused("land")
    assert "can land" in clone.until("--unapproved").out
    answer = clone.codexa("land")
    assert answer.status == 0
    assert "landed while observing, though enforcing would refuse: plan-approved" in answer.err
    clone.did("replay", "CH-001")


def test_while_observing_nothing_runs_unasked(at: At) -> None:
    clone = at("adopted")
    clone.did("open", "Two", *ENOUGH)
    clone.did("advance")
    clone.did("approve")
    told = clone.refused("advance")
    assert "while observing, no approval is trusted" in told
    assert "git codexa advance CH-001 --unapproved" in told


@pytest.mark.rule("P10")
def test_what_would_land_in_a_clone_that_has_pinned_no_root_does_not(at: At) -> None:
    clone = at("closed")
    before = clone.tip("main")
    clone.git("config", "--unset", "codexa.root")
    answer = clone.codexa("land", "CH-001")
    assert answer.status == 1
    assert "error: nobody has looked yet at the trust root that this clone has just" in answer.err
    assert "  rule  P10 of codexa-git's docs/specification.md" in answer.err
    assert clone.tip("main") == before


def test_a_landing_that_throws_the_bases_work_away_says_so_and_lands(at: At) -> None:
    clone = at("executed")
    clone.git("switch", "-q", "main")
    clone.commit({"docs/STATUS_REPORT.md": "# Weeks\n"}, "a week")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("merge", "-q", "-s", "ours", "-m", "ours", "main")
    bad = clone.tip()[:12]
    for _ in range(2):
        clone.until()
        clone.did("approve")
    clone.until()
    answer = clone.codexa("land")
    assert answer.status == 0
    told, *hints = answer.err.splitlines()
    assert told.startswith(f"warning: {bad}: it merges ")
    assert told.endswith("throws away what was done there to docs/STATUS_REPORT.md")
    assert "S7" in clone.codexa("verify", "--story").out
    assert "git codexa verify --story will tell of it as S7" in hints[0]
    clone.git("switch", "-q", "main")
    clone.did(*hints[1].rpartition("git codexa ")[2].split(" "))


def test_the_branches_of_landed_stages_go_by_the_command_of_the_page(at: At) -> None:
    """Nothing is judged by them, and those of an open change stay."""
    clone = at("landed")
    clone.git("switch", "-q", "main")
    clone.did("open", "Another", *ENOUGH)
    clone.did("advance")
    page = (ROOT / "docs" / "workflow.md").read_text(encoding="utf-8")
    (command,) = [line for line in page.splitlines() if line.startswith("git for-each-ref")]
    before = clone.git("for-each-ref", "--format=%(refname)", "refs/heads/codexa").split("\n")
    assert {ref.split("/")[3] for ref in before} == {"CH-001", "CH-002"}
    shown = clone.git("log", "--format=%s", "codexa/CH-001/spec..codexa/CH-001/execute")
    assert "T-01" in shown
    subprocess.run(["sh", "-c", command], cwd=clone.folder, check=True)
    left = clone.git("for-each-ref", "--format=%(refname)", "refs/heads/codexa").split("\n")
    assert left == [ref for ref in before if "CH-002" in ref]
    clone.did("verify", "--story")
    clone.did("replay", "CH-001")
    clone.did("log", "CH-001")
    clone.did("status")
