"""The documents hold together, and `docs/generate.py` would say so if they did not."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from codexa_git.cli.commands import COMMANDS
from codexa_git.gate.requirements import REQUIREMENTS
from codexa_git.gate.verdict import ALWAYS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RULE = re.compile(r"\| ([A-Z])([0-9]+) \| (.+\.) \| (.+) \|")
COMMAND_TABLE = ("workflow.md", "command", "does")
WORDS = """\
change stage gate requirement verdict handoff record evidence subject approval concern waiver
clarification principal role policy brief criterion plan task run transcript round landing story
replay retention shared-page review-packet finding trust-root
"""


def load_generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = load_generate()


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rules() -> list[tuple[str, int, str, str]]:
    rows = [RULE.fullmatch(line) for line in read("specification.md").splitlines()]
    return [(row[1], int(row[2]), row[3], row[4]) for row in rows if row]


def test_generated_pages_are_current() -> None:
    assert generate.stale(ROOT) == {}


def test_every_link_leads_somewhere() -> None:
    assert generate.broken(ROOT) == []


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[a](other.md#a-title)", []),
        ("`[a](none.md)`\n\n```\n[a](none.md)\n```\n", []),
        ("[a](none.md)", ["docs/page.md: none.md leads to no file"]),
        ("[a](other.md#none)", ["docs/page.md: other.md#none leads to no heading"]),
        ("[a](#none)", ["docs/page.md: #none leads to no heading"]),
        ("[a](../../outside.md)", ["docs/page.md: ../../outside.md leads to no file"]),
    ],
)
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, text: str, problems: list[str]) -> None:
    root = tmp_path / "root"
    (root / "docs").mkdir(parents=True)
    (tmp_path / "outside.md").write_text("# Outside\n")
    (root / "docs" / "other.md").write_text("# Other\n\n## A `title`\n")
    (root / "docs" / "page.md").write_text(f"# Page\n\n{text}\n")
    assert generate.broken(root) == problems


def test_a_new_decision_makes_the_index_stale(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "adr"
    folder.mkdir(parents=True)
    for name, text in generate.pages(tmp_path).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert generate.stale(tmp_path) == {}
    (folder / "0001-first.md").write_text("# 0001 · First\n\nStatus: accepted\n", encoding="utf-8")
    assert list(generate.stale(tmp_path)) == ["docs/adr/index.md"]


def test_every_page_of_the_reference_depends_on_no_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "docs" / "adr").mkdir(parents=True)
    usual = generate.pages(tmp_path)
    monkeypatch.setenv("COLUMNS", "30")
    assert generate.pages(tmp_path) == usual


def test_a_decision_under_another_number_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "adr"
    folder.mkdir(parents=True)
    (folder / "0002-first.md").write_text("# 0001 · First\n\nStatus: accepted\n", encoding="utf-8")
    with pytest.raises(ValueError, match="does not start as an ADR does"):
        list(generate.decisions(tmp_path))


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(decision.number) for decision in generate.decisions(ROOT)]
    assert numbers == list(range(len(numbers)))


def test_every_stored_word_has_its_paragraph_in_the_glossary() -> None:
    assert sorted(WORDS.split()) == sorted(generate.anchors(read("glossary.md")) - {"glossary"})


def test_rules_are_numbered_in_order_within_their_family() -> None:
    families: dict[str, list[int]] = {}
    for family, number, _, _ in rules():
        families.setdefault(family, []).append(number)
    assert sorted(families) == list("ABEGLPRS")
    for family, numbers in families.items():
        assert numbers == sorted(set(numbers))
        for gone in set(range(1, numbers[-1] + 1)) - set(numbers):
            assert f"(once {family}{gone})" in read("specification.md")


def test_every_table_row_of_the_specification_is_a_rule() -> None:
    rows = [line for line in read("specification.md").splitlines() if re.match(r"\| [A-Z]", line)]
    assert len(rows) == len(rules())


def table(name: str, *headings: str) -> list[list[str]]:
    """The rows of the table of a page that begins with these headings."""
    _, found, rest = read(name).partition(f"| {' | '.join(headings)} |\n")
    assert found
    rows = rest.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def test_the_workflow_explains_every_requirement_at_its_stage_and_no_other() -> None:
    explained = [(row[0], row[1]) for row in table("workflow.md", "requirement", "stage", "asks")]
    asked = [(f"`{name}`", str(stage)) for stage, q in REQUIREMENTS.items() for name in q]
    assert sorted(explained) == sorted([*asked, *((f"`{name}`", "any") for name in ALWAYS)])


def test_the_workflow_names_every_command() -> None:
    named = [re.findall(r"`codexa-git ([a-z]+)", row[0]) for row in table(*COMMAND_TABLE)]
    assert sorted(name for names in named for name in names) == sorted(COMMANDS)


def test_recovery_is_told_for_every_requirement() -> None:
    rows = table("how-to/recover-from-a-refusal.md", "refused by", "because", "do")
    told = [name for row in rows for name in re.findall(r"`([a-z-]+)`", row[0])]
    asked = [name for questions in REQUIREMENTS.values() for name in questions]
    assert sorted(told) == sorted([*asked, *ALWAYS])


def test_what_enforces_a_rule_is_a_requirement_or_a_command() -> None:
    names = {name for questions in REQUIREMENTS.values() for name in questions}
    for family, number, _, enforced in rules():
        named = set(re.findall(r"`([a-z-]+)`", enforced))
        assert named <= names | ALWAYS.keys() | COMMANDS.keys(), f"{family}{number}"


def test_every_rule_is_enforced_by_something() -> None:
    for family, number, _, enforced in rules():
        assert re.fullmatch(r"(`[a-z-]+` ?)+", enforced), f"{family}{number}"
