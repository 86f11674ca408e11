"""The pages that all changes share: filled at closing, whatever people wrote in and around them."""

import pytest
from scenarios.clone import BRIEF, At, Clone, recipes

from codexa_git.change.blocks import take, without
from codexa_git.change.pages import PAGES, skeleton

OVERVIEW = "changes/CH-001/pages/PROJECT_OVERVIEW.md"
PLAN = "changes/CH-001/pages/IMPLEMENTATION_PLAN.md"
REPORT = "changes/CH-001/pages/QA_REPORT.md"
IMPACT = "changes/CH-001/impact.md"
END = b"<!-- codexa:end CH-001 -->\n"
OTHER = "<!-- codexa:begin CH-900 -->\nbefore\n<!-- codexa:end CH-900 -->\n"


def from_the_start(at: At, files: dict[str, str | bytes | None]) -> Clone:
    """A clone whose main holds these files, and a change that is framed on it."""
    clone = at("enforced")
    clone.commit(files, "pages")
    return framed(clone)


def framed(clone: Clone) -> Clone:
    place = clone.folder.parent / "brief.md"
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    return clone


def through_package(clone: Clone) -> None:
    """Goes on until the package is approved."""
    for _ in range(3):
        clone.until()
        clone.did("approve")


def test_after_landing_every_page_holds_the_block(at: At) -> None:
    clone = at("landed")
    for page in PAGES:
        found = clone.raw(page, "main")
        assert take(found, "CH-001"), page
        assert without(found, "CH-001") == skeleton(page)
    said = {page: (take(clone.raw(page, "main"), "CH-001") or b"").decode() for page in PAGES}
    assert "| none | none | CH-001 | Shouting | 2 of 2 | 1 passed |" in said["TRACEABILITY.md"]
    assert "| AC-2 | README.md names shout.sh | T-02 | say so | none |" in said["TRACEABILITY.md"]
    assert "| package | Demo PM (pm) | 2026-01-01T12:00:" in said["TRACEABILITY.md"]
    assert "- package: Demo PM (pm), 2026-01-01T12:00:" in said["QA_REPORT.md"]
    assert "- No test was found for AC-1." in said["QA_REPORT.md"]
    assert "### Approach\n\n2 tasks for 2 criteria" in said["design/DESIGN_SPEC.md"]
    assert "Some do not hear well.\n\nWhat holds now:" in said["docs/PROJECT_OVERVIEW.md"]
    assert "### T-01: shout\n\nMeets AC-1;" in said["docs/IMPLEMENTATION_PLAN.md"]
    assert clone.did("replay", "CH-001").startswith("CH-001 replays")


def test_text_outside_the_blocks_stays_to_the_byte(at: At) -> None:
    """With and without a newline at the end, with CRLF, before and after another's block."""
    texts = [
        "# Ours\r\n\r\nWords.\r\n",
        "no newline",
        f"a\n{OTHER}z\n",
        "",
        f"{OTHER}",
        "\ufeff# T\n",
    ]
    before = {page: text.encode() for page, text in zip(PAGES, texts, strict=True)}
    clone = from_the_start(at, dict(before))
    through_package(clone)
    clone.until()
    clone.did("land")
    for page, text in before.items():
        found = clone.raw(page, "main")
        assert take(found, "CH-001"), page
        assert without(found, "CH-001") == text
    made = clone.raw("PROGRESS.md", "main")
    assert made.count(b"\n") == made.count(b"\r\n") > 10
    assert clone.did("replay", "CH-001").startswith("CH-001 replays")


DAMAGED = {
    "an end is gone": ("# Q\n<!-- codexa:begin CH-900 -->\nx\n", 2, "block has no end"),
    "a beginning is gone": ("# Q\n\nx\n<!-- codexa:end CH-900 -->\n", 4, "without having begun"),
    "a marker is no marker": ("<!-- codexa: begin CH-900 -->\n", 1, "this marker is damaged"),
    "a block in a block": (
        f"# Q\n<!-- codexa:begin CH-901 -->\n{OTHER}<!-- codexa:end CH-901 -->\n",
        3,
        "CH-900 begins within CH-901's block",
    ),
    "two blocks of one change": (f"{OTHER}{OTHER}", 4, "CH-900 has a second block"),
}


def through_validate(clone: Clone) -> None:
    """Goes on until the results are approved."""
    for _ in range(2):
        clone.until()
        clone.did("approve")


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_page_is_reported_before_anyone_reads_the_package(at: At, name: str) -> None:
    text, line, why = DAMAGED[name]
    clone = from_the_start(at, {"QA_REPORT.md": text})
    through_validate(clone)
    before = clone.tip()
    told = clone.refused("advance")
    assert told.startswith(f"error: QA_REPORT.md:{line}: "), told
    assert why in told
    assert "hint: put the markers back as they were" in told
    assert clone.tip() == before
    assert clone.did("status")
    clone.did("concern", "raise", "the page is damaged")


def test_a_page_that_was_mended_is_approved_and_closed(at: At) -> None:
    clone = from_the_start(at, {"QA_REPORT.md": f"{OTHER}<!-- codexa:begin -->\n"})
    through_validate(clone)
    clone.refused("advance")
    clone.commit({"QA_REPORT.md": f"{OTHER}{OTHER.replace('900', '901')}"}, "mend too much")
    told = clone.refused("advance")
    assert "has a block of CH-901, which did not stand whole in the damaged page" in told
    clone.commit({"QA_REPORT.md": f"mended\n{OTHER}"}, "mend the page")
    for _ in range(2):
        clone.until()
        clone.did("approve")
    clone.until()
    clone.did("land")
    assert clone.raw("QA_REPORT.md", "main").startswith(f"mended\n{OTHER}".encode())


def test_a_page_that_is_damaged_after_packaging_is_reported_at_closing(at: At) -> None:
    clone = at("package approved")
    clone.git("switch", "-q", "main")
    clone.commit({"QA_REPORT.md": "# Q\n<!-- codexa:begin CH-900 -->\n"}, "hasty")
    clone.git("switch", "-q", "change/CH-001")
    assert "error: QA_REPORT.md:2: CH-900's block has no end" in clone.until().err
    assert clone.did("status")


def test_a_marker_damaged_after_closing_keeps_no_other_verb_from_working(at: At) -> None:
    clone = at("closed")
    page = clone.raw("PROGRESS.md")
    clone.commit({"PROGRESS.md": page.replace(END, b"")}, "tidy")
    assert "results-for-this-tree" in clone.refused("land")
    clone.did("concern", "raise", "who did that?")
    clone.did("rework", "--to", "package", "-m", "tell it again")
    clone.did("concern", "resolve", "CN-1", "me")
    assert clone.raw("PROGRESS.md") == page.replace(END, b""), "people's to mend"
    assert clone.git("ls-tree", "-r", "--name-only", "HEAD", "QA_REPORT.md") == ""


def test_a_page_that_is_a_symlink_is_never_written_through_or_over(at: At) -> None:
    clone = at("enforced")
    clone.write("elsewhere.md", "precious\n")
    (clone.folder / "TRACEABILITY.md").symlink_to("elsewhere.md")
    clone.git("add", "-A")
    clone.git("commit", "-q", "-m", "a link")
    through_validate(framed(clone))
    told = clone.refused("advance")
    assert told.startswith("error: TRACEABILITY.md: is a symlink where a plain file is needed"), (
        told
    )
    assert clone.read("elsewhere.md") == "precious"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("docs", "error: docs: is a file where a folder is needed"),
        ("QA_REPORT.md/index.md", "error: QA_REPORT.md: is a folder where a plain file is needed"),
        ("progress.md", "error: progress.md: PROGRESS.md would be the same file"),
        ("Docs/x.md", "error: Docs: docs/PROJECT_OVERVIEW.md would be the same file"),
    ],
)
def test_what_stands_where_a_page_belongs_is_reported_by_name(at: At, path: str, why: str) -> None:
    clone = from_the_start(at, {path: "ours\n"})
    through_validate(clone)
    told = clone.refused("advance")
    assert told.startswith(why), told


def test_the_live_report_is_there_from_validate_on(at: At) -> None:
    clone = at("executed")
    assert clone.git("ls-tree", "-r", "--name-only", "HEAD", REPORT) == ""
    clone.did("advance")
    told = clone.read(REPORT)
    assert "| tests | 1 passed, 0 failed, 0 skipped |" in told
    assert "What of it counts, the gates say." in told
    clone.did("concern", "raise", "is that all?")
    assert "- CN-1, a person's: is that all? (**open**)" in clone.read(REPORT)
    clone.commit({REPORT: "# All is well\n"}, "say so")
    assert f"{REPORT} is not what the records say" in clone.refused("advance")


def test_a_written_page_of_peoples_own_is_kept_and_copied(at: At) -> None:
    clone = at("results approved")
    clone.commit({OVERVIEW: "Now it shouts, too.\r\n"}, "say it better")
    clone.until()
    assert clone.raw(OVERVIEW) == b"Now it shouts, too.\r\n"
    clone.did("approve")
    clone.until()
    assert take(clone.raw("docs/PROJECT_OVERVIEW.md"), "CH-001") == b"Now it shouts, too.\n"


def test_after_rework_the_tools_papers_are_made_anew_and_peoples_kept(at: At) -> None:
    clone = at("packaged")
    clone.commit({PLAN: "Ours.\n"}, "our own plan")
    clone.did("rework", "--to", "execute", "-m", "louder")
    clone.until()
    clone.did("approve")
    clone.until()
    assert clone.read(PLAN) == "Ours."
    assert "to execute: louder" not in clone.read(IMPACT)
    again = clone.read(IMPACT)
    assert "run-002" in again, "an impact of before the rework tells of runs that are void"
    assert clone.did("replay", "CH-001").startswith("CH-001 replays")


def test_a_paper_that_people_left_unfinished_waits_for_them(at: At) -> None:
    """The packet is made once; making it again and again would finish nothing."""
    clone = at("results approved")
    clone.commit({IMPACT: "# CH-001 Shouting\n", OVERVIEW: "\n"}, "begun")
    told = clone.until()
    assert told.status == 1
    assert "the scope is not written yet" in told.err
    assert clone.log()[-1] == "CH-001 package: impact and packet"
    before = clone.tip()
    assert f"hint: $EDITOR {IMPACT}" in clone.refused("advance")
    assert clone.tip() == before
    clone.commit({IMPACT: None}, "let the agent write it")
    assert f"{OVERVIEW}: is empty" in clone.until().err
    clone.commit({OVERVIEW: None}, "this one too")
    clone.until()
    clone.did("approve")


def test_a_paper_that_is_a_symlink_is_not_replaced(at: At) -> None:
    clone = at("results approved")
    place = clone.folder / OVERVIEW
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to("../../../README.md")
    clone.git("add", "-A")
    clone.git("commit", "-q", "-m", "a link")
    assert f"error: {OVERVIEW}: is a symlink where a plain file is needed" in clone.refused(
        "advance"
    )


def test_a_rework_takes_the_blocks_out_again(at: At) -> None:
    clone = at("closed")
    clone.did("rework", "--to", "execute", "-m", "louder")
    assert clone.git("ls-tree", "-r", "--name-only", "HEAD", *PAGES) == ""
