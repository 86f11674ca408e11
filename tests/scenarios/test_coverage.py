"""Lines that tests run: measured twice by the Tester, signed, asked for by policy, and told."""

import json
from typing import Any

import pytest
from scenarios.clone import BRIEF, At, Clone, recipes

MILESTONE = "\n[milestone.MS-01]\nstart = 2025-12-25\n"
HERE = "<source>'\"$PWD\"'</source>"
GREET = '<class filename="greet.sh"><line number="1" hits="1"/></class>'
SHOUT = '<class filename="shout.sh"><line number="1" hits="{}"/><line number="2" hits="1"/></class>'


def report(*classes: str, source: str = HERE) -> str:
    """The line of a script that writes a coverage report with these classes."""
    inner = "".join(classes)
    return f"echo '<coverage><sources>{source}</sources>{inner}</coverage>' > $1"


def measured(
    at: At,
    reports: str,
    touched: int | None = 80,
    command: str = "sh check.sh {coverage}",
    unmeasured: str = '["check.sh"]',
) -> Clone:
    """CH-001 after its tests, of which policy asks for a share of the touched lines."""
    clone = at("adopted")
    run = f"run = {json.dumps([command])}"
    share = "" if touched is None else f"\ntouched = {touched}\nunmeasured = {unmeasured}"
    policy = clone.read("codexa.toml").replace('run = ["sh check.sh"]', run + share) + MILESTONE
    clone.commit({"codexa.toml": policy, "check.sh": f"set -e\n{reports}\n"}, "measure")
    clone.did("enforce", "--demo", "--yes")
    clone.did("open", "Shouting", "--milestone", "MS-01")
    papers = {"changes/CH-001/brief.md": BRIEF, "changes/CH-001/recipes.toml": recipes()}
    clone.commit(papers, "say what and how")
    clone.until()
    clone.did("approve")
    clone.until()
    return clone


def results(clone: Clone) -> tuple[Any, str | None]:
    told = json.loads(clone.read("tests/results/CH-001.json"))
    return told["coverage"], told["coverage_problem"]


def test_lines_are_measured_signed_and_told_wherever_figures_are(at: At) -> None:
    clone = measured(at, report(GREET, SHOUT.format(3)))
    assert results(clone) == (
        {"covered": 2, "lines": 2, "touched": {"covered": 1, "lines": 1}, "unreported": []},
        None,
    )
    screen = clone.did("status")
    assert "✓ touched lines covered  100 % (1 of 1)" in screen
    assert "  tests run 100 % of the lines, 100 % of those touched\n" in screen
    (change,) = json.loads(clone.did("status", "--json"))["changes"]
    assert (change["coverage"], change["coverage_problem"]) == results(clone)
    assert clone.did("status") == screen

    clone.did("approve")
    clone.until()
    figures = json.loads(clone.read("artifacts/phase1/demo/Week-02/CH-001/figures.json"))
    assert [figures[name] for name in ("lines", "lines_covered", "touched", "touched_covered")] == [
        2,
        2,
        1,
        1,
    ]
    clone.did("approve")
    clone.until()
    told = "| lines covered by tests | 100 % (2 of 2); of those that the change touched 100 %"
    assert told in clone.read("PROGRESS.md")
    assert "CH-001 replays" in clone.did("replay", "CH-001")
    clone.did("land")
    lines = "lines 100 % (2 of 2) covered, on the last"
    assert lines in clone.git("tag", "-l", "--format=%(contents)", "milestone/MS-01")
    assert json.loads(clone.did("milestone", "--json"))[0]["totals"]["lines_covered"] == 2

    clone.git("switch", "-q", "main")
    clone.did("report")
    page = clone.read("PROGRESS.md", "main")
    assert "| lines covered by tests | 100 % (2 of 2) |" in page
    row = "| MS-01 | 1 landed | 100 % (2 of 2) | 100 % (2 of 2) | 100 % (1 of 1) | 0 |"
    assert row in page


def test_too_little_is_refused_until_a_test_runs_it(at: At) -> None:
    clone = measured(at, report(GREET, SHOUT.format(0)))
    assert results(clone)[0] == {
        "covered": 1,
        "lines": 2,
        "touched": {"covered": 0, "lines": 1},
        "unreported": [],
    }
    refused = clone.refused("advance")
    assert "touched-lines-covered" in refused
    assert "0 % (0 of 1), and policy asks for 80 %" in refused
    assert "write tests that run what it touched" in clone.did("status")

    clone.commit({"check.sh": f"set -e\n{report(GREET, SHOUT.format(1))}\n"}, "a test for it")
    clone.until()
    assert results(clone)[0]["touched"] == {"covered": 1, "lines": 1}
    assert "✓ touched lines covered  100 % (1 of 1)" in clone.did("status")


def test_a_line_that_only_one_of_the_two_runs_reaches_is_not_covered(at: At) -> None:
    count = at("empty").folder.parent / "count"
    now_and_then = f"echo >> '{count}'\nhits=$(wc -l < '{count}')\n"
    first_alone = report(GREET, SHOUT.format("'$((hits == 1))'"))
    clone = measured(at, now_and_then + first_alone)
    assert count.read_text() == "\n\n"
    assert results(clone)[0]["touched"] == {"covered": 0, "lines": 1}
    assert "✓ regression matches     tasks same, tests same" in clone.did("status")


def test_a_touched_file_that_no_report_names_is_named_and_meets_no_share(at: At) -> None:
    clone = measured(at, report(GREET))
    told = "shout.sh is in no coverage report"
    assert results(clone)[0]["unreported"] == ["shout.sh"]
    refused = clone.refused("advance")
    assert "touched-lines-covered" in refused
    assert f"{told}, so whether tests run it is not known" in refused
    assert told in clone.did("status")

    clone.commit({"check.sh": f"set -e\n{report(GREET, SHOUT.format(1))}\n"}, "measure it")
    clone.until()
    assert "✓ touched lines covered  100 % (1 of 1)" in clone.did("status")


def test_files_of_other_kinds_and_those_that_policy_leaves_out_need_no_report(at: At) -> None:
    clone = measured(at, report(GREET), unmeasured='["shout.*"]')
    clone.commit({"notes.txt": "words\n", "data": "1\n"}, "what no tool measures")
    clone.until()
    assert results(clone)[0]["unreported"] == []
    assert "✓ touched lines covered  it touched no line" in clone.did("status")


def test_a_file_that_holds_tests_needs_no_report(at: At) -> None:
    cases = 'echo \'<testsuite><testcase classname="shout.sh" name="a"/></testsuite>\' > $2\n'
    command = "sh check.sh {coverage} {report}"
    clone = measured(at, cases + report(GREET), command=command)
    assert results(clone)[0]["unreported"] == []


GONE: dict[str, tuple[str, str]] = {
    "no report": ("true", "sh check.sh {coverage} left no coverage report"),
    "no XML": ("echo '<cov' > $1", "the coverage report is not XML: line 1"),
    "a report of another kind": (
        "echo '<testsuite/>' > $1",
        "the coverage report is not a Cobertura report",
    ),
    "entities": (
        "echo '<!DOCTYPE coverage [<!ENTITY a \"b\">]><coverage/>' > $1",
        "the coverage report declares entities or elements of its own",
    ),
    "no number": (
        report(GREET.replace('hits="1"', 'hits="all"')),
        "the coverage report has 'all' where a number belongs",
    ),
    "no line": (report(), "the coverage report names no line of the tested tree"),
    "files of another place": (
        report(SHOUT.format(1), source="<source>/usr/lib</source>").replace("shout.sh", "x.sh"),
        "the coverage report names no line of the tested tree",
    ),
    "lines that no file has": (
        report(GREET.replace('number="1"', 'number="0"'), GREET.replace('r="1"', 'r="2"')),
        "the coverage report names no line of the tested tree",
    ),
}


@pytest.mark.parametrize("name", GONE)
def test_a_report_that_is_none_says_why_and_passes_no_threshold(at: At, name: str) -> None:
    reports, why = GONE[name]
    clone = measured(at, reports)
    assert results(clone) == (None, why)
    assert f"✗ touched lines covered  not measured: {why}"[:60] in clone.did("status")
    assert "touched-lines-covered" in clone.refused("advance")


def test_without_a_threshold_a_missing_report_stops_nothing_and_is_told(at: At) -> None:
    clone = measured(at, "true", touched=None)
    assert results(clone)[1] == "sh check.sh {coverage} left no coverage report"
    screen = clone.did("status")
    assert "touched lines covered" not in screen
    (change,) = json.loads(clone.did("status", "--json"))["changes"]
    assert ("touched-lines-covered", "not asked") in [(a["name"], a["now"]) for a in change["asks"]]
    assert "  lines covered by tests are not measured: sh check.sh {coverage}" in screen
    clone.did("approve")
    clone.until()
    clone.did("approve")
    clone.until()
    clone.did("land")
    told = "| lines covered by tests | not measured: sh check.sh {coverage} left no coverage report"
    assert told in clone.read("PROGRESS.md", "main")
    clone.git("switch", "-q", "main")
    clone.did("report")
    assert "| lines covered by tests | not measured |" in clone.read("PROGRESS.md", "main")
