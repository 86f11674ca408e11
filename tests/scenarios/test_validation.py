"""Tests that fail, hang, flood, lie or are none; waivers; and what is done again otherwise."""

import json
from functools import partial
from pathlib import Path

import pytest
from scenarios.clone import BRIEF, NOON, At, Clone, Shelf, recipes

from codexa_git.audit.payload import NAMESPACE
from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType, Stage
from codexa_git.repository.ssh import sign
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.draft import Draft
from codexa_git.workflow.changes.moment import named
from codexa_git.workflow.decisions.deciding import decide
from codexa_git.workflow.together.publishing import publish

PASSED = '<testsuite><testcase classname="a" name="b"/></testsuite>'
BY_HAND = ("", "")
REPORT = "changes/CH-001/pages/QA_REPORT.md"


def clone_with(at: At, command: str, script: str, *how: str) -> Clone:
    """A clone whose work is done, and whose policy tests it with this script."""
    clone = at("opened")
    clone.git("switch", "-q", "-c", "policy/tests", "main")
    policy = clone.read("codexa.toml").replace('"sh check.sh"', json.dumps(command))
    short = policy.replace("timeout = 600", "timeout = 1").replace("= 10000000", "= 10000")
    clone.commit({"codexa.toml": short}, "another test")
    clone.did("policy", "sign")
    clone.git("switch", "-q", "main")
    clone.commit({"t.sh": script}, "what tests it")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("rebase", "-q", "main")
    clone.commit({"changes/CH-001/recipes.toml": recipes(*how)}, "say how")
    clone.did("advance")
    clone.did("approve")
    if how:
        clone.commit({"shout.sh": "echo HELLO\n", "README.md": "shout.sh\n"}, "T-01, T-02")
    clone.did("advance")
    return clone


BAD = {
    "a report that says passed, and exit 1": (
        "sh t.sh {report}",
        f"echo '{PASSED}' > $1; exit 1",
        "though its report names no failure",
    ),
    "no test in the report": ("sh t.sh {report}", "echo '<testsuite/>' > $1", "names no test"),
    "no report": ("sh t.sh {report}", "true", "left no test report"),
    "a report that is none": ("sh t.sh {report}", "echo '<a' > $1", "report"),
    "every test skipped": (
        "sh t.sh {report}",
        "echo '<testsuite><testcase name=\"b\"><skipped/></testcase></testsuite>' > $1",
        "every test was skipped",
    ),
    "exit 1": ("sh t.sh", "exit 1", "exited with 1"),
    "hangs": ("sh t.sh", "sleep 60", "did not end within 1 seconds"),
    "floods": ("sh t.sh", "yes", "printed more than 160000 bytes"),
    "dies by a signal": ("sh t.sh", "kill -9 $$", "was ended by SIGKILL"),
    "is not there": ("nosuchprogram", "", "could not be started"),
}


@pytest.mark.parametrize("what", BAD)
def test_is_a_failure(what: str, at: At) -> None:
    command, script, why = BAD[what]
    clone = clone_with(at, command, f"{script}\n", *BY_HAND)
    clone.did("advance")
    assert "fails" in clone.log()[-1]
    results = json.loads(clone.read("tests/results/CH-001.json"))
    assert why in json.dumps(results)
    told = clone.refused("advance")
    assert "hint: commit what mends it, then: git codexa advance CH-001" in told
    assert clone.did("concern", "list").startswith("CN-1  open ")
    assert clone.is_clean()


def test_what_a_test_leaves_running_is_ended_and_does_no_harm(at: At) -> None:
    clone = clone_with(at, "sh t.sh", "sleep 100 & sleep 100 & exit 0\n")
    assert "1 test passes" in clone.did("advance")


def test_failures_go_back_to_execute_up_to_the_tries(at: At) -> None:
    clone = clone_with(at, "sh t.sh", "exit 1\n")
    assert "fails, back to execute, try 2/3" in clone.did("advance")
    assert "tests-pass-or-waived" in clone.until().err
    said = [line for line in clone.log() if "validate: " in line]
    assert said[0].endswith("back to execute, try 2/3")
    assert said[1].endswith("back to execute, try 3/3")
    assert said[2] == "CH-001 validate: the only test fails"


TWO = "sh t.sh {report}"
ONE_FAILS = (
    'echo \'<testsuite><testcase name="good"/>'
    '<testcase name="bad"><failure/></testcase></testsuite>\' > $1; exit 1\n'
)


def test_a_failing_test_is_waived_by_name_with_a_reason_for_this_round(at: At) -> None:
    clone = clone_with(at, TWO, ONE_FAILS, *BY_HAND)
    clone.did("advance")
    assert "failing: bad" in clone.refused("waive", "--test", "good", "-m", "x", status=2)
    assert "1 test waived by Demo PM (pm)" in clone.did("waive", "--test", "bad", "-m", "known")
    report = clone.read(REPORT)
    assert "- `bad` failed: it said nothing (waived, see below)\n" in report
    assert "### Waivers on record\n\n- `bad`: Demo PM (pm), 2026-01-01T12:00:" in report
    clone.did("approve")
    bound = clone.read("audit/CH-001/commands.jsonl").split("\n")[-1]
    assert json.loads(bound)["data"]["gates"]["results"]["named"] == ["bad"]
    clone.until()
    clone.did("approve")
    assert "concerns-clear" in clone.refused("advance")
    clone.did("concern", "resolve", "CN-1", "waived")
    assert "can land" in clone.until().out
    clone.did("land")
    page = clone.read("QA_REPORT.md", "main")
    assert "### Waivers\n\n- `bad`: Demo PM (pm), 2026-01-01T12:00:" in page
    assert "fails: bad (Demo PM (owner): waived)" in page


def test_where_no_test_passes_nobody_is_sent_to_waive_one(at: At) -> None:
    clone = clone_with(at, "sh t.sh", "exit 1\n", *BY_HAND)
    clone.did("advance")
    assert "git codexa waive" not in clone.refused("advance")
    told = clone.refused("waive", "--test", "nosuch", "-m", "x", status=2)
    assert told.endswith("hint: no test passes, and a waiver cannot stand for all of them\n")
    assert "a waiver cannot stand for all" in clone.refused("waive", "--test", "sh t.sh", "-m", "x")


def test_where_another_test_passes_waiving_is_offered(at: At) -> None:
    clone = clone_with(at, TWO, ONE_FAILS, *BY_HAND)
    clone.did("advance")
    waive = "git codexa waive CH-001 --test bad -m"
    assert f'hint: or where it may fail for now: {waive} "why"\n' in clone.refused("advance")
    told = clone.refused("waive", "--test", "nosuch", "-m", "x", status=2)
    assert told.endswith(f'hint: {waive} "..."\n')


def test_a_waiver_does_not_outlive_its_round(at: At) -> None:
    clone = clone_with(at, TWO, ONE_FAILS, *BY_HAND)
    clone.did("advance")
    clone.did("waive", "--test", "bad", "-m", "known")
    clone.did("rework", "--to", "validate", "-m", "look again")
    assert "tests-pass-or-waived" in clone.until().err


def test_tests_that_differ_when_done_again_raise_a_concern(at: At, tmp_path: Path) -> None:
    place = tmp_path / "was-here"
    flaky = clone_with(at, "sh t.sh", f"test ! -e {place} || {{ rm {place}; exit 1; }}; >{place}\n")
    assert "snapshot differs" in flaky.did("advance")
    assert "regression-matches" in flaky.refused("advance")
    assert "CN-1  open    the regression snapshot differs" in flaky.did("concern", "list")
    flaky.did("concern", "resolve", "CN-1", "it is the disk")
    assert "results-approved" in flaky.refused("advance")


def test_a_difference_is_for_those_to_resolve_who_may_approve_the_results(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    """A developer's own word gets by neither the command nor beside it, and blocks nobody."""
    place, clone = tmp_path / "was-here", at("adopted")
    words = ("Demo Dev", "dev@demo.invalid", "--role", "dev", "--key", f"{shelf.dev}.pub")
    clone.did("people", "add", *words)
    policy = clone.read("codexa.toml").replace('"sh check.sh"', '"sh t.sh"')
    flaky = f"test ! -e {place} || {{ rm {place}; exit 1; }}; >{place}\n"
    clone.commit({"codexa.toml": policy, "t.sh": flaky}, "what tests it")
    clone.did("enforce", "--demo", "--yes")
    clone.did("open", "Shouting", "--brief", str(_brief(tmp_path)))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    for verb in ("advance", "approve", "advance", "advance"):
        clone.did(verb)
    clone.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    told = clone.refused("concern", "resolve", "CN-1", "it is the disk")
    assert "that two runs differ is for a pm to resolve" in told
    hand = partial(sign, key=str(shelf.dev), namespace=NAMESPACE)
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(NOON)), "CH-001")
        draft = Draft(moment.footing, Stage.VALIDATE, Actor("Demo Dev", words[1], "dev"))
        data = {"concern": moment.state.concerns[0].record.id, "reason": "it is the disk"}
        decide(draft, moment, RecordType.CONCERN_RESOLVED, data, hand)
        publish(moment, draft.build("CN-1 resolved", hand_off=False))
    clone.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    told = clone.refused("advance")
    assert "regression-matches" in told
    assert "hint: git codexa concern list CH-001" in told
    assert "CN-1  open" in clone.did("concern", "list")
    clone.did("concern", "resolve", "CN-1", "it is the disk")
    assert "CN-1  closed" in clone.did("concern", "list")
    assert "CN-1 is closed already" in clone.refused("concern", "resolve", "CN-1", "again")
    assert "results-approved" in clone.refused("advance")


def _brief(folder: Path) -> Path:
    (folder / "brief.md").write_text(BRIEF)
    return folder / "brief.md"
