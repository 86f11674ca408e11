"""The findings of the dry run: each says what was done about it."""

from pathlib import Path

FINDINGS = Path(__file__).parents[2] / "artifacts" / "phase1" / "demo" / "Week-01" / "findings.md"


def rows() -> list[list[str]]:
    lines = FINDINGS.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| F-")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_there_are_findings_and_each_has_a_number_of_its_own() -> None:
    numbers = [row[0] for row in rows()]
    assert numbers
    assert numbers == [f"F-{number:02}" for number in range(1, len(numbers) + 1)]


def test_each_finding_says_what_was_done_about_it() -> None:
    for number, found, done in rows():
        assert found, number
        assert done.startswith(("mended: ", "left: ")), number
